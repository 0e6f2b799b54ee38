"""The commands for setting up: ``init`` and ``doctor``."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import RenderableType

from regisseur.errors import InvalidInput
from regisseur.graphs.presets import PRESETS
from regisseur.office.cli import codes, labels, machine, paper
from regisseur.office.cli.desk import Progress, opened, voice_of
from regisseur.office.cli.template import Answers, Question, questions_of
from regisseur.office.cli.voice import Voice
from regisseur.office.doctor import Examination, Fitness
from regisseur.office.settings import FILE, load
from regisseur.storage.database import Database
from regisseur.tools.plugins import discover
from regisseur.tools.records import Company


def init(given: Namespace) -> int:
    """Write the settings unless they are there, and make or upgrade the database."""
    file = given.config or Path(FILE)
    asked_for = any(
        getattr(given, name) for name in ("id", "name", "vendor", "erp", "preset", "force")
    )
    write = given.force or not file.exists()
    if file.exists() and asked_for and not given.force:
        raise InvalidInput(f"{file} is there already; --force overwrites it", field="--config")
    if write:
        _save(file, _text(given))
    settings = load(file)
    with Database.open(settings.database) as database:
        database.upgrade()
        where = str(database)
    if given.json:
        machine.put({"settings": file, "written": write, "database": where})
    else:
        paper.put(
            paper.pairs(
                [
                    ("settings", f"{file}" if write else f"{file}, left as it is"),
                    ("database", where),
                ]
            ),
            "Next: regisseur doctor",
        )
    return codes.FINE


def _text(given: Namespace) -> str:
    from regisseur.office.setup.writing import settings_text  # brings the web server with it

    answers, name = _answers(given), given.preset or "prudent"
    policy = PRESETS[name].policy(answers.locale)
    return settings_text(answers, asleep=(), preset=name, policy=policy)


def _save(file: Path, text: str) -> None:
    """For its owner's eyes only: it may hold a password."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}", field="--config") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(text)


def _answers(given: Namespace) -> Answers:
    """From flags; what is missing is asked for on a terminal, else its usual value is taken."""
    ask = _Asking(sys.stdin.isatty() and sys.stderr.isatty() and not given.json)
    adapters: dict[str, Any] = discover(
        "regisseur.tools.erp", "ADAPTER", "regisseur.erp", name_of=lambda one: str(one.name)
    ).found
    name = given.name or ask.text("Name of the company", "Company")
    identity = given.id or ask.text("Short name", _slug(name))
    locale = given.locale or ask.text("Language and country", "fr_FR")
    currency = given.currency or ask.text("Currency", "EUR")
    timezone = given.timezone or ask.text("Time zone", "Europe/Paris")
    _acceptable(id=identity, name=name, locale=locale, currency=currency, timezone=timezone)
    vendor = given.vendor or ask.text(f"ERP ({', '.join(sorted(adapters))})", "tryton")
    if vendor not in adapters:
        raise InvalidInput(f"name one of {', '.join(sorted(adapters))}", field="--vendor")
    questions = questions_of(adapters[vendor].settings)
    return Answers(
        id=identity, name=name, locale=locale, currency=currency, timezone=timezone,
        database=given.database or "sqlite:///regisseur.sqlite",
        vendor=vendor, erp=_connection(dict(given.erp), questions, ask), questions=questions,
    )  # fmt: skip


def _acceptable(**company: str) -> None:
    """Before anything is written: a company as missions will know it."""
    try:
        Company(**company)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        why = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(why, field=f"--{first['loc'][0]}") from error


def _connection(
    told: dict[str, str], questions: list[Question], ask: _Asking
) -> dict[str, str | None]:
    """Each setting of the ERP's adapter; ``None`` is left out of the file."""
    unknown = told.keys() - {one.name for one in questions}
    if unknown:
        known = ", ".join(one.name for one in questions)
        raise InvalidInput(f"there is no {min(unknown)}, only {known}", field="--erp")
    return {one.name: told.get(one.name) or ask.setting(one) for one in questions}


