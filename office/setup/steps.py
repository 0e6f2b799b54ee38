"""The five steps: what each page shows, and what is done with what was typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData

from regisseur.errors import InvalidInput, NotAllowed
from regisseur.graphs.presets import PRESETS
from regisseur.office import people
from regisseur.office.faces import AsyncOffice
from regisseur.office.people.passwords import SHORTEST
from regisseur.office.people.signing import as_login
from regisseur.office.setup import words
from regisseur.office.setup.forms import fields_of, filled
from regisseur.office.setup.plan import Administrator, Plan, adapters, checked, company_of
from regisseur.office.setup.rehearsal import Rehearsal, probed
from regisseur.office.setup.writing import discard, put_in_place, save_draft, settings_text
from regisseur.tools.records import Company
from regisseur.tools.texts import word

LOCALES = ("fr_FR", "fr_BE", "fr_CH", "en_GB", "en_US")
CURRENCIES = ("EUR", "CHF", "GBP", "USD")
ZONES = ("Europe/Paris", "Europe/Brussels", "Europe/Zurich", "Europe/London", "America/Montreal")


class Wrong(Exception):
    """What was typed can't be used: what is wrong by field, and as a whole."""

    def __init__(self, fields: Mapping[str, str], message: str | None = None) -> None:
        super().__init__(message or ", ".join(fields))
        self.fields, self.message = dict(fields), message


Form = FormData


# --- the company ---


def show_company(plan: Plan, file: Path, locale: str, form: Form | None) -> dict[str, Any]:
    """What is known of the company."""
    known = plan.company
    usual = {"name": "", "id": "", "locale": locale, "currency": "EUR", "timezone": ZONES[0]}
    typed = usual if known is None else known.model_dump()
    if form is not None:
        typed = {name: str(form.get(name, "")) for name in usual}
    chosen = str(form.get("vendor", "")) if form is not None else plan.vendor
    names = sorted(adapters(), key=lambda one: (one == "memory", one))
    return {
        "typed": typed,
        "vendors": names,
        "vendor": chosen or names[0],
        "locales": LOCALES,
        "currencies": CURRENCIES,
        "zones": ZONES,
    }


async def take_company(plan: Plan, form: Form, file: Path, locale: str) -> None:
    """The company and its ERP; another ERP begins the connection anew."""
    company, faults = company_of(form)
    vendor = str(form.get("vendor", ""))
    if vendor not in adapters():
        faults["vendor"] = word(words.NEEDED, locale)
    if company is None or faults:
        needed = word(words.NEEDED, locale)
        raise Wrong({name: why or needed for name, why in faults.items()})
    if (company, vendor) != (plan.company, plan.vendor):
        if vendor != plan.vendor:
            plan.erp = {}
        await _forget(plan)
        plan.company, plan.vendor = company, vendor


async def _forget(plan: Plan) -> None:
    """What was found with other answers says nothing any more."""
    if plan.rehearsal is not None:
        await plan.rehearsal.stop()
    plan.probe = plan.rehearsal = plan.agents = None


# --- the connection ---


def show_erp(plan: Plan, file: Path, locale: str, form: Form | None) -> dict[str, Any]:
    """The adapter's own settings as fields; a secret is never among what is sent."""
    adapter = adapters()[plan.vendor]
    given = plan.erp if form is None else {**plan.erp, **_texts(form)}
    fields = fields_of(adapter.settings, given)
    return {
        "first": [one for one in fields if one.required],
        "more": [one for one in fields if not one.required],
        "vendor": plan.vendor.capitalize(),
    }


def _texts(form: Form) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def take_erp(plan: Plan, form: Form, file: Path, locale: str) -> None:
    """Sign in with what was typed; then begin to look at the data."""
    adapter, company = adapters()[plan.vendor], _company(plan)
    told = filled(fields_of(adapter.settings, plan.erp), _texts(form), plan.erp)
    faults = checked(adapter.settings, told)
    if faults:
        raise Wrong(faults)
    await _forget(plan)
    plan.erp = told
    plan.probe = await probed(adapter, told, company, file.parent)
    await _rehearse(plan, file)


def _company(plan: Plan) -> Company:
    if plan.company is None:
        raise LookupError("the company comes first")
    return plan.company


async def _rehearse(plan: Plan, file: Path) -> None:
    draft = save_draft(file, _text(plan, asleep=()))
    plan.rehearsal = Rehearsal(draft, _company(plan).id)


def _text(plan: Plan, *, asleep: tuple[str, ...]) -> str:
    preset = PRESETS[plan.preset]
    return settings_text(
        plan.answers(adapters()[plan.vendor]),
        asleep=asleep,
        preset=plan.preset,
        policy=preset.policy(_company(plan).locale),
    )


# --- what it offers ---


def show_check(plan: Plan, file: Path, locale: str, form: Form | None) -> dict[str, Any]:
    """How far the rehearsal is, then what was found, and the choice of agents and preset."""
    rehearsal, probe = plan.rehearsal, plan.probe
    fitness = rehearsal.found.agents if rehearsal and rehearsal.found else ()
    ready = tuple(one.agent for one in fitness if one.ready)
    company = _company(plan)
    return {
        "rehearsal": rehearsal,
        "probe": probe,
        "other_currency": probe is not None and probe.currency != company.currency,
        "currency": company.currency,
        "fitness": fitness,
        "chosen": ready if plan.agents is None else plan.agents,
        "presets": PRESETS,
        "preset": plan.preset,
    }


