"""Every page × role × company: who gets through its door. The list is the application's own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk import Clock
from httpx2 import Response
from sqlalchemy import select
from website import ADDRESS, MORNING, ON, Site, Visitor, opened

from regisseur.graphs.authority import RIGHTS, ROLES, Role
from regisseur.office.web.pages import Door
from regisseur.storage.base import Base

Things = dict[str, dict[str, str]]
PARAMETER = re.compile(r"\{(\w+)\}")
SEEN = {"session", "sign_in_attempt"}
"""Tables that only tell who comes and goes."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """One for all: whoever is turned away changes nothing."""
    for site in opened(tmp_path_factory.mktemp("site"), sqlite_template, Clock(MORNING)):
        for company in ("atelier", "forge"):
            site.hire(f"guest.{company}", "viewer", company=company)
        yield site


def doors(site: Site) -> list[Door]:
    found = [one for one in site.app.routes if isinstance(one, Door)]
    assert len(found) > 10
    return found


def inside(site: Site) -> list[Door]:
    return [one for one in doors(site) if "{company}" in one.path]


@pytest.fixture(scope="module")
def things(site: Site) -> Things:
    """Of each company: what the pages about one thing are about."""
    return {
        company: {
            "action": site.office.inbox(company=company)[0].id,
            "mission": site.office.run("clerk", on=ON, company=company).id,
            "person": f"guest.{company}",
            "agent": "clerk",
            "on": str(ON),
            "name": "house.css",
        }
        for company in ("atelier", "forge")
    }


def filled(door: Door, company: str, things: dict[str, str]) -> str:
    """A page of a company, about things that may be another's."""
    known = {**things, "company": company}
    return PARAMETER.sub(lambda one: known.get(one[1], "nothing"), door.path)


def passes(visitor: Visitor, door: Door, path: str) -> Response:
    return visitor.get(path) if door.method == "GET" else visitor.post(path)


def test_every_page_says_whom_it_admits(site: Site) -> None:
    for door in doors(site):
        assert door.admitted == "anyone" or door.admitted == "person" or "{company}" in door.path
    open_to_all = {f"{one.method} {one.path}" for one in doors(site) if one.admitted == "anyone"}
    assert open_to_all <= {
        "GET /", "GET /sign-in", "POST /sign-in", "GET /static/{name}",
        "GET /sign-in/provider", "GET /sign-in/provider/back",
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_role_passes_the_doors_of_its_rights_only(site: Site, role: Role, things: Things) -> None:
    visitor = site.visitor(role)
    for door in inside(site):
        answer = passes(visitor, door, filled(door, "atelier", things["atelier"]))
        named = f"{role} at {door.name}: {answer.status_code}"
        if door.admitted in RIGHTS[role]:
            assert answer.status_code not in (401, 500), named + answer.text
        else:
            assert answer.status_code == 403, named


@pytest.mark.parametrize("role", ROLES)
def test_another_company_is_not_there(site: Site, role: Role, things: Things) -> None:
    visitor = site.visitor(role)
    before = site.office.audit_export(company="forge")
    for door in inside(site):
        answer = passes(visitor, door, filled(door, "forge", things["forge"]))
        nowhere = passes(visitor, door, filled(door, "nowhere", things["forge"]))
        assert answer.status_code == nowhere.status_code == 404, door.name
        assert answer.text == nowhere.text, door.name
    assert site.office.audit_export(company="forge") == before


def test_things_of_another_company_are_not_there_either(site: Site, things: Things) -> None:
    site.hire("chief", "approver", "administrator")
    visitor = site.signed_in("chief")
    before = site.office.audit_export(company="forge")
    for door in inside(site):
        if not {"action", "mission", "person"} & {*PARAMETER.findall(door.path)}:
            continue
        answer = passes(visitor, door, filled(door, "atelier", things["forge"]))
        assert answer.status_code == 404, f"{door.name}: {answer.status_code} {answer.text}"
    assert site.office.audit_export(company="forge") == before


def test_a_stranger_is_asked_to_sign_in(site: Site, things: Things) -> None:
    stranger = site.stranger()
    for door in doors(site):
        if door.admitted == "anyone":
            continue
        path = filled(door, "atelier", things["atelier"])
        answer = passes(stranger, door, path)
        assert answer.status_code == 303, door.name
        assert answer.headers["location"].startswith("/sign-in"), door.name


def test_nothing_is_taken_that_was_not_sent_from_our_own_page(site: Site, things: Things) -> None:
    visitor, other = site.visitor("approver"), site.visitor("administrator")
    tokens = {"": "none", other.token: "another session's", visitor.token[:-1]: "cut off"}
    for door in doors(site):
        if door.method == "GET":
            continue
        path = filled(door, "atelier", things["atelier"])
        for token, named in tokens.items():
            assert visitor.post(path, {"token": token}).status_code == 403, f"{door.name}: {named}"
        for origin in ("https://evil.example", "null", f"{ADDRESS}.evil.example", ""):
            assert visitor.post(path, origin=origin).status_code == 403, f"{door.name}: {origin}"
        silent = visitor.browser.post(path, data={"token": visitor.token})
        assert silent.status_code == 403, door.name


def test_looking_changes_nothing(site: Site, things: Things) -> None:
    site.hire("looker", "approver", "administrator")
    visitor = site.signed_in("looker")
    paths = [
        filled(door, "atelier", things["atelier"]) for door in inside(site) if door.method == "GET"
    ]
    before = everything(site)
    for path in paths:
        visitor.get(path)
        visitor.browser.head(path)
    assert everything(site) == before


def everything(site: Site) -> dict[str, list[Any]]:
    """All rows of all tables that hold what people and agents did."""
    with site.office.opened.core.house.database.read() as session:
        return {
            name: [tuple(row) for row in session.execute(select(table))]
            for name, table in Base.metadata.tables.items()
            if name not in SEEN
        }
