"""The style sheet, the script and the mark."""

from __future__ import annotations

from starlette.responses import Response

from regisseur.office.web import static
from regisseur.office.web.pages import Visit, shows


async def file(visit: Visit) -> Response:
    """One of our files, for anyone."""
    return static.answer(visit.request, visit.request.path_params["name"])


ROUTES = [shows(static.PATH, file, right="anyone")]
