"""People: who is in the company, with which roles and limits, and who stands in for whom."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from regisseur.errors import InvalidInput, NotAllowed, NotFound
from regisseur.graphs.authority import ROLES
from regisseur.office import people as members
from regisseur.office.people import Member
from regisseur.office.web import kinds
from regisseur.office.web.pages import Entry, Visit, acts, page, shows
from regisseur.office.web.people_form import day_of, limits_of, roles_of, text_of
from regisseur.office.web.warnings import unowned
from regisseur.office.web.words import common, people


async def listed(visit: Visit) -> Response:
    """Everybody in the company."""
    return await _list(visit)


async def _list(visit: Visit, fault: str | None = None) -> Response:
    everybody = await visit.do(members.members, visit.here.id)
    return page(
        visit,
        "people.html.j2",
        status=422 if fault else 200,
        words=people,
        common=common,
        warnings=await unowned(visit),
        everybody=everybody,
        names={one.person.id: one.person.name for one in everybody},
        roles=ROLES,
        fault=fault,
        typed=visit.form if fault else {},
        chosen=visit.form.getlist("roles") if fault else ["viewer"],
        kinds=kinds.names(visit.office.opened.core.house.desk(visit.here.id), visit.reader),
        titles=visit.office.opened.core.house.desk(visit.here.id).titles,
    )


async def add(visit: Visit) -> Response:
    """Make somebody a member."""
    form = visit.form
    try:
        added = await visit.do(
            members.add_person,
            text_of(form, "login") or "",
            name=text_of(form, "name") or "",
            company=visit.here.id,
            roles=roles_of(form),
            email=text_of(form, "email"),
            password=str(form.get("password", "")) or None,
            by=visit.who,
        )
    except InvalidInput as error:
        return await _list(visit, str(error))
    return visit.to(_address(visit, added), people.ADDED)


def _address(visit: Visit, member: Member) -> str:
    return f"/{visit.here.id}/people/{quote(member.person.id, safe='')}"


async def _one(visit: Visit) -> tuple[Member, list[Member]]:
    """Who the path names, and everybody."""
    everybody = await visit.do(members.members, visit.here.id)
    wanted = visit.request.path_params["person"]
    found = next((one for one in everybody if one.person.id == wanted), None)
    if found is None:
        raise NotFound(f"there is nobody called {wanted} here")
    return found, everybody


async def shown(visit: Visit) -> Response:
    """One person: to be changed by administrators, and in part by themselves."""
    return await _show(visit)


async def _show(visit: Visit, fault: str | None = None) -> Response:
    member, everybody = await _one(visit)
    desk = visit.office.opened.core.house.desk(visit.here.id)
    return page(
        visit,
        "person.html.j2",
        status=422 if fault else 200,
        words=people,
        common=common,
        member=member,
        address=_address(visit, member),
        others=[one for one in everybody if one.person.id != member.person.id and one.active],
        oneself=member.person.id == visit.someone.person.id,
        roles=ROLES,
        kinds=kinds.names(desk, visit.reader),
        titles=desk.titles,
        fault=fault,
    )


async def change(visit: Visit) -> Response:
    """Change the membership; who is no administrator changes their own absence and digest only."""
    member, _ = await _one(visit)
    form = visit.form
    manages = visit.may("manage")
    if not manages and member.person.id != visit.someone.person.id:
        raise NotAllowed("an administrator of the company changes other people's membership")
    try:
        await visit.do(
            members.change_membership,
            member.person.id,
            company=visit.here.id,
            by=visit.who,
            roles=roles_of(form) if manages else members.KEEP,
            limits=limits_of(form) if manages else members.KEEP,
            superior=text_of(form, "superior") if manages else members.KEEP,
            substitute=text_of(form, "substitute"),
            absent_from=day_of(form, "absent_from"),
            absent_until=day_of(form, "absent_until"),
            digest=form.get("digest") == "yes",
        )
    except InvalidInput as error:
        return await _show(visit, str(error))
    return visit.to(_address(visit, member), people.CHANGED)


async def password(visit: Visit) -> Response:
    """Give somebody, or oneself, another password."""
    member, _ = await _one(visit)
    try:
        await visit.do(
            members.set_password,
            member.person.id,
            str(visit.form.get("password", "")),
            by=visit.who,
        )
    except InvalidInput as error:
        return await _show(visit, str(error))
    return visit.to(_address(visit, member), people.PASSWORD_SET)


async def remove(visit: Visit) -> Response:
    """Take somebody out of the company."""
    member, _ = await _one(visit)
    await visit.do(members.remove_member, member.person.id, company=visit.here.id, by=visit.who)
    return visit.to(f"/{visit.here.id}/people", people.REMOVED)


ROUTES = [
    shows("/{company}/people", listed),
    acts("/{company}/people", add, right="manage"),
    shows("/{company}/people/{person}", shown),
    acts("/{company}/people/{person}", change, right="see"),
    acts("/{company}/people/{person}/password", password, right="see"),
    acts("/{company}/people/{person}/remove", remove, right="manage"),
]
NAVIGATION = [Entry("/{company}/people", common.TITLES["people"], order=70)]
