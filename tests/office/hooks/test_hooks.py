"""Other programs are told what happens, each of it once, and may answer once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
from clerk import AGENT
from desk import ATELIER, NOW, Clock, registered

from regisseur import MemoryERP, Office
from regisseur.errors import AlreadyDecided, InvalidInput
from regisseur.graphs.stalled import Stalled
from regisseur.office import hooks
from regisseur.office.hook_settings import HookSettings
from regisseur.office.hooks.delivering import BACK_OFF
from regisseur.office.hooks.events import alarm_of
from regisseur.office.hooks.signing import sign
from regisseur.storage import audit
from regisseur.storage import hooks as kept
from regisseur.storage.database import Database
from regisseur.storage.house_tables import DeliveryRow
from regisseur.tools.records import Speaker

say = Speaker("tests.hooks")
ON = date(2026, 11, 23)
SECRET = "nobody can guess this one"
SETTINGS = f"""\
database = "sqlite:///office.db"
[server]
base_url = "https://office.example"
[company]
id = "atelier"
locale = "en_GB"
[[company.hooks]]
name = "chat"
url = "https://chat.example/hook"
secret = "{SECRET}"
answers_as = "paul@atelier.example"
"""


class Receiver:
    """A program on the other side: keeps what it got, and answers as it is told to."""

    def __init__(self) -> None:
        self.got: list[httpx.Request] = []
        self.answers: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(204)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return self.answers(request)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(one.content) for one in self.got]

    def told(self, event: str) -> list[dict[str, Any]]:
        return [one for one in self.bodies if one["event"] == event]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def clock() -> Clock:
    return Clock(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))


@pytest.fixture
def erp() -> MemoryERP:
    made = MemoryERP(today=ON)
    for code, supplier in (("STEEL", "Mill"), ("OAK", "Sawmill")):
        item = made.item(code, on_hand=4)
        made.offer(item, made.supplier(supplier), price="1.35", lead_time=14)
    return made


@pytest.fixture
def office(
    tmp_path: Path, erp: MemoryERP, clock: Clock, request: pytest.FixtureRequest
) -> Iterator[Office]:
    more = getattr(request, "param", "")
    (tmp_path / "regisseur.toml").write_text(SETTINGS + more)
    config = tmp_path / "regisseur.toml"
    with Office.open(config, erp=erp, agents=[AGENT], clock=clock) as opened:
        yield opened


@pytest.fixture
def deliver(office: Office, receiver: Receiver) -> Callable[[], hooks.Delivered]:
    """One round; the first has begun, so that what happens from now on is told."""

    async def round_of(core: Any) -> hooks.Delivered:
        transport = httpx.MockTransport(receiver.handle)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
            (told,) = await hooks.deliver_due(core, client=client)
        return told

    def deliver() -> hooks.Delivered:
        return office.do(round_of)

    assert deliver() == hooks.Delivered("atelier")
    return deliver


Deliver = Callable[[], hooks.Delivered]


def test_a_night_is_told_once(
    office: Office, deliver: Deliver, receiver: Receiver, clock: Clock
) -> None:
    mission = office.run("clerk", on=ON)

    assert deliver() == hooks.Delivered("atelier", taken=3)
    proposed = receiver.told("action.proposed")
    assert {one["action"]["id"] for one in proposed} == {one.id for one in office.inbox()}
    assert proposed[0]["action"]["url"].startswith("https://office.example/atelier/actions/")
    (ready,) = receiver.told("report.ready")
    assert ready["mission"]["id"] == mission.id
    assert [one["sequence"] for one in receiver.bodies] == sorted(
        one["sequence"] for one in receiver.bodies
    )
    assert deliver() == hooks.Delivered("atelier")

    for action in office.inbox():
        office.decide(action, "approve", by="paul@atelier.example")
    deliver()
    deliver()
    names = [one["event"] for one in receiver.bodies]
    assert (names.count("action.decided"), names.count("action.done")) == (2, 2)
    assert names.count("report.ready") == 1
    assert receiver.told("action.decided")[0]["by"] == "paul@atelier.example"
    assert receiver.told("action.done")[0]["happened"]["reference"] == "PO-1"
    assert len({one["id"] for one in receiver.bodies}) == len(receiver.bodies)


def test_a_message_is_signed_and_holds_no_secret(
    office: Office, deliver: Deliver, receiver: Receiver, clock: Clock
) -> None:
    office.run("clerk", on=ON)
    deliver()
    sent = receiver.got[0]
    signed = (
        sent.headers["Regisseur-Timestamp"],
        sent.content,
        sent.headers["Regisseur-Signature"],
    )
    assert hooks.verify(SECRET, *signed, clock())
    assert sent.headers["Regisseur-Delivery"] == receiver.bodies[0]["id"]
    assert SECRET.encode() not in sent.content
    assert "arguments" not in receiver.bodies[0]["action"]
    token = receiver.bodies[0]["response"]["token"]
    with office.opened.core.house.database.read() as session:
        rows = kept.listed(session, "atelier", ("taken",), 10)
    assert token not in repr([vars(row) for row in rows])


def test_what_is_not_taken_is_sent_again_as_it_was(
    office: Office, deliver: Deliver, receiver: Receiver, clock: Clock
) -> None:
    def cut_off(_: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("cut off after it had been read")

    office.run("clerk", on=ON)
    receiver.answers = cut_off
    assert deliver() == hooks.Delivered("atelier", postponed=1)
    assert deliver().postponed == 1  # the next one, whose turn it is
    clock.forward(minutes=1)
    receiver.answers = lambda _: httpx.Response(200, text="never read")
    assert deliver().taken == 3
    first, *_ = receiver.got
    again = [one for one in receiver.got if one.content == first.content]
    assert len(again) == 2
    assert again[0].headers["Regisseur-Timestamp"] != again[1].headers["Regisseur-Timestamp"]


def test_who_takes_nothing_for_two_days_is_given_up_and_told_of(
    office: Office, deliver: Deliver, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = lambda _: httpx.Response(500)
    office.stop(by="paul@atelier.example", reason="stock-taking")  # nobody is told of that
    office.run("clerk", on=ON)
    for pause in BACK_OFF:
        for _ in range(3):
            assert deliver().postponed == 1
        clock.forward(seconds=pause.total_seconds())
    assert [deliver().given_up for _ in range(3)] == [1, 1, 1]
    assert deliver() == hooks.Delivered("atelier")
    given_up = office.do(hooks.deliveries, "atelier")
    assert {(one.state, one.error, one.attempts) for one in given_up} == {
        ("given_up", "HTTP 500", len(BACK_OFF) + 1)
    }
    events = [one["event"] for one in office.audit_export()]
    assert events.count("hook given up") == 3

    receiver.answers = lambda _: httpx.Response(204)
    office.do(hooks.send_again, given_up[0].id, company="atelier")
    assert deliver().taken == 1
    assert receiver.bodies[-1]["id"] == given_up[0].id


def test_two_processes_tell_it_once(office: Office, deliver: Deliver, receiver: Receiver) -> None:
    office.run("clerk", on=ON)
    with ThreadPoolExecutor(2) as processes:
        told = [one.result().taken for one in [processes.submit(deliver) for _ in range(2)]]
    assert sum(told) == 3
    assert len({one["id"] for one in receiver.bodies}) == 3 == len(receiver.bodies)


def test_a_redirect_is_not_followed(office: Office, deliver: Deliver, receiver: Receiver) -> None:
    elsewhere = {"location": "https://elsewhere.example"}
    receiver.answers = lambda _: httpx.Response(307, headers=elsewhere)
    office.run("clerk", on=ON)
    assert deliver().postponed == 1
    assert [one.url.host for one in receiver.got] == ["chat.example"]
    assert "redirects are not followed" in str(office.do(hooks.deliveries, "atelier")[-1].error)


class Listener(BaseHTTPRequestHandler):
    """A receiver on a real socket."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        stamp, signature = self.headers["regisseur-timestamp"], self.headers["regisseur-signature"]
        good = sign(SECRET, stamp, body) == signature
        self.send_response(204 if good else 400)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Be quiet."""


def test_over_a_real_connection(tmp_path: Path, erp: MemoryERP, clock: Clock) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        config = tmp_path / "regisseur.toml"
        config.write_text(SETTINGS.replace("https://chat.example/hook", url))
        with Office.open(config, erp=erp, agents=[AGENT], clock=clock) as office:
            office.do(hooks.deliver_due)
            office.run("clerk", on=ON)
            assert office.do(hooks.deliver_due) == [hooks.Delivered("atelier", taken=3)]
            server.shutdown()
            server.server_close()
            office.run("clerk", on=ON, again=True)
            assert office.do(hooks.deliver_due)[0].postponed == 1
            assert "no answer: ConnectError" in str(
                office.do(hooks.deliveries, "atelier")[-1].error
            )


class TestAnswering:
    @pytest.fixture
    def asked(self, office: Office, deliver: Deliver, receiver: Receiver) -> dict[str, Any]:
        office.run("clerk", on=ON)
        deliver()
        return receiver.told("action.proposed")[0]

    def test_once_for_the_person_of_the_settings(
        self, office: Office, asked: dict[str, Any], erp: MemoryERP
    ) -> None:
        delivery, token = asked["id"], asked["response"]["token"]
        assert asked["response"]["url"] == f"https://office.example/api/v1/answers/{delivery}"
        for wrong in ("0" * 64, ""):
            with pytest.raises(hooks.WrongToken):
                office.do(hooks.answer, delivery, wrong, "approve")
        with pytest.raises(InvalidInput, match="reason"):
            office.do(hooks.answer, delivery, token, "reject")

        assert office.do(hooks.answer, delivery, token, "approve").status == "done"
        with pytest.raises(hooks.AnsweredBefore):
            office.do(hooks.answer, delivery, token, "reject", reason="other")
        assert len(erp.records.orders) == 1
        approved = [one for one in office.history(asked["action"]["id"]) if one.what == "approved"]
        assert [one.by for one in approved] == ["paul@atelier.example"]

    def test_two_answers_at_once(
        self, office: Office, asked: dict[str, Any], erp: MemoryERP
    ) -> None:
        def answer(_: int) -> str:
            try:
                return office.do(
                    hooks.answer, asked["id"], asked["response"]["token"], "approve"
                ).status
            except hooks.AnsweredBefore:
                return "409"

        with ThreadPoolExecutor(4) as programs:
            assert sorted(programs.map(answer, range(4))) == ["409", "409", "409", "done"]
        assert len(erp.records.orders) == 1

    def test_on_what_was_told_only(self, office: Office, asked: dict[str, Any]) -> None:
        office.decide(asked["action"]["id"], "reject", reason="not_needed", by="nora")
        with pytest.raises(AlreadyDecided, match="nora"):
            office.do(hooks.answer, asked["id"], asked["response"]["token"], "approve")


@pytest.mark.parametrize(
    "office",
    [
        pytest.param("events = ['alarm', 'action.decided']\n", id="asked for less"),
        pytest.param(
            "[[company.policy.rules]]\nname = 'look only'\nmode = 'shadow'\n", id="shadow"
        ),
    ],
    indirect=True,
)
def test_what_can_not_be_answered_has_no_token(
    office: Office, deliver: Deliver, receiver: Receiver
) -> None:
    office.run("clerk", on=ON)
    deliver()
    assert not any("response" in one for one in receiver.bodies)


def test_an_alarm_is_told_once(office: Office) -> None:
    core = office.opened.core
    (hook,) = core.house.settings.all()[0].hooks
    desk = core.house.desk(None)
    frozen = Stalled("a1", say("Order steel"), "mill", 42, datetime(2026, 11, 23, 6, tzinfo=UTC))
    first, second = (alarm_of(desk, hook, frozen, desk.now()) for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert "42 on mill" in first.body["alarm"]["message"]


GOOD = {"name": "chat", "url": "https://chat.example", "secret": SECRET}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"url": "http://chat.example"}, "use https"),
        ({"url": "file:///etc/passwd"}, "whole address"),
        ({"url": "https://me:pw@chat.example"}, "leave name and password out"),
        ({"secret": "short"}, "at least 16"),
        ({"events": ["action.eaten"]}, "events"),
    ],
)
def test_settings_that_are_refused(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        HookSettings.model_validate(GOOD | wrong)
    good = HookSettings.model_validate(GOOD | {"url": "http://127.0.0.1:9/hook"})
    assert SECRET not in repr(good)


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": "another secret entirely"},
        {"timestamp": str(int(NOW.timestamp()) - 301)},
        {"timestamp": str(int(NOW.timestamp()) + 1)},
        {"timestamp": "²"},
        {"body": b"{ }"},
        {"signature": "sha256="},
        {"signature": "sha256=é"},
    ],
)
def test_what_isnt_signed_is_not_believed(changed: dict[str, Any]) -> None:
    timestamp = str(int(NOW.timestamp()))
    good: dict[str, Any] = {
        "secret": SECRET,
        "timestamp": timestamp,
        "body": b"{}",
        "signature": sign(SECRET, timestamp, b"{}"),
        "now": NOW,
    }
    assert hooks.verify(**good)
    assert not hooks.verify(**good | changed)


def test_a_message_is_put_once_and_answered_once_on_every_database(database: Database) -> None:
    registered(database)
    row = {
        "id": "1", "company_id": ATELIER.id, "hook": "chat", "event": "alarm", "revision": 0,
        "body": {}, "state": "waiting", "next_at": NOW, "created_at": NOW,
    }  # fmt: skip
    happened = audit.Entry(ATELIER.id, NOW, "office", "alarm", "atelier", {})
    with database.write() as session:
        assert kept.unread(session, ATELIER.id, "chat", 10) == []
    with database.write() as session:
        audit.record(session, happened)
    with database.write() as session:
        (link,) = kept.unread(session, ATELIER.id, "chat", 10)
        kept.has_read(session, ATELIER.id, "chat", link.sequence)
        assert kept.put(session, DeliveryRow(**row))
    with database.write() as session:
        assert kept.unread(session, ATELIER.id, "chat", 10) == []
        assert not kept.put(session, DeliveryRow(**row))
        assert [one.id for one in kept.due(session, ATELIER.id, "chat", NOW, 10)] == ["1"]
    with database.write() as session:
        assert [kept.answer_once(session, "1", NOW) for _ in range(2)] == [True, False]


def test_the_round_of_an_office_without_hooks(tmp_path: Path, erp: MemoryERP) -> None:
    with Office.open(company=ATELIER, erp=erp, database="sqlite://") as office:
        assert office.do(hooks.deliver_due) == []
