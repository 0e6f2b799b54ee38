"""One action: all that is known about it, and every way to decide on it."""

from __future__ import annotations

from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from starlette.datastructures import FormData
from starlette.responses import Response

from regisseur.errors import InvalidInput, NotFound
from regisseur.office import people, policies
from regisseur.office.core import Core
from regisseur.office.inbox import Waiting, waiting
from regisseur.office.people import Remark
from regisseur.office.web import editing, labels, outcomes
from regisseur.office.web.addresses import ours
from regisseur.office.web.cards import Desk, day_chosen, morning_of
from regisseur.office.web.pages import Visit, acts, page, shows
from regisseur.office.web.routes.inbox import left
from regisseur.storage import ledger
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.records import Day, Message


async def shown(visit: Visit) -> Response:
    """The whole of an action."""
    one = await _waiting(visit)
    return await _page(visit, one)


async def edit(visit: Visit) -> Response:
    """The same with the form to edit it; as a piece, the card alone with its form."""
    one = await _waiting(visit)
    return await _editing(visit, one, editing.groups(_kind(visit, one), one.action.arguments))


async def _editing(
    visit: Visit,
    one: Waiting,
    form: list[editing.Group],
    *,
    wrong: tuple[str, str] | None = None,
) -> Response:
    if not visit.wants_a_piece:
        return await _page(visit, one, form=form, wrong=wrong)
    desk = await Desk.of(visit)
    return page(
        visit,
        "cards_piece.html.j2",
        status=200 if wrong is None else 422,
        cards=[desk.card(one, form=form, wrong=wrong)],
        left=None,
        back=_back(visit),
    )


async def _page(
    visit: Visit,
    one: Waiting,
    *,
    form: list[editing.Group] | None = None,
    wrong: tuple[str, str] | None = None,
) -> Response:
    desk, action = await Desk.of(visit), one.action
    return page(
        visit,
        "action.html.j2",
        status=200 if wrong is None else 422,
        card=desk.card(one, form=form or (), wrong=wrong),
        texts=_texts(action.arguments),
        names=desk.names,
        history=await visit.do(Core.history, action.id, company=visit.here.id),
        talk=_talk(await visit.do(people.remarks, action.id, company=visit.here.id)),
        back=_back(visit),
    )


def _texts(arguments: dict[str, Any]) -> list[tuple[Message | str, str]]:
    """What a person outside would read: the title and text that an action would send or write."""
    named = [(labels.ARGUMENTS[name], arguments.get(name)) for name in ("title", "text")]
    return [(label, text) for label, text in named if isinstance(text, str) and text]


def _talk(said: list[Remark]) -> list[tuple[Remark, list[Remark]]]:
    """Each question with its answers."""
    questions = [one for one in said if one.answers is None]
    return [(one, [other for other in said if other.answers == one.id]) for one in questions]


async def _waiting(visit: Visit) -> Waiting:
    action = visit.request.path_params["action"]
    return await visit.do(waiting, action, company=visit.here.id)


def _kind(visit: Visit, one: Waiting) -> AnyKind:
    kind = visit.office.opened.core.house.desk(visit.here.id).kinds.get(one.action.kind)
    if kind is None:
        raise NotFound(f"kind {one.action.kind} is no longer installed")
    return kind


def _back(visit: Visit) -> str:
    return ours(str(visit.form.get("back", "")), f"/{visit.here.id}/inbox")


async def decide(visit: Visit) -> Response:
    """Take the decision that a button stands for, on exactly what was shown beside it."""
    one = await _waiting(visit)
    said, _, detail = str(visit.form.get("verdict", "")).partition(":")
    values = _bound(visit.form)
    if detail and said not in ("reject", "snooze"):
        raise InvalidInput("no button says that", field="verdict")
    if said == "edit":
        return await _edited(visit, one, values)
    if said == "reject":
        values["reason"] = detail
    elif said == "snooze":
        day = day_chosen(detail, str(visit.form.get("until", "")), visit.reader.on)
        values["until"] = morning_of(day, visit.here.timezone)
    elif said == "reassign":
        values["assignee"] = str(visit.form.get("assignee", ""))
    return await _decided(visit, one, cast(ledger.Verdict, said), values)


def _bound(form: FormData) -> dict[str, Any]:
    """What every decision carries: the revision and hash that were seen, and a comment."""
    revision, seen = str(form.get("revision", "")), str(form.get("seen", ""))
    if not revision.isdecimal() or not seen:
        raise InvalidInput("say on which revision", field="revision")
    comment = str(form.get("comment", "")).strip()
    return {"revision": int(revision), "seen": seen, "comment": comment or None}


