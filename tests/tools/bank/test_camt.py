"""CAMT.053 as banks write it, old and new, and what is refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from regisseur.errors import InvalidInput
from regisseur.tools.bank import Balance, read_bank_file

OLD = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
NEW = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
IBAN = "FR7630006000011234567890189"
TRANSFER = """
<NtryDtls><TxDtls>
 <Refs><EndToEndId>REF-2026-17</EndToEndId></Refs>
 <RltdPties>
  <Dbtr><Nm>M&#233;canique du Rh&#244;ne &amp; Fils</Nm></Dbtr>
  <DbtrAcct><Id><IBAN>DE89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct>
  <Cdtr><Nm>Atelier Dupont</Nm></Cdtr>
 </RltdPties>
 <RmtInf><Ustrd>Facture F-100</Ustrd><Ustrd>du 14/10</Ustrd></RmtInf>
</TxDtls></NtryDtls>"""


def entry(
    amount: str = "1234.56",
    sign: str = "CRDT",
    *,
    status: str = "BOOK",
    booked: str = "<Dt>2026-11-20</Dt>",
    details: str = TRANSFER,
    more: str = "",
) -> str:
    return f"""
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}<Sts>{status}</Sts>
<BookgDt>{booked}</BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt>
<AcctSvcrRef>X1</AcctSvcrRef>{details}<AddtlNtryInf>VIR SEPA RECU</AddtlNtryInf></Ntry>"""


def balance(code: str, amount: str, day: str, sign: str = "CRDT") -> str:
    return f"""
