"""The pages of two companies, in this process: whoever has a role there, with a browser."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from clerk import AGENT
from desk import Clock
from httpx2 import Response
from staff import CHEAP, PASSWORD
from starlette.applications import Starlette
from starlette.testclient import TestClient

from regisseur import AsyncOffice, MemoryERP, Office
from regisseur.graphs.authority import ROLES, Role
from regisseur.office import people
from regisseur.office.web.app import make_app

ON = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8765"
TOKEN = re.compile(r'name="token" value="([^"]+)"')
SETTINGS = """\
database = "sqlite:///office.db"
[server]
requests_per_minute = 100000
[companies.atelier]
name = "Atelier Martin"
locale = "{locale}"
[companies.forge]
name = "Forge"
locale = "{locale}"
"""
WARES = (("STEEL", "Mill", "1.35"), ("OAK", "Sawmill", "2.50"), ("GOLD", "Mint", "40"))
"""What has run low: two small orders, and one of 4,000 EUR."""


def low_on(*wares: tuple[str, str, str]) -> MemoryERP:
    """An ERP in which these have run low."""
    erp = MemoryERP(today=ON)
    for code, supplier, price in wares:
        item = erp.item(code, on_hand=4)
        erp.offer(item, erp.supplier(supplier), price=price, lead_time=14)
    return erp


@dataclass
class Visitor:
    """Somebody's browser; redirects are not followed."""

    browser: TestClient
    company: str = "atelier"
    pages: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> Response:
        """A page of the company, or any page where the path has a company already."""
        return self.browser.get(self._full(path), headers=headers)

    def text(self, path: str) -> str:
        """The page, which must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, path: str, data: Mapping[str, Any] = {}, **headers: str) -> Response:
        """Post a form from a page of ours, with the session's token."""
        headers = {"origin": ADDRESS, **headers}
        sent = {"token": self.token, **data}
        return self.browser.post(self._full(path), data=sent, headers=headers)

    @property
    def token(self) -> str:
        """That of the session, from the first page with a form."""
        if not (found := self.pages.get("token")):
            page = self.browser.get("/sign-in", follow_redirects=True).text
            match = TOKEN.search(page)
            assert match is not None, page
            found = self.pages["token"] = match[1]
        return found

    def _full(self, path: str) -> str:
        return path if path.startswith("/") else f"/{self.company}/{path}"


@dataclass
class Site:
    """The open office, its pages, and who visits them."""

    office: Office
    app: Starlette
    erps: dict[str, MemoryERP]
    clock: Clock

    def stranger(self) -> Visitor:
        """Nobody who signed in."""
        return Visitor(
            TestClient(
                self.app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False
            )
        )

    def visitor(self, role: Role, company: str = "atelier") -> Visitor:
        """Whoever has this role, signed in."""
        return self.signed_in(f"{role}.{company}", company)

    def signed_in(self, login: str, company: str = "atelier") -> Visitor:
        """Somebody, signed in."""
        visitor = self.stranger()
        secret = self.office.do(
            people.sign_in, login, PASSWORD, address="192.0.2.1", passwords=CHEAP
        )
        visitor.browser.cookies.set("regisseur", secret)
        visitor.company = company
        return visitor

    def hire(self, login: str, *roles: Role, company: str = "atelier", **more: Any) -> None:
        """One more person."""
        self.office.do(
            people.add_person, login, name=login.title(), company=company, roles=roles,
            password=PASSWORD, passwords=CHEAP, by=f"administrator.{company}", **more,
        )  # fmt: skip


def opened(folder: Path, template: Path, clock: Clock, locale: str = "en_GB") -> Iterator[Site]:
    """Two companies with people of every role, and a night of each."""
    shutil.copy(template, folder / "office.db")
    file = folder / "regisseur.toml"
    file.write_text(SETTINGS.format(locale=locale))
    erps = {"atelier": low_on(*WARES), "forge": low_on(*WARES[:2])}
    with Office.open(file, erp=erps, agents=[AGENT], clock=clock) as office:
        site = Site(office, make_app(AsyncOffice(office.opened)), erps, clock)
        for company in erps:
            for role in sorted(ROLES, key=lambda one: one != "administrator"):
                site.hire(f"{role}.{company}", role, company=company)
            office.run("clerk", on=ON, company=company)
        yield site


@pytest.fixture
def site(tmp_path: Path, sqlite_template: Path) -> Iterator[Site]:
    """Two companies; three actions wait in the first, two in the second."""
    yield from opened(tmp_path, sqlite_template, Clock(MORNING))
