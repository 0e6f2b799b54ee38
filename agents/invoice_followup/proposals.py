"""From messages to proposals that a person can approve as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from regisseur.agents.invoice_followup import explaining
from regisseur.agents.invoice_followup.amending import changed_lately
from regisseur.agents.invoice_followup.choice import Message
from regisseur.agents.invoice_followup.claims import Lawyer, Sums
from regisseur.agents.invoice_followup.law import wording as law
from regisseur.agents.invoice_followup.outlook import Outlook
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.agents.invoice_followup.wording import Writer
from regisseur.agents.invoice_followup.words import day, days, money, say, step_title
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Proposal
from regisseur.graphs.past import Deed
from regisseur.tools.actions.base import Fact
from regisseur.tools.actions.reminding import Chased, Recipient, Sender
from regisseur.tools.actions.tell_sales import TellSales
from regisseur.tools.records import Message as Sentence
from regisseur.tools.texts import shown, word

KINDS = {
    "email": "send_reminder",
    "letter": "prepare_letter",
    "call": "prepare_call",
    "notice": "formal_notice",
    "hand_over": "hand_over",
}
AHEAD = "reminder_ahead"
"""Topic of the note that tells a salesperson of a message to come."""


@dataclass(frozen=True)
class Proposer:
    """Makes the proposals of one night."""

    brief: Brief[InvoiceFollowupSettings]
    writer: Writer
    lawyer: Lawyer
    outlook: Outlook
    deeds: Sequence[Deed] = ()
    broken: Mapping[str, date] = field(default_factory=dict)
    """Days of promises that were not kept, by customer."""

    def proposal(self, message: Message) -> Proposal:
        """One message, worded and summed up."""
        sums = self.lawyer.sums(one for one in message.invoices if one.late)
        return Proposal(
            kind=KINDS[message.way],
            arguments=self._arguments(message, sums),
            reason=self._reason(message),
            details=tuple(self._details(message, sums)),
            facts=tuple(self._facts(message)),
            evidence=(message.customer.ref(), *(one.invoice.ref() for one in message.invoices)),
            cost_of_waiting=money(self.lawyer.a_day(message.invoices), message.currency),
            otherwise=self._otherwise(message),
            decide_by=self.brief.on,
        )

    def forewarning(self, message: Message) -> Proposal:
        """A note for the customer's salesperson, a working day ahead of the message."""
        locale = self.brief.company.locale
        seller = message.customer.salesperson
        text = say(
            "{seller}: {step} to {customer} on the next working day, {open} for {count} invoices. "
            "Say so today if it should wait.",
            seller=seller.name if seller else "",
            step=step_title(message.step.name),
            customer=message.customer.name,
            open=money(message.open, message.currency),
            count=len(message.invoices),
        )
        arguments = TellSales(
            about=message.customer.ref(), topic=AHEAD, text=word(text, locale)
        ).model_dump(mode="json")
        reason = say("The salesperson hears of a message before the customer does.")
        return Proposal(kind="tell_sales", arguments=arguments, reason=reason)

    def _arguments(self, message: Message, sums: Sums) -> dict[str, object]:
        company, settings = self.brief.company, self.brief.settings
        language = self.writer.language(message.customer)
        title, text = self.writer.written(message, sums)
        claimed = sums.claimed if message.step.claim == "ask" else None
        changed = self._recipient_changed(message)
        arguments: dict[str, object] = {
            "customer_id": message.customer.id,
            "customer_name": message.customer.name,
            "step": message.step.name,
            "step_title": shown(step_title(message.step.name), company.locale),
            "on": self.brief.on.isoformat(),
            "language": language,
            "sender": self._sender().model_dump(mode="json"),
            "recipient": _recipient(message).model_dump(mode="json"),
            "recipient_changed": None if changed is None else changed.isoformat(),
            "currency": message.currency,
            "invoices": [_chased(one).model_dump(mode="json") for one in message.invoices],
            "claim": None if claimed is None else claimed.model_dump(mode="json"),
            "gap_days": settings.gap_days,
            "title": title,
            "text": text,
            "account": self._account(message),
        }
        if message.way == "email":
            arguments["attach_invoices"] = settings.attach_invoices
        return arguments

    def _recipient_changed(self, message: Message) -> date | None:
        """Day on which we corrected where it goes, if that was lately."""
        since = self.brief.on - timedelta(days=self.brief.settings.changed_contact_days)
        to = _recipient(message)
        ways = (("email", to.email), ("phone", to.phone), ("address", to.address))
        changed = [
            changed_lately(self.deeds, message.customer.id, way, value, since)
            for way, value in ways
            if value is not None
        ]
        return max(filter(None, changed), default=None)

    def _sender(self) -> Sender:
        """From the settings, never from the ERP."""
        company, settings = self.brief.company, self.brief.settings
        contact = (settings.sender_phone, settings.sender_email or "")
        return Sender(
            name=company.name,
            email=settings.sender_email,
            address=settings.sender_address,
            contact=tuple(one for one in contact if one),
            legal=settings.sender_legal,
            holder=settings.payment.holder,
            iban=settings.payment.iban,
            bic=settings.payment.bic,
        )

    def _account(self, message: Message) -> str:
        """What stands in the ERP afterwards, in the company's language."""
        locale = self.brief.company.locale
        contact = message.contact
        told = say(
            "{step} to {who}: {open} on {invoices}",
            step=step_title(message.step.name),
            who=(contact.email or contact.name) if contact else message.customer.name,
            open=money(message.open, message.currency),
            invoices=", ".join(one.invoice.number for one in message.invoices),
        )
        return word(told, locale)

    def _reason(self, message: Message) -> Sentence:
        oldest = max(message.invoices, key=lambda one: one.days_late)
        last = max((one.said.on for one in message.invoices if one.said.on), default=None)
        step = step_title(message.step.name)
        if message.step.courtesy:
            due = day(oldest.due)
            return say("{step}: nothing is late, the first is due on {due}.", step=step, due=due)
        if last is None:
            return say(
                "{step}: the oldest is {late} late, nothing was said yet.",
                step=step,
                late=days(oldest.days_late),
            )
        return say(
            "{step}: the oldest is {late} late, the last message was on {last}.",
            step=step,
            late=days(oldest.days_late),
            last=day(last),
        )

    def _otherwise(self, message: Message) -> Sentence | None:
        """What makes it pressing, in a few words."""
        promised = self.broken.get(message.customer.id)
        if promised is not None:
            return say("promise of {day} not kept", day=day(promised))
        late = max(one.days_late for one in message.invoices)
        return say("{days} late", days=days(late)) if late > 0 else None

    def _details(self, message: Message, sums: Sums) -> Iterator[Sentence]:
        """How the customer pays, an invoice a line; the claim line by line where one is made, or why none is."""
        changed = self._recipient_changed(message)
        if changed is not None:
            yield say(
                "Where it goes was changed on {day}: two people approve it.", day=day(changed)
            )
        yield from explaining.habit(self.outlook, message)
        for one in message.invoices:
            yield explaining.line(self.outlook, one)
        if message.step.claim != "ask":
            return
        for one, found in sums.claims:
            yield say("{number}: {sums}", number=one.invoice.number, sums=law.summary(found))
            for segment in found.segments:
                yield say("– {line}", line=law.line(segment, found.currency))
        for one, refusal in sums.refusals:
            why = law.refused(refusal)
            yield say("{number}: no sum is claimed: {why}", number=one.invoice.number, why=why)

    def _facts(self, message: Message) -> Iterator[Fact]:
        for one in message.invoices:
            source, currency = one.invoice.ref(), one.invoice.currency
            yield Fact(
                name=f"open:{one.invoice.id}",
                value=money(one.invoice.open, currency),
                source=source,
                label=say("Open on {number}", number=one.invoice.number),
            )
            yield Fact(
                name=f"due:{one.invoice.id}",
                value=day(one.due),
                source=source,
                label=say("Due date of {number}", number=one.invoice.number),
            )


def _chased(one: Standing) -> Chased:
    return Chased(
        id=one.invoice.id,
        number=one.invoice.number,
        issued=one.invoice.issued,
        amount=one.invoice.total,
        due=one.due,
        open=one.open,
        balance=one.invoice.open,
    )


def _recipient(message: Message) -> Recipient:
    """From master data alone, and only the way that is used."""
    contact, way = message.contact, message.way
    return Recipient(
        contact_id="" if contact is None else contact.id,
        name=(contact.name if contact else "") or message.customer.name,
        email=contact.email if contact and way == "email" else None,
        phone=contact.phone if contact and way == "call" else None,
        address=message.customer.address if message.by_post else None,
    )
