"""Trying a night on the settings that were typed, before they are written: nothing is kept."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from regisseur.errors import RegisseurError
from regisseur.office.doctor import Examination
from regisseur.office.faces import AsyncOffice
from regisseur.office.house import wall_clock
from regisseur.office.settings import parse_part
from regisseur.office.setup.writing import discard
from regisseur.office.web.progress import Watched
from regisseur.tools.erp.ports import Probe
from regisseur.tools.records import Company, Message


async def probed(adapter: Any, told: dict[str, str], company: Company, folder: Path) -> Probe:
    """Sign in at the ERP and ask who answers; raises what the adapter raises."""
    opened = adapter.open(parse_part(adapter.settings, {**told}, "erp", folder), company)
    try:
        probe: Probe = await opened.probe()
        return probe
    finally:
        await opened.close()


class Rehearsal:
    """An examination under way: its steps while it runs, then what was found."""

    def __init__(self, draft: Path, company: str) -> None:
        self._watched = Watched(wall_clock)
        self.titles: dict[str, Message] = {}
        """What people call each agent that is installed."""
        self.found: Examination | None = None
        self.problem: str | None = None
        self.task = asyncio.create_task(self._run(draft, company))

    @property
    def ended(self) -> bool:
        """Is there something to show?"""
        return self._watched.ended

    @property
    def steps(self) -> list[Message]:
        """What it has been doing."""
        return [one.message for one in self._watched.steps]

    async def _run(self, draft: Path, company: str) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="regisseur-setup-") as folder:
                database = f"sqlite:///{Path(folder) / 'rehearsal.sqlite'}"
                async with await AsyncOffice.open(draft, database=database) as office:
                    self.titles = dict(office.opened.core.house.desk(company).titles)
                    self.found = await office.doctor(company=company, tell=self._watched.tell)
        except RegisseurError as error:
            self.problem = str(error)
        finally:
            discard(draft)
            self._watched.end()

    async def stop(self) -> None:
        """Give it up; harmless when it has ended."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
