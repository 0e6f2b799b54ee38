"""Who is let into the set-up: one browser, by a code that was printed where the program runs."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from regisseur.errors import NotAllowed, RetryLater
from regisseur.office.setup import words
from regisseur.tools.texts import word

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
"""Without characters that look alike."""
ATTEMPTS = 10
COOKIE = "regisseur-setup"


class Code:
    """A one-time code of three groups, 58 bits; ten wrong attempts close the door for good."""

    def __init__(self) -> None:
        groups = ["".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3)]
        self.text = "-".join(groups)
        """What is printed on the terminal."""
        self._left = ATTEMPTS
        self._used = False

    def exchange(self, typed: str, locale: str) -> None:
        """Use it up. Raises NotAllowed for a wrong or used code, RetryLater after too many."""
        if self._left <= 0:
            raise RetryLater(word(words.TOO_MANY, locale))
        given = "".join(typed.upper().split()).replace("-", "")
        right = hmac.compare_digest(given.encode(), self.text.replace("-", "").encode())
        if not right or self._used:
            self._left -= 1
            raise NotAllowed(word(words.WRONG_CODE, locale))
        self._used = True


class Door:
    """Remembers the browser that had the code."""

    def __init__(self, code: Code, *, secure: bool) -> None:
        self._code, self._secure = code, secure
        self._digest = ""
        self.token = ""
        """What every form carries."""

    def open(self, typed: str, locale: str, answer: Response) -> None:
        """Exchange the code for a cookie; raises NotAllowed, RetryLater."""
        self._code.exchange(typed, locale)
        secret = secrets.token_urlsafe(32)
        self._digest, self.token = _digest(secret), secrets.token_urlsafe(32)
        answer.set_cookie(
            COOKIE, secret, httponly=True, samesite="strict", secure=self._secure, path="/"
        )

    def lets_in(self, request: Request) -> bool:
        """Is it that browser?"""
        sent = request.cookies.get(COOKIE, "")
        return bool(self._digest) and hmac.compare_digest(_digest(sent), self._digest)

    def sent_by_us(self, request: Request, token: object) -> bool:
        """Does a form come from our own page?"""
        fits = isinstance(token, str) and hmac.compare_digest(token.encode(), self.token.encode())
        return fits and same_origin(request)


def same_origin(request: Request) -> bool:
    """Does the browser say that a form comes from this very address?"""
    told = request.headers.get("origin") or request.headers.get("referer", "")
    return urlsplit(told).netloc == request.headers.get("host", "") != ""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
