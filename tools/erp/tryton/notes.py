"""Notes on Tryton's records, found again by a key in their last line."""

from __future__ import annotations

from collections.abc import Sequence

from regisseur.errors import Unsupported
from regisseur.tools.erp.ports import Note
from regisseur.tools.erp.tryton.client import MODELS, Client
from regisseur.tools.erp.tryton.values import number
from regisseur.tools.records import RecordRef


class TrytonNotes:
    """The port ``Notes`` on Tryton's ``ir.note``, which has no field for a key of ours."""

    client: Client

    async def find_notes(self, about: RecordRef, key: str) -> Sequence[Note]:
        """Notes on this record whose last line is exactly our key line."""
        rows = await self.client.read_all(
            "ir.note", [["resource", "=", _resource(about)]], ["message"]
        )
        end = f"\n{key_line(key)}"
        return [
            Note(id=str(row["id"]), about=about, text=text.removesuffix(end), key=key)
            for row in rows
            if (text := row["message"] or "").endswith(end)
        ]

    async def add_note(self, about: RecordRef, text: str, key: str) -> str:
        """Attach a note to an existing record; everyone who may read the record sees it."""
        message = f"{text}\n{key_line(key)}"
        values = {"resource": _resource(about), "message": message}
        created = await self.client.write("model.ir.note.create", [values])
        return str(created[0])


def key_line(key: str) -> str:
    """The last line of a note, by which it is found again."""
    return f"[regisseur {key}]"


def _resource(about: RecordRef) -> str:
    if about.model not in MODELS:
        raise Unsupported(f"Tryton has no place for a note on a {about.model}.")
    return f"{MODELS[about.model]},{number(about.id)}"
