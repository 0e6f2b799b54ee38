"""The HTML part of a mail that was written as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby

BULLETS = ("• ", "– ", "- ")
"""Lines that begin so become the points of a list."""

_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px;background:#fff;color:#1d1d1f;\
font:16px/1.5 -apple-system,'Segoe UI',Helvetica,Arial,sans-serif">
<div style="max-width:640px">
{blocks}
</div>
</body>
</html>
"""


def html_from_text(text: str, language: str = "") -> str:
    """The same words as an HTML page; everything is escaped.

    Blank lines part paragraphs, and lines that begin with a bullet make a list.
    """
    paragraphs = re.split(r"\n\s*\n", "\n".join(text.splitlines()))
    blocks = [
        _list(lines) if listed else _paragraph(lines)
        for paragraph in paragraphs
        if paragraph.strip()
        for listed, lines in groupby(paragraph.strip("\n").split("\n"), _is_point)
    ]
    return _PAGE.format(
        language=escape(language.replace("_", "-"), quote=True), blocks="\n".join(blocks)
    )


def _is_point(line: str) -> bool:
    return line.lstrip().startswith(BULLETS)


def _list(lines: Iterable[str]) -> str:
    points = (line.lstrip().split(" ", 1)[1] for line in lines)
    items = "".join(f'<li style="margin:0 0 4px">{escape(point)}</li>' for point in points)
    return f'<ul style="margin:0 0 16px;padding:0 0 0 20px">{items}</ul>'


def _paragraph(lines: Iterable[str]) -> str:
    return f'<p style="margin:0 0 16px">{"<br>".join(map(escape, lines))}</p>'
