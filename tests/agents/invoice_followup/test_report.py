"""The agent's page: its figures, its order, its sentences, and that names from outside stay text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from books import ATELIER, ON, Shop
from hypothesis import given
from hypothesis import strategies as st

from regisseur.agents.invoice_followup.findings import MOST_TOLD
from regisseur.graphs.judgement import Section
from regisseur.graphs.report import Report
from regisseur.office.reports import render_html
from regisseur.tools.records import (
    Contact,
    Instalment,
    Invoice,
    Message,
    Rough,
    Settlement,
    UnappliedPayment,
    Value,
)
from regisseur.tools.texts import plain_spaces, shown, word

NASTY = "</p><script>alert(1)</script>\r\nBcc: all@example.org {open} $open"


def english(value: Value | None) -> str:
    return "–" if value is None else plain_spaces(shown(value, "en_GB"))


def section(shop: Shop, title: str) -> Section:
    (found,) = [one for one in shop.judgement.sections if english(one.title) == title]
    return found


def rows(shop: Shop, title: str) -> list[list[str]]:
    table = section(shop, title).table
    assert table is not None
    return [[english(cell) for cell in row] for row in table.rows]


def titles(shop: Shop) -> list[str]:
    return [english(one.title) for one in shop.judgement.sections]


def told(shop: Shop, title: str) -> str:
    return " ".join(english(one) for one in section(shop, title).paragraphs)


def page(shop: Shop, locale: str) -> str:
    judgement = shop.judgement
    at = datetime.combine(shop.on, time(3), UTC)
    report = Report(
        mission_id="m",
        company=ATELIER,
        agent="invoice_followup",
        title=Message(domain="regisseur.agents.invoice_followup", text="Invoice follow-up"),
        on=shop.on,
        created_at=at,
        data_as_of=at,
        headline=judgement.headline,
        findings=judgement.findings,
        held=judgement.held,
        sections=judgement.sections,
        minutes_saved=judgement.minutes_saved,
    )
    return render_html(report, locale)


def paid(
    shop: Shop, customer: str, delays: Sequence[int], amount: str = "1000", every: int = 20
) -> None:
    """Invoices of the past, each paid so many days after its due date, the last one recently."""
    for back, delay in enumerate(reversed(delays)):
        day = shop.on - timedelta(days=5 + every * back)
        due = day - timedelta(days=delay)
        number, total = len(shop.past) + 1, Decimal(amount)
        part = Instalment(id="1", due=due, amount=total, open=Decimal(0))
        shop.past.append(
            Invoice(
                id=f"p{number}",
                number=f"P-{number:04}",
                customer_id=customer,
                currency="EUR",
                issued=due - timedelta(days=30),
                state="paid",
                total=total,
                open=Decimal(0),
                instalments=(part,),
                settlements=(Settlement(on=day, amount=total),),
            )
        )


@pytest.fixture
def shop() -> Shop:
    """A slow customer, a prompt one, and a private person, with a past."""
    made = Shop()
    paid(made, made.customer("Slow"), [28, 30, 32, 30] * 3)
    paid(made, made.customer("Prompt"), [-2, 0, 1, 0] * 3)
    paid(made, made.customer("Private", kind="consumer"), [40, 45, 50])
    return made


def test_the_parts_of_the_page_in_their_order(shop: Shop) -> None:
    shop.invoice("c1", 10, "1200")
    shop.invoice("c2", 40, "300", dispute="wrong colour")
    shop.tell("promise", customer="c2", on=ON - timedelta(days=30))
    assert titles(shop) == [
        "In short",
        "Messages to decide on",
        "What is owed, by age",
        "Cash to come",
        "Who owes most",
        "How fast customers pay",
        "Promises to pay",
        "What was said, and what waits",
        "Who is left alone, and why",
        "How it was judged",
    ]


def test_the_figures_in_short(shop: Shop) -> None:
    shop.invoice("c1", 40, "1200", paid="200")
    shop.invoice("c2", -10, "300")
    shop.invoice("c2", -12, "-50", credit_note=True)
    shop.invoice("c2", -12, "70", currency="USD")
    shop.unapplied.append(
        UnappliedPayment(id="u", customer_id="c3", on=ON, amount=Decimal(30), currency="EUR")
    )
    found = {row[0]: row[1] for row in rows(shop, "In short")}
    assert found["Owed"] == "€1,250.00"
    assert found["Overdue"] == "€1,000.00"
    assert found["Share overdue"] == "80%"
    assert found["At risk"] == "€1,000.00"
    assert found["Payments and credit notes on no invoice yet"] == "€80.00"
    assert told(shop, "In short") == (
        "As of 24 Mar 2026. Payments are known until 23 Mar 2026, 1 day ago. "
        "Not in these figures: US$70.00 owed."
    )


def test_figures_of_four_weeks_ago(shop: Shop) -> None:
    """Then, c1 owed what it has paid since and this invoice, which was not late yet."""
    shop.past.clear()
    paid(shop, "c1", [30], "700")
    shop.invoice("c1", 10, "1200")
    found = {row[0]: row[1:] for row in rows(shop, "In short")}
    assert found["Owed"] == ["€1,200.00", "€1,900.00"]
    assert found["Overdue"] == ["€1,200.00", "€700.00"]


def test_what_asking_may_bring_comes_first_then_small_sums_by_age(shop: Shop) -> None:
    """Prompt owes more, but would pay anyway; a courtesy notice waits longest."""
    shop.settings |= {"plain_below": 500, "procedure": _only_reminders()}
    shop.invoice("c2", -4, "9000")
    for name in ("Small and new", "Small and old"):
        shop.customer(name)
    shop.invoice("c1", 5, "1000")
    shop.invoice("c4", 6, "400")
    shop.invoice("c5", 60, "300")
    names = [row[0] for row in rows(shop, "Messages to decide on")]
    assert names == ["Slow", "Small and old", "Small and new", "Prompt"]


def test_the_slow_payer_is_asked_before_the_prompt_one(shop: Shop) -> None:
    shop.settings |= {"procedure": _only_reminders()}
    shop.invoice("c1", 5, "1000")
    shop.invoice("c2", 5, "1100")
    expected = shop.night.outlook
    chance = {
        one.customer.name: found.unpaid_in_15_days
        for one in shop.night.standings
        if (found := expected.of(one)) is not None
    }
    assert chance["Slow"] > chance["Prompt"]
    order = [one.customer.name for one in shop.night.messages]
    by_effect = sorted(("Slow", "Prompt"), key=lambda name: -_open(shop, name) * chance[name])
    assert order == by_effect == ["Slow", "Prompt"]


def _open(shop: Shop, name: str) -> float:
    return float(sum(one.open for one in shop.night.standings if one.customer.name == name))


def _only_reminders() -> list[dict[str, object]]:
    return [{"name": "courtesy_notice", "after": -5}, {"name": "reminder_1", "after": 5}]


def test_a_proposal_says_how_a_company_pays(shop: Shop) -> None:
    shop.invoice("c1", 10, "1200")
    details = [english(one) for one in shop.proposal("send_reminder").details]
    assert details[0] == (
        "Pays 30 days late on average (12 invoices, 12 of them late), the last time 30 days late."
    )
    assert details[1].startswith("F-2026-0001, due on 14 Mar 2026, €1,200.00; expected around ")
    assert details[1].endswith("%")


@pytest.mark.parametrize("kind", ["consumer", "unknown"])
def test_nothing_is_told_of_how_a_person_pays(shop: Shop, kind: str) -> None:
    """Nor of anybody of whom the ERP doesn't say that it is none."""
    shop.customers[2] = shop.customers[2].model_copy(update={"kind": kind})
    shop.invoice("c3", 10, "1200")
    details = [english(one) for one in shop.proposal("send_reminder").details]
    assert details == ["F-2026-0001, due on 14 Mar 2026, €1,200.00"]
    assert rows(shop, "Who owes most")[0][4] == "–"


