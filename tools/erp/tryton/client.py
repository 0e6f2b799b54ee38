"""Tryton's JSON-RPC: signing in, calling, and reading whole models page by page.

Everything is a POST to ``<url>/<database>/rpc/``; the last parameter is always the context.
A session is opened at the first call and renewed when the server no longer knows it (401); a 401
is given before anything is done, so repeating is safe even for a write.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from regisseur.errors import Misconfigured, OutcomeUnknown, RegisseurError, Unsupported
from regisseur.tools.erp.http import Answer, Call, Effect, Http
from regisseur.tools.erp.tryton.codec import decode, encode
from regisseur.tools.erp.tryton.errors import discreet, refusal, rejected
from regisseur.tools.erp.tryton.settings import TrytonSettings
from regisseur.tools.records import RecordRef

Row = dict[str, Any]
Domain = Sequence[Any]

MODELS = {
    "item": "product.product",
    "supplier": "party.party",
    "customer": "party.party",
    "purchase_order": "purchase.purchase",
    "sale": "sale.sale",
    "production": "production",
    "invoice": "account.invoice",
    "delivery": "stock.shipment.out",
}
"""Tryton's model for each of our words."""


@dataclass(frozen=True)
class Session:
    """Who we are and for which company we work."""

    user_id: int
    company: int
    token: str = field(repr=False)
    context: Mapping[str, Any]


class _SessionOver(Exception):
    """The server no longer knows the session."""


