"""Letters and statements as they are printed: read back from the PDF."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pypdfium2
import pytest
from pydantic import ValidationError

from regisseur.tools.letters import (
    AmountLine,
    Letter,
    Letterhead,
    LetterInvoice,
    Payment,
    Statement,
    letter_pdf,
    statement_pdf,
)
from regisseur.tools.records import Money
from regisseur.tools.texts import plain_spaces

MM = 72 / 25.4
HEIGHT = 297 * MM
ADDRESS = (
    "Mécanique du Rhône SARL",
    "Service comptabilité",
    "45 avenue Jean Jaurès",
    "69600 Oullins",
)
MARKUP = [
    '#read("/etc/passwd")',
    "*bold* _italic_ `raw`",
    '$x^2$ #import "@preview/x:1.0": *',
    "<label> @reference // comment /* note */",
    "\\u{1F600} \\ [content] {code} ~ -- ---",
    "= Heading - list + enum / term: x",
    "\"quoted\" 'single'",
]


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def invoice(number: str = "F-100", open: str = "834.56", **changes: Any) -> LetterInvoice:
    return LetterInvoice(
        **{
            "number": number,
            "issued": date(2025, 10, 14),
            "due": date(2025, 12, 13),
            "amount": euros("1234.56"),
            "open": euros(open),
            "days_late": 59,
            **changes,
        }
    )


HEAD = Letterhead(
    name="Atelier Dupont SAS",
    address=("12 rue de l’Industrie", "69007 Lyon"),
    contact=("compta@atelier.example",),
    legal="SAS au capital de 50 000 € · RCS Lyon 552 100 554",
)
PAYMENT = Payment(
    holder="Atelier Dupont SAS",
    iban="FR7630006000011234567890189",
    bic="AGRIFRPP",
    reference="C-42",
)


def letter(**changes: Any) -> Letter:
    return Letter(
        **{
            "on": date(2026, 2, 10),
            "letterhead": HEAD,
            "recipient": ADDRESS,
            "place": "Lyon",
            "mention": "Lettre recommandée n° 1A 123 456",
            "references": (("Notre référence", "R-17"),),
            "subject": "mise en demeure",
            "opening": ("Madame, Monsieur,", "Les factures suivantes restent impayées."),
            "invoices": (invoice(), invoice("F-101", "1234.56", days_late=0)),
            "claims": (
                AmountLine(text="Pénalités", amount=euros("24.25")),
                AmountLine(text="Indemnité", amount=euros("80")),
            ),
            "closing": ("Nos salutations distinguées.",),
            "signatory": ("Claire Dupont", "Directrice"),
            "payment": PAYMENT,
            "enclosures": ("2 factures", "un relevé"),
            **changes,
        }
    )


def statement(**changes: Any) -> Statement:
    return Statement(
        **{
            "language": "en_GB",
            "on": date(2026, 2, 10),
            "letterhead": HEAD,
            "recipient": ADDRESS,
            "account": "C-42",
            "invoices": (invoice(), invoice("F-101")),
            "ageing": (AmountLine(text="30 to 60 days", amount=euros("1669.12")),),
            "payment": PAYMENT,
            **changes,
        }
    )


@contextmanager
def opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def pages(pdf: bytes) -> list[str]:
    """The text of each page on one line, with plain spaces."""
    with opened(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return [" ".join(plain_spaces(text).split()) for text in texts]


def boxes(pdf: bytes, words: str) -> list[tuple[float, float, float, float]]:
    """Left, bottom, right, top of each place on the first page where the words stand."""
    found = []
    with opened(pdf) as document:
        text = document[0].get_textpage()
        search = text.search(words)
        while (at := search.get_next()) is not None:
            first, last = text.get_charbox(at[0]), text.get_charbox(at[0] + at[1] - 1)
            found.append((first[0], first[1], last[2], first[3]))
    return found


def test_a_french_letter_says_everything() -> None:
    (text,) = pages(letter_pdf(letter()))

    for words in (
        "Atelier Dupont SAS",
        "Mécanique du Rhône SARL",
        "Lyon, le 10 février 2026",
        "Notre référence : R-17",
        "Lettre recommandée n° 1A 123 456",
        "Objet : mise en demeure",
        "F-100 14/10/2025 13/12/2025 59 1 234,56 € 400,00 € 834,56 €",
        "F-101 14/10/2025 13/12/2025 – 1 234,56 € – 1 234,56 €",
        "Total des factures 2 469,12 € 400,00 € 2 069,12 €",
        "Pénalités 24,25 €",
        "Indemnité 80,00 €",
        "Total à payer 2 173,37 €",
        "IBAN FR76 3000 6000 0112 3456 7890 189",
        "Référence à indiquer C-42",
        "Claire Dupont",
        "Pièces jointes : 2 factures, un relevé",
        "RCS Lyon 552 100 554",
        "1 / 1",
    ):
        assert words in text, words


def test_an_english_statement_says_everything() -> None:
    (text,) = pages(statement_pdf(statement()))

    for words in (
        "Statement of account",
        "10 February 2026",
        "Your account: C-42",
        "Invoice Dated Due Days late Amount Received To pay",
        "F-100 14/10/2025 13/12/2025 59 €1,234.56 €400.00 €834.56",
        "Total of the invoices €2,469.12 €800.00 €1,669.12",
        "By age 30 to 60 days €1,669.12",
        "How to pay Account of Atelier Dupont SAS",
    ):
        assert words in text, words


def test_a_statement_of_nothing() -> None:
    (text,) = pages(statement_pdf(statement(invoices=(), ageing=(), payment=None, account="")))

    assert "Nothing is open on this day." in text
    assert "Your account" not in text
    assert "IBAN" not in text


def test_a_letter_of_words_only() -> None:
    (text,) = pages(
        letter_pdf(
            letter(invoices=(), claims=(), payment=None, mention="", signatory=(), enclosures=())
        )
    )

    assert "Madame, Monsieur," in text
    assert "Facture" not in text
    assert "Total" not in text


@pytest.mark.parametrize("words", MARKUP)
def test_whatever_looks_like_markup_is_printed_as_it_is(words: str) -> None:
    text = " ".join(
        pages(
            letter_pdf(
                letter(
                    recipient=(words,),
                    subject=words,
                    mention=words,
                    references=((words, words),),
                    opening=(words,),
                    closing=(words,),
                    invoices=(invoice(number=words),),
                    claims=(AmountLine(text=words, amount=euros("1")),),
                    signatory=(words,),
                    enclosures=(words,),
                    payment=Payment(holder=words, iban="FR76", reference=words),
                )
            )
        )
    )

    assert text.replace(" ", "").count(words.replace(" ", "")) >= 10


def test_the_address_stands_in_the_window() -> None:
    pdf = letter_pdf(letter())

    ((left, _, _, top),) = boxes(pdf, ADDRESS[0])
    ((_, bottom, _, _),) = boxes(pdf, ADDRESS[-1])
    assert 100 * MM < left < 115 * MM
    assert HEIGHT - top > 45 * MM
    assert HEIGHT - bottom < 85 * MM


def test_the_longest_address_stays_in_the_window() -> None:
    lines = [f"{n} Société Anonyme des Établissements Réunis " * 3 for n in range(7)]
    pdf = letter_pdf(letter(recipient=lines))

    top = max(box[3] for box in boxes(pdf, "0 Société"))
    bottom = min(box[1] for box in boxes(pdf, "6 Société"))
    assert HEIGHT - top > 45 * MM
    assert HEIGHT - bottom < 85 * MM


def test_amounts_end_on_one_line_at_the_right() -> None:
    pdf = letter_pdf(letter(claims=(AmountLine(text="Pénalités", amount=euros("12345.67")),)))

    ends = [
        max(box[2] for box in boxes(pdf, end)) for end in ("834,56", "069,12", "345,67", "414,79")
    ]
    assert max(ends) - min(ends) < 2.5


def test_a_long_statement_repeats_its_head_and_numbers_its_pages() -> None:
    texts = pages(statement_pdf(statement(invoices=[invoice(f"F-{n}") for n in range(200)])))

    assert len(texts) > 3
    for number, text in enumerate(texts, start=1):
        assert f"{number} / {len(texts)}" in text
    assert all("Invoice Dated Due" in text for text in texts[:-1])
    assert sum(text.count("14/10/2025") for text in texts) == 200


def test_the_same_letter_makes_the_same_bytes_in_every_process() -> None:
    code = (
        "import sys; sys.stdout.buffer.write(__import__('regisseur.tools.letters', fromlist=['x'])"
        ".letter_pdf(__import__('regisseur.tools.letters', fromlist=['x'])"
        ".Letter.model_validate_json(sys.stdin.read())))"
    )
    other = subprocess.run(
        [sys.executable, "-c", code],
        input=letter().model_dump_json().encode(),
        capture_output=True,
        check=True,
    )

    assert letter_pdf(letter()) == other.stdout
    assert letter_pdf(letter(subject="autre")) != other.stdout


def test_it_is_pdf_a_and_says_what_it_is() -> None:
    pdf = letter_pdf(letter())

    assert b"pdfaid:part" in pdf
    with opened(pdf) as document:
        about = document.get_metadata_dict()
    assert about["Title"] == "mise en demeure"
    assert about["Author"] == "Atelier Dupont SAS"
    assert about["CreationDate"].startswith("D:20260210")


def test_names_of_other_scripts_have_their_letters() -> None:
    (text,) = pages(letter_pdf(letter(recipient=("Łódź Ωμέγα Привет ﬁn",), claims=())))

    assert "Łódź Ωμέγα Привет" in text


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"recipient": ()}, "recipient"),
        ({"recipient": ("", "")}, "address"),
        ({"recipient": tuple("12345678")}, "address"),
        ({"subject": ""}, "subject"),
        ({"language": "français"}, "language"),
        ({"claims": (AmountLine(text="x", amount=Money.of(1, "USD")),)}, "one currency"),
        ({"invoices": (invoice(open="1"), invoice(amount=Money.of(1, "USD")))}, "currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_letter(changes: dict[str, Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        letter(**changes)


def test_line_breaks_and_controls_in_names_become_spaces() -> None:
    (text,) = pages(letter_pdf(letter(subject="a\r\nb\x00c\u202e", opening=("one\r\ntwo\x07",))))

    assert "Objet : a b c" in text
    assert "one two" in text


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, regisseur.tools.letters, regisseur.tools.mail; print('typst' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert said.stdout.strip() == "False"