class _Asking:
    """Asks on the terminal where there is one."""

    def __init__(self, there_is_somebody: bool) -> None:
        self._somebody = there_is_somebody

    def text(self, question: str, usual: str) -> str:
        if not self._somebody:
            return usual
        print(f"{question} [{usual}]: ", end="", file=sys.stderr, flush=True)
        try:
            return input().strip() or usual
        except EOFError:
            raise InvalidInput("no answer came; see regisseur init --help") from None

    def setting(self, one: Question) -> str | None:
        if not (self._somebody and one.required):
            return None
        if one.secret:
            from getpass import getpass

            return getpass(f"{one.name} (empty: left to the environment): ") or None
        return self.text(one.name, "") or None


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63] or "company"


def doctor(given: Namespace) -> int:
    """Examine everything that missions will need."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        with Progress(voice) as tell:
            found = office.doctor(company=given.company, tell=tell)
    if given.json:
        told = machine.plain(found)
        agents = [{**machine.plain(one), "ready": one.ready} for one in found.agents]
        machine.put({"examination": {**told, "agents": agents, "healthy": found.healthy}})
    else:
        paper.put(*_findings(voice, found))
    return _code(found)


def _code(found: Examination) -> int:
    if found.healthy:
        return codes.FINE
    causes = [found.cause]
    causes += [one.cause for one in found.beside] + [one.cause for one in found.agents]
    known = [codes.of_cause(cause) for cause in causes if cause is not None]
    known += [codes.NEEDS_PERSON for _ in found.stalled]
    return codes.worst(known or [codes.MISCONFIGURED])


def _findings(voice: Voice, found: Examination) -> Iterator[RenderableType]:
    yield paper.line((voice(voice.company.name), "bold"))
    yield paper.pairs(list(_connections(voice, found)))
    yield ""
    for one in found.plugin_problems:
        yield f"! {voice(one)}"
    for stalled in found.stalled:
        yield f"! {voice(stalled.announced(voice.company.timezone))}"
    for notice in found.notices:
        yield f"! {voice(notice)}"
    for agent in found.agents:
        yield from _fitness(voice, agent)
    yield voice(labels.HEALTHY if found.healthy else labels.UNHEALTHY)


def _connections(voice: Voice, found: Examination) -> Iterator[tuple[str, str]]:
    yield voice(labels.DATABASE), f"{found.database} ({found.revision})"
    yield voice(labels.ERP), voice(found.source)
    if found.problem is not None:
        yield voice(labels.PROBLEM), voice(found.problem)
    probe: Any = found.probe
    if probe is not None:
        yield "", f"{voice(probe.vendor)} {voice(probe.version)}"
        yield voice(labels.SIGNED_IN), f"{voice(probe.user)}, {voice(probe.company)}"
        apart = f" · {voice(labels.days_apart(abs(found.days_apart)))}" if found.days_apart else ""
        yield voice(labels.THEIR_DATE), f"{voice.day(probe.today)}{apart}"
    yield voice(labels.PORTS), ", ".join(found.offered_ports)
    for one in found.beside:
        yield voice(labels.BESIDE.get(one.role, one.role)), voice(one.identity)
        if one.problem is not None:
            yield voice(labels.PROBLEM), voice(one.problem)


def _fitness(voice: Voice, agent: Fitness) -> Iterator[RenderableType]:
    state = voice(labels.READY if agent.ready else labels.NOT_READY)
    yield paper.line((agent.agent, "bold"), f" · {state}")
    rows = []
    if agent.missing_ports:
        rows.append((voice(labels.MISSING), ", ".join(agent.missing_ports)))
    if agent.problem is not None:
        rows.append((voice(labels.PROBLEM), voice(agent.problem)))
    if agent.ready:
        rows.append((voice(labels.PROPOSALS), str(agent.proposals)))
    if agent.held:
        held = ", ".join(f"{tag} {count}" for tag, count in agent.held.items())
        rows.append((voice(labels.NOT_JUDGED), held))
    yield paper.pairs(rows)
    if agent.remarks:
        yield paper.bullets([voice(one) for one in agent.remarks])
    yield ""
