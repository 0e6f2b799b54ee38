"""What was said to customers, as notes on their parties; and Tryton's own dunnings.

A note of ours ends in two lines: what was said in a form for machines, and the key. Everything
else in it is for people. Colleagues may write below; of what looks like such a pair of lines the
last one counts, so that no name or text quoted above can pass for it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from regisseur.errors import VendorRefused
from regisseur.tools.erp.together import together
from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.notes import key_line
from regisseur.tools.erp.tryton.values import model_and_id, number, numbered
from regisseur.tools.records import NewReminder, Reminder

_PARTY = "party.party"
_DUNNING = "account.dunning"
_KEY = re.compile(r"\[regisseur (?P<key>.+)\]")
_SAID = re.compile(
    r"\[said (?P<on>\d{4}-\d\d-\d\d) (?P<channel>[a-z]+) (?P<step>[a-z0-9_]+)"
    r" invoices (?P<invoices>\d+(?: \d+)*)\]",
    re.ASCII,
)


class TrytonReminders:
    """The part of the port ``Receivables`` about what was said."""

    client: Client

    async def reminders(self, since: date, customer_id: str | None = None) -> Sequence[Reminder]:
        """Our notes and Tryton's dunnings.

        Of each dunning the last level that was reached is told. Tryton forgets the day once it
        prepares the next level; then it is given as the first day on which it can have been.
        """
        party = None if customer_id is None else numbered(customer_id)
        if customer_id is not None and party is None:
            return []
        async with together() as reads:
            noted = reads.create_task(self._noted(party))
            dunned = reads.create_task(self._dunned(since, party))
        found = [*noted.result(), *dunned.result()]
        return sorted((one for one in found if one.on >= since), key=_order)

    async def find_reminders(self, customer_id: str, key: str) -> Sequence[Reminder]:
        """Our notes on the party with exactly this key."""
        party = numbered(customer_id)
        found = [] if party is None else await self._noted(party)
        return [one for one in found if one.key == key]

    async def log_reminder(self, key: str, reminder: NewReminder) -> str:
        """A note on the party. Refused where an invoice is not this customer's, or not there.

        Dunnings are left as they are. Once one was sent, Tryton lets nobody set its level; only an
        assistant raises it, for the whole company at once, and sends Tryton's own mails and letters.
        """
        if not key or "\n" in key:
            raise VendorRefused("a reminder needs a key of one line, or it is not found again")
        wanted = {number(one) for one in reminder.invoice_ids}
        theirs = [["party", "=", number(reminder.customer_id)], ["type", "=", "out"]]
        found = await self.client.read_ids("account.invoice", "id", [*wanted], theirs, ["number"])
        if missing := wanted - {row["id"] for row in found}:
            raise VendorRefused(
                f"Tryton has no invoice {min(missing)} of customer {reminder.customer_id}."
            )
        values = {
            "resource": f"{_PARTY},{reminder.customer_id}",
            "message": f"{reminder.text}\n{said_line(reminder)}\n{key_line(key)}",
        }
        created = await self.client.write("model.ir.note.create", [values])
        return str(created[0])

    async def _noted(self, party: int | None) -> list[Reminder]:
        """Of one party or of all; Tryton lets nobody search notes without naming their records."""
        if party is not None:
            parties = [party]
        else:
            rows = await self.client.read_all(_PARTY, [["active", "in", [True, False]]], ["id"])
            parties = [row["id"] for row in rows]
        notes = await self.client.read_ids(
            "ir.note",
            "resource",
            [f"{_PARTY},{one}" for one in parties],
            [["message", "like", "%[regisseur %"]],
            ["resource", "message"],
        )
        return [said for row in notes if (said := _said(row)) is not None]

    async def _dunned(self, since: date, party: int | None) -> list[Reminder]:
        if not await self.client.known(_DUNNING, "level"):
            return []
        company = (await self.client.session()).company
        theirs = [] if party is None else [["party", "=", party]]
        recent = ["OR", ["date", ">=", since], ["state", "!=", "waiting"]]
        async with together() as reads:
            dunnings = reads.create_task(
                self.client.read_all(
                    _DUNNING,
                    [["company", "=", company], ["active", "in", [True, False]], recent, *theirs],
                    ["party", "state", "date", "level", "maturity_date", "line.move_origin"],
                )
            )
            levels = reads.create_task(
                self.client.read_all(
                    "account.dunning.level", [], ["procedure.name", "sequence", "overdue"]
                )
            )
        return _told(dunnings.result(), _ladders(levels.result()))


def said_line(reminder: NewReminder) -> str:
    """What was said, for machines."""
    invoices = " ".join(reminder.invoice_ids)
    return f"[said {reminder.on} {reminder.channel} {reminder.step} invoices {invoices}]"


def _said(note: Row) -> Reminder | None:
    """What a note says was said, ``None`` where it is not one of ours, or no longer whole."""
    lines = (note["message"] or "").split("\n")
    for place, pair in reversed([*enumerate(pairwise(lines))]):
        said, key = (_SAID.fullmatch(pair[0].rstrip()), _KEY.fullmatch(pair[1].rstrip()))
        if said and key:
            found: dict[str, Any] = said.groupdict()
            found["invoice_ids"] = tuple(found.pop("invoices").split())
            try:
                return Reminder(
                    id=str(note["id"]),
                    customer_id=str(model_and_id(note["resource"])[1]),
                    key=key["key"],
                    text="\n".join([*lines[:place], *lines[place + 2 :]]),
                    **found,
                )
            except ValidationError:
                return None
    return None


def _ladders(levels: Iterable[Row]) -> Mapping[int, tuple[int, Sequence[Row]]]:
    """By level: its place in its procedure, from 1, and all levels of the procedure."""
    procedures: defaultdict[int, list[Row]] = defaultdict(list)
    for level in sorted(levels, key=_place):
        procedures[level["procedure."]["id"]].append(level)
    return {
        level["id"]: (place, ladder)
        for ladder in procedures.values()
        for place, level in enumerate(ladder, start=1)
    }


def _place(level: Row) -> tuple[bool, int, int]:
    sequence = level["sequence"]
    return (sequence is not None, sequence or 0, level["id"])


def _reached(row: Row, ladder: Sequence[Row], place: int) -> tuple[int, date] | None:
    """The level that the customer was told last, and the day; ``None`` where there was none."""
    if row["state"] == "waiting":
        return (place, row["date"]) if row["date"] else None
    told = place - 1 if row["state"] == "draft" else place
    if told == 0 or row["maturity_date"] is None:
        return None
    return told, row["maturity_date"] + (ladder[told - 1]["overdue"] or timedelta())


def _told(
    dunnings: Iterable[Row], ladders: Mapping[int, tuple[int, Sequence[Row]]]
) -> list[Reminder]:
    """One reminder for all invoices of a customer that reached a level on the same day."""
    grouped: defaultdict[tuple[int, date, int, str], list[tuple[int, int]]] = defaultdict(list)
    for row in dunnings:
        model, invoice = model_and_id((row["line."] or {}).get("move_origin"))
        place, ladder = ladders[row["level"]]
        reached = _reached(row, ladder, place)
        if reached is not None and model == "account.invoice":
            told, on = reached
            title = f"{ladder[0]['procedure.']['name']} {told}/{len(ladder)}"
            grouped[row["party"], on, told, title].append((row["id"], invoice))
    return [
        Reminder(
            id=f"dunning:{min(entries)[0]}",
            customer_id=str(party),
            on=on,
            step=f"level_{told}",
            channel="email",
            invoice_ids=tuple(str(one) for one in sorted({invoice for _, invoice in entries})),
            text=title,
        )
        for (party, on, told, title), entries in grouped.items()
    ]


def _order(reminder: Reminder) -> tuple[date, int, str]:
    return reminder.on, len(reminder.id), reminder.id
