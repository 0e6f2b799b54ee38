"""Run the purchasing night on a real Tryton, on the demo company and on one many times larger.

    python benchmarks/tryton.py [--times 1 20] [--rounds 5] [--date 2026-01-31] [--output FILE]

A *night* is ``Office.run`` in a process of its own, from the first request to the filed report.
*Bare* are exactly its requests, sent again one after the other to the same server by a plain httpx
client that reads the answers and does nothing else. Both take turns; times are medians, the ratio
is the median of the turns' ratios (with their range). Times depend on what
else the machine does; *work* is the same ratio in processor seconds of both processes together,
which do not, but which say nothing of what Tryton and we do at the same time. Memory is the peak of
the night's process, without Tryton's. *Further pages* are requests for what did not fit into a page; all others must not
grow with the company.

The demo company is built first where it isn't there yet (some five minutes).
"""

import argparse
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tryton_fixture import enlarged, launch, terms

from regisseur import Office
from regisseur.tools.erp.tryton import Tryton, TrytonSettings

T = TypeVar("T")
RESULTS = Path(__file__).parent / "results" / "tryton.json"
REQUEST_HEADERS = ("content-type", "authorization")
Call = dict[str, Any]
"""A request that was noted: its url, headers and body."""


@dataclass(frozen=True)
class Night:
    """What one night took and gave; processor seconds and megabytes are those of its process."""

    seconds: float
    processor: float
    proposals: int
    start_mb: float
    peak_mb: float


@dataclass(frozen=True)
class Turn:
    """A night and its requests sent bare, with the processor seconds of each and of the server."""

    night: Night
    night_server: float
    bare: float
    bare_processor: float
    bare_server: float
    bytes: int

    @property
    def ratio(self) -> float:
        """Compare the times."""
        return self.night.seconds / self.bare

    @property
    def work(self) -> float:
        """Compare the processor seconds."""
        spent = self.night.processor + self.night_server
        return spent / (self.bare_processor + self.bare_server)


@dataclass(frozen=True)
class Size:
    """One company: its size, its requests, its times (medians, seconds) and its memory."""

    times: int
    items: int
    moves: int
    proposals: int
    requests: int
    further_pages: int
    read_mb: float
    night: float
    bare: float
    ratio: float
    lowest: float
    highest: float
    work: float
    night_processor: float
    server_processor: float
    start_mb: float
    peak_mb: float


def main() -> None:
    """Run, write the results and print them; or run the one night that the parent asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--rounds", type=int, default=5, help="turns of night and bare requests")
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--night", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.night:
        print(json.dumps(asdict(one_night(options.night))))
        return
    try:
        sizes = [measured(times, options.rounds) for times in options.times]
    except launch.DemoError as error:
        print(f"Tryton is left out: {error}")
        return
    check(sizes)
    print(table(sizes))
    result = {"date": options.date, "machine": machine(), "rounds": options.rounds}
    result["sizes"] = [asdict(size) for size in sizes]
    options.output.write_text(json.dumps(result, indent=1) + "\n")


def measured(times: int, rounds: int) -> Size:
    """Serve a company of that size and run nights on it; the first is recorded and not counted."""
    snapshot = enlarged(times)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with launch.serve(launch.copy_to(snapshot, place / "erp")) as erp:
            (place / "regisseur.toml").write_text(settings(erp, times), encoding="utf-8")
            (place / "record").touch()
            night(place)
            (place / "record").rename(place / "recorded")
            calls = [json.loads(line) for line in (place / "recorded").read_text().splitlines()]
            turns = [turn(place, calls, number) for number in range(rounds)]
        items, moves = rows(snapshot, "product_product"), rows(snapshot, "stock_move")
    nights = [one.night for one in turns]
    return Size(
        times=times,
        items=items,
        moves=moves,
        proposals=nights[0].proposals,
        requests=len(calls),
        further_pages=sum(continues(call["body"]) for call in calls),
        read_mb=round(turns[0].bytes / 1e6, 1),
        night=middle(one.seconds for one in nights),
        bare=middle(one.bare for one in turns),
        ratio=middle(one.ratio for one in turns),
        lowest=round(min(one.ratio for one in turns), 2),
        highest=round(max(one.ratio for one in turns), 2),
        work=middle(one.work for one in turns),
        night_processor=middle(one.processor for one in nights),
        server_processor=middle(one.night_server for one in turns),
        start_mb=middle(one.start_mb for one in nights),
        peak_mb=middle(one.peak_mb for one in nights),
    )


def middle(values: Any) -> float:
    """Median to the hundredth."""
    return round(statistics.median(values), 2)


def rows(snapshot: Path, name: str) -> int:
    """Count the rows of a table."""
    with closing(sqlite3.connect(snapshot / "tryton.sqlite")) as database:
        (count,) = database.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(count)


def settings(erp: launch.Served, times: int) -> str:
    """Write the company's ``regisseur.toml``."""
    return f"""
[company]
id = "atelier-martin"
name = "Atelier Martin"
locale = "fr_FR"

[company.erp]
vendor = "tryton"
url = "{erp.url}"
database = "{erp.database}"
user = "{erp.user}"
password = "{erp.password}"

{terms(times)}"""


