"""A morning at Atelier Martin, Lyon: the purchasing report in every state that a page can show."""

from datetime import UTC, date, datetime
from typing import Any

from regisseur.graphs.judgement import Column, Finding, Picture, Section, Table
from regisseur.graphs.report import ActionLine, Report
from regisseur.tools.actions.base import Difference
from regisseur.tools.records import (
    Company,
    Day,
    Message,
    Money,
    Quantity,
    RecordRef,
)
from sample_report.stock import needs, projected_stock
from sample_report.words import NIGHT, day, eur, qty, say

COMPANY = Company(id="atelier-martin", name="Atelier Martin")
SOURCE = "tryton:erp.atelier-martin.example:8000/atelier"


def record(model: str, id: str, label: str) -> RecordRef:
    return RecordRef(
        model=model, id=id, label=label, url=f"https://erp.atelier-martin.example/{model}/{id}"
    )


def order(id: str, supplier: str, items: int, **fields: Any) -> ActionLine:
    """A purchase order as the report shows it; ``proposed`` and ``ask`` unless told otherwise."""
    summary = say.counted(
        "{supplier}: order {count} item",
        "{supplier}: order {count} items",
        items,
        supplier=supplier,
    )
    return ActionLine.model_validate(
        {
            "id": id,
            "revision": 1,
            "kind": "place_purchase_order",
            "status": "proposed",
            "mode": "ask",
            "rule": "orders ask first",
            "summary": summary,
            **fields,
        }
    )


def line(code: str, ordered: Quantity, price: Money, on_hand: Quantity, lasts: int) -> Message:
    return say(
        "{code}: {ordered} at {price}; {on_hand} on hand last {lasts} days",
        code=code,
        ordered=ordered,
        price=price,
        on_hand=on_hand,
        lasts=lasts,
    )


STEEL = order(
    "a-7f3c21",
    "Aciers du Rhône",
    3,
    amount=eur("4218.60"),
    cost_of_waiting=eur("640"),
    decide_by=date(2026, 11, 23),
    reason=say(
        "{code}: {on_hand} on hand, {reserved} reserved, none on order. At {rate} a day it runs "
        "out on {out}; delivery takes {lead} days, so production order {made} stops.",
        code="TOL-S235-2",
        on_hand=qty("310", "kg"),
        reserved=qty("120", "kg"),
        rate=qty("42.5", "kg"),
        out=day(27),
        lead=12,
        made="OF 412",
    ),
    details=(
        line("TOL-S235-2", qty("1500", "kg"), eur("1.86"), qty("310", "kg"), 4),
        line("TUB-40-2", qty("240", "m"), eur("4.92"), qty("96", "m"), 11),
        line("COR-30-3", qty("120", "m"), eur("2.065"), qty("64", "m"), 13),
        say("Carriage is free from {threshold}.", threshold=eur("1500")),
    ),
    evidence=(
        record("item", "118", "TOL-S235-2"),
        record("production_order", "412", "OF 412"),
        record("supplier", "31", "Aciers du Rhône"),
    ),
)
CASTORS = order(
    "a-0b91e4",
    "Roulettes Express",
    1,
    revision=2,
    amount=eur("684"),
    cost_of_waiting=eur("210"),
    decide_by=date(2026, 11, 24),
    reason=say(
        "{code}: {on_hand} on hand for {rate} a day; delivery takes {lead} days.",
        code="ROU-100",
        on_hand=qty("36", "u"),
        rate=qty("7.2", "u"),
        lead=4,
    ),
    changed=(
        Difference(name=say("Unit price"), was=eur("3.10"), now=eur("3.42")),
        Difference(name=say("Earliest delivery"), was=day(26), now=day(27)),
    ),
    evidence=(record("item", "204", "ROU-100"),),
)
SCREWS = order(
    "a-55d0aa",
    "Visserie Lyonnaise",
    6,
    amount=eur("318.45"),
    cost_of_waiting=eur("35.50"),
    decide_by=date(2026, 11, 26),
    reason=say(
        "Six items reach their reorder point this week; together they pass the minimum of "
        "{minimum} and travel free.",
        minimum=eur("80"),
    ),
    evidence=(record("supplier", "40", "Visserie Lyonnaise"),),
)
BEECH = order(
    "a-c2714e",
    "Bois du Jura",
    2,
    mode="veto",
    rule="small orders unless refused",
    amount=eur("1146"),
    decide_by=date(2026, 11, 30),
    veto_until=datetime(2026, 11, 23, 11, 0, tzinfo=UTC),
    reason=say(
        "Closed from {first}: what is not ordered now arrives after {back}.",
        first=Day(date=date(2026, 12, 19)),
        back=Day(date=date(2027, 1, 4)),
    ),
)
NOTE = ActionLine(
    id="a-91be07",
    revision=1,
    kind="tell_sales",
    status="done",
    mode="auto",
    rule="internal notes are free",
    summary=say(
        "Sales told: {sale} for {customer} leaves later",
        sale="VE-1187",
        customer="Garage Bellecour",
    ),
    reason=say(
        "{order} from {supplier} is {late} days late and holds {needed}.",
        order="CA-0341",
        supplier="Komponent Est",
        late=6,
        needed=qty("12", "u"),
    ),
    reference="NOTE-2208",
    evidence=(record("sale", "1187", "VE-1187"),),
)
PAINT = order(
    "a-3e88f0",
    "Peintures Poudrex",
    1,
    status="unknown",
    amount=eur("792"),
    reason=say(
        "{code}: {on_hand} on hand for {rate} a day.",
        code="PDR-7016",
        on_hand=qty("24", "kg"),
        rate=qty("3.1", "kg"),
    ),
    to_check=say(
        "The ERP did not answer when the order was confirmed. Look for reference {key}: if it is "
        "confirmed, it was done; if it is a draft or missing, it was not.",
        key="RGS-3e88f0",
    ),
)


