"""What programs can do over HTTP, and how they are told when they can't."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from api_programs import ON, SETTINGS, Program, program
from fastapi.testclient import TestClient
from staff import CHEAP

from regisseur import AsyncOffice, Office
from regisseur.errors import RegisseurError, RetryLater
from regisseur.graphs.authority import RIGHTS, ROLES
from regisseur.office import people
from regisseur.office.api import problems
from regisseur.office.web import cookies
from regisseur.office.web.app import make_app
from regisseur.storage.errors import DatabaseBusy

METHODS = ("get", "post", "put", "delete", "patch")


class TestANight:
    """From the run to the order in the ERP, through HTTP only."""

    def test_is_run_decided_and_told(self, approver: Program) -> None:
        mission = approver.post("/missions", {"agent": "clerk", "on": str(ON)})
        assert mission["status"] == "waiting"
        assert approver.post("/missions", {"agent": "clerk", "on": str(ON)})["id"] == mission["id"]

        page = approver.get("/inbox", limit=1)
        (first,) = page["items"]
        (second,) = approver.get("/inbox", limit=1, after=page["next"])["items"]
        assert (page["counts"]["to_decide"], first["deciders"]) == (2, ["approver.atelier"])
        action = first["action"]
        assert action["cost_of_waiting"] == {"type": "money", "amount": "4.20", "currency": "EUR"}

        seen = {"revision": action["revision"], "seen": action["seen"]}
        done = approver.post(f"/actions/{action['id']}/decisions", {"verdict": "approve", **seen})
        assert (done["status"], done["action"]["reference"]) == ("done", "PO-1")
        again = approver.post(
            f"/actions/{action['id']}/decisions", {"verdict": "approve", **seen}, 409
        )
        assert again["type"] == "AlreadyDecided"
        assert "approver.atelier" in again["message"]

        other = second["action"]
        later = {"verdict": "snooze", "until": "2026-11-25T08:00:00+01:00"}
        slept = approver.post(
            f"/actions/{other['id']}/decisions",
            {**later, "revision": other["revision"], "seen": other["seen"]},
        )
        assert slept["action"]["snoozed_until"] == "2026-11-25T07:00:00Z"
        assert approver.get("/inbox", view="asleep")["counts"]["asleep"] == 1
        history = approver.get(f"/actions/{action['id']}/history")
        assert [one["by"] for one in history if one["what"] == "approved"] == ["approver.atelier"]
        wrong = {"comment": "The steel had come"}
        assert approver.post(f"/actions/{action['id']}/regret", wrong)["action"]["status"] == "done"
        told = approver.get(f"/missions/{mission['id']}")
        assert [one["id"] for one in told["report"]["decided"]] == [action["id"]]
        assert approver.get("/missions")["items"][0]["headline"] == "2 orders to place."

    def test_is_edited_after_the_kinds_schema(self, approver: Program, night: str) -> None:
        action = approver.get("/inbox")["items"][0]["action"]
        seen = {"revision": action["revision"], "seen": action["seen"], "verdict": "edit"}
        path = f"/actions/{action['id']}/decisions"
        (line,) = action["arguments"]["lines"]
        for wrong, field in (
            ({"lines": [{**line, "quantity": "many"}]}, "lines.0.quantity"),
            ({"supplier_id": "another"}, "supplier_id"),
        ):
            told = approver.post(path, {**seen, "arguments": wrong}, 422)
            assert told["field"] == field
            assert not told["message"].startswith(field)
        more = {"lines": [{**line, "quantity": "120"}]}
        assert approver.post(path, {**seen, "arguments": more})["status"] == "done"

    def test_is_decided_in_one_go(self, approver: Program, night: str) -> None:
        actions = [one["action"] for one in approver.get("/inbox")["items"]]
        choices = [
            {"action": one["id"], "revision": one["revision"], "seen": one["seen"], **verdict}
            for one, verdict in zip(
                actions,
                ({"verdict": "approve"}, {"verdict": "reject"}),
                strict=True,
            )
        ]
        first, second = approver.post("/decisions", {"decisions": choices})
        assert (first["state"], first["outcome"]["status"]) == ("done", "done")
        assert (second["state"], second["problem"]["field"]) == ("refused", "reason")

    def test_is_read_as_documents(self, approver: Program, night: str) -> None:
        page = approver.send("GET", f"/missions/{night}/report.html")
        assert page.headers["content-type"].startswith("text/html")
        assert "script" not in page.headers["content-security-policy"]
        for form in ("json", "text", "html"):
            pack = approver.send("GET", f"/packs/{ON}/pack.{form}")
            assert pack.status_code == 200, pack.text
        assert approver.get(f"/packs/{ON}/comparison")["before"] is None
        assert approver.get("/reports", agent="clerk")[0]["report"]["mission_id"] == night


def test_people_tell_ask_stop_and_look(approver: Program, office: Office, night: str) -> None:
    action = approver.get("/inbox")["items"][0]["action"]["id"]
    question = approver.post(f"/actions/{action}/remarks", {"text": "Why so many?"}, 201)
    reply = {"text": "The winter comes.", "answers": question["id"]}
    approver.post(f"/actions/{action}/remarks", reply, 201)
    assert [one["text"] for one in approver.get(f"/actions/{action}/remarks")] == [
        "Why so many?",
        "The winter comes.",
    ]
    other = approver.get("/inbox")["items"][1]["action"]["id"]
    assert approver.post(f"/actions/{other}/remarks", reply, 404)["type"] == "NotFound"

    assert (
        approver.send("PUT", "/brake", json={"reason": "stock-taking"}).json()[0]["agent"] is None
    )
    assert approver.get("/brakes")[0]["by"] == "approver.atelier"
    assert approver.send("DELETE", "/brake").json() == {"released": True}
    assert approver.post("/sweep", {})["performed"] == []
    assert approver.get("/doctor")["days_apart"] == 0

    chain = approver.post("/audit/verification", {"head": "0" * 64})
    assert chain["intact"] is True
    assert chain["entries"] == approver.get("/audit", limit=1)[0]["sequence"]
    assert len(approver.get("/audit/export", limit=3)) == 3
    statement = {"file": ("bank.csv", b"nothing in it")}
    wrong = approver.send("POST", "/bank-statements", files=statement)
    assert (wrong.status_code, wrong.json()["type"]) == (422, "InvalidInput")
    unknown = approver.post("/entries", {"form": "greeting", "values": {}}, 404)
    assert "there is no form" in unknown["message"]


def test_a_policy_is_proposed_and_settled(approver: Program, office: Office) -> None:
    rule = {"name": "small orders", "mode": "auto", "up_to": "100"}
    made = approver.post(
        "/policy/versions", {"policy": {"rules": [rule]}, "cause": "They are never refused"}, 201
    )
    assert (made["status"], made["proposed_by"]) == ("proposed", "approver.atelier")
    path = f"/policy/versions/{made['id']}/settlement"
    assert approver.post(path, {"approve": True}, 403)["type"] == "NotAllowed"
    administrator = program(office, approver.client, "administrator")
    assert administrator.post(path, {"approve": True})["status"] == "active"
    assert approver.get("/policy")["policy"]["rules"][0]["name"] == "small orders"
    assert approver.get("/notices")["unowned"] == []
    assert approver.get("/notices")["alarm"] is None
    assert {one["person"]["id"] for one in administrator.get("/members")} == {
        f"{role}.atelier" for role in ROLES
    }


def deep(levels: int) -> Any:
    """A list in a list in a list …"""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


REFUSED: tuple[tuple[str, Any, str | None], ...] = (
    ("/missions", {"agent": "clerk", "agnet": "x"}, "agnet"),
    ("/missions", {"agent": "clerk", "on": "0001-01-01"}, "on"),
    ("/missions", {"agent": "cl\0erk"}, None),
    ("/missions", {"agent": "cl\ud800erk"}, None),
    ("/what-if", {"what_if": [{"name": float("nan")}]}, None),
    ("/what-if", {"what_if": [{"name": deep(400)}]}, "what_if"),
    ("/decisions", {"decisions": []}, "decisions"),
    ("/policy/versions", {"policy": {"rules": [{"name": "x", "mode": "yolo"}]}}, None),
)


def test_what_is_not_understood_is_refused(approver: Program) -> None:
    headers = {"content-type": "application/json"}
    for path, sent, field in REFUSED:
        answer = approver.send("POST", path, content=json.dumps(sent), headers=headers)
        told = answer.json()
        assert (answer.status_code, told["type"]) == (422, "InvalidInput"), sent
        assert field in (None, told["field"]), sent


def test_a_misspelt_filter_is_refused(approver: Program) -> None:
    told = approver.send("GET", "/missions", params={"agnet": "clerk"}).json()
    assert (told["type"], told["field"]) == ("InvalidInput", "agnet")


def test_what_is_not_there_is_told_in_the_same_form(client: TestClient) -> None:
    for method, path, kind in (
        ("GET", "/nowhere", "NotFound"),
        ("PATCH", "/health", "MethodNotAllowed"),
    ):
        assert client.request(method, path).json()["type"] == kind
    assert client.get("/health").json() == {"status": "ok"}


def described(client: TestClient) -> Iterator[tuple[str, str, str | None]]:
    """Every operation with the right that it asks for."""
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method in METHODS:
            if method in operations and "{company}" in path:
                (right,) = operations[method]["security"][0]["token"]
                yield method, path, right


def test_who_may_do_what(office: Office, client: TestClient) -> None:
    """Role × route × company: nobody, a stranger, and every role, at every door."""
    programs = {role: program(office, client, role) for role in ROLES}
    stranger = program(office, client, "administrator", "forge")
    doors = list(described(client))
    assert len(doors) > 40
    for method, path, right in doors:
        for name in ("mission", "action", "entry", "delivery", "version", "suggestion"):
            path = path.replace(f"{{{name}}}", "none")
        path = path.replace("{agent}", "clerk").replace("{sheet}", "none").replace("{form}", "json")
        path = path.replace("{on}", str(ON))
        here = path.replace("{company}", "atelier")
        assert client.request(method, here).status_code == 401, here
        bad = {"authorization": "Bearer nonsense"}
        assert client.request(method, here, headers=bad).status_code == 401, here
        stranger.company = "atelier"
        for company in ("atelier", "nowhere"):
            asked = path.replace("{company}", company)
            headers = {"authorization": f"Bearer {stranger.secret}"}
            answer = client.request(method, asked, headers=headers)
            assert (answer.status_code, answer.json()["message"]) == (
                404,
                f"there is no company {company!r}",
            ), asked
        for role in ROLES:
            one = programs[role]
            headers = {"authorization": f"Bearer {one.secret}"}
            answer = client.request(method, here, headers=headers)
            refused = answer.status_code == 403 and answer.json()["type"] == "NotAllowed"
            assert refused == (right not in RIGHTS[role]), (role, method, here, answer.text)
            assert answer.status_code < 500, (role, method, here, answer.text)


def test_a_token_may_no_more_than_its_scopes(office: Office, client: TestClient) -> None:
    _, secret = office.do(
        people.make_token,
        "approver.atelier",
        company="atelier",
        name="reader",
        scopes=["see"],
        days=1,
        by="approver.atelier",
    )
    reader = Program(client, secret)
    assert reader.get("/brakes") == []
    assert reader.post("/sweep", {}, 403)["type"] == "NotAllowed"
    me = client.get("/me", headers={"authorization": f"Bearer {secret}"}).json()
    assert me["scopes"] == ["see"]
    assert [(one["company"], one["rights"]) for one in me["companies"]] == [("atelier", ["see"])]


def test_a_browser_needs_its_form_token_to_change_anything(
    office: Office, client: TestClient
) -> None:
    password = "correct horse battery staple"
    by = "administrator.atelier"
    office.do(people.set_password, "operator.atelier", password, by=by, passwords=CHEAP)
    session = office.do(
        people.sign_in, "operator.atelier", password, address="127.0.0.1", passwords=CHEAP
    )
    client.cookies.set("__Host-regisseur", session)
    path = "/companies/atelier/sweep"
    assert client.get("/companies/atelier/brakes").json() == []
    assert client.post(path).status_code == 403
    assert client.post(path, headers={"x-csrf-token": "0"}).status_code == 403
    good = {"x-csrf-token": cookies.form_token(session)}
    assert client.post(path, headers=good).status_code == 200


@pytest.mark.parametrize("settings", [SETTINGS.replace("100000", "3")])
def test_who_asks_too_often_is_told_to_wait(office: Office, approver: Program) -> None:
    statuses = [approver.send("GET", "/brakes").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert int(approver.send("GET", "/brakes").headers["retry-after"]) <= 60
    guess = {"token": "0" * 64, "verdict": "approve"}
    answers = [approver.client.post("/answers/none", json=guess) for _ in range(4)]
    assert [one.status_code for one in answers] == [401, 401, 401, 429]


def test_errors_have_one_status_each() -> None:
    def all_of(kind: type[Exception]) -> Iterator[type[Exception]]:
        yield kind
        for one in kind.__subclasses__():
            yield from all_of(one)

    fallback = {one.__name__ for one in all_of(RegisseurError) if _reached(one) == RegisseurError}
    assert fallback <= {"RegisseurError", "NeedsPerson", "OutcomeUnknown", "PruneRefused"}
    assert problems.status_of(ZeroDivisionError()) == 500
    assert problems.status_of(DatabaseBusy("It is busy.", "Try again.")) == 503
    assert set(dict(problems.STATUS).values()) <= set(problems.EXPLAINED)


def _reached(kind: type[Exception]) -> type[Exception]:
    return next(known for known, _ in problems.STATUS if issubclass(kind, known))


def test_a_fault_of_ours_tells_nothing(
    office: Office, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise LookupError("a secret")

    async def away() -> None:
        raise RetryLater("the ERP is away", after=3)

    app: Any = client.app
    app.add_api_route("/broken", broken)
    app.add_api_route("/away", away)
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert answer.json()["type"] == "InternalError"
    assert "secret" not in answer.text
    assert "LookupError: a secret" in caplog.text
    answer = client.get("/away")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")


def test_beside_the_pages(office: Office, approver: Program) -> None:
    """Mounted as it is served: in its own form of errors, and no larger than the pages allow."""
    server = office.opened.core.house.settings.server
    app = make_app(AsyncOffice(office.opened))
    with TestClient(app, base_url="https://office.example") as client:
        headers = {"authorization": f"Bearer {approver.secret}"}
        assert client.get("/api/v1/me", headers=headers).json()["id"] == "approver.atelier"
        assert client.get("/api/v1/nowhere").json()["type"] == "NotFound"
        endless = (b"x" * 1_000_000 for _ in range(server.largest_request // 1_000_000 + 1))
        sent = {**headers, "content-type": "application/json"}
        answer = client.post("/api/v1/companies/atelier/nights", content=endless, headers=sent)
        assert (answer.status_code, answer.json()["type"]) == (413, "TooLarge")
