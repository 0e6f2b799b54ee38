"""What a kind of action is: typed arguments, a key, guards, and steps that converge.

A kind never decides whether to act; it knows how to make one approved change true in the ERP and
how to find out whether it already is. The performer calls ``look_up`` and ``advance`` in turn
until ``look_up`` says done: whatever was killed in between, the next round goes on from what is
really there (design, law 3).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from regisseur.errors import InvalidInput
from regisseur.tools.erp.ports import Connection
from regisseur.tools.records import Message, Money, Record, RecordRef, Speaker, Value

say = Speaker("regisseur.tools.actions")


class Arguments(BaseModel):
    """Parent of the typed arguments of every kind; unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Record):
    """A value that the proposal rests on, with where it came from."""

    name: str
    """For guards, which compare it with what they read."""
    value: Value
    source: RecordRef | None = None
    label: Message | None = None
    """What people call it."""


class Difference(Record):
    """Something that is no longer as it was: shown to people as "was / is"."""

    name: Message
    was: Value
    now: Value


class ToDo(Record):
    """What is left for a person's hand once an action is carried out, until it is told in a form
    of its agent's.
    """

    what: Message
    form: str
    fields: dict[str, str]
    """What to fill in, beside the day as ``on``; among it the action's ``key``."""


class Found(Record):
    """What the ERP has under an action's key.

    ``conflict`` means: something carries our key and differs from what was approved; it is never
    adopted. ``differences`` then say in what. ``doubtful`` means: it was begun and nobody can know
    whether it came to its end, so that a person has to look.
    """

    state: Literal["nothing", "partial", "done", "conflict", "doubtful"]
    reference: str | None = None
    """The number people know it by, once the ERP gave one."""
    record: RecordRef | None = None
    differences: tuple[Difference, ...] = ()


class Outside(Protocol):
    """All that a company is connected to, and its clock."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock; for what has to carry the moment at which it leaves."""
        ...

    def port(self, wanted: type[Any]) -> Any:
        """The connection that serves a port; raises Unsupported where none does."""
        ...


A = TypeVar("A", bound=Arguments)
P = TypeVar("P")


class Kind(ABC, Generic[A, P]):
    """One kind of action. ``P`` is the port it writes through."""

    name: ClassVar[str]
    """Stable and unique, for example ``place_purchase_order``."""
    arguments: type[A]
    port: type[Any]
    """The port ``P`` itself; a Protocol, which type checkers don't accept as ``type[P]``."""
    always_asks: ClassVar[bool] = False
    """No policy can have it done without a person's yes."""
    editable: ClassVar[frozenset[str]] = frozenset()
    """Paths of arguments a person may change, list positions as ``*`` (``lines.*.quantity``)."""
    repeatable: ClassVar[bool] = True
    """After a write without an answer and an empty look-up, may the step be sent again?

    True where the first step is inert and surplus results of it are cleaned up by ``advance``.
    """

    def reach(self, outside: Outside) -> P:
        """What it works through; a kind that takes several ports puts them together here."""
        reached: P = outside.port(self.port)
        return reached

    def repeats(self, erp: Connection) -> bool:
        """Is ``repeatable`` true with this ERP?"""
        return self.repeatable and erp.draft_is_inert

    @abstractmethod
    def subject(self, arguments: A) -> str:
        """The one thing it is about; at most one open action per (company, kind, subject)."""

    @abstractmethod
    def summary(self, arguments: A) -> Message:
        """One line for a list."""

    def counted(self, count: int) -> Message:
        """So many of them, in a row with others: ``3 purchase orders``."""
        return say.counted("{count} action", "{count} actions", count)

    def amount(self, arguments: A) -> Money | None:
        """Money that moves if it is carried out, ``None`` if none does."""
        return None

    def counterparty(self, arguments: A) -> str | None:
        """The id of the party it concerns, for policy rules."""
        return None

    def people(self, arguments: A) -> int:
        """How many different people must approve it at least; more than one is never done without
        asking, whatever the policy says.
        """
        return 1

    def after_edit(self, arguments: A) -> A:
        """Recompute what follows from an edit (a price from its break); may raise InvalidInput."""
        return arguments

    @abstractmethod
    async def drift(
        self, port: P, key: str, arguments: A, facts: Sequence[Fact]
    ) -> list[Difference]:
        """Re-read what the approval rests on; only material changes, within the kind's tolerances.

        What stands under our own ``key`` is no drift.

        Called within seconds before the first write. An empty list means "still true".
        """

    @abstractmethod
    async def look_up(self, port: P, key: str, arguments: A) -> Found:
        """What is there under this key; reads only."""

    @abstractmethod
    async def advance(self, port: P, key: str, arguments: A, found: Found) -> None:
        """Take exactly one step towards done, guarded by the state that was found."""

    async def abandon(self, port: P, key: str, arguments: A, found: Found) -> None:
        """Remove what was half made and binds nobody, because it will not be finished as it is.

        Called after ``look_up`` said partial and the action goes back to the inbox. Whatever can't
        be removed stays and is told.
        """

    def material(self, before: A, after: A) -> bool:
        """Do two sets of arguments differ enough to ask again after a rejection?"""
        return before != after

    def to_check(self, key: str, arguments: A) -> Message | None:
        """What a person should look at when the outcome is unknown."""
        return None

    def to_do(self, key: str, arguments: A) -> ToDo | None:
        """What a person has to do by hand once it is carried out, ``None`` if nothing."""
        return None

    def parse(self, data: Mapping[str, Any]) -> A:
        """Arguments from JSON; raises InvalidInput naming the first wrong field."""
        try:
            return self.arguments.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or self.name
            raise InvalidInput(first["msg"], field=field) from error

    def edit(self, before: A, changed: Mapping[str, Any]) -> A:
        """The approved arguments with a person's changes; only ``editable`` paths may differ.

        Raises InvalidInput naming the first field that is wrong or may not be changed.
        """
        after = self.parse(changed)
        for path in changed_paths(before.model_dump(mode="json"), after.model_dump(mode="json")):
            if path not in self.editable:
                raise InvalidInput("can't be changed by an edit; reject it instead", field=path)
        return self.after_edit(after)


def changed_paths(before: Any, after: Any, path: str = "") -> list[str]:
    """Paths at which two JSON values differ, list positions as ``*``; a list of another length
    differs as a whole.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        names = sorted(before.keys() | after.keys())
        return [
            found
            for name in names
            for found in changed_paths(
                before.get(name), after.get(name), f"{path}.{name}".strip(".")
            )
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            found
            for one, other in zip(before, after, strict=True)
            for found in changed_paths(one, other, f"{path}.*")
        ]
    return [] if before == after else [path]


AnyKind = Kind[Any, Any]
