"""Take pictures of the demo night's reports with chromium: for the README on desktop and phone, and
the plan for the page of the planning agent.

Run it after ``make demo``. The phone's page is shown in a frame of 375 px, because a headless
window is never that narrow.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NIGHT = HERE.parents[1] / ".demo" / "night"
REPORT, PLAN = NIGHT / "purchasing.html", NIGHT / "planning.html"
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
    if not REPORT.exists():
        sys.exit("run `make demo` first")
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


def matter(page: str, number: int) -> str:
    """A report with only one of the agent's own sections, the first being 0."""
    head, _, body = page.partition("<main>")
    sections = body.split('<section class="matter">')[1:]
    return f'{head}<main><section class="matter">{sections[number].partition("</section>")[0]}</section></main>'


if __name__ == "__main__":
    main()
