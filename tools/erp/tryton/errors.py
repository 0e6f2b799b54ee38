"""What Tryton's refusals mean to us.

Tryton answers business errors with status 200 and ``{"error": [name, details]}``; any other
exception comes as ``[its text, ""]``. In all these cases the transaction was rolled back.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from regisseur.errors import Misconfigured, RegisseurError, Unsupported, VendorRefused
from regisseur.tools.erp.http import Answer

LONGEST = 500
"""Characters of a vendor's text that a message shows; Tryton appends whole schemas (93 kB)."""


class Warned(VendorRefused):
    """Tryton wants a person to confirm a warning before it goes on."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"Tryton asks for a confirmation: {shown(text)}")
        self.name = name


def shown(*texts: Any) -> str:
    """The vendor's words, joined and cut to a length that people read."""
    text = " ".join(str(part).strip() for part in texts if part).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def refusal(error: Any, model: str) -> RegisseurError:
    """The error for ``{"error": ...}`` answered to a call on this model."""
    match error:
        case ["UserWarning", [name, text, *_]]:
            return Warned(str(name), str(text))
        case ["UserError", [text, description, *_]]:
            return VendorRefused(f"Tryton refused: {shown(text, description)}")
        case ["ConcurrencyException", *_]:
            return VendorRefused(
                f"Somebody changed the {model} in the meantime; nothing was written. "
                "Read it again and decide anew."
            )
        case ["LoginException", *_]:
            return Misconfigured(
                "Tryton asks for more than a password to sign in. Give the product a user of its "
                "own that signs in with a password."
            )
        case [text, *_] if text == repr(model):
            return Unsupported(f"This Tryton has no {model}; activate the module that brings it.")
        case [text, *_]:
            return VendorRefused(f"Tryton failed: {shown(text)}")
    return VendorRefused(f"Tryton failed: {shown(error)}")


def discreet(answer: Answer, secrets: Iterable[SecretStr]) -> Answer:
    """The answer without what only we should know, should the server repeat it: texts of errors are
    shown, kept and logged.
    """
    body = answer.body
    for secret in secrets:
        for form in _forms(secret.get_secret_value()):
            body = body.replace(form.encode(), b"***")
    if body == answer.body:
        return answer
    data = json.loads(body, parse_float=Decimal) if answer.is_json else None
    return replace(answer, body=body, data=data)


def _forms(secret: str) -> Iterator[str]:
    """As it is, and as it stands in a page, in an address, in JSON, and in JSON within JSON."""
    quoted = json.dumps(secret)[1:-1]
    yield from (secret, quoted, json.dumps(quoted)[1:-1])
    yield from (html.escape(secret), html.escape(quoted), quote(secret, safe=""))


def rejected(answer: Answer, name: str, database: str, address: str) -> RegisseurError:
    """The error for an HTTP status of 4xx: a definite no, given before anything was done."""
    if answer.status == 404:
        return Misconfigured(
            f"{address} has no Tryton database {database!r}. Check the url and database settings."
        )
    if answer.status == 403:
        return VendorRefused(f"Tryton does not let us call {name}.")
    if answer.status == 413:
        return VendorRefused(f"Tryton limits how much may be asked at once; {name} was too much.")
    page = html.unescape(re.sub(r"<[^>]*>", " ", answer.body[:4000].decode(errors="replace")))
    return VendorRefused(f"Tryton refused {name} ({answer.status}): {shown(*page.split())}")
