"""Correct how a customer is reached: an e-mail address, a number or the postal address.

Whoever changes where reminders go could send them, and what is answered to them, anywhere: two
people must approve. What was approved are values before and after; looking at the customer tells
whether it was done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from regisseur.tools.actions.base import Arguments, Difference, Fact, Found, Kind, Outside
from regisseur.tools.erp.ports import Contacts, Receivables
from regisseur.tools.mail import Mailbox
from regisseur.tools.records import Address, Contact, Customer, Message, Speaker, Value

say = Speaker("regisseur.tools.actions")

INTERNATIONAL = re.compile(r"\+[1-9]\d{5,14}")
SEPARATORS = re.compile(r"[ .\-/]")


class CorrectContact(Arguments):
    """One value, as it was when proposed and as it shall be."""

    customer_id: str
    customer_name: str
    way: Literal["email", "phone", "address"]
    contact_id: str = ""
    """Empty for a contact that isn't there yet, and for the postal address."""
    before: str = ""
    after: str = ""
    """For ``email`` and ``phone``; numbers in the international form, +33 …"""
    address_before: Address | None = None
    address_after: Address | None = None
    """For ``address``."""

    @model_validator(mode="after")
    def _whole(self) -> CorrectContact:
        texts = (self.contact_id, self.before, self.after)
        if self.way == "address":
            whole = self.address_after is not None and not any(texts)
        else:
            no_address = self.address_before is None and self.address_after is None
            whole = bool(self.after) and no_address and bool(self.contact_id) == bool(self.before)
        if not whole:
            raise ValueError(f"not what a corrected {self.way} needs")
        if self.way == "email" and not is_email(self.after):
            raise ValueError("that is no whole e-mail address")
        if self.way == "phone" and not is_number(self.after):
            raise ValueError("write the number in its international form, +33 4 …")
        return self

    def has_come(self, customer: Customer) -> bool:
        """Is the approved value there?"""
        if self.way == "address":
            return customer.address == self.address_after
        return any(
            same(self.way, value_of(one, self.way), self.after)
            for one in customer.contacts
            if self.contact_id in ("", one.id)
        )


@dataclass(frozen=True)
class Correcting:
    """The master data, read and written."""

    books: Receivables
    contacts: Contacts


class CorrectContactKind(Kind[CorrectContact, Correcting]):
    """Converges by value. A contact may be added, so after a silence a person looks."""

    name: ClassVar[str] = "correct_contact"
    arguments = CorrectContact
    port: type[Any] = Contacts
    always_asks: ClassVar[bool] = True
    repeatable: ClassVar[bool] = False

    def reach(self, outside: Outside) -> Correcting:
        """Through the ERP alone."""
        return Correcting(outside.port(Receivables), outside.port(Contacts))

    def people(self, arguments: CorrectContact) -> int:
        """Always two."""
        return 2

    def subject(self, arguments: CorrectContact) -> str:
        """The customer and the contact."""
        return f"{arguments.customer_id}/{arguments.way}/{arguments.contact_id}"

    def counterparty(self, arguments: CorrectContact) -> str:
        """The customer."""
        return arguments.customer_id

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others."""
        return say.counted("{count} contact corrected", "{count} contacts corrected", count)

    def summary(self, arguments: CorrectContact) -> Message:
        """From what to what."""
        customer = arguments.customer_name
        if arguments.way == "address":
            after = written(arguments.address_after)
            return say("{customer}: new postal address {after}", customer=customer, after=after)
        if not arguments.before:
            return say("{customer}: new contact {after}", customer=customer, after=arguments.after)
        return say(
            "{customer}: {before} becomes {after}",
            customer=customer,
            before=arguments.before,
            after=arguments.after,
        )

    async def drift(
        self, port: Correcting, key: str, arguments: CorrectContact, facts: Sequence[Fact]
    ) -> list[Difference]:
        """The customer is archived, or somebody else changed the value."""
        customer = await port.books.read_customer(arguments.customer_id)
        return list(_differences(arguments, customer))

    async def look_up(self, port: Correcting, key: str, arguments: CorrectContact) -> Found:
        """Whether the value is there."""
        customer = await port.books.read_customer(arguments.customer_id)
        if customer is None or not arguments.has_come(customer):
            return Found(state="nothing")
        return Found(state="done", reference=customer.name, record=customer.ref())

    async def advance(
        self, port: Correcting, key: str, arguments: CorrectContact, found: Found
    ) -> None:
        """Write the value; the ERP's port refuses where another than the approved one is there."""
        contacts, customer_id, way = port.contacts, arguments.customer_id, arguments.way
        if found.state != "nothing":
            return
        if way == "address":
            if arguments.address_after is not None:
                await contacts.change_address(
                    customer_id, before=arguments.address_before, after=arguments.address_after
                )
        elif arguments.contact_id:
            await contacts.change_contact(
                customer_id,
                arguments.contact_id,
                way,
                before=arguments.before,
                after=arguments.after,
            )
        else:
            await contacts.add_contact(customer_id, way, arguments.after)

    def to_check(self, key: str, arguments: CorrectContact) -> Message:
        """What to look at."""
        after = arguments.after or written(arguments.address_after)
        return say(
            "Look at the contacts of {customer} in the ERP: is {after} there, once?",
            customer=arguments.customer_name,
            after=after,
        )


def is_email(text: str) -> bool:
    """Is it a whole, plain address?"""
    try:
        Mailbox(address=text)
    except ValueError:
        return False
    return True


def is_number(text: str) -> bool:
    """Is it a telephone number in its international form?"""
    return INTERNATIONAL.fullmatch(SEPARATORS.sub("", text)) is not None


def value_of(contact: Contact, way: str) -> str:
    """The address or the number of a contact, empty where it has none."""
    return (contact.email if way == "email" else contact.phone) or ""


def same(way: str, one: str, other: str) -> bool:
    """Are these the same address or number, however an ERP writes them?"""
    if way == "email":
        return one.casefold() == other.casefold()
    return SEPARATORS.sub("", one) == SEPARATORS.sub("", other)


def written(address: Address | None) -> str:
    """A postal address in one line."""
    if address is None:
        return ""
    place = " ".join(part for part in (address.postcode, address.city) if part)
    return ", ".join(part for part in (*address.lines, place, address.country or "") if part)


def _differences(arguments: CorrectContact, customer: Customer | None) -> Iterator[Difference]:
    if customer is None or not customer.active:
        name = say("customer {customer}", customer=arguments.customer_name)
        yield Difference(name=name, was=say("active"), now=say("archived"))
        return
    if arguments.way == "address":
        if customer.address != arguments.address_before:
            before, now = written(arguments.address_before), written(customer.address)
            yield Difference(name=say("postal address"), was=before, now=now)
    elif arguments.contact_id:
        there = [one for one in customer.contacts if one.id == arguments.contact_id]
        now_: Value = value_of(there[0], arguments.way) if there else say("no longer there")
        if now_ != arguments.before:
            yield Difference(name=say("contact"), was=arguments.before, now=now_)


KIND = CorrectContactKind()
