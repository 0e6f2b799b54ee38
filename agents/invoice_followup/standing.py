"""Where each open invoice stands: what is late of it, what was said, and which step comes next."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings, Step
from regisseur.agents.invoice_followup.told import Notebook
from regisseur.tools.records import Customer, Instalment, Invoice, PaymentMeans, Reminder

ERP_LEVEL = re.compile(r"level_(\d{1,2})")
"""How adapters call a reminder that the ERP sent by its own procedure: ``level_1`` and so on."""
NOTHING_SAID = -1


@dataclass(frozen=True)
class Said:
    """What was said about one invoice so far."""

    reached: int = NOTHING_SAID
    """Position of the last step in the procedure."""
    on: date | None = None

    def then(self, position: int, on: date) -> Said:
        """After one more message that brought it to a position."""
        return Said(max(self.reached, position), on if self.on is None else max(self.on, on))


@dataclass(frozen=True)
class Standing:
    """One open invoice tonight."""

    invoice: Invoice
    customer: Customer
    on: date
    said: Said
    next: int | None
    """Position of the step that comes next, ``None`` at the end of the procedure."""

    @cached_property
    def due_parts(self) -> tuple[Instalment, ...]:
        """Instalments whose day has passed, or all where none has, oldest first."""
        unpaid = sorted((p for p in self.invoice.instalments if p.open > 0), key=lambda p: p.due)
        late = tuple(part for part in unpaid if part.due < self.on)
        return late or tuple(unpaid)

    @property
    def due(self) -> date:
        """The oldest due date that is unpaid."""
        return self.due_parts[0].due if self.due_parts else self.invoice.issued

    @property
    def days_late(self) -> int:
        """Days since the due date; negative before it."""
        return (self.on - self.due).days

    @property
    def open(self) -> Decimal:
        """What is asked for: what has fallen due, or all of an invoice that is not late."""
        asked = sum((part.open for part in self.due_parts), Decimal(0))
        return min(asked, self.invoice.open) if self.due_parts else self.invoice.open

    @property
    def means(self) -> PaymentMeans:
        """How the oldest part is to be paid."""
        return self.due_parts[0].means if self.due_parts else "unknown"

    @property
    def late(self) -> bool:
        """Its due date has passed."""
        return self.days_late > 0


class Ladder:
    """The procedure of a company, applied to what was said."""

    def __init__(
        self, settings: InvoiceFollowupSettings, notebook: Notebook, reminders: Iterable[Reminder]
    ) -> None:
        self.settings = settings
        self.notebook = notebook
        self._ordinary = [
            place for place, step in enumerate(settings.procedure) if not step.courtesy
        ]
        self._by_invoice: dict[str, list[Reminder]] = defaultdict(list)
        once = {one.key or one.id: one for one in reminders}
        for one in sorted(once.values(), key=lambda each: (each.on, each.id)):
            for invoice_id in one.invoice_ids:
                self._by_invoice[invoice_id].append(one)

    def said(self, invoice: Invoice) -> Said:
        """What was really said: a letter counts from its posting, a call once it was made, a mail
        unless it came back.
        """
        confirmed = self.notebook.confirmed(invoice.customer_id)
        lost = self.notebook.undelivered(invoice.customer_id)
        said = self._start(invoice)
        for one in self._by_invoice.get(invoice.id, ()):
            position = self._position(one.step)
            done = confirmed.get(one.key or "")
            if position is None or (one.key and one.channel != "email" and done is None):
                continue
            if one.key in lost:
                continue
            if one.key is not None:
                position = self._own_step(said.reached, position)
            said = said.then(position, done.on if done else one.on)
        return said

    def known(self, invoice: Invoice) -> bool:
        """Somebody, by hand or by us, has said something about it already."""
        return invoice.id in self._by_invoice

    def next(self, customer: Customer, said: Said, days_late: int, owed: Decimal) -> int | None:
        """The next step that applies to such a customer."""
        for place in range(said.reached + 1, len(self.settings.procedure)):
            if self._applies(self.settings.procedure[place], customer, days_late, owed):
                return place
        return None

    def due(self, standing: Standing) -> bool:
        """The next step's day has come, and enough days have passed since the last one."""
        if standing.next is None:
            return False
        if standing.days_late < self.settings.procedure[standing.next].after:
            return False
        pause = timedelta(days=self.settings.between_steps)
        return standing.said.on is None or standing.said.on + pause <= standing.on

    def _own_step(self, reached: int, position: int) -> int:
        """How far a message of ours brings one of its invoices: by one step that nobody may skip,
        whatever the message's own step; it may have gone along with older invoices.
        """
        steps = self.settings.procedure[: position + 1]
        needed = (
            place
            for place, step in enumerate(steps)
            if place > reached and not step.courtesy and not step.at_least
        )
        return next(needed, position)

    def _applies(self, step: Step, customer: Customer, days_late: int, owed: Decimal) -> bool:
        if step.courtesy and days_late > 0:
            return False
        return owed >= step.at_least and (step.public or customer.kind != "public")

    def _start(self, invoice: Invoice) -> Said:
        """Where a person put an old debt on the procedure."""
        triage = self.notebook.triaged(invoice.customer_id, invoice.id)
        if triage is None or triage.verdict != "start" or triage.step is None:
            return Said()
        position = self.settings.position(triage.step)
        return Said() if position is None else Said(position - 1)

    def _position(self, step: str) -> int | None:
        level = ERP_LEVEL.fullmatch(step)
        if level is None:
            return self.settings.position(step)
        place = min(max(int(level[1]), 1), len(self._ordinary)) - 1
        return self._ordinary[place] if self._ordinary else None


def standings(
    invoices: Sequence[Invoice],
    customers: Mapping[str, Customer],
    ladder: Ladder,
    on: date,
) -> list[Standing]:
    """Every open invoice (no credit notes) of a known customer."""
    owed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for one in invoices:
        owed[one.customer_id, one.currency] += one.open
    found = []
    for invoice in invoices:
        customer = customers.get(invoice.customer_id)
        if customer is None or invoice.credit_note or invoice.open <= 0:
            continue
        said = ladder.said(invoice)
        bare = Standing(invoice, customer, on, said, None)
        balance = owed[customer.id, invoice.currency]
        place = ladder.next(customer, said, bare.days_late, balance)
        found.append(Standing(invoice, customer, on, said, place))
    return found
