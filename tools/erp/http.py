"""One resilient HTTP base for all adapters.

Whether a request may be repeated follows from what it does to the other side (``Effect``), never
from its HTTP verb: in several ERPs every read is a POST. Reads are repeated with growing, jittered
pauses; writes are sent once. A write that may have arrived and got no usable answer raises
``OutcomeUnknown``; one that provably never left raises ``RetryLater``.

Nothing that travels (credentials, tokens, bodies) is ever logged or put on a span.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import anyio
import httpx
from aiolimiter import AsyncLimiter
from opentelemetry import trace
from pydantic import BaseModel, ConfigDict, Field
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random_exponential,
)

from regisseur.errors import Misconfigured, OutcomeUnknown, RegisseurError, RetryLater

Effect = Literal["read", "sign_in", "write"]
"""What a request does: ``read`` may be repeated, ``sign_in`` may be unless the door is locked,
``write`` never is."""

log = logging.getLogger(__name__)
tracer = trace.get_tracer("regisseur.erp")

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_MEGABYTE = 1024 * 1024


class HttpSettings(BaseModel):
    """How patient and how gentle a connection is; the defaults suit a small company's server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect_seconds: float = Field(default=5, gt=0)
    read_seconds: float = Field(default=60, gt=0)
    """Longest silence while an answer is awaited."""
    total_seconds: float = Field(default=120, gt=0)
    """Longest single exchange, from connecting to the last byte."""
    attempts: int = Field(default=6, ge=1)
    """How often a read is tried in all; six span about eight seconds, enough for a restart."""
    first_pause_seconds: float = Field(default=0.5, ge=0)
    longest_pause_seconds: float = Field(default=20, ge=0)
    """A server that asks for a longer pause is not waited for: the caller is told instead."""
    requests_per_second: float = Field(default=20, ge=1)
    concurrency: int = Field(default=4, ge=1)
    largest_answer_mb: float = Field(default=64, gt=0)


@dataclass(frozen=True)
class Call:
    """One request; ``name`` is what spans and logs call it, so it must hold no data."""

    name: str
    effect: Effect
    path: str
    method: str = "POST"
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Answer:
    """A whole answer; ``data`` is its JSON with decimals kept exact."""

    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)
    is_json: bool
    data: Any = field(repr=False)


class _LockedOut(RetryLater):
    """Too many attempts to sign in: trying again would only prolong it."""


