"""Interest and indemnity for the invoices of one message, to the cent and line by line.

Payments of an invoice with several instalments count for the oldest one first. The 40 € are owed
once an invoice, whatever its instalments. Where a sum is refused, the reminder goes out without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regisseur.agents.invoice_followup.law import (
    Claim,
    ContractRate,
    Debt,
    Rates,
    Refusal,
    claim,
    official,
)
from regisseur.agents.invoice_followup.parts import allotted
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.tools.actions.reminding import Claimed


@dataclass(frozen=True)
class Sums:
    """What may be claimed beside the invoices of a message."""

    claims: tuple[tuple[Standing, Claim], ...] = ()
    refusals: tuple[tuple[Standing, Refusal], ...] = ()

    @property
    def interest(self) -> Decimal:
        """To the cent."""
        return sum((one.penalty for _, one in self.claims), Decimal(0))

    @property
    def indemnity(self) -> Decimal:
        """40 € an invoice that is late."""
        return sum((one.indemnity for _, one in self.claims), Decimal(0))

    @property
    def claimed(self) -> Claimed | None:
        """For the action; nothing where any part was refused: a sum is whole or it isn't asked."""
        if self.refusals or not (self.interest or self.indemnity):
            return None
        return Claimed(interest=self.interest, indemnity=self.indemnity)


class Lawyer:
    """Works out claims by the company's terms and the dated rates it knows."""

    def __init__(self, settings: InvoiceFollowupSettings, on: date) -> None:
        self._contract: ContractRate | None = settings.contract_rate
        self._rates: Rates = official().overridden(settings.rates)
        self._on = on

    def sums(self, standings: Iterable[Standing]) -> Sums:
        """Of all late parts of some invoices."""
        claims: list[tuple[Standing, Claim]] = []
        refusals: list[tuple[Standing, Refusal]] = []
        for one in standings:
            for debt in self._debts(one):
                found = claim(debt, self._on, self._rates)
                if isinstance(found, Claim):
                    claims.append((one, found))
                else:
                    refusals.append((one, found))
        return Sums(tuple(claims), tuple(refusals))

    def a_day(self, standings: Iterable[Standing]) -> Decimal:
        """Interest that one more day adds, not rounded; zero where none may be claimed."""
        total = Decimal(0)
        for _, found in self.sums(standings).claims:
            if found.segments and found.principal_due:
                last = found.segments[-1]
                total += found.principal_due * last.rate.percent / 36500
        return total

    def _debts(self, one: Standing) -> Iterator[Debt]:
        counted = False
        for part, settlements in allotted(one.invoice):
            if part.due >= self._on:
                continue
            yield Debt(
                amount=part.amount,
                currency=one.invoice.currency,
                due=part.due,
                settlements=settlements,
                payer=one.customer.kind,
                contract=self._contract,
                indemnified=counted,
            )
            counted = True
