"""How far each company's audit chain had come, kept outside the database.

A database that is shorter than its watermark was restored from a backup: what was done since is
in the ERP but not in the ledger. Such a company writes nothing until every action that isn't
final has been looked up (design, law 9).
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from regisseur.errors import NeedsPerson


class Watermark:
    """A small file beside the database or the settings; without a path, nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self.path = path

    def of(self, company_id: str) -> int:
        """The longest chain seen for this company; raises NeedsPerson if the file is damaged."""
        return self._read().get(company_id, 0)

    def raise_to(self, company_id: str, length: int) -> None:
        """Remember a longer chain; never goes back, and never leaves half a file."""
        marks = self._read()
        if self.path is None or marks.get(company_id, 0) >= length:
            return
        self._write(self.path, {**marks, company_id: length})

    def lower_to(self, company_id: str, length: int) -> None:
        """Accept a restored database as it is, once everything has been looked up."""
        if self.path is not None:
            self._write(self.path, {**self._read(), company_id: length})

    def _read(self) -> dict[str, int]:
        if self.path is None or not self.path.exists():
            return {}
        try:
            return {
                str(key): int(value) for key, value in json.loads(self.path.read_text()).items()
            }
        except (ValueError, AttributeError) as error:
            raise NeedsPerson(
                f"{self.path} is damaged: it tells whether the database was restored from a backup. "
                "If it was not, delete the file."
            ) from error

    @staticmethod
    def _write(path: Path, marks: dict[str, int]) -> None:
        draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            draft.write_text(json.dumps(marks, sort_keys=True))
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise NeedsPerson(
                f"{path} can't be written: {error.strerror}. What was done is recorded; free some "
                "space or check the rights of its folder."
            ) from error