def finding(tag: str, message: Message, *refs: RecordRef, stake: Money | None = None) -> Finding:
    return Finding(tag=tag, message=message, evidence=refs, stake=stake)


HELD = (
    finding(
        "to_be_counted",
        say(
            "{code} shows {stock}: to be counted, nothing is ordered.",
            code="VIS-M6-20",
            stock=qty("-140", "u"),
        ),
        record("item", "88", "VIS-M6-20"),
    ),
    finding("no_lead_time", say("{code} has no lead time at any supplier.", code="VER-EL-600")),
    finding(
        "coverage_cap",
        say(
            "{code} already covers {weeks} weeks; the cap is {cap}.",
            code="CAR-600",
            weeks=17,
            cap=12,
        ),
    ),
)
FINDINGS = (
    finding(
        "late_order",
        say(
            "{order} from {supplier} is {late} days late.",
            order="CA-0341",
            supplier="Komponent Est",
            late=6,
        ),
        record("purchase_order", "341", "CA-0341"),
        stake=eur("2140"),
    ),
    finding(
        "surplus",
        say(
            "{code}: no demand for {weeks} weeks, {value} on the shelf.",
            code="POI-ZAM",
            weeks=26,
            value=eur("873.20"),
        ),
    ),
)


def _report(**fields: Any) -> Report:
    return Report.model_validate(
        {
            "mission_id": "m-20261123-purchasing-4d1f",
            "company": COMPANY,
            "agent": "purchasing",
            "title": say("Purchasing"),
            "on": NIGHT,
            "created_at": datetime(2026, 11, 23, 4, 42, tzinfo=UTC),
            "data_as_of": datetime(2026, 11, 23, 4, 10, tzinfo=UTC),
            "source": SOURCE,
            "audit_head": "9c1e4b7a52d0f38e6b1d07c4a95f2e83",
            **fields,
        }
    )


