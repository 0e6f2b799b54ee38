"""What the office does, implemented once and asynchronously; ``Office`` and ``AsyncOffice`` are
two faces of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import anyio

from regisseur.errors import InvalidInput, NotAllowed, NotDecidable, NotFound, RegisseurError
from regisseur.graphs.authority import with_right
from regisseur.graphs.deciding import Decision, decide, resolve
from regisseur.graphs.desk import Desk
from regisseur.graphs.performing import held_back, perform
from regisseur.graphs.telling import alarm_about, to_do_after, urgency
from regisseur.office import queries, recording
from regisseur.office.doctor import Examination, examine
from regisseur.office.exploring import explored, printed
from regisseur.office.forewarning import forewarn
from regisseur.office.history import Event, events
from regisseur.office.house import House, told_to
from regisseur.office.missions import Missions
from regisseur.office.recording import BankFile, Entry
from regisseur.office.sweeping import Swept, sweep
from regisseur.office.views import Action, Effect, Mission, Outcome, ReportView
from regisseur.storage import audit, ledger, missions
from regisseur.storage.tables import FINAL, ActionRow, EffectRow
from regisseur.tools.records import Message

Tell = Callable[[Message], None]
Actor = str | ledger.Who
"""Whoever acts: a name that the caller asserts, or somebody who signed in (``Who``)."""
RESOLUTIONS: dict[str, Literal["done", "failed"]] = {"done": "done", "not_done": "failed"}


class Core:
    """The operations of an open house. ``company`` may be left out where there is only one."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.missions = Missions(house)
        self._shown: dict[str, tuple[int, str]] = {}
        """Revision and hash of each action as last handed out: what a bare id is decided on."""

    # --- missions ---

    async def run(
        self,
        agent: str,
        *,
        on: date | None = None,
        company: str | None = None,
        again: bool = False,
        by: Actor | None = None,
        tell: Tell | None = None,
    ) -> Mission:
        """Run an agent for a night; the same night again returns its mission.

        What earlier processes left lying is gone on with first. ``by``: who asked for it, where a
        person did.
        """
        desk = told_to(self.house.desk(company), tell)
        night = on or desk.local_day(desk.now())
        await self._sweep(desk)
        asked_by = None if by is None else who_is(by)
        mission = await self.missions.run(
            desk, self.house.agent(agent), night, again=again, asked_by=asked_by
        )
        await self._mark(desk)
        return mission

    async def mission(self, mission_id: str) -> Mission:
        """One mission with its latest report."""
        return await self.missions.view(mission_id)

    async def reports(
        self, *, company: str | None = None, agent: str | None = None, on: date | None = None
    ) -> list[ReportView]:
        """The newest report of each agent, or of one agent or night."""
        desk = self.house.desk(company)
        rows = await self.house.database.in_read(
            missions.latest, desk.company.id, agent=agent, on=on
        )
        if agent is not None and not rows:
            self.house.agent(agent)
        told = [(await self.missions.view(row.id)).report for row in rows]
        return [one for one in told if one is not None]

    async def explore(
        self,
        agent: str,
        what_if: Sequence[str | Mapping[str, Any]] = (),
        *,
        on: date | None = None,
        company: str | None = None,
        tell: Tell | None = None,
    ) -> ReportView:
        """Ask an agent what would be, side by side with what is; nothing is written anywhere.

        A scenario is a line (``"late order=PO0042 on=2026-12-04"``) or a mapping with its ``name``.
        Raises InvalidInput naming what a scenario got wrong.
        """
        desk = told_to(self.house.desk(company), tell)
        night = on or desk.local_day(desk.now())
        return await explored(desk, self.house.agent(agent), night, what_if)

    async def plan(
        self,
        what_if: Sequence[str | Mapping[str, Any]] = (),
        *,
        on: date | None = None,
        company: str | None = None,
        tell: Tell | None = None,
    ) -> ReportView:
        """``explore`` of the planning agent."""
        return await self.explore("planning", what_if, on=on, company=company, tell=tell)

    async def sheet(
        self, agent: str, name: str, *, on: date | None = None, company: str | None = None
    ) -> bytes:
        """What an agent has to print, as a PDF, from its newest night."""
        desk = self.house.desk(company)
        night = on or desk.local_day(desk.now())
        return await printed(desk, self.house.agent(agent), name, night)

    # --- the inbox ---

    async def inbox(self, *, company: str | None = None) -> list[Action]:
        """What waits for a person, most urgent first: deadline, then the cost of one more day.

        Among it is what a process has been carrying out for too long: see ``line.to_check``.
        """
        desk = self.house.desk(company)
        pairs = await self.house.database.in_read(queries.inbox, desk.company.id, desk.now())
        shown = [await self._show(desk, row, effect) for row, effect in pairs]
        waiting = [one for one in shown if one.status != "performing" or one.line.to_check]
        return sorted(waiting, key=lambda one: urgency(one.line))

    async def action(self, action_id: str, *, company: str | None = None) -> Action:
        """One action as it stands."""
        desk, row, effect = await self._find(action_id, company)
        return await self._show(desk, row, effect)

    async def find(self, beginning: str, *, company: str | None = None) -> str:
        """The whole id of the one action whose id begins so; raises NotFound or InvalidInput."""
        chosen = None if company is None else self.house.desk(company).company.id
        ids = await self.house.database.in_read(queries.beginning, beginning, chosen)
        if not ids:
            where = "" if chosen is None else f" in company {chosen}"
            raise NotFound(f"there is no action {beginning}{where}; see the inbox for those open")
        if len(ids) > 1:
            raise InvalidInput(f"{beginning} may be {', '.join(ids)}; write more of it", field="id")
        return ids[0]

    async def history(self, action_id: str, *, company: str | None = None) -> list[Event]:
        """All that happened to an action, oldest first."""
        await self._find(action_id, company)
        return await self.house.database.in_read(events, action_id)

    async def _find(
        self, action_id: str, company: str | None
    ) -> tuple[Desk, ActionRow, EffectRow | None]:
        row, effect = await self.house.database.in_read(queries.with_effect, action_id)
        if company is not None and row.company_id != company:
            raise NotFound(f"there is no action {action_id} in company {company}")
        return self.house.desk(row.company_id), row, effect

    async def _show(self, desk: Desk, row: ActionRow, effect: EffectRow | None) -> Action:
        self._shown[row.id] = (row.revision, row.seen_hash)
        under_way = row.status == "performing"
        alarm = await anyio.to_thread.run_sync(alarm_about, desk, row) if under_way else None
        to_do = await self.house.database.in_read(to_do_after, desk, row)
        return Action.of(row, effect, desk.company.locale, alarm, to_do)

    async def decide(
        self,
        action: str | Action,
        verdict: ledger.Verdict,
        *,
        by: Actor,
        arguments: Mapping[str, Any] | None = None,
        reason: str | None = None,
        comment: str | None = None,
        until: datetime | None = None,
        assignee: str | None = None,
        revision: int | None = None,
        seen: str | None = None,
        company: str | None = None,
    ) -> Outcome:
        """Decide, and carry out at once what is approved by it.

        An ``Action`` binds the decision to what it shows. A bare id is bound to what this office
        last showed of it; give ``revision`` and ``seen`` where several people share one office.
        """
        action_id = action.id if isinstance(action, Action) else action
        shown = self._bound(action)
        desk, _, _ = await self._find(action_id, company)
        decision = Decision(
            action_id=action_id,
            verdict=verdict,
            who=who_is(by),
            revision=revision if revision is not None else shown[0],
            seen=seen if seen is not None else shown[1],
            arguments=arguments,
            reason=reason,
            comment=comment,
            until=until,
            assignee=assignee,
        )
        return await self._taken(desk, decision)

    def _bound(self, action: str | Action) -> tuple[int | None, str | None]:
        """The revision and hash that a decision on this is bound to, if anything was shown."""
        if isinstance(action, Action):
            return action.revision, action.seen
        return self._shown.get(action, (None, None))

    async def resolve(
        self,
        action_id: str,
        outcome: str,
        *,
        by: Actor,
        reference: str | None = None,
        comment: str | None = None,
        company: str | None = None,
    ) -> Outcome:
        """Settle an ``unknown`` after having looked: ``done`` or ``not_done``."""
        if outcome not in RESOLUTIONS:
            raise InvalidInput("say done or not_done", field="outcome")
        desk, _, _ = await self._find(action_id, company)
        settled = ledger.Outcome(RESOLUTIONS[outcome], reference=reference)
        row = await resolve(desk, action_id, settled, who_is(by), comment=comment)
        return await self._outcome(desk, row)

    async def _outcome(self, desk: Desk, row: ActionRow) -> Outcome:
        if row.status in FINAL:
            await self.missions.wake(desk, row.mission_id)
        _, effect = await self.house.database.in_read(queries.with_effect, row.id)
        await self._mark(desk)
        action, done = await self._show(desk, row, effect), Effect.of(effect)
        if row.status not in ("approved", "performing"):
            return Outcome(row.status, action, done)
        brake = await self.house.database.in_read(held_back, desk.company.id, row.agent)
        return Outcome("queued", action, done, brake or (done.error if done else None))

    async def _mark(self, desk: Desk) -> None:
        """Remember outside the database how far it has come; see ``watermark``."""
        database, company = self.house.database, desk.company.id
        if not await database.in_read(missions.is_restored, company):
            length = await database.in_read(audit.length_of, company)
            await anyio.to_thread.run_sync(self.house.watermark.raise_to, company, length)

    async def interrupts(self, mission_id: str) -> dict[str, Any]:
        """What a mission's graph asks, by interrupt id, as LangGraph clients see it."""
        return {one.id: one.value for one in await self.missions.interrupts(mission_id)}

    async def answer(
        self, mission_id: str, answers: Mapping[str, Any], *, by: Actor
    ) -> list[Outcome]:
        """What a LangGraph client answered, by interrupt id; see ``graphs.hitl`` for the forms.

        One decision that is refused keeps no other from being taken; the first refusal is raised
        when all have been tried.
        """
        desk, decisions = await self.missions.translate(mission_id, answers, who_is(by))
        outcomes: list[Outcome] = []
        refused: list[RegisseurError] = []
        for one in decisions:
            try:
                outcomes.append(await self._taken(desk, one))
            except (InvalidInput, NotAllowed, NotDecidable) as error:
                refused.append(error)
        if refused:
            raise refused[0]
        return outcomes

    async def _taken(self, desk: Desk, decision: Decision) -> Outcome:
        """Commit a decision and carry out at once what it approves."""
        row = await decide(desk, decision)
        if row.status == "approved":
            row = await perform(desk, row.id)
        return await self._outcome(desk, row)

    # --- what people tell ---

    async def record(
        self,
        form: str,
        /,
        *,
        by: Actor,
        agent: str | None = None,
        company: str | None = None,
        **values: Any,
    ) -> Entry:
        """Tell an agent something in one of its forms: a promise to pay, a dispute, a pause …

        What of its actions was decided on before comes back to the inbox instead of being carried
        out. Raises NotFound for an unknown form, InvalidInput naming the first wrong field.
        """
        desk = self.house.desk(company)
        wanted = recording.agent_for(self.house.agents, form, agent)
        return await recording.tell(desk, wanted, form, values, who_is(by))

    async def entries(self, agent: str, *, company: str | None = None) -> list[Entry]:
        """What was told to an agent and still holds, oldest first."""
        return await recording.standing(self.house.desk(company), self.house.agent(agent))

    async def withdraw(self, entry_id: str, *, by: Actor, company: str | None = None) -> Entry:
        """Say that something told no longer holds."""
        return await recording.withdraw(self.house.desk(company), entry_id, who_is(by))

    async def read_statement(
        self, file: Path, *, by: Actor, bank: str | None = None, company: str | None = None
    ) -> BankFile:
        """Read a bank's file (CAMT.053, OFX, or CSV with the layout ``bank`` of the settings).

        The same file, or another that overlaps it, adds nothing twice.
        """
        self.house.bank_layout(self.house.desk(company).company.id, bank)
        content = await anyio.to_thread.run_sync(recording.content_of, file)
        return await self.take_statement(file.name, content, by=by, bank=bank, company=company)

    async def take_statement(
        self,
        name: str,
        content: bytes,
        *,
        by: Actor,
        bank: str | None = None,
        company: str | None = None,
    ) -> BankFile:
        """The same of a file that somebody sent."""
        desk = self.house.desk(company)
        layout = self.house.bank_layout(desk.company.id, bank)
        return await recording.read_statement(desk, name, content, layout, who_is(by))

    async def doctor(self, *, company: str | None = None, tell: Tell | None = None) -> Examination:
        """What is connected, what it offers, and how good its data is; changes nothing."""
        return await examine(self.house, told_to(self.house.desk(company), tell))

    # --- the brake, the sweeper and the audit ---

    async def stop(
        self, *, by: Actor, reason: str, agent: str | None = None, company: str | None = None
    ) -> None:
        """Pull the brake: nothing more is written for the agent, or for the whole company."""
        desk = self.house.desk(company)
        name = "" if agent is None else self.house.agent(agent).name
        company_id, who = desk.company.id, who_is(by)
        pull = with_right(ledger.stop, company_id, who, "run", "manage")
        await self.house.database.in_write(pull, company_id, name, who, reason, desk.now())

    async def go(self, *, by: Actor, agent: str | None = None, company: str | None = None) -> bool:
        """Release the brake; False if it wasn't pulled."""
        desk = self.house.desk(company)
        name = "" if agent is None else self.house.agent(agent).name
        company_id, who = desk.company.id, who_is(by)
        release = with_right(ledger.go, company_id, who, "run", "manage")
        return await self.house.database.in_write(release, company_id, name, who, desk.now())

    async def sweep(self, *, company: str | None = None) -> list[Swept]:
        """Find what nobody is working on: ended veto windows, deadlines, approved actions, dead
        workers' actions, missions with nothing open. Tells of what somebody works on for too long.
        """
        chosen = [company] if company is not None else list(self.house.desks)
        return [await self._sweep(self.house.desk(one)) for one in chosen]

    async def _sweep(self, desk: Desk) -> Swept:
        await forewarn(self.house, desk)
        swept = await sweep(desk, self.missions)
        await self._settle_watermark(desk)
        return swept

    async def _settle_watermark(self, desk: Desk) -> None:
        """A restored database that has been looked up is the truth from now on."""
        if await self.house.database.in_read(missions.is_restored, desk.company.id):
            return
        length = await self.house.database.in_read(audit.length_of, desk.company.id)
        if length < self.house.watermark.of(desk.company.id):
            self.house.watermark.lower_to(desk.company.id, length)
        await self._mark(desk)

    async def audit_verify(
        self, *, company: str | None = None, head: str | None = None
    ) -> audit.Verdict:
        """Check the company's whole audit chain, and that ``head`` (from a report) is in it."""
        desk = self.house.desk(company)
        return await self.house.database.in_read(audit.verify, desk.company.id, head=head)

    async def audit_export(self, *, company: str | None = None) -> list[dict[str, Any]]:
        """The audit chain as JSON objects, oldest first."""
        desk = self.house.desk(company)
        return await self.house.database.in_read(queries.exported, desk.company.id)


def who_is(by: Actor) -> ledger.Who:
    """Whoever acts, as named by the caller or signed in; raises InvalidInput where nobody is."""
    if isinstance(by, ledger.Who):
        return by
    if not by.strip():
        raise InvalidInput("say who you are", field="by")
    return ledger.Who(by)
