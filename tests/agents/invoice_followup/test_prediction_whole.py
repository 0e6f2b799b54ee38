"""The whole prediction: choice of method, natural persons, cash with ranges, and its laws."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.invoice_followup.prediction.book import Book, Entry, Invoice, book_of
from regisseur.agents.invoice_followup.prediction.cash import (
    DEFAULT_TOTAL,
    LEAST_REPLAYS,
    cash_to_come,
    counted_on,
    range_width,
    receipts,
    weekly,
)
from regisseur.agents.invoice_followup.prediction.coming import coming
from regisseur.agents.invoice_followup.prediction.delays import (
    REGRESSIONS,
    Delays,
    choose,
    teachable,
    weights,
)
from regisseur.agents.invoice_followup.prediction.features import Past
from regisseur.agents.invoice_followup.prediction.outlook import Prediction, predict

START = date(2025, 1, 6)
ON = START + timedelta(days=420)


def company(invoices: int = 480, payers: int = 12) -> list[Invoice]:
    """A year of invoices; payer n pays about 4 n - 12 days after the due date, large sums later."""
    chance = np.random.default_rng(7)
    found = []
    for n in range(invoices):
        payer = int(chance.integers(payers))
        issued = START + timedelta(days=int(410 * n / invoices))
        amount = int(chance.integers(50, 5000))
        wait = 30 + 4 * payer - 12 + round(chance.normal(0, 5)) + (amount > 3000) * 9
        paid = Entry(issued + timedelta(days=max(wait, 1)), Decimal(amount))
        due = issued + timedelta(days=30)
        found.append(Invoice(f"F{n:04}", f"P{payer:02}", issued, due, Decimal(amount), (paid,)))
    return found


def short(count: int = 3) -> list[Invoice]:
    return company(count, 2)


@pytest.fixture(scope="module")
def told() -> Prediction:
    return predict(book_of(company(), ("P05",), ON))


@pytest.mark.parametrize("invoices", [[], short(1), short(3), company(60)])
def test_it_works_from_the_first_invoice_on(invoices: list[Invoice]) -> None:
    found = predict(book_of(invoices, (), START + timedelta(days=5)))
    assert found.choice.reason == "short"
    assert (found.choice.days, found.choice.late) == ("mean", "mean")
    assert len(found.cash.weeks) == 13
    assert found.cash.replays < LEAST_REPLAYS
    for expected in found.invoices.values():
        assert 0 < expected.late <= 1
        assert 0 < expected.unpaid_in_15_days <= 1
        assert expected.on is None or expected.on > START + timedelta(days=5)


def test_a_company_with_a_past_chooses_by_trial(told: Prediction) -> None:
    choice = told.choice
    assert choice.reason == "trial"
    assert choice.trial is not None
    assert choice.days != "mean"
    assert choice.trial.against_mean(choice.days) < 1
    days, late = choice.trial.days, choice.trial.late
    assert days[choice.days] <= 1.005 * min(days[x] for x in REGRESSIONS)
    assert late[choice.late] <= 1.005 * min(late[x] for x in REGRESSIONS)


def test_the_simplest_of_equals_is_chosen() -> None:
    # Everybody pays 10 days late, always: no method can gain on the mean.
    invoices = [
        replace(x, entries=(Entry(x.due + timedelta(days=10), x.amount),)) for x in company(400)
    ]
    found = choose(Past(book_of(invoices, (), ON)))
    assert (found.reason, found.days, found.late) == ("trial", "mean", "mean")


def test_regression_is_chosen_where_it_gains() -> None:
    # The delay hangs on the amount alone, which a payer's mean can't see.
    invoices = [
        replace(
            x,
            payer=f"P{n % 12}",
            entries=(Entry(x.due + timedelta(days=20 if x.amount > 2500 else -5), x.amount),),
        )
        for n, x in enumerate(company(480))
    ]
    found = choose(Past(book_of(invoices, (), ON)))
    assert found.trial is not None
    assert found.days in ("trees", "both")
    assert found.trial.days["trees"] < 0.5 * found.trial.days["mean"]


def test_natural_persons_get_the_figures_of_all_and_no_score() -> None:
    invoices = [*company(), Invoice("G1", "P05", ON, ON + timedelta(days=30), Decimal(9000))]
    invoices.append(replace(invoices[-1], id="G2", payer="P06"))
    book = book_of(invoices, ("P05", "P06"), ON)
    one, other = (predict(book).invoices[x] for x in ("G1", "G2"))
    assert one.habit is None
    assert one == other
    scored = predict(book_of(invoices, (), ON)).invoices["G1"]
    assert scored.habit is not None
    assert scored.habit.paid > 20
    assert not set(book.payer[teachable(book)]) & {5, 6}


def test_facts_of_a_company_are_numbers_to_word(told: Prediction) -> None:
    book = book_of(company(), ("P05",), ON)
    for id_, expected in told.invoices.items():
        row = book.ids.index(id_)
        mine = (book.payer == book.payer[row]) & (book.settled < book.on + 1)
        if expected.habit is None:
            assert book.payers[book.payer[row]] == "P05"
            continue
        assert expected.habit.paid == mine.sum()
        assert expected.habit.mean_delay == pytest.approx(book.delay[mine].mean())
        assert expected.habit.late == (book.delay[mine] > 0).sum()
        assert expected.late == 1 or expected.age < 0


def test_slow_payers_are_expected_later() -> None:
    fresh = [replace(_open(ON), id=x, payer=x) for x in ("P00", "P11")]
    found = predict(book_of([*company(), *fresh], (), ON)).invoices
    quick, slow = found["P00"], found["P11"]
    assert quick.on is not None
    assert slow.on is not None
    assert 20 < (slow.on - quick.on).days < 60  # 44 days between their habits
    assert quick.late < 0.3
    assert slow.late > 0.8
    assert quick.unpaid_in_15_days <= slow.unpaid_in_15_days


def test_an_invoice_close_to_its_due_date_is_likelier_late() -> None:
    invoices = company()
    days = {
        days: predict(book_of([*invoices, _open(ON - timedelta(days=30 - days))], (), ON)).invoices[
            "NEW"
        ]
        for days in (25, 2)
    }
    assert days[2].late > days[25].late


def _open(issued: date) -> Invoice:
    return Invoice("NEW", "P03", issued, issued + timedelta(days=30), Decimal(1000))


def test_nothing_after_the_day_changes_the_prediction(told: Prediction) -> None:
    later = [
        Invoice(f"L{n}", "P01", ON + timedelta(days=1 + n), ON + timedelta(days=31), Decimal(5))
        for n in range(20)
    ]
    changed = [
        replace(
            x,
            entries=tuple(
                replace(e, amount=e.amount + 1, credit=True) if e.day > ON else e for e in x.entries
            ),
        )
        for x in company()
    ]
    assert predict(book_of([*changed, *later], ("P05",), ON)) == told


def test_order_of_reading_changes_nothing(told: Prediction) -> None:
    mixed = company()
    np.random.default_rng(3).shuffle(mixed)
    assert predict(book_of(mixed, ("P05",), ON)) == told


def test_cash_is_conserved_and_ranges_hold_it(told: Prediction) -> None:
    cash = told.cash
    book = book_of(company(), (), ON)
    weeks = sum(week.expected for week in cash.weeks)
    assert weeks == pytest.approx(cash.thirteen_weeks.expected, abs=Decimal("0.10"))
    assert float(cash.thirteen_weeks.expected + cash.later) == pytest.approx(
        book.balance[book.open].sum(), abs=0.1
    )
    for span in (*cash.weeks, cash.four_weeks, cash.thirteen_weeks):
        assert 0 <= span.low <= span.expected <= span.high
    assert cash.weeks[0].first == ON + timedelta(days=1)
    assert cash.weeks[3].last == cash.four_weeks.last == ON + timedelta(days=28)
    assert cash.thirteen_weeks.last == ON + timedelta(days=91)
    assert cash.replays >= LEAST_REPLAYS
    assert cash.replays > cash.long_replays > 0


def test_what_is_held_is_on_a_line_of_its_own(told: Prediction) -> None:
    invoices = [
        replace(x, held="disputed" if n % 2 else "insolvent") if n > 440 else x
        for n, x in enumerate(company())
    ]
    cash = predict(book_of(invoices, ("P05",), ON)).cash
    assert set(cash.excluded) == {"disputed", "insolvent"}
    whole = sum(cash.excluded.values(), cash.thirteen_weeks.expected + cash.later)
    assert whole == pytest.approx(
        told.cash.thirteen_weeks.expected + told.cash.later, abs=Decimal("0.10")
    )


def test_credits_are_no_receipts() -> None:
    invoices = [
        Invoice(
            "F1",
            "A",
            START,
            START + timedelta(days=30),
            Decimal(100),
            (
                Entry(START + timedelta(days=9), Decimal(40)),
                Entry(START + timedelta(days=10), Decimal(60), credit=True),
            ),
        )
    ]
    book = book_of(invoices, (), ON)
    came = receipts(book, np.array([0]), START.toordinal(), 2)
    assert came.tolist() == [0, 40]


def test_a_range_needs_past_days() -> None:
    assert range_width([0.1] * (LEAST_REPLAYS - 1), DEFAULT_TOTAL) == DEFAULT_TOTAL
    assert range_width([n / 10 for n in range(9)], DEFAULT_TOTAL) == 0.7
    assert range_width([0.3] * 20, DEFAULT_TOTAL) == 0.3


def test_ranges_cover_about_what_they_say() -> None:
    """A steady company: four weeks forecast on 20 past days, each from what was known then."""
    whole = book_of(company(900), (), ON)
    inside = []
    for back in range(28, 28 + 20 * 7, 7):
        then = whole.known_on(ON.toordinal() - back)
        told = cash_to_come(then, coming(then, then.open, 91))
        came = receipts(whole, np.flatnonzero(whole.issued <= then.on)[then.open], then.on, 4).sum()
        inside.append(told.four_weeks.low <= Decimal(came) <= told.four_weeks.high)
    assert sum(inside) >= 14


def test_slow_invoices_count_for_those_not_seen_yet() -> None:
    """Half pays after 10 days, half after 100: on paid ones alone the fast would prevail."""
    invoices = [
        Invoice(
            f"F{n:03}",
            "A",
            START + timedelta(days=n),
            START + timedelta(days=n + 30),
            Decimal(100),
            (Entry(START + timedelta(days=n + (10 if n % 2 else 100)), Decimal(100)),),
        )
        for n in range(200)
    ]
    book = book_of(invoices, (), START + timedelta(days=200))
    rows = teachable(book)
    slow = book.settled[rows] - book.issued[rows] > 50
    weight = weights(book, rows)
    assert slow.mean() < 0.36
    assert weight[slow].sum() / weight.sum() == pytest.approx(0.5, abs=0.02)


@given(st.lists(st.floats(0, 1), min_size=91, max_size=91))
def test_weeks_share_out_what_is_paid(steps: list[float]) -> None:
    left = np.cumprod(np.array([steps]), axis=1).astype(np.float64)
    shares = weekly(left)
    assert shares.shape == (1, 13)
    assert (shares >= 0).all()
    assert shares.sum() + left[0, -1] == pytest.approx(1)


def test_asking_again_answers_the_same() -> None:
    book = book_of(company(), (), ON)
    rows = counted_on(book)
    today = np.full(len(rows), book.on)
    answers = [Delays(Past(book)).predict(Past(book), rows, today) for _ in range(2)]
    assert answers[0][0].tolist() == answers[1][0].tolist()
    assert answers[0][1].tolist() == answers[1][1].tolist()


def test_scikit_learn_is_imported_by_who_needs_it() -> None:
    code = (
        "import sys; import regisseur.agents.invoice_followup.prediction.outlook;"
        "sys.exit('sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_book_of_some_payers() -> None:
    book: Book = book_of(company(), (), ON)
    some = book.of_payers(np.arange(len(book.payers)) < 3)
    assert set(some.payer) == {0, 1, 2}
    assert some.balance.sum() == book.balance[book.payer < 3].sum()
