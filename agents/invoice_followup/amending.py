"""What is changed in the ERP besides messages: disputes that were told, rests, wrong contacts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from regisseur.agents.invoice_followup.forms import Dispute, WrongContact
from regisseur.agents.invoice_followup.holds import Holds
from regisseur.agents.invoice_followup.observation import Observation
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.standing import Standing
from regisseur.agents.invoice_followup.told import Notebook
from regisseur.agents.invoice_followup.words import day, days, money, say
from regisseur.graphs.agent import Brief
from regisseur.graphs.judgement import Finding, Proposal
from regisseur.graphs.past import Deed
from regisseur.graphs.told import Told
from regisseur.tools.actions.base import Arguments, Fact
from regisseur.tools.actions.correct_contact import CorrectContact, same, value_of
from regisseur.tools.actions.open_dispute import OpenDispute
from regisseur.tools.actions.write_off import WriteOffRest
from regisseur.tools.records import Address, Contact, ContactWay, Customer, Message, RecordRef
from regisseur.tools.texts import word

REASONS = {
    "price": say("the price"),
    "quantity": say("the quantity"),
    "quality": say("the quality"),
    "delivery": say("the delivery"),
    "order_number": say("the order number"),
    "other": say("another reason"),
}
"""What customers contest."""
ASKED_ANYWAY = frozenset({"small", "to_sort"})
"""Holds of a rest that a person is asked about all the same: both ask nobody for money."""
PORTS = {"open_dispute": "disputes", "write_off": "write_offs", "correct_contact": "contacts"}


@dataclass(frozen=True)
class Wanted:
    """One change that would be right, whether the ERP lets us make it or not."""

    kind: str
    arguments: Arguments
    reason: Message
    evidence: tuple[RecordRef, ...]
    facts: tuple[Fact, ...] = ()

    @property
    def proposal(self) -> Proposal:
        """For the inbox."""
        return Proposal(
            kind=self.kind,
            arguments=self.arguments.model_dump(mode="json"),
            reason=self.reason,
            evidence=self.evidence,
            facts=self.facts,
        )


@dataclass(frozen=True)
class Amender:
    """Finds out what would be right, from what one night knows."""

    brief: Brief[InvoiceFollowupSettings]
    observation: Observation
    notebook: Notebook
    holds: Holds
    standings: Iterable[Standing]

    def proposals(self) -> Iterator[Proposal]:
        """What can be done with this ERP."""
        for one in self.wanted:
            if PORTS[one.kind] in self.observation.offers:
                yield one.proposal

    def findings(self) -> Iterator[Finding]:
        """What can't be, so that a person does it; and disputes that only stand here any more."""
        for one in self.wanted:
            if PORTS[one.kind] not in self.observation.offers:
                yield Finding(
                    tag="by_hand",
                    message=_by_hand(one.arguments),
                    evidence=one.evidence,
                    subject=one.evidence[0].id,
                )
        for standing in self._closed():
            message = say(
                "{customer}: the dispute about {number} is closed in the ERP and still stands "
                "here; withdraw the entry if it is settled.",
                customer=standing.customer.name,
                number=standing.invoice.number,
            )
            evidence = (standing.invoice.ref(),)
            yield Finding(
                tag="dispute_closed",
                message=message,
                evidence=evidence,
                subject=standing.invoice.id,
            )

    @cached_property
    def wanted(self) -> tuple[Wanted, ...]:
        """Whatever would be right."""
        return (*self._disputes(), *self._rests(), *self._corrections())

    def _contested(self) -> Iterator[tuple[Standing, Told, Dispute]]:
        """Invoices that people told are contested and that the ERP doesn't say are."""
        for one in self.standings:
            covering = [
                (told, form)
                for told, form in self.notebook.of_form(Dispute, one.customer.id)
                if not form.invoices or one.invoice.id in form.invoices
            ]
            if covering and one.invoice.dispute is None:
                yield (one, *covering[-1])

    def _closed(self) -> Iterator[Standing]:
        return (one for one, told, _ in self._contested() if self._opened(one, told))

    def _opened(self, one: Standing, told: Told) -> bool:
        """Did we open a dispute about it since that was told?"""
        return any(
            deed.kind == "open_dispute"
            and deed.arguments["invoice_id"] == one.invoice.id
            and deed.on >= told.at.date()
            for deed in self.observation.deeds
        )

    def _disputes(self) -> Iterator[Wanted]:
        locale = self.brief.company.locale
        for one, told, form in self._contested():
            if self._opened(one, told):
                continue
            who = say(
                "The customer contests {reason}; told by {who} on {day}.",
                reason=REASONS[form.reason],
                who=told.by,
                day=day(told.at.date()),
            )
            arguments = OpenDispute(
                customer_id=one.customer.id,
                customer_name=one.customer.name,
                invoice_id=one.invoice.id,
                invoice_number=one.invoice.number,
                on=told.at.date(),
                text="\n".join(part for part in (word(who, locale), form.comment) if part),
            )
            yield Wanted("open_dispute", arguments, who, (one.invoice.ref(), one.customer.ref()))

    def _rests(self) -> Iterator[Wanted]:
        if self.holds.of_company() is None:
            found = [one for one in self.standings if self._is_rest(one)]
            yield from map(self._rest, sorted(found, key=lambda one: (one.due, one.invoice.id)))

    def _is_rest(self, one: Standing) -> bool:
        """Old, small, and a part was paid or credited: nobody writes off what was never paid."""
        settings, invoice = self.brief.settings, one.invoice
        small = invoice.open <= min(settings.write_off_up_to, settings.tolerance)
        if not small or invoice.currency != self.brief.company.currency:
            return False
        last = max((part.due for part in invoice.instalments if part.open), default=one.due)
        old = last + timedelta(days=settings.write_off_after) <= self.brief.on
        if not old or invoice.open >= invoice.total or self.notebook.insolvent(one.customer.id):
            return False
        hold = self.holds.of_invoice(one)
        return hold is None or hold.tag in ASKED_ANYWAY

    def _rest(self, one: Standing) -> Wanted:
        invoice = one.invoice
        title = say("Balance of {number} written off", number=invoice.number)
        arguments = WriteOffRest(
            customer_id=one.customer.id,
            customer_name=one.customer.name,
            invoice_id=invoice.id,
            invoice_number=invoice.number,
            on=self.brief.on,
            amount=invoice.open,
            currency=invoice.currency,
            text=word(title, self.brief.company.locale),
        )
        left, total = money(invoice.open, invoice.currency), money(invoice.total, invoice.currency)
        reason = say(
            "{left} of {total} is left, {late} after the due date.",
            left=left,
            total=total,
            late=days(one.days_late),
        )
        label = say("Open on {number}", number=invoice.number)
        fact = Fact(name=f"open:{invoice.id}", value=left, source=invoice.ref(), label=label)
        return Wanted("write_off", arguments, reason, (invoice.ref(), one.customer.ref()), (fact,))

    def _corrections(self) -> Iterator[Wanted]:
        for customer in self.observation.books.customers:
            newest: dict[str, Wanted] = {}
            for told, form in self.notebook.of_form(WrongContact, customer.id):
                arguments = _correction(customer, form)
                if arguments is None or arguments.has_come(customer):
                    continue
                if not self._corrected(arguments, told):
                    place = f"{arguments.way}/{arguments.contact_id}"
                    newest[place] = Wanted(
                        "correct_contact", arguments, _said(told, form), (customer.ref(),)
                    )
            yield from newest.values()

    def _corrected(self, wanted: CorrectContact, told: Told) -> bool:
        """Was it done since that was told? Whoever changed it again had a reason."""
        return any(
            deed.kind == "correct_contact"
            and deed.on >= told.at.date()
            and deed.arguments == wanted.model_dump(mode="json")
            for deed in self.observation.deeds
        )


