"""Who may decide: the rules themselves, and that every decision is checked as it is committed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from desk import ATELIER, NOW, ON, Workshop, edited
from hypothesis import given
from hypothesis import strategies as st

from regisseur.errors import InvalidInput, NotAllowed
from regisseur.graphs.authority import (
    RIGHTS,
    ROLES,
    Limit,
    Mandate,
    Matter,
    deciders,
    is_late,
    require,
)
from regisseur.graphs.deciding import resolve
from regisseur.storage import ledger
from regisseur.storage.house_tables import MembershipRow, PersonRow
from regisseur.storage.ledger import Who
from regisseur.storage.tables import ActionRow, MissionRow

NAMES = ("ana", "bea", "carl", "dora")
ANA, BEA, CARL, DORA = (Who(name, asserted=False) for name in NAMES)

people = st.sampled_from(NAMES)
days = st.dates(ON - timedelta(days=4), ON + timedelta(days=4))
amounts = st.none() | st.decimals(-3000, 3000, places=2)
limits = st.builds(
    Limit,
    kinds=st.lists(st.sampled_from(("order", "note")), max_size=1).map(tuple),
    agents=st.lists(st.sampled_from(("buyer", "planner")), max_size=1).map(tuple),
    up_to=st.none() | st.decimals(0, 2000, places=2),
)
matters = st.builds(
    Matter,
    agent=st.sampled_from(("buyer", "planner")),
    kind=st.sampled_from(("order", "note")),
    amount=amounts,
    late=st.booleans(),
)


def mandate(name: str) -> st.SearchStrategy[Mandate]:
    return st.builds(
        Mandate,
        id=st.just(name),
        name=st.just(name.title()),
        active=st.booleans(),
        roles=st.lists(st.sampled_from(ROLES), unique=True).map(tuple),
        limits=st.lists(limits, max_size=2).map(tuple),
        superior=st.none() | people,
        substitute=st.none() | people,
        absent_from=st.none() | days,
        absent_until=st.none() | days,
    )


companies = st.tuples(*(mandate(name) for name in NAMES))


def ids(may: tuple[Mandate, ...]) -> set[str]:
    return {one.id for one in may}


@given(companies, matters, days)
def test_authority_comes_from_an_active_approver_within_limits(
    company: tuple[Mandate, ...], matter: Matter, day: date
) -> None:
    own = {
        one.id
        for one in company
        if one.active
        and "approver" in one.roles
        and (not one.limits or any(limit.matches(matter) for limit in one.limits))
    }
    may = ids(deciders(company, matter, day))
    assert own <= may
    if not own:
        assert may == set()
    by_id = {one.id: one for one in company}
    above = {by_id[one].superior for one in own} if matter.late else set()
    for name in may - own:
        assert by_id[name].active
        stands_in = {
            one.id for one in company
            if one.id in own | above and one.substitute == name and one.away(day)
        }  # fmt: skip
        assert name in above or stands_in


@given(companies, matters, days)
def test_outside_their_dates_substitutes_add_nobody(
    company: tuple[Mandate, ...], matter: Matter, day: date
) -> None:
    here = tuple(one for one in company if not one.away(day))
    none = tuple(Mandate(one.id, one.name, one.active, one.roles, one.limits) for one in here)
    on_time = Matter(matter.agent, matter.kind, matter.amount)
    assert ids(deciders(here, on_time, day)) == ids(deciders(none, on_time, day))


@given(companies, matters, days)
def test_a_deadline_that_passed_takes_nobody_away(
    company: tuple[Mandate, ...], matter: Matter, day: date
) -> None:
    late = Matter(matter.agent, matter.kind, matter.amount, late=True)
    on_time = Matter(matter.agent, matter.kind, matter.amount)
    assert ids(deciders(company, on_time, day)) <= ids(deciders(company, late, day))


@given(limits, matters)
def test_a_ceiling_never_matches_more_nor_an_unknown_amount(limit: Limit, matter: Matter) -> None:
    if limit.up_to is not None and limit.matches(matter):
        assert matter.amount is not None
        assert abs(matter.amount) <= limit.up_to


def test_who_may_what() -> None:
    assert RIGHTS["viewer"] == {"see"}
    assert {role for role, rights in RIGHTS.items() if "decide" in rights} == {"approver"}
    assert {role for role, rights in RIGHTS.items() if "manage" in rights} == {"administrator"}
    assert Mandate("ana", "Ana", active=False, roles=ROLES).rights == frozenset()


def test_the_last_day_is_in_time() -> None:
    evening = NOW.replace(hour=22, minute=30)  # 23:30 in Paris
    assert not is_late(ON, None, ATELIER, evening)
    assert is_late(ON, None, ATELIER, evening + timedelta(hours=1))
    assert is_late(None, NOW, ATELIER, NOW)
    assert not is_late(None, NOW + timedelta(seconds=1), ATELIER, NOW)


# --- in the transaction that commits a decision ---

pytestmark = pytest.mark.anyio
Hire = Callable[..., None]


@pytest.fixture
def hire(workshop: Workshop) -> Hire:
    """Makes somebody a member of the workshop's company."""
    return hiring(workshop)


