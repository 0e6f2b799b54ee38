"""Promises to pay: which were kept, which were broken, and which still run.

A promise is kept when the sum it names, or else all that was open on the invoices it covers when it
was made, has come in by its day and the clearing days. One that was replaced by a newer promise
before its day counts as neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.agents.invoice_followup.calendar import working_days
from regisseur.agents.invoice_followup.forms import Promise
from regisseur.agents.invoice_followup.observation import Observation
from regisseur.agents.invoice_followup.told import Notebook
from regisseur.tools.records import Customer, Invoice

State = Literal["kept", "broken", "running"]


@dataclass(frozen=True)
class Outcome:
    """What became of a promise."""

    customer: Customer
    state: State
    on: date
    """For when it was promised."""
    invoices: tuple[Invoice, ...]
    """Covered by it, as they are now."""
    missing: Decimal
    """Of what was promised, still to come; in the currency of the invoices."""

    @property
    def currency(self) -> str:
        """Of the invoices."""
        return self.invoices[0].currency


def outcomes(
    observation: Observation, notebook: Notebook, clearing_days: int, on: date
) -> list[Outcome]:
    """Every promise that covers an invoice still known, by its day."""
    books = observation.books
    customers = {one.id: one for one in books.customers}
    invoices: dict[str, list[Invoice]] = defaultdict(list)
    for one in (*books.invoices, *books.past):
        if not one.credit_note and one.state != "cancelled":
            invoices[one.customer_id].append(one)
    found: list[Outcome] = []
    for customer_id in notebook.entries:
        if customer_id in customers:
            made = list(_made(notebook, customer_id))
            judge = _Judge(customers[customer_id], invoices[customer_id], clearing_days, on)
            found += judge.outcomes(made)
    return sorted(found, key=lambda one: (one.on, one.customer.name, one.customer.id))


def _made(notebook: Notebook, customer_id: str) -> Iterator[tuple[date, Promise]]:
    for told, form in notebook.entries[customer_id]:
        if isinstance(form, Promise):
            yield told.at.date(), form


@dataclass(frozen=True)
class _Judge:
    customer: Customer
    invoices: Sequence[Invoice]
    clearing_days: int
    on: date

    def outcomes(self, made: Sequence[tuple[date, Promise]]) -> Iterator[Outcome]:
        for place, (said, promise) in enumerate(made):
            covered = self._covered(said, promise)
            newer = (
                one
                for then, one in made[place + 1 :]
                if then <= promise.on and _overlaps(one, promise)
            )
            if covered and next(newer, None) is None:
                yield self._outcome(said, promise, covered)

    def _covered(self, said: date, promise: Promise) -> tuple[Invoice, ...]:
        """Invoices that were open when it was made; of one currency, that of the first."""
        open_then = [
            one
            for one in self.invoices
            if (one.id in promise.invoices or not promise.invoices)
            and one.issued <= said
            and _open_on(one, said) > 0
        ]
        return tuple(one for one in open_then if one.currency == open_then[0].currency)

    def _outcome(self, said: date, promise: Promise, covered: tuple[Invoice, ...]) -> Outcome:
        place = self.customer.address
        calendar = working_days(place.country if place else None, place.postcode if place else "")
        until = calendar.after(promise.on, self.clearing_days)
        before = sum((_open_on(one, said) for one in covered), Decimal(0))
        left = sum((_open_on(one, min(until, self.on)) for one in covered), Decimal(0))
        promised = before if promise.amount is None else min(promise.amount, before)
        missing = max(promised - (before - left), Decimal(0))
        state: State = "kept" if not missing else "running" if self.on <= until else "broken"
        return Outcome(self.customer, state, promise.on, covered, missing)


def _open_on(one: Invoice, day: date) -> Decimal:
    """Left at the end of a day: what is open now, and what came since."""
    return one.open + sum((pay.amount for pay in one.settlements if pay.on > day), Decimal(0))


def _overlaps(one: Promise, other: Promise) -> bool:
    return not (one.invoices and other.invoices) or bool({*one.invoices} & {*other.invoices})
