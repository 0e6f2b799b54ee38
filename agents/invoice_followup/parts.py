"""Instalments with their share of the payments: what ageing and forecast count.

An instalment is owed by its own due date; payments of an invoice in several count for the oldest
one first, as they do in claims. Money is told from credit notes by what the ERP settled on the same
day for the same customer: a credit note of the same amount makes it a credit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regisseur.agents.invoice_followup.prediction.book import Entry
from regisseur.tools.records import Instalment, Invoice, Settlement

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Part:
    """One instalment, or the whole of an invoice that has none."""

    key: str
    """Of the invoice and the instalment."""
    invoice: Invoice
    due: date
    amount: Decimal
    """As it was billed; negative on credit notes."""
    entries: tuple[Entry, ...]
    """What lowered it, oldest first; all together leave what is open today."""


def key_of(invoice: Invoice, instalment: Instalment) -> str:
    """Names an instalment among all those of a company."""
    return f"{invoice.id}/{instalment.id}"


def allotted(invoice: Invoice) -> Iterator[tuple[Instalment, tuple[Settlement, ...]]]:
    """Each instalment with its share of the payments, the oldest instalment first."""
    money = deque(pay for pay in invoice.settlements if pay.amount > 0)
    for part in sorted(invoice.instalments, key=lambda each: each.due):
        missing, got = part.amount, []
        while missing > 0 and money:
            pay = money.popleft()
            taken = min(missing, pay.amount)
            got.append(Settlement(on=pay.on, amount=taken))
            missing -= taken
            if pay.amount > taken:
                money.appendleft(Settlement(on=pay.on, amount=pay.amount - taken))
        yield part, tuple(got)


def parts_of(invoices: Iterable[Invoice], currency: str) -> list[Part]:
    """Every instalment in one currency, credit notes included, nothing of what was cancelled."""
    known = [one for one in invoices if one.currency == currency and one.state != "cancelled"]
    credits = {
        (one.customer_id, paid.on, -paid.amount)
        for one in known
        if one.credit_note
        for paid in one.settlements
    }
    return [part for one in known for part in _parts(one, credits)]


Credits = set[tuple[str, date, Decimal]]
"""Customer, day and amount of what credit notes settled."""


def _parts(one: Invoice, credits: Credits) -> Iterator[Part]:
    if len(one.instalments) > 1:
        for each, share in allotted(one):
            entries = _entries(one, each.amount - each.open, share, credits)
            yield Part(key_of(one, each), one, each.due, each.amount, entries)
        return
    due, key = one.issued, one.id
    for each in one.instalments:
        due, key = each.due, key_of(one, each)
    entries = _entries(one, one.total - one.open, one.settlements, credits)
    yield Part(key, one, due, one.total, entries)


def _entries(
    one: Invoice, settled: Decimal, payments: tuple[Settlement, ...], credits: Credits
) -> tuple[Entry, ...]:
    """Payments and credits; what else the ERP took off (a write-off) counts as a credit."""
    entries = tuple(
        Entry(pay.on, pay.amount, (one.customer_id, pay.on, pay.amount) in credits)
        for pay in payments
    )
    rest = settled - sum((pay.amount for pay in payments), NOTHING)
    if not rest:
        return entries
    return (*entries, Entry(payments[-1].on if payments else one.issued, rest, credit=True))
