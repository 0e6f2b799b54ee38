"""These pages in a real browser: nothing is wrong for those who can't see them, nothing scrolls
sideways on a phone, no script or style is refused, and what a mission does is shown as it happens.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from browsing import served
from playwright.sync_api import Browser, Page, expect
from website import ON, Site, low_on

from regisseur import AsyncOffice
from regisseur.office.setup import Code, make_setup

PAGES = (
    "missions",
    "reports",
    f"reports/{ON}",
    "audit",
    "policy",
    "policy/change",
    "people",
    "people/viewer.atelier",
    "agents",
)


def opened(browser: Browser, width: int) -> Page:
    """A page that fails the test where the browser complains."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: pytest.fail(f"{page.url}: {error}"))
    return page


def faults(page: Page) -> list[str]:
    """What is wrong for readers of screens and of phones."""
    found = Axe().run(page).response["violations"]
    told = [f"{page.url}: {one['id']}: {one['nodes'][0]['html']}" for one in found]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*told, *([f"{page.url} scrolls sideways"] if wide else [])]


def test_every_page_can_be_read_by_everybody_everywhere(browser: Browser, site: Site) -> None:
    secret = site.visitor("administrator").browser.cookies["regisseur"]
    mission = site.office.run("clerk", on=ON, company="atelier").id
    with served(site.app) as address:
        page = opened(browser, 375)
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}"))
        page.context.add_cookies([{"name": "regisseur", "value": secret, "url": address}])
        found = []
        for path in (*PAGES, f"missions/{mission}"):
            page.goto(f"{address}/atelier/{path}")
            for details in page.locator("main details").all():
                details.evaluate("(one) => { one.open = true; }")
            found += faults(page)
        page.context.close()

    assert found == []
    assert [one for one in complaints if "Content Security Policy" in one] == []


def test_a_mission_is_watched_as_it_runs(browser: Browser, site: Site) -> None:
    secret = site.visitor("operator").browser.cookies["regisseur"]
    with served(site.app) as address:
        page = opened(browser, 1280)
        page.context.add_cookies([{"name": "regisseur", "value": secret, "url": address}])
        page.goto(f"{address}/atelier/missions")
        page.get_by_text("Start a mission").click()
        page.get_by_label("Agent").select_option("clerk")
        page.get_by_label("Night", exact=True).fill(str(ON + timedelta(days=1)))
        page.get_by_role("button", name="Start", exact=True).click()

        expect(page.locator(".state")).to_have_text("waits for decisions", timeout=30_000)
        report = page.frame_locator("iframe")
        expect(report.get_by_text("3 orders to place").first).to_be_visible(timeout=30_000)
        page.context.close()


def test_the_set_up_can_be_done_by_everybody_without_a_terminal(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    low_on(("STEEL", "Mill", "1.35")).dump(tmp_path / "erp.json")
    file, code, offices = tmp_path / "regisseur.toml", Code(), []

    async def finished() -> AsyncOffice:
        offices.append(await AsyncOffice.open(file))
        return offices[-1]

    with served(make_setup(file, code, finished=finished)) as address:
        page, found = opened(browser, 375), []
        page.goto(f"{address}/setup?code={code.text}")
        found += faults(page)
        page.get_by_role("button").click()
        page.get_by_label("Name", exact=True).fill("Atelier Martin")
        page.get_by_label("Memory").check()
        found += faults(page)
        page.get_by_role("button", name="Next").click()
        page.get_by_label("File").fill("erp.json")
        found += faults(page)
        page.get_by_role("button", name="Connect and look").click()
        page.get_by_role("button", name="Next").wait_for()
        found += faults(page)
        page.get_by_role("button", name="Next").click()
        for label in ("Your name", "Login"):
            page.get_by_label(label).fill("claire")
        for label in ("Password", "The same again"):
            page.get_by_label(label).fill("correct horse battery")
        found += faults(page)
        page.get_by_role("button", name="Next").click()
        page.get_by_label("Run the first night now").uncheck()
        found += faults(page)
        page.get_by_role("button", name="Finish").click()
        page.context.close()

    for office in offices:
        office.opened.close()
    assert found == []
    assert len(offices) == 1
    assert file.exists()
