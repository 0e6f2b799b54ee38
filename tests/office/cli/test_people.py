"""People and tokens at the command line."""

from __future__ import annotations

import io

import pytest
from shop import Shop


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> str:
    """What is handed in on standard input, and the option that reads it."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{text}\n"))
    return "--password-stdin"


def test_people_come_change_and_go(night: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert night.run("people", "list").out.startswith("Nobody is a member")
    boss = ("people", "add", "boss", "--name", "Berthe", "--role", "administrator")
    assert night.run(*boss, typed(monkeypatch, "correct horse battery")).code == 0
    by = ("--by", "boss")
    limit = ("--limit", "up_to=1500 kinds=place_purchase_order")
    ana = ("people", "add", "ana", "--name", "Ana", "--role", "approver", *limit)
    refused = night.run(*ana)
    assert refused.code == 6
    assert "is no member of atelier (`--by LOGIN` on the command line)" in refused.err
    assert night.run(*ana, *by).code == 0
    wrong = night.run("people", "change", "ana", "--limit", "upto=15", *by)
    assert (wrong.code, "upto" in wrong.err) == (2, True)
    changed = night.run(
        "people", "change", "ana", "--substitute", "boss", "--away", "2026-12-24..2027-01-02",
        "--digest", "no", *by, "--json",
    ).json["member"]  # fmt: skip
    assert (changed["substitute"], changed["absent_until"], changed["digest"]) == (
        "boss", "2027-01-02", False
    )  # fmt: skip
    listed = " ".join(night.run("people", "list").out.split())
    assert "ana Ana decide place_purchase_order ≤" in listed
    assert "€1,500.00" in listed
    assert "boss Thu 24 Dec–Sat 2 Jan" in listed
    first = night.ids()[0]
    assert night.run("decide", first, "approve", "--by", "boss").code == 6
    assert night.run("people", "password", "ana", *by).code == 2
    word = night.run("people", "password", "ana", *by, typed(monkeypatch, "another password"))
    assert word.out == "Done; it is told in the audit.\n"
    assert night.run("people", "remove", "ana", *by).out == "Taken out of the company.\n"
    assert night.run("people", "remove", "boss", *by, "--everywhere").code == 2


def test_tokens(night: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    night.run("people", "add", "boss", "--name", "Berthe", "--role", "administrator")
    make = ("token", "make", "boss", "--for", "the till", "--scope", "see", "--by", "boss")
    made = night.run(*make)
    assert len(made.out.strip()) >= 43
    assert "not shown again" in made.err
    (kept,) = night.run("token", "list", "--json").json["tokens"]
    assert made.out.strip() not in str(kept)
    assert "the till" in night.run("token", "list").out
    assert night.run("token", "revoke", kept["id"], "--by", "boss").code == 0
    assert "revoked" in night.run("token", "list").out
