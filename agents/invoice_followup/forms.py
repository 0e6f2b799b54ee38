"""What people tell the agent: replies of customers, and what was done by hand.

All dates are calendar days. ``customer`` and ``invoices`` are ids of the ERP; where no invoice is
named, all of the customer's are meant.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from regisseur.graphs.told import Form
from regisseur.tools.actions.correct_contact import is_email, is_number

MAILBOX = "mailbox"
"""Who tells what was read in the company's mailbox."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class _AboutCustomer(Form):
    customer: Id
    customer_named: Words = ""
    comment: Words = ""

    @property
    def subject(self) -> str:
        """The customer."""
        return self.customer


class _AboutInvoices(_AboutCustomer):
    invoices: tuple[Id, ...] = ()
    invoices_named: tuple[Words, ...] = ()


class Promise(_AboutInvoices):
    """The customer has promised to pay by a day."""

    on: date
    amount: Decimal | None = Field(default=None, gt=0)


class Announced(_AboutInvoices):
    """The customer says that it has paid."""

    on: date
    amount: Decimal | None = Field(default=None, gt=0)
    reference: Words = ""


class Dispute(_AboutInvoices):
    """The customer contests something; nothing is chased until it is withdrawn."""

    reason: Literal["price", "quantity", "quality", "delivery", "order_number", "other"]


class Pause(_AboutInvoices):
    """Leave it alone until a day; without a customer it means the whole company."""

    customer: str = ""
    until: date
    """First day on which it goes on."""


class DoNotContact(_AboutCustomer):
    """Never write to or call this customer."""


class Insolvency(_AboutCustomer):
    """Safeguard, receivership or liquidation was opened."""

    opened_on: date


class WrongContact(_AboutCustomer):
    """A contact that doesn't work; with the right value, if it is known.

    Without a contact the value is a new contact's, or the postal address.
    """

    contact: str = ""
    email: Words = ""
    phone: Words = ""
    """In its international form, +33 4 …"""
    street: Words = ""
    """The printed lines above postcode and city, cut at semicolons."""
    postcode: Words = ""
    city: Words = ""
    country: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2})?$")] = ""
    """ISO 3166 alpha-2; as before where nothing is written."""
    failed: Words = ""
    """Only mails to this address are meant: its other ways go on, and so does another address."""
    key: str = Field(default="", max_length=200)
    """Of the action whose mail was not delivered: it doesn't count as said."""
    mail: str = Field(default="", max_length=64)
    """The mailbox's name for the report: what is read twice is one entry."""

    @model_validator(mode="after")
    def _one_thing(self) -> WrongContact:
        given = (self.email, self.phone, self.has_address)
        if sum(map(bool, given)) > 1:
            raise ValueError("tell one value at a time: an e-mail address, a number or an address")
        if not any(given) and not self.contact:
            raise ValueError("say which contact is wrong, or what is right")
        if self.contact and self.has_address:
            raise ValueError("the postal address is no contact's: leave the contact out")
        if self.email and not is_email(self.email):
            raise ValueError(f"{self.email} is no whole e-mail address")
        if self.phone and not is_number(self.phone):
            raise ValueError("write the number in its international form, +33 4 …")
        return self

    @property
    def has_address(self) -> bool:
        """Is the right postal address told?"""
        return bool(self.street or self.postcode or self.city)


class Replied(_AboutCustomer):
    """A customer has answered; no reminder until it is dealt with.

    That is, until somebody tells what it says (a promise, a dispute, a pause …) or withdraws this.
    """

    key: str = Field(default="", max_length=200)
    """Of the action that it answers."""
    reminder: Words = ""
    sent: date | None = None
    """When that left."""
    received: AwareDatetime | None = None
    """When the answer came; when it was told where nothing is written."""
    sender: Words = ""
    title: Words = ""
    text: Words = ""
    mail: str = Field(default="", max_length=64)
    """The mailbox's name for the answer: what is read twice is one entry."""


class Posted(_AboutCustomer):
    """A letter that was prepared went to the post."""

    key: Id
    """Of the action that prepared it."""
    on: date
    number: Words = ""
    """Of a registered letter."""


class Called(_AboutCustomer):
    """A call that was prepared was made."""

    key: Id
    on: date
    outcome: Literal["reached", "not_reached", "left_message"]


class Triage(_AboutInvoices):
    """What a person says of an old debt; ``start`` puts it on the procedure at a step."""

    verdict: Literal["paid", "disputed", "doubtful", "start"]
    step: str | None = None
    """With ``start``: the step that comes next; the first one where nothing is written."""


FORMS: dict[str, type[Form]] = {
    "promise": Promise,
    "announced": Announced,
    "dispute": Dispute,
    "pause": Pause,
    "do_not_contact": DoNotContact,
    "insolvency": Insolvency,
    "wrong_contact": WrongContact,
    "reply": Replied,
    "posted": Posted,
    "called": Called,
    "triage": Triage,
}
