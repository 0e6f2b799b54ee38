"""What to type to answer: the same commands on the page and in the terminal."""

import shlex

from regisseur.graphs.report import ActionLine
from regisseur.office.reports import labels
from regisseur.tools.actions.base import ToDo
from regisseur.tools.records import Message


def commands(action: ActionLine) -> tuple[tuple[Message, str], ...]:
    """Ways to settle this action where it stands, each with its command, ready to paste.

    A decision names the revision that is shown: what has changed since is not decided unseen.
    """
    name = shlex.quote(action.id)
    seen = shlex.quote(f"{action.id}@{action.revision}")
    if action.to_do is not None:
        return ((labels.TELL_IT, telling(action.to_do)),)
    if action.status == "unknown":
        return (
            (labels.WAS_DONE, f"regisseur resolve {name} done"),
            (labels.NOT_DONE, f"regisseur resolve {name} not_done"),
        )
    if action.status != "proposed" or action.mode == "shadow":
        return ()
    if action.veto_until:
        return ((labels.REFUSE, f"regisseur decide {seen} reject --reason not_needed"),)
    return ((labels.APPROVE, f"regisseur decide {seen} approve"),)


def telling(left: ToDo) -> str:
    """How to say that what was left to do is done."""
    fields = " ".join(f"{name}={shlex.quote(value)}" for name, value in left.fields.items())
    return f"regisseur tell {left.form} {fields}"
