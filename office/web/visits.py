"""A visit: one request of somebody, and what its page may ask of the office."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from regisseur.graphs.authority import Right
from regisseur.office.core import Core
from regisseur.office.faces import AsyncOffice
from regisseur.office.people import SignedIn
from regisseur.office.reports.reader import Reader
from regisseur.office.web import notices
from regisseur.office.web.addresses import ours
from regisseur.storage import ledger
from regisseur.tools.records import Company, Message

P = ParamSpec("P")
T = TypeVar("T")
Admitted = Right | Literal["anyone", "person"]
"""Whom a door lets in: those with a right in the path's company, whoever signed in, or anyone."""


@dataclass(frozen=True)
class Visit:
    """One request: of whom, about which company, and what was sent with it."""

    request: Request
    office: AsyncOffice
    person: SignedIn | None
    """Who signed in; behind a door that asks for it there is always somebody: see ``someone``."""
    company: Company | None
    """That of the path, where it names one: see ``here``."""
    token: str
    """The session's: every form that posts carries it."""
    form: FormData = field(default_factory=FormData)
    """What was posted."""
    notice: Message | None = None
    """What is told once at the top of the page, from the page before."""

    @property
    def someone(self) -> SignedIn:
        """Who signed in."""
        if self.person is None:
            raise RuntimeError("this door lets in people who didn't sign in")
        return self.person

    @property
    def who(self) -> ledger.Who:
        """The person as author of what is done here."""
        return self.someone.who

    @property
    def here(self) -> Company:
        """The company that the path names."""
        if self.company is None:
            raise RuntimeError("this door's path names no company")
        return self.company

    def may(self, right: Right) -> bool:
        """Has the visitor this right here? For what a page offers; the door behind checks again."""
        return self.company is not None and self.someone.may(self.company.id, right)

    @property
    def locale(self) -> str:
        """The language of the page: the person's own, else the company's."""
        if self.person is not None and self.person.person.locale:
            return self.person.person.locale
        house = self.office.opened.core.house
        return (self.company or next(iter(house.desks.values())).company).locale

    @cached_property
    def reader(self) -> Reader:
        """Words, values, days and hours as the visitor reads them, seen from today."""
        house = self.office.opened.core.house
        desk = house.desks[self.company.id] if self.company else next(iter(house.desks.values()))
        return Reader(Today(desk.local_day(desk.now()), desk.company), self.locale)

    @property
    def token_field(self) -> Markup:
        """For every form that posts: ``{{ visit.token_field }}``."""
        return Markup('<input type="hidden" name="token" value="{}">').format(self.token)

    @property
    def wants_a_piece(self) -> bool:
        """Did our script ask, which puts a piece of a page in its place?"""
        return self.request.headers.get("x-regisseur") == "piece"

    async def do(
        self,
        operation: Callable[Concatenate[Core, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """An operation of the office: ``await visit.do(people.members, visit.here.id)``."""
        return await self.office.do(operation, *args, **kwargs)

    def to(self, path: str, notice: Message | None = None) -> Response:
        """Go on at a page of ours (``/atelier/inbox``), which tells the notice once."""
        if ours(path, "") != path:
            raise ValueError(f"{path} is no page of ours")
        answer = RedirectResponse(path, status_code=303)
        if notice is not None:
            notices.hand_over(
                answer, notice, self.token, secure=self.request.app.state.server.secure
            )
        return answer


@dataclass(frozen=True)
class Today:
    """What a reader reads from: the company and its day."""

    on: date
    company: Company


Endpoint = Callable[[Visit], Awaitable[Response]]
"""What stands behind a door."""
