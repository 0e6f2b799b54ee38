"""Prepare a reminder as a letter: a PDF in the post room, which counts once it was posted."""

from __future__ import annotations

from typing import ClassVar

from regisseur.tools.actions.reminding.letters import LetterKind, RemindByPost


class PrepareLetter(RemindByPost):
    """A reminder by post."""


class PrepareLetterKind(LetterKind[PrepareLetter]):
    """See ``LetterKind``."""

    name: ClassVar[str] = "prepare_letter"
    arguments = PrepareLetter


KIND = PrepareLetterKind()