class Http:
    """One ERP's address, with limits, retries and a count of the requests made.

    ``definite`` tells of an answer with an error status whether it is the vendor's own clear
    answer (some vendors answer 500 to a business refusal); such answers are returned.
    """

    def __init__(
        self,
        address: str,
        vendor: str,
        settings: HttpSettings,
        *,
        definite: Callable[[Answer], bool] = lambda answer: False,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.address = address.rstrip("/")
        self.vendor = vendor
        self.settings = settings
        self.requests = 0
        self._definite = definite
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._rate = AsyncLimiter(settings.requests_per_second, 1.0)
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(settings.read_seconds, connect=settings.connect_seconds),
            trust_env=not _loopback(self.address),
        )

    async def close(self) -> None:
        """Release sockets."""
        await self._client.aclose()

    async def send(self, call: Call) -> Answer:
        """The answer, of a 2xx or 4xx status or one that ``definite`` recognises.

        Raises ``Misconfigured``, ``RetryLater`` or, for writes only, ``OutcomeUnknown``.
        """
        if call.effect == "write":
            return await self._observed(call)
        attempts = AsyncRetrying(
            retry=retry_if_exception(self._worth_repeating),
            stop=stop_after_attempt(self.settings.attempts),
            wait=self._pause,
            before_sleep=self._log_pause,
            reraise=True,
        )
        return await attempts(self._observed, call)

    def _worth_repeating(self, error: BaseException) -> bool:
        if not isinstance(error, RetryLater) or isinstance(error, _LockedOut):
            return False
        return error.after is None or error.after <= self.settings.longest_pause_seconds

    def _pause(self, state: RetryCallState) -> float:
        first, longest = self.settings.first_pause_seconds, self.settings.longest_pause_seconds
        pause = wait_random_exponential(multiplier=first, max=longest)(state)
        error = state.outcome.exception() if state.outcome else None
        return max(pause, error.after or 0) if isinstance(error, RetryLater) else pause

    def _log_pause(self, state: RetryCallState) -> None:
        call: Call = state.args[0]
        log.warning("%s %s: no answer, attempt %d", self.vendor, call.name, state.attempt_number)

    async def _observed(self, call: Call) -> Answer:
        """One attempt, within the limits, with its span and its line in the log."""
        async with self._slots, self._rate:
            started = time.perf_counter()
            outcome: str | int = "cancelled"
            with tracer.start_as_current_span(
                f"{self.vendor} {call.name}", record_exception=False, set_status_on_exception=False
            ) as span:
                span.set_attribute("regisseur.vendor", self.vendor)
                span.set_attribute("regisseur.operation", call.name)
                span.set_attribute("regisseur.effect", call.effect)
                try:
                    answer = await self._exchange(call)
                    outcome = answer.status
                    span.set_attribute("http.response.status_code", answer.status)
                    return answer
                except RegisseurError as error:
                    outcome = type(error).__name__
                    span.set_status(trace.StatusCode.ERROR, outcome)
                    raise
                finally:
                    spent = 1000 * (time.perf_counter() - started)
                    log.debug("%s %s: %s in %.0f ms", self.vendor, call.name, outcome, spent)

    async def _exchange(self, call: Call) -> Answer:
        self.requests += 1
        try:
            with anyio.fail_after(self.settings.total_seconds):
                request = self._client.build_request(
                    call.method,
                    self.address + call.path,
                    content=call.content,
                    headers=dict(call.headers),
                )
                response = await self._client.send(request, stream=True)
                try:
                    body = await self._body(call, response)
                finally:
                    await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise self._explain(call, error) from error
        is_json, data = _json(body)
        answer = Answer(response.status_code, response.headers, body, is_json, data)
        return self._judge(call, answer)

    async def _body(self, call: Call, response: httpx.Response) -> bytes:
        limit = self.settings.largest_answer_mb
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit * _MEGABYTE:
                text = f"The answer to {call.name} from {self.address} is larger than {limit:g} MB"
                if call.effect == "write":
                    raise OutcomeUnknown(f"{text}; look up whether it was carried out.")
                raise Misconfigured(f"{text}; raise largest_answer_mb or ask for smaller pages.")
        return bytes(body)

    def _judge(self, call: Call, answer: Answer) -> Answer:
        status = answer.status
        if 400 <= status < 500 and status != 429:
            return answer
        if 200 <= status < 300:
            if answer.is_json or status == 204:
                return answer
            raise self._no_data(call, answer)
        if self._definite(answer):
            return answer
        if status == 429:
            raise self._too_many(call, answer)
        if 300 <= status < 400:
            raise self._strange(call, f"{self.address} answers with a redirection")
        raise self._unanswered(call, f"answered with error {status}", _retry_after(answer.headers))

    def _too_many(self, call: Call, answer: Answer) -> RetryLater:
        after = _retry_after(answer.headers)
        if call.effect == "sign_in":
            return _LockedOut(
                f"{self.vendor} at {self.address} refuses to sign us in for now: too many "
                "attempts. Wait some minutes; if it comes back, check user and password.",
                after=after,
            )
        return RetryLater(f"{self.vendor} at {self.address} asks for fewer requests.", after=after)

    def _no_data(self, call: Call, answer: Answer) -> RegisseurError:
        kind = answer.headers.get("content-type", "")
        if "html" in kind or answer.body.lstrip()[:1] == b"<":
            return self._strange(call, f"{self.address} answers with a web page instead of data")
        return self._unanswered(call, "sent an incomplete answer")

    def _strange(self, call: Call, what: str) -> RegisseurError:
        if call.effect == "write":
            return OutcomeUnknown(f"{what}: look up whether {call.name} was carried out.")
        return Misconfigured(f"{what}: it does not look like {self.vendor}. Check the url setting.")

    def _unanswered(self, call: Call, what: str, after: float | None = None) -> RegisseurError:
        text = f"{self.vendor} at {self.address} {what}"
        if call.effect == "write":
            return OutcomeUnknown(f"{text}: look up whether {call.name} was carried out.")
        return RetryLater(f"{text}; try again later.", after=after)

    def _explain(self, call: Call, error: Exception) -> RegisseurError:
        """An error of ours for one of httpx, by what it proves about the request."""
        if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
            return Misconfigured(f"{self.address} is not an address; write https://host:port.")
        if isinstance(error, _NOT_SENT):
            return self._unreachable(error)
        if isinstance(error, (httpx.TimeoutException, TimeoutError)):
            return self._unanswered(call, "did not answer in time")
        return self._unanswered(call, "broke off before the answer was complete")

    def _unreachable(self, error: Exception) -> RegisseurError:
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLError):
                return Misconfigured(
                    f"No secure connection to {self.address}: {cause}. "
                    "Check the url setting and the server's certificate."
                )
            if isinstance(cause, socket.gaierror) and cause.errno != socket.EAI_AGAIN:
                return Misconfigured(f"No such host: {self.address}. Check the url setting.")
        return RetryLater(
            f"{self.vendor} can't be reached at {self.address}; nothing was sent. "
            "Check that it runs and that the url setting is right."
        )


def _json(body: bytes) -> tuple[bool, Any]:
    """Whether it is JSON, and its value with floats as decimals of the same text."""
    try:
        return True, json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return False, None


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds asked for; a date is taken relative to the server's own clock."""
    asked = headers.get("retry-after", "").strip()
    if asked.isdecimal():
        return float(asked)
    try:
        until, now = parsedate_to_datetime(asked), parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    return max(0.0, (until - now).total_seconds())


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _causes(inner)
        error = error.__cause__ or error.__context__


def _loopback(address: str) -> bool:
    """Such an address is never reached through a proxy of the environment."""
    try:
        host = httpx.URL(address).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except (ValueError, httpx.InvalidURL):
        return False
