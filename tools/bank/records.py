"""What a bank tells: booked lines and balances, whatever the file was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from regisseur.tools.records import Record
from regisseur.tools.records.money import Currency

Format = Literal["camt.053", "ofx", "csv"]


class BankLine(Record):
    """One booked movement of one account; of a batch, each of its payments where they are told.

    All texts are the payer's or the bank's: data.
    """

    id: str
    """Follows from what the line says, not from where it stands: the same in every file that has
    it, as long as files hold whole days.
    """
    account: str
    """IBAN, or the bank's own number where the file has none."""
    booked: date
    value: date | None = None
    """From when it counts for interest, where told."""
    amount: Decimal
    """Positive when received."""
    currency: Currency
    counterparty: str = ""
    """Name of who paid or was paid."""
    counterparty_iban: str | None = None
    text: str = ""
    """What was written on it."""
    reference: str = ""
    """A structured reference of the creditor (ISO 11649 or the country's own), where there is one."""
    end_to_end_id: str | None = None
    """The payer's own mark, carried through all banks."""
    reversal: bool = False
    """It takes back an earlier one: a returned transfer, a refused direct debit."""


class Balance(Record):
    """What was on an account at the beginning or end of the file."""

    account: str
    kind: Literal["opening", "closing"]
    on: date
    amount: Decimal
    currency: Currency


class Statement(Record):
    """A whole file; it may hold several accounts."""

    format: Format
    lines: tuple[BankLine, ...] = ()
    balances: tuple[Balance, ...] = ()
    known_until: date | None = None
    """The last day that the file tells about."""
    pending: int = 0
    """Movements announced and not booked, which are left out."""
