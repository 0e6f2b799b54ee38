"""The brake and the audit at the command line."""

import json
import sqlite3
import subprocess
import sys

from shop import Shop

from regisseur.storage.canonical import digest


def test_the_brake(night: Shop) -> None:
    ran = night.run("stop", "--agent", "clerk", "--reason", "trying things", "--by", "nora")
    assert (ran.code, ran.err) == (0, "")
    assert "regisseur go --agent clerk" in ran.out
    assert night.run("go").out == "The brake was not pulled.\n"
    document = night.run("go", "--agent", "clerk", "--json").json
    assert document == {"stopped": False, "agent": "clerk", "was_stopped": True}
    assert night.run("stop", "--agent", "nobody", "--reason", "x").code == 2


def test_the_audit_chain(night: Shop) -> None:
    report = night.run("report", "--json").json["reports"][0]["report"]
    good = night.run("audit", "verify", "--head", report["audit_head"], "--json")
    assert good.code == 0
    assert good.json["audit"]["intact"] is True
    assert night.run("audit", "verify").out.startswith("Intact · ")
    lines = night.run("audit", "export").out.splitlines()
    assert len(lines) == good.json["audit"]["entries"]
    assert json.loads(lines[-1])["digest"] == good.json["audit"]["head"]
    assert night.run("audit", "export", "--json").json["entries"][0]["sequence"] == 1


def test_a_head_that_is_not_in_the_chain(night: Shop) -> None:
    ran = night.run("audit", "verify", "--head", "ab" * 32)
    assert ran.code == 5
    assert ran.out.startswith("Intact · ")
    assert "The head given is not in this chain" in ran.out
    assert night.run("audit", "verify", "--head", "ab" * 32, "--json").json["audit"]["why"]


def test_a_changed_entry_breaks_the_chain(night: Shop) -> None:
    with sqlite3.connect("regisseur.db") as database:
        database.execute("UPDATE audit SET event = 'rejected' WHERE sequence = 2")
    database.close()
    ran = night.run("audit", "verify")
    assert ran.code == 5
    assert ran.out.startswith("Broken · 1 entry\nat entry 2: its content was changed\n")
    assert night.run("audit", "verify", "--json").json["audit"]["broken_at"] == 2


def test_an_export_is_whole_on_an_old_terminal_too(night: Shop) -> None:
    night.run("stop", "--reason", "Inventaire", "--by", "nora")
    ran = subprocess.run(
        [sys.executable, "-m", "regisseur", "audit", "export"], cwd=night.folder, text=True,
        env=night.environment() | {"PYTHONIOENCODING": "ascii"}, capture_output=True, check=True,
    )  # fmt: skip
    exported = [json.loads(line) for line in ran.stdout.splitlines()]
    assert exported == night.run("audit", "export", "--json").json["entries"]
    previous = "0" * 64
    for one in exported:
        content = {name: value for name, value in one.items() if name != "digest"}
        assert one["previous"] == previous
        previous = digest({**content, "company": "atelier"})
        assert one["digest"] == previous
