# SPDX-License-Identifier: GPL-3.0-or-later
"""Tryton inside this process: one database, a day that stands still, transactions that commit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

DATABASE = "tryton"
BATCH = 40
"""More records than this in one ``create`` overflow SQLite's parser stack (8.2)."""


class Erp:
    """The models of a database, seen by user 1 on a day that is set; nobody else is connected.

    That is why tables need no lock: Tryton would roll back and start over to take one.

    Tryton reads its settings from the environment when it is first imported, so one process serves
    one folder: make only one ``Erp``.
    """

    def __init__(self, folder: Path, today: date) -> None:
        os.environ["TRYTOND_DATABASE__URI"] = "sqlite://"
        os.environ["TRYTOND_DATABASE__PATH"] = str(folder)
        from trytond.pool import Pool
        from trytond.transaction import Transaction

        Pool.start()
        self._transaction = Transaction
        self.pool = Pool(DATABASE)
        with Transaction().start(DATABASE, 0, readonly=True):
            self.pool.init()
        self.today = today
        self.context: dict[str, Any] = {"_skip_warnings": True, "language": "fr"}
        Transaction.lock_table = lambda transaction, table: None
        Transaction.lock_records = lambda transaction, table, ids: None
        self._freeze()

    def _freeze(self) -> None:
        def today(cls: type, timezone: object = None) -> date:
            return self.today

        self.model("ir.date").today = classmethod(today)

    def model(self, name: str) -> Any:
        """The model class of that name."""
        return self.pool.get(name)

    def xml_id(self, module: str, name: str) -> int:
        """The id of a record that a module's data brought."""
        record: int = self.model("ir.model.data").get_id(module, name)
        return record

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Run as user 1, commit at the end, then run what was queued."""
        from trytond.worker import run_task

        with self._transaction().start(DATABASE, 1, context=self.context) as transaction:
            yield transaction
            transaction.commit()
            tasks = list(transaction.tasks)
            transaction.tasks.clear()
        for task in tasks:
            run_task(self.pool, task)

    def cursor(self) -> Any:
        """A cursor of the transaction that runs, for what no model can write."""
        return self._transaction().connection.cursor()

    def save(self, records: list[Any]) -> list[Any]:
        """Save new records of one model, in batches that SQLite can take."""
        for start in range(0, len(records), BATCH):
            type(records[0]).save(records[start : start + BATCH])
        return records
