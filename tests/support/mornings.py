"""A company whose clock a test moves: the clerk works for it, mails go to memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from clerk import AGENT
from desk import Clock

from regisseur.errors import RetryLater
from regisseur.office import people
from regisseur.office.faces import Office
from regisseur.office.nights import alarms_due, digests_due, run_due
from regisseur.storage import slots
from regisseur.storage.house_tables import SlotRow
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.mail.memory import MemoryMailer
from regisseur.tools.mail.records import OutgoingMail

ON = date(2026, 11, 23)
"""A Monday."""
SETTINGS = """\
[company]
id = "atelier"
name = "Atelier Martin"
locale = "en_GB"
sender = "office@atelier.example"
[company.night]
catch_up_hours = 8
[company.agents.invoice_followup]
enabled = false
[company.agents.planning]
enabled = false
[company.agents.purchasing]
enabled = false
"""


@dataclass
class Morning:
    """The house, its clock, and what came of it."""

    open: Callable[..., Office]
    erp: MemoryERP
    mailer: MemoryMailer
    clock: Clock
    office: Office

    def at(self, hour: str, *, day: int = 0) -> None:
        """It is that hour in Paris, in winter, ``day`` days after the Monday."""
        hours, minutes = map(int, hour.split(":"))
        self.clock.moment = datetime(2026, 11, 23, hours - 1, minutes, tzinfo=UTC) + timedelta(
            days=day
        )

    def tick(self, office: Office | None = None) -> None:
        """One round of what has its hour."""
        for work in (run_due, digests_due, alarms_due):
            (office or self.office).do(work, "atelier")

    def slots(self, on: date = ON) -> dict[str, SlotRow]:
        """Everything that is remembered of a night, by name."""
        with self.office.opened.core.house.database.read() as session:
            return {one.what: one for one in slots.of_nights(session, "atelier", [on])}

    def states(self, on: date = ON) -> dict[str, str]:
        """How each stands."""
        return {name: one.state for name, one in self.slots(on).items()}

    @property
    def mails(self) -> list[OutgoingMail]:
        """What went out."""
        return self.mailer.mails

    def audited(self, event: str) -> list[dict[str, Any]]:
        """What the chain tells of that kind."""
        return [one for one in self.office.audit_export() if one["event"] == event]

    def away(self, times: int = 1) -> None:
        """The ERP does not answer, so many times."""
        for _ in range(times):
            self.erp.fail_next("warehouses", RetryLater("the ERP is being saved"))


@pytest.fixture
def morning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: Path
) -> Iterator[Morning]:
    """Sunday noon: the company is known, and two people of it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(sqlite_template, tmp_path / "house.db")
    (tmp_path / "regisseur.toml").write_text(SETTINGS, encoding="utf-8")
    erp = MemoryERP(today=ON)
    item = erp.item("OAK", on_hand=4)
    erp.offer(item, erp.supplier("Sawmill"), price="38.50", lead_time=14)
    mailer, clock = MemoryMailer(), Clock(datetime(2026, 11, 22, 11, tzinfo=UTC))
    database = f"sqlite:///{tmp_path}/house.db"
    opened = partial(Office.open, erp=erp, agents=[AGENT], clock=clock, database=database)
    with opened(others=[mailer]) as office:
        add = partial(people.add_person, company="atelier")
        office.do(add, "boss", name="Anne Martin", roles=["administrator"],
                  email="anne@atelier.example", by="setup")  # fmt: skip
        office.do(add, "buyer", name="Luc Petit", roles=["approver"],
                  email="luc@atelier.example", locale="fr_FR", by="boss")  # fmt: skip
        yield Morning(opened, erp, mailer, clock, office)
