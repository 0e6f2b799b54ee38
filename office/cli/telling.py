"""The commands by which people tell agents something: ``tell``, ``told``, ``withdraw``, ``bank``."""

from __future__ import annotations

import textwrap
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType

from regisseur.errors import InvalidInput
from regisseur.graphs.agent import AnyAgent
from regisseur.graphs.told import Form
from regisseur.office.cli import codes, labels, machine, paper
from regisseur.office.cli.desk import author, opened, voice_of
from regisseur.office.cli.lists import LEAST
from regisseur.office.cli.voice import Voice
from regisseur.office.faces import Office
from regisseur.office.recording import BankFile, Entry, agent_for
from regisseur.tools.plugins import discover

OPTIONS = {"by": "--by", "agent": "--agent", "company": "--company"}
NAMED = "_named"
WIDTH = 80


def tell(given: Namespace) -> int:
    """Fill in a form."""
    with opened(given) as office:
        form = agent_for(office.opened.core.house.agents, given.form, given.agent)
        values = _filled(form.forms[given.form], given.values)
        voice = voice_of(office, given.company)
        entry = office.record(
            given.form, by=author(given), agent=given.agent, company=given.company, **values
        )
    if given.json:
        machine.put({"entry": entry})
    else:
        paper.put(*_list(voice, [entry]), paper.aside(voice(labels.take_back(entry.id[:LEAST]))))
    return codes.FINE


def told(given: Namespace) -> int:
    """What stands, of one agent or of all."""
    with opened(given) as office:
        entries = _standing(office, given.agent, given.company)
        voice = voice_of(office, given.company)
    if given.json:
        machine.put({"entries": entries})
    else:
        paper.put(*(_list(voice, entries) if entries else [voice(labels.NOTHING_TOLD)]))
    return codes.FINE


def withdraw(given: Namespace) -> int:
    """Take something back."""
    with opened(given) as office:
        ids = [one.id for one in _standing(office, None, given.company)]
        entry = office.withdraw(_whole(given.id, ids), by=author(given), company=given.company)
        voice = voice_of(office, given.company)
    if given.json:
        machine.put({"entry": entry})
    else:
        paper.put(voice(labels.WITHDRAWN), *_list(voice, [entry]))
    return codes.FINE


def bank(given: Namespace) -> int:
    """Read a bank's file."""
    with opened(given) as office:
        file = office.read_statement(
            given.file, by=author(given), bank=given.layout, company=given.company
        )
        voice = voice_of(office, given.company)
    if given.json:
        machine.put({"statement": file})
    else:
        paper.put(*_read(voice, file))
    return codes.FINE


def _standing(office: Office, agent: str | None, company: str | None) -> list[Entry]:
    house = office.opened.core.house
    names = [name for name, one in house.agents.items() if one.forms]
    return [
        entry
        for name in ([agent] if agent is not None else sorted(names))
        for entry in office.entries(name, company=company)
    ]


def _whole(beginning: str, ids: Sequence[str]) -> str:
    """The id that begins so; what no standing entry begins with is left to the office to refuse."""
    fitting = [one for one in ids if one.startswith(beginning)]
    if len(fitting) > 1 and beginning not in fitting:
        raise InvalidInput(f"{beginning} may be {', '.join(fitting)}; write more of it", field="id")
    return beginning if beginning in fitting or not fitting else fitting[0]


def _filled(form: type[Form], given: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Values by field: text as it was typed, lists cut at commas."""
    lists = {name for name, what in _properties(form).items() if _word(what).endswith(",…")}
    values: dict[str, Any] = {}
    for name, text in given:
        if name in OPTIONS:
            raise InvalidInput(f"is an option: {OPTIONS[name]}", field=name)
        if name in lists:
            parts = [part.strip() for part in text.split(",")]
            values[name] = [*values.get(name, ()), *(part for part in parts if part)]
        elif name in values:
            raise InvalidInput("is given twice", field=name)
        else:
            values[name] = text
    return values


def _list(voice: Voice, entries: Sequence[Entry]) -> Iterator[RenderableType]:
    yield paper.entries(
        [
            (one.id[:LEAST], _body(voice, one), voice.near(voice.local_day(one.at)))
            for one in entries
        ]
    )


def _body(voice: Voice, entry: Entry) -> RenderableType:
    """Its form and what was filled in; names in place of the ids they stand for."""
    body = entry.body
    told = [
        f"{name} {_text(body.get(f'{name}{NAMED}') or value)}"
        for name, value in body.items()
        if value not in (None, "", []) and not name.endswith(NAMED)
    ]
    return paper.stack(
        paper.line((entry.form, "bold"), " · ", voice(" · ".join(told))),
        paper.aside(f"{entry.agent}, {voice(entry.by)}"),
    )


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _read(voice: Voice, file: BankFile) -> Iterator[RenderableType]:
    yield paper.line(
        (voice(file.name), "bold"),
        " · ",
        voice(labels.movements(file.lines)),
        " · ",
        voice(labels.new_ones(file.new)),
    )
    if file.known_until is not None:
        yield voice(labels.known_until(voice.day(file.known_until)))
    if file.pending:
        yield voice(labels.left_out(file.pending))


def all_forms() -> str:
    """The forms of every agent that is installed, for ``tell --help``."""
    agents = discover("regisseur.agents", "AGENT", "regisseur.agents", name_of=_name).found
    parts = [_forms_of(agent) for _, agent in sorted(agents.items()) if agent.forms]
    return "\n".join(parts) or "no agent has a form\n"


def _forms_of(agent: AnyAgent) -> str:
    forms = [_described(name, form) for name, form in agent.forms.items()]
    return f"forms of {agent.name}:\n{''.join(forms)}"


def _name(agent: AnyAgent) -> str:
    return agent.name


def _described(name: str, form: type[Form]) -> str:
    about = (form.__doc__ or "").strip().partition("\n")[0].replace("``", "")
    required = form.model_json_schema().get("required", ())
    fields = [(one, _word(what)) for one, what in _properties(form).items()]
    needed = [f"{one}={what}" for one, what in fields if one in required]
    more = [f"[{one}={what}]" for one, what in fields if one not in required]
    typed = textwrap.fill(
        " ".join((*needed, *more)), WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return f"  {name}: {about}\n{typed}\n"


def _properties(form: type[Form]) -> dict[str, Any]:
    properties: dict[str, Any] = form.model_json_schema()["properties"]
    return {name: one for name, one in properties.items() if not name.endswith(NAMED)}


def _word(what: Mapping[str, Any]) -> str:
    """How a field is written, from its JSON schema."""
    if "anyOf" in what:
        return _word(what["anyOf"][0])
    if "enum" in what:
        return "|".join(map(str, what["enum"]))
    if what.get("type") == "array":
        return f"{_word(what['items'])},…"
    if what.get("format") == "date":
        return "DATE"
    return {"number": "NUMBER", "integer": "NUMBER"}.get(what.get("type", ""), "TEXT")
