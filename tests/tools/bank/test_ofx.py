"""OFX as French banks write it, SGML and XML."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from regisseur.errors import InvalidInput
from regisseur.tools.bank import read_bank_file

HEAD = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""
HEAD_2 = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>\n'
)
RIB = "<BANKID>30006<BRANCHID>00001<ACCTID>12345678901<ACCTTYPE>CHECKING<ACCTKEY>89"


def line(amount: str = "1234.56", day: str = "20261120", more: str = "") -> str:
    return (
        f"<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>{day}<TRNAMT>{amount}<FITID>A1"
        f"<NAME>MÉCANIQUE DU RHÔNE &amp; FILS<MEMO>VIR F-100{more}</STMTTRN>"
    )


def file(*lines: str, head: str = HEAD, account: str = RIB, currency: str = "EUR") -> bytes:
    body = (
        "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS>"
        "<DTSERVER>20261123<LANGUAGE>FRA</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS>"
        f"<TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>{currency}"
        f"<BANKACCTFROM>{account}</BANKACCTFROM>"
        f"<BANKTRANLIST><DTSTART>20261101<DTEND>20261122{''.join(lines)}</BANKTRANLIST>"
        "<LEDGERBAL><BALAMT>-12,30<DTASOF>20261123</LEDGERBAL></STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1></OFX>"
    )
    return (head + body).encode("cp1252" if head == HEAD else "utf-8")


def test_a_line_of_sgml() -> None:
    read = read_bank_file(file(line(day="20261120235900[+1:CET]")))

    (one,) = read.lines
    assert read.format == "ofx"
    assert read.known_until == date(2026, 11, 22)
    assert read.balances[0].amount == Decimal("-12.30")
    assert one.account == "30006000011234567890189"
    assert one.booked == date(2026, 11, 20)
    assert one.amount == Decimal("1234.56")
    assert one.counterparty == "MÉCANIQUE DU RHÔNE & FILS"
    assert one.text == "VIR F-100"


def test_xml_says_the_same() -> None:
    assert read_bank_file(file(line(), head=HEAD_2)).lines == read_bank_file(file(line())).lines


@pytest.mark.parametrize("amount", ["-1234,5", "-1234.50", "-1234.5"])
def test_commas_points_and_signs(amount: str) -> None:
    (one,) = read_bank_file(file(line(amount))).lines

    assert one.amount == Decimal("-1234.50")


def test_an_iban_in_place_of_a_number() -> None:
    account = "<BANKID>X<ACCTID>FR76 3000 6000 0112 3456 7890 189<ACCTTYPE>CHECKING"

    (one,) = read_bank_file(file(line(), account=account)).lines

    assert one.account == "FR7630006000011234567890189"


def test_value_day_currency_and_the_other_side() -> None:
    more = (
        "<DTAVAIL>20261121<REFNUM>R7<BANKACCTTO><BANKID>X<ACCTID>DE89370400440532013000"
        "<ACCTTYPE>CHECKING</BANKACCTTO><CURRENCY><CURRATE>1.1<CURSYM>USD</CURRENCY>"
    )
    (one,) = read_bank_file(file(line(more=more))).lines

    assert one.value == date(2026, 11, 21)
    assert one.reference == "R7"
    assert one.counterparty_iban == "DE89370400440532013000"
    assert one.currency == "USD"


def test_ids_are_the_same_in_every_file() -> None:
    first = {one.id for one in read_bank_file(file(line(), line())).lines}
    later = {one.id for one in read_bank_file(file(line("2"), line(), line())).lines}

    assert len(first) == 2
    assert first < later


def test_a_file_without_movements() -> None:
    read = read_bank_file(file())

    assert read.lines == ()
    assert read.known_until == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file(line("12e3")), "statement 1, line 1, TRNAMT"),
        (file(line("1 234,56")), "line 1, TRNAMT"),
        (file(line("--1")), "line 1, TRNAMT"),
        (file(line("1.005")), "more decimals"),
        (file(line(), line(day="yesterday")), "line 2, DTPOSTED"),
        (file(line(), currency="EURO"), "CURDEF"),
        (file(line(), account="<BANKID>1"), "names no account"),
        (file(line()).replace(b"STMTRS>", b"INVSTMTRS>"), "no statement"),
        (file(line(more="</NOTHING>")), "</NOTHING> ends what another"),
        (file(line(more="</MEMO>words")), "'words' stands after </MEMO>"),
        (file(line(more="<4>1 < 2")), "is no tag"),
        (file(line(more="<!ENTITY a>")), "line 11: '<!ENTITY"),
        (file(line()).replace(b"</OFX>", b""), "no statement"),
        (file(line()).replace(b"</BANKMSGSRSV1></OFX>", b""), "no statement"),
        (file(line(more="<A>" * 50 + "</A>" * 50)), "nested"),
        (file(line()).replace(b"M\xc9", b"M\x81"), "neither UTF-8 nor Windows-1252"),
        (HEAD.encode(), "no <OFX>"),
        (file(line())[:60], "no <OFX>"),
    ],
)
def test_what_is_refused_says_where(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_bank_file(content)

    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_entities_are_not_expanded() -> None:
    bomb = file(line(more="&a;&b;"), head=HEAD_2).replace(
        b"<OFX>", b'<!DOCTYPE x [<!ENTITY a "ha">]><OFX>', 1
    )

    (one,) = read_bank_file(bomb).lines

    assert one.text == "VIR F-100&a;&b;"


def test_what_is_closed_what_is_not_and_what_is_empty() -> None:
    strict = file(
        "<STMTTRN>\n <TRNTYPE>CREDIT</TRNTYPE>\n <DTPOSTED>20261120</DTPOSTED>\n"
        " <TRNAMT>1234.56</TRNAMT><CHECKNUM></CHECKNUM><FITID>A1</FITID>\n"
        " <NAME>M\xc9CANIQUE DU RH\xd4NE &amp; FILS</NAME>\n"
        " <MEMO><![CDATA[VIR F-100]]></MEMO>\n</STMTTRN>\n",
        head=HEAD_2,
    )
    loose = file(line().replace("<NAME>", "<CHECKNUM><EXTDNAME>\n<NAME>"))

    assert read_bank_file(strict).lines == read_bank_file(file(line())).lines
    assert read_bank_file(loose).lines == read_bank_file(file(line())).lines


def test_several_accounts_and_a_file_that_breaks_off() -> None:
    one = file(line())
    part = one[one.index(b"<STMTTRNRS>") : one.index(b"</BANKMSGSRSV1>")]
    other = part.replace(b"12345678901", b"10987654321")
    two = one.replace(b"</BANKMSGSRSV1>", other + b"</BANKMSGSRSV1>")

    assert [line.account[10:21] for line in read_bank_file(two).lines] == [
        "12345678901",
        "10987654321",
    ]
    for cut in range(one.index(b"</BANKTRANLIST>"), one.rindex(b"</OFX>")):
        with pytest.raises(InvalidInput):
            read_bank_file(one[:cut])
    for cut in range(two.rindex(b"<STMTTRNRS>") + 1, two.rindex(b"</STMTRS>")):
        with pytest.raises(InvalidInput):
            read_bank_file(two[:cut])


def test_a_file_that_says_1252_and_is_utf_8() -> None:
    content = file(line()).decode("cp1252").encode()

    assert read_bank_file(content).lines == read_bank_file(file(line())).lines
