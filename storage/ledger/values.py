"""Who acts, what a night proposes, and the hashes that bind a decision to what was seen."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from regisseur.storage.canonical import digest
from regisseur.storage.tables import JsonObject


def new_id() -> str:
    """A fresh identifier, short enough to be typed."""
    return uuid.uuid4().hex[:12]


@dataclass(frozen=True)
class Who:
    """Whoever acts: a person, signed in or only named by the caller, or a process of ours."""

    name: str
    person: bool = True
    asserted: bool = True


@dataclass(frozen=True)
class Draft:
    """An action as a night proposes it, with the mode that the policy gave it.

    Until the policy has spoken, it asks.
    """

    company_id: str
    mission_id: str
    agent: str
    kind: str
    subject: str
    arguments: JsonObject
    presented: JsonObject
    amount: Decimal | None
    currency: str | None
    counterparty: str | None
    mode: str = "ask"
    rule: str = ""
    quorum: int = 1
    veto_until: datetime | None = None
    deadline: datetime | None = None


def seen_hash(revision: int, arguments: JsonObject, presented: JsonObject) -> str:
    """Hash of all that a person is shown of one revision."""
    return digest({"revision": revision, "arguments": arguments, "presented": presented})
