"""What the bank says of the company's accounts, as far as statements were read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from regisseur.graphs.desk import Desk
from regisseur.storage import bank
from regisseur.tools.records import Record


class BankLine(Record):
    """Money that came in (positive) or went out, as a statement has it."""

    account: str
    id: str
    on: date
    amount: Decimal
    currency: str
    name: str
    """Who paid or was paid, in the bank's words."""
    text: str


async def bank_lines(desk: Desk, since: date) -> tuple[BankLine, ...]:
    """Lines booked on a day or later, oldest first."""
    return await desk.database.in_read(_lines, desk.company.id, since)


async def bank_known_until(desk: Desk) -> date | None:
    """The last day that statements tell about, ``None`` if none was ever read."""
    return await desk.database.in_read(bank.known_until, desk.company.id)


def _lines(session: Session, company_id: str, since: date) -> tuple[BankLine, ...]:
    return tuple(
        BankLine(
            account=row.account,
            id=row.id,
            on=row.booked_on,
            amount=row.amount,
            currency=row.currency,
            name=row.counterparty,
            text=row.text,
        )
        for row in bank.lines_since(session, company_id, since)
    )
