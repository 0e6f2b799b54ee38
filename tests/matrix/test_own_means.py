"""What the matrix is made with does what it says: the faulty proxy, the selection, the figures."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import combinations, product
from pathlib import Path

import httpx
import pytest
from faulty_proxy import EFFECT, FAULTS, FaultyProxy, Plan
from matrix_examples import example_of
from matrix_figures import PROPERTY, Figures, Progress
from pairs import pairwise

BODY = b'{"result": "' + b"x" * 1000 + b'"}'

RAISED: dict[str, type[Exception]] = {
    "silence": httpx.ReadTimeout,
    "reset": httpx.ReadError,
    "half": httpx.RemoteProtocolError,
}


class Counting(BaseHTTPRequestHandler):
    """An ERP that remembers what it was asked."""

    asked: list[bytes]

    def do_POST(self) -> None:
        """Remember and answer."""
        self.asked.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


class Erp:
    """An ERP behind a proxy, and one who asks it."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

        class Handler(Counting):
            """Of this ERP."""

            asked = self.asked

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.proxy = FaultyProxy(f"http://127.0.0.1:{self.server.server_port}")

    def ask(self, what: str, effect: str = "write") -> httpx.Response:
        """One request, with little patience."""
        return httpx.post(
            self.proxy.url, content=what, headers={EFFECT: effect}, timeout=0.5, trust_env=False
        )

    def close(self) -> None:
        """Stop both."""
        self.proxy.close()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def erp() -> Iterator[Erp]:
    made = Erp()
    yield made
    made.close()


def test_without_a_plan_all_passes_unchanged(erp: Erp) -> None:
    assert erp.ask("one").content == BODY
    assert erp.ask("two", "read").content == BODY
    assert erp.asked == [b"one", b"two"]
    assert erp.proxy.seen == {True: 1, False: 1}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_what_its_name_says(erp: Erp, fault: str) -> None:
    planned = FAULTS[fault]
    erp.proxy.plan(Plan(planned, True, 1))
    assert erp.ask("first").content == BODY
    if planned.answer in RAISED:
        with pytest.raises(RAISED[planned.answer]):
            erp.ask("second")
    else:
        answer = erp.ask("second")
        status = {"500": 500, "429": 429}.get(planned.answer, 200)
        assert (answer.status_code, answer.content == BODY) == (status, status == 200)
        assert ("Retry-After" in answer.headers) == (status == 429)
    assert erp.ask("third").content == BODY
    erp.proxy.lift()
    assert (
        erp.asked
        == {
            "never": [b"first", b"third"],
            "at once": [b"first", b"second", b"third"],
            "late": [b"first", b"third", b"second"],
        }[planned.carried_out]
    )
    assert (erp.proxy.struck, erp.proxy.seen[True]) == (1, 3)


def test_an_outage_lasts_until_it_is_lifted_and_then_what_was_late_arrives(erp: Erp) -> None:
    erp.proxy.plan(Plan(FAULTS["time-out and late commit"], True, 0, outage=True))
    assert erp.ask("before", "read").content == BODY
    for what, effect in (("order", "write"), ("look", "read")):
        with pytest.raises(httpx.ReadTimeout):
            erp.ask(what, effect)
    assert erp.asked == [b"before"]
    erp.proxy.lift()
    assert erp.ask("look", "read").content == BODY
    assert erp.asked == [b"before", b"order", b"look"]


def test_a_selection_has_every_pair_of_values() -> None:
    rows = [row for row in product("abc", range(4), (True, False), "xy") if row[:2] != ("a", 0)]
    chosen = pairwise(rows)
    assert len(chosen) < len(rows) / 2

    def pairs(some: list[tuple[str, int, bool, str]]) -> set[object]:
        return {pair for row in some for pair in combinations(enumerate(row), 2)}

    assert pairs(chosen) == pairs(rows)


def test_a_kind_without_an_example_says_what_to_write() -> None:
    with pytest.raises(AssertionError, match=r"no example of the kind 'fly'.*EXAMPLES"):
        example_of("fly")


def test_figures_are_added_up_by_erp_database_and_kind() -> None:
    figures = Figures()
    for ended in ("done", "done", "unknown, told", "lost"):
        one = {"side": "memory", "database": "sqlite", "kind": "order", "kills": 1, "faults": 2}
        figures.add(one | {"ended": ended})
    table = figures.table()
    (row,) = table["rows"]
    assert (row["erp"], row["database"], row["kind"]) == ("memory", "sqlite", "order")
    assert table["total"]["companies"] == row["companies"] == 4
    assert (row["kills"], row["faults"], row["done"], row["lost"]) == (4, 8, 2, 1)
    assert (row["unknown, told"], row["doubled"]) == (1, 0)


def test_a_matrix_that_was_cut_off_counts_what_passed_and_tries_the_rest_again(
    tmp_path: Path,
) -> None:
    one = {"side": "memory", "database": "sqlite", "kind": "order", "kills": 1, "faults": 0}
    endings = [one | {"ended": "done"}]

    def report(test: str, when: str, *, passed: bool) -> pytest.TestReport:
        told = {PROPERTY: endings}.items() if when == "teardown" else ()
        outcome = "passed" if passed else "failed"
        return pytest.TestReport(
            *(test, ("a.py", 1, test), {}, outcome, None, when),  # type: ignore[arg-type]
            user_properties=told,
        )

    cut_off = Figures(Progress(tmp_path))
    for test, passed in (("one", True), ("two", False)):
        cut_off.pytest_runtest_logreport(report(test, "call", passed=passed))
        cut_off.pytest_runtest_logreport(report(test, "teardown", passed=True))
    assert cut_off.table()["total"]["companies"] == 2
    (kept,) = tmp_path.iterdir()
    kept.write_text(f'{kept.read_text()}{{"test": "thr')
    again = Figures(Progress(tmp_path))
    assert set(again.passed) == {"one"}
    assert again.table()["total"]["companies"] == 1