class Client:
    """Calls on one Tryton database."""

    def __init__(
        self, settings: TrytonSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.settings = settings
        self.http = Http(settings.url, "Tryton", settings.http, transport=transport)
        self._database_path = f"/{quote(settings.database, safe='')}/rpc/"
        self._session: Session | None = None
        self._secrets = {settings.password}
        """What must not come back in the text of an error."""
        self._signing_in = asyncio.Lock()
        self._numbers = itertools.count(1)
        self._fields: dict[str, Mapping[str, Row]] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def close(self) -> None:
        """Release sockets; the session is left to expire."""
        await self.http.close()

    async def session(self) -> Session:
        """The open session, signing in if there is none."""
        return self._session or await self._renewed(None)

    async def read(self, method: str, *params: Any, **context: Any) -> Any:
        """The result of a call that changes nothing."""
        return await self._call("read", method, params, context)

    async def write(self, method: str, *params: Any, **context: Any) -> Any:
        """The result of a call that changes something; never repeated."""
        return await self._call("write", method, params, context)

    async def read_all(
        self, model: str, domain: Domain, fields: Sequence[str], **context: Any
    ) -> list[Row]:
        """Every record of the domain by ascending id, in one request per page."""
        pages = self.pages(model, domain, fields, **context)
        return [row async for page in pages for row in page]

    async def pages(
        self, model: str, domain: Domain, fields: Sequence[str], **context: Any
    ) -> AsyncIterator[list[Row]]:
        """The same a page at a time, for records that are too many to be kept."""
        after: Domain = []
        while True:
            page = await self._page(model, [*after, domain], fields, context)
            yield page
            if len(page) < self.settings.page_size:
                return
            after = [["id", ">", page[-1]["id"]]]

    async def _page(
        self, model: str, domain: Domain, fields: Sequence[str], context: Mapping[str, Any]
    ) -> list[Row]:
        size, order = self.settings.page_size, [["id", "ASC"]]
        method = f"model.{model}.search_read"
        page: list[Row] = await self.read(method, domain, 0, size, order, [*fields], **context)
        return page

    async def read_ids(
        self, model: str, name: str, ids: Sequence[Any], domain: Domain, fields: Sequence[str]
    ) -> list[Row]:
        """Every record of the domain whose field ``name`` is one of these, a page of ids at a
        time.
        """
        rows: list[Row] = []
        size = self.settings.page_size
        wanted = sorted(set(ids))
        for start in range(0, len(wanted), size):
            some = [[name, "in", wanted[start : start + size]], *domain]
            if name == "id":
                rows += await self._page(model, [some], fields, {})
            else:
                rows += await self.read_all(model, some, fields)
        return rows

    async def known(self, model: str, *names: str) -> Mapping[str, Row]:
        """Those of the fields that this Tryton has, with their definitions, asked once.

        Modules bring fields, and asking for one that isn't there is an error.
        """
        asked = ",".join((model, *names))
        async with self._asking[asked]:
            if asked not in self._fields:
                try:
                    found = await self.read(f"model.{model}.fields_get", list(names))
                except Unsupported:
                    found = {}
                self._fields[asked] = found
        return self._fields[asked]

    async def version(self) -> str:
        """The server's series, for example 8.2."""
        answer = await self._post("read", "/rpc/", "common.server.version", [])
        return str(answer)

    def link(self, model: str, record_id: object) -> str:
        """Where a person sees the record in Tryton's web client."""
        database = quote(self.settings.database, safe="")
        return f"{self.settings.url}/#{database}/model/{model}/{record_id}"

    def ref(self, word: str, record_id: object, label: str | None = None) -> RecordRef:
        """A link to a record, by our word for its kind."""
        url = self.link(MODELS[word], record_id)
        return RecordRef(model=word, id=str(record_id), label=label or "", url=url)

    async def _call(
        self, effect: Effect, method: str, params: Sequence[Any], context: Mapping[str, Any]
    ) -> Any:
        session = await self.session()
        try:
            return await self._as(session, effect, method, params, context)
        except _SessionOver:
            session = await self._renewed(session)
        try:
            return await self._as(session, effect, method, params, context)
        except _SessionOver as error:
            raise self._unwelcome() from error

    async def _as(
        self,
        session: Session,
        effect: Effect,
        method: str,
        params: Sequence[Any],
        context: Mapping[str, Any],
    ) -> Any:
        everything = [*params, {**session.context, **context}]
        return await self._post(effect, self._database_path, method, everything, session.token)

    async def _post(
        self, effect: Effect, path: str, method: str, params: list[Any], token: str | None = None
    ) -> Any:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Session {token}"
        body = encode({"id": next(self._numbers), "method": method, "params": params})
        answer = await self.http.send(
            Call(name=method, effect=effect, path=path, content=body, headers=headers)
        )
        if answer.status == 401:
            raise _SessionOver
        if not (isinstance(answer.data, dict) and "result" in answer.data):
            answer = discreet(answer, self._secrets)
        if answer.status >= 400:
            raise rejected(answer, method, self.settings.database, self.settings.url)
        return self._result(effect, method, answer)

    def _result(self, effect: Effect, method: str, answer: Answer) -> Any:
        match answer.data:
            case {"error": error}:
                raise refusal(error, method.removeprefix("model.").rpartition(".")[0])
            case {"result": result}:
                return decode(result)
        raise self._not_tryton(effect, method)

    def _not_tryton(self, effect: Effect, method: str) -> RegisseurError:
        text = f"{self.settings.url} answers, but not as a Tryton does"
        if effect == "write":
            return OutcomeUnknown(f"{text}: look up whether {method} was carried out.")
        return Misconfigured(f"{text}. Check the url setting.")

    async def _renewed(self, expired: Session | None) -> Session:
        """A session other than the expired one; concurrent callers share one signing in."""
        async with self._signing_in:
            if self._session is None or self._session is expired:
                self._session = None
                self._session = await self._sign_in()
            return self._session

    async def _sign_in(self) -> Session:
        settings = self.settings
        password = settings.password.get_secret_value()
        params = [settings.user, {"password": password}, "en"]
        try:
            user_id, key, *_ = await self._post(
                "sign_in", self._database_path, "common.db.login", params
            )
            token = base64.b64encode(f"{settings.user}:{user_id}:{key}".encode()).decode()
            self._secrets |= {SecretStr(str(key)), SecretStr(token)}
            wanted = {} if settings.company is None else {"company": settings.company}
            preferences = await self._post(
                "read",
                self._database_path,
                "model.res.user.get_preferences",
                [True, wanted],
                token,
            )
        except _SessionOver as error:
            raise self._unwelcome() from error
        company = self._company(preferences)
        context = {
            "company": company,
            "companies": [company],
            "language": preferences.get("language") or "en",
        }
        if employee := preferences.get("employee"):
            context["employee"] = employee
        return Session(user_id=user_id, company=company, token=token, context=context)

    def _company(self, preferences: Row) -> int:
        wanted = self.settings.company
        if wanted is not None and wanted not in preferences.get("companies", []):
            raise Misconfigured(
                f"{self.settings.user} may not work for company {wanted} in Tryton. "
                "Check the company setting or the user's companies."
            )
        company = wanted or preferences.get("company")
        if company is None:
            raise Misconfigured(
                f"{self.settings.user} works for no company in Tryton. "
                "Choose the user's current company there."
            )
        return int(company)

    def _unwelcome(self) -> Misconfigured:
        return Misconfigured(
            f"Tryton at {self.settings.url} does not let {self.settings.user} sign in. "
            "Check the user and password settings."
        )
