"""Two companies in memory, people with one role each, and programs with their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from clerk import AGENT
from desk import Clock
from fastapi.testclient import TestClient

from regisseur import AsyncOffice, MemoryERP, Office
from regisseur.graphs.authority import RIGHTS, ROLES, Role
from regisseur.office import people
from regisseur.office.api.app import make_api
from regisseur.storage.ledger import Who

ON = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SETTINGS = """\
database = "sqlite://"
[server]
base_url = "https://office.example"
requests_per_minute = 100000
[companies.atelier]
name = "Atelier Martin"
locale = "en_GB"
[companies.forge]
name = "Forge"
locale = "en_GB"
"""


def erp() -> MemoryERP:
    """Two things have run low."""
    made = MemoryERP(today=ON)
    for code, supplier in (("STEEL", "Mill"), ("OAK", "Sawmill")):
        item = made.item(code, on_hand=4)
        made.offer(item, made.supplier(supplier), price="1.35", lead_time=14)
    return made


class Program:
    """Somebody's program, with a token for one company."""

    def __init__(self, client: TestClient, secret: str, company: str = "atelier") -> None:
        self.client, self.secret, self.company = client, secret, company

    def send(self, method: str, path: str, **more: Any) -> Any:
        """A request below the company."""
        headers = {"authorization": f"Bearer {self.secret}", **more.pop("headers", {})}
        return self.client.request(
            method, f"/companies/{self.company}{path}", headers=headers, **more
        )

    def get(self, path: str, **query: Any) -> Any:
        """What is answered, which must be well."""
        answer = self.send("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        """What is answered, with that status."""
        answer = self.send("POST", path, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def clock() -> Clock:
    """In the morning after the night."""
    return Clock(MORNING)


@pytest.fixture
def settings() -> str:
    """What regisseur.toml says."""
    return SETTINGS


@pytest.fixture
def office(tmp_path: Path, clock: Clock, settings: str) -> Iterator[Office]:
    """Open, with people of every role in both companies."""
    file = tmp_path / "regisseur.toml"
    file.write_text(settings)
    erps = {"atelier": erp(), "forge": erp()}
    with Office.open(file, erp=erps, agents=[AGENT], clock=clock) as opened:
        for company in ("atelier", "forge"):
            for role in reversed(ROLES):
                opened.do(
                    people.add_person,
                    f"{role}.{company}",
                    name=role.title(),
                    company=company,
                    roles=[role],
                    by=f"administrator.{company}",
                )
        yield opened


@pytest.fixture
def client(office: Office) -> Iterator[TestClient]:
    """Of the API itself."""
    api = make_api(AsyncOffice(office.opened))
    with TestClient(
        api, base_url="https://office.example", raise_server_exceptions=False
    ) as opened:
        yield opened


def program(office: Office, client: TestClient, role: Role, company: str = "atelier") -> Program:
    """A program of the person who has this role, with all that they may do."""
    person = f"{role}.{company}"
    _, secret = office.do(
        people.make_token,
        person,
        company=company,
        name="program",
        scopes=sorted(RIGHTS[role]),
        days=30,
        by=Who(person, asserted=False),
    )
    return Program(client, secret, company)


@pytest.fixture
def approver(office: Office, client: TestClient) -> Program:
    """May run, tell and decide."""
    return program(office, client, "approver")


@pytest.fixture
def night(office: Office) -> str:
    """The mission of a night that proposed two orders."""
    return office.run("clerk", on=ON, company="atelier").id
