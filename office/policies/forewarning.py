"""The chore of ``serve`` that forewarns everybody; what it does is in ``office.forewarning``."""

from __future__ import annotations

from regisseur.office.core import Core
from regisseur.office.forewarning import Forewarned, forewarn

__all__ = ["Forewarned", "forewarn_due"]


async def forewarn_due(core: Core) -> list[Forewarned]:
    """Mail those who may refuse what will be done unless they do, for every company.

    Each window is told once, however many processes run and whatever crashes; a new window, or
    changed content, is another. Harmless to call at any time.
    """
    return [await forewarn(core.house, desk) for desk in core.house.desks.values()]
