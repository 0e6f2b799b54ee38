"""How long every page takes on the server, with 10,000 open actions and a year of nights.

    python benchmarks/pages.py [--actions 10000] [--nights 365] [--visits 5] [--output FILE]

An office on a SQLite file gets its actions from two agents of the tests' support, and its nights as
copies of one night's missions, reports and pack. Then each page that can be opened is asked for in
this process (no network, no browser), signed in as somebody who may do everything; the first visit,
which compiles templates, is told apart. Prints milliseconds by page and writes
``benchmarks/results/pages.json``. The aim is 300 ms.
"""

import argparse
import json
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests" / "support"))

from mixed import Mixed
from staff import CHEAP, PASSWORD

from regisseur import AsyncOffice, Office
from regisseur.office import pack, people
from regisseur.office.core import Core
from regisseur.office.web.app import make_app
from regisseur.storage.house_tables import PackRow
from regisseur.storage.tables import MissionRow, ReportRow

RESULTS = HERE / "results" / "pages.json"
LIMIT = 300.0
"""Milliseconds that issue 6 allows."""
ON = date(2026, 11, 23)
ADDRESS = "http://127.0.0.1:8765"
SETTINGS = """\
database = "sqlite:///office.db"
[server]
requests_per_minute = 1000000
[company]
id = "atelier"
name = "Atelier Martin"
locale = "fr_FR"
[company.agents]
purchasing = { enabled = false }
planning = { enabled = false }
invoice_followup = { enabled = false }
"""


def main() -> None:
    """Fill the office, open every page, print and write the figures."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "regisseur.toml"
        settings.write_text(SETTINGS)
        mixed = Mixed.of(options.actions)
        clock = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
        with Office.open(
            settings, erp=mixed.erp, agents=mixed.agents, clock=lambda: clock
        ) as office:
            filled(office, mixed, options.nights)
            rows = measured(office, options.visits)
    told(rows)
    result = {
        "date": options.date,
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "python": platform.python_version(),
            "starlette": version("starlette"),
        },
        "actions": options.actions,
        "nights": options.nights,
        "limit_ms": LIMIT,
        "rows": rows,
    }
    options.output.write_text(json.dumps(result, indent=2) + "\n")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args()


def filled(office: Office, mixed: Mixed, nights: int) -> None:
    """People, the open actions, and nights before this one."""
    office.do(
        people.add_person, "claire", name="Claire", company="atelier",
        roles=["administrator", "approver"], password=PASSWORD, passwords=CHEAP, by="set-up",
    )  # fmt: skip
    for agent in mixed.agents:
        print(f"filing what {agent.name} proposes", file=sys.stderr, flush=True)
        office.run(agent.name, on=ON)
    office.do(pack.make_pack, ON, "atelier")
    office.do(_copied, nights)


async def _copied(core: Core, nights: int) -> None:
    await core.house.database.in_write(_copies, nights)


def _copies(session: Session, nights: int) -> None:
    """The night's missions, reports and pack again, for each day before it."""
    missions = session.scalars(select(MissionRow)).all()
    reports = {row.mission_id: row.body for row in session.scalars(select(ReportRow))}
    kept = session.scalars(select(PackRow)).one()
    for days in range(1, nights + 1):
        on, moved = ON - timedelta(days=days), timedelta(days=days)
        for one in missions:
            name = f"{one.id}-{days}"
            session.add(
                MissionRow(
                    id=name, company_id=one.company_id, agent=one.agent, on_date=on, run=0,
                    graph_version=one.graph_version, status="closed",
                    started_at=one.started_at - moved, finished_at=one.started_at - moved,
                )
            )  # fmt: skip
            body = _without_actions(reports[one.id]) | {"on": on.isoformat(), "mission_id": name}
            session.add(
                ReportRow(
                    mission_id=name, company_id=one.company_id, body=body,
                    created_at=one.started_at - moved,
                )
            )  # fmt: skip
        body = {**kept.body, "on": on.isoformat()}
        session.add(
            PackRow(company_id=kept.company_id, on_date=on, body=body, created_at=kept.created_at)
        )
        session.flush()


def _without_actions(body: dict[str, Any]) -> dict[str, Any]:
    lists = ("awaiting", "done", "decided", "unsettled", "shadow")
    return {**body, **{name: [] for name in lists}}


def measured(office: Office, visits: int) -> list[dict[str, Any]]:
    """Milliseconds of every page, first visit and median of the others."""
    browser = TestClient(make_app(AsyncOffice(office.opened)), base_url=ADDRESS)
    secret = office.do(people.sign_in, "claire", PASSWORD, address="192.0.2.1", passwords=CHEAP)
    browser.cookies.set("regisseur", secret)
    return [timed(browser, path, visits) for path in pages(browser)]


def pages(browser: TestClient) -> list[str]:
    """Where links of the main pages lead, one of each kind."""
    found = {"/atelier/inbox": "inbox"}
    for path in [*found]:
        found |= links(browser, path)
    for path in [*found]:
        found |= {
            one: kind for one, kind in links(browser, path).items() if kind not in found.values()
        }
    kinds: dict[str, str] = {}
    for path, kind in found.items():
        kinds.setdefault(kind, path)
    return sorted(kinds.values())


def links(browser: TestClient, path: str) -> dict[str, str]:
    """Pages that a page leads to, with their kinds: the path without what names one record."""
    text = browser.get(path).text
    paths = re.findall(r'(?:href|src)="(/atelier/[^"#]+)"', text)
    return {
        one.replace("&amp;", "&"): re.sub(r"[0-9a-f]{6,}[-\w]*|\d{4}-\d\d-\d\d|=[^&]+", "*", one)
        for one in paths
    }


def timed(browser: TestClient, path: str, visits: int) -> dict[str, Any]:
    """One page."""
    taken = []
    for _ in range(visits + 1):
        began = time.perf_counter()
        answer = browser.get(path)
        taken.append((time.perf_counter() - began) * 1000)
    first, *others = taken
    return {
        "page": re.sub(r"[0-9a-f]{12}", "ID", path),
        "status": answer.status_code,
        "bytes": len(answer.content),
        "first_ms": round(first, 1),
        "median_ms": round(statistics.median(others), 1),
    }


def told(rows: list[dict[str, Any]]) -> None:
    """A table for people, slowest first."""
    for row in sorted(rows, key=lambda one: -one["median_ms"]):
        late = "  above the limit" if row["median_ms"] > LIMIT else ""
        print(
            f"{row['median_ms']:8.1f} ms  (first {row['first_ms']:8.1f})  {row['status']}  "
            f"{row['bytes']:9,} B  {row['page']}{late}"
        )


if __name__ == "__main__":
    main()
