"""The wire forms in which LangChain and LangGraph clients ask and answer.

``HITLRequest`` and its answer are those of LangChain's human-in-the-loop middleware, batched: one
decision per action request, in the same order. A decision ``respond`` with the word ``later``
leaves an action open. In the per-call form there is one interrupt per action and one decision per
interrupt id.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from annotated_types import Len
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model, model_validator

from regisseur.errors import InvalidInput
from regisseur.graphs.deciding import REASONS, Decision
from regisseur.storage.ledger import Who
from regisseur.storage.tables import ActionRow, RevisionRow
from regisseur.tools.records import Message
from regisseur.tools.texts import word


class Shown(TypedDict):
    """What was put before a person: enough to bind an answer to it."""

    id: str
    revision: int
    seen: str
    kind: str


class ActionRequest(TypedDict):
    """One action to be decided on."""

    name: str
    args: dict[str, Any]
    description: NotRequired[str]


class ReviewConfig(TypedDict):
    """What may be answered about it."""

    action_name: str
    allowed_decisions: list[Literal["approve", "edit", "reject", "respond"]]


class HITLRequest(TypedDict):
    """The value of a batched interrupt."""

    action_requests: list[ActionRequest]
    review_configs: list[ReviewConfig]


class ToolApproval(TypedDict):
    """The value of an interrupt about one action."""

    type: Literal["tool_approval"]
    tool_call_id: str
    """The action's id."""
    name: str
    args: dict[str, Any]
    description: str


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Approve(_Answer):
    """Do it as proposed."""

    type: Literal["approve"]


class EditedAction(_Answer):
    """The same action with other arguments; its name can't be changed."""

    name: str
    args: dict[str, Any]


class Edit(_Answer):
    """Do it with these arguments."""

    type: Literal["edit"]
    edited_action: EditedAction


class Reject(_Answer):
    """Don't; the message may be one of the named reasons."""

    type: Literal["reject"]
    message: str | None = None


class Respond(_Answer):
    """Leave it open; only ``later`` is understood."""

    type: Literal["respond"]
    message: Literal["later"]


Answer = Annotated[Approve | Edit | Reject | Respond, Field(discriminator="type")]


class Reply(_Answer):
    """What resumes a waiting mission: decisions, or a mere wake-up to look at the ledger."""

    wake: bool = False
    decisions: list[Answer] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Reply:
        if self.wake == (self.decisions is not None):
            raise ValueError("answer with decisions, or wake; not both and not neither")
        return self


class Woken(_Answer):
    """No answer: look at the ledger, something was decided elsewhere."""

    wake: Literal[True]


class SingleReply(RootModel[Answer | Woken]):
    """What resumes a mission that waits for one action: one decision, or a mere wake-up."""


@lru_cache(maxsize=64)
def reply_to(count: int) -> type[Reply]:
    """The reply that fits a batch of so many actions."""
    exact: Any = Annotated[list[Answer], Len(count, count)]
    optional: Any = (exact | None, None)
    return create_model(f"ReplyTo{count}", __base__=Reply, decisions=optional)


def request_for(about: Sequence[tuple[Shown, RevisionRow]], locale: str) -> HITLRequest:
    """Ask about these actions, in words of the company's language."""
    return {
        "action_requests": [
            {"name": one["kind"], "args": row.arguments, "description": _describe(row, locale)}
            for one, row in about
        ],
        "review_configs": [
            {
                "action_name": kind,
                "allowed_decisions": ["approve", "edit", "reject", "respond"],
            }
            for kind in dict.fromkeys(one["kind"] for one, _ in about)
        ],
    }


def approval_for(about: Shown, row: RevisionRow, locale: str) -> ToolApproval:
    """Ask about one action, in words of the company's language."""
    return {
        "type": "tool_approval",
        "tool_call_id": about["id"],
        "name": about["kind"],
        "args": row.arguments,
        "description": _describe(row, locale),
    }


def _describe(row: RevisionRow, locale: str) -> str:
    parts = [row.presented["summary"], row.presented["reason"], *row.presented.get("details", ())]
    return "\n".join(word(Message.model_validate(part), locale) for part in parts)


def decision_of(
    about: Shown, answer: Approve | Edit | Reject | Respond, who: Who
) -> Decision | None:
    """An answer as a decision on exactly what was shown; ``None`` for ``later``."""
    bound = partial(
        Decision,
        action_id=about["id"],
        revision=about["revision"],
        seen=about["seen"],
        who=who,
    )
    match answer:
        case Approve():
            return bound(verdict="approve")
        case Edit(edited_action=edited):
            if edited.name != about["kind"]:
                raise InvalidInput("an edit keeps the action's name", field="edited_action.name")
            return bound(verdict="edit", arguments=edited.args)
        case Reject(message=message):
            named = message if message in REASONS else "other"
            return bound(verdict="reject", reason=named, comment=message)
        case Respond():
            return None


def shown(row: ActionRow) -> Shown:
    """What binds an answer to this action as it stands."""
    return {"id": row.id, "revision": row.revision, "seen": row.seen_hash, "kind": row.kind}
