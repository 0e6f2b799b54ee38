"""How long steps take: learned from cycles, drawn together, or taken from the company's table."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.agents.planning.times import Estimate, StepTime, StepTimes, Task, TimesSettings
from regisseur.tools.records import Cycle
from regisseur.tools.texts import plain_spaces, word

ON = date(2026, 11, 24)


def cycle(
    number: int,
    minutes: float,
    quantity: float = 10,
    item: str = "A",
    routing: str = "R",
    centre: str = "C",
    days_ago: int = 0,
    operation: str = "weld",
) -> Cycle:
    return Cycle(
        order_id=str(number),
        item_id=item,
        quantity=Decimal(str(quantity)),
        routing_id=routing,
        operation_id=operation,
        operation="Welding",
        work_centre_id=centre,
        minutes=Decimal(str(minutes)),
        on=ON - timedelta(days=days_ago),
    )


def task(
    quantity: float = 10, item: str = "A", routing: str = "R", operation: str = "weld"
) -> Task:
    return Task(operation, "Welding", item, f"{item} a part", quantity, routing, "Frames", "C")


def known(
    cycles: Sequence[Cycle], asked: Task | None = None, table: TimesSettings | None = None
) -> Estimate:
    estimate = StepTimes(cycles, table or TimesSettings(), ON).of(asked or task())
    assert estimate is not None
    return estimate


def synthetic(seed: int) -> list[Cycle]:
    """30 items with 1 to 5 cycles each; a clock is forgotten now and then."""
    chance = np.random.default_rng(seed)
    fixed, piece = chance.uniform(5, 30), chance.uniform(0.5, 6)
    cycles: list[Cycle] = []
    for item in range(30):
        factor, usual = math.exp(chance.normal(0, 0.35)), chance.integers(5, 80)
        for _ in range(chance.integers(1, 6)):
            quantity = max(1, round(usual * math.exp(chance.normal(0, 0.5))))
            minutes = (fixed + piece * quantity) * factor * math.exp(chance.normal(0, 0.2))
            if chance.random() < 0.03:
                minutes *= chance.uniform(5, 20)
            row = len(cycles), round(minutes, 2), quantity, str(item), f"R{item % 3}"
            cycles.append(cycle(*row, days_ago=int(chance.integers(0, 300))))
    return cycles


def test_it_beats_the_mean_of_the_operation_and_that_of_the_item_in_replay() -> None:
    """Leave one out: mean absolute error of the logarithm, so 0.3 is about 30 %."""
    errors, inside = [], []
    cycles = synthetic(2)
    for left_out in cycles:
        rest = [one for one in cycles if one is not left_out]
        asked = task(float(left_out.quantity), left_out.item_id, left_out.routing_id or "")
        estimate = known(rest, asked)
        all_of_it = [float(one.minutes) for one in rest]
        own = [float(one.minutes) for one in rest if one.item_id == left_out.item_id]
        guesses = (estimate.minutes, np.mean(own or all_of_it), np.mean(all_of_it))
        truth = float(left_out.minutes)
        errors.append([abs(math.log(guess / truth)) for guess in guesses])
        inside.append(estimate.low <= truth <= estimate.high)

    learned, by_item, by_operation = np.mean(errors, axis=0)
    assert learned < 0.6 * by_item < 0.6 * by_operation
    assert 0.7 < np.mean(inside) < 0.9


def test_a_fixed_part_and_minutes_a_piece_are_told_apart() -> None:
    cycles = [
        cycle(n, 30 + 2 * quantity, quantity) for n, quantity in enumerate((2, 5, 10, 40, 80))
    ]

    assert known(cycles, task(5)).minutes == pytest.approx(40, rel=0.08)
    assert known(cycles, task(60)).minutes == pytest.approx(150, rel=0.08)


def test_a_forgotten_clock_hardly_counts() -> None:
    good = [cycle(n, minutes) for n, minutes in enumerate((50, 55, 52, 48, 51))]

    assert known([*good, cycle(9, 900)]).minutes == pytest.approx(known(good).minutes, rel=0.15)


def test_the_more_cycles_an_item_has_the_more_it_goes_its_own_way() -> None:
    others = [cycle(n, 50 + n % 5, item=f"other{n % 8}") for n in range(40)]
    slow = [cycle(100 + n, 150, item="slow") for n in range(12)]

    unknown, once, often = (known([*others, *slow[:n]], task(item="slow")) for n in (0, 1, 12))

    assert unknown.minutes < once.minutes < often.minutes
    assert often.minutes == pytest.approx(150, rel=0.1)
    assert (unknown.level, unknown.cycles) == ("routing", 40)
    assert (once.level, once.cycles) == ("item", 1)
    assert often.spread < once.spread


def test_recent_cycles_weigh_more() -> None:
    slower_of_late = [cycle(n, 40 if n > 5 else 80, days_ago=60 * n) for n in range(12)]

    assert known(slower_of_late).minutes > 65


def test_a_slower_machine_is_known_for_all_items() -> None:
    cycles = [
        cycle(n, 40 * (1 + n % 2), item=f"i{n % 5}", centre=("fast", "slow")[n % 2])
        for n in range(40)
    ]
    asked = Task("weld", "Welding", "new", "new", 10, "R", centre_id="slow")

    assert known(cycles, asked).minutes == pytest.approx(80, rel=0.15)


def test_parts_of_a_step_count_together_and_unfinished_steps_not_at_all() -> None:
    parts = [cycle(n, 30) for n in (1, 2, 3) for _ in range(2)]
    settings = TimesSettings(least_cycles=3)

    assert known(parts).minutes == pytest.approx(60, rel=0.05)
    assert StepTimes(parts, settings, ON, unfinished=[("3", "weld")]).of(task()) is None


@pytest.mark.parametrize(
    "cycles", [[], [cycle(1, 30), cycle(2, 30)], [cycle(n, 0) for n in range(3)]]
)
def test_what_nobody_knows_is_not_guessed(cycles: list[Cycle]) -> None:
    assert StepTimes(cycles, TimesSettings(), ON).of(task()) is None


def test_nothing_takes_no_time_that_could_be_told() -> None:
    assert StepTimes([cycle(n, 30) for n in range(5)], TimesSettings(), ON).of(task(0)) is None


GENERAL = StepTime(operation="Welding", fixed=Decimal(5), per_piece=Decimal(2))
OF_ITEM = StepTime(operation="weld", item="A", per_piece=Decimal(9), setup=Decimal(20))


def test_the_nearest_row_of_the_table_is_taken() -> None:
    table = TimesSettings(table=(OF_ITEM, GENERAL))

    mine, other = known([], table=table), known([], task(item="B"), table)

    assert (mine.source, mine.minutes, mine.setup, mine.level) == ("table", 90, 20, "item")
    assert (other.minutes, other.setup) == (25, 0)
    assert (other.low, other.high) == (17.5, 32.5)


def test_a_row_that_only_sets_up_leaves_the_time_to_others() -> None:
    row = StepTime(operation="weld", item="A", setup=Decimal(15))
    estimate = known([], table=TimesSettings(table=(row, GENERAL)))

    assert (estimate.minutes, estimate.setup) == (25, 15)


def test_cycles_go_before_the_table_unless_it_is_nearer_or_shall_win() -> None:
    own, others = ([cycle(n, 60, item=item) for n in range(5)] for item in "AB")
    wins = GENERAL.model_copy(update={"wins": True})

    assert known(own, table=TimesSettings(table=(OF_ITEM, GENERAL))).source == "history"
    assert known(others, table=TimesSettings(table=(GENERAL,))).source == "history"
    assert known(others, table=TimesSettings(table=(OF_ITEM,))).source == "table"
    assert known(own, table=TimesSettings(table=(wins,))).source == "table"
    assert known(own, table=TimesSettings(table=(GENERAL,), table_wins=True)).source == "table"


@pytest.mark.parametrize(
    "table",
    [
        [{"operation": "Welding"}],
        [{"operation": "Welding", "setup": 5, "wins": True}],
        [{"operation": "Welding", "fixed": -1}],
        [{"operation": "Welding", "fixed": 1}, {"operation": "welding", "fixed": 2}],
    ],
)
def test_a_table_that_says_nothing_or_two_things_is_refused(table: list[dict[str, object]]) -> None:
    with pytest.raises(ValidationError):
        TimesSettings.model_validate({"table": table})


def test_how_sure_it_is_can_be_said() -> None:
    estimate = known([cycle(n, 50 + n) for n in range(14)])
    french = plain_spaces(word(estimate.told(), "fr_FR"))

    assert french.startswith("d’après 14 cycles de cet article, ±")
    assert 0 < estimate.spread < 0.5


finite = st.floats(0.1, 10_000).map(lambda value: round(value, 2))


@given(
    st.lists(st.tuples(finite, finite, st.sampled_from("ABC")), min_size=3, max_size=12),
    finite,
    st.sampled_from("ABX"),
)
@settings(max_examples=25)
def test_whatever_was_reported_gives_an_ordered_positive_range(
    rows: list[tuple[float, float, str]], quantity: float, item: str
) -> None:
    cycles = [cycle(n, *row) for n, row in enumerate(rows)]
    estimate = known(cycles, task(quantity, item))

    assert 0 < estimate.low < estimate.minutes < estimate.high < math.inf


@given(st.floats(20, 500), st.floats(20, 500), st.integers(1, 20))
@settings(max_examples=25)
def test_an_item_lies_between_its_own_cycles_and_those_of_its_routing(
    usual: float, own: float, count: int
) -> None:
    others = [cycle(n, round(usual, 2), item=f"o{n}") for n in range(20)]
    cycles = [*others, *(cycle(50 + n, round(own, 2), item="X") for n in range(count))]
    minutes = known(cycles, task(item="X")).minutes

    low, high = sorted((usual, own))
    assert low * 0.95 <= minutes <= high * 1.05
