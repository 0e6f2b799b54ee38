"""One night of the demo company: build it, start its ERP, run the agents, serve the pages on which the
night is validated.

Standard library only. Everything it makes is under ``.demo`` beside this folder: the company's
Tryton, Régisseur's own database, its settings, the reports, mails and letters.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from launch import AGENT, AGENT_PASSWORD, DATABASE, ON, DemoError, copy_to, ensure_built

DEMO = Path(__file__).resolve().parent
ROOT = DEMO.parent
HOME = ROOT / ".demo" / "night"
ERP = HOME / "erp"
SERVER = HOME / "server.json"
OFFICE = HOME / "office.json"
PORT = 8765
ADDRESS = "Régisseur: "
MADE_FROM = ERP / "snapshot"
SETTINGS = HOME / "regisseur.toml"
MAILBOX = HOME / "mailbox"
AGENTS = ("planning", "purchasing", "invoice_followup")
REGISSEUR = ROOT / ".venv" / "bin" / "regisseur"
PASSWORD = "atelier-martin-demo"
MANAGER = "camille"
PEOPLE = {
    MANAGER: ("Camille Martin", ["approver", "administrator"], ""),
    "lea": ("Léa Roux, comptabilité", ["approver"], "agents=invoice_followup"),
    "hugo": ("Hugo Petit, atelier", ["operator"], ""),
}
"""By login: name, roles and limit. The password is a demo's and public."""


def main() -> int:
    """Run the night, stop its ERP, or start over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stop", action="store_true", help="stop the pages and Tryton")
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
    server = running() or start()
    SETTINGS.write_text(settings(server), encoding="utf-8")
    SETTINGS.chmod(0o600)
    say(f"Tryton answers at {server['url']}; running the night of {ON}")
    code = regisseur("nightly", "--on", ON.isoformat())
    for agent in AGENTS:
        regisseur("report", agent, "--output", str(report(agent)), quiet=True)
    if code == 0:
        let_people_in()
        office = answering(OFFICE) or serve()
        print(next_steps(server, office))
    return code


def let_people_in() -> None:
    """Who may sign in to the pages: the manager, the accountant, the head of the workshop."""
    listed = subprocess.run(
        [REGISSEUR, "--config", SETTINGS, "people", "list", "--json"],
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    known = {one["person"]["id"] for one in json.loads(listed.stdout)["members"]}
    for login, (name, roles, limit) in PEOPLE.items():
        if login not in known:
            options = [word for role in roles for word in ("--role", role)]
            options += ["--limit", limit] if limit else []
            options += ["--email", f"{login}@atelier-martin.example", "--by", MANAGER]
            subprocess.run(
                [REGISSEUR, "--config", SETTINGS, "people", "add", login, "--name", name,
                 "--password-stdin", *options],
                input=PASSWORD, stdout=subprocess.DEVNULL, check=True, text=True,
            )  # fmt: skip


def serve() -> dict[str, Any]:
    """Start the pages in the background, where they stay until ``make demo-stop``."""
    log = HOME / "office.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [REGISSEUR, "--config", SETTINGS, "serve", "--port", str(free_port())],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    while process.poll() is None:
        told = [line for line in log.read_text().splitlines() if line.startswith(ADDRESS)]
        if told:
            office = {"pid": process.pid, "url": told[0].removeprefix(ADDRESS).strip()}
            OFFICE.write_text(json.dumps(office))
            return office
        time.sleep(0.1)
    raise DemoError(f"the pages could not be served; see {log}")


def free_port() -> int:
    """The usual port, or any other where something listens on it already."""
    with socket.socket() as one:
        return 0 if one.connect_ex(("127.0.0.1", PORT)) == 0 else PORT


def report(agent: str) -> Path:
    """Where an agent's report lies."""
    return HOME / f"{agent}.html"


def settings(server: dict[str, Any]) -> str:
    """The demo company's regisseur.toml."""
    agents = "\n".join((DEMO / f"{one}.toml").read_text(encoding="utf-8") for one in AGENTS)
    return f"""\
# Written by `make demo`; the passwords are a demo's and public.
[company]
id = "atelier-martin"
name = "Atelier Martin"
locale = "fr_FR"

[company.erp]
vendor = "tryton"
url = "{server["url"]}"
database = "{DATABASE}"
user = "{AGENT}"
password = "{AGENT_PASSWORD}"

[company.mail]
vendor = "smtp"
host = "127.0.0.1"
port = {server["mail_port"]}
security = "none"
sent_folder = "sent"

[company.post]
vendor = "folder"
folder = "letters"

# The night of the demo is run by `make demo`, for a day of its own.
[company.night]
enabled = false

{agents.replace("[agents.", "[company.agents.")}"""


