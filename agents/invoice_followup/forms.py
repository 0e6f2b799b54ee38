"""What people tell the agent: replies of customers, and what was done by hand.

All dates are calendar days. ``customer`` and ``invoices`` are ids of the ERP; where no invoice is
named, all of the customer's are meant.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from regisseur.graphs.told import Form

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
    """A contact that doesn't work, or isn't the right one."""

    contact: Id


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
    "posted": Posted,
    "called": Called,
    "triage": Triage,
}
