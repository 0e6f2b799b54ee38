"""docs/agents/purchasing.md is true: its code runs, its worked example is what the agent does."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from regisseur.agents.purchasing.case import levels
from regisseur.agents.purchasing.choice import Costs, Plan, bridged, ranked, sized
from regisseur.agents.purchasing.observation import Observation
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.agents.purchasing.survey import Surveyor
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Judgement
from regisseur.tools.actions.place_purchase_order import PlacePurchaseOrder
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Item
from regisseur.tools.texts import word

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "agents" / "purchasing.md").read_text("utf-8")


@pytest.mark.parametrize(
    "code", re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
)
def test_its_code_runs(code: str, tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text(code, "utf-8")
    runpy.run_path(str(script))


def test_its_worked_example_is_what_the_agent_does(
    erp: MemoryERP, night: Callable[..., Judgement], on: date
) -> None:
    item = erp.item("CAP", cost=5, on_hand=4, counted=on - timedelta(days=28))
    erp.used(item, 2, on - timedelta(days=18))
    erp.used(item, 4, on - timedelta(days=4))
    erp.offer(item, erp.supplier("Mill"), price=5, lead_time=14)
    (proposal,) = night(minimum_history_weeks=4).proposals
    order = PlacePurchaseOrder.model_validate(proposal.arguments)
    assert order.lines[0].quantity == 17
    assert order.total.amount == 85
    text = word(proposal.details[0], "en_GB").replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "17 u: reorder point 7 u (5 u of use in 21 days and 2 u of safety), 17 u wanted, "
        "cut to 12 weeks of use" in text
    )
    assert proposal.cost_of_waiting is not None
    assert proposal.cost_of_waiting.amount == Decimal("0.03")


@pytest.mark.parametrize(
    ("stopped", "bought"), [(10, {"Fast": 190, "Slow": 355}), (1, {"Slow": 545})]
)
def test_its_example_of_a_missing_component_is_what_the_agent_does(
    erp: MemoryERP,
    steady: Callable[..., Item],
    night: Callable[..., Judgement],
    stopped: float,
    bought: dict[str, int],
) -> None:
    item = steady("GEAR", 70, use="production", on_hand=20, cost=10)
    erp.offer(item, erp.supplier("Slow"), price=10, lead_time=21)
    erp.offer(item, erp.supplier("Fast"), price=12, lead_time=3)
    orders = [
        PlacePurchaseOrder.model_validate(proposal.arguments)
        for proposal in night(stopped_production=stopped).proposals
    ]
    assert {order.supplier_name: order.lines[0].quantity for order in orders} == bought


def test_its_costs_of_a_missing_component_are_those_of_the_agent(
    erp: MemoryERP,
    steady: Callable[..., Item],
    see: Callable[..., Observation],
    brief: Callable[..., Brief[PurchasingSettings]],
) -> None:
    item = steady("GEAR", 70, use="production", on_hand=20, cost=10)
    erp.offer(item, erp.supplier("Slow"), price=10, lead_time=21)
    erp.offer(item, erp.supplier("Fast"), price=12, lead_time=3)
    seen, told = see(), brief()
    (case,) = Surveyor(seen, told).survey(seen.sites[0]).cases
    ((slow, fast),) = levels([case], told.settings)
    figures = {}
    for stopped in (10, 1):
        settings = PurchasingSettings(stopped_production=stopped)
        costs = Costs(settings)
        plans = [
            Plan(option) for level in (slow, fast) for option in sized(case, level, costs, settings)
        ]
        plans += bridged(case, (slow, fast), costs, settings)
        found = ranked(case, plans, slow, costs)
        figures[stopped] = sorted(round(cost) for cost, _ in found)
        assert f"{costs.shortage(case):.4f} €" in PAGE
    rows = re.findall(
        r"^\| [^|]*(?:Slow|Fast) [^|]*\| [^|]+ \| \**([\d ]+) €\** \| \**([\d ]+) €",
        PAGE,
        re.MULTILINE,
    )
    table = [[int(cell.replace(" ", "")) for cell in row] for row in rows]
    assert sorted(row[0] for row in table) == figures[10]
    assert sorted(row[1] for row in table) == figures[1]


def test_its_settings_are_all_of_them_with_their_defaults() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    settings = PurchasingSettings()
    assert set(table) >= set(PurchasingSettings.model_fields)
    for name in PurchasingSettings.model_fields:
        assert _toml(getattr(settings, name)) == table[name].strip("`"), name


def _toml(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case ():
            return "[]"
        case dict():
            return "{}"
    return str(value)


def test_every_tag_is_on_the_page() -> None:
    folder = ROOT / "agents" / "purchasing"
    source = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    told = set(re.findall(r'_(?:found|held)\(\s*"(\w+)"', source))
    refusals = set(
        re.findall(r'^    "(\w+)",$', (folder / "supply.py").read_text("utf-8"), re.MULTILINE)
    )
    assert len(told) > 10
    assert len(refusals) == 6
    for tag in told | refusals:
        assert f"`{tag}`" in PAGE, tag
