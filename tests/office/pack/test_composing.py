"""What a pack is made of: order, totals, groups, changes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import sample_pack
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_report.words import NIGHT

from regisseur.graphs.report import ActionLine
from regisseur.office.pack import Decision, composing
from regisseur.office.pack.labels import difference
from regisseur.tools.records import Message, Money, Number, Percent, RecordRef, Rough, Value

ZONE = "Europe/Paris"
DAYS = st.none() | st.integers(-3, 9).map(lambda n: NIGHT + timedelta(days=n))
MONEY = st.none() | st.decimals(0, 9000, places=2).map(lambda n: Money(amount=n, currency="EUR"))
MOMENTS = st.none() | st.integers(0, 200).map(
    lambda n: datetime(2026, 11, 23, 5, tzinfo=UTC) + timedelta(hours=n)
)


@st.composite
def decisions(draw: st.DrawFn) -> tuple[Decision, ...]:
    """Waiting actions of three agents, in any order."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        line = sample_pack.line(
            f"a-{number:02}", "place_purchase_order", sample_pack.buy("x"), sample_pack.buy("y"),
            amount=draw(MONEY), cost_of_waiting=draw(MONEY), decide_by=draw(DAYS),
            veto_until=draw(MOMENTS),
        )  # fmt: skip
        agent = draw(st.sampled_from(("a", "b", "c")))
        found.append(Decision(agent=agent, title=agent, line=line))
    return tuple(draw(st.permutations(found)))


@given(decisions())
@settings(max_examples=60)
def test_by_deadline_then_by_cost_and_never_by_amount(found: tuple[Decision, ...]) -> None:
    ordered = composing.in_order(found, ZONE)

    assert sorted(one.line.id for one in ordered) == sorted(one.line.id for one in found)
    for first, second in pairwise(ordered):
        days = [one.last_day(ZONE) or date.max for one in (first, second)]
        assert days[0] <= days[1]
        if days[0] == days[1] and first.until == second.until:
            assert _cost(first.line) >= _cost(second.line)
    rich = [_with_amount(one, Decimal(10**6 - n)) for n, one in enumerate(found)]
    again = composing.in_order(rich, ZONE)
    assert [one.line.id for one in again] == [one.line.id for one in ordered]


def _cost(line: ActionLine) -> Decimal:
    return line.cost_of_waiting.amount if line.cost_of_waiting else Decimal(0)


def _with_amount(one: Decision, amount: Decimal) -> Decision:
    line = one.line.model_copy(update={"amount": Money(amount=amount, currency="EUR")})
    return one.model_copy(update={"line": line})


@given(decisions())
@settings(max_examples=40)
def test_totals_are_the_sums_of_what_is_listed(found: tuple[Decision, ...]) -> None:
    pack = sample_pack.quiet().data.model_copy(
        update={
            "decisions": found,
            "waiting": len(found),
            "company": sample_pack.full().data.company,
        }
    )

    for of in ("amount", "cost_of_waiting"):
        listed = [value for one in found if (value := getattr(one.line, of)) is not None]
        (total,) = pack.sums(of) or (Money.of(0, "EUR"),)
        assert total.amount == sum(one.amount for one in listed)
    late = [one for one in found if (one.last_day(ZONE) or date.max) <= NIGHT]
    assert pack.pressing == len(late)
    assert composing.minutes_to_decide(found, "fr_FR") * 60 >= 20 * len(found)


def test_only_different_agents_on_one_customer_or_order_are_told_together() -> None:
    customer = RecordRef(model="customer", id="1", label="Leroy")
    sale = RecordRef(model="sale", id="1", label="VE-1")
    item = RecordRef(model="item", id="1", label="TOL")

    def action(id: str, agent: str, *refs: RecordRef) -> Decision:
        line = sample_pack.line(id, "k", sample_pack.buy("x"), sample_pack.buy("y"), evidence=refs)
        return Decision(agent=agent, title=agent, line=line)

    found = composing.overlaps(
        [
            action("1", "invoices", customer),
            action("2", "planning", sale, customer),
            action("3", "purchasing", item, sale),
            action("4", "planning", item),
            action("5", "invoices", RecordRef(model="customer", id="2", label="Other")),
            action("6", "invoices", RecordRef(model="customer", id="2", label="Other")),
        ],
        ZONE,
    )

    assert [(one.about, [each.line.id for each in one.actions]) for one in found] == [
        ("Leroy", ["1", "2"]),
        ("VE-1", ["2", "3"]),
    ]


def test_the_same_two_actions_are_told_once_by_their_customer() -> None:
    (overlap,) = sample_pack.full().data.overlaps

    assert overlap.about == "Brico Vallée"
    assert {one.agent for one in overlap.actions} == {"planning", "invoice_followup"}


def test_what_was_left_is_counted_by_reason_with_the_dearest_first() -> None:
    told = sample_pack.reports()

    held = composing.groups(told, unjudged=False)
    assert [(one.agent, one.why and one.why.text, one.count) for one in held] == [
        ("invoice_followup", "probably paid", 2),
        ("invoice_followup", "disputed", 1),
        ("invoice_followup", "contacted within the last days", 12),
        ("purchasing", "below the supplier's minimum", 1),
    ]
    unjudged = composing.groups(told, unjudged=True)
    assert sum(one.count for one in unjudged) == 6


def test_a_figure_changes_only_by_its_own_measure() -> None:
    euros = Rough(amount=Decimal(9), currency="EUR")
    pairs: list[tuple[Value, Value | None, object]] = [
        (euros, euros.model_copy(update={"amount": Decimal(12)}), (Decimal(3), -1)),
        (euros, euros.model_copy(update={"currency": "USD"}), None),
        (7, 5, (2, 1)),
        (7, 7, None),
        (7, None, None),
        (7, "5", None),
        (Number(value=Decimal(2)), 1, None),
        (_of(3), _of(5), (2, -1)),
        ("a", "b", None),
    ]
    for now, before, expected in pairs:
        found = difference(now, before)
        told = None if found is None else (getattr(found[0], "amount", found[0]), found[1])
        assert told == expected
    points = difference(Percent(value=Decimal("1.12")), Percent(value=Decimal("1.05")))
    assert points is not None
    assert isinstance(points[0], Message)
    assert (points[0].count, points[1]) == (7, 1)


def _of(count: int) -> Message:
    return sample_pack.plan.counted("{count} of {orders}", "{count} of {orders}", count, orders=9)
