"""Done when: a manager signs in with a real browser on the morning after a night on a real Tryton,
reads the pack, decides, and orders and reminders are where they belong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import SMTP
from pathlib import Path

import pytest
from browsing import served
from playwright.sync_api import Browser, Locator, Page, expect
from staff import CHEAP, PASSWORD
from tryton_api import Tryton
from tryton_server import TrytonServer

from regisseur import Action, AsyncOffice, Office
from regisseur.office import people
from regisseur.office.pack import make_pack
from regisseur.office.web.app import make_app

pytestmark = [pytest.mark.tryton, pytest.mark.xdist_group("tryton-night")]

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
OURS = "comptabilite@atelier-martin.example"


@pytest.fixture
def office(fresh_tryton: TrytonServer, tmp_path: Path) -> Iterator[Office]:
    """After the night of two agents; Camille may decide on everything."""
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
        [company.agents.planning]
        enabled = false
        [company.agents.invoice_followup]
        sender_email = "{OURS}"
        payment = {{ iban = "FR7630006000011234567890189" }}
    """)
    with Office.open(file, clock=lambda: MORNING) as opened:
        opened.do(
            people.add_person, "camille", name="Camille Martin", company="atelier-martin",
            roles=["administrator", "approver"], password=PASSWORD, passwords=CHEAP, by="set-up",
        )  # fmt: skip
        opened.nightly(on=MORNING.date())
        opened.do(make_pack, MORNING.date(), "atelier-martin")
        yield opened


@pytest.fixture
def page(office: Office, browser: Browser) -> Iterator[Page]:
    """Her browser, at the door."""
    with served(make_app(AsyncOffice(office.opened))) as address:
        context = browser.new_context(base_url=address, locale="fr-FR")
        yield context.new_page()
        context.close()


class Morning:
    """What she sees, and what was there before she came."""

    def __init__(self, office: Office, page: Page) -> None:
        self.office, self.page = office, page
        self.before = office.inbox()

    def waiting(self, kind: str, place: int = 0) -> Action:
        """The n-th action of a kind, as it waited before she came."""
        return [one for one in self.before if one.kind == kind][place]

    def card(self, action: Action) -> Locator:
        """Its card on the page."""
        return self.page.locator(f"#action-{action.id}")

    def settled(self, action: Action) -> Action:
        """The action once its card says what became of it."""
        expect(self.page.locator(f"#action-{action.id}.settled")).to_be_visible(timeout=60_000)
        return self.office.action(action.id)


def mails(server: TrytonServer) -> list[str]:
    """Addresses to which something has come."""
    parser = BytesParser(policy=SMTP)
    files = sorted(server.mailbox.glob("*.eml"))
    return [str(parser.parsebytes(one.read_bytes())["To"]) for one in files]


def test_the_morning_after_the_first_night(
    fresh_tryton: TrytonServer, office: Office, page: Page
) -> None:
    morning, admin = (
        Morning(office, page),
        Tryton(fresh_tryton, "admin", fresh_tryton.admin_password),
    )
    page.goto("/")
    page.get_by_label("Identifiant").fill("camille")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name=re.compile("connecter", re.IGNORECASE)).click()
    page.wait_for_url("**/atelier-martin/**")

    page.goto("/atelier-martin/reports/newest")
    paper = page.frame_locator("iframe")
    expect(paper.get_by_text(f"{len(morning.before)} décisions à prendre")).to_be_visible()

    page.goto("/atelier-martin/inbox")
    edited = morning.waiting("place_purchase_order")
    card = morning.card(edited)
    card.get_by_role("link", name="Modifier").click()
    wanted = float(edited.arguments["lines"][0]["quantity"]) * 2
    card.get_by_label("Quantité").first.fill(f"{wanted:.0f}")
    card.get_by_role("button", name="Valider avec ces modifications").click()
    assert morning.settled(edited).status == "done"
    (order,) = admin.orders(edited.key)
    assert (order["state"], order["lines."][0]["quantity"]) == ("processing", wanted)

    approved = morning.waiting("send_reminder")
    morning.card(approved).get_by_role("button", name="Valider", exact=True).click()
    assert morning.settled(approved).status == "done"
    assert len(mails(fresh_tryton)) == 1
    assert len(admin.notes(approved.arguments["customer_id"])) == 1

    rejected = morning.waiting("place_purchase_order", 1)
    card = morning.card(rejected)
    card.locator("summary", has_text="Refuser").click()
    card.get_by_role("button", name="Pas nécessaire").click()
    assert morning.settled(rejected).status == "rejected"
    assert admin.orders(rejected.key) == []

    asleep = morning.waiting("place_purchase_order", 2)
    card = morning.card(asleep)
    card.locator("summary", has_text="Plus tard").click()
    card.get_by_role("button", name="Demain").click()
    assert morning.settled(asleep).snoozed_until is not None

    small = [
        one
        for one in morning.before
        if one.kind == "place_purchase_order" and one.amount and one.amount.amount < 1000
    ][:2]
    assert len(small) == 2
    for one in small:
        morning.card(one).locator(".pick").check()
    page.get_by_role("button", name="Valider la sélection").click()
    for one in small:
        assert morning.settled(one).status == "done"
        assert [order["state"] for order in admin.orders(one.key)] == ["processing"]

    decided = {edited.id, approved.id, rejected.id, asleep.id, *(one.id for one in small)}
    assert {one.id for one in office.inbox()} == {one.id for one in morning.before} - decided
    by = {
        one.by
        for action in decided
        for one in office.history(action)
        if one.what in ("approved", "rejected", "snoozed")
    }
    assert by == {"camille"}
    assert office.audit_verify().intact
