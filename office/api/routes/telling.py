"""What people tell agents: forms that they fill in, and the bank's files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, UploadFile
from pydantic import Field

from regisseur.office import recording
from regisseur.office.api.callers import Caller, See, Tell
from regisseur.office.api.models import Id, Name, Sent
from regisseur.office.core import Core
from regisseur.office.recording import BankFile, Entry

ROUTER = APIRouter(prefix="/companies/{company}", tags=["telling"])


class Filled(Sent):
    """A form, filled in."""

    form: Name = Field(examples=["promise"])
    values: dict[str, Any] = Field(
        max_length=100, examples=[{"customer": "Leroy", "amount": "1200", "by": "2026-12-04"}]
    )
    """After the form's schema: see ``/agents``."""
    agent: Name | None = None
    """Where several agents have a form of that name."""


@ROUTER.get("/entries", summary="What was told to an agent and still holds")
async def entries(
    caller: See, agent: Annotated[Name, Query(examples=["invoice_followup"])]
) -> list[Entry]:
    """Oldest first."""
    return await caller.do(Core.entries, agent, company=caller.company)


@ROUTER.post("/entries", summary="Tell an agent something", status_code=201)
async def record(caller: Tell, filled: Filled) -> Entry:
    """A promise to pay, a dispute, a pause … What was decided on before comes back to the inbox
    instead of being carried out.
    """
    return await caller.do(_record, caller, filled)


async def _record(core: Core, caller: Caller, filled: Filled) -> Entry:
    desk = core.house.desk(caller.company)
    agent = recording.agent_for(core.house.agents, filled.form, filled.agent)
    return await recording.tell(desk, agent, filled.form, filled.values, caller.who)


@ROUTER.post("/entries/{entry}/withdrawal", summary="Say that something told no longer holds")
async def withdraw(caller: Tell, entry: Id) -> Entry:
    """It stays in the history."""
    return await caller.do(Core.withdraw, entry, by=caller.who, company=caller.company)


@ROUTER.post("/bank-statements", summary="Hand in a bank's file", status_code=201)
async def read_statement(
    caller: Tell,
    file: UploadFile,
    bank: Annotated[str | None, Form(max_length=64, examples=[None])] = None,
) -> BankFile:
    """CAMT.053, OFX, or CSV with the layout `bank` of the settings. The same file, or another that
    overlaps it, adds nothing twice; of a file that is wrong anywhere nothing is kept.
    """
    content = await file.read()
    return await caller.do(_read_statement, caller, file.filename or "statement", content, bank)


async def _read_statement(
    core: Core, caller: Caller, name: str, content: bytes, bank: str | None
) -> BankFile:
    desk = core.house.desk(caller.company)
    layout = core.house.bank_layout(desk.company.id, bank or None)
    return await recording.read_statement(desk, name[:200], content, layout, caller.who)
