"""A folder as post room: one PDF a document, named so that people and we find it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import unicodedata
from pathlib import Path

from anyio import to_thread
from pydantic import BaseModel, ConfigDict

from regisseur.errors import Misconfigured
from regisseur.tools.post.ports import Prepared
from regisseur.tools.records import Company

LONGEST_TITLE = 80
MARK = 12
"""Hexadecimal digits of the key's hash in a file's name."""


class PostFolderSettings(BaseModel):
    """Where the documents are put."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    """Made where it doesn't exist. What was posted may be moved into a folder inside it."""


class FolderPostRoom:
    """A ``PostRoom`` whose documents are files; what people moved into subfolders is found too."""

    vendor = "folder"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.identity = f"post:{folder.resolve()}"

    async def find(self, key: str) -> Prepared | None:
        """See ``PostRoom``."""
        return await to_thread.run_sync(self._find, key)

    async def put(self, key: str, title: str, content: bytes) -> Prepared:
        """See ``PostRoom``."""
        return await to_thread.run_sync(self._put, key, title, content)

    async def close(self) -> None:
        """Nothing is held open."""

    def _find(self, key: str) -> Prepared | None:
        found = sorted(self.folder.rglob(f"*{_mark(key)}.pdf")) if self.folder.is_dir() else []
        if not found:
            return None
        content = found[0].read_bytes()
        return Prepared(key=key, name=found[0].name, digest=hashlib.sha256(content).hexdigest())

    def _put(self, key: str, title: str, content: bytes) -> Prepared:
        if (there := self._find(key)) is not None:
            return there
        name = f"{_plain(title)} {_mark(key)}.pdf"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=self.folder, prefix=".draft-")
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self.folder / name)
        except OSError as error:
            raise Misconfigured(f"{self.folder} can't be written to: {error}") from error
        return Prepared(key=key, name=name, digest=hashlib.sha256(content).hexdigest())


def _mark(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:MARK]


def _plain(title: str) -> str:
    """A title as part of a file's name: letters, digits and blanks, whatever it came from."""
    flat = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    kept = "".join(char if char.isalnum() or char in " -_" else " " for char in flat)
    return " ".join(kept.split())[:LONGEST_TITLE].strip() or "document"


class PostFolderAdapter:
    """How settings become a post room."""

    name = "folder"
    settings = PostFolderSettings

    def open(self, settings: PostFolderSettings, company: Company) -> FolderPostRoom:
        """The folder; it is made when it is first needed."""
        return FolderPostRoom(settings.folder)


ADAPTER = PostFolderAdapter()
