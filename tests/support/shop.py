"""A small company whose ERP is a file, for tests of the command line and of settings."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import clerk
import pytest

from regisseur.office.cli.main import main
from regisseur.tools.erp.memory import MemoryERP

ON = date(2026, 11, 23)
SETTINGS = """\
database = "sqlite:///regisseur.db"
[company]
id = "atelier"
name = "Atelier Martin"
locale = "{locale}"
[company.erp]
vendor = "memory"
file = "erp.json"
[company.agents.invoice_followup]
enabled = false # not asked for here
[company.agents.planning]
enabled = false # nor here
[company.agents.purchasing]
enabled = false
"""


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one document."""
        return json.loads(self.out)


class Shop:
    """The company's folder, its ERP, and a terminal in it."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.erp = MemoryERP(today=ON, company="Atelier Martin", file=folder / "erp.json")
        self._capture = capture
        self._packages = clerk.installed(folder / "packages")
        self.configure(SETTINGS.format(locale="en_GB"))

    @property
    def packages(self) -> Path:
        """The folder to be searched for plug-ins."""
        return self._packages

    def configure(self, text: str) -> None:
        """Write regisseur.toml."""
        (self.folder / "regisseur.toml").write_text(text, encoding="utf-8")

    def stock(self, code: str, supplier: str, price: str, **offer: Any) -> None:
        """Something that has run low, and who sells it; used evenly for the last months."""
        item = self.erp.item(code, on_hand=4, cost=price, counted=ON - timedelta(days=60))
        for week in range(1, 40):
            self.erp.used(item, Decimal(20), ON - timedelta(days=7 * week - 3))
        self.erp.offer(item, self.erp.supplier(supplier), price=price, lead_time=14, **offer)

    def run(self, *words: str) -> Ran:
        """A command in this process."""
        self._capture.readouterr()
        try:
            code = main(list(words))
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = self._capture.readouterr()
        return Ran(code, told.out, told.err)

    def spawn(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """A command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "regisseur", *words],
            cwd=self.folder, env=self.environment(), text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        """That of a user with a plain shell."""
        kept = {name: text for name, text in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        return {**kept, "PYTHONPATH": str(self._packages)}

    def ids(self) -> list[str]:
        """What waits, most urgent first."""
        return [one["id"] for one in self.run("inbox", "--json").json["actions"]]


@pytest.fixture
def empty_shop(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    sqlite_template: Path,
) -> Shop:
    """A company that has nothing in stock and nothing to do."""
    for name in [one for one in os.environ if one.startswith("REGISSEUR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    made = Shop(tmp_path, capsys)
    monkeypatch.syspath_prepend(made.packages)
    shutil.copy(sqlite_template, tmp_path / "regisseur.db")
    return made


@pytest.fixture
def shop(empty_shop: Shop) -> Shop:
    """A company with two orders to place."""
    empty_shop.stock("STEEL", "Steel mill", "1.35", multiple=5)
    empty_shop.stock("OAK", "Sawmill", "38.50", minimum=20)
    return empty_shop


@pytest.fixture
def night(shop: Shop) -> Shop:
    """The same after its night: two actions in the inbox."""
    assert shop.run("run", "clerk", "--on", str(ON)).code == 0
    return shop
