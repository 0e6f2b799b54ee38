"""CAMT.053, the statement of ISO 20022, versions 2 to 13.

No parser on PyPI is both light and exact (floats for balances, one namespace prefix, hundreds of
megabytes); the part that is needed here is small. XML comes in through defusedxml: a document type
is refused, and with it every entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from regisseur.errors import InvalidInput
from regisseur.tools.bank import values
from regisseur.tools.bank.records import Balance, BankLine, Statement
from regisseur.tools.lines import one_line

_NAMESPACE = re.compile(
    r"\{urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-3])\}Document"
)
_SIGNS = {"CRDT": 1, "DBIT": -1}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)


def read_camt(content: bytes) -> Statement:
    """Every booked entry; raises InvalidInput naming statement, entry and field."""
    root = _parsed(content)
    if not _NAMESPACE.fullmatch(root.tag):
        raise InvalidInput(
            f"{values.shown(root.tag)} is not a statement (camt.053.001.02 to .13); ask the bank "
            "for CAMT.053",
            field="Document",
        )
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    statements = [
        _Stmt(element, f"statement {number}")
        for number, element in enumerate(root.findall("BkToCstmrStmt/Stmt"), start=1)
    ]
    if not statements:
        raise InvalidInput("holds no statement", field="BkToCstmrStmt")
    lines = [line for one in statements for line in one.lines]
    balances = [balance for one in statements for balance in one.balances]
    days = [*(line.booked for line in lines), *(one.on for one in balances)]
    return Statement(
        format="camt.053",
        lines=values.numbered(lines),
        balances=tuple(balances),
        known_until=max(days, default=None),
        pending=sum(one.pending for one in statements),
    )


def _parsed(content: bytes) -> Element:
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise InvalidInput(
            "holds a document type or entities; no bank does that", field="file"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InvalidInput(f"is not whole XML: {one_line(str(error))}", field="file") from error
    return root


class _Stmt:
    """One statement of one account."""

    def __init__(self, element: Element, where: str) -> None:
        self._element, self._where = element, where
        self.account = values.account(
            _text(element, "Acct/Id/IBAN") or _text(element, "Acct/Id/Othr/Id")
        )
        if not self.account:
            raise InvalidInput("names no account", field=f"{where}, Acct")
        self.pending = 0
        self.lines: list[BankLine] = []
        for number, entry in enumerate(element.findall("Ntry"), start=1):
            self._read(entry, f"{where}, entry {number}")
        self._bal = {
            _text(bal, "Tp/CdOrPrtry/Cd"): self._balance(bal, f"{where}, balance {number}")
            for number, bal in enumerate(element.findall("Bal"), start=1)
        }
        self.balances = [one for one in (self._first(_OPENING), self._first(_CLOSING)) if one]
        self._check()

    def _first(self, codes: tuple[str, ...]) -> Balance | None:
        return next((self._bal[code] for code in codes if code in self._bal), None)

    def _check(self) -> None:
        """Opening, lines and closing belong together; not on a page that isn't the last."""
        opening, closing = self._first(_OPENING), self._first(_CLOSING)
        whole = _text(self._element, "StmtPgntn/LastPgInd") not in ("false", "0")
        if opening and closing and whole:
            moved = sum((line.amount for line in self.lines), Decimal(0))
            values.check_sum(opening.amount, moved, closing.amount, f"{self._where}, balance")

    def _balance(self, bal: Element, where: str) -> Balance:
        amount, currency = _money(bal, where)
        code = _text(bal, "Tp/CdOrPrtry/Cd")
        return Balance(
            account=self.account,
            kind="opening" if code in _OPENING else "closing",
            on=values.day(_day(bal, "Dt"), f"{where}, Dt"),
            amount=amount,
            currency=currency,
        )

    def _read(self, entry: Element, where: str) -> None:
        status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
        if status != "BOOK":
            self.pending += status in ("PDNG", "FUTR")
            return
        amount, currency = _money(entry, where)
        details = entry.findall("NtryDtls/TxDtls")
        parts = _parts(details, amount, currency, where) or [(amount, details)]
        value = _day(entry, "ValDt")
        for part, of in parts:
            self.lines.append(
                BankLine(
                    id="",
                    account=self.account,
                    booked=values.day(_day(entry, "BookgDt") or value, f"{where}, BookgDt"),
                    value=values.day(value, f"{where}, ValDt") if value else None,
                    amount=part,
                    currency=currency,
                    counterparty=_first(of, _names(part)),
                    counterparty_iban=values.account(_first(of, _accounts(part))) or None,
                    text=_said(entry, of),
                    reference=_first(of, ("RmtInf/Strd/CdtrRefInf/Ref",)),
                    end_to_end_id=_end_to_end(of),
                    reversal=_text(entry, "RvslInd") in ("true", "1"),
                )
            )


