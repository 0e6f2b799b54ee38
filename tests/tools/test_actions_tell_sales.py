"""Telling the sales team: one note under the key."""

import asyncio
from datetime import date

import pytest

from regisseur.errors import InvalidInput, OutcomeUnknown
from regisseur.tools.actions.base import Found
from regisseur.tools.actions.noting import Noting
from regisseur.tools.actions.tell_sales import KIND, TellSales
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.texts import check, word


class Shop:
    def __init__(self) -> None:
        self.erp = MemoryERP(today=date(2026, 11, 23))
        self.port = Noting(self.erp, None)
        self.sale = self.erp.record("sale", "SO-7")
        self.arguments = TellSales(
            about=self.sale, topic="late_delivery", text="Steel comes on 7 December."
        )

    def look_up(self) -> Found:
        return asyncio.run(KIND.look_up(self.port, "k", self.arguments))

    def advance(self, found: Found) -> None:
        asyncio.run(KIND.advance(self.port, "k", self.arguments, found))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_it_is_about(shop: Shop) -> None:
    assert KIND.subject(shop.arguments) == f"sale/{shop.sale.id}/late_delivery"
    assert KIND.amount(shop.arguments) is None
    summary = KIND.summary(shop.arguments)
    assert word(summary, "en_GB") == "Note on sale SO-7: Steel comes on 7 December."
    check(summary)
    check(KIND.to_check("k", shop.arguments))
    assert asyncio.run(KIND.drift(shop.port, "k", shop.arguments, [])) == []


def test_one_step_makes_the_note(shop: Shop) -> None:
    nothing = shop.look_up()
    shop.advance(nothing)
    done = shop.look_up()
    shop.advance(nothing)
    shop.advance(done)

    assert (nothing.state, done.state) == ("nothing", "done")
    [note] = shop.erp.records.notes
    assert (note.text, note.key, note.about) == (shop.arguments.text, "k", shop.sale)


def test_other_line_ends_are_the_same_text(shop: Shop) -> None:
    asyncio.run(shop.erp.add_note(shop.sale, "Steel comes\r\non 7 December.\n", "k"))

    assert shop.look_up().state == "done"


def test_another_text_under_the_key_is_a_conflict(shop: Shop) -> None:
    asyncio.run(shop.erp.add_note(shop.sale, "Steel comes tomorrow.", "k"))

    found = shop.look_up()

    assert found.state == "conflict"
    [difference] = found.differences
    assert (difference.was, difference.now) == (shop.arguments.text, "Steel comes tomorrow.")


def test_it_is_not_sent_again_after_a_silence(shop: Shop) -> None:
    shop.erp.commit_late("add_note")
    with pytest.raises(OutcomeUnknown):
        shop.advance(shop.look_up())

    assert shop.look_up().state == "nothing"
    assert not KIND.repeatable


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "   "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"topic": "Late!"}, "topic"),
        ({"about": {"model": "sale"}}, "about.id"),
    ],
)
def test_a_wrong_value_is_named(shop: Shop, values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        KIND.parse(shop.arguments.model_dump(mode="json") | values)

    assert caught.value.field == field


def test_only_the_text_may_be_edited(shop: Shop) -> None:
    data = shop.arguments.model_dump(mode="json")

    assert KIND.edit(shop.arguments, data | {"text": " Soon. "}).text == "Soon."
    with pytest.raises(InvalidInput, match="can't be changed"):
        KIND.edit(shop.arguments, data | {"topic": "other"})
