"""Statements in OFX.

Banks break the standard in many places (decimal commas, names too long, missing fields): only what
is needed is read, and that is checked.
"""

from __future__ import annotations

from decimal import Decimal
from xml.etree.ElementTree import Element

from regisseur.errors import InvalidInput
from regisseur.tools.bank import values
from regisseur.tools.bank.ofx_tree import ofx_tree
from regisseur.tools.bank.records import Balance, BankLine, Statement
from regisseur.tools.lines import one_line


def read_ofx(content: bytes) -> Statement:
    """Every line of every bank account; raises InvalidInput naming account, line and field."""
    statements = list(ofx_tree(content).iter("STMTRS"))
    if not statements:
        raise InvalidInput("holds no statement of a bank account", field="STMTRS")
    lines: list[BankLine] = []
    balances: list[Balance] = []
    days = []
    for number, statement in enumerate(statements, start=1):
        where = f"statement {number}"
        currency = values.currency(_text(statement, "CURDEF"), f"{where}, CURDEF")
        account = _account(statement, where)
        for at, one in enumerate(statement.iterfind("BANKTRANLIST/STMTTRN"), start=1):
            lines.append(_line(one, account, currency, f"{where}, line {at}"))
        if (balance := statement.find("LEDGERBAL")) is not None:
            balances.append(_balance(balance, account, currency, f"{where}, LEDGERBAL"))
        if until := _text(statement, "BANKTRANLIST/DTEND"):
            days.append(values.day(until, f"{where}, DTEND"))
    days += [line.booked for line in lines]
    return Statement(
        format="ofx",
        lines=values.numbered(lines),
        balances=tuple(balances),
        known_until=max(days, default=None),
    )


def _account(statement: Element, where: str) -> str:
    """French banks split the number: bank, branch, account and key make the RIB."""
    parts = ("BANKID", "BRANCHID", "ACCTID", "ACCTKEY")
    said = {part: _text(statement, f"BANKACCTFROM/{part}") for part in parts}
    if not said["ACCTID"]:
        raise InvalidInput("names no account", field=f"{where}, ACCTID")
    return values.account(
        said["ACCTID"] if said["ACCTID"][:2].isalpha() else "".join(said.values())
    )


def _line(one: Element, account: str, default: str, where: str) -> BankLine:
    told = _text(one, "CURRENCY/CURSYM") or default
    currency = values.currency(told, f"{where}, CURSYM")
    value = _text(one, "DTAVAIL")
    return BankLine(
        id="",
        account=account,
        booked=values.day(_text(one, "DTPOSTED"), f"{where}, DTPOSTED"),
        value=values.day(value, f"{where}, DTAVAIL") if value else None,
        amount=_signed(_text(one, "TRNAMT"), currency, f"{where}, TRNAMT"),
        currency=currency,
        counterparty=_text(one, "NAME") or _text(one, "PAYEE/NAME"),
        counterparty_iban=_iban(_text(one, "BANKACCTTO/ACCTID")),
        text=" ".join(filter(None, (_text(one, "EXTDNAME"), _text(one, "MEMO")))),
        reference=_text(one, "REFNUM"),
    )


def _balance(balance: Element, account: str, currency: str, where: str) -> Balance:
    return Balance(
        account=account,
        kind="closing",
        on=values.day(_text(balance, "DTASOF"), f"{where}, DTASOF"),
        amount=_signed(_text(balance, "BALAMT"), currency, f"{where}, BALAMT"),
        currency=currency,
    )


def _signed(text: str, currency: str, where: str) -> Decimal:
    """The standard allows a point or a comma, and no thousands."""
    sign = -1 if text.startswith("-") else 1
    digits = text[1:] if text[:1] in ("+", "-") else text
    return sign * values.amount(digits.replace(",", "."), currency, where)


def _iban(text: str) -> str | None:
    number = values.account(text)
    return number if number[:2].isalpha() and number[2:4].isdigit() else None


def _text(element: Element, path: str) -> str:
    return one_line(element.findtext(path) or "")
