"""The story of ``demo/STORY.md``, read over Tryton's own API as the user ``agent``."""

from __future__ import annotations

import base64
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import linear_regression
from typing import Any

import httpx
import pytest
from tryton_server import DEMO, TrytonServer, demo_module

pytestmark = pytest.mark.tryton

ON_HAND = {
    "TOL-20": 9,
    "TUB-40": 39,
    "POU-7016": 14.5,
    "ROU-125F": 22,
    "GLI-450": 240,
    "BOI-H15": 6,
    "COR-50": 150,
    "TUB-C25": 34,
    "SER-BAT": -14,
    "CHA-PIA": 26,
    "VER-ELE": 0,
    "VIS-M8": 180,
    "GRA-LIT": 700,
    "CHF-3KW": 48,
    "LAM-LED": 22,
    "TAP-ANT": 16,
    "CAR-1600": 5,
}


class Rpc:
    """Tryton's JSON-RPC, plainly."""

    def __init__(self, server: TrytonServer, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=server.url, timeout=60)
        self._path = f"/{server.database}/rpc/"
        self.context = {"company": 1, "companies": [1], "language": "en"}
        number, token, _ = self.call("common.db.login", user, {"password": password}, "en")
        key = base64.b64encode(f"{user}:{number}:{token}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {key}"

    def close(self) -> None:
        self._http.close()

    def call(self, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": list(params)}
        answer = self._http.post(self._path, json=body).raise_for_status().json()
        if "error" in answer:
            raise PermissionError(answer["error"])
        return answer["result"]

    def find(self, model: str, domain: list[Any], *fields: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.call(
            f"model.{model}.search_read", domain, 0, None, [["id", "ASC"]], fields, self.context
        )
        return rows


def day(value: dict[str, Any]) -> date:
    return date(value["year"], value["month"], value["day"])


def on_hand(rpc: Rpc) -> dict[str, float]:
    ids = [row["id"] for row in rpc.find("product.product", [])]
    today = rpc.call("model.ir.date.today", None, rpc.context)
    (warehouse,) = rpc.find("stock.location", [["type", "=", "warehouse"]])
    context = {"locations": [warehouse["id"]], "stock_date_end": today, "with_childs": True}
    rows = rpc.call("model.product.product.read", ids, ["code", "quantity"], rpc.context | context)
    return {row["code"]: round(row["quantity"], 2) for row in rows}


@pytest.fixture(scope="module")
def rpc(tryton: TrytonServer) -> Iterator[Rpc]:
    client = Rpc(tryton, tryton.user, tryton.password)
    yield client
    client.close()


def test_the_day_stands_still(rpc: Rpc, tryton: TrytonServer) -> None:
    assert day(rpc.call("model.ir.date.today", None, rpc.context)) == tryton.on


def test_the_agent_may_not_let_the_erp_plan(rpc: Rpc) -> None:
    with pytest.raises(PermissionError, match="not allowed"):
        rpc.call("wizard.stock.supply.create", rpc.context)


def test_all_stock_is_what_the_plan_says(rpc: Rpc) -> None:
    plan = demo_module("atelier.plan").make_plan(demo_module("atelier.data").load())
    stock = on_hand(rpc)
    assert stock == {code: pytest.approx(q) for code, q in plan.on_hand.items()}
    assert {code: stock[code] for code in ON_HAND} == ON_HAND


def test_use_and_receipts_read_back_as_planned(rpc: Rpc) -> None:
    flows = demo_module("atelier.plan").make_plan(demo_module("atelier.data").load()).flows
    planned: dict[str, float] = defaultdict(float)
    for flow in flows:
        if flow.place in ("customer", "production") and flow.quantity < 0:
            planned[flow.item] -= flow.quantity
    read: dict[str, float] = defaultdict(float)
    for move in rpc.find(
        "stock.move",
        [
            ["state", "=", "done"],
            ["from_location.type", "=", "storage"],
            ["to_location.type", "in", ["customer", "production"]],
        ],
        "product.code",
        "internal_quantity",
    ):
        read[move["product."]["code"]] += move["internal_quantity"]
    assert read == {code: pytest.approx(total) for code, total in planned.items()}


def test_one_order_is_late_and_its_item_runs_out(rpc: Rpc, tryton: TrytonServer) -> None:
    coming = rpc.find(
        "stock.move",
        [["state", "=", "draft"], ["from_location.type", "=", "supplier"]],
        "product.code",
        "quantity",
        "planned_date",
    )
    late = [move for move in coming if day(move["planned_date"]) < tryton.on]
    assert [(m["product."]["code"], m["quantity"]) for m in late] == [("BOI-H15", 36)]
    assert day(late[0]["planned_date"]) == date(2026, 11, 9)
    assert len(coming) > 5


def test_a_production_order_needs_more_sheets_than_there_are(rpc: Rpc) -> None:
    needs = rpc.find(
        "stock.move",
        [
            ["state", "=", "draft"],
            ["product.code", "=", "TOL-20"],
            ["production_input", "!=", None],
        ],
        "quantity",
        "planned_date",
        "production_input.state",
    )
    first = min(needs, key=lambda move: day(move["planned_date"]))
    assert (first["quantity"], day(first["planned_date"])) == (16, date(2026, 11, 27))
    assert first["production_input."]["state"] == "waiting"


def offers(rpc: Rpc, item: str) -> list[dict[str, Any]]:
    return rpc.find(
        "purchase.product_supplier",
        [["product.code", "=", item]],
        "party.code",
        "party.active",
        "lead_time",
        "quantity_minimal",
        "quantity_rounding",
        "unit.symbol",
        "unit.factor",
        "prices.quantity",
        "prices.unit_price",
    )


def test_price_breaks_with_a_minimum_and_a_pack(rpc: Rpc) -> None:
    (offer,) = offers(rpc, "TOL-20")
    assert (offer["quantity_minimal"], offer["quantity_rounding"]) == (20, 10)
    prices = {p["quantity"]: Decimal(p["unit_price"]["decimal"]) for p in offer["prices."]}
    assert prices == {0: 46, 20: Decimal("43.2"), 60: Decimal("39.5")}


@pytest.mark.parametrize("item", ["ROU-125F", "GLI-450"])
def test_cheap_and_slow_against_dear_and_fast(rpc: Rpc, item: str) -> None:
    cheap, fast = offers(rpc, item)
    days = [offer["lead_time"]["seconds"] / 86400 for offer in (cheap, fast)]
    first = [Decimal(o["prices."][0]["unit_price"]["decimal"]) for o in (cheap, fast)]
    assert days[0] > 3 * days[1]
    assert first[0] < first[1]


def test_items_that_cannot_be_judged(rpc: Rpc) -> None:
    assert offers(rpc, "PLX-03") == []
    (priceless,) = offers(rpc, "JNT-EPD")
    assert priceless["prices."] == []


def test_the_cheapest_supplier_of_threaded_rod_is_archived(rpc: Rpc) -> None:
    active = {o["party."]["code"]: bool(o["party."]["active"]) for o in offers(rpc, "TIG-M10")}
    assert active == {"QPE": False, "VLY": True}


def test_units_differ_between_stock_and_supplier(rpc: Rpc) -> None:
    (box,) = offers(rpc, "VIS-M8")
    assert box["unit."]["factor"] == 100
    (kilogram,) = offers(rpc, "GRA-LIT")
    assert kilogram["unit."]["symbol"] == "kg"


def test_never_counted_items(rpc: Rpc) -> None:
    lines = rpc.find(
        "stock.inventory.line",
        [["inventory.state", "=", "done"]],
        "product.code",
        "inventory.date",
    )
    counted = {line["product."]["code"] for line in lines}
    every = {row["code"] for row in rpc.find("product.product", [], "code")}
    assert every - counted == {"CHA-PIA", "VER-ELE"}
    days = {day(line["inventory."]["date"]) for line in lines}
    assert days == {date(2025, 5, 25), date(2026, 1, 5), date(2026, 6, 29)}


def test_more_is_assigned_than_there_is(rpc: Rpc) -> None:
    assigned: Counter[str] = Counter()
    for move in rpc.find(
        "stock.move", [["state", "=", "assigned"]], "product.code", "internal_quantity"
    ):
        assigned[move["product."]["code"]] += move["internal_quantity"]
    assert assigned == {"TAP-ANT": 24, "LAM-LED": 22}


def test_the_phased_out_tube_has_not_moved_for_seven_months(rpc: Rpc) -> None:
    moves = rpc.find(
        "stock.move",
        [["product.code", "=", "TUB-C25"], ["to_location.type", "=", "production"]],
        "effective_date",
    )
    assert len(moves) > 5
    assert max(day(move["effective_date"]) for move in moves) < date(2026, 4, 15)


def test_the_erp_minimum_asks_for_what_must_not_be_bought(rpc: Rpc) -> None:
    rules = {
        row["product."]["code"]: row["min_quantity"]
        for row in rpc.find("stock.order_point", [], "product.code", "min_quantity")
    }
    stock = on_hand(rpc)
    for item in ("COR-50", "TUB-C25"):
        assert stock[item] < rules[item]
    assert stock["TUB-40"] > rules["TUB-40"]


def test_a_person_already_drafted_the_boxes(rpc: Rpc) -> None:
    (draft,) = rpc.find(
        "purchase.purchase",
        [["state", "=", "draft"]],
        "description",
        "lines.product.code",
        "lines.quantity",
    )
    assert "Durand" in draft["description"]
    assert [line["quantity"] for line in draft["lines."]] == [150]


def test_documents_are_in_every_state(rpc: Rpc) -> None:
    purchases = rpc.find("purchase.purchase", [], "state", "shipment_state")
    assert Counter((p["state"], p["shipment_state"]) for p in purchases) == {
        ("processing", "received"): 21,
        ("done", "received"): 10,
        ("processing", "waiting"): 5,
        ("quotation", "none"): 1,
        ("draft", "none"): 1,
    }
    productions = Counter(row["state"] for row in rpc.find("production", [], "state"))
    assert productions == {"done": 34, "waiting": 12, "draft": 7, "running": 3, "request": 3}
    assert len(rpc.find("sale.complaint", [["state", "=", "waiting"]])) == 1


def test_customer_invoices_in_all_states_of_payment(tryton: TrytonServer) -> None:
    books = Rpc(tryton, "admin", tryton.admin_password)
    invoices = books.find(
        "account.invoice",
        [["type", "=", "out"]],
        "state",
        "total_amount",
        "amount_to_pay",
        "lines_to_pay.maturity_date",
    )
    books.close()
    states = Counter(invoice["state"] for invoice in invoices)
    assert states == {"posted": 14, "paid": 26, "cancelled": 1, "draft": 1}
    posted = [invoice for invoice in invoices if invoice["state"] == "posted"]
    part_paid = [i for i in posted if i["amount_to_pay"] != i["total_amount"]]
    assert len(part_paid) == 2
    ages = [(tryton.on - day(i["lines_to_pay."][0]["maturity_date"])).days for i in posted]
    buckets = Counter("not due" if age <= 0 else min((age - 1) // 30, 3) for age in ages)
    assert set(buckets) == {"not due", 0, 1, 2, 3}
    assert any(Decimal(i["total_amount"]["decimal"]) < 0 for i in invoices)


def test_old_invoices_tell_how_each_customer_pays(tryton: TrytonServer) -> None:
    books = Rpc(tryton, "admin", tryton.admin_password)
    paid = books.find(
        "account.invoice",
        [["type", "=", "out"], ["state", "=", "paid"]],
        "party.code",
        "move.lines.maturity_date",
        "payment_lines.date",
    )
    books.close()
    days: dict[str, list[int]] = defaultdict(list)
    for invoice in paid:
        if not invoice["payment_lines."]:  # a credit note
            continue
        (due,) = {day(d) for one in invoice["move."]["lines."] if (d := one["maturity_date"])}
        (payment,) = invoice["payment_lines."]
        days[invoice["party."]["code"]].append((day(payment["date"]) - due).days)
    assert sum(map(len, days.values())) == 25
    assert max(days["C09"]) < 0
    assert min(days["C13"]) > 30


def bent(rpc: Rpc) -> list[tuple[float, float]]:
    """Pieces and minutes of every done bending operation."""
    cycles = rpc.find(
        "production.work.cycle",
        [["state", "=", "done"], ["work.operation.name", "=", "Pliage"]],
        "duration",
        "work.production.quantity",
        "work.production.state",
    )
    return [
        (c["work."]["production."]["quantity"], c["duration"]["seconds"] / 60)
        for c in cycles
        if c["work."]["production."]["state"] == "done"
    ]


def test_times_can_be_learned_from_done_orders(rpc: Rpc) -> None:
    """A line through the cycles finds what the seed put in, within its noise."""
    pieces, minutes = zip(*bent(rpc), strict=True)
    assert len(pieces) >= 12
    each, fixed = linear_regression(pieces, minutes)
    assert each == pytest.approx(15, rel=0.15)
    assert -90 < fixed < 150
    assert any(abs(m - 30 - 15 * n) > 0.05 * m for n, m in zip(pieces, minutes, strict=True))


def test_progress_is_reported_in_part_in_full_and_not_at_all(rpc: Rpc) -> None:
    works = rpc.find(
        "production.work",
        [["production.state", "=", "running"]],
        "production.number",
        "state",
        "cycles.write_date",
    )
    states: dict[str, list[str]] = defaultdict(list)
    for work in works:
        states[work["production."]["number"]].append(work["state"])
        assert {day(cycle["write_date"]) for cycle in work["cycles."]} <= {
            date(2026, 11, d) for d in (18, 19, 20)
        }
    assert states == {
        "11": ["finished", "finished", "draft", "draft"],
        "5": ["finished", "running", "draft"],
        "6": ["draft"],
    }


def test_the_press_under_repair_still_has_orders_on_it(rpc: Rpc) -> None:
    works = rpc.find(
        "production.work",
        [["production.state", "=", "waiting"], ["operation.name", "=", "Pliage"]],
        "production.number",
        "work_center.name",
    )
    centres = {work["production."]["number"]: work["work_center."]["name"] for work in works}
    broken = {number for number, name in centres.items() if name == "Plieuse 50 t"}
    assert broken == {"8", "17"}
    assert set(centres.values()) == {"Plieuse 50 t", "Plieuse 100 t"}


def test_one_draft_says_nothing_of_how_it_is_made(rpc: Rpc) -> None:
    (bare,) = rpc.find(
        "production",
        [["routing", "=", None]],
        "state",
        "product.code",
        "work_center",
    )
    assert (bare["state"], bare["product."]["code"], bare["work_center"]) == (
        "draft",
        "MON-RAY",
        None,
    )


def test_the_agent_can_place_an_order_and_leave_a_note(fresh_tryton: TrytonServer) -> None:
    rpc = Rpc(fresh_tryton, fresh_tryton.user, fresh_tryton.password)
    (supplier,) = rpc.find("party.party", [["code", "=", "ACR"]])
    (item,) = rpc.find("product.product", [["code", "=", "TOL-20"]])
    model = "model.purchase.purchase"
    head = rpc.call(
        f"{model}.default_get", ["company", "currency", "warehouse"], False, rpc.context
    )
    head |= {"party": supplier["id"], "lines": []}
    head |= rpc.call(f"{model}.on_change", head, ["party"], rpc.context)
    line = _line(rpc, supplier["id"], item["id"])
    order = {key: value for key, value in head.items() if not key.endswith(".")}
    order |= {"reference": "regisseur-test", "lines": [["create", [line]]]}
    ids = rpc.call(f"{model}.create", [order], rpc.context)
    for step in ("quote", "confirm"):
        rpc.call(f"{model}.{step}", ids, rpc.context)
    fields = ["state", "number", "payment_term", "tax_amount", "moves"]
    (placed,) = rpc.call(f"{model}.read", ids, fields, rpc.context)
    assert placed["state"] == "processing"
    assert placed["number"]
    assert placed["payment_term"]
    assert Decimal(placed["tax_amount"]["decimal"]) == Decimal("474.00")
    assert len(placed["moves"]) == 1
    note = {"resource": f"purchase.purchase,{ids[0]}", "message": "Commande proposée cette nuit."}
    rpc.call("model.ir.note.create", [note], rpc.context)
    found = rpc.find("ir.note", [["resource", "=", note["resource"]]], "message")
    assert [row["message"] for row in found] == [note["message"]]
    rpc.close()


def _line(rpc: Rpc, supplier: int, item: int) -> dict[str, Any]:
    needed = rpc.call("model.purchase.line.fields_get", ["product"], rpc.context)
    values = dict.fromkeys(needed["product"]["on_change"])
    values |= {"product": item, "quantity": 60, "type": "line", "company": 1, "id": -1}
    values |= {"taxes": [], "_parent_purchase.party": supplier}
    values |= {"_parent_purchase.company": 1, "_parent_purchase.currency": 1}
    changed = rpc.call("model.purchase.line.on_change", values, ["product"], rpc.context)
    taxes = [tax["id"] for _, tax in changed["taxes"]["add"]]
    wanted = {key: changed[key] for key in ("unit", "unit_price", "product_supplier")}
    assert Decimal(wanted["unit_price"]["decimal"]) == Decimal("39.5")
    return wanted | {
        "type": "line",
        "product": item,
        "quantity": 60.0,
        "taxes": [["add", taxes]],
    }


def test_a_server_ends_with_the_process_that_wanted_it(
    tryton_snapshot: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    server = subprocess.Popen(
        [
            *(DEMO / ".venv" / "bin" / "python", DEMO / "company.py", "serve", "--with-parent"),
            *("--database", folder, "--fresh", tryton_snapshot),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("ready http://127.0.0.1:")
        server.communicate(timeout=60)
    assert server.returncode == 0