def test_a_new_customer_is_expected_to_do_what_all_do(shop: Shop) -> None:
    shop.invoice(shop.customer("New"), 10, "1200")
    assert "has not paid an invoice yet" in english(shop.proposal("send_reminder").details[0])


def test_what_is_not_counted_on_is_told_with_its_reason(shop: Shop) -> None:
    shop.invoice("c1", 10, "100", dispute="wrong colour")
    shop.invoice("c1", 10, "200", status=210)
    shop.invoice("c1", 10, "400", factored=True)
    shop.invoice("c2", 10, "800")
    shop.tell("insolvency", customer="c2", opened_on=ON)
    gone = shop.invoice("c3", 10, "1600")
    shop.tell("triage", customer="c3", invoices=[gone], verdict="doubtful")
    there = shop.invoice("c3", 10, "3200")
    shop.tell("triage", customer="c3", invoices=[there], verdict="paid")
    shop.invoice("c3", 10, "50")
    cash = told(shop, "Cash to come")
    for amount in (
        "€100.00 disputed",
        "€200.00 refused",
        "€400.00 sold to the factor",
        "€800.00 of insolvent customers",
        "€1,600.00 doubtful",
        "€3,200.00 probably paid already",
    ):
        assert amount in cash
    prediction = shop.night.outlook.prediction
    assert prediction is not None
    assert prediction.cash.thirteen_weeks.high <= 50


