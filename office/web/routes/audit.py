"""The audit trail: read page by page, checked as a whole, and taken away as JSON lines."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

from regisseur.errors import InvalidInput
from regisseur.office import archive
from regisseur.office.core import Core
from regisseur.office.web.pages import Entry, Visit, acts, page, shows
from regisseur.office.web.words import audit, common
from regisseur.storage.audit import Verdict
from regisseur.tools.records import Message

PER_PAGE = 100
PART = 1000
"""Entries read at once for a download."""


async def trail(visit: Visit) -> Response:
    """A page of the trail, newest first."""
    return await _trail(visit, None)


async def verify(visit: Visit) -> Response:
    """Walk the whole chain and tell what was found."""
    head = str(visit.form.get("head", "")).strip() or None
    found = await visit.do(Core.audit_verify, company=visit.here.id, head=head)
    return await _trail(visit, found)


async def _trail(visit: Visit, verdict: Verdict | None) -> Response:
    asked = visit.request.query_params.get("before", "")
    if asked and not asked.isdecimal():
        raise InvalidInput("write the number of an entry", field="before")
    before = int(asked) if asked else None
    entries = await visit.do(archive.audit_page, visit.here.id, before=before, limit=PER_PAGE + 1)
    return page(
        visit,
        "audit.html.j2",
        words=audit,
        common=common,
        entries=entries[:PER_PAGE],
        older=str(entries[PER_PAGE - 1].sequence) if len(entries) > PER_PAGE else None,
        newest=before is None,
        verdict=verdict,
        by=_by,
    )


def _by(actor: str) -> Message | str:
    """Somebody's name, or what a process of ours is."""
    return audit.ACTORS.get(actor.partition(":")[0], actor)


async def export(visit: Visit) -> Response:
    """The whole chain, one JSON object a line, as ``audit verify`` elsewhere reads it."""
    name = f"audit-{visit.here.id}.jsonl"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_lines(visit), media_type="application/x-ndjson", headers=headers)


async def _lines(visit: Visit) -> AsyncIterator[str]:
    after = 0
    while part := await visit.do(archive.audit_lines, visit.here.id, after=after, limit=PART):
        yield "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in part)
        after = part[-1]["sequence"]


ROUTES = [
    shows("/{company}/audit", trail),
    acts("/{company}/audit/verify", verify, right="see"),
    shows("/{company}/audit/export", export),
]
NAVIGATION = [Entry("/{company}/audit", common.TITLES["audit"], order=80)]
