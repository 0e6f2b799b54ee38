"""What people tell agents through the office, and bank statements that they hand in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy.orm import Session

from regisseur.errors import InvalidInput, NotFound
from regisseur.graphs.agent import AnyAgent
from regisseur.graphs.authority import with_right
from regisseur.graphs.desk import Desk
from regisseur.storage import bank, entries, ledger
from regisseur.storage.tables import BankFileRow, BankLineRow, EntryRow
from regisseur.tools.bank import BankLine, CsvLayout, read_bank_file


@dataclass(frozen=True)
class Entry:
    """Something that was told to an agent and stands until it is withdrawn."""

    id: str
    agent: str
    form: str
    subject: str
    body: dict[str, Any]
    by: str
    at: datetime

    @classmethod
    def of(cls, row: EntryRow) -> Entry:
        """From the row."""
        return cls(row.id, row.agent, row.form, row.subject, row.body, row.actor, row.at)


def agent_for(agents: Mapping[str, AnyAgent], form: str, agent: str | None) -> AnyAgent:
    """Who has a form of that name; raises NotFound, or InvalidInput where several have it."""
    having = {name: one for name, one in agents.items() if form in one.forms}
    if agent is not None:
        if agent in having:
            return having[agent]
        raise NotFound(f"{agent} has no form {form!r}; see `regisseur tell --help`")
    if not having:
        forms = sorted({name for one in agents.values() for name in one.forms})
        raise NotFound(f"there is no form {form!r}, only {', '.join(forms) or 'none at all'}")
    if len(having) > 1:
        raise InvalidInput(f"several agents have it: {', '.join(sorted(having))}", field="agent")
    return next(iter(having.values()))


async def tell(
    desk: Desk, agent: AnyAgent, form: str, values: Mapping[str, Any], who: ledger.Who
) -> Entry:
    """Keep a filled-in form; raises InvalidInput naming the first wrong field."""
    filled = agent.forms[form].filled_in(await agent.understand(desk, values))
    row = await desk.database.in_write(
        with_right(entries.add, desk.company.id, who, "tell"),
        desk.company.id,
        agent.name,
        form,
        filled.subject,
        filled.model_dump(mode="json"),
        who,
        desk.now(),
    )
    return Entry.of(row)


async def withdraw(desk: Desk, entry_id: str, who: ledger.Who) -> Entry:
    """Say that an entry of the company no longer holds; raises NotFound, NotDecidable."""
    taken_back = with_right(_withdraw, desk.company.id, who, "tell")
    row = await desk.database.in_write(taken_back, desk.company.id, entry_id, who, desk.now())
    return Entry.of(row)


async def standing(desk: Desk, agent: AnyAgent) -> list[Entry]:
    """All that was told to an agent and still holds, oldest first."""
    rows = await desk.database.in_read(entries.standing, desk.company.id, agent.name)
    return [Entry.of(row) for row in rows]


def _withdraw(
    session: Session, company_id: str, entry_id: str, who: ledger.Who, now: datetime
) -> EntryRow:
    if entries.get(session, entry_id).company_id != company_id:
        raise NotFound(f"there is no entry {entry_id} in company {company_id}")
    return entries.withdraw(session, entry_id, who, now)


@dataclass(frozen=True)
class BankFile:
    """What became of a bank statement that was handed in."""

    name: str
    lines: int
    """Booked movements in it."""
    new: int
    """Those that were not known yet."""
    known_until: date | None
    pending: int
    """Announced and not booked yet: left out."""


def content_of(file: Path) -> bytes:
    """A file's bytes; raises InvalidInput where it can't be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}", field="file") from error


async def read_statement(
    desk: Desk, name: str, content: bytes, layout: CsvLayout | None, who: ledger.Who
) -> BankFile:
    """Read a bank statement and keep what is new; raises InvalidInput and keeps nothing of a file
    that is wrong anywhere.
    """
    read = await anyio.to_thread.run_sync(partial(read_bank_file, content, layout=layout))
    company = desk.company.id
    file = BankFileRow(
        company_id=company,
        digest=hashlib.sha256(content).hexdigest(),
        name=name,
        known_until=read.known_until,
        lines=len(read.lines),
        read_at=desk.now(),
    )
    rows = [_row(company, one) for one in read.lines]
    keep = with_right(bank.keep, company, who, "tell")
    new = await desk.database.in_write(keep, file, rows, who, desk.now())
    return BankFile(name, len(rows), new, read.known_until, read.pending)


def _row(company_id: str, line: BankLine) -> BankLineRow:
    words = (line.text, line.reference, line.end_to_end_id or "")
    return BankLineRow(
        company_id=company_id,
        account=line.account,
        id=line.id,
        booked_on=line.booked,
        amount=line.amount,
        currency=line.currency,
        counterparty=line.counterparty,
        counterparty_account=line.counterparty_iban,
        text=" ".join(word for word in words if word),
    )
