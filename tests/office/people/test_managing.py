"""Who is in a company and what they may do, and that the audit is told of every change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from staff import CHEAP, ON, PASSWORD, House

from regisseur.errors import InvalidInput, NotAllowed, NotFound
from regisseur.office import people
from regisseur.storage.house_tables import TokenRow


@pytest.fixture
def staffed(house: House) -> House:
    """A boss who administers, Ana who approves."""
    house.hire("boss", "administrator", by="whoever opens it")
    house.hire("ana", "approver")
    return house


def test_the_first_member_is_an_administrator_and_adds_the_others(real_house: House) -> None:
    house = real_house
    with pytest.raises(InvalidInput, match="roles: the first member"):
        house.hire("ana", "approver")
    assert house.do(people.members, "atelier") == []
    house.hire("Boss", "administrator")
    for by in ("whoever", "Boss"):
        with pytest.raises(NotAllowed):
            house.hire("ana", "approver", by=by)
    added = house.hire("ana", "approver", limits=[people.Limit(kinds=("tell_sales",))])
    assert (added.person.name, added.roles, added.limits[0].kinds) == (
        "Ana", ("approver",), ("tell_sales",)
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        house.hire("eve", "viewer", by="ana")
    assert [one.person.id for one in house.do(people.members, "atelier")] == ["ana", "boss"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"id": "sweeper:1"}, "id"),
        ({"id": "ana"}, "id"),
        ({"name": " "}, "name"),
        ({"roles": ["owner"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"email": "eve@atelier.example\nBcc: all@example.com"}, "email"),
        ({"locale": "klingon"}, "locale"),
        ({"password": "short"}, "password"),
    ],
)
def test_what_is_wrong_about_somebody_is_named(
    staffed: House, wrong: dict[str, Any], field: str
) -> None:
    given = {"id": "eve", "name": "Eve", "roles": ["viewer"], **wrong}
    login = given.pop("id")
    with pytest.raises(InvalidInput) as refused:
        staffed.do(people.add_person, login, company="atelier", by="boss", passwords=CHEAP, **given)
    assert refused.value.field == field


def test_people_arrange_their_own_absence_and_no_more(staffed: House) -> None:
    staffed.hire("bea", "viewer")
    changed = staffed.do(
        people.change_membership, "ana", company="atelier", by="ana",
        substitute="bea", absent_from=ON, absent_until=ON + timedelta(days=2), digest=False,
    )  # fmt: skip
    assert (changed.substitute, changed.absent_until, changed.digest) == (
        "bea", ON + timedelta(days=2), False
    )  # fmt: skip
    change: Any
    for by, change in (
        ("ana", {"limits": []}), ("ana", {"superior": "bea"}), ("bea", {"digest": True}),
        ("bea", {"roles": ["administrator"]}),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            staffed.do(people.change_membership, "ana", company="atelier", by=by, **change)
    for change in (
        {"substitute": "ana"}, {"superior": "nobody"}, {"absent_until": ON - timedelta(days=1)}
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            staffed.do(people.change_membership, "ana", company="atelier", by="boss", **change)
    back = staffed.do(
        people.change_membership, "ana", company="atelier", by="ana",
        substitute=None, absent_from=None, absent_until=None,
    )  # fmt: skip
    assert (back.substitute, back.absent_from, back.roles) == (None, None, ("approver",))


def test_a_company_keeps_an_administrator(staffed: House) -> None:
    for attempt in (
        lambda: staffed.do(
            people.change_membership, "boss", company="atelier", by="boss", roles=["approver"]
        ),
        lambda: staffed.do(people.remove_member, "boss", company="atelier", by="boss"),
        lambda: staffed.do(people.deactivate, "boss", by="boss"),
    ):
        with pytest.raises(InvalidInput, match="needs an administrator"):
            attempt()
    staffed.hire("dora", "administrator")
    staffed.do(people.remove_member, "boss", company="atelier", by="boss")
    with pytest.raises(NotAllowed):
        staffed.hire("eve", "viewer", by="boss")


def test_who_is_taken_out_is_out(staffed: House) -> None:
    session = staffed.sign_in("ana")
    _, secret = staffed.do(
        people.make_token, "ana", company="atelier", name="till", scopes=["see"], days=None,
        by="ana",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        staffed.do(people.remove_member, "ana", company="atelier", by="ana")
    staffed.do(people.remove_member, "ana", company="atelier", by="boss")
    assert staffed.do(people.signed_in, session) is None
    assert staffed.do(people.by_token, secret) is None
    with pytest.raises(NotAllowed):
        staffed.sign_in("ana")
    with pytest.raises(NotFound):
        staffed.do(people.set_password, "ana", "another password", by="ana", passwords=CHEAP)
    staffed.hire("ana", "viewer")  # she comes back: with a password of then, and no old key
    assert staffed.sign_in("ana")
    assert staffed.do(people.by_token, secret) is None


def test_a_token_does_what_it_and_its_person_may(staffed: House) -> None:
    def make(person: str, by: str, *scopes: people.Right, days: int | None = 30) -> str:
        return staffed.do(
            people.make_token, person, company="atelier", name="BI", scopes=scopes, days=days, by=by
        )[1]  # fmt: skip

    secret = make("ana", "ana", "see", "decide", "manage")
    signed = staffed.do(people.by_token, secret)
    assert signed is not None
    assert signed.who.name == "ana"
    assert {company: set(rights) for company, rights in signed.rights.items()} == {
        "atelier": {"see", "decide"}
    }
    assert staffed.do(people.by_token, secret, "other") is None
    assert staffed.do(people.by_token, secret[:-1]) is None
    with pytest.raises(NotAllowed, match="made by whoever decides"):
        make("ana", "boss", "decide")
    with pytest.raises(NotAllowed):
        make("boss", "ana", "see")
    assert staffed.do(people.by_token, make("ana", "boss", "see")) is not None
    with staffed.office.opened.core.house.database.read() as session:
        assert secret not in [one.digest for one in session.scalars(select(TokenRow))]
    kept = staffed.do(people.tokens, "atelier")
    assert {one.name for one in kept} == {"BI"}
    with pytest.raises(NotFound):
        staffed.do(people.revoke_token, "nonsense", company="atelier", by="boss")
    (own,) = [one for one in kept if "decide" in one.scopes]
    assert staffed.do(people.revoke_token, own.id, company="atelier", by="boss").revoked_at
    assert staffed.do(people.by_token, secret) is None
    short = make("ana", "ana", "see", days=1)
    staffed.forward(days=1)
    assert staffed.do(people.by_token, short) is None


def test_the_audit_is_told_and_names_nobody(staffed: House) -> None:
    staffed.do(
        people.change_membership, "ana", company="atelier", by="boss", superior="boss",
        roles=["operator"], absent_from=ON,
    )  # fmt: skip
    staffed.do(people.set_password, "ana", "another password", by="boss", passwords=CHEAP)
    staffed.do(people.deactivate, "ana", by="boss")
    told = [one for one in staffed.events() if one["subject"] == "people"]
    assert [one["event"] for one in told] == [
        "person added", "person added", "membership changed", "password changed",
        "person deactivated",
    ]  # fmt: skip
    (boss, ana), change = (one["detail"]["person"] for one in told[:2]), told[2]["detail"]
    assert change == {
        "person": ana, "superior": boss, "roles": ["operator"], "absent_from": "2026-11-23"
    }  # fmt: skip
    assert {one["actor"] for one in told[1:]} == {boss}
    text = str(told)
    assert "'ana'" not in text
    assert "Boss" not in text
    assert PASSWORD not in text