def turn(place: Path, calls: list[Call], number: int) -> Turn:
    """Run a night and its bare requests, the other one first every second time."""
    server = only_child()
    if number % 2:
        bare, bare_server = and_server(server, lambda: send(calls))
        ran, night_server = and_server(server, lambda: night(place))
    else:
        ran, night_server = and_server(server, lambda: night(place))
        bare, bare_server = and_server(server, lambda: send(calls))
    return Turn(ran, night_server, *bare[:2], bare_server, bare[2])


def and_server(process: int, work: Callable[[], T]) -> tuple[T, float]:
    """Do it, and tell the processor seconds that the server took for it."""
    before = server_seconds(process)
    done = work()
    return done, server_seconds(process) - before


def only_child() -> int:
    """Find the server: nothing else runs for us between the nights."""
    (child,) = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return int(child)


def server_seconds(process: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def night(place: Path) -> Night:
    """Run a night in a process of its own."""
    command = [sys.executable, __file__, "--night", str(place)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Night(**json.loads(done.stdout))


def one_night(place: Path) -> Night:
    """Run a night here, noting its requests if the parent wants that."""
    config = place / "regisseur.toml"
    with tempfile.TemporaryDirectory() as folder:
        erp = recording(config, place) if (place / "record").exists() else None
        with Office.open(config, database=f"sqlite:///{folder}/office.db", erp=erp) as office:
            start = megabytes("VmRSS")
            began, processor = time.perf_counter(), time.process_time()
            mission = office.run("purchasing", on=launch.ON)
            seconds, spent = time.perf_counter() - began, time.process_time() - processor
            peak = megabytes("VmHWM")
            if mission.status != "waiting":
                raise SystemExit(f"the night ended as {mission.status}: {mission}")
            return Night(seconds, spent, len(office.inbox()), start, peak)


def megabytes(what: str) -> float:
    """Memory of this process, as Linux counts it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(what))


def recording(config: Path, place: Path) -> Tryton:
    """Connect as configured, by a transport that notes what is sent."""
    from regisseur.office.settings import load

    given = {name: value for name, value in load(config).all()[0].erp.items() if name != "vendor"}
    return Tryton(TrytonSettings.model_validate(given), Recorder(place / "record"))


class Recorder(httpx.AsyncHTTPTransport):
    """Notes each request in a file, one a line."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note it and pass it on."""
        headers = {k: v for k, v in request.headers.items() if k in REQUEST_HEADERS}
        call = {"url": str(request.url), "headers": headers, "body": request.content.decode()}
        with self._file.open("a") as file:
            file.write(json.dumps(call) + "\n")
        return await super().handle_async_request(request)


def continues(body: str) -> bool:
    """Tell a request for a further page: it asks for what follows a record."""
    call = json.loads(body)
    first = call["params"][0] if call["method"].endswith(".search_read") else []
    return bool(first) and first[0][:2] == ["id", ">"]


def send(calls: list[Call]) -> tuple[float, float, int]:
    """Send the requests one after the other: seconds, processor seconds, bytes read."""
    size = 0
    with httpx.Client(trust_env=False, timeout=600) as client:
        began, processor = time.perf_counter(), time.process_time()
        for call in calls:
            answer = client.post(call["url"], headers=call["headers"], content=call["body"])
            size += len(answer.raise_for_status().content)
        return time.perf_counter() - began, time.process_time() - processor, size


def check(sizes: list[Size]) -> None:
    """Make sure that each company decides as the first, and that only pages were added."""
    first = sizes[0]
    for size in sizes[1:]:
        if size.proposals * first.times != first.proposals * size.times:
            raise SystemExit(f"{size.times} x: {size.proposals} proposals, not as many times more")
        if size.requests - size.further_pages != first.requests - first.further_pages:
            raise SystemExit(f"{size.times} x: more was asked for than further pages")


def machine() -> dict[str, Any]:
    """Say on what the figures were made."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "versions": {"httpx": version("httpx")},
    }


def table(sizes: list[Size]) -> str:
    """Write the sizes as a Markdown table."""
    head = "| items | stock moves | requests (further pages) | MB read | night s | bare s | ratio "
    rest = "| work | processor s: ours, Tryton's | MB before | peak MB | proposals |"
    lines = [head + rest, "|-" * 12 + "|"]
    lines += [
        f"| {s.items:,} | {s.moves:,} | {s.requests} ({s.further_pages}) | {s.read_mb} "
        f"| {s.night} | {s.bare} | {s.ratio} ({s.lowest}-{s.highest}) | {s.work} "
        f"| {s.night_processor}, {s.server_processor} "
        f"| {s.start_mb:.0f} | {s.peak_mb:.0f} | {s.proposals} |"
        for s in sizes
    ]
    small, large = sizes[0], sizes[-1]
    if large.items > small.items:
        grown = 1000 * (large.peak_mb - small.peak_mb) / (large.items - small.items)
        lines.append(f"\n{grown:.0f} MB more for 1,000 items more")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
