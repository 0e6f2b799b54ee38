"""Hooks: other programs are told what happens, and may answer for a person who lets them."""

from regisseur.office.hooks.answering import AnsweredBefore, WrongToken, answer
from regisseur.office.hooks.delivering import Delivered, deliver_due
from regisseur.office.hooks.listing import Delivery, deliveries, send_again
from regisseur.office.hooks.signing import verify

__all__ = [
    "AnsweredBefore",
    "Delivered",
    "Delivery",
    "WrongToken",
    "answer",
    "deliver_due",
    "deliveries",
    "send_again",
    "verify",
]
