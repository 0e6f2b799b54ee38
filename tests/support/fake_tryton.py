"""A Tryton of a few lines for the client's bad days; answers have the form recorded from 8.2."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx

from regisseur.tools.erp.tryton import TrytonSettings
from regisseur.tools.erp.tryton.client import Client
from regisseur.tools.erp.tryton.codec import encode

ADDRESS = "https://tryton.example:8443"
HTTP = {"first_pause_seconds": 0, "longest_pause_seconds": 0, "requests_per_second": 1000}
Answer = httpx.Response | Exception | Callable[[list[Any]], Any] | list[Any] | Any


class FakeTryton:
    """Signs in whoever knows the password and answers calls as told, noting each of them."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = {name.replace("__", "."): answer for name, answer in answers.items()}
        self.asked: list[str] = []
        self.live: set[str] = set()
        self.done = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        assert set(call) == {"id", "method", "params"}
        method, params = call["method"], call["params"]
        self.asked.append(method)
        if method == "common.db.login" and method not in self.answers:
            return self.login(params)
        if method.startswith("model.") and request.headers.get("Authorization") not in self.live:
            return httpx.Response(401, text="")
        if method.endswith("get_preferences"):
            return result({"company": 1, "companies": [1, 2], "language": "fr"})
        self.done += 1
        answer = self.answers[method]
        answer = answer(params) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else result(answer)

    def login(self, params: list[Any]) -> httpx.Response:
        user, given, _ = params
        if given != {"password": "s3cret"}:
            return httpx.Response(401, html="<h1>Unauthorized</h1>")
        key = f"key{len(self.live)}"
        token = base64.b64encode(f"{user}:2:{key}".encode()).decode()
        self.live = {f"Session {token}"}
        return result([2, key, None])


def result(value: Any) -> httpx.Response:
    return httpx.Response(200, content=b'{"id": 1, "result": ' + encode(value) + b"}")


def error(*value: Any) -> httpx.Response:
    return httpx.Response(200, json={"id": 1, "error": list(value)})


def settings(**values: Any) -> TrytonSettings:
    given = {"url": ADDRESS, "database": "tryton", "user": "agent", "password": "s3cret"}
    return TrytonSettings.model_validate(given | {"http": HTTP} | values)


def client(fake: FakeTryton, **values: Any) -> Client:
    return Client(settings(**values), httpx.MockTransport(fake))
