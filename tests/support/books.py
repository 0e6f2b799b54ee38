"""A small company's receivables for tests of the follow-up: customers, invoices, and a night."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from regisseur.agents.invoice_followup.judge import judge
from regisseur.agents.invoice_followup.night import Night
from regisseur.agents.invoice_followup.observation import Books, Observation
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.graphs.agent import Brief
from regisseur.graphs.bank import BankLine
from regisseur.graphs.judgement import Finding, Judgement, Proposal
from regisseur.graphs.past import Deed
from regisseur.graphs.told import Told
from regisseur.tools.records import (
    Address,
    Company,
    Contact,
    Customer,
    Instalment,
    Invoice,
    Reminder,
    Settlement,
    UnappliedPayment,
)
from regisseur.tools.records.receivables import Channel, PaymentMeans

ON = date(2026, 3, 24)
"""A Tuesday."""
ATELIER = Company(id="atelier", name="Atelier Martin", locale="fr_FR")


@dataclass
class Shop:
    """Adds records in few words, and runs a night over them."""

    on: date = ON
    customers: list[Customer] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    past: list[Invoice] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    unapplied: list[UnappliedPayment] = field(default_factory=list)
    bank: list[BankLine] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    first_night: date = date(2025, 1, 1)
    last_payment: date | None = None
    mail: bool = True
    offers: tuple[str, ...] = ()
    """What else can be done in the ERP."""
    settings: dict[str, Any] = field(default_factory=lambda: {"sender_email": "us@atelier.example"})

    def customer(self, name: str, **more: Any) -> str:
        """A business with an e-mail address, a telephone and a postal address; its id."""
        id_ = f"c{len(self.customers) + 1}"
        contact = Contact(
            id=f"{id_}-p", name="", email=f"pay@{id_}.example", phone="+33 4 00", payables=True
        )
        address = Address(lines=("1 rue Basse",), postcode="69001", city="Lyon", country="FR")
        usual = {"kind": "business", "language": "fr", "address": address, "contacts": (contact,)}
        self.customers.append(Customer(id=id_, name=name, **(usual | more)))
        return id_

    def invoice(
        self,
        customer: str,
        late: int,
        amount: str = "1000",
        *,
        paid: str = "0",
        means: PaymentMeans = "transfer",
        blocked: bool = False,
        **more: Any,
    ) -> str:
        """An open invoice that is so many days late (negative: not due yet); its id."""
        number = len(self.invoices) + 1
        due, total = self.on - timedelta(days=late), Decimal(amount)
        open_ = total - Decimal(paid)
        part = Instalment(
            id=f"i{number}-1", due=due, amount=total, open=open_, means=means, blocked=blocked
        )
        settlements = (Settlement(on=due, amount=Decimal(paid)),) if Decimal(paid) else ()
        usual: dict[str, Any] = {
            "number": f"F-2026-{number:04}",
            "currency": "EUR",
            "issued": due - timedelta(days=30),
            "instalments": (part,),
            "settlements": settlements,
            "open": open_,
        }
        self.invoices.append(
            Invoice(id=f"i{number}", customer_id=customer, total=total, **(usual | more))
        )
        return f"i{number}"

    def said(
        self,
        customer: str,
        invoices: Sequence[str],
        step: str,
        ago: int,
        *,
        channel: Channel = "email",
        key: str | None = "",
    ) -> str | None:
        """A message in the ERP, so many days ago; its key (``None``: said by hand)."""
        number = len(self.reminders) + 1
        chosen = f"k{number}" if key == "" else key
        self.reminders.append(
            Reminder(
                id=f"r{number}",
                key=chosen,
                customer_id=customer,
                on=self.on - timedelta(days=ago),
                step=step,
                channel=channel,
                invoice_ids=tuple(invoices),
                text="",
            )
        )
        return chosen

    def tell(self, form: str, **body: Any) -> None:
        """An entry of a person."""
        at = datetime.combine(self.on - timedelta(days=1), time(9), UTC)
        plain = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in body.items()
        }
        subject = str(body.get("customer", ""))
        id_ = f"t{len(self.told) + 1}"
        self.told.append(Told(id=id_, form=form, subject=subject, body=plain, by="boss", at=at))

    @property
    def observation(self) -> Observation:
        """What the agent would have read."""
        known = self.on - timedelta(days=1) if self.last_payment is None else self.last_payment
        return Observation(
            books=Books(
                customers=tuple(self.customers),
                invoices=tuple(self.invoices),
                past=tuple(self.past),
                unapplied=tuple(self.unapplied),
                reminders=tuple(self.reminders),
                last_payment=known,
            ),
            told=tuple(self.told),
            bank=tuple(self.bank),
            deeds=tuple(self.deeds),
            first_night=self.first_night,
            offers=self.offers,
            mail=self.mail,
        )

    @property
    def brief(self) -> Brief[InvoiceFollowupSettings]:
        """The night's brief."""
        settings = InvoiceFollowupSettings.model_validate(self.settings)
        return Brief(company=ATELIER, on=self.on, settings=settings)

    @property
    def night(self) -> Night:
        """The night's parts."""
        return Night(self.observation, self.brief)

    @property
    def judgement(self) -> Judgement:
        """The night's judgement."""
        return judge(self.observation, self.brief)

    @property
    def steps(self) -> dict[str, tuple[str, str, list[str]]]:
        """By customer: kind, step and invoices of tonight's message."""
        return {
            one.arguments["customer_id"]: (
                one.kind,
                one.arguments["step"],
                [each["id"] for each in one.arguments["invoices"]],
            )
            for one in self.judgement.proposals
            if one.kind != "tell_sales"
        }

    @property
    def held(self) -> list[tuple[str, str | None]]:
        """Reason and subject of what is left alone."""
        return [(one.tag, one.subject) for one in self.judgement.held]

    def proposal(self, kind: str) -> Proposal:
        """The only proposal of a kind."""
        (found,) = [one for one in self.judgement.proposals if one.kind == kind]
        return found

    def finding(self, tag: str) -> Finding:
        """The only finding of a sort."""
        (found,) = [one for one in self.judgement.findings if one.tag == tag]
        return found
