"""From a bank's file to its lines, whatever format it is in."""

from __future__ import annotations

import re

from regisseur.errors import InvalidInput
from regisseur.tools.bank.layout import CsvLayout
from regisseur.tools.bank.records import Statement

LARGEST = 64 * 1024 * 1024
"""Bytes; a year of a busy account has a tenth of it."""


def read_bank_file(content: bytes, *, layout: CsvLayout | None = None) -> Statement:
    """Everything booked that the file tells; ``layout`` is needed for CSV only.

    Raises InvalidInput naming the line and field; nothing of a file that is wrong is used.
    """
    if len(content) > LARGEST:
        raise InvalidInput(f"larger than {LARGEST} bytes; ask for a shorter period", field="file")
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.search(rb"OFXHEADER|<OFX\b", start.upper()):
        from regisseur.tools.bank.ofx import read_ofx

        return read_ofx(content)
    if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        from regisseur.tools.bank.camt import read_camt

        return read_camt(content)
    if start.startswith(b"PK\x03\x04"):
        raise InvalidInput("this is a ZIP archive; unpack it first", field="file")
    if layout is None:
        raise InvalidInput(
            "neither CAMT.053 nor OFX; declare the layout of the bank's CSV files", field="file"
        )
    from regisseur.tools.bank.delimited import read_csv

    return read_csv(content, layout)
