"""Wrong use is told with code 2, as JSON where JSON was asked for."""

import json

import pytest
from shop import Shop

from regisseur.office.cli.parser import parse

COMMANDS = [
    "init", "doctor", "run", "nightly", "sweep", "report", "inbox", "show", "decide", "resolve",
    "stop", "go", "audit",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([command, "--help"])
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out


def test_common_options_stand_anywhere() -> None:
    before = parse(["--company", "atelier", "--json", "inbox"])
    after = parse(["inbox", "--company", "atelier", "--json"])
    nested = parse(["audit", "verify", "--json", "--company", "atelier"])
    assert vars(before) == vars(after)
    assert (nested.json, nested.company, nested.verbose) == (True, "atelier", False)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["frobnicate"], "invalid choice"),
        ([], "required"),
        (["run"], "AGENT"),
        (["run", "clerk", "--on", "2026-02-30"], "'2026-02-30' is no date; write 2026-11-23"),
        (["report", "--on", "23/11/2026"], "is no date"),
        (["decide", "abc", "maybe"], "invalid choice: 'maybe'"),
        (["decide", "abc", "edit", "--set", "quantity"], "not of the form name=value"),
        (["decide", "abc", "snooze", "--until", "soon"], "is no date"),
        (["resolve", "abc", "perhaps"], "invalid choice"),
        (["stop"], "--reason"),
    ],
)
def test_wrong_use(words: list[str], told: str, empty_shop: Shop) -> None:
    plain, machine = empty_shop.run(*words), empty_shop.run(*words, "--json")
    assert (plain.code, machine.code) == (2, 2)
    assert told in plain.err
    assert plain.out == ""
    error = json.loads(machine.out)["error"]
    assert (error["code"], error["type"]) == (2, "Usage")
    assert told in error["message"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["approve", "--reason", "other"], "--reason: goes with reject, not with approve"),
        (["reject"], "--reason: reject needs it"),
        (["snooze"], "--until: snooze needs it"),
        (["reassign"], "--assignee: reassign needs it"),
        (["edit"], "--set: edit needs it"),
        (["reject", "--reason", "other", "--until", "2027-01-01"], "--until: goes with snooze"),
    ],
)
def test_options_belong_to_their_verdict(words: list[str], told: str, empty_shop: Shop) -> None:
    ran = empty_shop.run("decide", "abc", *words)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
