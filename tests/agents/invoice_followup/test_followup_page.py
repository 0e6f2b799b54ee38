"""docs/agents/invoice_followup.md is true: settings, procedure, reasons and its worked examples."""

from __future__ import annotations

import re
from pathlib import Path

from regisseur.agents.invoice_followup.forms import FORMS
from regisseur.agents.invoice_followup.settings import FRENCH_PROCEDURE, InvoiceFollowupSettings
from regisseur.agents.invoice_followup.words import HOLD_TITLES

PAGE = (Path(__file__).resolve().parents[3] / "docs/agents/invoice_followup.md").read_text("utf-8")


def test_its_settings_are_all_of_them_with_their_defaults() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    settings = InvoiceFollowupSettings()
    for name in InvoiceFollowupSettings.model_fields:
        if name not in ("procedure", "payment"):
            assert _toml(getattr(settings, name)) == table[name].strip("`"), name


def _toml(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case ():
            return "[]"
    return str(value)


def test_its_procedure_is_the_default_one() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (−?\d+) \|", PAGE, re.MULTILINE)
    steps = [(name, int(day.replace("−", "-"))) for name, day in rows]
    days = {step.name: step.after for step in FRENCH_PROCEDURE}
    assert [(name, day) for name, day in steps if name in days] == list(days.items())


def test_every_reason_and_form_is_on_the_page() -> None:
    for name in (*HOLD_TITLES, *FORMS):
        assert f"`{name}`" in PAGE, name


def test_every_reason_that_the_judge_gives_has_a_title() -> None:
    folder = Path(__file__).resolve().parents[3] / "agents" / "invoice_followup"
    source = "\n".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    given = set(re.findall(r'Hold\(\s*"(\w+)"', source))
    assert len(given) > 12
    assert given <= set(HOLD_TITLES)
