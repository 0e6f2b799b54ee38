"""Lines of the log that hold facts: for people as one sentence, for programs by name."""

from __future__ import annotations

import logging


def logged(log: logging.Logger, level: int, event: str, **facts: object) -> None:
    """Log an event with its facts; those that are ``None`` are left out."""
    known = {name: one for name, one in facts.items() if one is not None}
    words = ", ".join(f"{name} {one}" for name, one in known.items())
    log.log(level, "%s: %s", event, words, extra={"event": event, "facts": known})
