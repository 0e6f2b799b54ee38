"""From what somebody is told on the telephone to the ERP and back, over several nights."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from regisseur import Action, Company, MemoryERP, Office
from regisseur.agents.invoice_followup.observation import offered
from regisseur.tools.records import Customer

ON = date(2026, 11, 23)
pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Plant:
    """An office, its ERP, and nights one after the other."""

    def __init__(self) -> None:
        self.on = ON
        self.erp = MemoryERP(today=ON)
        self.customer = self.erp.customer("Garage Bellecour", email="pay@garage.example")
        due = ON - timedelta(days=20)
        self.contested = self.erp.invoice(self.customer, 1000, due=due)
        rest = self.erp.invoice(self.customer, 1200, due=ON - timedelta(days=120))
        self.rest = self.erp.pay(rest, "1197.50", ON - timedelta(days=1))
        self.office = Office.open(
            company=Company(id="atelier", name="Atelier", locale="en_GB"),
            database="sqlite://",
            erp=self.erp,
            clock=lambda: datetime.combine(self.on, datetime.min.time(), UTC) + timedelta(hours=5),
        )

    def night(self) -> dict[str, Action]:
        """The next one; what waits after it, by kind."""
        self.on += timedelta(days=1)
        self.office.run("invoice_followup", on=self.on)
        return {one.kind: one for one in self.office.inbox()}

    def tell(self, form: str, **values: Any) -> None:
        """Somebody heard something."""
        self.office.record(form, by="nora", customer="Bellecour", **values)

    @property
    def now(self) -> Customer:
        """The customer as the ERP has it."""
        return self.erp.records.customers[0]


@pytest.fixture
def plant() -> Iterator[Plant]:
    made = Plant()
    with made.office:
        yield made


def test_a_dispute_a_rest_and_a_wrong_contact(plant: Plant) -> None:
    waiting = plant.night()
    assert "open_dispute" not in waiting
    plant.tell("dispute", invoices=[plant.contested.number], reason="quality")
    plant.tell("wrong_contact", contact="pay@garage.example", email="new@garage.example")
    waiting = plant.night()
    decide = plant.office.decide
    assert decide(waiting["open_dispute"], "approve", by="nora").status == "done"
    assert decide(waiting["write_off"], "approve", by="nora").status == "done"
    correction = waiting["correct_contact"]
    assert decide(correction, "approve", by="nora").status == "proposed"
    assert plant.now.contacts[0].email == "pay@garage.example"
    assert decide(correction, "approve", by="boss").status == "done"
    assert plant.now.contacts[0].email == "new@garage.example"
    contested, rest = plant.erp.records.invoices
    assert "contests the quality" in (contested.dispute or "")
    assert (rest.open, plant.erp.records.write_offs[0].amount) == (Decimal(0), Decimal("2.50"))
    assert not {"open_dispute", "write_off", "correct_contact"} & plant.night().keys()


async def test_what_an_erp_offers_is_found_out() -> None:
    erp = MemoryERP(today=ON)
    assert await offered(erp) == ("disputes", "write_offs", "contacts")
    with erp.editing() as records:
        records.may_amend = False
    assert await offered(erp) == ()
    assert await offered(Plain()) == ()


class Plain:
    """A connection that can do nothing but answer."""

    vendor, identity, draft_is_inert = "plain", "plain", False

    async def probe(self) -> Any:
        return None

    async def close(self) -> None:
        return None
