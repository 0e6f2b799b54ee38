"""Tryton over HTTP (measured on 8.2), with all ports.

The user needs to read products, stock and sales and to write purchases, productions and notes; for
receivables see ``receivables``, and ``disputes``, ``writing_off`` and ``contacts`` beside it.
"""

from __future__ import annotations

import httpx

from regisseur.tools.erp.ports import Probe
from regisseur.tools.erp.tryton.catalogue import TrytonCatalogue
from regisseur.tools.erp.tryton.client import Client
from regisseur.tools.erp.tryton.contacts import TrytonContacts
from regisseur.tools.erp.tryton.disputes import TrytonDisputes
from regisseur.tools.erp.tryton.inventory import TrytonInventory
from regisseur.tools.erp.tryton.notes import TrytonNotes
from regisseur.tools.erp.tryton.ordering import TrytonOrdering
from regisseur.tools.erp.tryton.production import TrytonProduction
from regisseur.tools.erp.tryton.receivables import TrytonReceivables
from regisseur.tools.erp.tryton.sales import TrytonSales
from regisseur.tools.erp.tryton.settings import TrytonSettings
from regisseur.tools.erp.tryton.writing_off import TrytonWriteOffs
from regisseur.tools.records import Company

__all__ = ["ADAPTER", "Tryton", "TrytonAdapter", "TrytonSettings"]


class Tryton(
    TrytonInventory,
    TrytonCatalogue,
    TrytonOrdering,
    TrytonReceivables,
    TrytonDisputes,
    TrytonWriteOffs,
    TrytonContacts,
    TrytonProduction,
    TrytonSales,
    TrytonNotes,
):
    """One company in one Tryton database; signs in at the first call."""

    vendor = "tryton"
    draft_is_inert = True

    def __init__(
        self, settings: TrytonSettings, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.identity = settings.identity
        self.client = Client(settings, transport)

    @property
    def requests(self) -> int:
        """HTTP requests made so far."""
        return self.client.http.requests

    async def probe(self) -> Probe:
        """Sign in and say who answers; raises ``Misconfigured`` or ``RetryLater``."""
        version = await self.client.version()
        session = await self.client.session()
        companies = await self.client.read(
            "model.company.company.read", [session.company], ["party.name", "currency.code"]
        )
        return Probe(
            vendor=self.vendor,
            version=version,
            user=self.client.settings.user,
            company=companies[0]["party."]["name"],
            currency=companies[0]["currency."]["code"],
            today=await self.client.read("model.ir.date.today"),
        )

    async def close(self) -> None:
        """Release sockets."""
        await self.client.close()


class TrytonAdapter:
    """How settings become a connection to Tryton."""

    name = "tryton"
    settings = TrytonSettings

    def open(
        self,
        settings: TrytonSettings,
        company: Company,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> Tryton:
        """A connection that signs in when it is first used; ``transport`` is for tests."""
        return Tryton(settings, transport)


ADAPTER = TrytonAdapter()
