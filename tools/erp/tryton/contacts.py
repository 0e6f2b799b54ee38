"""Changing contacts and postal addresses of Tryton's parties, each guarded by its stamp."""

from __future__ import annotations

from typing import Any

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton.client import Client, Row
from regisseur.tools.erp.tryton.customers import ADDRESS, address_of, chosen_address
from regisseur.tools.erp.tryton.rights import allowed
from regisseur.tools.erp.tryton.values import number
from regisseur.tools.records import Address, ContactWay

MECHANISM, PLACE, PARTY = "party.contact_mechanism", "party.address", "party.party"
_TYPES: dict[ContactWay, tuple[str, ...]] = {"email": ("email",), "phone": ("phone", "mobile")}


class TrytonContacts:
    """The port ``Contacts``. The user needs to write parties and what belongs to them."""

    client: Client

    async def may_change_contacts(self) -> bool:
        """Contacts and addresses alike."""
        rights = [await allowed(self.client, one, "write", "create") for one in (MECHANISM, PLACE)]
        return all(rights)

    async def add_contact(self, customer_id: str, way: ContactWay, value: str) -> str:
        """A contact mechanism marked for invoices."""
        party = await self._party(customer_id)
        values = {"party": party, "type": _TYPES[way][0], "value": value, "invoice": True}
        created = await self.client.write(f"model.{MECHANISM}.create", [values])
        return str(created[0])

    async def change_contact(
        self, customer_id: str, contact_id: str, way: ContactWay, *, before: str, after: str
    ) -> None:
        """Another value of a contact mechanism."""
        theirs = [["party", "=", number(customer_id)], ["type", "in", list(_TYPES[way])]]
        rows = await self.client.read_ids(
            MECHANISM, "id", [number(contact_id)], theirs, ["value", "_timestamp"]
        )
        if not rows or (rows[0]["value"] or "").strip() != before:
            raise VendorRefused(
                f"Contact {contact_id} of customer {customer_id} is not {before} any more in "
                "Tryton; nothing was changed."
            )
        await self._write(MECHANISM, rows[0], {"value": after})

    async def change_address(
        self, customer_id: str, *, before: Address | None, after: Address
    ) -> None:
        """The address that letters go to; all printed lines are then its street."""
        rows = await self.client.read_all(
            PLACE, [["party", "=", number(customer_id)]], [*ADDRESS, "_timestamp"]
        )
        row = chosen_address(rows)
        if (None if row is None else address_of(row)) != before:
            raise VendorRefused(
                f"Customer {customer_id} has another postal address by now in Tryton; nothing was "
                "changed."
            )
        values = {
            "party_name": None,
            "attn": None,
            "street": "\n".join(after.lines),
            "postal_code": after.postcode,
            "city": after.city,
            "country": await self._country(after.country),
        }
        if row is None:
            party = await self._party(customer_id)
            await self.client.write(f"model.{PLACE}.create", [values | {"party": party}])
        else:
            await self._write(PLACE, row, values)

    async def _write(self, model: str, row: Row, values: dict[str, Any]) -> None:
        stamp = {f"{model},{row['id']}": row["_timestamp"]}
        await self.client.write(f"model.{model}.write", [row["id"]], values, _timestamp=stamp)

    async def _party(self, customer_id: str) -> int:
        party = number(customer_id)
        if not await self.client.read_ids(PARTY, "id", [party], [], ["code"]):
            raise VendorRefused(f"Tryton has no party {customer_id}.")
        return party

    async def _country(self, code: str | None) -> int | None:
        if code is None:
            return None
        found = await self.client.read_all("country.country", [["code", "=", code]], ["code"])
        if not found:
            raise VendorRefused(f"Tryton has no country {code}.")
        return int(found[0]["id"])
