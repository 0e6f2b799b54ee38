"""The settings file that ``init`` writes: what is needed, and what may be added, explained."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel, SecretStr


@dataclass(frozen=True)
class Question:
    """One setting of an ERP adapter."""

    name: str
    required: bool
    secret: bool


@dataclass(frozen=True)
class Answers:
    """All that goes into the file."""

    id: str
    name: str
    locale: str
    currency: str
    timezone: str
    database: str
    vendor: str
    erp: Mapping[str, str | None]
    questions: list[Question]


def questions_of(model: type[BaseModel]) -> list[Question]:
    """What an adapter wants to know, tables aside."""
    return [
        Question(name, field.is_required(), field.annotation is SecretStr)
        for name, field in model.model_fields.items()
        if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel))
    ]


def written(answers: Answers) -> str:
    """The whole file."""
    return "\n".join(_lines(answers)) + "\n"


def _lines(answers: Answers) -> Iterator[str]:
    yield "# Régisseur. Every setting can also come from the environment, which wins:"
    yield "# REGISSEUR_COMPANY__ERP__PASSWORD sets password in [company.erp]."
    yield ""
    yield f"database = {_quoted(answers.database)}  # or postgresql://user@host/name"
    yield ""
    yield "[company]"
    yield f"id = {_quoted(answers.id)}  # never change it: every record carries it"
    yield f"name = {_quoted(answers.name)}"
    yield f"locale = {_quoted(answers.locale)}  # language and country of reports and letters"
    yield f"currency = {_quoted(answers.currency)}"
    yield f"timezone = {_quoted(answers.timezone)}"
    yield ""
    yield "[company.erp]"
    yield f"vendor = {_quoted(answers.vendor)}"
    for one in answers.questions:
        yield from _setting(one, answers.erp.get(one.name))
    yield from _POLICY.rstrip("\n").split("\n")


def _setting(one: Question, value: str | None) -> Iterator[str]:
    if value is not None:
        yield f"{one.name} = {_quoted(value)}"
    elif one.secret:
        yield f"# {one.name} is best kept out of this file: REGISSEUR_COMPANY__ERP__{one.name.upper()}"
    elif one.required:
        yield f"# {one.name} = …  # needed"
    else:
        yield f"# {one.name} = …"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_POLICY = """
# Who is asked before something is written. The first rule that matches wins; where none does, you
# are asked. Modes: shadow (nothing is written), ask, veto (done unless refused by an hour), auto.
#
# [[company.policy.rules]]
# name = "look on for a while"
# mode = "shadow"
#
# [[company.policy.rules]]
# name = "small orders"
# kind = "place_purchase_order"
# up_to = 500
# mode = "veto"
# veto_until = "10:00"

# What an agent may be told is on its page in docs/agents.
#
# [company.agents.purchasing]
# service_level = 0.95
#
# [company.agents.invoice_followup]
# sender_email = "accounts@example.com"
#
# [company.mail]  # what reminders are sent from; password: REGISSEUR_COMPANY__MAIL__PASSWORD
# vendor = "smtp"
# host = "smtp.example.com"
# user = "accounts@example.com"
# sent_folder = "sent"  # the proof of what was sent: keep it
#
# [company.mailbox]  # where answers to them are read; password: REGISSEUR_COMPANY__MAILBOX__PASSWORD
# vendor = "imap"
# host = "imap.example.com"
# user = "accounts@example.com"
#
# [company.post]  # where letters wait to be posted
# vendor = "folder"
# folder = "letters"
"""
