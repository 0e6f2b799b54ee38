"""Which mode an action gets; nothing fails open."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from desk import NOW, ON, Workshop
from hypothesis import given
from hypothesis import strategies as st
from matrix import kinds
from pydantic import ValidationError

from regisseur.graphs.policy import NO_RULE, STRICTNESS, Policy, Rule, Ruled, rule_for
from regisseur.graphs.presets import PRESETS, Preset
from regisseur.office.policies.inserting import placed
from regisseur.tools.records import Company, Money

PARIS = ZoneInfo("Europe/Paris")
COMPANY = Company(id="atelier", name="Atelier", timezone="Europe/Paris")


def ruled(
    *rules: dict[str, Any],
    amount: Money | None = None,
    kind: str = "place_purchase_order",
    agent: str = "purchasing",
    counterparty: str | None = "7",
    now: datetime = datetime(2026, 11, 23, 3, tzinfo=UTC),
    company: Company = COMPANY,
) -> Ruled:
    policy = Policy.model_validate({"rules": rules})
    return rule_for(
        policy, company, agent=agent, kind=kind, counterparty=counterparty, amount=amount, now=now
    )


def auto(**conditions: Any) -> dict[str, Any]:
    return {"name": "auto", "mode": "auto", **conditions}


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def test_no_rule_asks_one_person() -> None:
    assert ruled() == Ruled(mode="ask", rule=NO_RULE)


@pytest.mark.parametrize(
    ("conditions", "amount", "mode"),
    [
        ({}, euros("1"), "auto"),
        ({}, None, "auto"),
        ({"up_to": 500}, None, "ask"),
        ({"up_to": 500}, euros("500"), "auto"),
        ({"up_to": 500}, euros("500.01"), "ask"),
        ({"up_to": 500}, euros("-900"), "ask"),
        ({"up_to": 500}, Money.of(1, "USD"), "ask"),
        ({}, Money.of(1, "USD"), "auto"),
        ({"kind": "place_purchase_order"}, euros("1"), "auto"),
        ({"kind": "tell_sales"}, euros("1"), "ask"),
        ({"agent": "purchasing"}, euros("1"), "auto"),
        ({"agent": "invoices"}, euros("1"), "ask"),
        ({"counterparty": "7"}, euros("1"), "auto"),
        ({"counterparty": "8"}, euros("1"), "ask"),
        ({"kind": "place_purchase_order", "counterparty": "8"}, euros("1"), "ask"),
    ],
)
def test_every_condition_of_a_rule_must_hold(
    conditions: dict[str, Any], amount: Money | None, mode: str
) -> None:
    assert ruled(auto(**conditions), amount=amount).mode == mode


def test_a_rule_about_a_party_matches_no_action_without_one() -> None:
    assert ruled(auto(counterparty="7"), counterparty=None).mode == "ask"


def test_the_first_rule_that_matches_wins() -> None:
    rules: list[dict[str, Any]] = [
        {"name": "small", "mode": "auto", "up_to": 100},
        {"name": "two", "mode": "ask", "quorum": 2, "up_to": 1000},
        {"name": "never", "mode": "shadow"},
        {"name": "late", "mode": "auto"},
    ]
    got = [ruled(*rules, amount=euros(str(one))) for one in (100, 101, 1001)]
    assert [(one.mode, one.rule, one.quorum) for one in got] == [
        ("auto", "small", 1),
        ("ask", "two", 2),
        ("shadow", "never", 1),
    ]


@pytest.mark.parametrize(
    "rule",
    [
        {"name": "x", "mode": "veto"},
        {"name": "x", "mode": "auto", "veto_until": "10:00"},
        {"name": "x", "mode": "auto", "up_to": -1},
        {"name": "x", "mode": "ask", "quorum": 0},
        {"name": "x", "mode": "always"},
        {"name": "x", "mode": "auto", "supplier": "7"},
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate({"rules": [rule]})


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="same name"):
        Policy.model_validate({"rules": [auto(), auto(kind="tell_sales")]})


def veto(hour: str, now: datetime, zone: str = "Europe/Paris") -> datetime:
    rule = {"name": "veto", "mode": "veto", "veto_until": hour}
    company = COMPANY.model_copy(update={"timezone": zone})
    until = ruled(rule, now=now, company=company).veto_until
    assert until is not None
    return until


@pytest.mark.parametrize(
    ("hour", "now", "until"),
    [
        ("10:00", datetime(2026, 11, 23, 3, tzinfo=PARIS), datetime(2026, 11, 23, 10, tzinfo=PARIS)),
        ("10:00", datetime(2026, 11, 23, 10, tzinfo=PARIS), datetime(2026, 11, 24, 10, tzinfo=PARIS)),
        # The clocks go forward between now and then: 8 hours of waiting, not 9.
        ("10:00", datetime(2026, 3, 29, 1, tzinfo=PARIS), datetime(2026, 3, 29, 8, tzinfo=UTC)),
        # ... and back: tomorrow's ten o'clock is 25 hours after today's.
        ("10:00", datetime(2026, 10, 24, 10, tzinfo=PARIS), datetime(2026, 10, 25, 9, tzinfo=UTC)),
        # 02:30 doesn't exist on the day the clocks go forward.
        ("02:30", datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # 02:30 comes twice; at 02:45 of the first time the second is next.
        ("02:30", datetime(2026, 10, 25, 0, 45, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
        # At 02:15 of the second time the first is over.
        ("02:30", datetime(2026, 10, 25, 1, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_the_veto_hour_is_the_companys(hour: str, now: datetime, until: datetime) -> None:
    assert veto(hour, now) == until


MOMENTS = st.integers(1767225600, 1830297600).map(lambda at: datetime.fromtimestamp(at, UTC))


@given(
    now=MOMENTS,
    hour=st.times(),
    zone=st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kabul"]),
)  # fmt: skip
def test_there_is_always_time_for_a_veto_and_never_more_than_a_day(
    now: datetime, hour: Any, zone: str
) -> None:
    until = veto(hour.isoformat(), now, zone)
    assert 0 < (until - now).total_seconds() <= 25 * 3600


@pytest.mark.anyio
async def test_what_exceeds_the_nights_caps_asks(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[auto()], auto_count=3, auto_amount=600)
    offers = [workshop.shelf(f"ITEM{n}") for n in range(4)]
    first, second, third, fourth = (workshop.order(offer, 80) for offer in offers)
    _, filing = await workshop.night(first, second, third)
    modes = [workshop.action(one) for one in filing.actions]
    assert [(one.mode, one.status) for one in modes] == [
        ("auto", "approved"),
        ("auto", "approved"),
        ("auto", "approved"),
    ]
    _, filing = await workshop.night(first, second, third, fourth)
    last = workshop.action(filing.actions[-1])
    assert (last.mode, last.rule, last.status) == ("ask", "auto, over the night's cap", "proposed")


@pytest.mark.anyio
async def test_the_cap_counts_money_and_is_one_for_all_agents_of_a_night(
    workshop: Workshop,
) -> None:
    workshop.ruled_by(rules=[auto()], auto_amount=600)
    one, other, small = (workshop.shelf(f"ITEM{n}") for n in range(3))
    await workshop.night(workshop.order(one, 160), agent="tiny")
    _, filing = await workshop.night(
        workshop.order(other, 160), workshop.order(small, 80), agent="other"
    )
    assert [workshop.action(one).mode for one in filing.actions] == ["ask", "auto"]


@pytest.mark.anyio
async def test_a_new_night_has_caps_of_its_own(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[auto()], auto_count=1)
    one, other = workshop.shelf("ONE"), workshop.shelf("OTHER")
    await workshop.night(workshop.order(one))
    _, filing = await workshop.night(workshop.order(other), on=date_after(1))
    assert workshop.action(filing.actions[0]).mode == "auto"


def date_after(days: int) -> Any:
    return ON.fromordinal(ON.toordinal() + days)


@pytest.mark.anyio
async def test_a_foreign_amount_is_never_done_without_asking(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[auto()])
    dollars = workshop.shelf("IMPORTED", currency="USD")
    action = await workshop.proposed(workshop.order(dollars, 1))
    assert (action.mode, action.amount, action.currency) == ("ask", Decimal("2.50"), "USD")


@pytest.mark.anyio
async def test_what_was_approved_before_costs_tonight_nothing(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[auto()], auto_count=1)
    old, new = workshop.shelf("OLD"), workshop.shelf("NEW")
    await workshop.night(workshop.order(old))
    workshop.stop()
    _, filing = await workshop.night(
        workshop.order(old), workshop.order(new), on=date_after(1)
    )  # fmt: skip
    assert [workshop.action(one).mode for one in filing.actions] == ["auto", "auto"]


@pytest.mark.parametrize(
    ("amount", "mode"),
    [
        (euros("500"), "auto"),
        (euros("500.01"), "ask"),
        (euros("-501"), "ask"),
        (Money.of(1, "USD"), "ask"),
        (None, "auto"),
    ],
)
def test_above_holds_back_what_nobody_can_know_to_be_less(amount: Money | None, mode: str) -> None:
    two = {"name": "two people", "mode": "ask", "quorum": 2, "above": 500}
    assert ruled(two, auto(), amount=amount).mode == mode


AMOUNTS = st.none() | st.builds(
    Money, amount=st.decimals(-2000, 2000, places=2), currency=st.sampled_from(["EUR", "USD"])
)


@given(amount=AMOUNTS, limit=st.decimals(0, 1000, places=2))
def test_a_sum_is_above_a_limit_or_up_to_it(amount: Money | None, limit: Decimal) -> None:
    above = ruled({"name": "x", "mode": "ask", "above": limit}, amount=amount).rule == "x"
    up_to = ruled({"name": "x", "mode": "ask", "up_to": limit}, amount=amount).rule == "x"
    assert (above or up_to) == (amount is not None), "a ceiling never matches without an amount"
    assert not (above and up_to)


RULES = st.builds(
    lambda name, mode, agent, kind, party, up_to: Rule(
        name=name, mode=mode, agent=agent, kind=kind, counterparty=party, up_to=up_to,
        veto_until=time(10) if mode == "veto" else None,
    ),
    st.sampled_from("abcdef"),
    st.sampled_from(STRICTNESS),
    st.sampled_from([None, "purchasing", "other"]),
    st.sampled_from([None, "place_purchase_order", "tell_sales"]),
    st.sampled_from([None, "7", "8"]),
    st.sampled_from([None, Decimal(100), Decimal(1000)]),
)  # fmt: skip
POLICIES = st.lists(RULES, max_size=4, unique_by=lambda one: one.name).map(
    lambda rules: Policy(rules=tuple(rules))
)


@given(policy=POLICIES, rule=RULES, amount=AMOUNTS, party=st.sampled_from([None, "7", "8"]))
def test_a_rule_that_is_put_in_changes_nothing_that_it_does_not_speak_about(
    policy: Policy, rule: Rule, amount: Money | None, party: str | None
) -> None:
    def says(policy: Policy) -> Ruled:
        return rule_for(
            policy, COMPANY, agent="purchasing", kind="place_purchase_order",
            counterparty=party, amount=amount, now=datetime(2026, 11, 23, 3, tzinfo=UTC),
        )  # fmt: skip

    new = rule.model_copy(update={"name": "new"})
    before = says(policy)
    after = says(placed(policy, new, before=before.rule))
    speaks = new.matches("purchasing", "place_purchase_order", party, amount, "EUR")
    assert after.rule == ("new" if speaks else before.rule)
    elsewhere = says(placed(policy, new, before="a"))
    if policy.rules and policy.rules[0].name == before.rule != "a":
        assert elsewhere == before, "an exception that is tried earlier still wins"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"mode": "auto", "above": 5}, "rules that hold back"),
        ({"mode": "ask", "above": 5, "up_to": 5}, "less than up_to"),
        ({"mode": "auto", "answer_within": 5}, "belongs to mode ask"),
        ({"mode": "ask", "at_expiry": "expire"}, "needs answer_within"),
    ],
)
def test_what_contradicts_itself_is_refused(rule: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Rule.model_validate({"name": "x", **rule})


@pytest.mark.anyio
async def test_a_deadline_runs_on_while_nothing_changes(workshop: Workshop) -> None:
    workshop.ruled_by(rules=[{"name": "soon", "mode": "ask", "answer_within": 30}])
    offer = workshop.shelf()
    action = await workshop.proposed(workshop.order(offer))
    assert action.deadline == NOW + timedelta(hours=30)
    workshop.clock.forward(hours=24)
    assert (await workshop.proposed(workshop.order(offer))).deadline == action.deadline
    moved = await workshop.proposed(workshop.order(offer, 200))
    assert moved.deadline == NOW + timedelta(hours=54)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda one: one.name)
def test_a_preset_is_a_policy_in_every_language(preset: Preset) -> None:
    french, english = preset.policy("fr_FR"), preset.policy("en_GB")
    assert len(french.rules) == len(english.rules) > 0
    for rule in french.rules:
        assert rule.kind is None or rule.kind in kinds(), "of a kind that there is"


def test_presets_trust_step_by_step() -> None:
    modes = {
        name: {
            kind: ruled(*_dumped(preset), kind=kind, amount=euros("400")).mode for kind in kinds()
        }
        for name, preset in PRESETS.items()
    }
    assert set(modes["observer"].values()) == {"shadow"}
    prudent, confiant = modes["prudent"], modes["confiant"]
    unasked = {kind for kind, mode in prudent.items() if mode != "ask"}
    assert unasked == {
        *("tell_sales", "propose_new_date", "expedite_purchase", "prepare_call"),
        "change_draft_order",
    }
    more = {kind: mode for kind, mode in confiant.items() if mode != prudent[kind]}
    assert more == {"send_reminder": "veto", "place_purchase_order": "auto"}
    dearer = ruled(*_dumped(PRESETS["confiant"]), amount=euros("501"))
    assert dearer.mode == "ask"


def _dumped(preset: Preset) -> list[dict[str, Any]]:
    return [one.model_dump() for one in preset.policy("en_GB").rules]
