"""The people of a small company, and an office in which they decide: ``house`` is open, its two
orders wait, and nothing is sent to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from argon2 import PasswordHasher
from clerk import AGENT
from databases import NewUrl

from regisseur import Company, MemoryERP, Office
from regisseur.office import people
from regisseur.office.core import Core

P = ParamSpec("P")
T = TypeVar("T")
ON = date(2026, 11, 23)
ATELIER = Company(id="atelier", name="Atelier", locale="en_GB")
CHEAP = people.Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Made in no time; for tests only."""
PASSWORD = "correct horse battery"


@dataclass
class House:
    """An open office whose clock a test moves."""

    office: Office
    erp: MemoryERP
    clock: list[datetime] = field(default_factory=list)

    def do(
        self,
        operation: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """An operation on the house."""
        return self.office.do(operation, *args, **kwargs)

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.clock[0] += timedelta(**by)

    def hire(self, login: str, *roles: people.Role, by: str = "boss", **more: Any) -> people.Member:
        """Somebody with the usual password; ``boss`` is the first, and an administrator."""
        return self.do(
            people.add_person, login, name=login.title(), company="atelier", roles=roles,
            password=PASSWORD, passwords=CHEAP, by=by, **more,
        )  # fmt: skip

    def sign_in(self, login: str, password: str = PASSWORD, address: str = "192.0.2.1") -> str:
        """A session's token."""
        return self.do(people.sign_in, login, password, address=address, passwords=CHEAP)

    def events(self) -> list[dict[str, Any]]:
        """The audit chain, which has to be whole."""
        assert self.office.audit_verify().intact
        return self.office.audit_export()


@contextmanager
def opened(url: str) -> Iterator[House]:
    """An office on this database without any people yet; four things have run low."""
    clock = [datetime(2026, 11, 23, 5, 0, tzinfo=UTC)]
    erp = MemoryERP(today=ON)
    for code, price in (("STEEL", "1.35"), ("OAK", "2.50"), ("BRASS", "9"), ("SILVER", "90")):
        item = erp.item(code, on_hand=4)
        erp.offer(item, erp.supplier(f"{code} mill"), price=price, lead_time=14)
    with Office.open(
        company=ATELIER, erp=erp, agents=[AGENT], database=url, clock=lambda: clock[0]
    ) as office:
        yield House(office, erp, clock)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_url: NewUrl) -> Iterator[House]:
    """An open office."""
    monkeypatch.chdir(tmp_path)
    with opened(new_url("sqlite")) as made:
        yield made


@pytest.fixture
def real_house(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_url: NewUrl, database_kind: str
) -> Iterator[House]:
    """The same on SQLite, then on PostgreSQL."""
    monkeypatch.chdir(tmp_path)
    with opened(new_url(database_kind)) as made:
        yield made