def start() -> dict[str, Any]:
    """Start Tryton and its mail server in the background, where they stay until
    ``make demo-stop``.
    """
    log = HOME / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [DEMO / ".venv/bin/python", DEMO / "company.py", "serve",
             "--database", ERP, "--on", ON.isoformat(), "--mailbox", MAILBOX],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    while process.poll() is None:
        ready = [line for line in log.read_text().splitlines() if line.startswith("ready ")]
        if ready:
            _, url, mail_port = ready[0].split()
            server = {"pid": process.pid, "url": url, "mail_port": int(mail_port)}
            SERVER.write_text(json.dumps(server))
            return server
        time.sleep(0.1)
    raise DemoError(f"Tryton did not start; see {log}")


def running() -> dict[str, Any] | None:
    """Where the demo's Tryton and its mail server are, if Tryton answers."""
    return answering(SERVER, f"/{DATABASE}/rpc/")


def answering(file: Path, path: str = "/") -> dict[str, Any] | None:
    """What was started, as ``file`` has it, if it answers."""
    if not file.exists():
        return None
    server: dict[str, Any] = json.loads(file.read_text())
    try:
        # Any answer will do: without a body Tryton answers with an error page.
        urllib.request.urlopen(f"{server['url']}{path}", timeout=5)
    except urllib.error.HTTPError:
        return server
    except OSError:
        return None
    return server


def stop() -> None:
    """Stop the pages and the demo's Tryton, and nothing else."""
    for file, path, name in (
        (OFFICE, "/", "The pages are"),
        (SERVER, f"/{DATABASE}/rpc/", "Tryton is"),
    ):
        server = answering(file, path)
        if server is not None:
            os.kill(server["pid"], signal.SIGTERM)
            while answering(file, path) is not None:
                time.sleep(0.1)
            say(f"{name} stopped.")
        file.unlink(missing_ok=True)


def reset() -> None:
    """Stop everything and forget the night; the built company is kept."""
    stop()
    shutil.rmtree(HOME, ignore_errors=True)


def regisseur(*words: str, quiet: bool = False) -> int:
    """Run a command of ours for the demo company."""
    output = subprocess.DEVNULL if quiet else None
    command = [REGISSEUR, "--config", SETTINGS, *words]
    return subprocess.run(command, stdout=output, check=False).returncode


def next_steps(server: dict[str, Any], office: dict[str, Any]) -> str:
    """How to look at the night and decide."""
    command = f"{REGISSEUR.relative_to(ROOT)} --config {SETTINGS.relative_to(ROOT)}"
    reports = "\n               ".join(str(report(one).relative_to(ROOT)) for one in AGENTS)
    return f"""
The reports    {reports}
What waits     {command} inbox
One in full    {command} show ID
Decide         {command} decide ID approve --by {MANAGER}
{examples(command)}
Sort a debt    {command} tell triage customer=Givors verdict=start --by {MANAGER}
               {command} run invoice_followup --on {ON} --again
               more to tell: {command} tell --help
Tryton         {server["url"]} (database {DATABASE}, user {AGENT}, password {AGENT_PASSWORD})
Stop all       make demo-stop        Start over    make demo-reset

Read the morning pack and decide:  {office["url"]}
               sign in as {", ".join(PEOPLE)} (password {PASSWORD})
"""


def examples(command: str) -> str:
    """How to send the first reminder that waits, to approve the whole plan, and what to find then."""
    listed = subprocess.run(
        [REGISSEUR, "--config", SETTINGS, "inbox", "--json"],
        stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    waiting = json.loads(listed.stdout)["actions"]
    reminders, moves = (
        [one["id"][:8] for one in waiting if one["kind"] == kind]
        for kind in ("send_reminder", "reschedule_production")
    )
    return f"""\
A reminder     {command} decide {" ".join(reminders[:1]) or "ID"} approve --by {MANAGER}
               the mail arrives in {MAILBOX.relative_to(ROOT)}, Tryton has a note on the customer;
               letters that you approve lie in {(HOME / "letters").relative_to(ROOT)}
The plan       {command} decide {" ".join(moves) or "ID"} approve --by {MANAGER}
               production orders get their new days in Tryton; leave out any that you don't want
               {command} print planning work_lists --output work_lists.pdf
What if        {command} plan --on {ON} \\
               --what-if 'down centre="Laser 2 kW" begins=2026-11-25T06:00 ends=2026-11-26T14:00'"""


def say(line: str) -> None:
    """Progress goes to standard error."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
