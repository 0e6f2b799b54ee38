# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of the demo company. Run it with the Python of ``demo/.venv``.

build   builds the company if its sources or pins changed, and prints its folder
serve   serves a database folder over HTTP until it is told to stop, with a mail server beside it
terms   prints the suppliers' terms that Tryton cannot hold, for regisseur.toml
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from atelier import cache
from atelier.data import ANCHOR, load
from atelier.facts import terms


def main() -> int:
    """Parse the command line and do it."""
    arguments = _parser().parse_args()
    if arguments.command == "build":
        from atelier.build import build

        print(build(_ProgressLine()))
        return 0
    if arguments.command == "terms":
        print(terms(load()), end="")
        return 0
    return _serve(arguments)


def _serve(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.database
    if arguments.fresh:
        cache.copy_snapshot(arguments.fresh, folder)
    if not cache.is_built(folder):
        print(f"no {cache.DATABASE_FILE} in {folder}: use --fresh SNAPSHOT", file=sys.stderr)
        return 2
    from atelier.serve import serve

    mails = arguments.mailbox or folder / "mailbox"
    serve(folder, arguments.port, arguments.on, mails, arguments.with_parent)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build")
    commands.add_parser("terms")
    server = commands.add_parser("serve")
    server.add_argument("--database", type=Path, required=True, help="folder with tryton.sqlite")
    server.add_argument("--port", type=int, default=0, help="0 takes a free one (default)")
    server.add_argument("--on", type=date.fromisoformat, default=ANCHOR, help="the frozen day")
    server.add_argument(
        "--fresh", type=Path, metavar="SNAPSHOT", help="copy this snapshot into the folder first"
    )
    server.add_argument(
        "--mailbox", type=Path, metavar="FOLDER",
        help="where mails lie that are sent to its mail server (default: in the database's folder)",
    )  # fmt: skip
    server.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    return parser


class _ProgressLine:
    """One line per step on standard error: share done, elapsed seconds, what."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._last = ""

    def __call__(self, words: str, share: float) -> None:
        line = f"{round(share * 20) / 20:4.0%}  {words}"
        if line != self._last:
            elapsed = time.monotonic() - self._started
            print(f"{line}  ({elapsed:.0f} s)", file=sys.stderr, flush=True)
            self._last = line


if __name__ == "__main__":
    sys.exit(main())
