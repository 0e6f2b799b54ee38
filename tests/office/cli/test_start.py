"""How the command starts and how it ends, in processes of their own."""

import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys

import pytest
from shop import ON, Shop

from regisseur.office.cli.main import main

HEAVY = {"langgraph", "langchain_core", "sqlalchemy", "httpx", "pydantic", "babel", "numpy", "rich"}
WATCHED = """
import runpy, sys
sys.argv = ["regisseur", {words}]
try:
    runpy.run_module("regisseur", run_name="__main__", alter_sys=True)
except SystemExit as ended:
    print(ended.code, file=sys.stderr)
print(*sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def test_help_imports_nothing_heavy(capsys: pytest.CaptureFixture[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED.format(words='"--help"')],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    code, modules = ran.stderr.splitlines()
    assert "exit codes" in ran.stdout
    assert code == "0"
    assert not HEAVY & set(modules.split())
    assert "argparse" in modules
    with capsys.disabled():
        print(f" [regisseur --help: {seconds:.2f} CPU s]", end="")  # wanted: under 0.3


def test_wrong_use_imports_nothing_heavy() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED.format(words='"run", "clerk", "--on", "tomorrow"')],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    *_, code, modules = ran.stderr.splitlines()
    assert code == "2"
    assert not HEAVY & set(modules.split())


def test_the_installed_command_is_this_one(empty_shop: Shop) -> None:
    from importlib.metadata import entry_points

    (command,) = entry_points(group="console_scripts", name="regisseur")
    assert command.value == "regisseur.__main__:main"


def test_json_is_all_that_is_on_standard_output(night: Shop) -> None:
    ran = night.spawn("run", "clerk", "--on", str(ON), "--again", "--json")
    out, err = ran.communicate()
    assert ran.returncode == 0
    assert out.startswith("{")
    assert "Reading stock" in err


def test_nobody_reads_to_the_end(night: Shop) -> None:
    night.stock("ASH", "Sawmill", "12")
    reading, writing = os.pipe()
    os.close(reading)
    ran = night.spawn("show", night.ids()[0], stdout=writing)
    os.close(writing)
    assert (ran.communicate()[1], ran.returncode) == ("", 141)


def test_interrupted_while_the_erp_thinks(shop: Shop) -> None:
    """Ctrl-C ends it at once and cleanly; the sweeper goes on with the mission."""
    settings = (shop.folder / "regisseur.toml").read_text()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        tryton = f'vendor = "tryton"\nurl = "{url}"\ndatabase = "x"\nuser = "x"\npassword = "x"'
        shop.configure(settings.replace('vendor = "memory"\nfile = "erp.json"', tryton))
        ran = shop.spawn("run", "clerk", "--on", str(ON), "--json")
        connection, _ = silent.accept()
        ran.send_signal(signal.SIGINT)
        out, err = ran.communicate(timeout=60)
        connection.close()
    assert (ran.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("interrupted; nothing is lost")
    assert "Traceback" not in err
    shop.configure(settings)
    (swept,) = shop.run("sweep", "--json").json["swept"]
    assert len(swept["resumed"]) == 1
    assert len(shop.ids()) == 2


def test_a_failed_mission_of_several_is_one_line(shop: Shop) -> None:
    settings = (shop.folder / "regisseur.toml").read_text()
    shop.configure(settings + "[company.agents.clerk]\nbug = true\n")
    ran = shop.spawn("nightly", "--on", str(ON))
    out, err = ran.communicate()
    assert ran.returncode == 1
    assert "The mission failed: LookupError: the clerk has lost his glasses" in out
    assert [one.split()[0] for one in err.splitlines()] == ["0", "regisseur:"]


def test_an_old_terminal(night: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What can't be shown becomes a question mark; a document stays one."""
    night.erp.change(night.erp.records.suppliers[0], name="Aciéries")
    night.run("run", "clerk", "--on", "2026-11-24")
    told = ""
    for words in (["inbox"], ["inbox", "--json"]):
        with monkeypatch.context() as old:
            kept = io.BytesIO()
            terminal = io.TextIOWrapper(kept, encoding="ascii")
            old.setattr(sys, "stdout", terminal)
            assert main(words) == 0
            terminal.flush()
            told = kept.getvalue().decode("ascii")
        assert ("Aci?ries" in told) == (words == ["inbox"])
    summaries = [one["summary"] for one in json.loads(told)["actions"]]
    assert any(one.startswith("Aciéries") for one in summaries)
