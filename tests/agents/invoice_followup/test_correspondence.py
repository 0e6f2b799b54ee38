"""What comes back by mail: an answer holds the next reminder until a person has read it, an address
that takes no mail is not used again, and a mailbox that can't be read stops nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from books import Shop
from desk import Clock
from incoming import OURS, answer, plain_report, report

from regisseur import MemoryERP, Office
from regisseur.agents.invoice_followup.forms import MAILBOX
from regisseur.errors import RetryLater
from regisseur.office.cli import paper
from regisseur.office.cli.deciding import tell_outcome
from regisseur.office.cli.sheet import sheet
from regisseur.office.cli.voice import Voice
from regisseur.office.recording import Entry
from regisseur.office.reports.commands import telling
from regisseur.tools.mail import Mailbox, message_id
from regisseur.tools.mail.memory import MemoryMailer
from regisseur.tools.mailbox import MemoryLetterbox, OwnMail
from regisseur.tools.post import MemoryPostRoom
from regisseur.tools.records import Address, Company, Invoice

FIRST = date(2026, 3, 2)
"""A Monday."""
SETTINGS = """\
[company]
id = "atelier"
[company.agents.invoice_followup]
sender_email = "us@atelier.example"
triage = false
"""
AGENT = "invoice_followup"


@dataclass
class House:
    """An office whose customer was sent a first reminder, and what comes in after it."""

    office: Office
    erp: MemoryERP
    box: MemoryLetterbox
    clock: Clock
    other: Invoice
    sent: OwnMail = OURS

    def night(self, days: int = 0) -> None:
        """Another night, so many days after the last one."""
        today = self.clock.forward(days=days).date()
        self.erp.pay(self.other, 1, today)  # so that payments are known
        self.office.run(AGENT, again=True)

    def comes(self, content: bytes) -> None:
        self.box.mails.append((self.clock(), content))

    @property
    def tags(self) -> set[str]:
        """What the newest report tells and holds."""
        (report,) = self.office.reports(agent=AGENT)
        return {one.tag for one in (*report.data.findings, *report.data.held)}

    @property
    def text(self) -> str:
        (report,) = self.office.reports(agent=AGENT)
        return report.text("en_GB")

    @property
    def waiting(self) -> list[tuple[str, str]]:
        """Kinds and steps in the inbox."""
        return [(one.kind, one.arguments["step"]) for one in self.office.inbox()]

    @property
    def entries(self) -> list[Entry]:
        return self.office.entries(AGENT)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Nine days after the first reminder, early in the morning before the night."""
    (tmp_path / "regisseur.toml").write_text(SETTINGS)
    erp, box = MemoryERP(today=FIRST), MemoryLetterbox()
    address = Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR")
    customer = erp.customer("Bati-Sud", email="pay@bati.example", kind="business", address=address)
    erp.invoice(customer, 1000, due=FIRST - timedelta(days=6))
    other = erp.invoice(erp.customer("Other"), 500, due=FIRST + timedelta(days=90))
    parts, clock = (
        (MemoryMailer(), MemoryPostRoom(), box),
        Clock(datetime(2026, 3, 2, 3, tzinfo=UTC)),
    )
    with Office.open(tmp_path / "regisseur.toml", erp=erp, others=parts, clock=clock) as office:
        made = House(office, erp, box, clock, other)
        made.night()
        (action,) = office.inbox()
        assert office.decide(action, "approve", by="nora").status == "done"
        made.sent = OwnMail(
            message_id=message_id(action.key, Mailbox.of("us@atelier.example")),
            sender="us@atelier.example",
            recipient="pay@bati.example",
        )
        clock.forward(days=9)
        yield made


def test_an_answer_holds_the_reminder_until_it_is_dealt_with(house: House) -> None:
    house.comes(answer("Nous payons <b>vendredi</b>. {step}", house.sent))
    house.night()

    assert house.waiting == []
    assert {"customer_replied", "replied"} <= house.tags
    assert "Nous payons <b>vendredi</b>. {step}" in " ".join(house.text.split())
    (entry,) = house.entries
    assert (entry.by, entry.form, entry.body["customer_named"]) == (MAILBOX, "reply", "Bati-Sud")

    house.box.mails *= 2  # the same mail once more, as after a repair of the server
    house.night(1)
    assert [one.id for one in house.entries] == [entry.id]

    house.office.withdraw(entry.id, by="nora")
    house.night(1)
    assert house.entries == []
    assert house.waiting == [("send_reminder", "reminder_2")]