def hiring(workshop: Workshop) -> Hire:

    def make(who: Who, *roles: str, **more: Any) -> None:
        limits = [one.model_dump(mode="json") for one in more.pop("limits", ())]
        person = {"active": more.pop("active", True), "name": who.name.title()}
        with workshop.database.write() as session:
            session.add(PersonRow(id=who.name, created_at=NOW, **person))
            session.flush()
            session.add(
                MembershipRow(
                    company_id=ATELIER.id, person_id=who.name, roles=list(roles),
                    limits=limits, **more,
                )
            )  # fmt: skip

    return make


async def an_order(workshop: Workshop, quantity: int = 100, **more: Any) -> ActionRow:
    """Of 2.50 € a piece."""
    return await workshop.proposed(workshop.order(workshop.shelf(**more), quantity))


async def test_without_members_whoever_is_named_may(workshop: Workshop) -> None:
    action = await an_order(workshop)
    assert (await workshop.decide(action.id, "approve", Who("anybody"))).status == "approved"


@pytest.mark.parametrize("verdict", ["approve", "edit", "reject", "snooze", "reassign"])
async def test_with_members_only_they_may_and_nothing_is_kept_of_what_was_refused(
    workshop: Workshop, hire: Hire, verdict: ledger.Verdict
) -> None:
    hire(ANA, "approver")
    hire(BEA, "operator", "administrator")
    action = await an_order(workshop)
    whole: dict[str, dict[str, Any]] = {
        "edit": {"arguments": edited(action, quantity="120")},
        "snooze": {"until": NOW + timedelta(days=1)},
        "reassign": {"assignee": "ana"},
    }
    more = whole.get(verdict, {})
    with pytest.raises(NotAllowed, match=r"Bea may not .*; Ana may"):
        await workshop.decide(action.id, verdict, BEA, **more)
    with pytest.raises(NotAllowed, match="anybody is no member of atelier"):
        await workshop.decide(action.id, verdict, Who("anybody"), **more)
    with pytest.raises(NotAllowed):  # a login is exact: one person must not count as two
        await workshop.decide(action.id, verdict, Who("Ana"), **more)
    assert workshop.action(action.id).status == "proposed"
    await workshop.decide(action.id, verdict, ANA, **more)


async def test_an_approver_decides_within_limits_also_on_what_they_make_of_it(
    real_workshop: Workshop,
) -> None:
    workshop, hire = real_workshop, hiring(real_workshop)
    hire(ANA, "approver", limits=[Limit(kinds=("place_purchase_order",), up_to=Decimal(300))])
    hire(BEA, "approver", limits=[Limit(agents=("another",))])
    action = await an_order(workshop)
    with pytest.raises(NotAllowed, match="Bea may not decide on this action; Ana may"):
        await workshop.decide(action.id, "approve", BEA)
    with pytest.raises(NotAllowed, match="nobody may"):
        await workshop.decide(action.id, "edit", ANA, arguments=edited(action, quantity="200"))
    assert (await workshop.decide(action.id, "approve", ANA)).status == "approved"
    dear = await an_order(workshop, 200, code="OAK")
    with pytest.raises(NotAllowed, match="nobody may: an administrator has to"):
        await workshop.decide(dear.id, "approve", ANA)


async def test_who_had_the_mission_run_does_not_approve_it(workshop: Workshop, hire: Hire) -> None:
    rules = [{"name": "two pairs of eyes", "mode": "ask", "four_eyes": True}]
    workshop.ruled_by(rules=rules)
    for who in (ANA, BEA):
        hire(who, "approver")
    action = await an_order(workshop)
    with workshop.database.write() as session:
        session.get_one(MissionRow, action.mission_id).asked_by = "ana"
    with pytest.raises(NotAllowed, match="ana had this mission run"):
        await workshop.decide(action.id, "approve", ANA)
    assert (await workshop.decide(action.id, "approve", BEA)).status == "approved"


