"""One night of the demo company: build it, start its ERP, run the agents, say what to do next.

Standard library only. Everything it makes is under ``.demo`` beside this folder:
the company's Tryton, Régisseur's own database, its settings, the report.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from launch import AGENT, AGENT_PASSWORD, DATABASE, ON, DemoError, copy_to, ensure_built

DEMO = Path(__file__).resolve().parent
ROOT = DEMO.parent
HOME = ROOT / ".demo" / "night"
ERP = HOME / "erp"
SERVER = HOME / "server.json"
MADE_FROM = ERP / "snapshot"
SETTINGS = HOME / "regisseur.toml"
REPORT = HOME / "report.html"
REGISSEUR = ROOT / ".venv" / "bin" / "regisseur"


def main() -> int:
    """Run the night, stop its ERP, or start over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stop", action="store_true", help="stop the demo's Tryton")
    parser.add_argument("--reset", action="store_true", help="stop it and forget the night")
    arguments = parser.parse_args()
    if arguments.reset:
        reset()
        say("The night is forgotten; `make demo` starts a new one.")
        return 0
    if arguments.stop:
        stop()
        return 0
    try:
        return night()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1


def night() -> int:
    """Build, serve, run, report; safe to repeat: the same night proposes nothing twice."""
    snapshot = ensure_built(progress=say)
    if MADE_FROM.exists() and MADE_FROM.read_text() != snapshot.name:
        say("The demo company has changed since: starting over.")
        reset()
    if not MADE_FROM.exists():
        copy_to(snapshot, ERP)
        MADE_FROM.write_text(snapshot.name)
    url = running() or start()
    SETTINGS.write_text(settings(url), encoding="utf-8")
    SETTINGS.chmod(0o600)
    say(f"Tryton answers at {url}; running the night of {ON}")
    code = regisseur("nightly", "--on", ON.isoformat())
    regisseur("report", "purchasing", "--format", "html", "--output", str(REPORT), quiet=True)
    if code == 0:
        print(next_steps())
    return code


def settings(url: str) -> str:
    """The demo company's regisseur.toml."""
    terms = (DEMO / "purchasing.toml").read_text(encoding="utf-8")
    return f"""\
# Written by `make demo`; the passwords are a demo's and public.
[company]
id = "atelier-martin"
name = "Atelier Martin"
locale = "fr_FR"

[company.erp]
vendor = "tryton"
url = "{url}"
database = "{DATABASE}"
user = "{AGENT}"
password = "{AGENT_PASSWORD}"

{terms.replace("[agents.", "[company.agents.")}"""


def start() -> str:
    """Start Tryton in the background, where it stays until ``make demo-stop``."""
    log = HOME / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [DEMO / ".venv/bin/python", DEMO / "company.py", "serve",
             "--database", ERP, "--on", ON.isoformat()],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    while process.poll() is None:
        ready = [line for line in log.read_text().splitlines() if line.startswith("ready ")]
        if ready:
            url = ready[0].split()[1]
            SERVER.write_text(json.dumps({"pid": process.pid, "url": url}))
            return url
        time.sleep(0.1)
    raise DemoError(f"Tryton did not start; see {log}")


def running() -> str | None:
    """The address of the demo's Tryton if it answers."""
    if not SERVER.exists():
        return None
    url: str = json.loads(SERVER.read_text())["url"]
    try:
        # Anything that Tryton answers will do; without a body it answers with an error page.
        urllib.request.urlopen(f"{url}/{DATABASE}/rpc/", timeout=5)
    except urllib.error.HTTPError:
        return url
    except OSError:
        return None
    return url


def stop() -> None:
    """Stop the demo's Tryton, and nothing else."""
    if running() is None:
        SERVER.unlink(missing_ok=True)
        return
    os.kill(json.loads(SERVER.read_text())["pid"], signal.SIGTERM)
    while running() is not None:
        time.sleep(0.1)
    SERVER.unlink()
    say("Tryton is stopped.")


def reset() -> None:
    """Stop Tryton and forget the night; the built company is kept."""
    stop()
    shutil.rmtree(HOME, ignore_errors=True)


def regisseur(*words: str, quiet: bool = False) -> int:
    """Run a command of ours for the demo company."""
    output = subprocess.DEVNULL if quiet else None
    command = [REGISSEUR, "--config", SETTINGS, *words]
    return subprocess.run(command, stdout=output, check=False).returncode


def next_steps() -> str:
    """How to look at the night and decide."""
    command = f"{REGISSEUR.relative_to(ROOT)} --config {SETTINGS.relative_to(ROOT)}"
    return f"""
The report     {REPORT.relative_to(ROOT)}
What waits     {command} inbox
One in full    {command} show ID
Decide         {command} decide ID approve
Stop Tryton    make demo-stop        Start over    make demo-reset
"""


def say(line: str) -> None:
    """Progress goes to standard error."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
