"""Sentences in the reader's language: words, figures, and what the sources need translated."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st
from spoken import PACKAGE, catalogues, sentences, sources

from regisseur.tools.records import (
    Day,
    Message,
    Money,
    Number,
    Percent,
    Quantity,
    Rough,
    Speaker,
    Value,
)
from regisseur.tools.texts import (
    catalogue_file,
    check,
    placeholders,
    plain_spaces,
    shown,
    word,
)

LANGUAGES = ("fr",)
say = Speaker("regisseur.tools.actions")


def in_french(message: Message) -> str:
    return plain_spaces(word(message, "fr_FR"))


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (Money.of("1234.565", "EUR"), "1 234,57 €", "€1,234.57"),
        (Money.of("5", "USD"), "5,00 $US", "US$5.00"),
        (Money.of("5000", "JPY"), "5 000 JPY", "JP¥5,000"),
        (Rough(amount=Decimal("4870.5"), currency="EUR"), "4 871 €", "€4,871"),
        (Rough(amount=Decimal(-5000), currency="JPY"), "-5 000 JPY", "-JP¥5,000"),
        (Quantity(value=Decimal("1234.5"), unit="kg"), "1 234,5 kg", "1,234.5 kg"),
        (Quantity(value=Decimal("40.000"), unit="u"), "40 u", "40 u"),
        (Quantity(value=Decimal("-0.0001")), "0", "0"),
        (Number(value=Decimal("3.14159"), digits=2), "3,14", "3.14"),
        (Number(value=Decimal("2.5")), "3", "3"),
        (Percent(value=Decimal("0.05")), "5 %", "5%"),
        (Percent(value=Decimal("0.1234"), digits=1), "12,3 %", "12.3%"),
        (Day(date=date(2026, 11, 23)), "23 nov. 2026", "23 Nov 2026"),
        (12345, "12 345", "12,345"),
        ("as {it} is", "as {it} is", "as {it} is"),
    ],
)
def test_a_value_is_written_as_the_locale_does(value: Value, french: str, english: str) -> None:
    assert plain_spaces(shown(value, "fr_FR")) == french
    assert plain_spaces(shown(value, "en_GB")) == english


def test_the_spaces_of_the_locale_are_kept() -> None:
    text = shown(Money.of("1234", "EUR"), "fr_FR")

    assert text == "1\N{NARROW NO-BREAK SPACE}234,00\N{NO-BREAK SPACE}€"


def test_short_dates_for_tables() -> None:
    assert shown(Day(date=date(2026, 11, 23)), "fr_FR", dates="short") == "23/11/2026"


def test_words_come_from_the_catalogue_of_the_domain() -> None:
    message = say("supplier {supplier}", supplier="Aciéries")

    assert in_french(message) == "fournisseur Aciéries"
    assert word(message, "en_GB") == "supplier Aciéries"


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [(0, "ligne", "lines"), (1, "ligne", "line"), (2, "lignes", "lines")],
)
def test_each_language_counts_its_own_way(count: int, french: str, english: str) -> None:
    message = say.counted(
        "{supplier}: change {count} line of draft {order}",
        "{supplier}: change {count} lines of draft {order}",
        count,
        supplier="S",
        order="7",
    )

    assert in_french(message) == f"S : modifier {count} {french} du brouillon 7"
    assert word(message, "en_GB") == f"S: change {count} {english} of draft 7"


def test_messages_nest_each_in_its_own_domain() -> None:
    outer = Speaker("regisseur.tools")("{what} today", what=say("cancelled"))

    assert in_french(outer) == "annulée today"


def test_a_missing_translation_falls_back_to_english() -> None:
    assert (
        in_french(say("{n} things nobody translated", n=1000)) == "1 000 things nobody translated"
    )


@pytest.mark.parametrize(
    "domain", ["", "nowhere", "json", "regisseur.no.such.room", "regisseur...etc", "a/../b"]
)
def test_a_domain_is_looked_up_and_never_imported(domain: str) -> None:
    assert word(Message(domain=domain, text="order"), "fr_FR") == "order"


def test_an_inner_module_uses_the_catalogue_of_its_package() -> None:
    inner = catalogue_file("regisseur.tools.actions.place_purchase_order.kind", "fr")

    assert inner == catalogue_file("regisseur.tools.actions", "fr") is not None


@given(value=st.text(), text=st.text())
def test_what_a_value_holds_is_never_interpreted(value: str, text: str) -> None:
    message = say("Note on {record}: {text}", record=value, text=text)

    assert word(message, "en_GB") == f"Note on {value}: {text}"


@given(st.text())
def test_any_template_is_worded_without_an_error(template: str) -> None:
    assert word(say(template), "fr_FR") is not None


def test_an_unknown_value_stays_visible_and_fails_the_check() -> None:
    message = say("{outer}", outer=say("{known} and {unknown}", known=1))

    assert word(message, "en_GB") == "1 and {unknown}"
    with pytest.raises(ValueError, match=r"no value for unknown in '\{known\} and"):
        check(message)


@pytest.mark.parametrize("source", sources(), ids=str)
def test_every_sentence_of_the_sources_is_translated(source: Path) -> None:
    untranslated = []
    for sentence in sentences(source):
        assert sentence.texts, f"{source}:{sentence.line}: a template must be a literal"
        for language in LANGUAGES:
            if sentence.texts not in translated(sentence.domain, language):
                untranslated.append(f"{source}:{sentence.line} {language} {sentence.texts[0]!r}")

    assert not untranslated


@pytest.mark.parametrize("catalogue", catalogues(), ids=str)
def test_translations_name_the_same_values(catalogue: Path) -> None:
    with (PACKAGE / catalogue).open("rb") as file:
        entries = [entry for entry in read_po(file, abort_invalid=True) if entry.id]

    for entry in entries:
        templates = forms(entry.id)
        known = set().union(*map(placeholders, templates))
        for translation in forms(entry.string):
            if len(templates) == 1:
                assert placeholders(translation) == known, translation
            else:
                assert placeholders(translation) <= known, translation
    assert entries


def translated(domain: str, language: str) -> set[tuple[str, ...]]:
    file = catalogue_file(domain, language)
    if file is None:
        return set()
    with file.open("rb") as source:
        return {
            forms(entry.id)
            for entry in read_po(source)
            if all(forms(entry.string)) and not entry.fuzzy
        }


def forms(text: object) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)  # type: ignore[arg-type]
