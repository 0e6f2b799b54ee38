"""Done when: a night on a real Tryton, from an unpaid invoice to a mail in a mailbox and a note."""

from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

import pytest
from tryton_api import Tryton
from tryton_server import TrytonServer

from regisseur import Action, Office

pytestmark = [pytest.mark.tryton, pytest.mark.xdist_group("tryton-night")]

NIGHT = date(2026, 11, 23)
ACCOUNTANT = "claire@atelier.example"
OURS = "comptabilite@atelier-martin.example"
IBAN = "FR7630006000011234567890189"


@pytest.fixture
def config(fresh_tryton: TrytonServer, tmp_path: Path) -> Path:
    """The demo company's settings, as a person would write them."""
    file = tmp_path / "regisseur.toml"
    file.write_text(f"""
        [company]
        id = "atelier-martin"
        name = "Atelier Martin"
        [company.erp]
        vendor = "tryton"
        url = "{fresh_tryton.url}"
        database = "{fresh_tryton.database}"
        user = "{fresh_tryton.user}"
        password = "{fresh_tryton.password}"
        [company.mail]
        vendor = "smtp"
        host = "127.0.0.1"
        port = {fresh_tryton.mail_port}
        security = "none"
        sent_folder = "sent"
        [company.post]
        vendor = "folder"
        folder = "letters"
        [company.agents.invoice_followup]
        sender_email = "{OURS}"
        payment = {{ iban = "{IBAN}" }}
    """)
    return file


@pytest.fixture
def office(config: Path) -> Iterator[Office]:
    """After its first night."""
    with Office.open(config) as opened:
        assert opened.run("invoice_followup", on=NIGHT).status == "waiting"
        yield opened


@pytest.fixture
def admin(fresh_tryton: TrytonServer) -> Tryton:
    """A colleague in Tryton."""
    return Tryton(fresh_tryton, "admin", fresh_tryton.admin_password)


def waiting(office: Office, kind: str) -> Action:
    """The first action of a kind that waits."""
    return next(one for one in office.inbox() if one.kind == kind)


def mails(server: TrytonServer) -> list[EmailMessage]:
    """What has arrived."""
    parser = BytesParser(policy=SMTP)
    read = [parser.parsebytes(one.read_bytes()) for one in sorted(server.mailbox.glob("*.eml"))]
    return [one for one in read if isinstance(one, EmailMessage)]


def test_an_approved_reminder_arrives_and_is_noted_and_never_repeated(
    fresh_tryton: TrytonServer, config: Path, office: Office, admin: Tryton
) -> None:
    action = waiting(office, "send_reminder")
    customer = action.arguments["customer_id"]
    (number,) = [one["number"] for one in action.arguments["invoices"]]
    assert (mails(fresh_tryton), admin.notes(customer)) == ([], [])

    outcome = office.decide(action, "approve", by=ACCOUNTANT)

    assert outcome.status == "done"
    (mail,) = mails(fresh_tryton)
    recipient = action.arguments["recipient"]["email"]
    assert mail["To"].addresses[0].addr_spec == recipient
    assert mail["From"].addresses[0].addr_spec == OURS
    body = mail.get_body(("plain",))
    assert body is not None
    assert number in body.get_content()
    assert IBAN in body.get_content()
    (note,) = admin.notes(customer)
    assert number in note
    assert recipient in note
    assert f"[regisseur {action.key}]" in note

    with Office.open(config) as later:
        later.run("invoice_followup", on=NIGHT, again=True)
        later.sweep()
        chased = [one.arguments.get("customer_id") for one in later.inbox()]
        assert customer not in chased
        assert later.audit_verify().intact
    assert (len(mails(fresh_tryton)), len(admin.notes(customer))) == (1, 1)


def test_what_was_paid_after_the_night_is_never_chased(
    fresh_tryton: TrytonServer, office: Office, admin: Tryton
) -> None:
    action = waiting(office, "send_reminder")
    for one in action.arguments["invoices"]:
        admin.pay(one["id"])

    outcome = office.decide(action, "approve", by=ACCOUNTANT)

    assert outcome.status == "proposed"
    assert outcome.action.line.changed
    assert mails(fresh_tryton) == []
    assert admin.notes(action.arguments["customer_id"]) == []


def test_a_letter_lies_ready_and_counts_from_its_posting(
    tmp_path: Path, office: Office, admin: Tryton
) -> None:
    action = waiting(office, "formal_notice")

    assert office.decide(action, "approve", by=ACCOUNTANT).status == "done"

    (letter,) = (tmp_path / "letters").glob("*.pdf")
    assert letter.read_bytes().startswith(b"%PDF")
    (note,) = admin.notes(action.arguments["customer_id"])
    assert f"[regisseur {action.key}]" in note

    entry = office.record("posted", by=ACCOUNTANT, key=action.key, on=NIGHT, number="1A 234")

    assert entry.subject == action.arguments["customer_id"]
    assert entry.body["customer_named"] == action.arguments["customer_name"]


def test_an_old_debt_is_chased_once_somebody_has_sorted_it(office: Office) -> None:
    before = {one.arguments.get("customer_name") for one in office.inbox()}
    assert "Ville de Givors" not in before

    office.record("triage", by=ACCOUNTANT, customer="Givors", verdict="start", step="reminder_1")
    office.run("invoice_followup", on=NIGHT, again=True)

    after = {one.arguments.get("customer_name"): one for one in office.inbox()}
    assert after["Ville de Givors"].arguments["step"] == "reminder_1"
    assert set(after) == before | {"Ville de Givors"}
