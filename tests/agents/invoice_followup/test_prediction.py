"""What is known of payers on a day, tables of ages, and pay days: cases by hand and laws."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.invoice_followup.prediction.ages import fallback, table, unpaid
from regisseur.agents.invoice_followup.prediction.book import (
    NEVER,
    Book,
    Entry,
    Invoice,
    book_of,
)
from regisseur.agents.invoice_followup.prediction.coming import coming
from regisseur.agents.invoice_followup.prediction.features import NAMES, Past, features, usable
from regisseur.agents.invoice_followup.prediction.paydays import bands, factors

START = date(2026, 1, 1)


def day(n: int) -> date:
    return START + timedelta(days=n)


def invoice(
    number: int,
    issued: int = 0,
    *paid: tuple[int, int],
    payer: str = "A",
    term: int = 30,
    amount: int = 100,
    credit: tuple[int, int] | None = None,
) -> Invoice:
    """One invoice; days from the start, amounts in euros."""
    entries = [Entry(day(when), Decimal(much)) for when, much in paid]
    if credit:
        entries.append(Entry(day(credit[0]), Decimal(credit[1]), credit=True))
    return Invoice(
        f"F{number}", payer, day(issued), day(issued + term), Decimal(amount), tuple(entries)
    )


def book(*invoices: Invoice, on: int = 100, persons: tuple[str, ...] = ()) -> Book:
    return book_of(invoices, persons, day(on))


def test_an_invoice_is_settled_when_nothing_is_left() -> None:
    found = book(
        invoice(1, 0, (20, 60), (40, 40)),
        invoice(2, 0, (20, 60)),
        invoice(3, 0, (20, 100), (25, -100)),
        invoice(4, 0, (20, 100), (25, -100), (50, 100)),
        invoice(5, 0, (20, 40), credit=(30, 60)),
        invoice(6, 0, (20, 60), credit=(30, 40)),
        invoice(7, 0),
        invoice(8, 0, (20, 100), credit=(30, 100)),
    )
    start = START.toordinal()
    closed = [x - start if x != NEVER else None for x in found.closed.tolist()]
    assert closed == [40, None, None, 50, 30, 30, None, 20]
    assert [x == NEVER for x in found.settled] == [
        False,
        True,
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    assert found.balance.tolist() == [0, 40, 100, 0, 0, 0, 100, -100]
    assert found.open.tolist() == [1, 2, 6]
    assert found.delay[[0, 3, 5]].tolist() == [10, 20, 0]


def test_nothing_dated_later_is_in_a_book() -> None:
    early = book(invoice(1, 0, (20, 60), (40, 40)), invoice(2, 35), on=30)
    assert (len(early), early.balance.tolist()) == (1, [40])
    later = book(invoice(1, 0, (20, 60), (40, 40)), invoice(2, 35), on=90)
    again = later.known_on(day(30).toordinal())
    assert (again.ids, again.balance.tolist()) == (("F1",), [40])


def test_what_is_held_today_was_not_known_before() -> None:
    held = Invoice("F1", "A", day(0), day(30), Decimal(100), held="disputed")
    found = book(held)
    assert found.held == {0: "disputed"}
    assert found.known_on(day(50).toordinal()).held == {}


FEW = (
    invoice(1, 0, (40, 100)),
    invoice(2, 5, (30, 300), amount=300),
    invoice(3, 10, (70, 100)),
    invoice(4, 20, payer="B"),
    invoice(5, 60, payer="A"),
    invoice(6, 15, payer="A"),
)


def test_facts_by_hand() -> None:
    # On day 60, A has paid F1 (10 days late) and F2 (5 days early). F3 is not paid yet: its
    # payment of day 70 does not count. F3 and F6 are open besides F5, both overdue.
    found = book(*FEW)
    row = found.ids.index("F5")
    facts = Past(found).facts(np.array([row]), found.issued[[row]])
    mean, share = 2.5, (1 + 1) / (2 + 3)
    assert facts.paid == [2]
    assert facts.own_mean == pytest.approx([2.5])
    assert facts.mean == pytest.approx([(5 + 3 * mean) / 5])
    assert facts.late_share == pytest.approx([(1 + 3 * share) / 5])
    assert facts.last == pytest.approx([10])
    assert facts.recent == pytest.approx([2.5])
    assert facts.spread == pytest.approx([7.5])
    assert facts.unpaid == [2]
    assert facts.overdue == [2]
    assert facts.open_amount == pytest.approx([200])
    assert facts.usual == pytest.approx([150])


def test_an_invoice_paid_at_once_tells_nothing_of_itself() -> None:
    found = book(*FEW, invoice(8, 80, (80, 100), payer="C", term=0))
    facts = Past(found).facts(np.array([len(found) - 1]), found.issued[-1:])
    assert facts.paid == [0]
    assert facts.unpaid == [0]
    assert facts.open_amount == pytest.approx([0])


def test_a_part_payment_is_no_one_elses() -> None:
    found = book(invoice(1, 0, (20, 60)), invoice(2, 5))
    facts = Past(found).facts(np.array([0]), np.array([found.on]))
    assert facts.open_amount == pytest.approx([100])


def test_the_first_invoice_has_figures() -> None:
    found = book(invoice(1), on=5)
    facts = Past(found).facts(np.array([0]), found.issued)
    assert (facts.mean[0], facts.late_share[0], facts.paid[0]) == (0, pytest.approx(1 / 3), 0)


def test_a_new_payer_gets_the_figures_of_all() -> None:
    found = book(*FEW, invoice(7, 80, payer="NEW"))
    facts = Past(found).facts(np.array([len(found) - 1]), found.issued[-1:])
    assert facts.mean == facts.global_mean == pytest.approx([(10 - 5 + 30) / 3])
    assert facts.late_share == facts.global_late


def test_months_need_two_years() -> None:
    month = NAMES.index("issue_month")
    assert usable(np.array([0, 729]))[month] == 0
    assert usable(np.array([0, 730]))[month] == 1
    assert usable(np.array([0, 10]))[NAMES.index("mean")] == 1


def test_table_by_hand() -> None:
    # Paid 10, 10 and 20 days after due; one still open, seen up to 15. Unpaid at day 10: 4, of
    # which 2 are paid that day; at day 20 only one was seen. One invented invoice is added.
    found = book(
        invoice(1, 0, (40, 100)),
        invoice(2, 0, (40, 100), payer="B"),
        invoice(3, 0, (50, 100), payer="B"),
        invoice(4, 55),
    )
    shares = table(found).general(np.array([9, 19]), 2)
    prior = fallback(np.array(10))
    assert shares[0] == pytest.approx([(2 + prior) / (4 + 1), prior / (2 + 1)])
    assert shares[1] == pytest.approx([(1 + prior) / (1 + 1), prior])


def test_own_table_by_hand() -> None:
    # B: 2 seen at age 10, one paid. Drawn by 5 invoices to a general share of 0.4.
    found = book(
        invoice(1, 0, (40, 100)),
        invoice(2, 0, (40, 100), payer="B"),
        invoice(3, 0, (50, 100), payer="B"),
    )
    own = table(found, group=found.payer)
    share = own.drawn(np.array([1]), np.array([9]), np.array([[0.4]]), 5.0)
    assert share == pytest.approx(np.array([[(1 + 5 * 0.4) / (2 + 5)]]))


def test_without_any_past_the_fallback_is_told() -> None:
    found = book(invoice(1), on=5)
    expected = coming(found, found.open, 91)
    assert expected.thin.tolist() == [True]
    early, prompt = 1 - expected.left[0, 6], 1 - expected.left[0, 40] / expected.left[0, 33]
    assert early == pytest.approx(0.05, abs=1e-3)
    assert prompt == pytest.approx(0.30, abs=1e-2)


def test_bands_of_the_month() -> None:
    days = [date(2026, 2, n).toordinal() for n in (1, 2, 3, 7, 8, 12, 13, 22, 23, 27, 28)]
    assert bands(np.array(days)).tolist() == [0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 0]


def test_pay_days_are_learned_and_add_nothing() -> None:
    # A pays on the 10th after the due date; B 15 days after due, whatever the day.
    invoices = []
    for n in range(120):
        due = day(3 * n + 30)
        tenth = due.replace(day=10) if due.day <= 10 else (due + timedelta(days=27)).replace(day=10)
        paid = (tenth - START).days
        invoices.append(invoice(n, 3 * n, (paid, 100)))
        invoices.append(invoice(1000 + n, 3 * n, (3 * n + 45, 100), payer="B"))
    found = book(*invoices, on=420)
    _, payers = factors(found, table(found), table(found, group=found.payer), 5.0)
    assert payers[0, 2] > 2
    assert payers[0, [0, 1, 3, 4, 5]].max() < 0.8
    assert 0.5 < payers[1].min() < payers[1].max() < 1.5


@st.composite
def books(draw: st.DrawFn) -> list[Invoice]:
    """Books of a few payers with part payments, credits and open invoices."""
    found = []
    for n in range(draw(st.integers(1, 25))):
        issued = draw(st.integers(0, 90))
        entries = draw(
            st.lists(
                st.tuples(st.integers(-5, 120), st.integers(1, 120), st.booleans()), max_size=3
            )
        )
        found.append(
            Invoice(
                f"F{n}",
                draw(st.sampled_from("ABC")),
                day(issued),
                day(issued + draw(st.sampled_from([0, 30, 60]))),
                Decimal(draw(st.integers(1, 200))),
                tuple(Entry(day(issued + d), Decimal(a), c) for d, a, c in entries),
            )
        )
    return found


@given(books(), st.integers(1, 91))
def test_shares_are_probabilities_and_nothing_is_lost(invoices: list[Invoice], days: int) -> None:
    found = book(*invoices)
    expected = coming(found, found.open, days)
    assert expected.left.shape == (len(found.open), days)
    assert (expected.left >= 0).all()
    assert (expected.left <= 1).all()
    assert (np.diff(expected.left, axis=1) <= 1e-12).all()


@given(books(), st.integers(20, 80))
def test_what_happens_later_changes_nothing_known_before(invoices: list[Invoice], cut: int) -> None:
    """A book of that day, read without its future, gives the same features and shares."""
    whole = book(*invoices, on=300).known_on(day(cut).toordinal())
    then = book(*invoices, on=cut)
    assert whole.ids == then.ids
    assert whole.closed.tolist() == then.closed.tolist()
    if len(then):
        expected = [coming(x, x.open, 28).left.tolist() for x in (whole, then)]
        assert expected[0] == expected[1]


@given(books())
def test_features_use_nothing_later_than_their_day(invoices: list[Invoice]) -> None:
    found = book(*invoices, on=300)
    past, every = Past(found), np.arange(len(found))
    whole = features(past, every, past.facts(every, found.issued))
    for row in every:
        then = found.known_on(int(found.issued[row]))
        place = np.array([then.ids.index(found.ids[row])])
        facts = Past(then).facts(place, then.issued[place])
        assert features(Past(then), place, facts)[0] == pytest.approx(whole[row])


@given(books(), st.randoms(use_true_random=False))
def test_order_of_reading_changes_nothing(invoices: list[Invoice], chance: st.DataObject) -> None:
    mixed = list(invoices)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = book(*invoices), book(*mixed)
    assert one.ids == other.ids
    left = [coming(x, x.open, 28).left.tolist() for x in (one, other)]
    assert left[0] == left[1]


@given(st.lists(st.lists(st.floats(-0.5, 1.5), min_size=3, max_size=3), min_size=1, max_size=4))
def test_unpaid_never_grows_nor_leaves_its_bounds(daily: list[list[float]]) -> None:
    left = unpaid(np.array(daily))
    assert ((left >= 0) & (left <= 1)).all()
    assert (np.diff(left, axis=1) <= 0).all()
