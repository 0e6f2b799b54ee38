"""What every command needs: the open office, who speaks to whom, and progress."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from regisseur.errors import InvalidInput
from regisseur.office.cli.voice import Voice
from regisseur.office.faces import Office
from regisseur.tools.records import Message


@contextmanager
def opened(given: Namespace) -> Iterator[Office]:
    """The office that the settings describe; an unknown ``--company`` is refused at once."""
    with Office.open(given.config) as office:
        if given.company is not None:
            office.opened.core.house.desk(given.company)
        yield office


def voice_of(office: Office, company: str | None) -> Voice:
    """The voice for a company, or for the only one."""
    return Voice(office.opened.core.house.desk(company).company)


def any_voice(office: Office, company: str | None) -> Voice:
    """The voice for one company, or for the first where all are meant."""
    return voice_of(office, company or next(iter(office.opened.core.house.desks)))


def author(given: Namespace) -> str:
    """Who decides: as said, else the user of this machine."""
    if given.by is not None:
        name: str = given.by
        return name
    import getpass
    import socket

    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError) as error:
        raise InvalidInput("this machine doesn't say who you are", field="--by") from error


class Progress:
    """What a long command is doing, on standard error: one changing line on a terminal."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._started = time.monotonic()
        self._changing = sys.stderr.isatty()

    def __call__(self, message: Message) -> None:
        """Tell the next step, with the seconds gone by."""
        text = f"{time.monotonic() - self._started:4.0f} s  {self._voice(message)}"
        self._write(f"\r\x1b[2K{text[:78]}" if self._changing else f"{text}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._changing:
            self._write("\r\x1b[2K")

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
