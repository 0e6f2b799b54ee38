"""Reports and packs as they are sent and printed, shown inside a page.

They bring their own style, which our pages forbid: each is served from an address of its own, with
a policy of its own, into a frame without scripts, forms or an origin.
"""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from regisseur.office.web import security

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
HEADERS = {"content-security-policy": POLICY, "x-frame-options": "SAMEORIGIN"}


def sheet(text: str, *, ours: str = "") -> Response:
    """A self-contained page of ours, without an origin of its own.

    What it links to opens beside it; links to pages of ours, which begin with the address ``ours``,
    take its place and that of the page around it.
    """
    linked = text.replace('<a href="http', '<a target="_blank" href="http')
    if ours:
        linked = linked.replace(
            f'<a target="_blank" href="{ours}/', f'<a target="_top" href="{ours}/'
        )
    return HTMLResponse(linked, headers=HEADERS)


def download(content: bytes | str, media_type: str, name: str) -> Response:
    """A file to keep."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def with_frame(answer: Response) -> Response:
    """Let a page of ours have one of our sheets in a frame."""
    answer.headers["content-security-policy"] = f"{security.POLICY}; frame-src 'self'"
    return answer
