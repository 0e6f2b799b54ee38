"""The page as a real browser lays it out."""

import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sample_report

from regisseur.office.reports import render_html

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update")
STILL = ("--disable-sync", "--hide-scrollbars")

MEASURE = """
<!doctype html><meta charset="utf-8"><title>untouched</title>
<iframe style="border: 0; width: {width}px; height: 3000px" srcdoc="{page}"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {{
  const page = frame.contentDocument, view = frame.contentWindow;
  page.querySelectorAll("details").forEach((details) => {{ details.open = true; }});
  const scrolls = (box) => box && (box.matches(".scroll") || scrolls(box.parentElement));
  const outside = [...page.body.querySelectorAll("*")].filter((element) =>
    element.getBoundingClientRect().right > view.innerWidth + 0.5 && !scrolls(element) &&
    !element.closest("svg") && !element.closest("thead"));
  document.body.dataset.measured = JSON.stringify({{
    window: view.innerWidth,
    page: page.documentElement.scrollWidth,
    outside: outside.map((element) => element.outerHTML.slice(0, 120)),
    picture: [...page.querySelectorAll("figure svg")].filter((svg) => svg.checkVisibility()).length,
    title: document.title,
  }});
}});
</script>
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium: .ci/run installs it")
        pytest.skip("no chromium on this machine: apt-get install chromium")
    return found


def measure(chromium: str, page: str, width: int, folder: Path) -> dict[str, object]:
    """What the browser says about the page in a window of this width, all details open."""
    file = folder / "page.html"
    file.write_text(MEASURE.format(width=width, page=html.escape(page)), "utf-8")
    command = [chromium, "--headless", "--no-sandbox", *QUIET, *STILL]
    command += [f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri()]
    dom = subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
    found = re.search(r'data-measured="([^"]*)"', dom)
    assert found, dom
    measured: dict[str, object] = json.loads(html.unescape(found[1]))
    return measured


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("state", ["full", "hostile"])
def test_page_never_scrolls_sideways(chromium: str, state: str, width: int, tmp_path: Path) -> None:
    report = {**sample_report.STATES, "hostile": sample_report.hostile}[state]()
    page = render_html(report, "fr_FR")
    page = page.replace("alert(1)", "parent.document.title = 1")

    measured = measure(chromium, page, width, tmp_path)

    assert measured == {
        "window": width,
        "page": width,
        "outside": [],
        "picture": 1,
        "title": "untouched",
    }
