"""Take pictures of the demo night with chromium: the pages on which it is validated (desktop, phone,
dark), its reports, and the plan for the page of the planning agent.

Run it after ``make demo``, which serves the pages. A report on a phone is shown in a frame of 375 px,
because a headless window is never that narrow.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
NIGHT = HERE.parents[1] / ".demo" / "night"
REPORT, PLAN = NIGHT / "purchasing.html", NIGHT / "planning.html"
OFFICE = NIGHT / "office.json"
COMPANY, LOGIN, PASSWORD = "atelier-martin", "camille", "atelier-martin-demo"
PAGES = {
    "inbox": ("inbox", 1280, 1000, "light"),
    "inbox-dark": ("inbox", 1280, 1000, "dark"),
    "inbox-phone": ("inbox", 375, 812, "light"),
    "pack": ("reports/newest", 1280, 1250, "light"),
    "pack-phone": ("reports/newest", 375, 812, "light"),
    "tell-phone": ("telling", 375, 812, "light"),
}
"""By picture: which page of the company, how wide and high, in which colours."""
CHROMIUM = [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def shoot(page: str, picture: str, size: str) -> None:
    """One page as a PNG of ``width,height``."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [*CHROMIUM, f"--user-data-dir={profile}", f"--window-size={size}",
             f"--screenshot={HERE / picture}", page],
            check=True, capture_output=True,
        )  # fmt: skip


def main() -> None:
    """All pictures."""
    if not REPORT.exists() or not OFFICE.exists():
        sys.exit("run `make demo` first")
    address = json.loads(OFFICE.read_text())["url"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM[2:]
        )
        for picture, (path, width, height, colours) in PAGES.items():
            page = signed_in(browser, address, width, height, colours)
            page.goto(f"{address}/{COMPANY}/{path}")
            page.wait_for_load_state("networkidle")
            page.screenshot(path=HERE / f"{picture}.png")
            page.context.close()
        browser.close()
    shoot(REPORT.as_uri(), "report.png", "1280,1500")
    with tempfile.NamedTemporaryFile("w", suffix=".html") as frame:
        frame.write(
            f'<body style="margin:0"><iframe src="{REPORT.as_uri()}" '
            'style="border:0;width:375px;height:812px"></iframe>'
        )
        frame.flush()
        shoot(f"file://{frame.name}", "report-phone.png", "375,812")
    with tempfile.NamedTemporaryFile("w", suffix=".html") as part:
        part.write(matter(PLAN.read_text(encoding="utf-8"), 1))
        part.flush()
        shoot(f"file://{part.name}", "plan.png", "1120,1270")


def signed_in(browser: Browser, address: str, width: int, height: int, colours: str) -> Page:
    """The manager's browser."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
        locale="fr-FR",
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Identifiant").fill(LOGIN)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


def matter(page: str, number: int) -> str:
    """A report with only one of the agent's own sections, the first being 0."""
    head, _, body = page.partition("<main>")
    sections = body.split('<section class="matter">')[1:]
    return f'{head}<main><section class="matter">{sections[number].partition("</section>")[0]}</section></main>'


if __name__ == "__main__":
    main()
