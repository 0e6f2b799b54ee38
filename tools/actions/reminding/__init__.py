"""What all kinds of action share that ask a customer to pay: what is asked, guards, comparing."""

from regisseur.tools.actions.reminding.arguments import Chased, Claimed, Recipient, Remind, Sender
from regisseur.tools.actions.reminding.comparing import logged
from regisseur.tools.actions.reminding.guards import still_true
from regisseur.tools.actions.reminding.kind import DeliveredKind, ReminderKind

__all__ = [
    "Chased",
    "Claimed",
    "DeliveredKind",
    "Recipient",
    "Remind",
    "ReminderKind",
    "Sender",
    "logged",
    "still_true",
]
