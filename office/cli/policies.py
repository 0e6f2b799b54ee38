"""The commands about the policy and about trust: ``regisseur policy …``."""

from __future__ import annotations

import tomllib
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError
from rich.console import RenderableType

from regisseur.errors import InvalidInput
from regisseur.graphs.policy import Policy
from regisseur.graphs.presets import PRESETS
from regisseur.graphs.trust import Record
from regisseur.office import policies
from regisseur.office.cli import codes, machine, paper
from regisseur.office.cli.desk import author, opened, voice_of
from regisseur.office.cli.voice import Voice
from regisseur.office.policies import AgentRecord, PolicyVersion
from regisseur.tools.records import Message, Percent, Speaker

say = Speaker("regisseur.office.policies")

STATUSES = {
    "active": say("in force"),
    "proposed": say("proposed"),
    "past": say("past"),
    "refused": say("refused"),
    "withdrawn": say("withdrawn"),
}


def show(given: Namespace) -> int:
    """The policy in force, one version, or all of them."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        if given.all:
            found = office.do(policies.versions, given.company)
        elif given.version is not None:
            found = [office.do(policies.version, given.version, given.company)]
        else:
            found = [office.do(policies.current, given.company)]
        told = office.do(policies.notices, given.company)
    if given.json:
        machine.put({"versions": found, "notices": told})
    elif given.all:
        paper.put(paper.table(*_overview(voice, found)))
    else:
        paper.put(*_version(voice, found[0]), *(f"! {voice(one)}" for one in told))
    return codes.FINE


def _overview(voice: Voice, found: list[PolicyVersion]) -> tuple[list[str], list[list[str]]]:
    titles = [say("Version"), say("State"), say("Proposed by"), say("Why")]
    rows = [
        [str(one.version), voice(STATUSES[one.status]), one.proposed_by, voice(one.cause)]
        for one in found
    ]
    return [voice(one) for one in titles], rows


def _version(voice: Voice, one: PolicyVersion) -> Iterator[RenderableType]:
    title = say("Version {n}", n=one.version)
    yield paper.line((voice(title), "bold"), f" · {voice(STATUSES[one.status])}")
    yield voice(one.cause)
    if one.fault is not None:
        yield voice(say("It can't be read, so everything asks: {why}", why=one.fault))
    yield paper.bullets([voice(sentence) for sentence in one.sentences])
    if one.settings_differ:
        yield voice(say("regisseur.toml holds another policy, which is not in force."))


def propose(given: Namespace) -> int:
    """A policy from a file, a preset, an earlier version, or a rule made of an action."""
    ways = [given.file, given.preset, given.back_to, given.like]
    if sum(one is not None for one in ways) != 1:
        raise InvalidInput("give one of FILE, --preset, --back-to, --like", field="FILE")
    with opened(given) as office:
        voice, who = voice_of(office, given.company), author(given)
        if given.preset is not None:
            made = office.do(policies.propose_preset, given.preset, by=who, company=given.company)
        elif given.back_to is not None:
            made = office.do(policies.go_back, given.back_to, by=who, company=given.company)
        elif given.like is not None:
            action = office.find(given.like, company=given.company)
            made = office.do(
                policies.propose_rule, action, by=who, mode=given.mode, up_to=given.up_to,
                anyone=given.anyone, veto_until=given.veto_until, cause=given.cause,
                company=given.company,
            )  # fmt: skip
        else:
            cause = given.cause or say("Read from {file}.", file=given.file.name)
            made = office.do(
                policies.propose, _read(given.file), cause=cause, by=who, company=given.company
            )
    _tell(given, voice, made)
    return codes.FINE


def _read(file: Path) -> Policy:
    """A policy as it stands in regisseur.toml, or alone in a file of its own."""
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}", field="FILE") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} is not valid TOML: {error}", field="FILE") from error
    company = written.get("company", {})
    alone = company.get("policy", {}) if "company" in written else written
    try:
        return Policy.model_validate(alone)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        why = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(f"{file}: {where}: {why}", field="FILE") from None


def approve(given: Namespace) -> int:
    """Put a proposed version into force."""
    return _settle(given, approve=True)


def refuse(given: Namespace) -> int:
    """Refuse a proposed version."""
    return _settle(given, approve=False)


def _settle(given: Namespace, *, approve: bool) -> int:
    with opened(given) as office:
        voice = voice_of(office, given.company)
        found = office.do(policies.version, given.version, given.company)
        if found.id is None:
            raise InvalidInput("no version has been proposed", field="VERSION")
        made = office.do(
            policies.settle, found.id, approve, by=author(given), company=given.company
        )
    _tell(given, voice, made)
    return codes.FINE


def _tell(given: Namespace, voice: Voice, made: PolicyVersion) -> None:
    if given.json:
        machine.put({"version": made})
        return
    paper.put(*_version(voice, made))
    if made.status == "proposed":
        next_step = say("Next: regisseur policy approve {n}", n=made.version)
        paper.put(voice(next_step))


def presets(given: Namespace) -> int:
    """The three policies to begin with."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
    locale = voice.company.locale
    if given.json:
        machine.put({"presets": {name: one.policy(locale) for name, one in PRESETS.items()}})
    else:
        rows = [(name, voice(one.about)) for name, one in PRESETS.items()]
        paper.put(paper.pairs(rows))
    return codes.FINE


