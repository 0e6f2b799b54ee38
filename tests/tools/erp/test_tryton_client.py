"""Tryton's session, codec and refusals, on bad days too; answers as recorded from 8.2."""

import asyncio
import json
import logging
from collections.abc import Coroutine
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from fake_tryton import ADDRESS, Answer, FakeTryton, client, error, settings
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.errors import (
    Misconfigured,
    OutcomeUnknown,
    RegisseurError,
    RetryLater,
    Unsupported,
    VendorRefused,
)
from regisseur.tools.erp.tryton import ADAPTER
from regisseur.tools.erp.tryton.codec import decode, encode
from regisseur.tools.erp.tryton.errors import LONGEST
from regisseur.tools.records import Company


def run(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


leaves = (
    st.none()
    | st.booleans()
    | st.text()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes()
    | st.timedeltas(timedelta(days=-3000), timedelta(days=3000)).map(
        lambda span: timedelta(days=span.days, seconds=span.seconds)
    )
    | st.binary()
)
names = st.text().filter(lambda name: name != "__class__")


@given(st.recursive(leaves, lambda some: st.lists(some) | st.dictionaries(names, some)))
def test_values_survive_the_journey(value: Any) -> None:
    assert decode(json.loads(encode(value))) == value


def test_values_have_the_form_that_was_recorded() -> None:
    sent = json.loads(encode([date(2026, 11, 23), Decimal("12.50"), timedelta(days=1), b"x"]))
    assert sent == [
        {"__class__": "date", "year": 2026, "month": 11, "day": 23},
        {"__class__": "Decimal", "decimal": "12.50"},
        {"__class__": "timedelta", "seconds": 86400.0},
        {"__class__": "bytes", "base64": "eA=="},
    ]
    assert decode({"a.": [{"__class__": "timedelta", "seconds": Decimal("86400.0")}]}) == {
        "a.": [timedelta(days=1)]
    }
    moment = {"year": 2026, "month": 1, "day": 2, "hour": 3, "minute": 4, "second": 5}
    stamped = {"__class__": "datetime", **moment, "microsecond": 6}
    assert decode(stamped) == datetime(2026, 1, 2, 3, 4, 5, 6)  # noqa: DTZ001 - naive UTC


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_values_without_a_form_are_not_sent(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode(value)


def test_it_signs_in_once_and_tells_company_and_language() -> None:
    contexts: list[Any] = []

    def seven(params: list[Any]) -> int:
        contexts.append(params[-1])
        return 7

    fake = FakeTryton(model__x__read=seven)

    async def twice() -> None:
        one = client(fake)
        assert [await one.read("model.x.read"), await one.read("model.x.read", a=1)] == [7, 7]

    run(twice())
    assert fake.asked.count("common.db.login") == 1
    here = {"company": 1, "companies": [1], "language": "fr"}
    assert contexts == [here, {**here, "a": 1}]


def test_many_first_calls_share_one_signing_in() -> None:
    fake = FakeTryton(model__x__read=7)

    async def many() -> list[Any]:
        one = client(fake)
        return await asyncio.gather(*(one.read("model.x.read") for _ in range(9)))

    assert run(many()) == [7] * 9
    assert fake.asked.count("common.db.login") == 1


@pytest.mark.parametrize("effect", ["read", "write"])
def test_a_session_that_ended_is_renewed_and_the_call_made_once(effect: str) -> None:
    fake = FakeTryton(model__x__act=7)

    async def over_night() -> None:
        one = client(fake)
        await one.read("model.x.act")
        fake.live.clear()
        fake.done = 0
        calls = [getattr(one, effect)("model.x.act") for _ in range(3)]
        assert await asyncio.gather(*calls) == [7, 7, 7]

    run(over_night())
    assert fake.done == 3
    assert fake.asked.count("common.db.login") == 2


def test_a_session_that_is_never_accepted_is_not_renewed_for_ever() -> None:
    fake = FakeTryton(model__x__read=httpx.Response(401))
    with pytest.raises(Misconfigured, match="does not let agent sign in"):
        run(client(fake).read("model.x.read"))
    assert fake.asked.count("model.x.read") == 2


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (httpx.Response(401, html="<p>"), Misconfigured, "user and password settings"),
        (httpx.Response(404, html="<p>"), Misconfigured, "no Tryton database 'tryton'"),
        (
            error("LoginException", ["code", "Code for agent", "char"]),
            Misconfigured,
            "more than a password",
        ),
        (httpx.Response(429, html="<p>"), RetryLater, "too many attempts"),
        (httpx.Response(200, html="<title>Tryton</title>"), Misconfigured, "web page"),
        (httpx.Response(200, json={"jsonrpc": "2.0"}), Misconfigured, "not as a Tryton"),
        (httpx.Response(200, json=[1, 2]), Misconfigured, "not as a Tryton"),
        (httpx.ConnectError("refused"), RetryLater, "can't be reached"),
    ],
)
def test_signing_in_fails_with_what_to_do(
    answer: Answer, kind: type[RegisseurError], says: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake = FakeTryton(common__db__login=answer)
    with caplog.at_level(logging.DEBUG), pytest.raises(kind, match=says) as caught:
        run(client(fake).read("model.x.read"))
    assert "s3cret" not in f"{caught.value}{caplog.text}"
    if kind is Misconfigured or "attempts" in says:
        assert fake.asked == ["common.db.login"]


def test_a_wrong_password_is_tried_once() -> None:
    fake = FakeTryton()
    with pytest.raises(Misconfigured, match="does not let agent sign in"):
        run(client(fake, password="guess").read("model.x.read"))
    assert fake.asked == ["common.db.login"]


def test_the_company_must_be_one_of_the_user() -> None:
    fake = FakeTryton(model__x__read=lambda params: params[-1]["company"])
    assert run(client(fake, company=2).read("model.x.read")) == 2
    with pytest.raises(Misconfigured, match="may not work for company 3"):
        run(client(fake, company=3).read("model.x.read"))


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (error("UserError", ["No.", "Because.", None]), VendorRefused, r"No\. Because\."),
        (error("UserWarning", ["md5.late", "Late?", ""]), VendorRefused, "confirmation: Late"),
        (error("ConcurrencyException", "Records were modified"), VendorRefused, "meantime"),
        (error("'x.y'", ""), Unsupported, r"no x\.y"),
        (error("'nope'", ""), VendorRefused, "'nope'"),
        (error("maximum recursion depth exceeded", ""), VendorRefused, "recursion"),
        (httpx.Response(403, html="<h1>Forbidden</h1>"), VendorRefused, "let us call"),
        (httpx.Response(400, html="<h1>Bad &amp; ugly</h1>"), VendorRefused, "Bad & ugly"),
        (httpx.Response(422, html="<p>Missing context</p>"), VendorRefused, "Missing context"),
        (httpx.Response(413), VendorRefused, "too much"),
        (httpx.Response(404, html="<p>"), Misconfigured, "no Tryton database"),
    ],
)
@pytest.mark.parametrize("effect", ["read", "write"])
def test_a_refusal_is_definite_and_says_why(
    effect: str, answer: httpx.Response, kind: type[RegisseurError], says: str
) -> None:
    fake = FakeTryton(model__x__y__act=answer)
    with pytest.raises(kind, match=says):
        run(getattr(client(fake), effect)("model.x.y.act"))
    assert fake.asked.count("model.x.y.act") == 1