def changed_lately(
    deeds: Iterable[Deed], customer_id: str, way: str, value: str | Address, since: date
) -> date | None:
    """Day on which we changed a contact of a customer to this value, if that was after a day."""
    days_ = [
        deed.on
        for deed in deeds
        if deed.kind == "correct_contact"
        and deed.on > since
        and (deed.arguments["customer_id"], deed.arguments["way"]) == (customer_id, way)
        and _is_value(CorrectContact.model_validate(deed.arguments), value)
    ]
    return max(days_, default=None)


def _is_value(done: CorrectContact, value: str | Address) -> bool:
    if isinstance(value, Address):
        return done.address_after == value
    return same(done.way, done.after, value)


def _correction(customer: Customer, form: WrongContact) -> CorrectContact | None:
    """The change that an entry asks for; none where it only says that a contact is wrong."""
    if form.has_address:
        before = customer.address
        lines = tuple(part.strip() for part in form.street.replace(";", "\n").splitlines())
        after = Address(
            lines=tuple(filter(None, lines)),
            postcode=form.postcode,
            city=form.city,
            country=form.country or (before.country if before else None),
        )
        return CorrectContact(
            customer_id=customer.id,
            customer_name=customer.name,
            way="address",
            address_before=before,
            address_after=after,
        )
    if not (form.email or form.phone):
        return None
    way: ContactWay = "email" if form.email else "phone"
    there = _there(customer, form.contact, way)
    return CorrectContact(
        customer_id=customer.id,
        customer_name=customer.name,
        way=way,
        contact_id=there.id if there else "",
        before=value_of(there, way) if there else "",
        after=form.email or form.phone,
    )


def _there(customer: Customer, contact_id: str, way: ContactWay) -> Contact | None:
    """The contact, if it has such a value; else it is a new one that is told."""
    known = (one for one in customer.contacts if one.id == contact_id)
    return next((one for one in known if value_of(one, way)), None)


def _said(told: Told, form: WrongContact) -> Message:
    when = day(told.at.date())
    if form.comment:
        return say("Told by {who} on {day}: {comment}", who=told.by, day=when, comment=form.comment)
    return say("Told by {who} on {day}.", who=told.by, day=when)


def _by_hand(arguments: Arguments) -> Message:
    """What a person has to do in the ERP, as we may not."""
    match arguments:
        case OpenDispute():
            return say(
                "{customer}: {number} is contested; open a dispute in the ERP by hand, as this "
                "connection can't.",
                customer=arguments.customer_name,
                number=arguments.invoice_number,
            )
        case WriteOffRest():
            return say(
                "{customer}: {amount} is left of {number}; write it off in the ERP by hand, as "
                "this connection may not.",
                customer=arguments.customer_name,
                amount=money(arguments.amount, arguments.currency),
                number=arguments.invoice_number,
            )
        case _:
            return say(
                "{customer}: correct the contact in the ERP by hand, as this connection may not.",
                customer=getattr(arguments, "customer_name", ""),
            )
