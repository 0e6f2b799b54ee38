"""What has been answered so far, and which step comes next."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from regisseur.office.cli.template import Answers, questions_of
from regisseur.office.setup.rehearsal import Rehearsal
from regisseur.tools.erp.ports import Probe
from regisseur.tools.plugins import discover
from regisseur.tools.records import Company

STEPS = ("company", "erp", "check", "administrator", "finish")
DATABASE = "sqlite:///regisseur.sqlite"
FIELDS = ("id", "name", "locale", "currency", "timezone")


@dataclass(frozen=True)
class Administrator:
    """The first person of the house."""

    login: str
    name: str
    email: str | None
    password: str = field(repr=False)
    decides: bool


@dataclass
class Plan:
    """The answers; kept in memory only, and gone once the settings are written."""

    company: Company | None = None
    vendor: str = ""
    erp: dict[str, str] = field(default_factory=dict, repr=False)
    probe: Probe | None = None
    rehearsal: Rehearsal | None = None
    agents: tuple[str, ...] | None = None
    preset: str = "prudent"
    administrator: Administrator | None = None

    def reached(self) -> str:
        """The first step that is still to be done."""
        done = {
            "company": self.company is not None,
            "erp": self.probe is not None,
            "check": self.agents is not None,
            "administrator": self.administrator is not None,
        }
        return next((step for step in STEPS if not done.get(step)), "finish")

    def may_see(self, step: str) -> bool:
        """Steps are taken in order; those taken may be seen again."""
        return STEPS.index(step) <= STEPS.index(self.reached())

    def answers(self, adapter: Any) -> Answers:
        """All that the settings file needs to know about the company and its ERP."""
        if self.company is None:
            raise LookupError("the company comes first")
        return Answers(
            **self.company.model_dump(),
            database=DATABASE,
            vendor=self.vendor,
            erp=self.erp,
            questions=questions_of(adapter.settings),
        )


def adapters() -> dict[str, Any]:
    """The ERP adapters that are installed, by name."""
    return discover(
        "regisseur.tools.erp", "ADAPTER", "regisseur.erp", name_of=lambda one: str(one.name)
    ).found


def company_of(form: Mapping[str, Any]) -> tuple[Company | None, dict[str, str]]:
    """The company that a form describes, or what is wrong with it by field."""
    told = {key: str(form.get(key, "")).strip() for key in FIELDS}
    name = told["name"]
    told["id"] = told["id"] or slug(name)
    try:
        return Company(**told), {} if name else {"name": ""}
    except ValidationError as error:
        return None, faults_of(error)


def faults_of(error: ValidationError) -> dict[str, str]:
    """What is wrong by field; never a value."""
    return {
        str(one["loc"][0]) if one["loc"] else "": one["msg"].removeprefix("Value error, ")
        for one in error.errors(include_url=False, include_input=False)
    }


def slug(name: str) -> str:
    """A short name for addresses: ``Atelier Martin`` gives ``atelier-martin``."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63] or "company"


def checked(model: type[BaseModel], told: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with an adapter's settings, by field."""
    try:
        model.model_validate(told)
    except ValidationError as error:
        return faults_of(error)
    return {}
