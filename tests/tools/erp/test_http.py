"""The HTTP base: what is repeated, what never is, and what each bad day is called."""

import asyncio
import gzip
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager

import httpx
import pytest
from opentelemetry import trace

from regisseur.errors import Misconfigured, OutcomeUnknown, RegisseurError, RetryLater
from regisseur.tools.erp.http import Answer, Call, Effect, Http, HttpSettings

ADDRESS = "http://erp.example:8000"
AT_ONCE = {"first_pause_seconds": 0, "longest_pause_seconds": 0, "requests_per_second": 1000}
READ, WRITE, SIGN_IN = (Call("thing", effect, "/rpc/") for effect in ("read", "write", "sign_in"))


def answering(*answers: httpx.Response | Exception) -> httpx.MockTransport:
    """Gives one answer after the other, the last one for ever."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.MockTransport(handle)


def http(transport: httpx.AsyncBaseTransport, **settings: float) -> Http:
    return Http(
        ADDRESS, "Acme", HttpSettings.model_validate(AT_ONCE | settings), transport=transport
    )


def send(base: Http, call: Call) -> Answer:
    return asyncio.run(base.send(call))


class Packed(httpx.AsyncByteStream):
    """A body sent as it is, though it claims to be compressed."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.body


def packed(body: bytes) -> httpx.Response:
    return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=Packed(body))


def caused_by(error: httpx.TransportError, cause: Exception) -> httpx.TransportError:
    error.__cause__ = cause
    return error


OK = httpx.Response(200, json={"result": 1.10})
RESOLVED = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
OFFLINE = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
UNTRUSTED = ssl.SSLCertVerificationError(1, "certificate verify failed")
HTML = httpx.Response(200, html="<html>Welcome to nginx</html>")


def test_decimals_arrive_exact() -> None:
    answer = send(http(answering(OK)), READ)
    assert str(answer.data["result"]) in ("1.1", "1.10")
    assert not isinstance(answer.data["result"], float)


@pytest.mark.parametrize("call", [READ, SIGN_IN])
@pytest.mark.parametrize(
    "bad",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.PoolTimeout("busy"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("half a body"),
        httpx.Response(500),
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(200, content=b'{"result": [1, 2'),
        httpx.Response(200, content=b""),
    ],
    ids=repr,
)
def test_a_read_is_repeated_until_it_is_answered(
    call: Call, bad: httpx.Response | Exception
) -> None:
    base = http(answering(bad, bad, OK))
    assert send(base, call).status == 200
    assert base.requests == 3
    never = http(answering(bad))
    with pytest.raises(RetryLater, match=r"Acme.*erp\.example"):
        send(never, call)
    assert never.requests == 6


@pytest.mark.parametrize(
    "bad",
    [
        httpx.ReadTimeout("slow"),
        httpx.WriteTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.WriteError("reset"),
        httpx.RemoteProtocolError("half a body"),
        httpx.Response(500),
        httpx.Response(502),
        httpx.Response(503),
        httpx.Response(504),
        httpx.Response(302, headers={"location": "/login"}),
        HTML,
        httpx.Response(200, content=b'{"result": [1, 2'),
        packed(b"no gzip"),
    ],
    ids=repr,
)
def test_a_write_that_may_have_arrived_is_unknown_and_sent_once(
    bad: httpx.Response | Exception,
) -> None:
    base = http(answering(bad, OK))
    with pytest.raises(OutcomeUnknown, match="look up whether thing was carried out"):
        send(base, WRITE)
    assert base.requests == 1


@pytest.mark.parametrize(
    "bad",
    [httpx.ConnectError("refused"), httpx.ConnectTimeout("slow"), httpx.PoolTimeout("busy")],
    ids=repr,
)
def test_a_write_that_never_left_may_be_tried_later(bad: Exception) -> None:
    base = http(answering(bad, OK))
    with pytest.raises(RetryLater, match="nothing was sent"):
        send(base, WRITE)
    assert base.requests == 1