def test_a_short_history_and_its_range_are_told(shop: Shop) -> None:
    shop.invoice("c1", 10, "1200")
    cash = told(shop, "Cash to come")
    assert "The history is short (24 paid invoices)" in cash
    assert "half of the sum either side" in cash
    by_due = rows(shop, "Cash to come")[0]
    assert by_due[0] == "31 Mar 2026"
    assert by_due[-1] == "€1,200"


def test_accounts_of_one_legal_person_are_one_debtor(shop: Shop) -> None:
    for name in ("Store", "Head office"):
        shop.customer(name, registration="552100554")
    shop.invoice("c1", 10, "1000")
    shop.invoice("c4", 10, "600")
    shop.invoice("c5", -10, "700")
    found = rows(shop, "Who owes most")
    assert [row[:4] for row in found] == [
        ["Slow", "€1,000.00", "€1,000.00", "10"],
        ["Head office (2 accounts)", "€600.00", "€1,300.00", "10"],
    ]
    assert [row[5] for row in found] == ["first reminder", "first reminder"]


def test_how_much_the_largest_debtors_owe_of_what_is_overdue() -> None:
    shop = Shop()
    for amount in ("100", "100", "100", "100", "200", "300", "100"):
        shop.invoice(shop.customer("C"), 10, amount)
    assert told(shop, "Who owes most") == (
        "7 customers are late; the first 3 owe 60% of what is overdue."
    )


def test_promises_kept_broken_and_running(shop: Shop) -> None:
    first, second = shop.invoice("c1", 20, "1000"), shop.invoice("c2", 20, "500")
    said = ON - timedelta(days=20)
    for customer, invoices, on in (
        ("c3", ["p27"], ON - timedelta(days=6)),
        ("c1", [first], ON - timedelta(days=8)),
        ("c2", [second], ON + timedelta(days=2)),
    ):
        shop.tell("promise", customer=customer, invoices=invoices, on=on)
        at = datetime.combine(said, time(9), UTC)
        shop.told[-1] = shop.told[-1].model_copy(update={"at": at})
    paid_on = {one.id: one.settlements[0].on for one in shop.past}
    assert paid_on["p27"] < said < paid_on["p25"]
    assert told(shop, "Promises to pay") == "0 kept, 1 broken, 1 still run."
    shop.told[0] = shop.told[0].model_copy(
        update={"body": shop.told[0].body | {"invoices": ["p25"]}}
    )
    assert told(shop, "Promises to pay") == "1 kept, 1 broken, 1 still run."
    assert rows(shop, "Promises to pay") == [
        ["Slow", "16 Mar 2026", "F-2026-0001", "€1,000.00", "broken"],
        ["Prompt", "26 Mar 2026", "F-2026-0002", "€500.00", "still runs"],
    ]
    assert shop.finding("broken_promise").subject == "c1"


