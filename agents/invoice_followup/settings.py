"""The knobs of the agent: the table ``[agents.invoice_followup]`` of ``regisseur.toml``.

Every default is explained in ``docs/agents/invoice_followup.md``.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from regisseur.agents.invoice_followup.law import ContractRate, Rate
from regisseur.graphs.agent import Settings

StepName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Means = Literal["email", "letter", "call", "notice", "hand_over"]
"""How a step reaches the customer: ``notice`` is a formal notice (registered letter)."""


class Step(Settings):
    """One row of the procedure."""

    name: StepName
    after: int
    """Days after the due date from which it is due; negative for before."""
    means: Means = "email"
    claim: Literal["none", "mention", "ask"] = "none"
    """Interest and indemnity: not a word, said that they run, or asked for with their sums."""
    at_least: Decimal = Field(default=Decimal(0), ge=0)
    """Only for customers who owe this much or more in all."""
    public: bool = True
    """Also for public buyers."""

    @property
    def courtesy(self) -> bool:
        """Said before anything is late."""
        return self.after < 0


FRENCH_PROCEDURE = (
    Step(name="courtesy_notice", after=-5, at_least=Decimal(2000)),
    Step(name="reminder_1", after=5),
    Step(name="reminder_2", after=15, claim="mention"),
    Step(name="call", after=25, means="call", claim="mention"),
    Step(name="formal_notice", after=45, means="notice", claim="ask"),
    Step(name="hand_over", after=60, means="hand_over", claim="ask", public=False),
)


class PaymentDetails(Settings):
    """How to pay us, as it stands on letters; entered by the company, never read from an ERP."""

    iban: str = ""
    bic: str = ""
    holder: str = ""


class InvoiceFollowupSettings(Settings):
    """What a manager may change."""

    procedure: tuple[Step, ...] = Field(default=FRENCH_PROCEDURE, min_length=1)
    """The steps in order; none is ever skipped but by a person."""
    sender_name: str = ""
    """Who signs; the company's name where nothing is written."""
    sender_email: str | None = None
    """From which address reminders come; without it nothing is sent by e-mail."""
    sender_phone: str = ""
    sender_address: tuple[str, ...] = Field(default=(), max_length=6)
    """The company's own address, a line each, for letters."""
    sender_legal: str = ""
    """What the law wants at the foot of a letter: form, capital, register, VAT number."""
    payment: PaymentDetails = PaymentDetails()
    dispute_email: str | None = None
    """Where customers write about a dispute; the sender where nothing is written."""

    gap_days: int = Field(default=7, ge=1, le=60)
    """A customer is not written to or called twice within so many days."""
    between_steps: int = Field(default=8, ge=1, le=120)
    """Days that must pass between two steps for one invoice."""
    tolerance: Decimal = Field(default=Decimal(5), ge=0)
    """Balances up to this are not chased, company currency."""
    write_off_up_to: Decimal = Field(default=Decimal(5), ge=0)
    """What is left of part-paid invoices may be proposed to be written off up to this and up to
    ``tolerance``, company currency; 0 for never."""
    write_off_after: int = Field(default=90, ge=0)
    """Days after the last due date from which that is proposed."""
    changed_contact_days: int = Field(default=30, ge=0)
    """Days after a contact was corrected during which two people approve what is sent to it."""
    plain_below: Decimal = Field(default=Decimal(200), ge=0)
    """Messages for less come after the others, the oldest first: not worth a forecast."""
    clearing_days: int = Field(default=3, ge=0, le=15)
    """Working days that a promised or announced payment may take to arrive."""
    settlement_days: int = Field(default=10, ge=0, le=60)
    """Days after the due date within which a direct debit or bill of exchange may still settle."""
    stale_after: int = Field(default=4, ge=1, le=60)
    """Days after which what is known of payments is too old to chase anybody."""
    tell_sales: bool = True
    """Tell the customer's salesperson a working day before a message."""
    triage: bool = True
    """On the first night, let a person sort old debts instead of chasing them."""
    history_months: int = Field(default=24, ge=1, le=120)
    """Months of paid invoices from which habits of payment are learned."""
    attach_invoices: bool = True

    contract_rate: ContractRate | None = None
    """Late-payment rate of the terms of sale, percent a year; the law's where nothing is written."""
    rates: tuple[Rate, ...] = ()
    """Official rates that the product doesn't know yet, or knows wrongly."""
    risk_days: int = Field(default=30, ge=1)
    """Expected lateness from which an open invoice counts as at risk."""
    texts: Path | None = None
    """Folder with own texts, as ``fr/reminder_1.txt``."""

    @model_validator(mode="after")
    def _in_order(self) -> InvoiceFollowupSettings:
        names = [step.name for step in self.procedure]
        if len(set(names)) < len(names):
            raise ValueError("procedure: two steps have the same name")
        delays = [step.after for step in self.procedure]
        if delays != sorted(delays):
            raise ValueError("procedure: steps must be in the order of their days")
        if any(step.courtesy and step.claim != "none" for step in self.procedure):
            raise ValueError("procedure: nothing can be claimed before the due date")
        return self

    def position(self, name: str) -> int | None:
        """Place of a step in the procedure, ``None`` for one that isn't in it."""
        names = [step.name for step in self.procedure]
        return names.index(name) if name in names else None
