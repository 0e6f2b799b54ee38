"""From a command line to an exit code; every error ends here."""

from __future__ import annotations

import io
import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

from regisseur.errors import RegisseurError
from regisseur.office.cli import codes
from regisseur.office.cli.parser import parse
from regisseur.storage.errors import StorageError


def main(words: list[str] | None = None) -> int:
    """Run one command; returns its exit code, and leaves by SystemExit for wrong use and help."""
    given = parse(sys.argv[1:] if words is None else words)
    _log(everything=given.verbose)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an old terminal shows "?" instead of failing
    try:
        code = _command(given)(given)
        sys.stdout.flush()
    except BrokenPipeError:
        # What can't be told any more must not be tried again when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return codes.BROKEN_PIPE
    except KeyboardInterrupt:
        print(
            "interrupted; nothing is lost: the same command, or regisseur sweep, goes on with it",
            file=sys.stderr,
        )
        return codes.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - this is where every error ends
        return _told(given, error)
    return code


def _command(given: Namespace) -> Callable[[Namespace], int]:
    command: Callable[[Namespace], int] = getattr(
        import_module(f"regisseur.office.cli.{given.module}"), given.function
    )
    return command


def _log(*, everything: bool) -> None:
    """Warnings as one line each; with ``--verbose`` all of ours, with tracebacks."""
    import logging

    class OneLine(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return f"regisseur: {record.getMessage()}"

    handler = logging.StreamHandler(sys.stderr)
    if everything:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        logging.getLogger("regisseur").setLevel(logging.DEBUG)
    else:
        handler.setFormatter(OneLine())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)


def _told(given: Namespace, error: Exception) -> int:
    code = codes.of_error(type(error))
    if given.verbose:
        import traceback

        traceback.print_exception(error)
    if given.json:
        print(json.dumps({"error": codes.described(error)}, ensure_ascii=False, indent=2))
    elif isinstance(error, RegisseurError | StorageError):
        print(f"regisseur: {error}", file=sys.stderr)
    else:
        hint = "" if given.verbose else " (--verbose shows where)"
        text = " ".join(str(error).split())[:500]
        print(f"regisseur: unexpected {type(error).__name__}: {text}{hint}", file=sys.stderr)
    return code
