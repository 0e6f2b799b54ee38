"""What the workshop prints: a work list for each work centre and shift, and the sheet on which
progress is reported. A4, by typst; the same plan, the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from regisseur.agents.planning.calendar import WorkshopCalendar
from regisseur.agents.planning.settings import PlanningSettings
from regisseur.agents.planning.sheets.progress import asked, progress_sheet
from regisseur.agents.planning.sheets.work_lists import work_lists
from regisseur.agents.planning.timetable import Timetable
from regisseur.errors import NotFound
from regisseur.graphs.agent import Brief
from regisseur.graphs.told import Asked

__all__ = ["printed", "progress_asked", "progress_sheet", "work_lists"]


def printed(name: str, papers: Mapping[str, Any], brief: Brief[PlanningSettings]) -> bytes:
    """A sheet by its name, from the plan among the papers. Raises NotFound where there is none that
    can be read.
    """
    try:
        table = Timetable.model_validate(papers["timetable"])
    except (KeyError, ValidationError) as error:
        raise NotFound("the last night left no plan to print; run planning for a night") from error
    if name == "progress":
        return progress_sheet(table, brief.company.locale)
    calendar = WorkshopCalendar(brief.settings.calendars, table.on)
    return work_lists(table, calendar, brief.company.locale)


def progress_asked(papers: Mapping[str, Any]) -> tuple[Asked, ...]:
    """What the sheet of progress asks, as questions; none where no plan can be read."""
    try:
        return tuple(asked(Timetable.model_validate(papers["timetable"])))
    except (KeyError, ValidationError):
        return ()
