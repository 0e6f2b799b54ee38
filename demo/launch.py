"""Start the demo company from outside its own environment: standard library only.

>>> folder = ensure_built()                        # doctest: +SKIP
>>> with serve(copy_to(folder, "/tmp/x")) as erp:  # doctest: +SKIP
...     print(erp.url)
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DEMO = Path(__file__).resolve().parent
ON = date(2026, 11, 23)
DATABASE = "tryton"
AGENT, AGENT_PASSWORD = "agent", "atelier-martin-agent"
ADMIN, ADMIN_PASSWORD = "admin", "atelier-martin-admin"
_PYTHON = DEMO / ".venv" / "bin" / "python"


class DemoError(RuntimeError):
    """The demo company could not be built or started; the message says what to do."""


@dataclass(frozen=True)
class Served:
    """A running demo company. The passwords are a demo's: public."""

    url: str
    folder: Path
    on: date
    mail_port: int
    """Of a mail server on the loopback that keeps what it takes in ``mailbox``."""
    mailbox: Path
    database: str = DATABASE
    user: str = AGENT
    password: str = AGENT_PASSWORD
    admin: str = ADMIN
    admin_password: str = ADMIN_PASSWORD


def ensure_built(progress: Callable[[str], None] | None = None) -> Path:
    """Install Tryton if needed, build the company if needed, and give the snapshot's folder.

    ``progress`` gets one line a step; by default lines go to standard error. Never write to the
    snapshot: serve a copy of it (``copy_to``).
    """
    tell = progress or (lambda line: print(line, file=sys.stderr, flush=True))
    _install()
    command: list[str | Path] = [_PYTHON, DEMO / "company.py", "build"]
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():
            lines.append(line.rstrip())
            tell(lines[-1])
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise DemoError("the demo company could not be built:\n" + "\n".join(lines[-20:]))
    return Path(output.strip())


def copy_to(snapshot: Path, folder: Path | str) -> Path:
    """Put a fresh copy of the snapshot in ``folder``; what was there is lost."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    for leftover in target.glob("tryton.sqlite*"):
        leftover.unlink()
    shutil.copyfile(snapshot / "tryton.sqlite", target / "tryton.sqlite")
    return target


@contextmanager
def serve(folder: Path, on: date = ON, port: int = 0) -> Iterator[Served]:
    """Serve the database in ``folder`` on the loopback until the block is left.

    The server also stops when this process dies; what it complains of goes to ``server.log`` in the
    folder. A start takes about four seconds.
    """
    log = folder / "server.log"
    command: list[str | Path] = [_PYTHON, DEMO / "company.py", "serve", "--database", folder]
    options = ["--port", str(port), "--on", on.isoformat(), "--with-parent"]
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [*command, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            ready = process.stdout.readline() if process.stdout else ""
            if not ready.startswith("ready "):
                raise DemoError(f"the demo company did not start: read {log}")
            _, url, mail_port = ready.split()
            yield Served(url, folder, on, int(mail_port), folder / "mailbox")
        finally:
            process.terminate()


def _install() -> None:
    stamp = DEMO / ".venv" / "installed-lock"
    wanted = hashlib.sha256((DEMO / "uv.lock").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        _sync()
        stamp.write_text(wanted)


def _sync() -> None:
    command = [_uv(), "sync", "--locked", "--quiet", "--project", str(DEMO)]
    environment = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"uv could not install demo/uv.lock:\n{done.stderr.strip()}")


def _uv() -> str:
    bootstrapped = DEMO.parent / ".uv" / "bin" / "uv"
    found = os.environ.get("UV") or shutil.which("uv")
    if found:
        return found
    if bootstrapped.exists():
        return str(bootstrapped)
    raise DemoError("uv was not found: run `make` once, or put uv on PATH, or set UV to its path")
