"""Ageing buckets and days sales outstanding: sums that an accountant can check."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from books import ON, Shop
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.invoice_followup.ageing import BUCKETS, Ledger, bucket_of, buckets, overdue
from regisseur.agents.invoice_followup.parts import parts_of
from regisseur.tools.records import Instalment, Invoice, Settlement

MONEY = st.decimals(Decimal("0.01"), Decimal(10_000), places=2)


def invoice(
    number: int,
    issued: date,
    total: str,
    *,
    term: int = 30,
    paid: tuple[tuple[date, str], ...] = (),
    currency: str = "EUR",
) -> Invoice:
    """One invoice in one instalment; ``total`` below zero is a credit note."""
    settlements = tuple(Settlement(on=day, amount=Decimal(amount)) for day, amount in paid)
    left = Decimal(total) - sum((one.amount for one in settlements), Decimal(0))
    due = issued + timedelta(days=term)
    return Invoice(
        id=f"i{number}",
        number=f"F{number}",
        customer_id="c1",
        currency=currency,
        issued=issued,
        credit_note=Decimal(total) < 0,
        state="open" if left else "paid",
        total=Decimal(total),
        open=left,
        instalments=(Instalment(id="1", due=due, amount=Decimal(total), open=left),),
        settlements=settlements,
    )


@pytest.mark.parametrize(
    ("days_late", "place"),
    [(-400, 0), (0, 0), (1, 1), (29, 1), (30, 2), (60, 2), (61, 3), (90, 3), (91, 4), (4000, 4)],
)
def test_the_bucket_of_a_number_of_days(days_late: int, place: int) -> None:
    assert bucket_of(days_late) == place


@given(
    debts=st.lists(st.tuples(st.integers(-200, 900), MONEY, st.booleans(), st.booleans())),
)
def test_buckets_sum_to_what_is_open(debts: list[tuple[int, Decimal, bool, bool]]) -> None:
    found = [
        invoice(
            n,
            ON - timedelta(days=late + 30),
            str(-amount if credit else amount),
            currency="USD" if foreign else "EUR",
        )
        for n, (late, amount, credit, foreign) in enumerate(debts)
    ]
    for currency in ("EUR", "USD"):
        mine = [one for one in found if one.currency == currency]
        aged = buckets(found, ON, currency)
        assert sum(one.amount for one in aged) == sum(one.open for one in mine)
        assert sum(one.count for one in aged) == len(mine)
        late = sum(x.open for x in mine if x.open > 0 and x.instalments[0].due < ON)
        assert overdue(aged) == late
    assert len(aged) == len(BUCKETS)


@given(
    debts=st.lists(
        st.tuples(st.integers(0, 400), MONEY, st.none() | st.integers(0, 300)), max_size=12
    ),
    back=st.integers(0, 200),
)
def test_the_ledger_knows_every_day(
    debts: list[tuple[int, Decimal, int | None]], back: int
) -> None:
    """Against a count invoice by invoice: what was issued and not yet paid on a day."""
    found, then = [], ON - timedelta(days=back)
    owed = late = Decimal(0)
    for n, (ago, amount, wait) in enumerate(debts):
        issued = ON - timedelta(days=ago)
        day = None if wait is None else issued + timedelta(days=wait)
        paid = ((day, str(amount)),) if day is not None and day <= ON else ()
        found.append(invoice(n, issued, str(amount), paid=paid))
        if issued <= then and not (paid and paid[0][0] <= then):
            owed += amount
            late += amount if issued + timedelta(days=30) < then else 0
    ledger = Ledger(parts_of(found, "EUR"))
    assert (ledger.balance(then), ledger.overdue(then)) == (owed, late)


def test_days_sales_outstanding_by_hand() -> None:
    """Open are 900. Countback: 500 sold on the 20th, 300 on the 10th, then 100 of the 400 of the
    1st: the balance is used up on 1 March, 24 days with today. Not overdue are 800: 10 March.
    """
    ledger = Ledger(
        parts_of(
            [
                invoice(1, date(2026, 3, 20), "500"),
                invoice(2, date(2026, 3, 10), "300"),
                invoice(3, date(2026, 3, 1), "400", paid=((date(2026, 3, 5), "400"),)),
                invoice(4, date(2026, 1, 15), "100"),
            ],
            "EUR",
        )
    )
    speed = ledger.speed(ON)
    assert date(2026, 3, 24) == ON
    assert speed is not None
    assert (ledger.balance(ON), ledger.overdue(ON)) == (Decimal(900), Decimal(100))
    assert (speed.outstanding, speed.best_possible) == (24, 15)
    before = ledger.speed(date(2026, 3, 4))
    assert before is not None
    assert (ledger.balance(before.on), before.outstanding) == (Decimal(500), 49)


def test_no_figure_where_more_is_open_than_was_sold() -> None:
    """A credit note lowers sales; what was sold doesn't reach what is open."""
    ledger = Ledger(
        parts_of(
            [
                invoice(1, date(2026, 3, 20), "500"),
                invoice(2, date(2026, 3, 21), "-100", paid=((date(2026, 3, 22), "-100"),)),
            ],
            "EUR",
        )
    )
    assert ledger.speed(ON) is None
    assert Ledger([]).trend(ON) == []


def test_a_trend_needs_a_quarter_of_sales_before_it() -> None:
    weekly = [invoice(n, ON - timedelta(days=7 * n), "100") for n in range(30)]
    trend = Ledger(parts_of(weekly, "EUR")).trend(ON)
    assert [(ON - one.on).days for one in trend] == [112, 84, 56, 28, 0]


def test_payments_of_instalments_count_for_the_oldest_first() -> None:
    two = (
        Instalment(id="b", due=ON + timedelta(days=30), amount=Decimal(600), open=Decimal(600)),
        Instalment(id="a", due=ON - timedelta(days=30), amount=Decimal(400), open=Decimal(150)),
    )
    paid = Settlement(on=ON - timedelta(days=10), amount=Decimal(250))
    base = invoice(1, ON - timedelta(days=60), "1000")
    one = base.model_copy(update={"instalments": two, "settlements": (paid,), "open": Decimal(750)})
    first, second = parts_of([one], "EUR")
    assert (first.key, [each.amount for each in first.entries]) == ("i1/a", [Decimal(250)])
    assert (second.key, second.entries) == ("i1/b", ())
    ledger = Ledger([first, second])
    assert (ledger.balance(ON), ledger.overdue(ON)) == (Decimal(750), Decimal(150))
    assert ledger.overdue(ON - timedelta(days=11)) == 400


def test_credit_notes_and_write_offs_are_not_money() -> None:
    """A credit note of the same day and amount explains a settlement; the rest was written off."""
    day = ON - timedelta(days=5)
    note = invoice(2, ON - timedelta(days=20), "-300", paid=((day, "-300"),))
    billed = invoice(1, ON - timedelta(days=40), "1000", paid=((day, "300"), (day, "690")))
    billed = billed.model_copy(update={"open": Decimal(0), "state": "paid"})
    first, _ = parts_of([billed, note], "EUR")
    assert [(each.amount, each.credit) for each in first.entries] == [
        (Decimal(300), True),
        (Decimal(690), False),
        (Decimal(10), True),
    ]


def test_only_what_is_in_the_companys_currency() -> None:
    shop = Shop()
    shop.customer("X")
    shop.invoice("c1", 10, "100", currency="USD")
    assert parts_of(shop.invoices, "EUR") == []
    assert len(parts_of(shop.invoices, "USD")) == 1
