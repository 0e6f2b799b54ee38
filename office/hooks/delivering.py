"""Delivering: what happened is put among the messages that wait, and these are sent until taken.

One process at a time does it for a company, under a lock that dies with it. A message keeps its id
and its body however often it is sent: a receiver that was cut off knows what it has already.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

import anyio
import httpx
from sqlalchemy.orm import Session

from regisseur.errors import RetryLater
from regisseur.graphs.desk import Desk, exclusively
from regisseur.graphs.stalled import Stalled, all_stalled
from regisseur.office.core import Core
from regisseur.office.hook_settings import HookSettings
from regisseur.office.hooks import signing
from regisseur.office.hooks.events import alarm_of, message_of
from regisseur.storage import audit, hooks
from regisseur.storage.house_tables import DeliveryRow
from regisseur.storage.tables import JsonObject

log = logging.getLogger(__name__)

BACK_OFF = tuple(timedelta(minutes=one) for one in (1, 5, 15, 60, 240, 720, 1440))
"""How long after each attempt the next one is; after the last of them we give up (two days)."""
PATIENCE = 10.0
"""Seconds that a receiver has to answer."""
AT_ONCE = 200
"""Links read in one transaction, and messages sent to one hook in one round."""
API = "/api/v1"
"""Where the API is mounted: answers come to it."""


@dataclass(frozen=True)
class Delivered:
    """What one round did for a company."""

    company: str
    taken: int = 0
    postponed: int = 0
    """Not taken: to be tried again later."""
    given_up: int = 0


async def deliver_due(core: Core, *, client: httpx.AsyncClient | None = None) -> list[Delivered]:
    """Tell every hook what it hasn't been told and is due; harmless to repeat, and from several
    processes at once. Raises nothing for what happens outside.
    """
    told: list[Delivered] = []
    for one in core.house.settings.all():
        if one.hooks:
            desk = core.house.desk(one.id)
            told.append(await _for_company(core, desk, one.hooks, client))
    return told


async def _for_company(
    core: Core, desk: Desk, all_hooks: Sequence[HookSettings], client: httpx.AsyncClient | None
) -> Delivered:
    try:
        async with exclusively(desk.locks, f"hooks:{desk.company.id}", patience=0.2):
            await _gather(core, desk, all_hooks)
            return await _send_due(core, desk, all_hooks, client)
    except RetryLater:
        return Delivered(desk.company.id)  # another process is at it


async def _gather(core: Core, desk: Desk, all_hooks: Sequence[HookSettings]) -> None:
    """Make messages of all that happened since the last round."""
    stalled = await anyio.to_thread.run_sync(all_stalled, desk)
    for hook in all_hooks:
        while await desk.database.in_read(hooks.behind, desk.company.id, hook.name):
            await desk.database.in_write(_read_on, desk, hook, site_of(core))
        if stalled:
            await desk.database.in_write(_alarm, desk, hook, stalled, desk.now())


def _read_on(session: Session, desk: Desk, hook: HookSettings, site: str) -> None:
    """Read one piece of the chain for a hook."""
    links = hooks.unread(session, desk.company.id, hook.name, AT_ONCE)
    for link in links:
        message = message_of(session, desk, hook, link, site)
        if message is not None:
            hooks.put(session, message)
    if links:
        hooks.has_read(session, desk.company.id, hook.name, links[-1].sequence)


def _alarm(
    session: Session, desk: Desk, hook: HookSettings, stalled: Sequence[Stalled], now: datetime
) -> None:
    for one in stalled:
        message = alarm_of(desk, hook, one, now)
        if message is not None:
            hooks.put(session, message)


async def _send_due(
    core: Core, desk: Desk, all_hooks: Sequence[HookSettings], client: httpx.AsyncClient | None
) -> Delivered:
    """Send what is due; a client of our own is only made where something is."""
    due = [
        (hook, rows)
        for hook in all_hooks
        if (
            rows := await desk.database.in_read(
                hooks.due, desk.company.id, hook.name, desk.now(), AT_ONCE
            )
        )
    ]
    if not due:
        return Delivered(desk.company.id)
    counts = Counter[str]()
    async with AsyncExitStack() as stack:
        if client is None:
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=PATIENCE))
        for hook, rows in due:
            counts += await _send_to(core, desk, hook, rows, client)
    return Delivered(desk.company.id, **counts)


async def _send_to(
    core: Core,
    desk: Desk,
    hook: HookSettings,
    rows: Sequence[DeliveryRow],
    client: httpx.AsyncClient,
) -> Counter[str]:
    """Send these to a hook; once it doesn't take one it is left alone for this round."""
    counts = Counter[str]()
    for row in rows:
        error = await _send(client, hook, row, desk.now(), site_of(core))
        state = await desk.database.in_write(_note, row, error, desk.now())
        counts[state] += 1
        if error is not None:
            log.warning("hook %s did not take %s (%s): %s", hook.name, row.id, state, error)
            break
    return counts


async def _send(
    client: httpx.AsyncClient, hook: HookSettings, row: DeliveryRow, now: datetime, site: str
) -> str | None:
    """Send one message; why it wasn't taken, ``None`` if it was."""
    secret = hook.secret.get_secret_value()
    raw = json.dumps(_with_token(row, secret, site), ensure_ascii=False).encode()
    timestamp = str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "regisseur",
        signing.DELIVERY: row.id,
        signing.EVENT: row.event,
        signing.TIMESTAMP: timestamp,
        signing.SIGNATURE: signing.sign(secret, timestamp, raw),
    }
    try:
        with anyio.fail_after(PATIENCE):
            async with client.stream(
                "POST", hook.url, content=raw, headers=headers, follow_redirects=False
            ) as answer:
                return _fault(answer)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return f"no answer: {type(error).__name__}"


def _fault(answer: httpx.Response) -> str | None:
    """Why a receiver's answer doesn't mean that it has the message; its text is never read."""
    if answer.is_success:
        return None
    if answer.is_redirect:
        return f"HTTP {answer.status_code}: redirects are not followed; correct the hook's url"
    return f"HTTP {answer.status_code}"


def _with_token(row: DeliveryRow, secret: str, site: str) -> JsonObject:
    """The body as it is sent: with what answers it, where it can be answered."""
    token = signing.response_token(secret, row.id)
    if row.response_digest != signing.digest_of(token):
        return row.body  # nothing to answer, or made with a secret that was changed since
    return {**row.body, "response": {"url": f"{site}{API}/answers/{row.id}", "token": token}}


def _note(session: Session, row: DeliveryRow, error: str | None, now: datetime) -> str:
    """Note how an attempt ended; who is given up is told of in the audit chain."""
    if error is None:
        hooks.tried(session, row.id, None, None)
        return "taken"
    if row.attempts < len(BACK_OFF):
        hooks.tried(session, row.id, error, now + BACK_OFF[row.attempts])
        return "postponed"
    hooks.tried(session, row.id, error, None)
    detail: JsonObject = {"delivery": row.id, "event": row.event, "error": error}
    entry = audit.Entry(row.company_id, now, "office", "hook given up", row.hook, detail)
    audit.record(session, entry)
    return "given_up"


def site_of(core: Core) -> str:
    """The address under which people and programs reach our pages."""
    return core.house.settings.server.address
