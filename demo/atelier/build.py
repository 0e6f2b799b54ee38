# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the company once: an empty Tryton, then the seed; progress is told as a share of one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from atelier import cache
from atelier.data import FIRST_DAY, load
from atelier.erp import DATABASE, Erp

Progress = Callable[[str, float], None]
"""Told a step in plain words and how much of the whole is done (0 to 1)."""

_BASE_SHARE = 0.47


def build(progress: Progress) -> Path:
    """Give the folder of the built company, building it when it is not there yet."""
    folder = cache.cache_folder() / cache.company_key()
    if cache.is_built(folder):
        return folder
    with cache.lock(folder.parent):
        if not cache.is_built(folder):
            base = _empty_tryton(progress)
            with cache.under_construction(folder) as site:
                cache.copy_snapshot(base, site)
                seed(site, progress)
    return folder


def modules() -> list[str]:
    """Tryton's modules, as the pinned packages name them."""
    pins = tomllib.loads((cache.DEMO / "pyproject.toml").read_text(encoding="utf-8"))
    names = (pin.split("==")[0] for pin in pins["project"]["dependencies"])
    return [n.removeprefix("trytond-").replace("-", "_") for n in names if "trytond-" in n]


def _empty_tryton(progress: Progress) -> Path:
    folder = cache.cache_folder() / cache.base_key()
    if not cache.is_built(folder):
        with cache.under_construction(folder) as site:
            (site / cache.DATABASE_FILE).touch()
            _run_trytond_admin(site, progress)
    return folder


def _run_trytond_admin(site: Path, progress: Progress) -> None:
    admin = shutil.which("trytond-admin", path=Path(sys.executable).parent)
    if admin is None:
        raise RuntimeError("trytond-admin is missing: run `uv sync` in demo/")
    command = [admin, "-v", "-d", DATABASE, "-l", "fr", "--email", "admin@atelier-martin.example"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as password:
        password.write("set-by-the-seed")
        password.flush()
        environment = os.environ | {
            "TRYTOND_DATABASE__URI": "sqlite://",
            "TRYTOND_DATABASE__PATH": str(site),
            "TRYTONPASSFILE": password.name,
        }
        process = subprocess.Popen(
            [*command, "-u", *modules()], env=environment, stderr=subprocess.PIPE, text=True
        )
        tail = _follow(process, progress)
    if process.returncode:
        raise RuntimeError("trytond-admin failed:\n" + "".join(tail))


def _follow(process: subprocess.Popen[str], progress: Progress) -> list[str]:
    tail: list[str] = []
    loaded, total = 0, len(modules()) + 2
    for line in process.stderr or ():
        tail = [*tail[-20:], line]
        if match := re.search(r"trytond\.modules (\w+) load$", line.rstrip()):
            progress(f"Tryton : module {match[1]}", _BASE_SHARE * loaded / total)
            loaded += 1
    process.wait()
    return tail


def seed(site: Path, progress: Progress) -> None:
    """Fill an empty Tryton with the company."""
    from atelier.documents import write_documents
    from atelier.masters import archive_suppliers, write_masters
    from atelier.past import write_past
    from atelier.people import write_people
    from atelier.plan import make_plan
    from atelier.settings import write_settings

    def step(words: str, share: float) -> None:
        progress(words, _BASE_SHARE + (1 - _BASE_SHARE) * share)

    company = load()
    plan = make_plan(company)
    step("Société et plan comptable", 0.0)
    erp = Erp(site, FIRST_DAY)
    settings = write_settings(erp)
    step("Tiers, articles, nomenclatures", 0.10)
    masters = write_masters(erp, settings, company, plan)
    step("Dix-huit mois de mouvements de stock", 0.13)
    write_past(erp, settings, company, masters, plan)

    def document_step(share: float) -> None:
        step("Commandes, livraisons, factures, fabrications", 0.18 + 0.81 * share)

    write_documents(erp, settings, company, masters, plan, document_step)
    archive_suppliers(erp, company, masters)
    write_people(erp, settings)
    step("Société prête", 1.0)
