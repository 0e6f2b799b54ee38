"""Signatures: how a receiver knows that a message is ours, and we that an answer is the receiver's.

``verify`` is for receivers written in Python; others do the same in a few lines (docs/API.md).
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=5)
"""How old or how early a message's timestamp may be: longer ago it may be somebody's copy."""
TIMESTAMP, SIGNATURE = "Regisseur-Timestamp", "Regisseur-Signature"
DELIVERY, EVENT = "Regisseur-Delivery", "Regisseur-Event"


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """``sha256=`` and the HMAC-SHA256 of timestamp, a dot, and the body as it is sent."""
    signed = timestamp.encode() + b"." + body
    return f"sha256={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def verify(secret: str, timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """Is this a message of ours, made within the last five minutes?

    ``timestamp`` (seconds since 1970) and ``signature`` are the two headers as they came.
    """
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12:
        return False
    age = abs(now.timestamp() - int(timestamp))
    expected = sign(secret, timestamp, body).encode()
    same = hmac.compare_digest(expected, signature.encode())
    return same and age <= WINDOW.total_seconds()


def response_token(secret: str, delivery_id: str) -> str:
    """What answers one message, once. Made anew for every attempt, so that only its digest is kept."""
    return hmac.new(secret.encode(), b"response:" + delivery_id.encode(), "sha256").hexdigest()


def digest_of(token: str) -> str:
    """A token as the database keeps it."""
    return hashlib.sha256(token.encode()).hexdigest()
