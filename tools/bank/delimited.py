"""CSV files, by a declared layout."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import pairwise

from regisseur.errors import InvalidInput
from regisseur.tools.bank import values
from regisseur.tools.bank.layout import CsvLayout
from regisseur.tools.bank.records import BankLine, Statement
from regisseur.tools.lines import one_line


@dataclass(frozen=True)
class _Row:
    """Cells by the name of their column, lower case; ``number`` is the line of the file."""

    number: int
    cells: Mapping[str, str]

    def text(self, column: str | None) -> str:
        return "" if column is None else self.cells[_name(column)]

    def where(self, column: str) -> str:
        return f"line {self.number}, {column}"


_Told = tuple[str, Decimal, BankLine]
"""Where a balance stands, the balance, and the line that led to it."""


def read_csv(content: bytes, layout: CsvLayout) -> Statement:
    """Every line; raises InvalidInput naming line and column."""
    rows = list(_rows(content, layout))
    lines = [_line(row, layout) for row in rows]
    if layout.balance is not None:
        _check(rows, lines, layout)
    return Statement(
        format="csv",
        lines=values.numbered(lines),
        known_until=max((line.booked for line in lines), default=None),
    )


def _rows(content: bytes, layout: CsvLayout) -> Iterator[_Row]:
    """What stands under the heading, empty rows left out."""
    reader = csv.reader(
        StringIO(_decoded(content, layout)), delimiter=layout.delimiter, strict=True
    )
    wanted = {_name(column) for column in layout.columns()}
    names: list[str] | None = None
    try:
        for cells in reader:
            if names is None:
                names = _heading(cells, wanted)
                continue
            if any(cells) and (len(cells) < len(names) or any(cells[len(names) :])):
                raise InvalidInput(
                    f"has {len(cells)} cells, the heading has {len(names)}",
                    field=f"line {reader.line_num}",
                )
            row = _Row(reader.line_num, dict(zip(names, map(one_line, cells), strict=False)))
            if any(row.cells.get(name) for name in wanted):
                yield row
    except csv.Error as error:
        raise InvalidInput(str(error), field=f"line {reader.line_num}") from error
    if names is None:
        raise InvalidInput(
            f"no line has the columns {', '.join(layout.columns())}; check names and delimiter",
            field="heading",
        )


def _heading(cells: list[str], wanted: set[str]) -> list[str] | None:
    """The names of the columns, if this row is where they stand."""
    names = [_name(cell) for cell in cells]
    if not wanted <= set(names):
        return None
    if twice := sorted(name for name in wanted if names.count(name) > 1):
        raise InvalidInput(f"has two columns {twice[0]!r}", field="heading")
    return names


def _decoded(content: bytes, layout: CsvLayout) -> str:
    try:
        return content.decode(layout.encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidInput(
            f"is not {layout.encoding}; declare another encoding (utf-8 or cp1252)",
            field=f"line {line}",
        ) from error


def _line(row: _Row, layout: CsvLayout) -> BankLine:
    value = row.text(layout.value)
    return BankLine(
        id="",
        account=values.account(layout.account),
        booked=_day(row, layout.booked, layout),
        value=_day(row, layout.value, layout) if layout.value and value else None,
        amount=_amount(row, layout),
        currency=layout.currency,
        counterparty=row.text(layout.counterparty),
        counterparty_iban=values.account(row.text(layout.counterparty_iban)) or None,
        text=" ".join(filter(None, map(row.text, layout.text))),
        reference=row.text(layout.reference),
    )


def _day(row: _Row, column: str, layout: CsvLayout) -> date:
    text = row.text(column)
    try:
        return datetime.strptime(text, layout.dates).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise InvalidInput(
            f"{values.shown(text)} is not a date like {layout.dates}", field=row.where(column)
        ) from None


def _amount(row: _Row, layout: CsvLayout) -> Decimal:
    if layout.amount is not None:
        return _signed(row, layout.amount, layout)
    credit, debit = layout.credit or "", layout.debit or ""
    if bool(row.text(credit)) == bool(row.text(debit)):
        raise InvalidInput(f"needs a value, or {credit}, not both", field=row.where(debit))
    if row.text(credit):
        return _signed(row, credit, layout)
    return -abs(_signed(row, debit, layout))


def _signed(row: _Row, column: str, layout: CsvLayout) -> Decimal:
    """Spaces or the other sign may part thousands; a minus may stand on either side."""
    text = re.sub(r"\s", "", row.text(column)).replace("\N{MINUS SIGN}", "-").replace("'", "")
    thousands = "." if layout.decimal == "," else ","
    negative = text.startswith("-") or text.endswith("-")
    digits = text.strip("+-") if len(text) - len(text.strip("+-")) <= 1 else text
    whole, _, cents = digits.partition(layout.decimal)
    if re.fullmatch(rf"\d{{1,3}}({re.escape(thousands)}\d{{3}})+", whole):
        whole = whole.replace(thousands, "")
    if thousands in whole:
        raise InvalidInput(
            f"{values.shown(text)} is not an amount with {layout.decimal!r} before the cents",
            field=row.where(column),
        )
    plain = f"{whole or '0'}.{cents}" if cents else whole
    size = values.amount(plain, layout.currency, row.where(column))
    return -size if negative else size


def _check(rows: list[_Row], lines: list[BankLine], layout: CsvLayout) -> None:
    """Each balance follows from the one before; files begin at the oldest or at the newest line."""
    column = layout.balance or ""
    told = [
        (row.where(column), _signed(row, column, layout), line)
        for row, line in zip(rows, lines, strict=True)
    ]
    orders = [order for order in (told, told[::-1]) if _oldest_first(order)]
    wrong = [error for order in orders if (error := _first_wrong(order)) is not None]
    if len(wrong) == len(orders):
        raise wrong[0]


def _oldest_first(told: list[_Told]) -> bool:
    return not told or told[0][2].booked <= told[-1][2].booked


def _first_wrong(told: list[_Told]) -> InvalidInput | None:
    for (_, before, _), (where, after, line) in pairwise(told):
        try:
            values.check_sum(before, line.amount, after, where)
        except InvalidInput as error:
            return error
    return None


def _name(column: str) -> str:
    return one_line(column).casefold()