def test_a_promise_of_a_part_is_kept_by_that_part() -> None:
    shop = Shop()
    shop.customer("Slow")
    paid_part = Settlement(on=ON - timedelta(days=3), amount=Decimal(400))
    shop.invoice("c1", 20, "1000", open=Decimal(600), settlements=(paid_part,))
    shop.tell("promise", customer="c1", on=ON - timedelta(days=2), amount="400")
    early = datetime.combine(ON - timedelta(days=9), time(9), UTC)
    shop.told[0] = shop.told[0].model_copy(update={"at": early})
    assert told(shop, "Promises to pay").startswith("1 kept")
    shop.told[0] = shop.told[0].model_copy(update={"body": shop.told[0].body | {"amount": "401"}})
    assert told(shop, "Promises to pay") == "0 kept, 0 broken, 1 still run."


def test_a_promise_replaced_before_its_day_is_neither(shop: Shop) -> None:
    shop.invoice("c1", 20, "1000")
    for ago, on in ((20, ON - timedelta(days=10)), (12, ON + timedelta(days=4))):
        shop.tell("promise", customer="c1", on=on)
        at = datetime.combine(ON - timedelta(days=ago), time(9), UTC)
        shop.told[-1] = shop.told[-1].model_copy(update={"at": at})
    assert told(shop, "Promises to pay") == "0 kept, 0 broken, 1 still run."
    assert not [one for one in shop.judgement.findings if one.tag == "broken_promise"]


def test_what_was_said_and_what_nobody_confirmed(shop: Shop) -> None:
    first = shop.invoice("c1", 30, "1000")
    shop.said("c1", [first], "reminder_1", 20)
    shop.said("c1", [first], "reminder_2", 5)
    key = shop.said("c1", [first], "formal_notice", 4, channel="letter")
    found = {row[0]: row[1:] for row in rows(shop, "What was said, and what waits")}
    assert found == {
        "first reminder": ["0", "1", "0", "0"],
        "second reminder": ["1", "1", "0", "0"],
        "formal notice": ["0", "0", "1", "0"],
    }
    shop.tell("posted", customer="c1", key=key, on=ON - timedelta(days=3))
    assert rows(shop, "What was said, and what waits")[-1] == ["formal notice", "1", "1", "0", "0"]


def test_who_is_left_alone_is_counted_by_reason(shop: Shop) -> None:
    shop.invoice("c1", 10, "100", dispute="x")
    shop.invoice("c1", 12, "100", dispute="y")
    shop.invoice("c2", 12, "50", dispute="x")
    shop.invoice("c3", 12, "400", blocked=True)
    assert rows(shop, "Who is left alone, and why") == [
        ["reminders are blocked in the ERP", "1", "1", "€400.00"],
        ["disputed", "2", "3", "€250.00"],
    ]


def test_only_the_largest_of_a_reason_are_told_one_by_one() -> None:
    shop = Shop()
    for number in range(MOST_TOLD + 5):
        shop.invoice(shop.customer(f"C{number}"), 10, str(100 + number), dispute="x")
    found = shop.judgement.held
    assert len(found) == MOST_TOLD + 1
    assert {one.subject for one in found} == {f"c{n}" for n in range(6, 26)} | {None}
    assert english(found[-1].message) == "disputed: 5 more, with 5 invoices"


def test_the_headline(shop: Shop) -> None:
    shop.invoice("c1", 10, "1200")
    headline = english(shop.judgement.headline)
    assert headline.startswith("€1,200.00 overdue; one message to decide on; ")
    assert headline.endswith("; €899 expected in four weeks.")


