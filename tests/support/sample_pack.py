"""A morning at Atelier Martin over three agents, in every state that a pack can show.

The sentences are those of the agents and kinds themselves, so that both languages are real.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import sample_report
from sample_report.words import NIGHT, eur

from regisseur.graphs.judgement import Figure, Finding
from regisseur.graphs.report import ActionLine, Report
from regisseur.office.pack import composing
from regisseur.office.pack.labels import kind_counted
from regisseur.office.pack.model import AgentNight, Decision, Pack, Rates
from regisseur.office.pack.views import PackView
from regisseur.storage.packs import Moved
from regisseur.tools.actions.place_purchase_order import KIND as ORDER
from regisseur.tools.actions.prepare_call import KIND as CALL
from regisseur.tools.actions.send_reminder import KIND as REMINDER
from regisseur.tools.actions.tell_sales import KIND as NOTE
from regisseur.tools.records import (
    Day,
    Message,
    Percent,
    RecordRef,
    Rough,
    Speaker,
)

ZONE = sample_report.COMPANY.timezone
MADE = datetime(2026, 11, 23, 5, 15, tzinfo=UTC)
KINDS = {one.name: one for one in (ORDER, CALL, REMINDER, NOTE)}
kinds = Speaker("regisseur.tools.actions")
follow = Speaker("regisseur.agents.invoice_followup")
plan = Speaker("regisseur.agents.planning")
buy = Speaker("regisseur.agents.purchasing")
BRICO = RecordRef(model="customer", id="12", label="Brico Vallée")


def days(say: Speaker, count: int) -> Message:
    return say.counted("{count} day", "{count} days", count)


def on(number: int, month: int = 11) -> Day:
    return Day(date=date(2026, month, number))


def line(id: str, kind: str, summary: Message, reason: Message, **more: Any) -> ActionLine:
    """An action that asks."""
    return ActionLine.model_validate(
        {
            "id": id, "revision": 1, "kind": kind, "status": "proposed", "mode": "ask",
            "rule": "everything asks", "summary": summary, "reason": reason, **more,
        }
    )  # fmt: skip


def _reminder(id: str, customer: str, count: int, total: str, late: int, **more: Any) -> ActionLine:
    return line(
        id,
        "send_reminder",
        kinds.counted(
            "{customer}: {step} by e-mail for one invoice, {total}",
            "{customer}: {step} by e-mail for {count} invoices, {total}",
            count,
            customer=customer,
            step=follow("second reminder"),
            total=eur(total),
        ),
        follow(
            "{step}: the oldest is {late} late, the last message was on {last}.",
            step=follow("second reminder"),
            late=days(follow, late),
            last=on(3),
        ),
        **{
            "amount": eur(total),
            "otherwise": follow("{days} late", days=days(follow, late)),
            "decide_by": NIGHT,
            **more,
        },
    )


LEROY = line(
    "b-20aa31",
    "propose_new_date",
    kinds(
        "{customer}: {sale} is expected on {day} ({cause})",
        customer="Brico Vallée", sale="VE-1204", day=on(2, 12), cause="presse plieuse",
    ),
    plan(
        "{customer} is confirmed for {confirmed} and expected on {day}: {cause}",
        customer="Brico Vallée", confirmed=on(27), day=on(2, 12), cause="presse plieuse",
    ),
    otherwise=plan("the customer counts on {day}", day=on(27)),
    decide_by=date(2026, 11, 27),
    evidence=(RecordRef(model="sale", id="1204", label="VE-1204"), BRICO),
)  # fmt: skip
STEEL = sample_report.STEEL.model_copy(
    update={"otherwise": buy("{item} out of stock on {day}", item="TOL-S235-2", day=on(27))}
)
CHASED = _reminder(
    "c-7710fe", "Brico Vallée", 2, "1830.40", 31, cost_of_waiting=eur("0.62"), evidence=(BRICO,)
)
BROKEN = _reminder(
    "c-51bd09", "Bati-Sud", 4, "18300", 64,
    otherwise=follow("promise of {day} not kept", day=on(12)), cost_of_waiting=eur("6.21"),
)  # fmt: skip
CALLED = line(
    "c-90ffe1",
    "prepare_call",
    kinds(
        "{customer}: call {phone} about {total}",
        customer="Froid Service Rhône", phone="04 72 00 11 22", total=eur("918"),
    ),
    follow("{step}: nothing is late, the first is due on {due}.", step=follow("call"), due=on(7)),
    status="done",
    mode="auto",
)  # fmt: skip


def _held(
    tag: str, why: Message, count: int = 1, stake: str = "", *, unjudged: bool = False
) -> Finding:
    return Finding(
        tag=tag, message=why, why=why, count=count, unjudged=unjudged,
        stake=eur(stake) if stake else None,
    )  # fmt: skip


def reports() -> tuple[Report, ...]:
    """Invoices, workshop and purchases of one night."""
    bought = sample_report.full()
    purchasing = bought.model_copy(
        update={
            "title": buy("Purchasing"),
            "awaiting": (STEEL, *bought.awaiting[1:]),
            "figures": (
                Figure(tag="below_point", name=buy("Items below their reorder point"), value=11),
                Figure(tag="urgent", name=buy("Out of stock before delivery"), value=3),
            ),
            "held": (
                _held("to_be_counted", buy("to be counted"), 3, unjudged=True),
                _held("no_lead_time", buy("without lead time"), unjudged=True),
                _held("below_minimum", buy("below the supplier's minimum")),
            ),
        }
    )
    invoices = bought.model_copy(
        update={
            "mission_id": "m-20261123-invoice_followup-11aa",
            "agent": "invoice_followup",
            "title": follow("Invoice follow-up"),
            "headline": follow(
                "{first}.",
                first=follow.counted(
                    "{overdue} overdue; one message to decide on",
                    "{overdue} overdue; {count} messages to decide on",
                    2,
                    overdue=eur("126204.18"),
                ),
            ),
            "awaiting": (BROKEN, CHASED),
            "done": tuple(CALLED.model_copy(update={"id": f"c-call-{n}"}) for n in range(7)),
            "decided": (),
            "unsettled": (),
            "findings": (),
            "notices": (),
            "sections": (),
            "freshness": (follow("payments until {day}", day=on(20)),),
            "figures": (
                Figure(
                    tag="overdue",
                    name=follow("Overdue"),
                    value=Rough(amount=Decimal("126204.18"), currency="EUR"),
                    week_ago=Rough(amount=Decimal("135310.00"), currency="EUR"),
                ),
                Figure(tag="dso", name=follow("DSO"), value=days(follow, 58)),
            ),
            "held": (
                _held("probably_paid", follow("probably paid"), stake="2334"),
                _held("probably_paid", follow("probably paid"), stake="410.50"),
                _held("disputed", follow("disputed"), stake="1464"),
                _held("just_contacted", follow("contacted within the last days"), 12),
            ),
            "minutes_saved": 62,
        }
    )
    workshop = invoices.model_copy(
        update={
            "mission_id": "m-20261123-planning-77fe",
            "agent": "planning",
            "title": plan("Planning"),
            "headline": plan(
                "{first}.",
                first=plan.counted(
                    "{count} order of {orders} late, {customers} of them for customers",
                    "{count} orders of {orders} late, {customers} of them for customers",
                    3,
                    orders=41,
                    customers=2,
                ),
            ),
            "awaiting": (LEROY,),
            "done": (),
            "held": (_held("no_routing", plan("order without routing"), 2, unjudged=True),),
            "freshness": (
                plan.counted(
                    "{count} running order not reported on",
                    "{count} running orders not reported on",
                    2,
                ),
            ),
            "figures": (
                Figure(
                    tag="late_orders",
                    name=plan("Late orders"),
                    value=plan.counted("{count} of {orders}", "{count} of {orders}", 3, orders=41),
                ),
                Figure(
                    tag="load/4",
                    name=plan("{centre} this week", centre="Presse plieuse"),
                    value=Percent(value=Decimal("1.12")),
                ),
            ),
            "minutes_saved": 180,
        }
    )
    return invoices, workshop, purchasing


def counted(kind: str, count: int) -> Message:
    return KINDS[kind].counted(count) if kind in KINDS else kind_counted(kind, count)


def composed(told: Sequence[Report], before: Pack | None = None, **more: Any) -> Pack:
    """A pack over these reports, as ``making`` composes it from a database."""
    waiting = composing.in_order(
        (
            Decision(agent=one.agent, title=one.title, line=line)
            for one in told
            for line in one.awaiting
        ),
        ZONE,
    )
    return Pack.model_validate(
        {
            "company": sample_report.COMPANY,
            "on": NIGHT,
            "made_at": MADE,
            "agents": [
                AgentNight(
                    agent=one.agent, title=one.title, mission_id=one.mission_id, status="waiting",
                    headline=one.headline, data_as_of=one.data_as_of, made_at=one.created_at,
                )
                for one in told
            ],
            "freshness": [text for one in told for text in one.freshness],
            "notices": composing.notices(told, ""),
            "overlaps": composing.overlaps(waiting, ZONE),
            "decisions": tuple(map(composing.slim, waiting)),
            "waiting": len(waiting),
            "unsettled": [
                composing.slim(Decision(agent=one.agent, title=one.title, line=line))
                for one in told
                for line in one.unsettled
            ],
            "done": composing.done(told, counted),
            "by_hand": composing.by_hand(told),
            "held": composing.groups(told, unjudged=False),
            "unjudged": composing.groups(told, unjudged=True),
            "figures": composing.figures(told, before),
            "minutes_to_decide": composing.minutes_to_decide(waiting, "fr_FR"),
            "minutes_saved": sum(one.minutes_saved for one in told),
            "audit_head": "9c1e4b7a52d0f38e6b1d07c4a95f2e83",
            **more,
        }
    )  # fmt: skip


def full() -> PackView:
    """A usual morning: seven decisions, two agents on one customer, one outcome unknown."""
    told = reports()
    earlier = tuple(
        one.model_copy(
            update={
                "figures": tuple(
                    figure.model_copy(update={"value": 9})
                    if figure.tag == "below_point"
                    else figure
                    for figure in one.figures
                )
            }
        )
        for one in told
    )
    before = composed(earlier, on=date(2026, 11, 20))
    moved = (
        Moved("place_purchase_order", "done", 4),
        Moved("send_reminder", "rejected", 1),
        Moved("send_reminder", "withdrawn", 2),
    )
    pack = composed(
        told,
        before,
        compared_with=before.on,
        new=5,
        changes=composing.changes(moved, counted),
        rates=Rates(days=30, approved=82, edited=12, rejected=6, failed=1),
    )
    return PackView(pack, "fr_FR", told)


def quiet() -> PackView:
    """The first morning of a company that has nothing to decide."""
    told = (sample_report.quiet().model_copy(update={"title": buy("Purchasing")}),)
    return PackView(composed(told), "fr_FR", told)


def broken() -> PackView:
    """One agent could not read the ERP, another has told nothing."""
    told = (sample_report.broken().model_copy(update={"title": buy("Purchasing")}),)
    pack = composed(told, silent=(plan("Planning"),))
    agents = tuple(one.model_copy(update={"status": "failed"}) for one in pack.agents)
    return PackView(pack.model_copy(update={"agents": agents}), "fr_FR", told)


def hostile() -> PackView:
    """Names that try to be markup, terminal commands or links."""
    told = (sample_report.hostile(),)
    return PackView(composed(told, silent=(sample_report.HOSTILE,)), "fr_FR", told)


STATES = {"full": full, "quiet": quiet, "broken": broken}


def many(count: int) -> PackView:
    """So many decisions that they don't fit the first screen."""
    view = full()
    more = tuple(
        Decision(
            agent="invoice_followup",
            title=follow("Invoice follow-up"),
            line=_reminder(f"d-{n:04}", f"Client {n}", 1, "120", n),
        )
        for n in range(count)
    )
    decisions = composing.in_order((*view.data.decisions, *more), ZONE)
    pack = view.data.model_copy(update={"decisions": decisions, "waiting": len(decisions)})
    return replace(view, data=pack)
