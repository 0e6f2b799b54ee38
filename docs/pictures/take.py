"""Take the README's pictures of the demo night's report with chromium: desktop and phone.

Run it after ``make demo``. The phone's page is shown in a frame of 375 px, because a headless
window is never that narrow.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPORT = HERE.parents[1] / ".demo" / "night" / "purchasing.html"
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
    """Both pictures."""
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


if __name__ == "__main__":
    main()