def _parts(
    details: list[Element], amount: Decimal, currency: str, where: str
) -> list[tuple[Decimal, list[Element]]]:
    """The payments of a batch with their own amounts; none where these don't add up to it."""
    if len(details) < 2:
        return []
    parts = []
    for number, one in enumerate(details, start=1):
        money = next(
            (
                found
                for path in ("Amt", "AmtDtls/TxAmt/Amt")
                if (found := one.find(path)) is not None
            ),
            None,
        )
        if money is None or money.get("Ccy") != currency:
            return []
        size = values.amount(money.text or "", currency, f"{where}, payment {number}, Amt")
        sign = _SIGNS.get(_text(one, "CdtDbtInd"), 1 if amount >= 0 else -1)
        parts.append((sign * size, [one]))
    return parts if sum(part for part, _ in parts) == amount else []


def _money(element: Element, where: str) -> tuple[Decimal, str]:
    """Signed amount and currency of an entry or a balance."""
    money = element.find("Amt")
    if money is None:
        raise InvalidInput("is missing", field=f"{where}, Amt")
    currency = values.currency(money.get("Ccy", ""), f"{where}, Amt Ccy")
    sign = _SIGNS.get(_text(element, "CdtDbtInd"))
    if sign is None:
        raise InvalidInput("is neither CRDT nor DBIT", field=f"{where}, CdtDbtInd")
    return sign * values.amount(money.text or "", currency, f"{where}, Amt"), currency


def _names(amount: Decimal) -> tuple[str, ...]:
    """Who is on the other side; a party is inside ``Pty`` from version 8 on."""
    side = "Dbtr" if amount >= 0 else "Cdtr"
    return f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm"


def _accounts(amount: Decimal) -> tuple[str, ...]:
    side = "DbtrAcct" if amount >= 0 else "CdtrAcct"
    return f"RltdPties/{side}/Id/IBAN", f"RltdPties/{side}/Id/Othr/Id"


def _said(entry: Element, details: list[Element]) -> str:
    """What was written on it; the bank's own words where nobody wrote anything."""
    texts = [one.text or "" for detail in details for one in detail.findall("RmtInf/Ustrd")]
    texts += [
        one.text or ""
        for detail in details
        for path in ("RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/AddtlRmtInf")
        for one in detail.findall(path)
    ]
    own = [_text(one, "AddtlTxInf") for one in details] + [_text(entry, "AddtlNtryInf")]
    return _joined(texts) or _joined(own)


def _joined(texts: list[str]) -> str:
    return " ".join(dict.fromkeys(filter(None, map(one_line, texts))))


def _end_to_end(details: list[Element]) -> str | None:
    found = _first(details, ("Refs/EndToEndId",))
    return None if found in ("", "NOTPROVIDED") else found


def _first(details: list[Element], paths: tuple[str, ...]) -> str:
    found: Iterator[str] = (_text(one, path) for one in details for path in paths)
    return next(filter(None, found), "")


def _day(element: Element, path: str) -> str:
    return _text(element, f"{path}/Dt") or _text(element, f"{path}/DtTm")


def _text(element: Element, path: str) -> str:
    return one_line(element.findtext(path) or "")
