"""The command ``serve``, and how its log is written: one line an event."""

from __future__ import annotations

import json
import logging
import sys
from argparse import Namespace
from datetime import UTC, datetime

from regisseur.office.cli import codes
from regisseur.office.serving import serve as serving


def serve(given: Namespace) -> int:
    """Serve the pages and keep the clock, until told to stop."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if given.json else Lines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("httpx", "uvicorn", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    def announce(address: str, code: str | None) -> None:
        if given.json:
            print(json.dumps({"address": address, "code": code}), flush=True)
        elif code is None:
            print(f"Régisseur: {address}", flush=True)
        else:
            print(
                f"No company is set up yet; this address works once:\n{address}/setup?code={code}",
                flush=True,
            )

    serving(given.config, announce, host=given.host, port=given.port)
    return codes.FINE


class Lines(logging.Formatter):
    """``moment LEVEL logger event name=value …``, for people and for grep; always one line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        head = f"{_moment(record)} {record.levelname:<7} {record.name}"
        facts = " ".join(f"{name}={_quoted(one)}" for name, one in _facts(record).items())
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        event = getattr(record, "event", record.getMessage())
        return " ".join(filter(None, (head, _flat(event), facts, _flat(trace))))


class JsonLines(logging.Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        told = {
            "at": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": getattr(record, "event", record.getMessage()),
            **_facts(record),
        }
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """See ``office.logged``."""
    facts: dict[str, object] = getattr(record, "facts", {})
    return facts


def _flat(text: str) -> str:
    """On one line, so that no value can pass for another entry."""
    return "\\n".join(text.splitlines())


def _quoted(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and not set(text) & set(' "=')
    return text if plain and text else json.dumps(text, ensure_ascii=False)
