"""Move one step of a production order, which has not started, to another work centre of its group;
the order itself may run already.

Like dates of a draft purchase order this converges by value: writing the same place twice changes
nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from pydantic import model_validator

from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind
from regisseur.tools.actions.workshop import PlacedStep, left_as_it_is, say, state_of
from regisseur.tools.erp.ports import Connection, Production
from regisseur.tools.records import Message, ProductionOrder


class MoveOperation(Arguments):
    """The step, where it is and where it shall be."""

    order_id: str
    order_label: str
    """Number that people know the order by."""
    item_label: str
    step: PlacedStep

    @model_validator(mode="after")
    def _elsewhere(self) -> MoveOperation:
        if self.step.before is not None and self.step.before.id == self.step.after.id:
            raise ValueError("the step is there already")
        return self


class MoveOperationKind(Kind[MoveOperation, Production]):
    """Converges by value, in one step."""

    name: ClassVar[str] = "move_operation"
    arguments = MoveOperation
    port: type[Any] = Production

    def repeats(self, erp: Connection) -> bool:
        """Being moved to the same place twice is being moved once, whatever the ERP."""
        return True

    def subject(self, arguments: MoveOperation) -> str:
        """The step."""
        return f"{arguments.order_id}/{arguments.step.sequence}"

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} step moved", "{count} steps moved", count)

    def summary(self, arguments: MoveOperation) -> Message:
        """What is done where instead of where."""
        step = arguments.step
        return say(
            "{order} ({item}): {operation} on {after} instead of {before}",
            order=arguments.order_label,
            item=arguments.item_label,
            operation=step.operation,
            after=step.after.name,
            before=say("none") if step.before is None else step.before.name,
        )

    async def drift(
        self, port: Production, key: str, arguments: MoveOperation, facts: Sequence[Fact]
    ) -> list[Difference]:
        """The step started or was moved by somebody else, or the order is gone."""
        return list(_differences(arguments, await port.read_production(arguments.order_id)))

    async def look_up(self, port: Production, key: str, arguments: MoveOperation) -> Found:
        """Whether the step is where it shall be."""
        order = await port.read_production(arguments.order_id)
        differences = tuple(_differences(arguments, order))
        done = order is not None and not differences and arguments.step.is_placed(order)
        return Found(
            state="done" if done else "nothing",
            reference=arguments.order_label,
            record=None if order is None else order.ref(),
            differences=differences,
        )

    async def advance(
        self, port: Production, key: str, arguments: MoveOperation, found: Found
    ) -> None:
        """Move it; refused where something is different now."""
        order = await port.read_production(arguments.order_id)
        step = None if order is None else arguments.step.find(order)
        if order is None or step is None or any(_differences(arguments, order)):
            raise left_as_it_is(arguments.order_label)
        if not arguments.step.is_placed(order):
            await port.move_step(order, step.id, arguments.step.after.id)

    def to_check(self, key: str, arguments: MoveOperation) -> Message:
        """Which step to look at."""
        return say(
            "Look at production order {order}: is {operation} on {after}?",
            order=arguments.order_label,
            operation=arguments.step.operation,
            after=arguments.step.after.name,
        )


def _differences(arguments: MoveOperation, order: ProductionOrder | None) -> Iterator[Difference]:
    if order is None or order.state == "cancelled":
        name = say("production order {order}", order=arguments.order_label)
        yield Difference(
            name=name, was=say("to be made"), now=state_of(order.state if order else None)
        )
    else:
        yield from arguments.step.differences(order, closed=order.state == "done")


KIND = MoveOperationKind()
