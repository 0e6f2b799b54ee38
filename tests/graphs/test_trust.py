"""What a record earns: rarely, never too much, and never after something went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from desk import ON
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from regisseur.graphs.policy import Mode
from regisseur.graphs.trust import (
    Advice,
    Band,
    Case,
    Outcome,
    TrustSettings,
    band_of,
    demoted,
    promoted,
    records,
    tally,
)

USUAL = TrustSettings()


def case(
    outcome: Outcome = "unedited", amount: int | None = 100, *, day: int = 0, **more: Any
) -> Case:
    size = None if amount is None else Decimal(amount)
    usual: dict[str, Any] = {"mode": "ask", "money": amount is not None}
    return Case(
        "clerk", "order", size, outcome=outcome, day=ON - timedelta(days=day), **(usual | more)
    )


def good(count: int = 20, amount: int | None = 100, **more: Any) -> list[Case]:
    return [case(amount=amount, day=number % 7, **more) for number in range(count)]


def earned(cases: Sequence[Case], mode: Mode = "ask") -> tuple[Mode, Decimal | None] | None:
    advice = promoted("clerk", "order", mode, cases, USUAL)
    return None if advice is None else (advice.mode, advice.up_to)


def lost(cases: Sequence[Case], mode: Mode = "auto") -> Advice | None:
    return demoted("clerk", "order", mode, cases, USUAL)


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        (good(), ("veto", Decimal(500))),
        (good(19), None),
        ([*good(19), case("edited")], ("veto", Decimal(500))),
        ([*good(18), case("edited"), case("rejected", reason="not_now")], None),
        ([case(day=0) for _ in range(50)], None),
        ([*good(), case(failed=True)], None),
        ([*good(), case(regretted=True)], None),
        ([*good(), case("expired")], ("veto", Decimal(500))),
        ([*good(), *good(4, 1900)], ("veto", Decimal(2000))),
        ([*good(), *good(3, 1900), case("rejected", 1900)], ("veto", Decimal(500))),
        ([*good(5), *good(15, 9000)], ("veto", Decimal(10000))),
        (good(40, 90_000), None),
        (good(20, None), ("veto", None)),
        ([*good(20, None), case(amount=5)], None),
        (good(20, None, money=True), None),
    ],
    ids=str,
)
def test_asking_becomes_a_window(
    cases: list[Case], expected: tuple[Mode, Decimal | None] | None
) -> None:
    assert earned(cases) == expected


def test_a_window_becomes_automatic_by_windows_alone() -> None:
    assert earned(good(), "veto") is None, "they were asked about"
    unopposed = good(20, outcome="unopposed", mode="veto")
    assert earned(unopposed, "veto") == ("auto", Decimal(500))
    assert earned([*unopposed, *[case("rejected", mode="veto")] * 2], "veto") is None
    assert earned(good(99, outcome="unasked", mode="auto"), "auto") is None


def test_what_was_only_looked_at_is_asked_about() -> None:
    seen = good(20, 90_000, outcome="shadow", mode="shadow")
    assert earned(seen, "shadow") == ("ask", None)
    assert earned([*seen, *[case("rejected", mode="shadow")] * 2], "shadow") is None


def test_what_goes_wrong_asks_again() -> None:
    fine = good(20, outcome="unasked", mode="auto")
    assert lost(fine) is None
    assert lost([*fine, case("unasked", failed=True)]) is None
    assert lost([*fine, *[case("unasked", failed=True)] * 2]) is not None
    assert lost([*fine, case("unasked", regretted=True)]) is not None
    assert lost([*fine, *[case("edited")] * 4]) is None, "four are too few to judge"
    disliked = lost([*fine, *[case("edited")] * 2, *[case()] * 3])
    assert disliked is not None
    assert disliked.mode == "ask"
    assert lost([case("edited")] * 9, "ask") is None, "it asks already"


OUTCOMES: tuple[Outcome, ...] = (
    "unedited", "edited", "rejected", "unopposed", "unasked", "shadow", "expired",
)  # fmt: skip
CASES = st.lists(
    st.builds(
        case,
        st.sampled_from(OUTCOMES),
        st.sampled_from([None, 1, 500, 501, 1999, 2000, 10_000, 10_001]),
        day=st.integers(0, 9),
        mode=st.sampled_from(["shadow", "ask", "veto", "auto"]),
        failed=st.booleans(),
        regretted=st.booleans(),
    ),
    max_size=12,
)
EAGER = TrustSettings(least=2, least_days=1, unedited=Decimal("0.5"))


@given(cases=CASES, mode=st.sampled_from(["shadow", "ask", "veto", "auto"]))
def test_a_promotion_is_one_step_and_bears_its_own_evidence(cases: list[Case], mode: Mode) -> None:
    advice = promoted("clerk", "order", mode, cases, EAGER)
    if advice is None:
        return
    assert (mode, advice.mode) in (("shadow", "ask"), ("ask", "veto"), ("veto", "auto"))
    record = advice.record
    if mode == "shadow":
        return
    assert not record.failed
    assert not record.regretted
    assert record.taken is not None
    assert record.taken >= EAGER.unedited
    if any(one.money for one in cases):
        assert advice.up_to in EAGER.bands, "where money moves there is a ceiling"


@given(cases=CASES)
def test_every_case_is_counted_once(cases: list[Case]) -> None:
    lines = records(cases, USUAL.bands)
    assert len({(one.agent, one.kind, one.band) for one in lines}) == len(lines)
    total = tally("clerk", "", cases)
    for name in ("unedited", "edited", "refused", "unopposed", "unasked", "shadow", "failed"):
        assert sum(getattr(one, name) for one in lines) == getattr(total, name)
    assert total.decided + total.unopposed + total.unasked + total.shadow + total.expired == len(
        cases
    )


def test_a_band_ends_with_its_amount() -> None:
    sizes = [band_of(case(amount=one), USUAL.bands) for one in (500, 501, -2000, 10_001)]
    assert sizes == [
        Band(None, Decimal(500)),
        Band(Decimal(500), Decimal(2000)),
        Band(Decimal(500), Decimal(2000)),
        Band(Decimal(10000), None),
    ]
    assert band_of(replace(case(), amount=None), USUAL.bands) == Band()


@pytest.mark.parametrize("bands", [(0, 5), (5, 5), (9, 5)])
def test_bands_rise(bands: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError, match="more than the one before"):
        TrustSettings(bands=tuple(map(Decimal, bands)))
