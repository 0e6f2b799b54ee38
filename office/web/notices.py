"""A sentence for the next page: carried in a cookie that only this session's token can have made."""

from __future__ import annotations

import base64
import hashlib
import hmac

from pydantic import ValidationError
from starlette.responses import Response

from regisseur.tools.records import Message

COOKIE = "regisseur-notice"
LONGEST = 3000
"""Characters: browsers take no more than 4096 with all that goes with it."""


def hand_over(answer: Response, notice: Message, token: str, *, secure: bool) -> None:
    """Have the page that follows tell it; a notice that is too long for a cookie is left out."""
    text = base64.urlsafe_b64encode(notice.model_dump_json(exclude_none=True).encode()).decode()
    if len(text) <= LONGEST:
        answer.set_cookie(
            COOKIE,
            f"{text}.{_seal(text, token)}",
            max_age=60,
            secure=secure,
            httponly=True,
            samesite="lax",
        )


def handed_over(cookie: str, token: str) -> Message | None:
    """What the page before had to tell; ``None`` for anything that we didn't write."""
    text, _, seal = cookie.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(text, token).encode()):
        return None
    try:
        return Message.model_validate_json(base64.urlsafe_b64decode(text))
    except (ValueError, ValidationError):
        return None


def _seal(text: str, token: str) -> str:
    return hmac.new(token.encode(), f"notice {text}".encode(), hashlib.sha256).hexdigest()
