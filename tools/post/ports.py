"""What agents may ask of a post room, in our own words."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from regisseur.tools.records import Record


class Prepared(Record):
    """A document that lies ready."""

    key: str
    name: str
    """What people find it by, for example its file's name."""
    digest: str
    """SHA-256 of its content."""


@runtime_checkable
class PostRoom(Protocol):
    """A place where documents wait for a person to post them."""

    vendor: str
    identity: str
    """Names the place in locks and audit."""

    async def find(self, key: str) -> Prepared | None:
        """The document under a key; ``None`` means that none was ever put there."""
        ...

    async def put(self, key: str, title: str, content: bytes) -> Prepared:
        """Put a PDF there, whole or not at all and once a key: what lies there already is returned.

        Raises ``Misconfigured`` where it can't be written.
        """
        ...

    async def close(self) -> None:
        """Release what is held open."""
        ...
