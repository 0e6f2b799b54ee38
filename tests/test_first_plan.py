"""Done when: a night on a real Tryton, from a plan to the days of an order, read back by a colleague."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from tryton_api import Tryton
from tryton_server import DEMO, TrytonServer

from regisseur import Office

pytestmark = [pytest.mark.tryton, pytest.mark.xdist_group("tryton-night")]

NIGHT = date(2026, 11, 23)
CHIEF = "paul@atelier.example"


@pytest.fixture
def office(fresh_tryton: TrytonServer, tmp_path: Path) -> Iterator[Office]:
    """The demo company after its first night, planned by rule."""
    planning = (DEMO / "planning.toml").read_text(encoding="utf-8")
    assert tomllib.loads(planning)["agents"]["planning"]["budget"]
    agents = planning.replace("[agents.", "[company.agents.").replace("budget = 5", "budget = 0")
    (tmp_path / "regisseur.toml").write_text(f"""
        [company]
        id = "atelier-martin"
        name = "Atelier Martin"
        [company.erp]
        vendor = "tryton"
        url = "{fresh_tryton.url}"
        database = "{fresh_tryton.database}"
        user = "{fresh_tryton.user}"
        password = "{fresh_tryton.password}"
        {agents}
    """)
    with Office.open(tmp_path / "regisseur.toml") as opened:
        assert opened.run("planning", on=NIGHT).status == "waiting"
        yield opened


def test_an_approved_plan_stands_in_tryton_and_is_not_proposed_again(
    fresh_tryton: TrytonServer, office: Office
) -> None:
    colleague = Tryton(fresh_tryton, "admin", fresh_tryton.admin_password)
    action = next(
        one
        for one in office.inbox()
        if one.kind == "reschedule_production" and one.arguments["state_before"] == "waiting"
    )
    wanted = action.arguments

    assert office.decide(action, "approve", by=CHIEF).status == "done"

    order = colleague.production(wanted["order_id"])
    assert order["state"] == "waiting"
    assert (order["planned_start_date"], order["planned_date"]) == (
        date.fromisoformat(wanted["start_after"]),
        date.fromisoformat(wanted["end_after"]),
    )
    centres = {step["after"]["id"] for step in wanted["steps"]}
    assert centres == {*map(str, order["centres"])}
    again = office.run("planning", on=NIGHT, again=True)
    assert again.report is not None
    proposed = {one.arguments.get("order_id") for one in office.inbox()}
    assert wanted["order_id"] not in proposed
    lists = office.sheet("planning", "work_lists", on=NIGHT)
    assert lists.startswith(b"%PDF")


def test_the_workshop_is_judged_as_a_good_planner_would(office: Office) -> None:
    """The conclusions of ``demo/STORY.md``."""
    (told,) = office.reports(agent="planning")
    late = {one.subject: one for one in told.data.findings if one.tag == "late_order"}
    text = told.text("en_GB")
    assert 4 <= len(late) <= 6
    assert "TOL-20" in text
    assert "VER-ELE" in text
    assert {one.tag for one in told.data.held} >= {"no_routing", "progress_unknown"}
    assert "to_report" in {one.tag for one in told.data.findings}
    kinds = {one.kind for one in office.inbox()}
    assert kinds >= {"reschedule_production", "propose_overtime", "propose_new_date"}
