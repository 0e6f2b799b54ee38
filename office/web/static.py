"""The style sheet, the script and the mark: served by us, kept by browsers until they change."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import PurePath

from starlette.requests import Request
from starlette.responses import Response

from regisseur.errors import NotFound

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOLDER = files("regisseur.office.web").joinpath("files")
FOR_EVER = "public, max-age=31536000, immutable"
PATH = "/static/{name}"


@cache
def content(name: str) -> bytes:
    """The bytes of a file in our folder; raises NotFound for any other name."""
    if name not in {one.name for one in FOLDER.iterdir()}:
        raise NotFound(f"there is no file {name}")
    return FOLDER.joinpath(name).read_bytes()


@cache
def address(name: str) -> str:
    """Its address, another one whenever its content is another."""
    digest = hashlib.sha256(content(name)).hexdigest()[:16]
    return f"{PATH.format(name=name)}?{digest}"


def answer(request: Request, name: str) -> Response:
    """The file; kept for ever by whoever asked for it by ``address``."""
    named = str(request.url.query) == address(name).partition("?")[2]
    keep = FOR_EVER if named else "no-cache"
    return Response(
        content(name), media_type=TYPES[PurePath(name).suffix], headers={"cache-control": keep}
    )
