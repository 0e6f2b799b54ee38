"""Text from outside made harmless where only one line of it belongs."""

from __future__ import annotations

import re
import unicodedata

LONGEST_LINE = 300
"""Characters that are kept; a longer text is cut with an ellipsis."""

_BREAKING = {"Cc", "Zl", "Zp"}
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_ODD = re.compile(r"  |=\?")
"""What is printable and changed all the same."""


def one_line(text: str) -> str:
    """Text from outside as one harmless line: no line breaks, no control or reordering characters.

    Breaks become spaces, what can't be written as UTF-8 becomes ``?``, and nothing is left that a
    mail program takes for an encoded word. Never refuses: an odd name in an ERP must not keep a
    mail from being written.
    """
    if text.isprintable() and len(text) <= LONGEST_LINE and not _ODD.search(text):
        return text.strip()
    shown = (
        " " if unicodedata.category(char) in _BREAKING else char
        for char in text.encode("utf-8", "replace").decode()
        if char not in _REORDERING
    )
    line = " ".join("".join(shown).replace("=?", "= ?").split())
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1].rstrip() + "…"
