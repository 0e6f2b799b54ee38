# SPDX-License-Identifier: GPL-3.0-or-later
"""Invoices of last winter and spring, all paid: how each customer pays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from atelier.data import Company, OldInvoice
from atelier.erp import Erp
from atelier.masters import Masters
from atelier.plan import workday
from atelier.settings import Settings

POSTED_ON, PAID_ON = date(2026, 5, 29), date(2026, 7, 31)
"""All are typed at once, before the first that comes of a sale, and so are their payments: what
carries a date of its own keeps it.
"""


def plan_old_invoices(
    erp: Erp,
    settings: Settings,
    company: Company,
    masters: Masters,
    on: Callable[[date, Callable[[], None]], None],
) -> None:
    """Note down when they are written."""
    typist = _Typist(erp, settings, company, masters)
    on(POSTED_ON, partial(typist.post, on))


class _Typist:
    def __init__(self, erp: Erp, settings: Settings, company: Company, masters: Masters) -> None:
        self.erp, self.settings, self.company, self.masters = erp, settings, company, masters

    def post(self, on: Callable[[date, Callable[[], None]], None]) -> None:
        """Write and post them, the oldest first."""
        Invoice = self.erp.model("account.invoice")
        old = sorted(self.company.old_invoices, key=lambda one: one.day)
        invoices = self.erp.save([self._invoice(one) for one in old])
        Invoice.post(invoices)
        late = {invoice.id: one.days for invoice, one in zip(invoices, old, strict=True)}
        on(PAID_ON, partial(self.pay, late))

    def pay(self, late: dict[int, int]) -> None:
        """Write the payments, by days after the due date."""
        Invoice, Line = self.erp.model("account.invoice"), self.erp.model("account.move.line")
        method = self.erp.model("account.invoice.payment.method")(self.settings.payment_method)
        invoices = Invoice.browse(list(late))
        for invoice in invoices:
            (owed,) = invoice.lines_to_pay
            day = workday(owed.maturity_date + timedelta(days=late[invoice.id]))
            paid = invoice.pay_invoice(invoice.total_amount, method, day)
            Line.reconcile([*paid, owed])
        Invoice.process(invoices)

    def _invoice(self, one: OldInvoice) -> Any:
        Invoice = self.erp.model("account.invoice")
        invoice = Invoice(
            type="out",
            company=self.settings.company,
            currency=self.settings.currency,
            party=self.masters.parties[one.party],
            invoice_date=one.day,
        )
        invoice.set_journal()
        invoice.on_change_party()
        invoice.lines = [self._line(invoice, line.item, line.quantity) for line in one.lines]
        return invoice

    def _line(self, invoice: Any, code: str, quantity: float) -> Any:
        Line = self.erp.model("account.invoice.line")
        line = Line(
            type="line",
            invoice=invoice,
            invoice_type="out",
            company=self.settings.company,
            currency=self.settings.currency,
            party=invoice.party,
            product=self.masters.products[code],
            quantity=quantity,
        )
        line.on_change_product()
        line.unit_price = Decimal(str(self.company.items[code].price))
        return line