async def test_who_edited_under_four_eyes_is_none_of_its_approvers(
    workshop: Workshop, hire: Hire
) -> None:
    rule = {"name": "two of them", "mode": "ask", "four_eyes": True, "quorum": 2}
    workshop.ruled_by(rules=[rule])
    for who in (ANA, BEA, CARL, DORA):
        hire(who, "approver")
    action = await an_order(workshop)
    statuses = []
    row = await workshop.decide(action.id, "edit", ANA, arguments=edited(action, quantity="120"))
    statuses.append(row.status)
    with pytest.raises(NotAllowed, match="ana edited this action"):
        await workshop.decide(action.id, "approve", ANA)
    row = await workshop.decide(action.id, "edit", BEA, arguments=edited(row, quantity="140"))
    statuses.append(row.status)
    for editor in (ANA, BEA):
        with pytest.raises(NotAllowed, match="edited this action"):
            await workshop.decide(action.id, "approve", editor)
    for who in (CARL, CARL, DORA):
        statuses.append((await workshop.decide(action.id, "approve", who)).status)
    assert statuses == ["proposed"] * 4 + ["approved"]


async def test_a_substitute_decides_on_the_days_of_absence_alone(
    workshop: Workshop, hire: Hire
) -> None:
    hire(BEA, "viewer")
    hire(ANA, "approver", substitute="bea", absent_from=ON + timedelta(days=1),
         absent_until=ON + timedelta(days=2))  # fmt: skip
    action = await an_order(workshop)
    with pytest.raises(NotAllowed):
        await workshop.decide(action.id, "approve", BEA)
    workshop.clock.forward(days=3)
    with pytest.raises(NotAllowed):
        await workshop.decide(action.id, "approve", BEA)
    workshop.clock.forward(days=-1)
    assert (await workshop.decide(action.id, "approve", BEA)).status == "approved"


async def test_once_it_is_late_those_above_may_decide_too(workshop: Workshop, hire: Hire) -> None:
    hire(BEA, "viewer")
    hire(ANA, "approver", superior="bea")
    action = await an_order(workshop)
    with workshop.database.write() as session:
        session.get_one(ActionRow, action.id).decide_by = ON
    with pytest.raises(NotAllowed):
        await workshop.decide(action.id, "approve", BEA)
    workshop.clock.forward(days=1)
    assert (await workshop.decide(action.id, "approve", BEA)).status == "approved"


async def test_who_is_no_longer_active_decides_nothing(workshop: Workshop, hire: Hire) -> None:
    hire(ANA, "approver", active=False)
    action = await an_order(workshop)
    for who in (ANA, Who("anybody")):
        with pytest.raises(NotAllowed):
            await workshop.decide(action.id, "approve", who)


async def test_limits_that_cannot_be_read_allow_nothing(workshop: Workshop, hire: Hire) -> None:
    hire(ANA, "approver")
    with workshop.database.write() as session:
        session.get_one(MembershipRow, (ATELIER.id, "ana")).limits = [{"up_too": "100"}]
    action = await an_order(workshop)
    with pytest.raises(NotAllowed):
        await workshop.decide(action.id, "approve", ANA)


async def test_it_is_given_to_somebody_who_may_decide(workshop: Workshop, hire: Hire) -> None:
    hire(ANA, "approver")
    hire(BEA, "operator")
    action = await an_order(workshop)
    with pytest.raises(InvalidInput, match="assignee: Bea may not decide"):
        await workshop.decide(action.id, "reassign", ANA, assignee="bea")


async def test_an_unknown_outcome_is_settled_by_who_may_decide(
    workshop: Workshop, hire: Hire
) -> None:
    action = await an_order(workshop)
    await workshop.decide(action.id, "approve")
    with workshop.database.write() as session:
        ledger.claim(session, action.id, "worker", NOW)
        session.flush()
        ledger.finish(session, action.id, "worker", ledger.Outcome("unknown"), NOW)
    hire(ANA, "approver")
    hire(BEA, "administrator")
    with pytest.raises(NotAllowed):
        await resolve(workshop.desk, action.id, ledger.Outcome("done"), BEA)
    row = await resolve(workshop.desk, action.id, ledger.Outcome("done"), ANA)
    assert row.status == "done"


def test_a_right_that_is_lacking_names_who_has_it(workshop: Workshop, hire: Hire) -> None:
    with workshop.database.write() as session:
        require(session, ATELIER.id, Who("anybody"), "manage")
    hire(ANA, "viewer")
    hire(BEA, "administrator")
    with workshop.database.write() as session:
        require(session, ATELIER.id, ANA, "see")
        with pytest.raises(NotAllowed, match="Ana lacks the right 'manage' in atelier; Bea may"):
            require(session, ATELIER.id, ANA, "manage")
