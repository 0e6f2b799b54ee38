"""A receiver's answer over HTTP: once, and only what the person may for whom it answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from api_programs import ON, SETTINGS
from fastapi.testclient import TestClient

from regisseur import Office
from regisseur.office import hooks

HOOK = """\
[[companies.atelier.hooks]]
name = "chat"
url = "https://chat.example/hook"
secret = "nobody can guess this one"
answers_as = "{person}.atelier"
"""


def asked(office: Office) -> dict[str, Any]:
    """What the receiver was told of an order to be placed, with its token."""
    told: list[dict[str, Any]] = []

    async def receive(request: httpx.Request) -> httpx.Response:
        told.append(json.loads(request.content))
        return httpx.Response(204)

    async def deliver(core: Any) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
            await hooks.deliver_due(core, client=client)

    office.do(deliver)
    office.run("clerk", on=ON, company="atelier")
    office.do(deliver)
    return next(one for one in told if one["event"] == "action.proposed")


@pytest.mark.parametrize("settings", [SETTINGS + HOOK.format(person="approver")])
def test_is_taken_once(office: Office, client: TestClient) -> None:
    about = asked(office)
    path, token = f"/answers/{about['id']}", about["response"]["token"]

    def answer(**said: Any) -> tuple[int, Any]:
        taken = client.post(path, json={"token": token, **said})
        return taken.status_code, taken.json()

    status, told = answer(token="0" * 64, verdict="approve")
    assert (status, told["type"]) == (401, "WrongToken")
    assert client.post("/answers/none", json={"token": token, "verdict": "approve"}).json() == told
    status, told = answer(verdict="reject")
    assert (status, told["field"]) == (422, "reason")
    assert answer(verdict="approve") == (200, {"status": "done", "held_back": None})
    status, told = answer(verdict="reject", reason="other")
    assert (status, told["type"]) == (409, "AnsweredBefore")
    history = office.history(about["action"]["id"], company="atelier")
    assert [one.by for one in history if one.what == "approved"] == ["approver.atelier"]


@pytest.mark.parametrize("settings", [SETTINGS + HOOK.format(person="operator")])
def test_is_refused_for_whoever_may_not_decide(office: Office, client: TestClient) -> None:
    about = asked(office)
    sent = {"token": about["response"]["token"], "verdict": "approve"}
    refused = client.post(f"/answers/{about['id']}", json=sent)
    assert (refused.status_code, refused.json()["type"]) == (403, "NotAllowed")
