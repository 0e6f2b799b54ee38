"""What is owed: one invoice or one instalment of it, as the law of late payment looks at it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from regisseur.tools.records import Record
from regisseur.tools.records.money import Currency
from regisseur.tools.records.receivables import PayerKind, Settlement

ContractRate = Annotated[Decimal, Field(ge=0, le=100)] | Literal["three_times_legal"]
"""What the terms of sale say: percent a year, or three times the legal rate."""


class Debt(Record):
    """An amount that falls due as a whole; amounts are in its currency, with VAT."""

    amount: Annotated[Decimal, Field(ge=0)]
    currency: Currency = "EUR"
    due: date
    """Last day on which payment is in time."""
    settlements: tuple[Settlement, ...] = ()
    """Money received and credits set off, each on its day."""
    credits: tuple[Settlement, ...] = ()
    """Credit notes on this very invoice: that much was never owed."""
    payer: PayerKind = "unknown"
    contract: ContractRate | None = None
    """``None`` where nothing was agreed; looked at for businesses only."""
    insolvent: bool = False
    """Insolvency law forbids paying this debt at its due date."""
    indemnified: bool = False
    """The 40 € of this invoice are counted elsewhere: another instalment, an earlier claim."""

    def owed(self, morning: date, known: date) -> Decimal:
        """The balance when a day begins, by the credit notes written until ``known``.

        Negative where too much was paid. A payment counts from the morning after it.
        """
        paid = sum(one.amount for one in self.settlements if one.on < morning)
        credited = sum(one.amount for one in self.credits if one.on <= known)
        return self.amount - paid - credited
