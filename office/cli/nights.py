"""The commands about nights: ``run``, ``nightly``, ``sweep``, ``report``."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType

from regisseur.errors import InvalidInput, NotFound
from regisseur.office import nights
from regisseur.office.cli import codes, labels, machine, paper
from regisseur.office.cli.desk import Progress, any_voice, opened, voice_of
from regisseur.office.cli.voice import Voice
from regisseur.office.sweeping import Swept
from regisseur.office.views import Mission, ReportView


def run(given: Namespace) -> int:
    """One agent, one night."""
    with opened(given) as office:
        voice = voice_of(office, given.company)
        with Progress(voice) as tell:
            mission = office.run(
                given.agent, on=given.on, company=given.company, again=given.again, tell=tell
            )
        if given.json:
            machine.put({"mission": mission})
        else:
            paper.put(*_mission(voice, mission))
    return _code([mission], told=given.exit_code)


def nightly(given: Namespace) -> int:
    """Every enabled agent, once."""
    with opened(given) as office:
        with Progress(any_voice(office, given.company)) as tell:
            missions = office.do(nights.nightly, on=given.on, company=given.company, tell=tell)
        if given.json:
            machine.put({"missions": missions})
        else:
            for one in missions:
                paper.put(*_mission(voice_of(office, one.company), one))
            if not missions:
                paper.put(any_voice(office, given.company)(labels.NOTHING_RAN))
    return _code(missions, told=given.exit_code)


def _code(missions: Sequence[Mission], *, told: bool) -> int:
    code = codes.worst(codes.of_mission(one.status, one.error) for one in missions)
    waiting = any(
        one.report.data.awaiting or one.report.data.unsettled
        for one in missions
        if one.report is not None
    )
    return codes.NEEDS_PERSON if told and waiting and code == codes.FINE else code


def _mission(voice: Voice, mission: Mission) -> list[RenderableType]:
    """How the night went, in a few lines."""
    title = mission.agent if mission.report is None else voice(mission.report.data.title)
    state = voice(labels.MISSIONS.get(mission.status, mission.status))
    head = f"{voice(voice.company.name)} · {title} · {voice.day(mission.on)} · {state}"
    parts: list[RenderableType] = [paper.line((head, "bold"))]
    if mission.report is not None:
        parts.append(voice(mission.report.headline))
        parts += [f"! {voice(one)}" for one in mission.report.data.notices]
        parts.append(_counts(voice, mission.report))
    elif mission.error:
        parts.append(f"! {voice(mission.error)}")
    return parts


def _counts(voice: Voice, report: ReportView) -> RenderableType:
    data = report.data
    counted = (
        (labels.TO_DECIDE, data.awaiting),
        (labels.DONE, data.done),
        (labels.TO_SETTLE, data.unsettled),
        (labels.HELD, data.held),
    )
    told = [f"{voice(name)} {len(ones)}" for name, ones in counted if ones]
    following = labels.NEXT if report.data.data_as_of else labels.NEXT_AFTER_FAILURE
    return paper.aside(" · ".join([*told, voice(following)]) + "\n")


def sweep(given: Namespace) -> int:
    """Go on with what lies about; what somebody works on for too long needs a person."""
    with opened(given) as office:
        with Progress(any_voice(office, given.company)):
            swept = office.sweep(company=given.company)
        if given.json:
            machine.put({"swept": swept})
        else:
            for one in swept:
                _tell_swept(voice_of(office, one.company), one)
    return codes.NEEDS_PERSON if any(one.alarming for one in swept) else codes.FINE


def _tell_swept(voice: Voice, swept: Swept) -> None:
    rows = [
        [voice(label), voice(one[:8])]
        for name, label in labels.SWEPT.items()
        for one in getattr(swept, name)
    ]
    paper.put(paper.line((voice(voice.company.name), "bold")))
    for stalled in swept.stalled:
        paper.put(f"! {voice(stalled.announced(voice.company.timezone))}")
    for held in swept.held:
        paper.put(f"! {voice(labels.held_mission(held.id, held.agent, voice.moment(held.since)))}")
    if rows:
        paper.put(paper.table([voice(labels.WHAT), voice(labels.ACTION)], rows))
    elif not swept.alarming:
        paper.put(voice(labels.NOTHING_TO_SWEEP))


def report(given: Namespace) -> int:
    """The newest report of each agent, or of one agent or night."""
    form = _form(given)
    with opened(given) as office:
        reports = office.reports(company=given.company, agent=given.agent, on=given.on)
        voice = voice_of(office, given.company)
    if not reports and form != "json":
        raise NotFound(voice(labels.NO_REPORT))
    if form == "json":
        _write(given.output, machine.text({"reports": reports}))
    elif form == "html":
        _write(given.output, _only(reports).html(given.locale))
    else:
        _write(given.output, "\n".join(one.text(given.locale) for one in reports))
    return codes.FINE


def plan(given: Namespace) -> int:
    """The plan as it is now, beside what it would be."""
    form = _form(given)
    with opened(given) as office, Progress(voice_of(office, given.company)) as tell:
        found = office.plan(given.what_if, on=given.on, company=given.company, tell=tell)
    if form == "json":
        _write(given.output, found.json())
    else:
        _write(given.output, getattr(found, form)(given.locale))
    return codes.FINE


def sheet(given: Namespace) -> int:
    """A PDF in a file."""
    with opened(given) as office:
        content = office.sheet(given.agent, given.sheet, on=given.on, company=given.company)
    try:
        given.output.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{given.output}: {error.strerror}", field="--output") from error
    print(given.output, file=sys.stderr)
    return codes.FINE


def _form(given: Namespace) -> str:
    """As asked; else JSON for machines, or by the name of the file."""
    if given.json or given.format is not None:
        return "json" if given.json else str(given.format)
    suffix = "" if given.output is None else given.output.suffix.lower()
    return {".html": "html", ".htm": "html", ".json": "json"}.get(suffix, "text")


def _only(reports: Sequence[ReportView]) -> ReportView:
    if len(reports) > 1:
        agents = ", ".join(one.data.agent for one in reports)
        raise InvalidInput(f"a page holds one report: name one of {agents}", field="agent")
    return reports[0]


def _write(file: Path | None, text: str) -> None:
    if file is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}", field="--output") from error
    print(file, file=sys.stderr)
