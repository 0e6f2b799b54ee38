"""An ERP in memory: for the tests of whoever writes an agent or a kind of action, and for ours.

>>> erp = MemoryERP(today=date(2026, 11, 23))
>>> steel = erp.item("STEEL", unit="kg", on_hand=40)
>>> mill = erp.supplier("Steel mill")
>>> offer = erp.offer(steel, mill, price="1.35", lead_time=14, minimum=20)
>>> erp.move(steel, -12, date(2026, 11, 20), use="sale")
>>> garage = erp.customer("Garage Bellecour", email="compta@garage.example")
>>> invoice = erp.invoice(garage, 1200, due=date(2026, 10, 15))
>>> invoice = erp.pay(invoice, 500, date(2026, 11, 2))
>>> saw = erp.work_centre("Saw 1", group="saws")
>>> way = erp.routing("Frame", ("cutting", "saws"), ("packing", None))
>>> frame = erp.item("FRAME", sale_price=90)
>>> bill = erp.bill(frame, [(steel, "2.5")], routing=way)
>>> order = erp.produce(frame, 10, start=date(2026, 11, 24), end=date(2026, 11, 27))
>>> line = erp.sell(frame, garage, 10, requested=date(2026, 11, 27), confirmed=date(2026, 12, 1))

It keeps the rules that a real ERP keeps (states, stamps, archived suppliers), logs what was
written to it, and misbehaves when told to.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from regisseur.errors import Misconfigured
from regisseur.tools.erp.memory.erp import MemoryERP
from regisseur.tools.erp.memory.records import UNITS, Records, Write
from regisseur.tools.records import Company

__all__ = ["ADAPTER", "UNITS", "MemoryAdapter", "MemoryERP", "MemorySettings", "Records", "Write"]


class MemorySettings(BaseModel):
    """Where the records are; without a file the ERP is empty and forgets everything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: Path | None = Field(default=None, description="JSON written by MemoryERP.dump")
    today: date | None = Field(default=None, description="The ERP's date, where no file says it")


class MemoryAdapter:
    """Lets ``vendor = "memory"`` be configured like any other ERP."""

    name = "memory"
    settings = MemorySettings

    def open(self, settings: MemorySettings, company: Company) -> MemoryERP:
        """A connection; raises Misconfigured where there is neither a file nor a date."""
        if settings.file is not None:
            if not settings.file.is_file():
                raise Misconfigured(
                    f"erp.file: there is no {settings.file}; write one with MemoryERP.dump"
                )
            return MemoryERP(file=settings.file)
        if settings.today is None:
            raise Misconfigured("erp: the memory ERP needs a file of records, or a date as today")
        return MemoryERP(today=settings.today, company=company.name, currency=company.currency)


ADAPTER = MemoryAdapter()
