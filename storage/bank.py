"""Lines of bank statements, as they were read from files: each is kept once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from regisseur.storage import audit
from regisseur.storage.ledger.filing import one_at_a_time
from regisseur.storage.ledger.values import Who
from regisseur.storage.tables import BankFileRow, BankLineRow


def keep(
    session: Session, file: BankFileRow, lines: Iterable[BankLineRow], who: Who, now: datetime
) -> int:
    """Add the lines of a file that are not known yet; returns how many these are."""
    one_at_a_time(session, file.company_id)
    session.merge(file)
    query = select(BankLineRow.account, BankLineRow.id)
    found = session.execute(query.where(BankLineRow.company_id == file.company_id))
    known = {(account, id_) for account, id_ in found}
    new = {(one.account, one.id): one for one in lines if (one.account, one.id) not in known}
    session.add_all(new.values())
    detail = {"file": file.digest, "new": len(new)}
    entry = audit.Entry(
        file.company_id, now, who.name, "bank file read", "bank", detail, person=who.person
    )
    audit.record(session, entry)
    return len(new)


def lines_since(session: Session, company_id: str, since: date) -> list[BankLineRow]:
    """Lines booked on a day or later, oldest first."""
    query = select(BankLineRow).where(
        BankLineRow.company_id == company_id, BankLineRow.booked_on >= since
    )
    order = (BankLineRow.booked_on, BankLineRow.account, BankLineRow.id)
    return list(session.scalars(query.order_by(*order)))


def known_until(session: Session, company_id: str) -> date | None:
    """The last day that any file told about, ``None`` if no file was ever read."""
    query = select(func.max(BankFileRow.known_until)).where(BankFileRow.company_id == company_id)
    return session.scalar(query)
