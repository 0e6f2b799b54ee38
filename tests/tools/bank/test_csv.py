"""CSV by a declared layout, and how formats are told apart."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.errors import InvalidInput
from regisseur.tools.bank import CsvLayout, read_bank_file
from regisseur.tools.bank.reading import LARGEST

HEADING = "Date;Date de valeur;Libellé;Détail;Montant;Solde"


def layout(**changes: Any) -> CsvLayout:
    return CsvLayout(
        **{
            "account": "FR76 3000 6000 0112 3456 7890 189",
            "booked": "Date",
            "value": "Date de valeur",
            "amount": "Montant",
            "text": ("Libellé", "Détail"),
            **changes,
        }
    )


def file(*rows: str, heading: str = HEADING) -> bytes:
    return "\r\n".join((heading, *rows, "")).encode()


def amounts(content: bytes, **changes: Any) -> list[str]:
    return [str(one.amount) for one in read_bank_file(content, layout=layout(**changes)).lines]


def refused(content: bytes, **changes: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_bank_file(content, layout=layout(**changes))
    return str(caught.value)


def test_a_line() -> None:
    read = read_bank_file(
        file('20/11/2026;21/11/2026;"VIR ""F-100"";";Mécanique;1 234,56;2 000,00'), layout=layout()
    )

    (line,) = read.lines
    assert read.format == "csv"
    assert read.known_until == date(2026, 11, 20)
    assert line.account == "FR7630006000011234567890189"
    assert line.booked == date(2026, 11, 20)
    assert line.value == date(2026, 11, 21)
    assert line.amount == Decimal("1234.56")
    assert line.text == 'VIR "F-100"; Mécanique'


def test_what_stands_before_the_heading_and_empty_rows_are_skipped() -> None:
    before = b'Compte;FR76\r\n\r\n"Solde au 23/11"\r\n'

    assert amounts(before + file("20/11/2026;;a;b;1,00;", ";;;;;", "")) == ["1.00"]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF-8", "utf-8-sig", "cp1252"])
def test_encodings(encoding: str) -> None:
    content = file("20/11/2026;;Rhône €;;1,00;").decode().encode(encoding)

    (line,) = read_bank_file(content, layout=layout(encoding=encoding)).lines

    assert line.text == "Rhône €"


def test_a_wrong_encoding_says_where() -> None:
    content = file("20/11/2026;;a;;1,00;", "20/11/2026;;Rhône;;1,00;").decode().encode("cp1252")

    assert refused(content, encoding="utf-8").startswith("line 1: is not utf-8")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234,56", "1234.56"),
        ("-1234,56", "-1234.56"),
        ("1234,56-", "-1234.56"),
        ("+5", "5.00"),
        ("1 234,5", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1.234.567,89", "1234567.89"),
        ("1'234,50", "1234.50"),
        ("\u22127,00", "-7.00"),
        (",50", "0.50"),
        ("0", "0.00"),
    ],
)
def test_amounts_as_people_write_them(written: str, meant: str) -> None:
    assert amounts(file(f"20/11/2026;;a;b;{written};")) == [meant]


@pytest.mark.parametrize(
    "written",
    ["", "12.34", "1,234", "1.23,4", "1,2,3", "--5", "-5-", "1e3", "NaN", "5 EUR", "٣", "=1+1"],
)
def test_amounts_that_can_not_be_meant(written: str) -> None:
    assert "line 3, Montant" in refused(
        file("20/11/2026;;a;b;1,00;", f"20/11/2026;;a;b;{written};")
    )


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_whatever_is_written_with_either_sign_is_read(amount: Decimal) -> None:
    french = f"{amount:,.2f}".replace(",", " ").replace(".", ",")
    english = f'"{amount:,.2f}"'

    assert amounts(file(f"20/11/2026;;a;b;{french};")) == [str(amount + 0)]
    assert amounts(file(f"20/11/2026;;a;b;{english};"), decimal=".") == [str(amount + 0)]


def test_columns_for_credit_and_debit() -> None:
    content = file("1/2/2026;10,00;", "1/2/2026;;5,00", "1/2/2026;;-5,00", heading="D;Cr;Db")
    both = file("1/2/2026;10,00;5,00", heading="D;Cr;Db")
    columns = {"booked": "d", "value": None, "text": (), "amount": None} | {
        "credit": "CR",
        "debit": "db",
    }

    assert amounts(content, **columns) == ["10.00", "-5.00", "-5.00"]
    assert "line 2, db" in refused(both, **columns)


@pytest.mark.parametrize("newest_first", [False, True])
def test_balances_that_follow(newest_first: bool) -> None:
    rows = [
        "20/11/2026;;a;b;1,00;101,00",
        "21/11/2026;;a;b;-5,00;96,00",
        "22/11/2026;;a;b;4,00;100,00",
    ]
    if newest_first:
        rows.reverse()

    assert len(amounts(file(*rows), balance="Solde")) == 3


def test_balances_that_do_not_follow_tell_of_a_missing_line() -> None:
    rows = ["20/11/2026;;a;b;1,00;101,00", "22/11/2026;;a;b;4,00;100,00"]

    assert "line 3, Solde" in refused(file(*rows), balance="Solde")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file("2026-11-20;;a;b;1,00;"), "line 2, Date: '2026-11-20'"),
        (file("31/02/2026;;a;b;1,00;"), "line 2, Date"),
        (file("20/11/2026;soon;a;b;1,00;"), "line 2, Date de valeur"),
        (file("20/11/2026;1,00"), "line 2: has 2 cells"),
        (file("20/11/2026;;a;b;1,00;;c"), "line 2: has 7 cells"),
        (file('20/11/2026;;"a;b;1,00;'), "line 2"),
        (file(heading="Date;Montant"), "heading"),
        (file(heading=HEADING + ";montant"), "two columns 'montant'"),
        (file("20/11/2026;;a;b;1,00;").replace(b";", b","), "heading"),
        (b"", "heading"),
    ],
)
def test_what_is_refused_says_where(content: bytes, words: str) -> None:
    assert words in refused(content)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"amount": None}, "credit"),
        ({"credit": "a"}, "credit"),
        ({"credit": "a", "debit": "b"}, "credit"),
        ({"encoding": "klingon"}, "encoding"),
        ({"dates": "%d/%m"}, "dates"),
        ({"delimiter": ";;"}, "delimiter"),
        ({"decimal": "'"}, "decimal"),
        ({"colour": "x"}, "colour"),
    ],
)
def test_layouts_that_can_not_be_meant(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        layout(**changes)


def test_the_same_file_twice_gives_the_same_ids() -> None:
    content = file("20/11/2026;;a;b;1,00;", "20/11/2026;;a;b;1,00;")

    first, again = (read_bank_file(content, layout=layout()) for _ in range(2))
    assert first == again
    assert len({one.id for one in first.lines}) == 2


def test_what_no_format_fits() -> None:
    for content, words in (
        (b"Date;Montant", "layout"),
        (b"PK\x03\x04rest", "ZIP"),
        (bytes(LARGEST + 1), "larger"),
    ):
        with pytest.raises(InvalidInput, match=words):
            read_bank_file(content)
