"""When a claim lapses, and when a public buyer is late."""

from datetime import date

import pytest

from regisseur.agents.invoice_followup.terms import lapses
from regisseur.tools.records.receivables import PayerKind


@pytest.mark.parametrize(
    ("payer", "last"),
    [
        ("business", date(2030, 5, 14)),
        ("consumer", date(2027, 5, 14)),
        ("unknown", date(2027, 5, 14)),
        ("public", date(2029, 12, 31)),
    ],
)
def test_each_payer_has_its_time(payer: PayerKind, last: date) -> None:
    assert lapses(date(2025, 5, 14), payer) == last


def test_the_time_begins_anew_from_the_last_interruption() -> None:
    acts = [date(2027, 3, 1), date(2026, 2, 1)]

    assert lapses(date(2025, 5, 14), "business", acts) == date(2032, 3, 1)
    assert lapses(date(2025, 5, 14), "business", [date(2024, 1, 1)]) == date(2030, 5, 14)


def test_the_29_february_becomes_the_28() -> None:
    assert lapses(date(2024, 2, 29), "business") == date(2029, 2, 28)
    assert lapses(date(2024, 2, 29), "consumer") == date(2026, 2, 28)