def test_an_answer_read_before_the_decision_brings_it_back(house: House) -> None:
    house.night()
    (action,) = house.office.inbox()
    house.clock.forward(hours=8)
    house.comes(answer(about=house.sent))
    house.office.run(AGENT, on=house.clock.forward(hours=16).date())

    assert house.office.action(action.id).status == "withdrawn"


def test_what_somebody_told_since_it_came_answers_it(house: House) -> None:
    house.comes(answer(about=house.sent))
    house.clock.forward(hours=1)
    house.office.record("promise", by="nora", customer="Bati-Sud", on=house.clock().date())
    house.night()

    assert "replied" not in house.tags
    assert "customer_replied" not in house.tags
    assert "promised" in house.tags


def test_an_address_that_takes_no_mail_is_not_used_again(house: House) -> None:
    house.comes(report(house.sent))
    house.comes(plain_report("550 5.1.1 unknown", house.sent))
    house.night()

    assert house.waiting == [("prepare_letter", "reminder_1")]  # what came back was not said
    assert "find_address" in house.tags
    assert {(one.form, one.by, one.body["failed"]) for one in house.entries} == {
        ("wrong_contact", MAILBOX, "pay@bati.example")
    }
    entries = house.entries
    house.night(1)
    assert house.entries == entries


def test_what_was_delayed_or_answered_by_a_program_is_told_once(house: House) -> None:
    house.comes(report(house.sent, action="delayed", status="4.4.1"))
    house.comes(answer("Absent.", house.sent, Auto_Submitted="auto-replied"))
    house.night()

    assert house.waiting == [("send_reminder", "reminder_2")]
    assert {"delivery_delayed", "automatic_answer"} <= house.tags
    assert house.entries == []
    house.night(1)
    assert not {"delivery_delayed", "automatic_answer"} & house.tags


def test_a_mailbox_that_cannot_be_read_stops_nothing_else(house: House) -> None:
    house.comes(answer(about=house.sent))
    house.box.fail = RetryLater("imap.example:993 can't be reached")
    house.night()

    assert house.waiting == [("send_reminder", "reminder_2")]
    assert "mailbox_unread" in house.tags
    assert "imap.example:993 can't be reached" in " ".join(house.text.split())

    house.box.fail = None
    house.night(1)
    assert house.waiting == []  # nothing was lost


def test_only_the_address_that_failed_is_out_of_use() -> None:
    shop = Shop()
    shop.customer("Bati-Sud")
    shop.invoice("c1", 30)
    failed = {"customer": "c1", "contact": "c1-p", "failed": "PAY@c1.example", "mail": "1"}
    shop.tell("wrong_contact", **failed)
    assert shop.steps["c1"][0] == "prepare_letter"

    contact = shop.customers[0].contacts[0].model_copy(update={"email": "new@c1.example"})
    shop.customers[0] = shop.customers[0].model_copy(update={"contacts": (contact,)})

    assert shop.steps["c1"][0] == "send_reminder"
    assert "find_address" not in {one.tag for one in shop.judgement.findings}


def test_a_letter_is_asked_for_until_it_is_told(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.comes(report(house.sent))
    house.night()
    (action,) = house.office.inbox()
    command = f"regisseur tell posted key={action.key} on={house.clock().date()}"

    outcome = house.office.decide(action, "approve", by="nora")

    assert outcome.action.line.to_do is not None
    assert telling(outcome.action.line.to_do) == command
    assert command in house.text  # of the same night, under what was decided since
    voice = Voice(Company(id="atelier", name="Atelier", locale="en_GB"))
    tell_outcome(voice, outcome)
    paper.put(*sheet(voice, outcome.action, [], None))
    assert capsys.readouterr().out.count(command) == 2
    house.night(1)
    assert "TO POST AND TO CALL" in house.text
    left = house.office.action(action.id).line.to_do
    assert left is not None
    assert left.fields["on"] == str(house.clock().date())

    on = house.clock().date()
    house.office.record("posted", by="nora", key=action.key, on=on, number="1A 234")
    assert house.office.action(action.id).line.to_do is None
    house.night(1)
    assert "TO POST AND TO CALL" not in house.text
