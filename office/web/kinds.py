"""What people call kinds of action."""

from __future__ import annotations

from regisseur.graphs.desk import Desk
from regisseur.office.reports.reader import Reader

SEVERAL = 2


def names(desk: Desk, reader: Reader) -> dict[str, str]:
    """Every kind that may be proposed at a desk, by its name, as several of them are called."""
    told = {name: _called(desk, reader, name) for every in desk.proposes.values() for name in every}
    return dict(sorted(told.items(), key=lambda one: one[1].casefold()))


def _called(desk: Desk, reader: Reader, name: str) -> str:
    if name not in desk.kinds:
        return name
    counted = reader.value(desk.kinds[name].counted(SEVERAL))
    words = counted.replace(str(SEVERAL), "", 1).strip()
    return words[:1].upper() + words[1:]
