"""Questions of people that an agent answers without writing anything: what would be, if …"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from regisseur.errors import InvalidInput
from regisseur.graphs.judgement import Section
from regisseur.tools.records import Message, Record


class Scenario(Record):
    """One thing that is taken to be so: its name, and values by the names that people use."""

    name: str
    values: dict[str, Any]

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Scenario:
        """From a mapping with its ``name`` among the values, as people write it in Python."""
        values = dict(asked)
        return cls(name=str(values.pop("name", "")), values=values)

    @classmethod
    def written(cls, text: str) -> Scenario:
        """From one line: ``rush item=CAI-SRV quantity=10 due=2026-12-01``, values with blanks in
        quotes. Raises InvalidInput naming the part that is no value.
        """
        try:
            name, *parts = shlex.split(text) or [""]
        except ValueError as error:
            raise InvalidInput(f"{text!r}: close its quotes", field="what_if") from error
        values: dict[str, Any] = {}
        for part in parts:
            key, sign, value = part.partition("=")
            if not sign:
                raise InvalidInput(f"{part!r}: write values as name=value", field=name)
            values[key] = value
        return cls(name=name, values=values)


class Answer(Record):
    """What was found, in the order in which it should be read."""

    headline: Message
    sections: tuple[Section, ...] = ()


Scenarios = Sequence[Scenario]
