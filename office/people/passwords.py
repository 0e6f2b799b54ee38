"""Passwords, by Argon2, and secrets that are kept as digests only."""

from __future__ import annotations

import hashlib
import secrets
from functools import cached_property
from threading import BoundedSemaphore

import anyio
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from regisseur.errors import InvalidInput

SHORTEST, LONGEST = 10, 1000
"""Characters of a password."""


class Passwords:
    """Makes and checks hashes of passwords; two at once at most, for each takes much memory.

    ``hasher`` is there for tests, which need no strong hashes.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = BoundedSemaphore(2)

    async def hashed(self, password: str) -> str:
        """A hash to be kept; raises InvalidInput for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise InvalidInput(f"use {SHORTEST} to {LONGEST} characters", field="password")
        return await self.made(password)

    async def made(self, password: str) -> str:
        """The same for one that was good enough when it was chosen."""
        return await anyio.to_thread.run_sync(self._hash, _bytes(password))

    async def right(self, kept: str | None, password: str) -> bool:
        """Is it the password of that hash? Takes as long where there is none."""
        return await anyio.to_thread.run_sync(self._verify, kept, _bytes(password[: LONGEST + 1]))

    def outdated(self, kept: str) -> bool:
        """Was it made with other parameters than are used now?"""
        return self._hasher.check_needs_rehash(kept)

    def _hash(self, password: bytes) -> str:
        with self._room:
            return self._hasher.hash(password)

    def _verify(self, kept: str | None, password: bytes) -> bool:
        nobodys = self._nobodys
        with self._room:
            try:
                return self._hasher.verify(kept or nobodys, password) and kept is not None
            except (VerificationError, InvalidHashError):
                return False

    @cached_property
    def _nobodys(self) -> str:
        return self._hash(secrets.token_bytes(16))


PASSWORDS = Passwords()
"""With the parameters that argon2-cffi recommends (RFC 9106, low memory)."""


def new_secret() -> tuple[str, str]:
    """A secret of 256 bits, and the digest to be kept of it."""
    secret = secrets.token_urlsafe(32)
    return secret, digest_of(secret)


def digest_of(secret: str) -> str:
    """What is kept of a secret: it is as random as a digest can be, and needs no slow hash."""
    return hashlib.sha256(_bytes(secret)).hexdigest()


def _bytes(text: str) -> bytes:
    """Of any text that a request can hold, halves of characters included."""
    return text.encode("utf-8", "surrogatepass")