def test_a_refused_connection_is_proof_that_nothing_was_sent() -> None:
    """Against a real closed port, with httpx's own transport."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{held.getsockname()[1]}"
        base = Http(address, "Acme", HttpSettings.model_validate(AT_ONCE))
        with pytest.raises(RetryLater, match="nothing was sent"):
            send(base, WRITE)


@pytest.mark.parametrize("call", [READ, SIGN_IN, WRITE], ids=["read", "sign_in", "write"])
@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (caused_by(httpx.ConnectError("?"), RESOLVED), "No such host"),
        (caused_by(httpx.ConnectError("?"), ExceptionGroup("?", [RESOLVED])), "No such host"),
        (caused_by(httpx.ConnectError("?"), UNTRUSTED), "No secure connection"),
        (httpx.UnsupportedProtocol("?"), "is not an address"),
    ],
)
def test_a_wrong_address_is_named_at_once(call: Call, bad: Exception, says: str) -> None:
    base = http(answering(bad))
    with pytest.raises(Misconfigured, match=says) as caught:
        send(base, call)
    assert ADDRESS in str(caught.value)
    assert base.requests == 1


def test_a_resolver_that_is_away_is_no_wrong_address() -> None:
    with pytest.raises(RetryLater):
        send(http(answering(caused_by(httpx.ConnectError("?"), OFFLINE))), READ)


@pytest.mark.parametrize("bad", [HTML, httpx.Response(301, headers={"location": "https://x/"})])
def test_a_web_page_does_not_look_like_an_erp(bad: httpx.Response) -> None:
    with pytest.raises(Misconfigured, match="does not look like Acme"):
        send(http(answering(bad)), READ)


@pytest.mark.parametrize("effect", ["read", "write", "sign_in"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_a_definite_no_is_for_the_adapter_to_read(effect: Effect, status: int) -> None:
    base = http(answering(httpx.Response(status, html="<p>No.</p>")))
    answer = send(base, Call("thing", effect, "/rpc/"))
    assert (answer.status, answer.is_json, base.requests) == (status, False, 1)


def test_some_vendors_say_no_with_an_error_of_the_server() -> None:
    no = httpx.Response(500, json={"error": "ErrorRefAlreadyExists"})
    base = Http(
        ADDRESS,
        "Acme",
        HttpSettings(),
        definite=lambda answer: answer.is_json,
        transport=answering(no),
    )
    assert send(base, WRITE).data == {"error": "ErrorRefAlreadyExists"}


def test_a_locked_door_is_not_knocked_at_again() -> None:
    base = http(answering(httpx.Response(429, headers={"retry-after": "0"})))
    with pytest.raises(RetryLater, match="too many attempts") as caught:
        send(base, SIGN_IN)
    assert (base.requests, caught.value.after) == (1, 0)


@pytest.mark.parametrize(
    ("headers", "after", "requests"),
    [
        ({"retry-after": "0"}, 0, 6),
        ({"retry-after": "900"}, 900, 1),
        (
            {
                "retry-after": "Mon, 23 Nov 2026 04:10:00 GMT",
                "date": "Mon, 23 Nov 2026 04:00:00 GMT",
            },
            600,
            1,
        ),
        ({"retry-after": "soon"}, None, 6),
        ({}, None, 6),
    ],
)
def test_the_pause_asked_for_is_kept_or_told(
    headers: dict[str, str], after: float | None, requests: int
) -> None:
    base = http(answering(httpx.Response(429, headers=headers)))
    with pytest.raises(RetryLater) as caught:
        send(base, READ)
    assert (caught.value.after, base.requests) == (after, requests)


def test_a_busy_server_refuses_a_write_before_doing_it() -> None:
    base = http(answering(httpx.Response(429)))
    with pytest.raises(RetryLater):
        send(base, WRITE)
    assert base.requests == 1


@pytest.mark.parametrize(
    ("call", "error"), [(READ, Misconfigured), (WRITE, OutcomeUnknown)], ids=["read", "write"]
)
def test_an_endless_answer_is_cut_off(call: Call, error: type[RegisseurError]) -> None:
    """A small compressed body that would fill the memory."""
    bad = packed(gzip.compress(b'"' + b" " * 20_000_000 + b'"'))
    with pytest.raises(error, match="larger than 1 MB"):
        send(http(answering(bad), largest_answer_mb=1), call)


@pytest.mark.parametrize(
    ("call", "error"), [(READ, RetryLater), (WRITE, OutcomeUnknown)], ids=["read", "write"]
)
def test_an_exchange_that_never_ends_is_given_up(call: Call, error: type[RegisseurError]) -> None:
    """Each byte comes in time; only the limit for the whole exchange ends it."""

    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    base = http(httpx.MockTransport(hang), total_seconds=0.01, attempts=2)
    with pytest.raises(error, match="in time"):
        send(base, call)


def test_no_more_requests_at_once_than_allowed() -> None:
    async def many() -> int:
        running = most = 0
        full, go_on = asyncio.Event(), asyncio.Event()

        async def handle(request: httpx.Request) -> httpx.Response:
            nonlocal running, most
            running += 1
            most = max(most, running)
            if running == 3:
                full.set()
            await go_on.wait()
            running -= 1
            return httpx.Response(200, json=1)

        base = http(httpx.MockTransport(handle), concurrency=3)
        calls = [asyncio.create_task(base.send(READ)) for _ in range(10)]
        await full.wait()
        go_on.set()
        await asyncio.gather(*calls)
        assert base.requests == 10
        return most

    assert asyncio.run(many()) == 3


def test_nothing_that_travels_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    secret = Call(
        "thing", "read", "/rpc/", content=b"s3cret", headers={"Authorization": "Bearer s3cret"}
    )
    bad = httpx.Response(503, json={"token": "s3cret"})
    with caplog.at_level(logging.DEBUG), pytest.raises(RetryLater) as caught:
        send(http(answering(bad)), secret)
    assert "thing" in caplog.text
    for text in (caplog.text, str(caught.value), repr(secret), repr(caught.value.__cause__)):
        assert "s3cret" not in text


def test_a_span_tells_the_operation_and_no_content(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    class Span(trace.NonRecordingSpan):
        def set_attribute(self, key: str, value: object) -> None:
            seen[key] = value

    class Tracer:
        def start_as_current_span(
            self, name: str, **more: object
        ) -> AbstractContextManager[trace.Span]:
            seen["name"] = name
            return trace.use_span(Span(trace.INVALID_SPAN_CONTEXT))

    monkeypatch.setattr("regisseur.tools.erp.http.tracer", Tracer())
    send(http(answering(OK)), READ)
    assert seen == {
        "name": "Acme thing",
        "regisseur.vendor": "Acme",
        "regisseur.operation": "thing",
        "regisseur.effect": "read",
        "http.response.status_code": 200,
    }
