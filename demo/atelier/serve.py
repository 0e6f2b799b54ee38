# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve one database folder over HTTP on the loopback, on a day that stands still, and take mail."""

from __future__ import annotations

import os
import signal
import threading
from datetime import date
from pathlib import Path
from typing import Any

from atelier.erp import DATABASE
from atelier.mailbox import mailbox


def serve(folder: Path, port: int, on: date, mails: Path, with_parent: bool) -> None:
    """Answer until SIGTERM or SIGINT (or the end of standard input, ``with_parent``).

    Prints ``ready``, its URL and the port of its mail server, whose mails lie in ``mails``.
    One thread: on SQLite, Tryton loses writes that run at the same time.
    """
    os.environ["TRYTOND_DATABASE__URI"] = "sqlite://"
    os.environ["TRYTOND_DATABASE__PATH"] = str(folder)
    from trytond.application import app
    from waitress.server import create_server

    _freeze(on)
    server = create_server(app, host="127.0.0.1", port=port, threads=1)
    signal.signal(signal.SIGTERM, _stop)
    if with_parent:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    with mailbox(mails) as mail_port:
        print(f"ready http://127.0.0.1:{server.effective_port} {mail_port}", flush=True)
        try:
            server.run()
        except SystemExit:
            server.close()


def _freeze(on: date) -> None:
    from trytond.pool import Pool
    from trytond.transaction import Transaction

    pool = Pool(DATABASE)
    with Transaction().start(DATABASE, 0, readonly=True):
        pool.init()

    def today(cls: type, timezone: object = None) -> date:
        return on

    dates: Any = pool.get("ir.date")
    dates.today = classmethod(today)


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _stop_with_parent() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
