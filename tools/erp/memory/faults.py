"""How the in-memory ERP misbehaves when a test asks it to."""

from __future__ import annotations

import inspect
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from regisseur.tools.erp.ports import PORTS

Hook = Callable[[], object] | Callable[[], Awaitable[object]]
OPERATIONS = frozenset(name for port in PORTS.values() for name in vars(port) if name[0] != "_")


@dataclass
class Planned:
    """What is to go wrong at the next call of one operation."""

    errors: deque[Exception] = field(default_factory=deque)
    before: deque[Hook] = field(default_factory=deque)
    after: deque[Hook] = field(default_factory=deque)
    lost_answers: int = 0
    late: deque[int] = field(default_factory=deque)


class Faults:
    """What goes wrong, planned by operation (the name of a port's method).

    Plans for one operation are used up one a call, in the order they were made.
    """

    def __init__(self) -> None:
        self._planned: defaultdict[str, Planned] = defaultdict(Planned)
        self._late: list[tuple[int, Callable[[], object]]] = []

    def fail_next(self, operation: str, error: Exception) -> None:
        """The next call changes nothing and raises ``error``."""
        self._plan(operation).errors.append(error)

    def lose_answer_of(self, operation: str) -> None:
        """The next call does its work and raises OutcomeUnknown."""
        self._plan(operation).lost_answers += 1

    def commit_late(self, operation: str, *, unseen_by: int = 1) -> None:
        """The next call raises OutcomeUnknown, and its work is done only after ``unseen_by`` more
        requests were answered without it.
        """
        self._plan(operation).late.append(unseen_by)

    def before(self, operation: str, hook: Hook) -> None:
        """Run a hook (plain or async) once, when the next call comes in and nothing is done yet."""
        self._plan(operation).before.append(hook)

    def after(self, operation: str, hook: Hook) -> None:
        """Run a hook once, when the next call has done its work and the answer is not out yet."""
        self._plan(operation).after.append(hook)

    def _plan(self, operation: str) -> Planned:
        if operation not in OPERATIONS:
            raise ValueError(f"no such operation: {operation}; one of {sorted(OPERATIONS)}")
        return self._planned[operation]

    def _due(self) -> list[Callable[[], object]]:
        """Late work whose time has come; every call brings the rest one request nearer."""
        due = [work for left, work in self._late if left == 0]
        self._late = [(left - 1, work) for left, work in self._late if left > 0]
        return due


async def run(hooks: deque[Hook]) -> None:
    """Run the first planned hook, if there is one."""
    if hooks:
        result = hooks.popleft()()
        if inspect.isawaitable(result):
            await result
