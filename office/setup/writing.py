"""The settings file that the set-up writes, and how it takes its place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import time
from pathlib import Path
from typing import Any

from regisseur.errors import Misconfigured
from regisseur.graphs.policy import Policy, Rule
from regisseur.office.cli.template import Answers, written


def settings_text(answers: Answers, *, asleep: Iterable[str], preset: str, policy: Policy) -> str:
    """The whole file: what ``regisseur init`` writes, which agents don't run, and the preset."""
    return written(answers) + "\n".join([*_agents(asleep), *_policy(preset, policy)]) + "\n"


def _agents(asleep: Iterable[str]) -> Iterator[str]:
    for name in sorted(asleep):
        yield f"\n[company.agents.{name}]"
        yield "enabled = false"


def _policy(preset: str, policy: Policy) -> Iterator[str]:
    yield f"\n# The preset {preset!r}; versions made on the page take its place."
    yield "[company.policy]"
    for name, value in _changed(policy, Policy()):
        yield f"{name} = {_toml(value)}"
    for rule in policy.rules:
        yield "\n[[company.policy.rules]]"
        for name, value in _changed(rule, Rule(name="", mode="ask")):
            yield f"{name} = {_toml(value)}"


def _changed(model: Policy | Rule, usual: Policy | Rule) -> Iterator[tuple[str, Any]]:
    """The plain settings that differ from what they are when left out."""
    for name, value in model:
        always = name in ("name", "mode")
        if name != "rules" and (always or value != getattr(usual, name)):
            yield name, value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(one) for one in value)}]"
    text = value.strftime("%H:%M") if isinstance(value, time) else str(value)
    return json.dumps(text, ensure_ascii=False)


def draft_of(file: Path) -> Path:
    """Where the settings are tried before they take their place: beside it, so that relative paths
    mean the same.
    """
    return file.with_name(f".{file.name}.setup")


def save_draft(file: Path, text: str) -> Path:
    """Write the draft for its owner's eyes only; raises Misconfigured where that can't be done."""
    draft = draft_of(file)
    try:
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.write(text)
    except OSError as error:
        raise Misconfigured(f"{draft}: {error.strerror}; serve in a folder of your own") from error
    return draft


def discard(draft: Path) -> None:
    """Leave no draft behind: it holds what the settings hold."""
    draft.unlink(missing_ok=True)


def put_in_place(file: Path) -> None:
    """Make the draft the settings; raises Misconfigured where somebody else wrote some meanwhile."""
    try:
        os.link(draft_of(file), file)
    except FileExistsError as error:
        raise Misconfigured(f"{file} was written meanwhile; start regisseur serve again") from error
    except OSError as error:
        raise Misconfigured(f"{file}: {error.strerror}") from error
    draft_of(file).unlink()