def suggest(given: Namespace) -> int:
    """What the record suggests; with ``--propose`` one of them becomes a proposed version."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        if given.propose is not None:
            made = office.do(
                policies.take_up, given.propose, by=author(given), company=given.company
            )
            _tell(given, voice, made)
            return codes.FINE
        found = office.do(policies.suggestions, given.company)
    if given.json:
        machine.put({"suggestions": found})
    elif not found:
        paper.put(voice(say("The record suggests nothing.")))
    else:
        paper.put(paper.pairs([(one.id, voice(one.cause)) for one in found]))
        paper.put(voice(say("Next: regisseur policy suggest --propose ID")))
    return codes.FINE


def record(given: Namespace) -> int:
    """What people made of what agents proposed."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        found = office.do(policies.track_record, given.company, given.since)
    if given.json:
        machine.put({"agents": found})
        return codes.FINE
    for agent in found:
        paper.put(*_agent(voice, agent))
    return codes.FINE


def _agent(voice: Voice, agent: AgentRecord) -> Iterator[RenderableType]:
    saved = say("{n} minutes saved since {day}", n=agent.minutes_saved, day=voice.day(agent.since))
    yield paper.line((agent.agent, "bold"), f" · {voice(saved)}")
    yield paper.pairs([(_size(line), _counts(voice, line)) for line in agent.lines])


def _counts(voice: Voice, line: Record) -> str:
    counts = say(
        "{taken} as proposed, {edited} edited, {refused} rejected, {unasked} unasked, "
        "{failed} failed, {regretted} regretted",
        taken=line.unedited,
        edited=line.edited,
        refused=line.refused,
        unasked=line.unasked + line.unopposed,
        failed=line.failed,
        regretted=line.regretted,
    )
    share = "" if line.agreement is None else f" · {voice(Percent(value=line.agreement))}"
    return f"{voice(counts)}{share}"


def _size(line: Record) -> str:
    """The kind with its band: ``place_purchase_order ≤ 500``."""
    if line.band.up_to is not None:
        return f"{line.kind} ≤ {line.band.up_to}"
    return line.kind if line.band.above is None else f"{line.kind} > {line.band.above}"


def regret(given: Namespace) -> int:
    """Say that something done should not have been."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        action = office.find(given.id, company=given.company)
        office.do(
            policies.regret, action, by=author(given), comment=given.comment, company=given.company
        )
    if given.json:
        machine.put({"regretted": action})
    else:
        told: Message = say("It counts against its agent. Nothing was undone.")
        paper.put(voice(told))
    return codes.FINE
