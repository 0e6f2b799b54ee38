"""Who is asked to pay, as Tryton's parties say it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from regisseur.tools.erp.tryton.client import Client, Domain, Row
from regisseur.tools.erp.tryton.values import numbered
from regisseur.tools.records import Address, Contact, Customer, PayerKind

ADDRESS = (
    "party_name",
    "attn",
    "street",
    "postal_code",
    "city",
    "country.code",
    "sequence",
    "invoice",
)
"""Fields of an address that ``address_of`` reads."""
_FIELDS = (
    "name",
    "code",
    "active",
    "lang.code",
    "identifiers.type",
    "identifiers.code",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "contact_mechanisms.name",
    "contact_mechanisms.sequence",
    "contact_mechanisms.invoice",
    "contact_mechanisms.language.code",
    *(f"addresses.{name}" for name in ADDRESS),
)
_PHONES = ("phone", "mobile")
_WITH_ARCHIVED: Domain = ["active", "in", [True, False]]
_PUBLIC = (*(f"1{digit}" for digit in range(1, 10)), "2")
"""How SIREN numbers begin that the register gives to the state, local authorities and their
establishments only.
"""
_UNSURE = "10"
"""Nothing is known of who gets these numbers, so nothing is read from them."""


class TrytonCustomers:
    """The part of the port ``Receivables`` about the parties that are invoiced."""

    client: Client

    async def read_customer(self, customer_id: str) -> Customer | None:
        """One party, whether it was ever invoiced or not."""
        party = numbered(customer_id)
        found = await self._parties([] if party is None else [party])
        return found[0] if found else None

    async def _parties(self, ids: Iterable[int]) -> list[Customer]:
        rows = await self.client.read_ids("party.party", "id", [*ids], [_WITH_ARCHIVED], _FIELDS)
        return [self._customer(row) for row in rows]

    def _customer(self, row: Row) -> Customer:
        language = _code(row["lang."])
        numbers = [(one["type"] or "", _compact(one["code"])) for one in row["identifiers."]]
        return Customer(
            id=str(row["id"]),
            name=row["name"] or row["code"] or str(row["id"]),
            code=row["code"] or "",
            active=bool(row["active"]),
            kind=_kind(numbers),
            registration=_siren(numbers) or _vat(numbers),
            language=language,
            address=_address(row["addresses."]),
            contacts=tuple(_contacts(row["contact_mechanisms."], language)),
            url=self.client.link("party.party", row["id"]),
        )


def _compact(code: str | None) -> str:
    return "".join(one for one in code or "" if one.isalnum()).upper()


def _siren(numbers: Sequence[tuple[str, str]]) -> str | None:
    """The French legal person, who is also in the number of a place and at the end of the VAT
    number.
    """
    for kind, part in (("fr_siren", slice(9)), ("fr_siret", slice(9)), ("fr_tva", slice(-9, None))):
        for given, code in numbers:
            if given == kind and len(code[part]) == 9:
                return code[part]
    return None


def _vat(numbers: Sequence[tuple[str, str]]) -> str | None:
    """What tells legal persons of other countries apart here."""
    return next((code for kind, code in numbers if kind.endswith("_vat") and code), None)


def _kind(numbers: Sequence[tuple[str, str]]) -> PayerKind:
    """Tryton has no word for it; a number that only some can have says it. Who has none may be
    anybody.
    """
    siren = _siren(numbers)
    if siren is None:
        return "unknown" if _vat(numbers) is None else "business"
    if siren.startswith(_UNSURE):
        return "unknown"
    return "public" if siren.startswith(_PUBLIC) else "business"


def _contacts(mechanisms: Iterable[Row], language: str | None) -> Iterable[Contact]:
    """Each e-mail address and each number by itself, in Tryton's own order."""
    for row in sorted(mechanisms, key=_place):
        value = (row["value"] or "").strip()
        if value and row["type"] in ("email", *_PHONES):
            yield Contact(
                id=str(row["id"]),
                name=row["name"] or "",
                email=value if row["type"] == "email" else None,
                phone=value if row["type"] in _PHONES else None,
                language=_code(row["language."]) or language,
                payables=bool(row["invoice"]),
            )


def _address(rows: Sequence[Row]) -> Address | None:
    row = chosen_address(rows)
    return None if row is None else address_of(row)


def chosen_address(rows: Sequence[Row]) -> Row | None:
    """The one marked for invoices, else the first that something is written in."""

    def order(row: Row) -> tuple[Any, ...]:
        return (not row["invoice"], *_place(row))

    return next((row for row in sorted(rows, key=order) if _written(address_of(row))), None)


def address_of(row: Row) -> Address:
    """An address as it is printed."""
    printed = [row["party_name"], row["attn"], *(row["street"] or "").splitlines()]
    return Address(
        lines=tuple(line.strip() for line in printed if line and line.strip()),
        postcode=row["postal_code"] or "",
        city=row["city"] or "",
        country=_code(row["country."]),
    )


def _written(address: Address) -> bool:
    return address != Address(country=address.country)


def _place(row: Row) -> tuple[bool, int, int]:
    """Tryton's order: by sequence, those without one first."""
    sequence = row["sequence"]
    return (sequence is not None, sequence or 0, row["id"])


def _code(row: Row | None) -> str | None:
    return row["code"] if row else None
