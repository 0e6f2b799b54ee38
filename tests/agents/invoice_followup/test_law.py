"""Interest to the cent: cases worked by hand, a day-by-day count in fractions, and what must hold."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.agents.invoice_followup.law import (
    Claim,
    ContractRate,
    Debt,
    Rate,
    RateName,
    Rates,
    Refusal,
    claim,
    half_year_of,
    official,
)
from regisseur.agents.invoice_followup.law.wording import line, refused, remarks, summary
from regisseur.tools.records import Message
from regisseur.tools.records.receivables import PayerKind, Settlement
from regisseur.tools.texts import check, plain_spaces, word

DAY = timedelta(days=1)
ZERO = Decimal(0)
FIRST, LAST = date(2023, 1, 1), date(2026, 6, 30)
"""Days whose rates our table holds."""


def paid(day: str, amount: str) -> Settlement:
    return Settlement(on=date.fromisoformat(day), amount=Decimal(amount))


def business(
    amount: str,
    due: str,
    *settlements: Settlement,
    contract: ContractRate | None = None,
    credits: tuple[Settlement, ...] = (),
) -> Debt:
    return Debt(
        amount=Decimal(amount),
        due=date.fromisoformat(due),
        settlements=settlements,
        credits=credits,
        payer="business",
        contract=contract,
    )


def public(amount: str, due: str, *settlements: Settlement) -> Debt:
    return business(amount, due, *settlements).model_copy(update={"payer": "public"})


def claimed(debt: Debt, until: str, rates: Rates | None = None) -> Claim:
    found = claim(debt, date.fromisoformat(until), rates or official())
    assert isinstance(found, Claim), found
    return found


def declined(debt: Debt, until: str, rates: Rates | None = None) -> Refusal:
    found = claim(debt, date.fromisoformat(until), rates or official())
    assert isinstance(found, Refusal), found
    return found


def french(message: Message) -> str:
    check(message)
    return plain_spaces(word(message, "fr_FR", dates="short"))


def test_the_year_end_shows_two_segments_at_one_rate() -> None:
    found = claimed(business("1234.56", "2025-12-13"), "2026-02-10")

    shown = [(s.first, s.last, s.days, s.rate.percent) for s in found.segments]
    assert shown == [
        (date(2025, 12, 14), date(2025, 12, 31), 18, Decimal("12.15")),
        (date(2026, 1, 1), date(2026, 2, 10), 41, Decimal("12.15")),
    ]
    assert [round(s.amount, 4) for s in found.segments] == [Decimal("7.3972"), Decimal("16.8492")]
    assert (found.penalty, found.indemnity, found.total) == (
        Decimal("24.25"),
        Decimal("40.00"),
        Decimal("1298.81"),
    )


def test_a_new_half_year_brings_its_rate() -> None:
    found = claimed(business("7350.40", "2025-05-31"), "2025-08-14")

    assert [(s.days, s.rate.percent) for s in found.segments] == [
        (30, Decimal("13.15")),
        (45, Decimal("12.15")),
    ]
    assert found.penalty == Decimal("189.55")


def test_three_times_the_legal_rate_by_contract() -> None:
    debt = business("12000", "2025-11-30", contract="three_times_legal")

    found = claimed(debt, "2026-03-15")

    assert [(s.days, s.rate.percent) for s in found.segments] == [
        (31, Decimal("8.28")),
        (74, Decimal("7.86")),
    ]
    assert found.penalty == Decimal("275.61")
    assert claimed(business("12000", "2025-11-30"), "2026-03-15").penalty == Decimal("419.42")


def test_a_public_buyers_rate_is_never_reset() -> None:
    found = claimed(public("21500", "2025-05-14"), "2025-07-31")

    assert {s.rate.percent for s in found.segments} == {Decimal("11.15")}
    assert found.penalty == Decimal("512.29")


def test_a_public_buyer_needs_only_the_rate_of_the_beginning() -> None:
    begun = claimed(public("8400", "2026-06-03"), "2026-07-22")
    assert begun.penalty == Decimal("114.46")

    # Interest begins on 1 July, the day after the due date, and not in June.
    late = declined(public("8400", "2026-06-30"), "2026-07-22")
    assert [str(one) for one in late.missing] == ["2026-H2:ecb"]


def test_part_payments_lower_the_base_from_the_next_day() -> None:
    debt = business(
        "9000",
        "2025-08-30",
        paid("2025-12-01", "3000"),
        paid("2025-08-20", "2500"),
        paid("2025-10-10", "3500"),
    )

    found = claimed(debt, "2025-12-01")

    assert [(s.days, s.principal) for s in found.segments] == [
        (41, Decimal(6500)),
        (52, Decimal(3000)),
    ]
    assert (found.penalty, found.principal_due, found.days_late) == (Decimal("140.64"), ZERO, 93)


def test_the_divisor_stays_365_in_leap_years() -> None:
    assert claimed(business("3650", "2023-12-31"), "2024-02-29").penalty == Decimal("87.00")
    # 60 days at 14.50 on 3,650: 10 x 60 x 0.145


def test_paid_on_the_due_date_owes_nothing_more() -> None:
    found = claimed(business("960", "2025-10-31", paid("2025-10-31", "960")), "2026-01-31")

    assert (found.segments, found.penalty, found.indemnity, found.total) == ((), ZERO, ZERO, ZERO)


def test_one_day_late_owes_a_day_and_the_indemnity() -> None:
    found = claimed(business("960", "2025-10-31", paid("2025-11-01", "960")), "2026-01-31")

    assert (found.days_late, found.penalty, found.indemnity) == (1, Decimal("0.32"), Decimal(40))


def test_half_a_cent_goes_up_even_where_no_segment_ends() -> None:
    # 70 and 3 days of 150 at 12.15 %: neither is a finite decimal, together they are 3.645.
    found = claimed(business("150", "2025-10-22"), "2026-01-03")

    with localcontext() as context:
        context.prec = 60
        assert sum(s.amount for s in found.segments) < Decimal("3.645")
    assert found.penalty == Decimal("3.65")


def test_the_callers_decimal_context_changes_nothing() -> None:
    debt = business("7350.40", "2025-05-31", paid("2025-06-10", "0.10"))
    usual = claimed(debt, "2025-08-14")

    with localcontext() as context:
        context.prec, context.rounding = 3, ROUND_DOWN
        narrow = claimed(debt, "2025-08-14")
        sums = (narrow.penalty, [s.amount for s in narrow.segments])

    assert narrow == usual
    assert sums == (usual.penalty, [s.amount for s in usual.segments])


def test_a_credit_note_lowers_the_base_from_the_first_day() -> None:
    debt = business("1500", "2025-09-30", credits=(paid("2025-11-15", "300"),))

    assert claimed(debt, "2025-11-30").segments[0].principal == 1200
    # Nobody knew of it the day before.
    assert claimed(debt, "2025-11-14").segments[0].principal == 1500
    assert claimed(debt, "2025-11-15").principal_due == 1200


def test_an_invoice_credited_in_full_was_never_late() -> None:
    debt = business("500", "2025-09-30", credits=(paid("2025-11-15", "500"),))

    assert claimed(debt, "2025-12-31").total == 0


def test_what_was_paid_too_much_is_not_claimed_and_not_paid_back_here() -> None:
    found = claimed(business("100", "2025-07-31", paid("2025-08-10", "150")), "2025-12-31")

    assert (found.days_late, found.principal_due) == (10, ZERO)


def test_a_payment_taken_back_is_owed_again_from_the_next_day() -> None:
    debt = business("100", "2025-07-31", paid("2025-07-20", "100"), paid("2025-08-05", "-100"))

    found = claimed(debt, "2025-08-15")

    assert [(s.first, s.principal) for s in found.segments] == [(date(2025, 8, 6), Decimal(100))]


def test_a_contract_below_the_floor_is_lifted_and_looked_at() -> None:
    found = claimed(business("5600", "2025-08-01", contract=Decimal(5)), "2025-09-30")

    assert (found.penalty, found.review) == (Decimal("76.22"), ("contract_rate_below_floor",))
    assert found.segments[0].rate.percent == Decimal("8.28")


def test_each_half_year_has_its_own_floor() -> None:
    found = claimed(business("4700", "2024-06-15", contract=Decimal(15)), "2024-08-20")

    assert [(s.rate.percent, s.rate.rule) for s in found.segments] == [
        (Decimal("15.21"), "floor_three_times_legal"),
        (Decimal(15), "contract"),
    ]
    assert found.review


@pytest.mark.parametrize("contract", [Decimal("8.28"), Decimal(10)])
def test_a_contract_at_the_floor_or_above_holds(contract: Decimal) -> None:
    found = claimed(business("5600", "2025-08-01", contract=contract), "2025-09-30")

    assert (found.segments[0].rate.percent, found.review) == (contract, ())


def test_the_floor_lifts_contracts_only() -> None:
    # In the first half of 2024 the floor was 15.21, above ECB + 10.
    found = claimed(business("2500", "2024-01-05"), "2024-03-20")

    assert found.segments[0].rate.percent == Decimal("14.50")


def test_the_indemnity_is_counted_once_an_invoice() -> None:
    second = business("100", "2025-07-31").model_copy(update={"indemnified": True})

    assert claimed(second, "2025-12-31").indemnity == 0


@pytest.mark.parametrize(
    ("contract", "missing"),
    [
        (None, ["2026-H2:ecb"]),
        ("three_times_legal", ["2026-H2:legal_other"]),
        (Decimal(90), ["2026-H2:legal_other"]),
    ],
)
def test_a_missing_rate_refuses_the_sum_and_is_named(
    contract: ContractRate | None, missing: list[str]
) -> None:
    debt = business("3300", "2026-05-31", paid("2026-06-20", "300"), contract=contract)

    found = declined(debt, "2026-07-01")

    assert (found.reason, [str(one) for one in found.missing]) == ("missing_rate", missing)
    assert found.principal_due == 3000
    assert isinstance(claim(debt, date(2026, 6, 30), official()), Claim)


def test_a_rate_that_no_day_needs_may_be_missing() -> None:
    debt = business("3300", "2026-05-31", paid("2026-06-20", "3300"))

    assert claimed(debt, "2026-07-15").penalty == Decimal("21.97")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payer": "consumer"}, "consumer"),
        ({"payer": "unknown"}, "unknown_payer"),
        ({"insolvent": True}, "insolvent"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_where_the_formula_has_no_place_it_is_refused(
    change: dict[str, object], reason: str
) -> None:
    debt = business("500", "2025-07-31", paid("2025-08-31", "100")).model_copy(update=change)

    found = declined(debt, "2025-12-31")

    assert (found.reason, found.principal_due) == (reason, Decimal(400))


def test_who_pays_is_not_guessed() -> None:
    found = claim(Debt(amount=Decimal(1), due=FIRST), date(2025, 1, 1), official())

    assert isinstance(found, Refusal)
    assert found.reason == "unknown_payer"


def test_the_last_day_of_the_calendar_is_no_problem() -> None:
    assert claimed(business("1", "9999-12-31"), "2025-12-31").days_late == 0


def test_a_debt_is_positive_and_a_contract_a_percentage() -> None:
    with pytest.raises(ValidationError):
        business("-1", "2025-01-01")
    with pytest.raises(ValidationError):
        business("1", "2025-01-01", contract=Decimal(-1))


# The table


def test_our_table_ends_where_nobody_has_entered_more() -> None:
    table = official()

    assert {one.half_year for one in table.lines} == {
        f"{year}-H{half}" for year in range(2023, 2027) for half in (1, 2)
    } - {"2026-H2"}
    ecb = [one.percent for one in table.lines if one.name == "ecb"]
    legal = [one.percent for one in table.lines if one.name == "legal_other"]
    assert [str(one) for one in ecb] == ["2.50", "4.00", "4.50", "4.25", "3.15", "2.15", "2.15"]
    assert [str(one) for one in legal] == ["2.06", "4.22", "5.07", "4.92", "3.71", "2.76", "2.62"]
    assert all(one.source for one in table.lines)


def own(name: RateName, percent: str, half_year: str = "2026-H2") -> Rate:
    return Rate(half_year=half_year, name=name, percent=Decimal(percent), source="read by Ms A")


def test_a_companys_line_fills_the_gap() -> None:
    debt = business("3300", "2026-06-30")
    table = official().overridden([own("ecb", "2.00")])

    found = claimed(debt, "2026-07-10", table)

    assert (found.segments[0].rate.percent, found.penalty) == (Decimal(12), Decimal("10.85"))
    assert found.segments[0].rate.reference.source == "read by Ms A"


def test_a_companys_line_wins_over_ours() -> None:
    table = official().overridden([own("ecb", "2.40", "2025-H2")])

    assert table.find("ecb", "2025-H2") == own("ecb", "2.40", "2025-H2")
    assert len(table.lines) == len(official().lines)


def test_two_lines_for_one_rate_are_refused() -> None:
    with pytest.raises(ValidationError, match="ecb of 2026-H2 is there twice"):
        official().overridden([own("ecb", "2.00"), own("ecb", "2.15")])


def test_a_rate_with_the_points_already_added_is_refused() -> None:
    with pytest.raises(ValidationError, match="without the 8 or 10 points"):
        own("ecb", "12.15")


@pytest.mark.parametrize("half_year", ["2026", "2026-H3", "2026-07", "26-H1"])
def test_half_years_are_written_one_way(half_year: str) -> None:
    with pytest.raises(ValidationError):
        own("ecb", "2", half_year)


def test_unconfirmed_lines_are_listed_once() -> None:
    debt = business("100", "2025-07-31", paid("2025-08-10", "1"), contract="three_times_legal")

    found = claimed(debt, "2026-02-28")

    assert [one.half_year for one in found.unconfirmed] == ["2025-H2"]


def test_a_claim_survives_storage() -> None:
    debt = business("9000", "2025-08-30", paid("2025-10-10", "3500"), contract=Decimal(5))
    assert Debt.model_validate_json(debt.model_dump_json()) == debt
    found = claimed(debt, "2025-12-01")

    again = Claim.model_validate_json(found.model_dump_json())

    assert again == found
    assert (again.penalty, again.total) == (found.penalty, found.total)


# In words


def test_a_line_is_shown_as_an_accountant_checks_it() -> None:
    found = claimed(business("1234.56", "2025-12-13"), "2026-02-10")

    assert french(line(found.segments[0], "EUR")) == (
        "du 14/12/2025 au 31/12/2025 : 1 234,56 € × 12,15 % × 18 / 365 = 7,3972 "
        "(taux BCE du 01/07/2025, 2,15 %, + 10 points)"
    )
    assert french(summary(found)) == (
        "24,25 € d’intérêts de retard pour 59 jours, 40,00 € d’indemnité de recouvrement"
    )


@pytest.mark.parametrize(
    ("debt", "words"),
    [
        (public("100", "2025-07-31"), "taux BCE du 01/07/2025, 2,15 %, + 8 points"),
        (
            business("100", "2025-07-31", contract=Decimal(10)),
            "taux du contrat ; 3 × le taux légal de 2,76 % du 2e semestre 2025 n’est pas supérieur",
        ),
        (
            business("100", "2025-07-31", contract=Decimal(5)),
            "3 × le taux légal de 2,76 % du 2e semestre 2025, le contrat prévoyant moins",
        ),
        (
            business("100", "2025-07-31", contract="three_times_legal"),
            "contrat : 3 × le taux légal de 2,76 % du 2e semestre 2025",
        ),
    ],
)
def test_a_rate_says_what_it_rests_on(debt: Debt, words: str) -> None:
    found = claimed(debt, "2025-08-31")

    assert french(line(found.segments[0], "EUR")).endswith(f"({words})")


def test_what_to_know_before_claiming() -> None:
    found = claimed(business("100", "2025-07-31", contract=Decimal(5)), "2025-08-31")

    assert [french(one) for one in remarks(found)] == [
        "Le taux du contrat est inférieur au minimum légal : à vérifier avant de réclamer.",
        "À confirmer dans la source officielle : taux légal du 2e semestre 2025.",
    ]
    confirmed = official().overridden(
        [own("ecb", "2.15", "2025-H2").model_copy(update={"status": "certain"})]
    )
    assert remarks(claimed(business("100", "2025-07-31"), "2025-08-31", confirmed)) == ()


def test_a_refusal_names_what_to_enter() -> None:
    debt = business("3300", "2026-05-31")

    assert french(refused(declined(debt, "2027-01-15"))) == (
        "Aucun intérêt n’est réclamé, car il manque un taux : taux BCE du 01/07/2026, taux BCE du "
        "01/01/2027. À saisir d’après la source officielle ; aucun taux n’est reconduit."
    )
    assert "taux BCE du 01/07/2026 et 8 autres" in french(refused(declined(debt, "2030-12-31")))


@pytest.mark.parametrize(
    "change",
    [{"payer": "consumer"}, {"payer": "unknown"}, {"insolvent": True}, {"currency": "USD"}],
)
def test_each_refusal_has_its_words(change: dict[str, object]) -> None:
    debt = business("500", "2025-07-31").model_copy(update=change)

    assert french(refused(declined(debt, "2025-12-31"))).startswith("Ni intérêt ni indemnité")


# What always holds

days = st.dates(FIRST, LAST)
amounts = st.decimals(0, 50_000, places=2)
payments = st.lists(
    st.builds(Settlement, on=days, amount=st.decimals("0.01", 20_000, places=2)), max_size=5
)
agreed: list[ContractRate | None] = [None, "three_times_legal"]
contracts = st.sampled_from(agreed) | st.decimals(0, 30, places=2)


@st.composite
def debts(draw: st.DrawFn, payers: Sequence[PayerKind] = ("business", "public")) -> Debt:
    # Interest begins the day after, and that day's rate must be known.
    return Debt(
        amount=draw(amounts),
        due=draw(st.dates(FIRST - DAY, LAST - DAY)),
        settlements=tuple(draw(payments)),
        payer=draw(st.sampled_from(payers)),
        contract=draw(contracts),
    )


def day_by_day(debt: Debt, until: date) -> Fraction:
    """The same interest, counted anew for each day in exact fractions."""

    def of(name: RateName, day: date) -> Fraction:
        found = official().find(name, f"{day.year}-H{2 if day >= date(day.year, 7, 1) else 1}")
        assert found is not None
        return Fraction(found.percent)

    total, day = Fraction(0), debt.due + DAY
    while day <= until:
        before = sum(Fraction(one.amount) for one in debt.settlements if one.on < day)
        if debt.payer == "public":
            rate = of("ecb", debt.due + DAY) + 8
        elif debt.contract is None:
            rate = of("ecb", day) + 10
        elif isinstance(debt.contract, str):
            rate = 3 * of("legal_other", day)
        else:
            rate = max(Fraction(debt.contract), 3 * of("legal_other", day))
        total += max(Fraction(debt.amount) - before, Fraction(0)) * rate / 36500
        day += DAY
    return total


@given(debts(), days)
def test_it_is_what_a_count_day_by_day_gives(debt: Debt, until: date) -> None:
    found = claim(debt, until, official())

    assert isinstance(found, Claim)
    cents = int(day_by_day(debt, until) * 100 + Fraction(1, 2))
    assert found.penalty == Decimal(cents) / 100
    assert (found.indemnity > 0) == (found.days_late > 0)


@given(debts(payers=["business"]), st.lists(days, min_size=3, max_size=3, unique=True))
def test_a_time_may_be_split_anywhere(debt: Debt, cuts: list[date]) -> None:
    due, middle, until = sorted(cuts)
    debt = debt.model_copy(update={"due": due})
    whole, before = claim(debt, until, official()), claim(debt, middle, official())
    after = claim(debt.model_copy(update={"due": middle}), until, official())

    assert isinstance(whole, Claim)
    assert isinstance(before, Claim)
    assert isinstance(after, Claim)
    assert whole.days_late == before.days_late + after.days_late
    assert abs(whole.penalty - before.penalty - after.penalty) <= Decimal("0.01")
    assert sum(s.product for s in whole.segments) == sum(
        s.product for s in (*before.segments, *after.segments)
    )


@given(debts(), st.dates(FIRST, LAST - DAY))
def test_another_day_never_lowers_it(debt: Debt, until: date) -> None:
    now, later = claim(debt, until, official()), claim(debt, until + DAY, official())

    assert isinstance(now, Claim)
    assert isinstance(later, Claim)
    assert now.penalty <= later.penalty


@given(debts(), days, st.builds(Settlement, on=days, amount=st.decimals(0, 9_000, places=2)))
def test_a_payment_never_raises_it(debt: Debt, until: date, more: Settlement) -> None:
    paying = debt.model_copy(update={"settlements": (*debt.settlements, more)})
    without, with_it = claim(debt, until, official()), claim(paying, until, official())

    assert isinstance(without, Claim)
    assert isinstance(with_it, Claim)
    assert with_it.penalty <= without.penalty
    assert with_it.total <= without.total


@given(debts(), days, st.randoms(use_true_random=False))
def test_the_order_of_payments_does_not_matter(debt: Debt, until: date, random: Random) -> None:
    mixed = list(debt.settlements)
    random.shuffle(mixed)
    other = debt.model_copy(update={"settlements": tuple(mixed)})

    assert claim(other, until, official()) == claim(debt, until, official())


@given(days, days, contracts)
def test_nothing_owed_is_nothing_late(
    due: date, until: date, contract: ContractRate | None
) -> None:
    found = claim(business("0", due.isoformat(), contract=contract), until, official())

    assert isinstance(found, Claim)
    assert (found.segments, found.total) == ((), ZERO)


@given(debts(), days)
def test_segments_follow_each_other_within_half_years(debt: Debt, until: date) -> None:
    found = claim(debt, until, official())

    assert isinstance(found, Claim)
    for segment in found.segments:
        assert debt.due < segment.first <= segment.last <= until
        assert half_year_of(segment.first) == half_year_of(segment.last)
        assert segment.principal > 0
    for one, following in zip(found.segments, found.segments[1:], strict=False):
        assert one.last < following.first
