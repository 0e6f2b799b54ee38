"""What was approved: an order as it was when it was planned anew, and as it shall be."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from regisseur.tools.actions.base import Arguments
from regisseur.tools.actions.noting import Text
from regisseur.tools.actions.workshop import PlacedStep
from regisseur.tools.records import RecordRef, Unit

MOST_PLACED = 12
"""Steps of one order that can be placed, so that all fits into the performer's most steps."""


class RescheduleProduction(Arguments):
    """One order: its dates before and after, and where its steps have to be done afterwards."""

    order_id: str
    order_label: str
    """Number that people know the order by."""
    item_label: str
    quantity: Decimal
    """As it was planned, in ``unit``."""
    unit: Unit
    state_before: Literal["request", "draft", "waiting", "ready"]
    start_before: date | None
    end_before: date | None
    start_after: date
    end_after: date
    steps: tuple[PlacedStep, ...] = Field(default=(), max_length=MOST_PLACED)
    """Every step that must be on a given work centre afterwards, moved or not: where an order has
    to be released anew, the ERP picks the others' places again.
    """
    text: Text
    """Why it is moved, for the workshop: a note on the order, worded in the company's language. It
    names no dates; these stand in the order, and may be edited.
    """
    retraction: Text
    """What is noted if it is not carried out after all."""

    @model_validator(mode="after")
    def _in_order(self) -> RescheduleProduction:
        if self.end_after < self.start_after:
            raise ValueError("an order can't end before it starts")
        if len({step.sequence for step in self.steps}) < len(self.steps):
            raise ValueError("a step may be placed once only")
        return self

    @property
    def record(self) -> RecordRef:
        """Where notes about the order are kept."""
        return RecordRef(model="production", id=self.order_id, label=self.order_label)

    @property
    def moves_dates(self) -> bool:
        """Does it ask for other dates at all?"""
        return (self.start_before, self.end_before) != (self.start_after, self.end_after)

    @property
    def changes(self) -> bool:
        """Does it ask for anything at all?"""
        placed = (step.before is None or step.before.id != step.after.id for step in self.steps)
        return self.moves_dates or any(placed)