def test_a_schema_of_93_kilobytes_is_not_shown() -> None:
    fake = FakeTryton(model__x__act=error("UserError", ["No. " + "x" * 93_000, "", "y" * 93_000]))
    with pytest.raises(VendorRefused) as caught:
        run(client(fake).write("model.x.act"))
    assert len(str(caught.value)) < LONGEST + 50
    assert "y" not in str(caught.value).removeprefix("Tryton")


@pytest.mark.parametrize(
    "answer", [httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(200, json={"id": 1})]
)
def test_a_write_without_an_answer_is_unknown_and_not_sent_again(answer: Answer) -> None:
    fake = FakeTryton(model__x__create=answer)
    with pytest.raises(OutcomeUnknown):
        run(client(fake).write("model.x.create"))
    assert fake.asked.count("model.x.create") == 1


def test_a_server_that_restarts_between_two_pages_costs_nothing() -> None:
    moody = iter([httpx.ConnectError("refused"), httpx.Response(502), httpx.Response(401)])

    def page(params: list[Any]) -> Any:
        domain, size = params[0], params[2]
        if len(domain) > 1 and (bad := next(moody, None)):
            return bad
        after = domain[0][2] if len(domain) > 1 else 0
        return [{"id": number} for number in range(after + 1, min(after + size, 5) + 1)]

    fake = FakeTryton(model__x__search_read=page)
    rows = run(client(fake, page_size=2).read_all("x", [], ["id"]))
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "tryton.example"},
        {"url": "ftp://tryton.example"},
        {"url": "https://agent:s3cret@tryton.example"},
        {"url": "https://tryton.example/#tryton"},
        {"database": ""},
        {"pasword": "x"},
        {"page_size": 0},
    ],
)
def test_a_wrong_setting_is_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**wrong)
    assert caught.value.errors()[0]["loc"] == tuple(wrong)


def test_the_connection_is_named_without_its_user() -> None:
    company = Company(id="c", name="C")
    for url, name in (
        (ADDRESS, "tryton:tryton.example:8443/tryton"),
        ("https://erp.example/", "tryton:erp.example:443/tryton"),
    ):
        assert ADAPTER.open(settings(url=url), company).identity == name
    assert "s3cret" not in repr(settings())
