"""Tables and text on the terminal, or in a file or pipe: 80 columns and no colours there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

Row = Sequence[str | RenderableType]


def put(*parts: RenderableType) -> None:
    """Write to standard output; text is shown as it is, never read as markup."""
    console = Console(highlight=False, markup=False, emoji=False)
    with console.capture() as captured:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    # Not by the console itself, which would end the process where nobody reads any more.
    lines = (line.rstrip() for line in captured.get().splitlines())
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def line(*words: tuple[str, str] | str) -> Text:
    """Text with a style for each part: ``line(("done", "bold"), " and told")``."""
    return Text.assemble(*words)


def head(text: str) -> Text:
    """The title of a part, after an empty line."""
    return Text(f"\n{text}", style="bold")


def aside(text: str) -> Text:
    """What helps and may be skipped."""
    return Text(text, style="dim")


def table(titles: Sequence[str], rows: Sequence[Row], *, right: Sequence[int] = ()) -> Table:
    """Columns under titles; those in ``right`` hold figures."""
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for position, title in enumerate(titles):
        made.add_column(Text(title), justify=_side(position in right), overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return made


def entries(rows: Sequence[tuple[str, RenderableType, str]]) -> Table:
    """A list of things: its mark, what it is over as many lines as it takes, and its date."""
    made = Table.grid(padding=(0, 2, 0, 0), expand=True)
    made.add_column(no_wrap=True, style="cyan")
    made.add_column(ratio=1)
    made.add_column(no_wrap=True, justify="right")
    for mark, body, when in rows:
        made.add_row(Text(mark), Padding(body, (0, 0, 1, 0)), Text(when, style="yellow"))
    return made


def pairs(rows: Sequence[tuple[str, str]]) -> Table:
    """Names and values."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True, style="dim")
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(name), Text(value))
    return made


def bullets(texts: Sequence[str]) -> Table:
    """Sentences, one a bullet."""
    made = Table.grid(padding=(0, 1, 0, 0))
    for text in texts:
        made.add_row(Text("-"), Text(text))
    return made


def indented(text: str) -> RenderableType:
    """Under the name of an action."""
    return Padding(Text(text), (0, 0, 0, 10))


def command(text: str, *, indent: int = 0) -> Text:
    """To be pasted: on one line, however long."""
    return Text(" " * indent + text, no_wrap=True)


def stack(*parts: RenderableType) -> Group:
    """One under the other."""
    return Group(*parts)


def _side(right: bool) -> Literal["left", "right"]:
    return "right" if right else "left"
