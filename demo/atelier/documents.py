# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes through Tryton's own chain, documents and counts, replayed in the order of time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from atelier.data import ANCHOR, Company, Document
from atelier.erp import Erp
from atelier.masters import Masters
from atelier.past import count
from atelier.plan import IN_UNIT, Plan, Receipt
from atelier.production import plan_productions
from atelier.receivables import plan_old_invoices
from atelier.settings import Settings

PAY_LATER_DAYS = 33
"""Days between an invoice and its payment in full."""
BILLED_AFTER_DAYS, BILL_PAID_AFTER_DAYS = 4, 30
LAST_BILL = date(2026, 11, 10)
"""Bills that came later are still drafts."""
REMINDER_DAYS = (date(2026, 9, 7), date(2026, 10, 5), date(2026, 11, 2))
"""Days on which somebody sent the reminders; the ones due since are drafts."""

DEEDS_A_DOCUMENT = 2.1
"""Measured: what is noted at the start, against what follows from it (for the progress shown)."""


@dataclass
class Diary:
    """What is to be done on which day."""

    entries: dict[date, list[Callable[[], None]]] = field(default_factory=lambda: defaultdict(list))

    def on(self, day: date, deed: Callable[[], None]) -> None:
        """Note a deed; deeds of one day keep their order."""
        self.entries[day].append(deed)

    def replay(self, erp: Erp, progress: Callable[[float], None]) -> None:
        """Live through the days; a deed may add deeds for later days, or for its own."""
        total, done = DEEDS_A_DOCUMENT * sum(map(len, self.entries.values())), 0
        while self.entries:
            day = min(self.entries)
            erp.today = day
            for deed in self.entries.pop(day):
                with erp.transaction():
                    deed()
                done += 1
                progress(min(1.0, done / total))


