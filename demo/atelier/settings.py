# SPDX-License-Identifier: GPL-3.0-or-later
"""The company itself and its books: French chart, VAT, fiscal years, terms, dunning procedure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from atelier.erp import Erp

YEARS = (2025, 2026)
DUNNING_DAYS = (5, 20, 50, 100)


@dataclass(frozen=True)
class Settings:
    """Ids of what the rest of the seed needs of the books (records end with their transaction)."""

    company: int
    currency: int
    terms: dict[str, int]
    categories: dict[str, int]
    payment_method: int


def write_settings(erp: Erp) -> Settings:
    """Write everything that has to exist before the first party."""
    with erp.transaction():
        company, currency = _company(erp)
    erp.context |= {"company": company, "companies": [company]}
    with erp.transaction():
        _chart(erp, company)
        for year in YEARS:
            _fiscal_year(erp, company, year)
        settings = Settings(
            company=company,
            currency=currency,
            terms=_terms(erp),
            categories=_categories(erp),
            payment_method=_payment_method(erp, company),
        )
        _dunning(erp)
        _defaults(erp, settings)
    return settings


def _company(erp: Erp) -> tuple[int, int]:
    Party, Company = erp.model("party.party"), erp.model("company.company")
    Currency, Lang = erp.model("currency.currency"), erp.model("ir.lang")
    currency = Currency(
        name="Euro", symbol="€", code="EUR", numeric_code="978", rounding="0.01", digits=2
    )
    currency.rates = [erp.model("currency.currency.rate")(date=date(2000, 1, 1), rate=1)]
    currency.save()
    (french,) = Lang.search([("code", "=", "fr")])
    party = Party(name="Atelier Martin SAS", lang=french)
    party.addresses = [
        erp.model("party.address")(
            street="14 rue de l'Industrie", postal_code="69200", city="Vénissieux"
        )
    ]
    party.save()
    company = Company(party=party, currency=currency, timezone="Europe/Paris")
    company.save()
    User = erp.model("res.user")
    (admin,) = User.search([("login", "=", "admin")])
    User.write([admin], {"companies": [("add", [company.id])], "company": company.id})
    return company.id, currency.id


def _chart(erp: Erp, company: int) -> None:
    Wizard = erp.pool.get("account.create_chart", type="wizard")
    Account = erp.model("account.account")
    session, *_ = Wizard.create()
    template = erp.xml_id("account_fr", "root")
    Wizard.execute(
        session,
        {"account": {"company": company, "account_template": template}},
        "create_account",
    )
    receivable, payable = (
        Account.search([("code", "=", code), ("company", "=", company)])[0]
        for code in ("4111", "4011")
    )
    Wizard.execute(
        session,
        {
            "properties": {
                "company": company,
                "account_receivable": receivable.id,
                "account_payable": payable.id,
            }
        },
        "create_properties",
    )


def _fiscal_year(erp: Erp, company: int, year: int) -> None:
    Strict, FiscalYear = erp.model("ir.sequence.strict"), erp.model("account.fiscalyear")
    InvoiceSequence = erp.model("account.fiscalyear.invoice_sequence")
    moves = Strict(
        name=f"Écritures {year}",
        sequence_type=erp.xml_id("account", "sequence_type_account_move"),
        company=company,
    )
    invoices, bills = (
        Strict(
            name=f"{name} {year}",
            prefix=f"{prefix}{year}-",
            padding=4,
            sequence_type=erp.xml_id("account_invoice", "sequence_type_account_invoice"),
            company=company,
        )
        for name, prefix in (("Factures clients", "F"), ("Factures fournisseurs", "A"))
    )
    Strict.save([moves, invoices, bills])
    fiscal_year = FiscalYear(
        name=str(year),
        start_date=date(year, 1, 1),
        end_date=date(year, 12, 31),
        company=company,
        move_sequence=moves,
        invoice_sequences=[
            InvoiceSequence(
                company=company,
                out_invoice_sequence=invoices,
                out_credit_note_sequence=invoices,
                in_invoice_sequence=bills,
                in_credit_note_sequence=bills,
            )
        ],
    )
    fiscal_year.save()
    FiscalYear.create_period([fiscal_year])


def _terms(erp: Erp) -> dict[str, int]:
    Term, Line = (
        erp.model("account.invoice.payment_term"),
        erp.model("account.invoice.payment_term.line"),
    )
    Delta = erp.model("account.invoice.payment_term.line.delta")
    terms = {
        "30": Term(
            name="30 jours nets",
            lines=[Line(type="remainder", relativedeltas=[Delta(days=30)])],
        ),
        "45": Term(
            name="45 jours fin de mois",
            lines=[
                Line(type="remainder", relativedeltas=[Delta(days=45), Delta(months=0, day=31)])
            ],
        ),
    }
    Term.save(list(terms.values()))
    return {key: term.id for key, term in terms.items()}


def _categories(erp: Erp) -> dict[str, int]:
    """Accounting categories: bought materials, made goods, goods for resale."""
    Category, Account, Tax = (
        erp.model("product.category"),
        erp.model("account.account"),
        erp.model("account.tax"),
    )

    def account(code: str) -> Any:
        return Account.search([("code", "=", code)])[0]

    def tax(kind: str) -> Any:
        name = f"tva_{kind}_biens_taux_normal"
        template = erp.xml_id("account_fr", name)
        return Tax.search([("template", "=", template)])[0]

    sale, purchase = tax("vente"), tax("achat")
    categories = {
        kind: Category(
            name=name,
            accounting=True,
            account_expense=account(expense),
            account_revenue=account(revenue),
            customer_taxes=[sale],
            supplier_taxes=[purchase],
        )
        for kind, name, expense, revenue in (
            ("material", "Matières et fournitures", "6011", "7011"),
            ("made", "Produits fabriqués", "6011", "7011"),
            ("resale", "Marchandises", "6071", "7071"),
        )
    }
    Category.save(list(categories.values()))
    return {kind: category.id for kind, category in categories.items()}


def _payment_method(erp: Erp, company: int) -> int:
    Method, Journal, Account = (
        erp.model("account.invoice.payment.method"),
        erp.model("account.journal"),
        erp.model("account.account"),
    )
    bank = Account.search([("code", "=", "5121")])[0]
    journal = Journal.search([("type", "=", "cash")])[0]
    method = Method(
        name="Virement", company=company, journal=journal, credit_account=bank, debit_account=bank
    )
    method.save()
    return int(method.id)


def _dunning(erp: Erp) -> None:
    Procedure, Level = erp.model("account.dunning.procedure"), erp.model("account.dunning.level")
    procedure = Procedure(
        name="Relances clients",
        levels=[Level(overdue=timedelta(days=days)) for days in DUNNING_DAYS],
    )
    procedure.save()
    Configuration = erp.model("account.configuration")
    configuration = Configuration(1)
    configuration.default_dunning_procedure = procedure
    configuration.save()


def _defaults(erp: Erp, settings: Settings) -> None:
    Account = erp.model("account.configuration")
    account = Account(1)
    account.default_customer_payment_term = settings.terms["30"]
    account.save()
    Purchase, Sale = erp.model("purchase.configuration"), erp.model("sale.configuration")
    purchase = Purchase(1)
    purchase.purchase_invoice_method = "fulfillment"
    purchase.save()
    sale = Sale(1)
    sale.sale_invoice_method, sale.sale_shipment_method = "fulfillment", "order"
    sale.save()
