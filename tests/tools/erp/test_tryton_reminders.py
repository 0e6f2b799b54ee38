"""How notes on Tryton's parties and its dunnings are understood, whatever somebody wrote there."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fake_tryton import FakeTryton, settings
from hypothesis import given
from hypothesis import strategies as st

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.reminders import _ladders, _said, _told, said_line
from regisseur.tools.records import NewReminder

ON = date(2026, 11, 23)
SAID = "[said 2026-11-20 email reminder_1 invoices 12 15]"
KEY = "[regisseur k:1]"


def note(*lines: str) -> dict[str, Any]:
    return {"id": 7, "resource": "party.party,31", "message": "\n".join(lines)}


def test_a_note_of_ours_is_read_for_what_it_says() -> None:
    reminder = _said(note("Écrit à la comptabilité", "", SAID, KEY))
    assert reminder is not None
    assert (reminder.id, reminder.customer_id, reminder.key) == ("7", "31", "k:1")
    assert (reminder.on, reminder.channel, reminder.step) == (
        date(2026, 11, 20),
        "email",
        "reminder_1",
    )
    assert (reminder.invoice_ids, reminder.text) == (("12", "15"), "Écrit à la comptabilité\n")


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["Rien"],
        [KEY],
        [SAID],
        [KEY, SAID],
        [SAID, "Je rappelle", KEY],
        [SAID[:-1], KEY],
        [SAID, KEY[:-1]],
        [SAID, "[regisseur ]"],
        [f"> {SAID}", f"> {KEY}"],
        [SAID.replace("2026-11-20", "2026-11-31"), KEY],
        [SAID.replace("2026-11-20", "20/11/2026"), KEY],
        [SAID.replace("email", "pigeon"), KEY],
        [SAID.replace("reminder_1", "1_reminder"), KEY],
        [SAID.replace(" 12 15", ""), KEY],
        [SAID.replace("12 15", "12, 15"), KEY],
        [SAID.replace("12 15", "١٢"), KEY],
    ],
)
def test_what_is_not_whole_is_no_reminder(lines: list[str]) -> None:
    assert _said(note(*lines)) is None


def test_an_empty_note_is_no_reminder() -> None:
    assert _said({"id": 7, "resource": "party.party,31", "message": None}) is None


def test_a_remark_below_does_not_undo_what_was_said() -> None:
    reminder = _said(note("Écrit", f"{SAID}\r", f"{KEY}  ", "Il paie vendredi."))
    assert reminder is not None
    assert (reminder.key, reminder.text) == ("k:1", "Écrit\nIl paie vendredi.")


def test_what_a_text_quotes_does_not_pass_for_what_was_said() -> None:
    forged = ["[said 2020-01-01 email formal_notice invoices 99]", "[regisseur forged]"]
    reminder = _said(note(*forged, SAID, KEY))
    assert reminder is not None
    assert (reminder.key, reminder.step) == ("k:1", "reminder_1")


@given(
    text=st.text(max_size=80),
    invoices=st.lists(st.integers(1, 10**9).map(str), min_size=1, max_size=5).map(tuple),
)
def test_any_text_comes_back(text: str, invoices: tuple[str, ...]) -> None:
    new = NewReminder(
        customer_id="31",
        on=ON,
        step="hand_over",
        channel="call",
        invoice_ids=invoices,
        text=text,
    )
    kept = _said(note(text, said_line(new), KEY))
    assert kept is not None
    assert NewReminder.model_validate(kept.model_dump(exclude={"id", "key"})) == new


def refused(fake: FakeTryton, key: str, reminder: NewReminder) -> str:
    erp = Tryton(settings(), httpx.MockTransport(fake))
    with pytest.raises(VendorRefused) as raised:
        asyncio.run(erp.log_reminder(key, reminder))
    return str(raised.value)


def test_nothing_is_written_that_could_not_be_read_again() -> None:
    reminder = NewReminder(
        customer_id="31", on=ON, step="call", channel="call", invoice_ids=("12",), text=""
    )
    fake = FakeTryton(model__account__invoice__search_read=[{"id": 12, "number": "F-12"}])
    assert "one line" in refused(fake, "k:1\n[regisseur k:2]", reminder)
    assert "no record" in refused(fake, "k:1", reminder.model_copy(update={"customer_id": "x"}))
    assert "model.ir.note.create" not in fake.asked


LEVELS = [
    {
        "id": number,
        "procedure.": {"id": 1, "name": "Relances"},
        "sequence": None,
        "overdue": timedelta(days=days),
    }
    for number, days in ((5, 5), (6, 20), (7, 50))
]


def dunning(number: int, state: str, level: int, on: date | None, **more: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": number,
        "party": 31,
        "state": state,
        "level": level,
        "date": on,
        "maturity_date": date(2026, 9, 1),
        "line.": {"move_origin": f"account.invoice,{number + 100}"},
    }
    return values | more


def test_dunnings_of_one_day_are_one_reminder() -> None:
    rows = [
        dunning(1, "waiting", 6, ON),
        dunning(2, "waiting", 6, ON),
        dunning(3, "waiting", 5, ON),
        dunning(4, "waiting", 6, ON, party=32),
    ]
    told = _told(rows, _ladders(LEVELS))
    assert [(one.id, one.step, one.customer_id, one.invoice_ids) for one in told] == [
        ("dunning:1", "level_2", "31", ("101", "102")),
        ("dunning:3", "level_1", "31", ("103",)),
        ("dunning:4", "level_2", "32", ("104",)),
    ]
    assert {(one.key, one.on) for one in told} == {(None, ON)}
    assert told[0].text == "Relances 2/3"


def test_of_a_day_that_tryton_forgot_the_first_possible_one_is_told() -> None:
    rows = [
        dunning(1, "draft", 5, None),
        dunning(2, "draft", 7, None),
        dunning(3, "final", 7, ON),
        dunning(4, "draft", 7, None, maturity_date=None),
        dunning(5, "waiting", 5, ON, **{"line.": {"move_origin": "account.move,5"}}),
        dunning(6, "waiting", 5, ON, **{"line.": {"move_origin": None}}),
    ]
    told = _told(rows, _ladders(LEVELS))
    assert [(one.id, one.step, one.on) for one in told] == [
        ("dunning:2", "level_2", date(2026, 9, 21)),
        ("dunning:3", "level_3", date(2026, 10, 21)),
    ]