<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>
<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"""


def statement(*parts: str, account: str = f"<IBAN>{IBAN}</IBAN>") -> str:
    return f"<Stmt><Id>1</Id><Acct><Id>{account}</Id></Acct>{''.join(parts)}</Stmt>"


def file(*statements: str, namespace: str = OLD, head: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document xmlns="{namespace}">'
        f"<BkToCstmrStmt><GrpHdr/>{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def refused(content: bytes) -> str:
    with pytest.raises(InvalidInput) as caught:
        read_bank_file(content)
    return str(caught.value)


def test_a_transfer_received() -> None:
    read = read_bank_file(file(statement(entry())))

    (line,) = read.lines
    assert read.format == "camt.053"
    assert read.known_until == date(2026, 11, 20)
    assert line.account == IBAN
    assert line.booked == date(2026, 11, 20)
    assert line.value == date(2026, 11, 21)
    assert line.amount == Decimal("1234.56")
    assert line.currency == "EUR"
    assert line.counterparty == "Mécanique du Rhône & Fils"
    assert line.counterparty_iban == "DE89370400440532013000"
    assert line.text == "Facture F-100 du 14/10"
    assert line.end_to_end_id == "REF-2026-17"
    assert not line.reversal


def test_version_8_has_its_parties_and_its_status_elsewhere() -> None:
    details = TRANSFER.replace("<Dbtr><Nm>", "<Dbtr><Pty><Nm>").replace(
        "</Nm></Dbtr>", "</Nm></Pty></Dbtr>"
    )
    new = entry(details=details, status="<Cd>BOOK</Cd>")

    (line,) = read_bank_file(file(statement(new), namespace=NEW)).lines

    assert (line,) == read_bank_file(file(statement(entry()))).lines


def test_a_prefix_and_another_encoding_change_nothing() -> None:
    plain = file(statement(entry())).decode()
    prefixed = plain.replace("<", "<n:").replace("<n:/", "</n:").replace("<n:?", "<?")
    prefixed = prefixed.replace(f'xmlns="{OLD}"', f'xmlns:n="{OLD}"')
    utf16 = plain.replace("UTF-8", "UTF-16").encode("utf-16")

    lines = read_bank_file(plain.encode()).lines
    assert read_bank_file(prefixed.encode()).lines == lines
    assert read_bank_file(utf16).lines == lines
    assert read_bank_file(b"\xef\xbb\xbf" + plain.encode()).lines == lines


def test_what_is_paid_out_is_negative_and_names_the_creditor() -> None:
    (line,) = read_bank_file(file(statement(entry("10", "DBIT")))).lines

    assert line.amount == Decimal("-10.00")
    assert line.counterparty == "Atelier Dupont"


def test_a_reversal_is_marked() -> None:
    back = entry("10", "DBIT", more="<RvslInd>true</RvslInd>")

    (line,) = read_bank_file(file(statement(back))).lines

    assert line.reversal
    assert line.amount == Decimal("-10.00")


def test_what_is_not_booked_is_counted_and_left_out() -> None:
    read = read_bank_file(
        file(statement(entry(status="PDNG"), entry(status="INFO"), entry(status="<Cd>PDNG</Cd>")))
    )

    assert read.lines == ()
    assert read.pending == 2


def batch(*amounts: str, path: str = "<Amt Ccy='EUR'>{}</Amt>", total: str = "30.00") -> str:
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>E{n}</EndToEndId></Refs>{path.format(amount)}"
        f"<RmtInf><Ustrd>F-{n}</Ustrd></RmtInf></TxDtls>"
        for n, amount in enumerate(amounts)
    )
    return entry(total, details=f"<NtryDtls>{details}</NtryDtls>")


@pytest.mark.parametrize(
    "path",
    ["<Amt Ccy='EUR'>{}</Amt>", "<AmtDtls><TxAmt><Amt Ccy='EUR'>{}</Amt></TxAmt></AmtDtls>"],
)
def test_a_batch_is_told_payment_by_payment(path: str) -> None:
    lines = read_bank_file(file(statement(batch("10.00", "20.00", path=path)))).lines

    assert [(one.amount, one.text, one.end_to_end_id) for one in lines] == [
        (Decimal("10.00"), "F-0", "E0"),
        (Decimal("20.00"), "F-1", "E1"),
    ]


@pytest.mark.parametrize("amounts", [("10.00", "19.99"), ("10.00",)])
def test_a_batch_that_does_not_add_up_is_one_line(amounts: tuple[str, ...]) -> None:
    (line,) = read_bank_file(file(statement(batch(*amounts)))).lines

    assert line.amount == Decimal("30.00")
    assert line.text == " ".join(f"F-{n}" for n in range(len(amounts)))


def test_a_batch_in_another_currency_is_one_line() -> None:
    dollars = batch("10.00", "20.00", path="<Amt Ccy='USD'>{}</Amt>")

    (line,) = read_bank_file(file(statement(dollars))).lines

    assert line.amount == Decimal("30.00")


def test_without_a_message_the_banks_own_words_are_kept() -> None:
    (line,) = read_bank_file(file(statement(entry(details="")))).lines

    assert line.text == "VIR SEPA RECU"
    assert line.counterparty == ""
    assert line.end_to_end_id is None


def test_a_structured_reference() -> None:
    details = (
        "<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><RmtInf><Strd>"
        "<RfrdDocInf><Nb>F-100</Nb></RfrdDocInf>"
        "<CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls>"
    )

    (line,) = read_bank_file(file(statement(entry(details=details)))).lines

    assert line.reference == "RF18539007547034"
    assert line.text == "F-100"
    assert line.end_to_end_id is None


def test_a_moment_is_the_day_of_the_banks_clock() -> None:
    late = entry(booked="<DtTm>2026-11-20T23:59:00+01:00</DtTm>")

    (line,) = read_bank_file(file(statement(late))).lines

    assert line.booked == date(2026, 11, 20)


def test_balances_that_belong_to_the_lines() -> None:
    read = read_bank_file(
        file(
            statement(
                balance("OPBD", "100.00", "2026-11-19", "DBIT"),
                balance("CLBD", "1124.56", "2026-11-22"),
                balance("CLAV", "7.00", "2026-11-22"),
                entry(),
                entry("10.00", "DBIT"),
                entry("5.00", status="PDNG"),
            )
        )
    )

    assert read.known_until == date(2026, 11, 22)
    assert read.balances == (
        Balance(
            account=IBAN,
            kind="opening",
            on=date(2026, 11, 19),
            amount=Decimal("-100.00"),
            currency="EUR",
        ),
        Balance(
            account=IBAN,
            kind="closing",
            on=date(2026, 11, 22),
            amount=Decimal("1124.56"),
            currency="EUR",
        ),
    )


def test_balances_that_do_not_belong_to_the_lines() -> None:
    opening = balance("PRCD", "100.00", "2026-11-19")
    closing = balance("CLBD", "1334.57", "2026-11-22")

    said = refused(file(statement(opening, closing, entry())))

    assert said.startswith("statement 1, balance")
    assert "1334.56" in said
    assert "1334.57" in said


def test_a_page_that_is_not_the_last_needs_no_sum() -> None:
    page = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"
    opening = balance("OPBD", "100.00", "2026-11-19")
    closing = balance("CLBD", "999.00", "2026-11-22")

    assert read_bank_file(file(statement(page, opening, closing, entry()))).lines


def test_several_accounts_in_one_file() -> None:
    other = statement(entry(), account="<Othr><Id>0001 2345 678</Id></Othr>")

    one, two = read_bank_file(file(statement(entry()), other)).lines

    assert (one.account, two.account) == (IBAN, "00012345678")
    assert one.id != two.id


def test_the_same_line_has_the_same_id_in_every_file() -> None:
    first = read_bank_file(file(statement(entry(), entry(), entry("7.00")))).lines
    later = read_bank_file(file(statement(entry("9.00"), entry("7.00"), entry(), entry()))).lines

    assert len({line.id for line in first}) == 3
    assert {line.id for line in first} < {line.id for line in later}
    assert first == read_bank_file(file(statement(entry(), entry(), entry("7.00")))).lines


BOMB = """<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, "<!DOCTYPE Document>"])
def test_entities_and_document_types_are_refused(head: str) -> None:
    assert "document type" in refused(file(statement(entry()), head=head))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file(statement(entry("12,50"))), "statement 1, entry 1, Amt: '12,50'"),
        (file(statement(entry("1.005"))), "more decimals than EUR"),
        (file(statement(entry(), entry("-1"))), "statement 1, entry 2, Amt"),
        (file(statement(entry("1" * 30))), "entry 1, Amt"),
        (file(statement(entry("١٢"))), "entry 1, Amt"),
        (file(statement(entry("NaN"))), "entry 1, Amt"),
        (file(statement(entry(sign="CREDIT"))), "entry 1, CdtDbtInd"),
        (file(statement(entry(booked="<Dt>2026-02-30</Dt>"))), "entry 1, BookgDt"),
        (file(statement(entry().replace('Ccy="EUR"', 'Ccy="euro"'))), "Amt Ccy"),
        (file(statement(entry().replace("Amt", "Amount"))), "entry 1, Amt: is missing"),
        (file(statement(entry(), account="")), "statement 1, Acct"),
        (file(), "holds no statement"),
        (file(statement(entry()))[:-20], "not whole XML"),
        (file(statement(entry()), namespace=OLD.replace("053", "054")), "not a statement"),
        (file(statement(entry()), namespace="urn:x"), "not a statement"),
        (b"<html><body>Please sign in</body></html>", "not a statement"),
    ],
)
def test_what_is_refused_says_where(content: bytes, words: str) -> None:
    assert words in refused(content)


def test_more_zeros_than_a_currency_has_are_no_decimals() -> None:
    (line,) = read_bank_file(file(statement(entry("1234.56000")))).lines

    assert str(line.amount) == "1234.56"
