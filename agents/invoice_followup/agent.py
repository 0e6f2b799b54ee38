"""The invoice follow-up agent: reads the books, proposes messages, sends none itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import anyio

from regisseur.agents.invoice_followup.correspondence import Correspondence, read_mailbox
from regisseur.agents.invoice_followup.forms import FORMS
from regisseur.agents.invoice_followup.naming import identified
from regisseur.agents.invoice_followup.observation import Observation, offered, read_books
from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.invoice_followup.words import say
from regisseur.errors import Misconfigured, Unsupported
from regisseur.graphs.agent import Agent, Brief
from regisseur.graphs.bank import bank_known_until, bank_lines
from regisseur.graphs.desk import Desk
from regisseur.graphs.judgement import Judgement
from regisseur.graphs.past import Deed, deeds, first_night
from regisseur.graphs.told import Form, told
from regisseur.storage.tables import MissionRow
from regisseur.tools.erp.ports import Receivables
from regisseur.tools.mail import Mailer
from regisseur.tools.records import Message

BANK_LOOK_BACK = timedelta(days=60)
"""Older bank lines have long been put on invoices."""
LASTING = ("open_dispute", "correct_contact")
"""Kinds of action that are not proposed again while the entry stands that they come from."""
LONGEST_TEXT = 20_000
"""Bytes of a text of the company's own that are read."""


class InvoiceFollowupAgent(Agent[Observation, InvoiceFollowupSettings]):
    """Works out whom to ask for payment tonight, in which words and for which sums."""

    name: ClassVar[str] = "invoice_followup"
    title: ClassVar[Message] = say("Invoice follow-up")
    requires: ClassVar[tuple[str, ...]] = ("receivables",)
    kinds: ClassVar[tuple[str, ...]] = (
        "send_reminder",
        "prepare_letter",
        "prepare_call",
        "formal_notice",
        "hand_over",
        "tell_sales",
        "open_dispute",
        "write_off",
        "correct_contact",
    )
    forms: ClassVar[Mapping[str, type[Form]]] = FORMS
    settings = InvoiceFollowupSettings
    observation = Observation

    async def gather(self, desk: Desk, mission: MissionRow) -> Observation:
        """The books, what people told, the bank, and what was done before."""
        brief = self.brief(desk, mission)
        books = await read_books(desk.port(Receivables), brief.settings, brief.on, desk.tell)
        done = await deeds(desk, self.name, date.min)
        mails = Correspondence()
        if mission.id:  # the doctor only tries, and keeps nothing
            mails = await read_mailbox(desk, self.name, done, brief.on)
        return Observation(
            books=books,
            told=await told(desk, self.name),
            bank=await bank_lines(desk, brief.on - BANK_LOOK_BACK),
            bank_until=await bank_known_until(desk),
            deeds=_lately(done, brief.on - BANK_LOOK_BACK),
            first_night=await first_night(desk, self.name) or brief.on,
            offers=await offered(desk.erp),
            mail=_has_mail(desk),
            correspondence=mails,
            texts=await anyio.to_thread.run_sync(_own_texts, brief.settings.texts),
        )

    def judge(self, observation: Observation, brief: Brief[InvoiceFollowupSettings]) -> Judgement:
        """Pure: see ``docs/agents/invoice_followup.md`` for every rule and formula."""
        from regisseur.agents.invoice_followup.judge import judge

        return judge(observation, brief)

    async def understand(self, desk: Desk, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Customers by name, invoices by number: see ``naming``."""
        settings = desk.settings.get(self.name)
        if not isinstance(settings, InvoiceFollowupSettings):
            settings = InvoiceFollowupSettings()
        return await identified(desk, self.name, settings, values)

    def readiness(
        self, observation: Observation, brief: Brief[InvoiceFollowupSettings]
    ) -> tuple[Message, ...]:
        """See ``readiness``."""
        from regisseur.agents.invoice_followup.night import Night
        from regisseur.agents.invoice_followup.readiness import readiness

        return tuple(readiness(Night(observation, brief)))


def _lately(done: Iterable[Deed], since: date) -> tuple[Deed, ...]:
    """What was done since a day; of what rests on an entry that may still stand, all."""
    return tuple(one for one in done if one.on >= since or one.kind in LASTING)


def _has_mail(desk: Desk) -> bool:
    try:
        desk.port(Mailer)
    except Unsupported:
        return False
    return True


def _own_texts(folder: Path | None) -> dict[str, str]:
    """The company's own texts by ``language/step``; raises Misconfigured where one can't be read."""
    if folder is None:
        return {}
    if not folder.is_dir():
        raise Misconfigured(f"agents.invoice_followup.texts: there is no folder {folder}")
    found = {}
    for file in sorted(folder.glob("*/*.txt")):
        try:
            content = file.read_bytes()[: LONGEST_TEXT + 1]
            if len(content) > LONGEST_TEXT:
                raise Misconfigured(f"the text {file} is longer than {LONGEST_TEXT} bytes")
            found[f"{file.parent.name}/{file.stem}"] = content.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(f"the text {file} can't be read: {error}") from error
    return found
