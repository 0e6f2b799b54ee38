"""Single values of bank files, and the checks that all formats share."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from babel.numbers import get_currency_precision

from regisseur.errors import InvalidInput
from regisseur.tools.bank.records import BankLine
from regisseur.tools.lines import one_line

_PLAIN = re.compile(r"\d+(\.\d+)?")
_CURRENCY = re.compile(r"[A-Z]{3}")
MOST_DIGITS = 18


def day(text: str, where: str) -> date:
    """From the first characters ``YYYY-MM-DD`` or ``YYYYMMDD``: the day as the bank's clock had it."""
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text.strip())
    try:
        if match is None:
            raise ValueError
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise InvalidInput(f"{shown(text)} is not a date", field=where) from None


def amount(text: str, currency: str, where: str) -> Decimal:
    """A number with a point and no sign, with no more decimals than its currency has."""
    digits = text.strip()
    if not _PLAIN.fullmatch(digits) or not digits.isascii() or len(digits) > MOST_DIGITS:
        raise InvalidInput(f"{shown(text)} is not an amount", field=where)
    exact = Decimal(digits)
    places = get_currency_precision(currency)
    if exact != (rounded := round(exact, places)):
        raise InvalidInput(f"{shown(text)} has more decimals than {currency}", field=where)
    return rounded


def currency(text: str, where: str) -> str:
    """A code of ISO 4217, by its shape."""
    code = text.strip()
    if not _CURRENCY.fullmatch(code):
        raise InvalidInput(f"{shown(text)} is not a currency", field=where)
    return code


def account(text: str) -> str:
    """An account's number without spaces."""
    return one_line("".join(text.split())).upper()


def shown(text: str) -> str:
    """A value in an error message: short and on one line."""
    line = one_line(text)
    return repr(line if len(line) <= 40 else line[:39] + "…")


def numbered(lines: Iterable[BankLine]) -> tuple[BankLine, ...]:
    """The lines with ids made of what they say; equal lines of a day are counted."""
    seen: Counter[str] = Counter()
    done = []
    for line in lines:
        said = (
            line.account,
            line.booked.isoformat(),
            str(line.amount),
            line.currency,
            line.counterparty,
            line.counterparty_iban or "",
            line.text,
            line.reference,
            line.end_to_end_id or "",
        )
        same = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:24]
        seen[same] += 1
        done.append(line.model_copy(update={"id": f"{same}-{seen[same]}"}))
    return tuple(done)


def check_sum(opening: Decimal, moved: Decimal, closing: Decimal, where: str) -> None:
    """Raises InvalidInput where a file's balances and lines don't belong together."""
    if opening + moved != closing:
        raise InvalidInput(
            f"{opening} and lines of {moved} make {opening + moved}, but the balance says "
            f"{closing}: the file is not whole; download it again",
            field=where,
        )
