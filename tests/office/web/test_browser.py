"""The pages in a real browser: a manager clears a hundred mixed actions; nothing keeps anybody out."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from browsing import served
from mixed import Mixed
from playwright.sync_api import Browser, Page, expect
from staff import CHEAP, PASSWORD

from regisseur import AsyncOffice, Office
from regisseur.office import people
from regisseur.office.core import Core
from regisseur.office.inbox import inbox_page
from regisseur.office.web.app import make_app

MORNING = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
SETTINGS = """\
database = "sqlite:///office.db"
[company]
id = "atelier"
name = "Atelier Martin"
locale = "fr_FR"
"""
HUNDRED, FEW = 100, 12


@pytest.fixture
def office(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path
) -> Iterator[tuple[Office, Mixed]]:
    """So many mixed actions wait for Claire."""
    shutil.copy(sqlite_template, tmp_path / "office.db")
    (tmp_path / "regisseur.toml").write_text(SETTINGS)
    mixed = Mixed.of(request.param)
    settings = tmp_path / "regisseur.toml"
    with Office.open(settings, erp=mixed.erp, agents=mixed.agents, clock=lambda: MORNING) as opened:
        opened.do(
            people.add_person, "claire", name="Claire Martin", company="atelier",
            roles=["administrator", "approver"], password=PASSWORD, passwords=CHEAP, by="set-up",
        )  # fmt: skip
        for agent in mixed.agents:
            opened.run(agent.name, on=MORNING.date())
        yield opened, mixed


@pytest.fixture
def page(office: tuple[Office, Mixed], browser: Browser) -> Iterator[Page]:
    """Claire's browser, signed in, on what waits; it may not meet any error."""
    with served(make_app(AsyncOffice(office[0].opened))) as address:
        context = browser.new_context(base_url=address, locale="fr-FR")
        opened = context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        opened.goto("/atelier/inbox")
        opened.get_by_label("Identifiant").fill("claire")
        opened.get_by_label("Mot de passe").fill(PASSWORD)
        opened.keyboard.press("Enter")
        expect(opened.locator("#left")).to_be_visible()
        yield opened
        context.close()
        assert [one for one in wrong if "422" not in one] == []  # a form that was filled in wrong


def left(page: Page, number: int) -> None:
    """So many are still to be decided, as the page says without being loaded again."""
    words = {0: "Rien ne vous attend.", 1: "1 décision à prendre"}
    expect(page.locator("#left")).to_have_text(words.get(number, f"{number} décisions à prendre"))


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("office", [HUNDRED], indirect=True)
def test_a_hundred_are_cleared_by_keys_and_in_bulk(
    page: Page, office: tuple[Office, Mixed]
) -> None:
    opened, mixed = office
    keys = page.keyboard
    left(page, 100)

    keys.press("j")
    keys.press("a")  # approve the first
    left(page, 99)
    keys.press("r")
    keys.press("4")  # reject the next: not needed
    left(page, 98)
    keys.press("s")
    keys.press("2")  # put off the next: until Monday
    left(page, 97)
    keys.press("j")
    keys.press("k")
    expect(page.locator("[data-card]:not(.settled)").first).to_be_focused()
    edit = page.locator("[data-card]:not(.settled)", has=page.locator("[data-key=e]")).first
    edit.focus()
    keys.press("e")  # edit and approve
    page.get_by_label("Quantité").fill("beaucoup")
    page.get_by_role("button", name="Valider avec ces modifications").click()
    expect(page.get_by_label("Quantité")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Quantité").fill("1 234,5")
    keys.press("Enter")
    left(page, 96)
    assert any(
        str(line.quantity) == "1234.5" for one in mixed.erp.records.orders for line in one.lines
    )

    waiting = 96
    while waiting:
        page.get_by_label("Tout sélectionner").check()
        page.get_by_role("button", name="Valider la sélection").click()
        expect(page.locator(".busy")).to_have_count(0)
        open_ = page.locator("[data-card]:not(.settled)")
        for _ in range(open_.count()):  # what is decided one by one: far above the ceiling
            before = open_.count()
            open_.first.focus()
            keys.press("a")
            expect(open_).to_have_count(before - 1)
        further = page.get_by_role("link", name="Suivantes")
        waiting = opened.do(_waiting)
        if waiting:
            further.click()
    left(page, 0)

    decided = [
        opened.action(one["subject"]) for one in opened.audit_export() if one["event"] == "proposed"
    ]
    assert len(decided) == HUNDRED
    assert sorted({one.status for one in decided}) == ["done", "proposed", "rejected"]
    assert sum(one.status == "done" for one in decided) == 98
    assert opened.audit_verify().intact


async def _waiting(core: Core) -> int:
    return (await inbox_page(core, "atelier", limit=1)).counts["to_decide"]


@pytest.mark.parametrize("office", [FEW], indirect=True)
def test_nothing_keeps_anybody_out(page: Page, office: tuple[Office, Mixed]) -> None:
    opened, _ = office
    first = opened.inbox()[0]
    opened.do(people.ask, first.id, "Pourquoi ?", by="claire", company="atelier")
    paths = ("inbox", f"actions/{first.id}", f"actions/{first.id}/edit")
    for width, scheme in ((1280, "light"), (375, "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        for path in paths:
            page.goto(f"/atelier/{path}")
            for summary in page.locator(".verdicts > details > summary").all()[:3]:
                summary.click()
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") == width, path


@pytest.mark.parametrize("office", [FEW], indirect=True)
def test_without_a_script_everything_can_be_decided(
    page: Page, office: tuple[Office, Mixed], browser: Browser
) -> None:
    mixed = office[1]
    context = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(page.url)
    cards = plain.locator("[data-card]")
    cards.first.get_by_role("button", name="Valider").click()
    assert "11 décisions à prendre" in plain.content()
    assert "Validé et fait" in plain.content()
    cards.first.locator("summary", has_text="Refuser").click()
    cards.first.get_by_role("button", name="Date fausse").click()
    assert "10 décisions à prendre" in plain.content()
    for card in cards.all()[:3]:
        card.locator(".pick").check()
    plain.get_by_role("button", name="Valider la sélection").click()
    assert "Ce qu’est devenue la sélection" in plain.content()
    context.close()
    assert len([one for one in mixed.erp.records.orders if one.state == "confirmed"]) >= 2
