"""The policy: what is in force, what is proposed and how it differs, and what the record suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from starlette.responses import Response

from regisseur.errors import InvalidInput, NotFound
from regisseur.graphs.presets import PRESETS
from regisseur.office import policies as trust
from regisseur.office.policies import PolicyVersion
from regisseur.office.web import kinds
from regisseur.office.web.pages import Entry, Visit, acts, page, shows
from regisseur.office.web.policy_form import PolicyFields, fields_again, fields_of, policy_of
from regisseur.office.web.words import common, policies


@dataclass(frozen=True)
class Line:
    """A sentence of a policy, beside another one."""

    text: str
    state: Literal["same", "added", "removed"]


def differences(was: Sequence[str], now: Sequence[str]) -> list[Line]:
    """Two policies' sentences, told apart; what both say is kept, so that the order can be seen."""
    told: list[Line] = []
    for what, a, b, c, d in SequenceMatcher(a=was, b=now, autojunk=False).get_opcodes():
        if what == "equal":
            told += [Line(text, "same") for text in now[c:d]]
            continue
        told += [Line(text, "removed") for text in was[a:b]]
        told += [Line(text, "added") for text in now[c:d]]
    return told


def _sentences(visit: Visit, version: PolicyVersion) -> list[str]:
    return [visit.reader.value(one) for one in version.sentences]


async def overview(visit: Visit) -> Response:
    """What holds, what waits to be settled, what is suggested, and what was."""
    here = visit.here.id
    current = await visit.do(trust.current, here)
    every = await visit.do(trust.versions, here)
    held = _sentences(visit, current)
    return page(
        visit,
        "policy.html.j2",
        words=policies,
        common=common,
        current=current,
        waiting=[
            (one, differences(held, _sentences(visit, one)))
            for one in every
            if one.status == "proposed"
        ],
        notices=await visit.do(trust.notices, here),
        suggestions=await visit.do(trust.suggestions, here),
        every=every,
        may_propose=_may_propose(visit),
    )


async def one_version(visit: Visit) -> Response:
    """One version beside the one that was in force when it was proposed."""
    here, number = visit.here.id, visit.request.path_params["version"]
    if not number.isdecimal():
        raise NotFound(f"there is no version {number}")
    chosen = await visit.do(trust.version, int(number), here)
    before = next(
        (one for one in await visit.do(trust.versions, here) if one.version == chosen.base), None
    )
    was = [] if before is None else _sentences(visit, before)
    return page(
        visit,
        "policy_version.html.j2",
        words=policies,
        common=common,
        one=chosen,
        lines=differences(was, _sentences(visit, chosen)) if before else None,
        may_propose=_may_propose(visit),
    )


def _may_propose(visit: Visit) -> bool:
    """For what a page offers; the operation itself asks again."""
    return visit.may("decide") or visit.may("manage")


async def change(visit: Visit) -> Response:
    """The form, filled with what is in force."""
    current = await visit.do(trust.current, visit.here.id)
    if current.policy is None:
        raise NotFound(current.fault or "the policy can't be read")
    return _form(visit, fields_of(current.policy))


def _form(visit: Visit, fields: PolicyFields, fault: str | None = None) -> Response:
    desk = visit.office.opened.core.house.desk(visit.here.id)
    return page(
        visit,
        "policy_change.html.j2",
        status=422 if fault else 200,
        words=policies,
        common=common,
        fields=fields,
        fault=fault,
        titles=desk.titles,
        kinds=kinds.names(desk, visit.reader),
        presets=PRESETS,
    )


async def propose(visit: Visit) -> Response:
    """Propose what was typed; what can't be read is shown again, with what is wrong."""
    try:
        wanted = policy_of(visit.form)
        cause = str(visit.form.get("cause", "")).strip() or policies.CHANGED_BY_HAND
        await visit.do(trust.propose, wanted, cause=cause, by=visit.who, company=visit.here.id)
    except InvalidInput as error:
        return _form(visit, fields_again(visit.form), str(error))
    return _back(visit)


async def propose_preset(visit: Visit) -> Response:
    """Propose a preset in place of all rules."""
    name = str(visit.form.get("preset", ""))
    await visit.do(trust.propose_preset, name, by=visit.who, company=visit.here.id)
    return _back(visit)


async def take_up(visit: Visit) -> Response:
    """Propose what the record suggests."""
    suggestion = visit.request.path_params["suggestion"]
    await visit.do(trust.take_up, suggestion, by=visit.who, company=visit.here.id)
    return _back(visit)


async def go_back(visit: Visit) -> Response:
    """Propose what an earlier version said."""
    number = visit.request.path_params["version"]
    if not number.isdecimal():
        raise NotFound(f"there is no version {number}")
    await visit.do(trust.go_back, int(number), by=visit.who, company=visit.here.id)
    return _back(visit)


def _back(visit: Visit) -> Response:
    return visit.to(f"/{visit.here.id}/policy", policies.IT_IS_PROPOSED)


async def settle(visit: Visit) -> Response:
    """Put a version into force, or refuse it."""
    approve = visit.form.get("verdict") == "approve"
    if not approve and visit.form.get("verdict") != "refuse":
        raise InvalidInput("say approve or refuse", field="verdict")
    wanted = visit.request.path_params["policy"]
    await visit.do(trust.settle, wanted, approve, by=visit.who, company=visit.here.id)
    said = policies.IT_IS_IN_FORCE if approve else policies.IT_IS_REFUSED
    return visit.to(f"/{visit.here.id}/policy", said)


ROUTES = [
    shows("/{company}/policy", overview),
    shows("/{company}/policy/change", change, right="tell"),
    acts("/{company}/policy/change", propose, right="tell"),
    acts("/{company}/policy/preset", propose_preset, right="tell"),
    acts("/{company}/policy/suggestions/{suggestion}", take_up, right="tell"),
    acts("/{company}/policy/settle/{policy}", settle, right="manage"),
    shows("/{company}/policy/versions/{version}", one_version),
    acts("/{company}/policy/versions/{version}", go_back, right="tell"),
]
NAVIGATION = [Entry("/{company}/policy", common.TITLES["policy"], order=60)]
