"""What every page needs: who visits, through which door, and how a page is made.

A module of ``office/web/routes`` has ``ROUTES``, a list of doors::

    async def missions(visit: Visit) -> Response:
        found = await visit.do(operations.missions, company=visit.here.id)
        return page(visit, "missions.html.j2", missions=found)

    ROUTES = [shows("/{company}/missions", missions)]
    NAVIGATION = [Entry("/{company}/missions", labels.MISSIONS, order=30)]

Behind a door the visitor is somebody who signed in, has the door's right in the company that the
path names (any other company isn't there: NotFound), and who posts has sent the session's token from
one of our own pages. An operation's errors are left to themselves: the door words them.
"""

from __future__ import annotations

from starlette.routing import Route

from regisseur.office.web.rendering import Entry, page, rendered
from regisseur.office.web.security import guarded
from regisseur.office.web.visits import Admitted, Endpoint, Visit

__all__ = ["Admitted", "Door", "Endpoint", "Entry", "Visit", "acts", "page", "rendered", "shows"]


class Door(Route):
    """A route that says whom it lets in; the app serves no other kind."""

    def __init__(self, path: str, inside: Endpoint, method: str, admitted: Admitted) -> None:
        if admitted not in ("anyone", "person") and "{company}" not in path:
            raise ValueError(f"{path}: a right is had in a company, which the path doesn't name")
        self.admitted: Admitted = admitted
        self.method = method
        super().__init__(path, guarded(inside, admitted), methods=[method], name=f"{method} {path}")


def shows(path: str, inside: Endpoint, *, right: Admitted = "see") -> Door:
    """A page that is only read: nothing may change behind it, whoever follows a link to it."""
    return Door(path, inside, "GET", right)


def acts(path: str, inside: Endpoint, *, right: Admitted) -> Door:
    """Where a form is posted to: it carries ``visit.token_field``; answer with ``visit.to``."""
    return Door(path, inside, "POST", right)
