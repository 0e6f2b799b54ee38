"""What is to be expected of the open invoices, from the company's own books.

In company currency only. The payer is the legal person (a SIREN groups accounts). Only payers of
whom the ERP says that they are companies or public bodies are scored: consumers, and those of whom
it says nothing, get the figures of all payers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from regisseur.agents.invoice_followup.choice import Message
from regisseur.agents.invoice_followup.holds import Holds
from regisseur.agents.invoice_followup.parts import Part, key_of
from regisseur.agents.invoice_followup.prediction.book import Held, book_of
from regisseur.agents.invoice_followup.prediction.book import Invoice as Row
from regisseur.agents.invoice_followup.prediction.outlook import Expectation, Prediction, predict
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.tools.records import Customer

SCORED = frozenset({"business", "public"})
"""Kinds of payer that are not natural persons."""
NOT_COMING: Mapping[str, Held] = {
    "disputed": "disputed",
    "sorted_doubtful": "doubtful",
    "sorted_paid": "received",
    "probably_paid": "received",
    "factored": "factored",
}
"""Reasons to leave an invoice alone under which no more money is expected for it."""
STATUSES: Mapping[int, Held] = {
    207: "disputed",
    208: "disputed",
    210: "refused",
    212: "received",
    213: "refused",
}
"""The same by the status of an electronic invoice."""


def payer_of(customer: Customer) -> str:
    """The legal person behind an account, the account itself where the ERP doesn't know it."""
    return f"register {customer.registration}" if customer.registration else f"id {customer.id}"


@dataclass(frozen=True)
class Outlook:
    """One night's expectations."""

    on: date
    risk_days: int
    """Expected lateness from which an invoice is at risk."""
    parts: tuple[Part, ...]
    customers: Mapping[str, Customer]
    held: Mapping[str, Held]
    """By invoice: why nothing is expected of it."""

    @cached_property
    def prediction(self) -> Prediction | None:
        """``None`` where the company has no invoice in its currency."""
        payers = {id_: payer_of(one) for id_, one in self.customers.items()}
        rows = [self._row(part, payers) for part in self.parts if part.amount > 0]
        if not rows:
            return None
        scored = {payers[id_] for id_, one in self.customers.items() if one.kind in SCORED}
        persons = {payers[id_] for id_, one in self.customers.items() if one.kind not in SCORED}
        strangers = {row.payer for row in rows} - scored
        return predict(book_of(rows, persons | strangers, self.on))

    def of(self, standing: Standing) -> Expectation | None:
        """What is expected of the oldest part that is asked for."""
        if self.prediction is None or not standing.due_parts:
            return None
        return self.prediction.invoices.get(key_of(standing.invoice, standing.due_parts[0]))

    def effect(self, message: Message) -> Decimal:
        """What asking may bring: open amount x probability of being still unpaid in 15 days.

        Where nothing can be expected (another currency), nothing.
        """
        total = Decimal(0)
        for one in message.invoices:
            expected = self.of(one)
            if expected is not None:
                total += one.open * Decimal(f"{expected.unpaid_in_15_days:.4f}")
        return total

    def at_risk(self, standings: Iterable[Standing]) -> list[Standing]:
        """Invoices expected to be paid late by the limit or more, or not within 13 weeks; not those
        of which the money is there already, or somebody else's.
        """
        gone = {id_ for id_, reason in self.held.items() if reason in ("received", "factored")}
        return [
            one
            for one in standings
            if one.invoice.id not in gone and self._risky(self.of(one), one)
        ]

    def _risky(self, expected: Expectation | None, one: Standing) -> bool:
        if expected is None:
            return False
        return expected.on is None or expected.on - one.due >= timedelta(days=self.risk_days)

    def _row(self, part: Part, payers: Mapping[str, str]) -> Row:
        invoice = part.invoice
        return Row(
            id=part.key,
            payer=payers.get(invoice.customer_id) or f"unknown {invoice.customer_id}",
            issued=invoice.issued,
            due=part.due,
            amount=part.amount,
            entries=part.entries,
            held=self.held.get(invoice.id),
        )


def not_coming(standings: Iterable[Standing], holds: Holds) -> dict[str, Held]:
    """By invoice: why no money is expected of it, as it stands tonight."""
    found: dict[str, Held] = {}
    for one in standings:
        reason = _reason(one, holds)
        if reason is not None:
            found[one.invoice.id] = reason
    return found


def _reason(one: Standing, holds: Holds) -> Held | None:
    if holds.notebook.insolvent(one.customer.id) is not None:
        return "insolvent"
    hold = holds.of_invoice(one)
    if hold is None:
        return None
    return NOT_COMING.get(hold.tag) or STATUSES.get(one.invoice.status or 0)