@dataclass(frozen=True)
class Clerk:
    """Who types the documents: everything a document needs at hand."""

    erp: Erp
    settings: Settings
    company: Company
    masters: Masters
    diary: Diary

    def buy(self, document: Document) -> None:
        """A purchase that is open, quoted or a draft on the anchor day."""
        purchase = self._purchase(document.party, dict_of(document), document.reference)
        purchase.description = document.note or None
        purchase.save()
        self._advance(purchase, document.fate)

    def buy_and_receive(self, receipt: Receipt) -> None:
        """A purchase of the past; the goods come on the day the plan says."""
        quantities = {receipt.item: receipt.quantity}
        purchase = self._purchase(receipt.offer.party, quantities, "")
        purchase.save()
        self._advance(purchase, "open")
        self.diary.on(receipt.received, partial(self._receive, purchase.id))

    def _purchase(self, party: str, quantities: dict[str, float], reference: str) -> Any:
        Purchase, Line = self.erp.model("purchase.purchase"), self.erp.model("purchase.line")
        purchase = Purchase(
            party=self.masters.parties[party],
            company=self.settings.company,
            currency=self.settings.currency,
            warehouse=self.masters.warehouse,
            reference=reference or None,
        )
        purchase.on_change_party()
        purchase.purchase_date = self.erp.today
        lines = []
        for code, quantity in quantities.items():
            line = Line(purchase=purchase, product=self.masters.products[code], type="line")
            line.quantity = quantity / IN_UNIT.get(self.company.items[code].buy_unit or "", 1.0)
            line.company = self.settings.company
            line.on_change_product()
            line.on_change_quantity()
            lines.append(line)
        purchase.lines = lines
        return purchase

    def _advance(self, purchase: Any, fate: str) -> None:
        Purchase = self.erp.model("purchase.purchase")
        if fate in ("quotation", "open"):
            Purchase.quote([purchase])
        if fate == "open":
            Purchase.confirm([purchase])
            Purchase.process([p for p in [purchase] if p.state == "confirmed"])

    def _receive(self, purchase_id: int) -> None:
        Purchase, Shipment = (
            self.erp.model("purchase.purchase"),
            self.erp.model("stock.shipment.in"),
        )
        purchase = Purchase(purchase_id)
        warehouse = self.erp.model("stock.location")(self.masters.warehouse)
        shipment = Shipment(
            supplier=purchase.party,
            warehouse=warehouse,
            warehouse_input=warehouse.input_location,
            warehouse_storage=warehouse.storage_location,
            company=self.settings.company,
            reference=f"BL-{purchase.number}",
            planned_date=self.erp.today,
        )
        shipment.incoming_moves = [m for line in purchase.lines for m in line.moves]
        shipment.save()
        Shipment.receive([shipment])
        Shipment.do([shipment])
        bill_day = self.erp.today + timedelta(days=BILLED_AFTER_DAYS)
        if bill_day <= LAST_BILL:
            self.diary.on(bill_day, partial(self._enter_bill, purchase_id))

    def _enter_bill(self, purchase_id: int) -> None:
        Invoice = self.erp.model("account.invoice")
        purchase = self.erp.model("purchase.purchase")(purchase_id)
        (bill,) = purchase.invoices
        bill.invoice_date = self.erp.today
        bill.reference = f"FA-{purchase.party.code}-{purchase.number}"
        bill.save()
        Invoice.post([bill])
        paid_on = self.erp.today + timedelta(days=BILL_PAID_AFTER_DAYS)
        if paid_on < ANCHOR:
            self.diary.on(paid_on, lambda: self._paid(Invoice(bill.id)))

    def sell(self, document: Document) -> None:
        """A sale of any fate, from draft to a disputed invoice."""
        Sale = self.erp.model("sale.sale")
        sale = self._sale(document)
        sale.save()
        if document.fate == "draft":
            return
        Sale.quote([sale])
        if document.fate == "quotation":
            return
        Sale.confirm([sale])
        Sale.process([s for s in [sale] if s.state == "confirmed"])
        if document.done_on:
            self.diary.on(document.done_on, partial(self._ship, sale.id, document))
        elif document.reserve:
            self._reserve(sale.id, document.reserve)

    def _sale(self, document: Document) -> Any:
        Sale, Line = self.erp.model("sale.sale"), self.erp.model("sale.line")
        sale = Sale(
            party=self.masters.parties[document.party],
            company=self.settings.company,
            currency=self.settings.currency,
            warehouse=self.masters.warehouse,
            reference=document.reference or None,
        )
        sale.on_change_party()
        sale.sale_date = self.erp.today
        sale.shipping_date = document.promised
        lines = []
        for code, quantity in dict_of(document).items():
            line = Line(sale=sale, product=self.masters.products[code], type="line")
            line.quantity, line.company = quantity, self.settings.company
            line.on_change_product()
            line.on_change_quantity()
            lines.append(line)
        sale.lines = lines
        return sale

    def _reserve(self, sale_id: int, how: str) -> None:
        Shipment = self.erp.model("stock.shipment.out")
        assign = {"try": Shipment.assign_try, "force": Shipment.assign_force}[how]
        assign(list(self.erp.model("sale.sale")(sale_id).shipments))

    def _ship(self, sale_id: int, document: Document) -> None:
        Sale, Shipment = self.erp.model("sale.sale"), self.erp.model("stock.shipment.out")
        shipments = list(Sale(sale_id).shipments)
        Shipment.assign_force(shipments)
        Shipment.pick(shipments)
        Shipment.pack(shipments)
        Shipment.do(shipments)
        self.diary.on(self.erp.today, partial(self._invoice, sale_id, document))

    def _invoice(self, sale_id: int, document: Document) -> None:
        Invoice = self.erp.model("account.invoice")
        (invoice,) = self.erp.model("sale.sale")(sale_id).invoices
        if document.fate == "unposted":
            return
        invoice.invoice_date = self.erp.today
        invoice.save()
        Invoice.post([invoice])
        follow_up = getattr(self, f"_{document.fate}", None)
        if follow_up:
            usual = min(self.erp.today + timedelta(days=PAY_LATER_DAYS), ANCHOR)
            self.diary.on(document.paid_on or usual, lambda: follow_up(Invoice(invoice.id)))

    def _paid(self, invoice: Any) -> None:
        self._pay(invoice, invoice.amount_to_pay)

    def _part(self, invoice: Any) -> None:
        self._pay(invoice, (invoice.total_amount * Decimal("0.4")).quantize(Decimal("0.01")))

    def _pay(self, invoice: Any, amount: Decimal) -> None:
        Invoice = self.erp.model("account.invoice")
        lines = invoice.pay_invoice(amount, self._payment_method(), self.erp.today)
        if lines and invoice.amount_to_pay == 0:
            self.erp.model("account.move.line").reconcile(
                [*lines, *(line for line in invoice.lines_to_pay if not line.reconciliation)]
            )
        Invoice.process([invoice])

    def _unapplied(self, invoice: Any) -> None:
        """The money came in, and whoever typed it did not look for the invoice."""
        Move, Line = self.erp.model("account.move"), self.erp.model("account.move.line")
        method, amount = self._payment_method(), invoice.amount_to_pay
        move = Move(
            company=self.settings.company,
            journal=method.journal,
            period=self.erp.model("account.period").find(invoice.company, date=self.erp.today),
            date=self.erp.today,
            description=f"VIR SEPA {invoice.party.name} {invoice.number}".upper(),
            lines=[
                Line(account=invoice.account, party=invoice.party, debit=0, credit=amount),
                Line(account=method.debit_account, debit=amount, credit=0),
            ],
        )
        move.save()
        Move.post([move])

    def remind(self) -> None:
        """Make the reminders that are due, and send those of the past."""
        Dunning = self.erp.model("account.dunning")
        Dunning.generate_dunnings(date=self.erp.today)
        if self.erp.today < ANCHOR:
            Dunning.process(Dunning.search([("state", "=", "draft")]))

    def _payment_method(self) -> Any:
        Method = self.erp.model("account.invoice.payment.method")
        return Method(self.settings.payment_method)

    def _credited(self, invoice: Any) -> None:
        self.erp.model("account.invoice").credit([invoice], refund=True)

    def _disputed(self, invoice: Any) -> None:
        Complaint, Type, Model = (
            self.erp.model("sale.complaint"),
            self.erp.model("sale.complaint.type"),
            self.erp.model("ir.model"),
        )
        (origin,) = Model.search([("name", "=", "account.invoice")])
        kind = Type(name="Litige sur facture", origin=origin)
        kind.save()
        complaint = Complaint(
            customer=invoice.party,
            company=self.settings.company,
            type=kind,
            origin=invoice,
            reference=invoice.reference,
            description="Deux chariots livrés avec un plateau rayé ; le client retient le règlement.",
        )
        complaint.save()
        Complaint.wait([complaint])


def dict_of(document: Document) -> dict[str, float]:
    """The lines of a document by item."""
    return {line.item: line.quantity for line in document.lines}


def write_documents(
    erp: Erp,
    settings: Settings,
    company: Company,
    masters: Masters,
    plan: Plan,
    progress: Callable[[float], None],
) -> None:
    """Replay all documents; afterwards the ERP stands on the anchor day."""
    diary = Diary()
    clerk = Clerk(erp, settings, company, masters, diary)
    for receipt in plan.receipts:
        diary.on(receipt.ordered, partial(clerk.buy_and_receive, receipt))
    for document in company.purchases:
        diary.on(document.day, partial(clerk.buy, document))
    for document in company.sales:
        diary.on(document.day, partial(clerk.sell, document))
    for day, found in plan.counts.items():
        diary.on(day, partial(count, erp, settings, masters, found))
    plan_productions(erp, settings, company, masters, plan.orders, diary.on)
    plan_old_invoices(erp, settings, company, masters, diary.on)
    for day in (*REMINDER_DAYS, ANCHOR):
        diary.on(day, clerk.remind)
    diary.replay(erp, progress)
    erp.today = ANCHOR
