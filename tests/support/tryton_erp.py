"""Our connection to a real Tryton, and Tryton's own tables as the second opinion."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from typing import Any

from tryton_server import TrytonServer

from regisseur.tools.erp.tryton import Tryton, TrytonSettings


def connection(url: str, user: str, password: str, **more: Any) -> Tryton:
    """A user's connection; ``more`` are further settings."""
    settings = {"url": url, "database": "tryton", "user": user, "password": password}
    return Tryton(TrytonSettings.model_validate(settings | more))


def rows(server: TrytonServer, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What Tryton's tables say."""
    database = f"file:{server.folder / 'tryton.sqlite'}?mode=ro"
    with closing(sqlite3.connect(database, uri=True)) as connected:
        return connected.execute(query, values).fetchall()


def near(one: Decimal, other: float) -> bool:
    """The same, but for what a float of the database leaves."""
    return abs(float(one) - other) < 1e-6
