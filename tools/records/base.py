"""The parent of all records, and the link from a sentence back to the ERP's own record."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value; unknown fields are refused so that a typo never passes in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordRef(Record):
    """Points at one record of the ERP: evidence for a finding, subject of a note."""

    model: str
    """Our word for the kind of record: ``item``, ``supplier``, ``purchase_order``, ``sale`` …"""
    id: str
    label: str = ""
    """What a person recognises it by, for example its number or name; data, never markup."""
    url: str | None = None
