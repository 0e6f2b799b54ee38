"""``regisseur serve`` as people start it: real processes, real signals, one SQLite file."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import httpx
import pytest
from shop import SETTINGS, Shop

from regisseur.errors import RetryLater
from regisseur.office.cli.serving import JsonLines, Lines
from regisseur.office.core import Core
from regisseur.office.faces import Office
from regisseur.office.logged import logged
from regisseur.office.nights import Rounds, Routine

FORGED = 'a "b"\n2026 INFO forged'
ALWAYS_DUE = (
    SETTINGS.format(locale="en_GB").replace('name = "A', 'timezone = "UTC"\nname = "A')
    + """\
[company.night]
at = "00:00"
report_by = "00:01"
digest_at = "00:02"
catch_up_hours = 24
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
"""
)


@contextmanager
def serving(shop: Shop) -> Iterator[subprocess.Popen[str]]:
    """A process of ``serve``, ended afterwards in any case."""
    process = shop.spawn("serve", "--port", "0", "--json")
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What it says on standard output once it serves."""
    assert process.stdout is not None
    told: dict[str, Any] = json.loads(process.stdout.readline())
    return told


def stopped(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Asked to stop, it ends well; gives its log."""
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log
    return [json.loads(line) for line in log.splitlines()]


@pytest.fixture
def due(shop: Shop) -> Shop:
    """A company whose night is always due, known since two days ago."""
    shop.configure(ALWAYS_DUE)
    before = datetime.now(UTC) - timedelta(days=2)
    with Office.open(clock=lambda: before):
        return shop


def test_a_killed_night_is_taken_over_by_one_of_two_processes(due: Shop) -> None:
    """The first is killed while the ERP keeps it waiting; the next two share what is to be done."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        erp = f'vendor = "tryton"\nurl = "http://127.0.0.1:{port}"\ndatabase = "x"\nuser = "x"\n'
        erp += 'password = "x"\n'
        due.configure(ALWAYS_DUE.replace('vendor = "memory"\nfile = "erp.json"\n', erp))
        with serving(due) as first:
            caller, _ = silent.accept()  # its night is under way
            first.kill()
            first.wait()
        caller.close()
    due.configure(ALWAYS_DUE)
    with serving(due) as second, serving(due) as third:
        pages = [address(one)["address"] for one in (second, third)]
        assert [httpx.get(page).status_code for page in pages] == [303, 303]
        logs = [stopped(one) for one in (second, third)]
    nights = [one for log in logs for one in log if one.get("what") == "night"]
    for on in {one["on"] for one in nights}:
        told = [one["event"] for one in nights if one["on"] == on]
        assert told == ["begun", "done"]
    with Office.open() as office:
        started = Counter(
            (one["detail"]["agent"], one["detail"]["on"])
            for one in office.audit_export()
            if one["event"] == "started"
        )
    assert set(started.values()) == {1}
    assert due.ids()


def test_without_settings_the_set_up_is_served_and_an_address_is_not_taken_twice(
    empty_shop: Shop,
) -> None:
    (empty_shop.folder / "regisseur.toml").unlink()
    with serving(empty_shop) as process:
        told = address(process)
        page = httpx.get(told["address"], follow_redirects=True)
        assert page.status_code == 200
        assert told["code"] not in page.text
        port = told["address"].rpartition(":")[2]
        refused = empty_shop.run("serve", "--port", port)
        assert refused.code == 3
        assert "can't be listened on" in refused.err
        assert [one["event"] for one in stopped(process)] == [
            "serving the set-up", "stopping", "stopped",
        ]  # fmt: skip


def test_a_chore_that_fails_is_done_again_and_keeps_no_other_waiting() -> None:
    done: list[str] = []

    async def fails(_: Core) -> None:
        done.append("fails")
        raise RetryLater("busy") if len(done) % 2 else LookupError("a mistake")

    async def ends(core: Core) -> None:
        if done.count("fails") > 3:
            await rounds.stop(core)

    rounds = Rounds([Routine("one", 0, fails), Routine("other", 0, ends)])
    anyio.run(rounds.run, None)  # type: ignore[arg-type]
    assert done.count("fails") > 3


def test_a_line_of_the_log_is_one_line_whatever_it_tells(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = logging.getLogger("regisseur.test")
    with caplog.at_level(logging.INFO):
        logged(log, logging.INFO, "failed", what="night", error=FORGED, none=None)
    (record,) = caplog.records
    line = Lines().format(record)
    assert line.endswith(
        'INFO    regisseur.test failed what=night error="a \\"b\\"\\n2026 INFO forged"'
    )
    assert "\n" not in line
    told = json.loads(JsonLines().format(record))
    assert (told["event"], told["error"]) == ("failed", FORGED)
