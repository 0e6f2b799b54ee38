"""What is asked of a customer: which invoices, which sums, in which words, of whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from regisseur.tools.actions.base import Arguments
from regisseur.tools.records import Address, Channel, Money, NewReminder
from regisseur.tools.records.money import Currency

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8000)]


class Chased(Arguments):
    """One invoice that is asked for, as it was when the message was worded."""

    id: str
    number: str
    issued: date
    amount: Decimal
    """What it was for."""
    due: date
    """The oldest due date that is still unpaid."""
    open: Decimal = Field(gt=0)
    """What has fallen due of it and is asked for."""
    balance: Decimal = Field(gt=0)
    """What is open on it in all, parts that fall due later included."""


class Claimed(Arguments):
    """What is asked beside the invoices, computed to the cent by the law of the payer."""

    interest: Decimal = Field(ge=0)
    indemnity: Decimal = Field(ge=0)


class Sender(Arguments):
    """Who writes and how to pay, from the settings of the company and nowhere else."""

    name: str
    email: str | None = None
    address: tuple[str, ...] = Field(default=(), max_length=6)
    contact: tuple[str, ...] = Field(default=(), max_length=6)
    legal: str = ""
    """What the law wants at the foot of a letter."""
    holder: str = ""
    iban: str = ""
    bic: str = ""


class Recipient(Arguments):
    """Whom it goes to, from the ERP's master data alone; the guards compare it with them again."""

    contact_id: str
    name: str
    email: str | None = None
    phone: str | None = None
    address: Address | None = None


class Remind(Arguments):
    """One message to one customer about all its invoices; each invoice once."""

    customer_id: str
    customer_name: str
    step: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """The step of the procedure that it is."""
    step_title: str
    """What people call the step."""
    on: date
    """Day for which the sums are worked out."""
    language: str
    sender: Sender
    recipient: Recipient
    recipient_changed: date | None = None
    """Day on which where it goes was changed, if that was lately: two people must approve then."""
    currency: Currency
    invoices: tuple[Chased, ...] = Field(min_length=1)
    claim: Claimed | None = None
    gap_days: int = Field(ge=0)
    """A customer is not written to twice within so many days."""
    title: Line
    """Subject of the mail, heading of the letter."""
    text: Words
    account: Words
    """What people read in the ERP about it; worded by the agent in the company's language."""

    @model_validator(mode="after")
    def _each_once(self) -> Remind:
        if len({one.id for one in self.invoices}) < len(self.invoices):
            raise ValueError("an invoice may be asked for once only")
        return self

    @property
    def open(self) -> Money:
        """What has fallen due on the invoices."""
        amount = sum((one.open for one in self.invoices), Decimal(0))
        return Money(amount=amount, currency=self.currency)

    @property
    def total(self) -> Money:
        """All that is asked for."""
        claim = self.claim
        added = Decimal(0) if claim is None else claim.interest + claim.indemnity
        return Money(amount=self.open.amount + added, currency=self.currency)

    def record(self, channel: Channel) -> NewReminder:
        """What the ERP is to keep of it."""
        return NewReminder(
            customer_id=self.customer_id,
            on=self.on,
            step=self.step,
            channel=channel,
            invoice_ids=tuple(one.id for one in self.invoices),
            text=self.account,
        )
