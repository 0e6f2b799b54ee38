"""What is said to a customer tonight: one message about all its invoices, never one for each.

The message's step is the furthest that is due; the formal steps (notice, hand-over) take only the
invoices that have come so far themselves. An invoice that goes along moves by one step of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.agents.invoice_followup.holds import Hold, Holds
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings, Step
from regisseur.agents.invoice_followup.standing import Ladder, Standing
from regisseur.agents.invoice_followup.told import Notebook
from regisseur.agents.invoice_followup.words import say
from regisseur.tools.records import Contact, Customer

Way = Literal["email", "letter", "call", "notice", "hand_over"]


@dataclass(frozen=True)
class Message:
    """What is to be said to one customer, and how."""

    customer: Customer
    currency: str
    step: Step
    way: Way
    contact: Contact | None
    """Whom it goes to; letters go to the customer's address."""
    invoices: tuple[Standing, ...]

    @property
    def by_post(self) -> bool:
        """It is a letter of some sort."""
        return self.way in ("letter", "notice", "hand_over")

    @property
    def open(self) -> Decimal:
        """What is asked for on the invoices."""
        return sum((one.open for one in self.invoices), Decimal(0))

    @property
    def days_late(self) -> int:
        """Of the oldest invoice."""
        return max(one.days_late for one in self.invoices)


@dataclass(frozen=True)
class Left:
    """Invoices of one customer that are left alone for one reason."""

    customer: Customer
    hold: Hold
    invoices: tuple[Standing, ...]

    @property
    def currency(self) -> str:
        """Of all of them."""
        return self.invoices[0].invoice.currency

    @property
    def open(self) -> Decimal:
        """What is late or about to be."""
        return sum((one.open for one in self.invoices), Decimal(0))


@dataclass
class Choice:
    """What a night does about all customers."""

    messages: list[Message] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


class Chooser:
    """Decides customer by customer."""

    def __init__(
        self,
        settings: InvoiceFollowupSettings,
        ladder: Ladder,
        holds: Holds,
        notebook: Notebook,
        on: date,
        *,
        mail: bool,
    ) -> None:
        self.settings = settings
        self.ladder = ladder
        self.holds = holds
        self.notebook = notebook
        self.on = on
        self.mail = mail and settings.sender_email is not None

    def choose(self, standings: Iterable[Standing]) -> Choice:
        """For every customer that has something late or about to be."""
        choice, company = Choice(), self.holds.of_company()
        grouped: dict[tuple[str, str], list[Standing]] = defaultdict(list)
        for one in standings:
            grouped[one.customer.id, one.invoice.currency].append(one)
        for key in sorted(grouped, key=lambda each: (grouped[each][0].customer.name, each)):
            self._customer(grouped[key], company, choice)
        return choice

    def _customer(self, standings: list[Standing], company: Hold | None, choice: Choice) -> None:
        customer = standings[0].customer
        ready: list[Standing] = []
        held: dict[str, Left] = {}
        for one in sorted(standings, key=lambda each: (each.due, each.invoice.id)):
            hold = self.holds.of_invoice(one)
            if hold is not None and (one.late or self.ladder.due(one)):
                why = hold.message.model_dump_json()
                before = held[why].invoices if why in held else ()
                held[why] = Left(customer, hold, (*before, one))
            elif hold is None and self.ladder.due(one):
                ready.append(one)
        choice.left += held.values()
        if not ready:
            return
        found = company or self.holds.of_customer(customer) or self._message(customer, ready)
        if isinstance(found, Hold):
            choice.left.append(Left(customer, found, tuple(ready)))
        else:
            choice.messages.append(found)

    def _message(self, customer: Customer, ready: Sequence[Standing]) -> Message | Hold:
        procedure = self.settings.procedure
        furthest = max(one.next for one in ready if one.next is not None)
        step = procedure[furthest]
        if step.means in ("notice", "hand_over"):
            chosen = [one for one in ready if one.next == furthest]
        else:
            chosen = [one for one in ready if step.courtesy or one.late]
        found = self._way(customer, step)
        if isinstance(found, Hold):
            return found
        way, contact = found
        return Message(customer, chosen[0].invoice.currency, step, way, contact, tuple(chosen))

    def _way(self, customer: Customer, step: Step) -> tuple[Way, Contact | None] | Hold:
        """How the step reaches the customer: by letter where there is no e-mail address."""
        if step.means in ("notice", "hand_over", "letter"):
            return self._by_post(customer, step.means)
        if step.means == "call":
            contact = next((one for one in self._contacts(customer) if one.phone), None)
            if contact is not None:
                return "call", contact
        contact = next((one for one in self._contacts(customer) if one.email), None)
        if contact is not None and self.mail:
            return "email", contact
        return self._by_post(customer, "letter")

    def _by_post(self, customer: Customer, way: Way) -> tuple[Way, Contact | None] | Hold:
        address = customer.address
        if address is None or not (address.lines or address.city):
            return Hold("no_contact", say("no address, no e-mail and no number to reach it by"))
        contacts = list(self._contacts(customer))
        return way, contacts[0] if contacts else None

    def _contacts(self, customer: Customer) -> Iterator[Contact]:
        """Those for invoices first, without those that people know to be wrong, and without
        addresses that take no mail.
        """
        wrong = self.notebook.wrong_contacts(customer)
        failing = self.notebook.failing(customer.id)
        known = [
            one.model_copy(update={"email": None})
            if (one.id, (one.email or "").casefold()) in failing
            else one
            for one in customer.contacts
            if one.id not in wrong
        ]
        yield from sorted(known, key=lambda one: not one.payables)
