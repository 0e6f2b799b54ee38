"""Is it still true? A customer is never asked for what was paid, credited or disputed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from regisseur.tools.actions.base import Difference
from regisseur.tools.actions.reminding.arguments import Chased, Recipient, Remind
from regisseur.tools.actions.reminding.wording import say
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.records import Customer, Day, Invoice, Money, Reminder, UnappliedPayment

STOPPING = {
    207: say("disputed on the platform"),
    208: say("suspended on the platform"),
    210: say("refused on the platform"),
    211: say("payment announced on the platform"),
    212: say("cashed on the platform"),
    213: say("rejected by the platform: to be issued again"),
}
"""Statuses of an electronic invoice (France) under which nobody is asked to pay it."""


async def still_true(books: Receivables, key: str, arguments: Remind) -> list[Difference]:
    """What changed; any change of a balance is material, there is no tolerance on other's money."""
    customer = await books.read_customer(arguments.customer_id)
    now = {
        one.id: one for one in await books.read_invoices([each.id for each in arguments.invoices])
    }
    since = arguments.on - timedelta(days=arguments.gap_days)
    said = await books.reminders(since, arguments.customer_id)
    money = await books.unapplied_payments()
    return [
        *_customer_changed(arguments, customer),
        *(found for one in arguments.invoices for found in _invoice_changed(one, now.get(one.id))),
        *_said_meanwhile(arguments, key, said),
        *_paid_meanwhile(arguments, money),
    ]


def _customer_changed(arguments: Remind, customer: Customer | None) -> Iterator[Difference]:
    name = say("customer {customer}", customer=arguments.customer_name)
    if customer is None or not customer.active:
        yield Difference(name=name, was=say("active"), now=say("archived"))
        return
    if customer.do_not_contact:
        yield Difference(name=name, was=say("may be written to"), now=say("not to be contacted"))
    yield from _recipient_changed(arguments.recipient, customer)


def _recipient_changed(was: Recipient, customer: Customer) -> Iterator[Difference]:
    """Who is written to must be what the master data say at this very moment."""
    contact = next((one for one in customer.contacts if one.id == was.contact_id), None)
    if was.email is not None or was.phone is not None:
        before = was.email or was.phone or ""
        now = None if contact is None else (contact.email if was.email else contact.phone)
        if now != before:
            gone = say("no longer there")
            yield Difference(name=say("contact"), was=before, now=now or gone)
    if was.address is not None and customer.address != was.address:
        yield Difference(name=say("postal address"), was=say("as shown"), now=say("changed"))


def _invoice_changed(was: Chased, now: Invoice | None) -> Iterator[Difference]:
    name = say("invoice {number}", number=was.number)
    if now is None or now.state == "cancelled":
        yield Difference(name=name, was=say("open"), now=say("cancelled"))
        return
    if now.open != was.balance:
        before = Money(amount=was.balance, currency=now.currency)
        after = Money(amount=now.open, currency=now.currency)
        yield Difference(name=say("balance of {number}", number=was.number), was=before, now=after)
    if now.dispute is not None:
        yield Difference(name=name, was=say("undisputed"), now=say("disputed"))
    if now.factored:
        yield Difference(name=name, was=say("ours"), now=say("sold to a factor"))
    if any(part.blocked for part in now.instalments if part.open):
        yield Difference(name=name, was=say("may be chased"), now=say("blocked in the ERP"))
    if (stopped := STOPPING.get(now.status or 0)) is not None:
        yield Difference(name=name, was=say("may be chased"), now=stopped)


def _said_meanwhile(arguments: Remind, key: str, said: Sequence[Reminder]) -> Iterator[Difference]:
    others = [one for one in said if one.key != key]
    if others:
        yield Difference(
            name=say("last message to the customer"),
            was=say("more than {days} days ago", days=arguments.gap_days),
            now=Day(date=max(one.on for one in others)),
        )


def _paid_meanwhile(arguments: Remind, money: Sequence[UnappliedPayment]) -> Iterator[Difference]:
    """What came in on the day of the sums or later and stands on no invoice yet. The night may not
    have known it; the next one reckons with it.
    """
    for one in money:
        if one.customer_id == arguments.customer_id and one.on >= arguments.on:
            amount = Money(amount=one.amount, currency=one.currency)
            name = say("payment of {day}, on no invoice yet", day=Day(date=one.on))
            yield Difference(name=name, was="", now=amount)