def test_what_the_morning_pack_takes_from_it(shop: Shop) -> None:
    shop.invoice("c1", 10, "1200")
    shop.invoice("c2", 3, "50", dispute="x")
    judgement = shop.judgement

    figures = {one.tag: one for one in judgement.figures}
    assert figures["overdue"].value == Rough(amount=Decimal(1250), currency="EUR")
    then = shop.night.ledger.overdue(ON - timedelta(weeks=1))
    assert figures["overdue"].week_ago == Rough(amount=then, currency="EUR")
    assert [english(one) for one in judgement.freshness] == ["payments until 23 Mar 2026"]
    (proposal,) = judgement.proposals
    assert proposal.otherwise is not None
    assert english(proposal.otherwise) == "10 days late"
    (held,) = judgement.held
    assert held.why is not None
    assert (english(held.why), held.count, held.unjudged) == ("disputed", 1, False)


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_empty_books(locale: str) -> None:
    shop = Shop()
    assert titles(shop) == ["In short", "What is owed, by age", "How it was judged"]
    assert english(shop.judgement.headline) == "No invoice is open: nothing is owed."
    assert not shop.judgement.held
    assert "<svg" not in page(shop, locale)
    shop.customer("Only")
    shop.invoice("c1", 10)
    assert page(shop, locale).count("<svg") == 2 * 2  # ages and cash, wide and narrow


def test_books_in_another_currency_only() -> None:
    shop = Shop()
    shop.customer("X")
    shop.invoice("c1", 10, "1000", currency="USD")
    assert "US$1,000.00 owed" in told(shop, "In short")
    assert rows(shop, "Messages to decide on")[0][2] == "US$1,000.00"
    assert "Cash to come" not in titles(shop)
    assert "<svg" not in page(shop, "fr_FR")


def test_an_invoice_of_a_customer_that_the_erp_does_not_list() -> None:
    shop = Shop()
    shop.invoice("ghost", 10, "1000")
    assert rows(shop, "In short")[1][1] == "€1,000.00"
    prediction = shop.night.outlook.prediction
    assert prediction is not None
    assert [one.habit for one in prediction.invoices.values()] == [None]


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_names_from_outside_stay_text(locale: str) -> None:
    shop = Shop()
    seller = Contact(id="s", name=NASTY, email="ana@atelier.example")
    shop.customer(NASTY, salesperson=seller)
    shop.customer(NASTY)
    shop.invoice("c1", 10, number=NASTY, dispute=NASTY)
    shop.invoice("c2", 10, number=NASTY, reference=NASTY)
    shop.invoice("c2", -100, number=NASTY)
    shop.tell("promise", customer="c2", on=ON - timedelta(days=9), comment=NASTY)
    shop.told[-1] = shop.told[-1].model_copy(
        update={"at": datetime.combine(ON - timedelta(days=15), time(9), UTC)}
    )
    shown_page = page(shop, locale)
    assert "<script" not in shown_page
    assert "&lt;/p&gt;&lt;script&gt;" in shown_page
    assert "{open} $open" in shown_page


@given(
    debts=st.lists(
        st.tuples(
            st.integers(-60, 400),
            st.integers(1, 90_000),
            st.sampled_from(["EUR", "USD"]),
            st.sampled_from(["business", "consumer", "public"]),
        ),
        max_size=5,
    ),
    history=st.lists(st.integers(-10, 60), max_size=4),
)
def test_any_books_make_a_page(debts: list[tuple[int, int, str, str]], history: list[int]) -> None:
    shop = Shop()
    for late, cents, currency, kind in debts:
        customer = shop.customer("X", kind=kind)
        paid(shop, customer, history)
        shop.invoice(customer, late, str(Decimal(cents) / 100), currency=currency)
    judgement = shop.judgement
    for one in judgement.sections:
        for sentence in (one.title, *one.paragraphs, *(x.alternative for x in one.pictures)):
            assert "{" not in word(sentence, "fr_FR")
    total = sum((x.amount for x in shop.night.buckets), Decimal(0))
    assert total == sum((x.open for x in shop.invoices if x.currency == "EUR"), Decimal(0))


def test_the_day_of_the_night_is_the_only_clock(shop: Shop) -> None:
    shop.invoice("c1", 10, "1200")
    before = shop.judgement
    assert shop.judgement == before
    shop.on = date(2026, 3, 31)
    assert "As of 31 Mar 2026" in told(shop, "In short")
