"""What the office hands out as JSON: fields keep their names; decimals, dates and moments (UTC) are
text.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from regisseur.office.views import ReportView


def plain(value: Any) -> Any:
    """The value in JSON's own types; what a view keeps for renderers only is left out."""
    if isinstance(value, ReportView):
        return json.loads(value.json())
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value) if one.repr}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | Path) else value


def text(document: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    """A document as it is written."""
    return json.dumps(plain(document), ensure_ascii=ascii_only, indent=2) + "\n"


def put(document: Mapping[str, Any]) -> None:
    """Write the one document of this command."""
    sys.stdout.write(text(document, ascii_only=ascii_only()))


def ascii_only() -> bool:
    """Would standard output lose other characters?"""
    return (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
