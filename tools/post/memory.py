"""A post room in memory, for tests."""

from __future__ import annotations

import hashlib

from regisseur.tools.post.ports import Prepared


class MemoryPostRoom:
    """A ``PostRoom`` over a dictionary."""

    vendor = "memory"

    def __init__(self) -> None:
        self.identity = f"post:{id(self):#x}"
        self.documents: dict[str, bytes] = {}
        """Content by key, as they were put."""
        self._prepared: dict[str, Prepared] = {}

    async def find(self, key: str) -> Prepared | None:
        """See ``PostRoom``."""
        return self._prepared.get(key)

    async def put(self, key: str, title: str, content: bytes) -> Prepared:
        """See ``PostRoom``."""
        if key not in self._prepared:
            digest = hashlib.sha256(content).hexdigest()
            self.documents[key] = content
            self._prepared[key] = Prepared(key=key, name=title, digest=digest)
        return self._prepared[key]

    async def close(self) -> None:
        """Nothing is held open."""
