"""Signing in and out: passwords, locks, sessions, accounts of a provider."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from staff import CHEAP, PASSWORD, House

from regisseur.errors import InvalidInput, NotAllowed, NotFound, RetryLater
from regisseur.office import people
from regisseur.office.people.passwords import Passwords, digest_of
from regisseur.office.settings import OidcSettings
from regisseur.storage.house_tables import AttemptRow, PersonRow, SessionRow


@pytest.fixture
def staffed(house: House) -> House:
    """A boss who administers, Ana who approves, Vic who looks."""
    house.hire("boss", "administrator", by="whoever opens it")
    house.hire("ana", "approver")
    house.hire("vic", "viewer")
    return house


def rows(house: House, table: type[Any]) -> list[Any]:
    with house.office.opened.core.house.database.read() as session:
        return list(session.scalars(select(table)))


def test_a_session_carries_the_person_and_their_rights_as_they_are_now(staffed: House) -> None:
    token = staffed.sign_in(" Ana ")
    signed = staffed.do(people.signed_in, token)
    assert signed is not None
    assert (signed.person.id, signed.who.name, signed.who.asserted) == ("ana", "ana", False)
    assert signed.may("atelier", "decide")
    with pytest.raises(NotAllowed, match="Ana lacks the right 'manage'"):
        signed.require("atelier", "manage")
    with pytest.raises(NotFound, match="there is no company 'other'"):
        signed.require("other", "see")
    staffed.do(people.change_membership, "ana", company="atelier", roles=["viewer"], by="boss")
    again = staffed.do(people.signed_in, token)
    assert again is not None
    assert again.rights == {"atelier": {"see"}}
    staffed.do(people.sign_out, token)
    assert staffed.do(people.signed_in, token) is None


def test_neither_password_nor_token_is_kept(staffed: House) -> None:
    token = staffed.sign_in("ana")
    (session,) = rows(staffed, SessionRow)
    assert session.id == digest_of(token) != token
    kept = [one.password_hash for one in rows(staffed, PersonRow)]
    assert all(one.startswith("$argon2id$") and PASSWORD not in one for one in kept)
    told = str(staffed.events())
    assert PASSWORD not in told
    assert not [one for one in (*kept, token, session.id, "ana", "Vic") if one in told]


class Noting(Passwords):
    """Notes what had to be checked."""

    def __init__(self) -> None:
        super().__init__(CHEAP._hasher)
        self.checked: list[tuple[bool, str]] = []

    async def right(self, kept: str | None, password: str) -> bool:
        self.checked.append((kept is not None, password))
        return await super().right(kept, password)


def test_unknown_logins_and_wrong_passwords_are_told_the_same_after_the_same_work(
    staffed: House,
) -> None:
    staffed.do(people.deactivate, "vic", by="boss")
    passwords, told = Noting(), set()
    for login, password in (
        ("ana", "a wrong password"), ("nobody", PASSWORD), ("vic", PASSWORD), ("a b\ud800", "\ud800"),
    ):  # fmt: skip
        with pytest.raises(NotAllowed) as refused:
            staffed.do(people.sign_in, login, password, address="192.0.2.1", passwords=passwords)
        told.add(str(refused.value))
    assert len(told) == 1
    assert [known for known, _ in passwords.checked] == [True, False, False, False]


@pytest.mark.parametrize("login", ["ana", "nobody"])
def test_a_login_is_locked_after_wrong_passwords_whoever_it_is(staffed: House, login: str) -> None:
    for attempt in range(5):
        staffed.forward(minutes=1)
        with pytest.raises(NotAllowed):
            staffed.sign_in(login, "a wrong password", address=f"192.0.2.{attempt}")
    staffed.forward(minutes=1)
    with pytest.raises(RetryLater) as locked:
        staffed.sign_in(login, PASSWORD, address="198.51.100.7")
    assert locked.value.after == timedelta(minutes=10).total_seconds()
    assert staffed.sign_in("vic")
    staffed.forward(minutes=10)
    if login == "ana":
        assert staffed.sign_in(login)
        for _ in range(4):  # the right one has been given since: it starts anew
            with pytest.raises(NotAllowed):
                staffed.sign_in(login, "a wrong password")
        assert staffed.sign_in(login)


def test_attempts_at_once_are_counted_before_they_are_checked(real_house: House) -> None:
    house, passwords = real_house, Noting()
    house.hire("boss", "administrator", by="whoever opens it")
    start = threading.Barrier(12)

    def guess(number: int) -> str:
        start.wait()
        try:
            house.do(
                people.sign_in, "boss", f"wrong password {number}", address=f"192.0.2.{number}",
                passwords=passwords,
            )  # fmt: skip
        except (NotAllowed, RetryLater) as error:
            return type(error).__name__
        return "signed in"

    with ThreadPoolExecutor(12) as guessing:
        told = list(guessing.map(guess, range(12)))
    assert sorted(told) == ["NotAllowed"] * 5 + ["RetryLater"] * 7
    assert len(passwords.checked) == 5


def test_an_address_has_to_wait_whatever_logins_it_tries(staffed: House) -> None:
    for number in range(30):
        with pytest.raises(NotAllowed):
            staffed.sign_in(f"guess{number}", "a wrong password")
    with pytest.raises(RetryLater):
        staffed.sign_in("ana")
    assert staffed.sign_in("ana", address="198.51.100.7")
    staffed.forward(minutes=15)
    assert staffed.sign_in("ana")
    assert len(rows(staffed, AttemptRow)) == 1, "old attempts are forgotten"


def test_a_session_ends_when_it_is_not_used_and_in_any_case(staffed: House) -> None:
    idle, used = staffed.sign_in("ana"), staffed.sign_in("ana")
    for _ in range(2):
        staffed.forward(minutes=59)
        assert staffed.do(people.signed_in, used) is not None
    assert staffed.do(people.signed_in, idle) is None
    for _ in range(20):
        staffed.forward(minutes=30)
        staffed.do(people.signed_in, used)
    staffed.forward(minutes=1)
    assert staffed.do(people.signed_in, used) is not None
    staffed.forward(minutes=2)
    assert staffed.do(people.signed_in, used) is None, "twelve hours are over"


def test_another_password_ends_the_sessions(staffed: House) -> None:
    token = staffed.sign_in("ana")
    for by in ("vic", "nobody"):
        with pytest.raises(NotAllowed):
            staffed.do(people.set_password, "ana", "another password", by=by, passwords=CHEAP)
    with pytest.raises(InvalidInput, match="password: use 10 to 1000"):
        staffed.do(people.set_password, "ana", "short", by="ana", passwords=CHEAP)
    staffed.do(people.set_password, "ana", "another password", by="ana", passwords=CHEAP)
    assert staffed.do(people.signed_in, token) is None
    with pytest.raises(NotAllowed):
        staffed.sign_in("ana")
    assert staffed.sign_in("ana", "another password")


def test_an_account_of_the_provider_is_linked_once_by_a_verified_address(staffed: House) -> None:
    house, issuer = staffed, "https://login.example"
    house.hire("dora", "viewer", email="dora@atelier.example")
    with pytest.raises(NotAllowed, match=r"\[signing\.oidc\]"):
        house.do(people.sign_in_oidc, issuer, "7", email="dora@atelier.example")
    signing = house.office.opened.core.house.settings.signing
    signing.oidc = OidcSettings(issuer=issuer, client_id="regisseur")
    for subject, email in (("7", None), ("7", "eve@atelier.example")):
        with pytest.raises(NotAllowed, match="nobody is known"):
            house.do(people.sign_in_oidc, issuer, subject, email=email)
    token = house.do(people.sign_in_oidc, issuer, "7", email="Dora@atelier.example")
    signed = house.do(people.signed_in, token)
    assert signed is not None
    assert signed.person.id == "dora"
    assert house.do(people.sign_in_oidc, issuer, "7")
    with pytest.raises(NotAllowed):  # another account with that address is somebody else
        house.do(people.sign_in_oidc, issuer, "8", email="dora@atelier.example")