def full() -> Report:
    """A usual morning: four decisions, one thing done, one unsettled, three held."""
    return _report(
        headline=say(
            "Four orders for {total} are ready. The steel sheet can't wait: production stops on "
            "{out} if it is not ordered today.",
            total=eur("6367.05"),
            out=day(27),
        ),
        awaiting=(STEEL, CASTORS, SCREWS, BEECH),
        done=(NOTE,),
        decided=(
            BEECH.model_copy(update={"id": "a-90b2d7", "status": "done", "reference": "2041"}),
        ),
        unsettled=(PAINT,),
        findings=FINDINGS,
        held=HELD,
        notices=(
            say(
                "The ERP's date is {theirs}, the night's is {ours}.",
                theirs=Day(date=date(2026, 11, 22)),
                ours=Day(date=NIGHT),
            ),
        ),
        sections=(
            Section(
                title=say("What runs out first"),
                paragraphs=(
                    say(
                        "Demand is the greater of forecast and firm needs, per day, to the end of the lead time."
                    ),
                ),
                table=needs(),
                pictures=(projected_stock(),),
            ),
        ),
        minutes_saved=75,
    )


def shadow() -> Report:
    """The first weeks: everything is judged and nothing is written."""
    actions = tuple(action.model_copy(update={"mode": "shadow"}) for action in (STEEL, SCREWS))
    return _report(
        headline=say("Two orders would have been proposed."), shadow=actions, minutes_saved=30
    )


def quiet() -> Report:
    """Nothing to decide."""
    return _report(headline=say("Nothing to buy: every item lasts beyond its lead time."))


def broken() -> Report:
    """The ERP did not answer, and an approved order was refused."""
    refused = SCREWS.model_copy(
        update={
            "status": "failed",
            "to_check": say(
                "The ERP refused it: {supplier} is archived.", supplier="Visserie Lyonnaise"
            ),
        }
    )
    return _report(
        headline=say("The ERP could not be read; nothing was judged tonight."),
        data_as_of=None,
        unsettled=(refused,),
        notices=(
            say(
                "{host} did not answer within {seconds} seconds, three times.",
                host="erp.atelier-martin.example",
                seconds=30,
            ),
            say("The brake is on: nothing is written until it is released."),
        ),
        audit_head=None,
    )


HOSTILE = "</svg></style><script>alert(1)</script>\x1b[2J\u202egnp.exe"


def hostile() -> Report:
    """Names that try to be markup, terminal commands or links."""
    bad = RecordRef(model="item", id="1", label=HOSTILE, url="javascript:alert(1)")
    spec: dict[str, Any] = {
        "data": {"values": [{"name": HOSTILE, "url": 1}, {"name": "{datum}", "url": 2}]},
        "mark": "bar",
        "encoding": {"y": {"field": "name"}, "x": {"field": "url", "type": "quantitative"}},
    }
    action = order(
        "a-1 onclick=alert(1)",
        HOSTILE,
        1,
        reason=say("{text}", text=HOSTILE),
        evidence=(bad,),
        changed=(Difference(name=say("Name"), was=HOSTILE, now="{{ 7*7 }}"),),
    )
    return _report(
        company=COMPANY.model_copy(update={"name": HOSTILE}),
        source=HOSTILE,
        headline=say("{text}", text=HOSTILE),
        awaiting=(action,),
        held=(finding("x", say("{text}", text=HOSTILE), bad),),
        sections=(
            Section(
                title=say("{text}", text=HOSTILE),
                table=Table(
                    columns=(Column(title=say("{text}", text=HOSTILE)),), rows=((HOSTILE,),)
                ),
                pictures=(
                    Picture(
                        title=say("{text}", text=HOSTILE),
                        alternative=say("{text}", text=HOSTILE),
                        spec=spec,
                    ),
                ),
            ),
        ),
    )


STATES = {"full": full, "shadow": shadow, "quiet": quiet, "broken": broken}
