"""Names and numbers that people know, turned into the ids that the ERP knows.

A pause of a customer that doesn't exist would hold nothing back, and nobody would hear of it. So
what is told is looked up when it is told: customers, contacts, open invoices, prepared letters and
calls, steps of the procedure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.errors import InvalidInput
from regisseur.graphs.desk import Desk
from regisseur.graphs.past import Deed, deeds
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.records import Customer, Invoice

MOST_NAMED = 8
"""Possibilities that an error names."""


async def identified(
    desk: Desk, agent: str, settings: InvoiceFollowupSettings, values: Mapping[str, Any]
) -> dict[str, Any]:
    """What was filled in, by ids; raises InvalidInput naming the field that means nothing, or
    several things.

    ``invoice`` is taken for one of ``invoices``. The customer may be left out where an invoice, a
    letter or a call says who it is.
    """
    found, books = dict(values), desk.port(Receivables)
    if "invoice" in found:
        found["invoices"] = (*_listed(found.get("invoices", ())), found.pop("invoice"))
    if found.get("step"):
        _known_step(settings, found["step"])
    if found.get("key"):
        deed = _prepared(await deeds(desk, agent, date.min), str(found["key"]))
        found = {"customer": deed.arguments["customer_id"], **found}
    customer = None
    if found.get("customer"):
        customer = customer_of(await books.customers(), str(found["customer"]))
    if found.get("invoices"):
        chosen = _invoices(await books.open_invoices(), _listed(found["invoices"]), customer)
        found["invoices"] = [one.id for one in chosen]
        found["invoices_named"] = [one.number for one in chosen]
        customer = customer or await books.read_customer(chosen[0].customer_id)
    if customer is not None:
        found |= {"customer": customer.id, "customer_named": customer.name}
        if found.get("contact"):
            found["contact"] = _contact(customer, str(found["contact"]))
    return found


def customer_of(customers: Sequence[Customer], text: str) -> Customer:
    """By its id, else its code, its name, or a part of its name that no other has."""
    wanted = text.casefold()
    ways = (
        [one for one in customers if one.id == text],
        [one for one in customers if one.code.casefold() == wanted],
        [one for one in customers if one.name.casefold() == wanted],
        [one for one in customers if wanted in one.name.casefold()],
    )
    candidates: list[Customer] = next((found for found in ways if found), [])
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise InvalidInput(f"there is no customer {text!r}", field="customer")
    raise _several(text, (f"{one.name} ({one.id})" for one in candidates), "customer")


def _invoices(
    invoices: Sequence[Invoice], texts: Iterable[str], customer: Customer | None
) -> list[Invoice]:
    """By id or number; all of one customer."""
    those = [one for one in invoices if customer is None or one.customer_id == customer.id]
    found = [_invoice(those, text, customer) for text in texts]
    if len({one.customer_id for one in found}) > 1:
        raise InvalidInput("these are invoices of several customers", field="invoices")
    return list({one.id: one for one in found}.values())


def _invoice(invoices: Sequence[Invoice], text: str, customer: Customer | None) -> Invoice:
    wanted = text.casefold()
    candidates = [one for one in invoices if wanted in (one.id.casefold(), one.number.casefold())]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        whose = "" if customer is None else f" of {customer.name}"
        raise InvalidInput(f"there is no open invoice {text!r}{whose}", field="invoices")
    raise _several(text, (f"{one.number} (id {one.id})" for one in candidates), "invoices")


def _contact(customer: Customer, text: str) -> str:
    """The id of the one contact of that id, address or name."""
    wanted = text.casefold()
    for one in customer.contacts:
        if wanted in (one.id.casefold(), (one.email or "").casefold(), one.name.casefold()):
            return one.id
    known = ", ".join(
        f"{one.email or one.phone or one.name} ({one.id})" for one in customer.contacts
    )
    raise InvalidInput(f"{customer.name} has no such contact, only {known}", field="contact")


def _prepared(done: Iterable[Deed], key: str) -> Deed:
    """The letter or call that was prepared under a key."""
    for deed in done:
        if deed.key == key and "customer_id" in deed.arguments:
            return deed
    raise InvalidInput("nothing was prepared under this key; `regisseur show` has it", field="key")


def _known_step(settings: InvoiceFollowupSettings, name: str) -> None:
    if settings.position(name) is None:
        steps = ", ".join(one.name for one in settings.procedure)
        raise InvalidInput(f"there is no such step, only {steps}", field="step")


def _listed(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple):
        return tuple(str(one) for one in value)
    raise InvalidInput("write numbers or ids of invoices", field="invoices")


def _several(text: str, candidates: Iterable[str], field: str) -> InvalidInput:
    known = list(candidates)
    more = " …" if len(known) > MOST_NAMED else ""
    return InvalidInput(f"{text!r} may be {', '.join(known[:MOST_NAMED])}{more}", field=field)
