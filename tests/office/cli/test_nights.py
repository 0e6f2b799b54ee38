"""Nights at the command line: running, failing by cause, reporting, sweeping."""

from pathlib import Path

import pytest
from answering import answering, nobody
from shop import ON, SETTINGS, Shop

TRYTON = """\
database = "sqlite:///regisseur.db"
[company]
id = "atelier"
locale = "en_GB"
[company.erp]
vendor = "tryton"
url = "{url}"
database = "shop"
user = "agent"
password = "s3cret-word"
http.attempts = 1
[company.agents.purchasing]
enabled = false
"""


def test_a_night_and_the_same_night_again(shop: Shop) -> None:
    first = shop.run("run", "clerk", "--on", str(ON))
    assert first.code == 0
    assert "Atelier Martin · Clerk · 23 November 2026 · waits for decisions" in first.out
    assert "2 orders to place." in first.out
    assert "Reading stock" in first.err
    ids = shop.ids()
    same = shop.run("run", "clerk", "--on", str(ON), "--json").json["mission"]
    again = shop.run("run", "clerk", "--on", str(ON), "--again", "--json").json["mission"]
    assert same["id"] != again["id"]
    assert shop.ids() == ids
    assert shop.run("run", "clerk", "--on", str(ON), "--exit-code").code == 5


def test_nightly_runs_the_enabled_agents(shop: Shop) -> None:
    missions = shop.run("nightly", "--on", str(ON), "--json").json["missions"]
    assert [one["agent"] for one in missions] == ["clerk"]
    shop.configure(SETTINGS.format(locale="en_GB").replace("enabled = false\n", "enabled = true\n"))
    missions = shop.run("nightly", "--on", "2026-11-24", "--json").json["missions"]
    assert [one["agent"] for one in missions] == ["clerk", "purchasing"]


def test_nobody_enabled(shop: Shop) -> None:
    shop.configure(SETTINGS.format(locale="en_GB") + "[company.agents.clerk]\nenabled = false\n")
    ran = shop.run("nightly")
    assert (ran.code, ran.out) == (0, "No agent is enabled.\n")


def test_a_mistake_of_one_agent_stops_no_other(shop: Shop) -> None:
    """Its mission fails and is told; the exit code says that something unexpected happened."""
    text = SETTINGS.format(locale="en_GB").replace("enabled = false\n", "enabled = true\n")
    shop.configure(text + "[company.agents.clerk]\nbug = true\n")
    ran = shop.run("nightly", "--on", str(ON), "--json")
    assert ran.code == 1
    clerk, purchasing = ran.json["missions"]
    assert clerk["status"] == "failed"
    assert clerk["error"] == "LookupError: the clerk has lost his glasses"
    assert purchasing["status"] == "waiting"
    assert "Traceback" not in ran.err
    told = shop.run("report", "clerk").out
    assert "the clerk has lost his glasses" in told


@pytest.mark.parametrize(
    ("status", "body", "headers", "code", "told"),
    [
        (200, "<html>Welcome to nginx</html>", {"Content_Type": "text/html"}, 3, "Check the url"),
        (429, "slow down", {"Retry_After": "30"}, 4, ""),
        (503, "restarting", {}, 4, ""),
    ],
)
def test_an_erp_that_answers_something_else(
    status: int, body: str, headers: dict[str, str], code: int, told: str, empty_shop: Shop
) -> None:
    with answering(status, body, **headers) as url:
        empty_shop.configure(TRYTON.format(url=url))
        ran = empty_shop.run("run", "clerk", "--on", str(ON))
        machine = empty_shop.run("nightly", "--on", "2026-11-24", "--json")
        doctor = empty_shop.run("doctor")
    assert (ran.code, machine.code, doctor.code) == (code, code, code)
    assert "failed" in ran.out
    assert told in ran.out.replace("\n", " ")
    assert machine.json["missions"][0]["status"] == "failed"
    assert "Something needs mending" in doctor.out
    for one in (ran, machine, doctor):
        assert "s3cret-word" not in one.out + one.err
        assert "Traceback" not in one.err


def test_an_erp_that_is_away(empty_shop: Shop) -> None:
    url = nobody()
    empty_shop.configure(TRYTON.format(url=url))
    ran = empty_shop.run("run", "clerk", "--on", str(ON))
    assert ran.code == 4
    assert url.removeprefix("http://") in ran.out
    assert empty_shop.run("doctor", "--json").code == 4


def test_a_failed_night_may_be_run_again(shop: Shop) -> None:
    text = (shop.folder / "regisseur.toml").read_text()
    shop.configure(TRYTON.format(url=nobody()))
    assert shop.run("run", "clerk", "--on", str(ON)).code == 4
    shop.configure(text)
    assert shop.run("run", "clerk", "--on", str(ON)).code == 0
    assert len(shop.ids()) == 2


def test_reports(night: Shop, tmp_path: Path) -> None:
    text = night.run("report", "clerk", "--on", str(ON))
    assert (text.code, text.err) == (0, "")
    assert text.out.startswith("ATELIER MARTIN · Clerk · Monday")
    assert "À DÉCIDER" in night.run("report", "--locale", "fr_FR").out
    for name, beginning in (("a.html", "<!doctype html"), ("a.json", "{"), ("a.txt", "ATELIER")):
        ran = night.run("report", "--output", name)
        assert (ran.code, ran.out, ran.err) == (0, "", f"{name}\n")
        assert (tmp_path / name).read_text().lower().startswith(beginning.lower())
    (one,) = night.run("report", "--json").json["reports"]
    assert one["report"]["on"] == "2026-11-23"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--on", "2001-01-01"], 2, "There is no report yet"),
        (["--locale", "xx_YY"], 2, "locale: not known"),
        (["--output", "nowhere/a.html"], 2, "nowhere/a.html: No such file or directory"),
        (["nobody"], 2, "there is no agent 'nobody'"),
    ],
)
def test_no_report(words: list[str], code: int, told: str, night: Shop) -> None:
    ran = night.run("report", *words)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err


def test_a_page_holds_one_report(shop: Shop) -> None:
    shop.configure(SETTINGS.format(locale="en_GB").replace("enabled = false\n", "enabled = true\n"))
    shop.run("nightly", "--on", str(ON))
    ran = shop.run("report", "--format", "html")
    assert ran.code == 2
    assert "name one of clerk, purchasing" in ran.err
    assert shop.run("report", "clerk", "--format", "html").out.startswith("<!")


def test_sweeping_goes_on_with_what_was_approved(night: Shop) -> None:
    first, second = night.ids()
    assert night.run("stop", "--reason", "stock-taking").code == 0
    ran = night.run("decide", first, "approve")
    assert ran.code == 4
    assert "approved, not carried out yet" in ran.out
    assert "stock-taking" in ran.out
    assert night.erp.writes == []
    assert night.run("go").code == 0
    swept = night.run("sweep", "--json").json["swept"]
    assert swept[0]["performed"] == [first]
    assert len(night.erp.records.orders) == 1
    assert night.run("sweep").out == "Atelier Martin\nNothing had been left lying.\n"
    assert night.ids() == [second]
