"""The command ``pack``: a company's night over all agents."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from rich.console import RenderableType

from regisseur.errors import InvalidInput
from regisseur.office.cli import codes, labels, machine, paper
from regisseur.office.cli.desk import opened, voice_of
from regisseur.office.cli.voice import Voice
from regisseur.office.pack import PackView, make_pack, packs

SUFFIXES = {".html": "html", ".htm": "html", ".json": "json", ".pdf": "pdf"}


def pack(given: Namespace) -> int:
    """The pack of a night, or those that are kept."""
    form = _form(given)
    if given.list:
        return _listed(given)
    with opened(given) as office:
        view = office.do(make_pack, given.on, given.company)
    _write(given.output, _drawn(view, form, given.locale))
    return codes.FINE


def _listed(given: Namespace) -> int:
    with opened(given) as office:
        found = office.do(packs, given.company)
        voice = voice_of(office, given.company)
    if given.json:
        machine.put({"packs": [{"on": one.data.on, "headline": one.headline} for one in found]})
    elif found:
        paper.put(_table(voice, found))
    else:
        paper.put(voice(labels.NO_PACK))
    return codes.FINE


def _table(voice: Voice, found: list[PackView]) -> RenderableType:
    rows = [[voice.day(one.data.on), one.headline] for one in found]
    return paper.table([voice(labels.NIGHT), voice(labels.WHAT)], rows)


def _form(given: Namespace) -> str:
    """As asked; else JSON for machines, or by the name of the file."""
    if given.json or given.format is not None:
        form = "json" if given.json else str(given.format)
    else:
        form = SUFFIXES.get("" if given.output is None else given.output.suffix.lower(), "text")
    if form == "pdf" and given.output is None:
        raise InvalidInput("name the file for a PDF: --output pack.pdf", field="--output")
    return form


def _drawn(view: PackView, form: str, locale: str | None) -> bytes:
    if form == "pdf":
        return view.pdf(locale)
    text: str = view.json() if form == "json" else getattr(view, form)(locale)
    return (text if text.endswith("\n") else f"{text}\n").encode()


def _write(file: Path | None, content: bytes) -> None:
    if file is None:
        sys.stdout.write(content.decode())
        return
    try:
        file.write_bytes(content)
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}", field="--output") from error
    print(file, file=sys.stderr)