async def _edited(visit: Visit, one: Waiting, values: dict[str, Any]) -> Response:
    """Approve with changes; where one can't be used, the form again with what was typed."""
    kind = _kind(visit, one)
    sent = {name: str(value) for name, value in visit.form.items() if isinstance(value, str)}
    try:
        arguments = editing.changed(kind, one.action.arguments, sent)
        if arguments is None:
            return await _decided(visit, one, "approve", values)
        return await _decided(visit, one, "edit", {**values, "arguments": arguments})
    except InvalidInput as error:
        form = editing.typed(editing.groups(kind, one.action.arguments), sent)
        said = str(error).removeprefix(f"{error.field}: ")
        return await _editing(visit, one, form, wrong=(error.field or "", said))


async def _decided(
    visit: Visit, one: Waiting, verdict: ledger.Verdict, values: dict[str, Any]
) -> Response:
    outcome = await visit.do(
        Core.decide, one.action.id, verdict, by=visit.who, company=visit.here.id, **values
    )
    until, assignee = values.get("until"), values.get("assignee")
    desk = await Desk.of(visit)
    told = outcomes.of_decision(
        outcome,
        verdict,
        until="" if until is None else visit.reader.value(Day(date=until.date())),
        to=desk.names.get(assignee or "", assignee or ""),
    )
    return await _told(visit, desk, told)


async def _told(visit: Visit, desk: Desk, told: outcomes.Told) -> Response:
    """Where it stands now: in place of the card, or on the page that the decision came from."""
    now = await _waiting(visit)
    if not visit.wants_a_piece:
        return visit.to(_back(visit), outcomes.about(now.action.line.summary, told.message))
    return page(
        visit,
        "cards_piece.html.j2",
        cards=[desk.card(now, note=told)],
        left=await left(visit),
        back=_back(visit),
    )


async def resolve(visit: Visit) -> Response:
    """Say what had become of an action of unknown outcome."""
    one = await _waiting(visit)
    outcome = await visit.do(
        Core.resolve,
        one.action.id,
        str(visit.form.get("outcome", "")),
        by=visit.who,
        reference=str(visit.form.get("reference", "")).strip() or None,
        comment=str(visit.form.get("comment", "")).strip() or None,
        company=visit.here.id,
    )
    return await _told(visit, await Desk.of(visit), outcomes.resolved(outcome))


async def tell_done(visit: Visit) -> Response:
    """Say that what was left to do by hand is done."""
    one = await _waiting(visit)
    left_to_do = one.action.line.to_do
    if left_to_do is not None:
        await visit.do(
            Core.record,
            left_to_do.form,
            by=visit.who,
            agent=one.action.agent,
            company=visit.here.id,
            **left_to_do.fields,
        )
    return visit.to(_here(visit, one), labels.TOLD)


async def ask(visit: Visit) -> Response:
    """Ask something about it."""
    one = await _waiting(visit)
    text = str(visit.form.get("text", ""))
    await visit.do(people.ask, one.action.id, text, by=visit.who, company=visit.here.id)
    return visit.to(_here(visit, one), labels.ASKED)


async def answer(visit: Visit) -> Response:
    """Answer a question about it."""
    one, text = await _waiting(visit), str(visit.form.get("text", ""))
    question = str(visit.form.get("question", ""))
    said = await visit.do(people.remarks, one.action.id, company=visit.here.id)
    if question not in {remark.id for remark in said}:
        raise NotFound(f"there is no question {question}")
    await visit.do(people.answer, question, text, by=visit.who, company=visit.here.id)
    return visit.to(_here(visit, one), labels.ANSWERED)


async def make_rule(visit: Visit) -> Response:
    """Propose that what is like it runs without asking."""
    one, form = await _waiting(visit), visit.form
    mode = str(form.get("mode", "auto"))
    if mode not in ("auto", "veto"):
        raise InvalidInput("auto or veto", field="mode")
    await visit.do(
        policies.propose_rule,
        one.action.id,
        by=visit.who,
        mode="veto" if mode == "veto" else "auto",
        up_to=_ceiling(str(form.get("up_to", ""))),
        anyone=form.get("anyone") == "yes",
        veto_until=_hour(str(form.get("hour", ""))) if mode == "veto" else None,
        company=visit.here.id,
    )
    return visit.to(_here(visit, one), labels.RULE_PROPOSED)


def _ceiling(text: str) -> Decimal | None:
    plain = text.strip().replace(",", ".").replace(" ", "")
    try:
        return Decimal(plain) if plain else None
    except InvalidOperation as error:
        raise InvalidInput("write an amount", field="up_to") from error


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("write an hour, for example 10:00", field="hour") from error


def _here(visit: Visit, one: Waiting) -> str:
    return f"/{visit.here.id}/actions/{one.action.id}"


WHERE = "/{company}/actions/{action}"
ROUTES = [
    shows(WHERE, shown),
    shows(f"{WHERE}/edit", edit, right="decide"),
    acts(f"{WHERE}/decide", decide, right="decide"),
    acts(f"{WHERE}/resolve", resolve, right="decide"),
    acts(f"{WHERE}/told", tell_done, right="tell"),
    acts(f"{WHERE}/ask", ask, right="tell"),
    acts(f"{WHERE}/answer", answer, right="tell"),
    acts(f"{WHERE}/rule", make_rule, right="decide"),
]
