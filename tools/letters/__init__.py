"""Letters and statements of account as PDF, laid out by typst; the same value, the same bytes."""

from regisseur.tools.letters.pdf import letter_pdf, statement_pdf
from regisseur.tools.letters.records import (
    AmountLine,
    Letter,
    Letterhead,
    LetterInvoice,
    Payment,
    Statement,
)

__all__ = [
    "AmountLine",
    "Letter",
    "LetterInvoice",
    "Letterhead",
    "Payment",
    "Statement",
    "letter_pdf",
    "statement_pdf",
]
