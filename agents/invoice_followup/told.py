"""What people told, sorted for the judge: what holds tonight, by customer and invoice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from regisseur.agents.invoice_followup.forms import (
    FORMS,
    MAILBOX,
    Announced,
    Called,
    Dispute,
    DoNotContact,
    Insolvency,
    Pause,
    Posted,
    Promise,
    Replied,
    Triage,
    WrongContact,
)
from regisseur.errors import InvalidInput
from regisseur.graphs.told import Form, Told
from regisseur.tools.records import Customer

F = TypeVar("F", bound=Form)

ANSWERING = (
    Promise,
    Announced,
    Dispute,
    Pause,
    DoNotContact,
    Insolvency,
    WrongContact,
    Called,
)
"""What people tell once they have read an answer: it is dealt with."""


@dataclass(frozen=True)
class Notebook:
    """Every standing entry as its form, oldest first; what no longer reads is listed."""

    entries: Mapping[str, Sequence[tuple[Told, Form]]] = field(default_factory=dict)
    """By customer; the whole company under the empty name."""
    unreadable: tuple[Told, ...] = ()

    @classmethod
    def of(cls, told: Iterable[Told]) -> Notebook:
        """Read the entries; one that an earlier version wrote otherwise stops no other."""
        entries: dict[str, list[tuple[Told, Form]]] = {}
        unreadable: list[Told] = []
        for one in told:
            form = _read(one)
            if form is None:
                unreadable.append(one)
            else:
                entries.setdefault(form.subject, []).append((one, form))
        return cls(entries, tuple(unreadable))

    def about(self, kind: type[F], customer: str, invoice: str | None = None) -> list[F]:
        """Entries of one form on a customer, and on an invoice of it if one is named."""
        found = [form for _, form in self.entries.get(customer, ()) if isinstance(form, kind)]
        if invoice is None:
            return found
        return [one for one in found if _covers(one, invoice)]

    def disputed(self, customer: str, invoice: str) -> Dispute | None:
        """The newest dispute on an invoice."""
        return _last(self.about(Dispute, customer, invoice))

    def promised(self, customer: str, invoice: str) -> Promise | None:
        """The newest promise: an older one is replaced by it."""
        return _last(self.about(Promise, customer, invoice))

    def announced(self, customer: str, invoice: str) -> Announced | None:
        """The newest announcement of a payment."""
        return _last(self.about(Announced, customer, invoice))

    def paused(self, customer: str, invoice: str) -> Pause | None:
        """The pause that lasts longest, of the invoice, the customer or the company."""
        pauses = [*self.about(Pause, customer, invoice), *self.about(Pause, "")]
        return max(pauses, key=lambda one: one.until, default=None)

    def triaged(self, customer: str, invoice: str) -> Triage | None:
        """What was said of an old debt."""
        return _last(self.about(Triage, customer, invoice))

    def silenced(self, customer: str) -> bool:
        """The customer must never be contacted."""
        return bool(self.about(DoNotContact, customer))

    def insolvent(self, customer: str) -> Insolvency | None:
        """Insolvency proceedings."""
        return _last(self.about(Insolvency, customer))

    def wrong_contacts(self, customer: Customer) -> set[str]:
        """Ids of contacts that don't work; one that has the right value by now does."""
        entries = self.about(WrongContact, customer.id)
        newest = {one.contact: one for one in entries if not one.failed}
        for one in customer.contacts:
            told = newest.get(one.id)
            right = told and (told.email or told.phone)
            if right and right in (one.email, one.phone):
                del newest[one.id]
        return set(newest)

    def failing(self, customer: str) -> set[tuple[str, str]]:
        """Contacts whose address takes no mail, with that address in small letters."""
        entries = self.about(WrongContact, customer)
        return {(one.contact, one.failed.casefold()) for one in entries if one.failed}

    def undelivered(self, customer: str) -> set[str]:
        """Keys of actions whose mail came back: nobody has read it."""
        return {one.key for one in self.about(WrongContact, customer) if one.key}

    def unread(self, customer: str) -> list[tuple[Told, Replied]]:
        """Answers that no person has dealt with, oldest first: nothing was told of the customer
        since they came.
        """
        entries = self.entries.get(customer, ())
        dealt = [
            told.at for told, form in entries if isinstance(form, ANSWERING) and told.by != MAILBOX
        ]
        last = max(dealt, default=None)
        return [
            (told, form)
            for told, form in entries
            if isinstance(form, Replied) and (last is None or last < (form.received or told.at))
        ]

    def of_form(self, kind: type[F], customer: str) -> Iterator[tuple[Told, F]]:
        """Entries of one form on a customer, with who told them and when."""
        for told, form in self.entries.get(customer, ()):
            if isinstance(form, kind):
                yield told, form

    def confirmed(self, customer: str) -> dict[str, Posted | Called]:
        """Letters posted and calls made, by the key of the action that prepared them."""
        posted = {one.key: one for one in self.about(Posted, customer)}
        return posted | {one.key: one for one in self.about(Called, customer)}


def _read(one: Told) -> Form | None:
    form = FORMS.get(one.form)
    try:
        return None if form is None else form.filled_in(one.body)
    except InvalidInput:
        return None


def _covers(form: Any, invoice: str) -> bool:
    return not form.invoices or invoice in form.invoices


def _last(found: Sequence[F]) -> F | None:
    return found[-1] if found else None