async def take_check(plan: Plan, form: Form, file: Path, locale: str) -> None:
    """Which agents run, and what they may do without asking."""
    if "look_again" in form:
        agents, plan.agents = plan.agents, None
        if plan.rehearsal is not None:
            await plan.rehearsal.stop()
        await _rehearse(plan, file)
        plan.agents = agents
        return
    rehearsal = plan.rehearsal
    if rehearsal is None or not rehearsal.ended:
        raise Wrong({}, word(words.LOOKING, locale))
    chosen = [str(one) for one in form.getlist("agents")]
    preset = str(form.get("preset", ""))
    if preset not in PRESETS:
        raise Wrong({"preset": word(words.NEEDED, locale)})
    known = rehearsal.titles.keys()
    plan.agents, plan.preset = tuple(one for one in chosen if one in known), preset


# --- the administrator ---


def show_administrator(plan: Plan, file: Path, locale: str, form: Form | None) -> dict[str, Any]:
    """Who looks after people and the policy."""
    known = plan.administrator
    if form is not None:
        typed = {name: str(form.get(name, "")) for name in ("login", "name", "email")}
        decides = form.get("decides") == "yes"
    elif known is not None:
        typed = {"login": known.login, "name": known.name, "email": known.email or ""}
        decides = known.decides
    else:
        typed, decides = {"login": "", "name": "", "email": ""}, True
    return {"typed": typed, "decides": decides, "shortest": SHORTEST}


async def take_administrator(plan: Plan, form: Form, file: Path, locale: str) -> None:
    """The first person; their password stays in memory until the house is there."""
    login, name, email = (str(form.get(one, "")).strip() for one in ("login", "name", "email"))
    password, again = str(form.get("password", "")), str(form.get("again", ""))
    faults = {}
    for field, text in (("login", login), ("name", name)):
        if not text:
            faults[field] = word(words.NEEDED, locale)
    if login and not as_login(login):
        faults["login"] = word(words.NO_LOGIN, locale)
    if len(password) < SHORTEST:
        faults["password"] = word(words.password_help(SHORTEST), locale)
    elif password != again:
        faults["again"] = word(words.NOT_THE_SAME, locale)
    if faults:
        raise Wrong(faults)
    decides = form.get("decides") == "yes"
    plan.administrator = Administrator(as_login(login), name, email or None, password, decides)


# --- the first night ---


def show_finish(plan: Plan, file: Path, locale: str, form: Form | None) -> dict[str, Any]:
    """All that was chosen, and what will be written where."""
    titles = plan.rehearsal.titles if plan.rehearsal else {}
    return {
        "file": str(file),
        "company": _company(plan),
        "vendor": plan.vendor.capitalize(),
        "identity": plan.probe,
        "agents": [titles.get(one, one) for one in plan.agents or ()],
        "preset": PRESETS[plan.preset],
        "administrator": plan.administrator,
    }


async def written(plan: Plan, file: Path) -> tuple[str, str, tuple[str, ...]]:
    """Write the settings with everything they need; the file takes its place last.

    Gives the administrator's login, the company and the agents that run.
    """
    company, administrator = _company(plan), plan.administrator
    rehearsal, agents = plan.rehearsal, plan.agents or ()
    if administrator is None or rehearsal is None:
        raise LookupError("the steps before come first")
    asleep = tuple(name for name in rehearsal.titles if name not in agents)
    draft = save_draft(file, _text(plan, asleep=asleep))
    try:
        async with await AsyncOffice.open(draft) as office:
            await _first_person(office, company.id, administrator)
            enabled = office.opened.core.house.enabled[company.id]
        put_in_place(file)
    except InvalidInput as error:
        plan.administrator = None
        raise Wrong({}, str(error)) from error
    finally:
        discard(draft)
    return administrator.login, company.id, enabled


async def _first_person(office: AsyncOffice, company: str, who: Administrator) -> None:
    """Add them, unless an attempt before this one did: then give them what was typed now."""
    known = await office.do(people.members, company)
    if any(one.person.id == who.login for one in known):
        await office.do(people.set_password, who.login, who.password, by=who.login)
        return
    if known:
        raise NotAllowed("the database has people already: put regisseur.toml back, or remove it")
    await office.do(
        people.add_person,
        who.login,
        name=who.name,
        company=company,
        roles=("administrator", "approver") if who.decides else ("administrator",),
        email=who.email,
        password=who.password,
        by=who.login,
    )


Show = Callable[[Plan, Path, str, Form | None], dict[str, Any]]
Take = Callable[[Plan, Form, Path, str], Awaitable[None]]
SHOWN: Mapping[str, Show] = {
    "company": show_company,
    "erp": show_erp,
    "check": show_check,
    "administrator": show_administrator,
    "finish": show_finish,
}
TAKEN: Mapping[str, Take] = {
    "company": take_company,
    "erp": take_erp,
    "check": take_check,
    "administrator": take_administrator,
}
