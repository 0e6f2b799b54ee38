"""The pack for programs."""

from __future__ import annotations

import json

from regisseur.office.pack.model import Pack
from regisseur.office.pack.reader import PackReader

FORMAT = "regisseur.pack/1"
"""Raised when a reader written for the form before would misread this one."""


def render_json(pack: Pack, locale: str) -> str:
    """The whole pack as data, with its headline worded.

    ``pack`` holds every message as template and values, and ``Pack.model_validate`` reads it back.
    """
    return json.dumps(
        {
            "format": FORMAT,
            "locale": locale,
            "headline": PackReader(pack, locale).headline(),
            "pack": pack.model_dump(mode="json"),
        },
        ensure_ascii=False,
        indent=2,
    )
