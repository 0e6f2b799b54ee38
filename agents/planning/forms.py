"""What people tell the agent: how far the workshop is, and what it should know of tomorrow.

Orders are named by the ERP's id; people write the number, ``PlanningAgent.understand`` finds the id.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from regisseur.graphs.told import Form

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class _AboutOrder(Form):
    order: Id
    order_named: Words = ""
    comment: Words = ""

    @property
    def subject(self) -> str:
        """The production order."""
        return self.order


class Progress(_AboutOrder):
    """How far a step of a production order is."""

    step: int = Field(ge=1)
    """Its position in the order: 1 is the first."""
    state: Literal["done", "in_progress", "blocked"]
    remaining: int | None = Field(default=None, ge=0)
    """Minutes of work still to do, where somebody knows; of a step in progress."""
    at: datetime
    """When this was so, on the company's clocks."""

    @model_validator(mode="after")
    def _local(self) -> Progress:
        if self.at.tzinfo is not None:
            raise ValueError("at: write the time as the company's clocks show it, without a zone")
        return self


class Subcontracted(_AboutOrder):
    """A step that a subcontractor does: back with a purchase."""

    step: int = Field(ge=1)
    """Its position in the order: 1 is the first."""
    purchase: Id
    purchase_named: Words = ""


class Priority(_AboutOrder):
    """What an order matters: 1 for one of our own stock, 4 for a customer's."""

    weight: int = Field(ge=0, le=100)


class Down(Form):
    """A work centre does not work for a while."""

    centre: Id
    centre_named: Words = ""
    begins: datetime
    ends: datetime
    comment: Words = ""

    @property
    def subject(self) -> str:
        """The work centre."""
        return self.centre

    @model_validator(mode="after")
    def _sensible(self) -> Down:
        if self.begins.tzinfo is not None or self.ends.tzinfo is not None:
            raise ValueError("write times as the company's clocks show them, without a zone")
        if self.ends <= self.begins:
            raise ValueError("ends: it ends before it begins")
        return self


class Expected(Form):
    """Material that comes on another day than the ERP has."""

    order: Id
    """The purchase order, by the ERP's id."""
    order_named: Words = ""
    on: date
    comment: Words = ""

    @property
    def subject(self) -> str:
        """The purchase order."""
        return self.order


FORMS: dict[str, type[Form]] = {
    "progress": Progress,
    "subcontracted": Subcontracted,
    "priority": Priority,
    "down": Down,
    "expected": Expected,
}
