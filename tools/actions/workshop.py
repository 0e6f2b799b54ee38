"""What the kinds of action share that change production orders: steps, places, and words."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from regisseur.errors import VendorRefused
from regisseur.tools.actions.base import Arguments, Difference
from regisseur.tools.records import (
    Message,
    ProductionOrder,
    ProductionState,
    ProductionStep,
    Speaker,
)

say = Speaker("regisseur.tools.actions")


class Place(Arguments):
    """A work centre, with the name that people know it by."""

    id: str
    name: str


class PlacedStep(Arguments):
    """A step of an order and where it is done: before, and as it shall be.

    A step is known by its position and its operation: ids change when an order is released anew.
    """

    sequence: int = Field(ge=0)
    operation: str
    before: Place | None
    after: Place

    def find(self, order: ProductionOrder) -> ProductionStep | None:
        """The step on an order."""
        known = (self.sequence, self.operation)
        return next((one for one in order.steps if (one.sequence, one.operation) == known), None)

    def is_placed(self, order: ProductionOrder) -> bool:
        """Is it where it shall be?"""
        step = self.find(order)
        return step is not None and step.work_centre_id == self.after.id

    def differences(
        self, order: ProductionOrder, *, anywhere: bool = False, closed: bool = False
    ) -> Iterator[Difference]:
        """Why it can't be moved any more: it is gone, has started, or was moved by somebody else.

        ``anywhere``: its place was picked by the ERP and is nobody's will. ``closed``: no step of
        the order may be moved any more.
        """
        step = self.find(order)
        name = say("work centre of {operation}", operation=self.operation)
        was = say("none") if self.before is None else self.before.name
        if step is None:
            yield Difference(name=name, was=was, now=say("no such step any more"))
        elif step.work_centre_id == self.after.id:
            return
        elif closed or step.state != "to_do":
            yield Difference(name=name, was=was, now=say("started elsewhere"))
        elif not anywhere and step.work_centre_id != (self.before and self.before.id):
            yield Difference(name=name, was=was, now=say("another work centre"))


def left_as_it_is(order: str) -> VendorRefused:
    """Why a step is not taken on an order that people know by this number."""
    return VendorRefused(f"production order {order} was changed meanwhile; it is left as it is")


def state_of(state: ProductionState | None) -> Message:
    """How far a production order is; ``None`` if there is none."""
    if state is None:
        return say("gone from the ERP")
    return {
        "request": say("a request"),
        "draft": say("draft"),
        "waiting": say("waiting"),
        "ready": say("material put aside"),
        "running": say("started"),
        "done": say("made"),
        "cancelled": say("called off"),
    }[state]
