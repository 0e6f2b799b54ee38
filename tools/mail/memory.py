"""A mail account in memory: for the tests of whoever writes an agent, and for ours.

It keeps the rules of a real one (one mail a key, all recipients or none) and misbehaves when told
to, by the same words as ``MemoryERP``: ``lose_answer_of("send")``, ``commit_late("send")``,
``fail_next("send", RetryLater(...))``, ``before`` and ``after``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from regisseur.errors import NeedsPerson, OutcomeUnknown, VendorRefused
from regisseur.tools.erp.memory.faults import Faults, Planned, run
from regisseur.tools.mail.message import compose, digest, message_id
from regisseur.tools.mail.records import MailProbe, OutgoingMail, Sent
from regisseur.tools.records import Company

T = TypeVar("T")
OPERATIONS = frozenset({"find_sent", "send"})


class MemorySettings(BaseModel):
    """What keeps a company from taking it for a real account: it would count as sent what nobody
    ever gets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    test: bool = False
    """For tests that go through a settings file; nothing leaves."""

    @model_validator(mode="after")
    def _only_in_tests(self) -> MemorySettings:
        if not self.test:
            raise ValueError(
                "a memory account sends nothing; use smtp, or folder to look at mails first "
                "(test = true in a test)"
            )
        return self


class MemoryMailer(Faults):
    """A ``Mailer`` over a list; ``refuse`` makes it refuse an address as a server would."""

    vendor = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.identity = f"memory:{id(self):#x}"
        self.requests = 0
        self.mails: list[OutgoingMail] = []
        """What was sent, oldest first."""
        self._sent: dict[str, Sent] = {}
        self._unknown: set[str] = set()
        self._refused: set[str] = set()

    def refuse(self, address: str) -> None:
        """From now on nobody is known there."""
        self._refused.add(address)

    async def probe(self) -> MailProbe:
        """See ``Mailer``; never fails."""
        return MailProbe(vendor=self.vendor, server="memory")

    async def find_sent(self, message_id: str) -> Sent | None:
        """See ``Mailer``; a mail whose answer got lost stays unknown, as on a real account."""
        return await self._request("find_sent", lambda: self._find(message_id))

    async def send(self, mail: OutgoingMail) -> Sent:
        """See ``Mailer``."""
        identifier = message_id(mail.key, mail.sender)
        self._find(identifier)
        try:
            return await self._request("send", lambda: self._take(mail, compose(mail)))
        except OutcomeUnknown:
            self._unknown.add(identifier)
            raise

    async def close(self) -> None:
        """Nothing is held open."""

    def _find(self, identifier: str) -> Sent | None:
        if identifier in self._unknown:
            raise OutcomeUnknown(f"the mail {identifier} was handed over and no answer is known")
        return self._sent.get(identifier)

    def _take(self, mail: OutgoingMail, content: bytes) -> Sent:
        identifier = message_id(mail.key, mail.sender)
        if (before := self._sent.get(identifier)) is not None:
            if before.digest != digest(content):
                raise NeedsPerson(f"another mail was already sent as {identifier}")
            return before
        for address in mail.recipients:
            if address in self._refused:
                raise VendorRefused(f"550 5.1.1 nobody is known as {address}; nothing was sent")
        self.mails.append(mail)
        self._sent[identifier] = Sent(
            message_id=identifier,
            recipients=mail.recipients,
            digest=digest(content),
            answer=f"250 kept as number {len(self.mails)}",
        )
        return self._sent[identifier]

    async def _request(self, operation: str, work: Callable[[], T]) -> T:
        self.requests += 1
        for late in self._due():
            with suppress(VendorRefused, NeedsPerson):
                late()
        plan = self._plan(operation)
        await run(plan.before)
        if plan.errors:
            raise plan.errors.popleft()
        if plan.late:
            self._late.append((plan.late.popleft(), work))
            raise OutcomeUnknown(f"{operation}: no answer came")
        result = work()
        await run(plan.after)
        if plan.lost_answers:
            plan.lost_answers -= 1
            raise OutcomeUnknown(f"{operation}: no answer came")
        return result

    def _plan(self, operation: str) -> Planned:
        if operation not in OPERATIONS:
            raise ValueError(f"no such operation: {operation}; one of {sorted(OPERATIONS)}")
        return self._planned[operation]


class MemoryAdapter:
    """Lets ``vendor = "memory"`` be configured like any other mail account."""

    name = "memory"
    settings = MemorySettings

    def open(self, settings: MemorySettings, company: Company) -> MemoryMailer:
        """An account that forgets everything when the process ends."""
        return MemoryMailer()


ADAPTER = MemoryAdapter()
