"""The examples of docs/COMMANDS.md, run in the order in which a reader would type them."""

import re
import shlex
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from shop import ON, Ran, Shop

from regisseur.office.cli.parser import parse

PAGE = (Path(__file__).parents[3] / "docs" / "COMMANDS.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
VARIES = re.compile(r"[0-9a-f]{8}|sqlite:|memory:|\d\d:\d\d|entries|Its date|€|^ {12}")
"""Lines that differ from one machine or day to the next, or that are an agent's own words."""
STATEMENT = """\
Date;Libellé;Montant
18/11/2026;PRLV LOYER;-240,00
19/11/2026;VIR MENUISERIE CARPENTIER;50,00
"""


def examples() -> Iterator[tuple[str, list[str]]]:
    """Each line after a prompt, with the lines printed under it."""
    for block in CONSOLE.findall(PAGE):
        for typed in block.split("$ ")[1:] if block.startswith("$ ") else []:
            command, *output = typed.rstrip("\n").split("\n")
            yield command, output


@pytest.fixture
def reader(empty_shop: Shop) -> Shop:
    """The company of the page, before ``init``."""
    for file in empty_shop.folder.glob("regisseur.*"):
        file.unlink()
    erp = empty_shop.erp
    steel = erp.item("STEEL", name="Tôle acier 2 mm", unit="kg", on_hand=40, cost="1.35",
                     counted=ON - timedelta(days=60))  # fmt: skip
    oak = erp.item("OAK", name="Plateau chêne 40 mm", on_hand=8, cost="38", sale_price="61",
                   counted=ON - timedelta(days=60))  # fmt: skip
    for item, weekly in ((steel, 30), (oak, 12)):
        for week in range(1, 40):
            erp.used(item, Decimal(weekly), ON - timedelta(days=7 * week - 3))
    mill, sawmill = erp.supplier("Aciéries du Nord"), erp.supplier("Scierie Dubois & Fils")
    erp.offer(steel, mill, price="1.35", lead_time=14, minimum=20)
    erp.offer(oak, sawmill, breaks={0: "38.50", 100: "35"}, lead_time=10, multiple=5)
    erp.invoice(
        erp.customer("Garage Bellecour"), "817.92", due=date(2026, 9, 30), number="F-2026-0012"
    )
    (empty_shop.folder / "november.csv").write_text(STATEMENT, encoding="utf-8")
    return empty_shop


def test_every_example_runs(reader: Shop) -> None:
    # The page is about the built-in agent alone.
    (reader.packages / "clerk-1.0.dist-info" / "entry_points.txt").write_text("")
    ids: dict[str, str] = {}
    last, checked = Ran(0, "", ""), False
    for command, output in examples():
        if command == "echo $?":
            assert [str(last.code)] == output
            checked = True
            continue
        assert checked or last.code == 0, last
        last, checked = _typed(reader, command, ids), False
        missing = [one for one in output if not VARIES.search(one) and one not in _told(last)]
        assert not missing, (command, last)
        if command == "regisseur run purchasing --on 2026-11-23":
            oak, steel = reader.ids()
            ids |= {"8c22af49": oak, "9d49f8eb": steel}
        if command.startswith("regisseur tell promise invoice"):
            ids["e41b7c02"] = reader.run("told", "--json").json["entries"][0]["id"]
        if command == "regisseur doctor":
            _set_up_bank(reader)
    assert checked
    assert (reader.folder / "monday.html").exists()


def _set_up_bank(reader: Shop) -> None:
    """As the page says that it is written."""
    settings = reader.folder / "regisseur.toml"
    layout = re.search(r"^```toml\n(\[company\.banks\..*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert layout is not None
    settings.write_text(f"{settings.read_text()}\n{layout[1]}", encoding="utf-8")


def _typed(reader: Shop, command: str, ids: dict[str, str]) -> Ran:
    for shown, real in ids.items():
        command = command.replace(shown, real)
    program, *words = shlex.split(command.partition(" > ")[0])
    assert program == "regisseur"
    return reader.run(*words)


def _told(ran: Ran) -> list[str]:
    return ran.out.splitlines() + ran.err.splitlines()


def test_every_command_is_on_the_page() -> None:
    typed = {shlex.split(one)[1] for one, _ in examples() if one.startswith("regisseur ")}
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert typed == {
        "init", "doctor", "run", "nightly", "report", "inbox", "show", "decide", "resolve",
        "stop", "go", "sweep", "audit", "tell", "told", "withdraw", "bank",
    }  # fmt: skip
