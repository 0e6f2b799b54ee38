"""What the ERP has kept under a message's key, compared with what was approved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from regisseur.tools.actions.base import Difference, Found
from regisseur.tools.actions.reminding.arguments import Remind
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.records import Reminder


def logged(arguments: Remind, reminders: Sequence[Reminder]) -> Found | None:
    """Done if the ERP has kept the message, conflict if it has kept another; else nothing known."""
    if not reminders:
        return None
    differences = tuple(one for kept in reminders for one in _differences(arguments, kept))
    return Found(
        state="conflict" if differences else "done",
        reference=reminders[0].id,
        differences=differences,
    )


def _differences(arguments: Remind, kept: Reminder) -> Iterator[Difference]:
    if kept.step != arguments.step:
        yield Difference(name=say("step"), was=arguments.step, now=kept.step)
    numbers = {one.id: one.number for one in arguments.invoices}
    if set(kept.invoice_ids) != set(numbers):
        yield Difference(
            name=say("invoices"),
            was=", ".join(numbers.values()),
            now=", ".join(numbers.get(one, f"id {one}") for one in kept.invoice_ids),
        )
