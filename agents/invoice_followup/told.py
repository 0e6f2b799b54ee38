"""What people told, sorted for the judge: what holds tonight, by customer and invoice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from regisseur.agents.invoice_followup.forms import (
    FORMS,
    Announced,
    Called,
    Dispute,
    DoNotContact,
    Insolvency,
    Pause,
    Posted,
    Promise,
    Triage,
    WrongContact,
)
from regisseur.errors import InvalidInput
from regisseur.graphs.told import Form, Told

F = TypeVar("F", bound=Form)


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

    def wrong_contacts(self, customer: str) -> set[str]:
        """Ids of contacts that don't work."""
        return {one.contact for one in self.about(WrongContact, customer)}

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
