"""The Python API's two faces: where they can be used, and that nothing stays open."""

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from clerk import AGENT, Clerk

from regisseur import AsyncOffice, Company, MemoryERP, Office
from regisseur.errors import InvalidInput, Misconfigured, NotFound, OfficeClosed
from regisseur.office.core import Core

ON = date(2026, 11, 23)
ATELIER = Company(id="atelier", name="Atelier", locale="en_GB")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without settings."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def erp() -> MemoryERP:
    """Two things have run low."""
    made = MemoryERP(today=ON)
    for code, supplier in (("STEEL", "Mill"), ("OAK", "Sawmill")):
        item = made.item(code, on_hand=4)
        made.offer(item, made.supplier(supplier), price="1.35", lead_time=14)
    return made


@pytest.fixture
def parts(erp: MemoryERP, folder: Path) -> dict[str, Any]:
    """What an office is opened with; its database is a file."""
    database = f"sqlite:///{folder}/office.db"
    return {"company": ATELIER, "erp": erp, "agents": [AGENT], "database": database}


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """Afterwards there are no more threads and open files than before."""
    before = set(threading.enumerate())
    files = _files()
    yield
    left = set(threading.enumerate()) - before
    for one in left:
        one.join(10)  # told to end, and perhaps not there yet
    assert not [one for one in left if one.is_alive()]
    assert _files() - files == set()


def _files() -> set[str]:
    descriptors = Path("/proc/self/fd")
    names = {_target(one) for one in descriptors.iterdir()} if descriptors.is_dir() else set()
    return {name for name in names if "office.db" in name}


def _target(descriptor: Path) -> str:
    try:
        return f"{descriptor.name} {os.readlink(descriptor)}"
    except FileNotFoundError:
        return ""


def test_the_example_of_the_readme(parts: dict[str, Any], nothing_left: None) -> None:
    with Office.open(**parts) as office:
        mission = office.run("clerk", on=ON)
        assert mission.status == "waiting"
        assert mission.report is not None
        assert mission.report.headline == "2 orders to place."
        first, second = office.inbox()
        for action in (first, second):
            assert action.summary.startswith(("Mill: 100", "Sawmill: 100"))
            assert "are left" in action.reason
        outcome = office.decide(second.id, "approve", by="buyer@atelier.example")
        assert outcome.effect is not None
        assert outcome.effect.reference == "PO-1"


def test_both_faces_have_the_same_operations() -> None:
    operations = {name for name, one in vars(Core).items() if name[0] != "_" and callable(one)}
    for face in (Office, AsyncOffice):
        assert operations <= set(vars(face))


def test_inside_a_running_loop(parts: dict[str, Any], nothing_left: None) -> None:
    async def notebook() -> str:
        with Office.open(**parts) as office:
            return office.run("clerk", on=ON).status

    assert asyncio.run(notebook()) == "waiting"


def test_for_those_who_await(parts: dict[str, Any], nothing_left: None) -> None:
    async def service() -> list[str]:
        async with await AsyncOffice.open(**parts) as office:
            await office.run("clerk", on=ON)
            actions = await office.inbox()
            outcomes = await asyncio.gather(
                *(office.decide(one, "approve", by="nora") for one in actions)
            )
            return [one.status for one in outcomes]

    assert asyncio.run(service()) == ["done", "done"]


def test_from_many_threads(parts: dict[str, Any], erp: MemoryERP, nothing_left: None) -> None:
    """Eight people approve both actions at once: each is done once, the others are told by whom."""
    with Office.open(**parts) as office:
        office.run("clerk", on=ON)
        actions = office.inbox()

        def approve(number: int) -> list[str]:
            return [_status(office, one.id, f"person {number}") for one in actions]

        with ThreadPoolExecutor(8) as people:
            told = [status for each in people.map(approve, range(8)) for status in each]
        assert told.count("done") == 2
        assert told.count("NotDecidable") + told.count("AlreadyDecided") == 14
    assert len(erp.records.orders) == 2


def _status(office: Office, action: str, by: str) -> str:
    try:
        return office.decide(action, "approve", by=by).status
    except Exception as error:  # noqa: BLE001 - which one is what is counted
        return type(error).__name__


def test_closing_twice_and_from_several_threads(parts: dict[str, Any], nothing_left: None) -> None:
    office = Office.open(**parts)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: office.close(), range(4)))
    office.close()
    with pytest.raises(OfficeClosed, match="open another one"):
        office.inbox()


def test_closing_waits_for_what_runs(parts: dict[str, Any], nothing_left: None) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def tell(_: object) -> None:
        reached.set()
        go_on.wait(30)

    office = Office.open(**parts)
    with ThreadPoolExecutor(2) as threads:
        running = threads.submit(office.run, "clerk", on=ON, tell=tell)
        assert reached.wait(30)
        closing = threads.submit(office.close)
        go_on.set()
        closing.result(30)
        assert running.result(30).status == "waiting"


def test_cancelling_leaves_a_mission_to_be_resumed(
    parts: dict[str, Any], nothing_left: None
) -> None:
    async def service() -> str:
        async with await AsyncOffice.open(**parts) as office:
            reached = asyncio.Event()
            loop = asyncio.get_running_loop()

            def tell(_: object) -> None:
                loop.call_soon_threadsafe(reached.set)

            task = asyncio.ensure_future(office.run("clerk", on=ON, tell=tell))
            await reached.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        async with await AsyncOffice.open(**parts) as office:
            return (await office.run("clerk", on=ON)).status

    assert asyncio.run(service()) == "waiting"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"agents": [AGENT, Clerk()]}, Misconfigured),
        ({"erp": None}, Misconfigured),
        ({"database": "mysql://x"}, Exception),
    ],
)
def test_an_opening_that_fails_half_way_leaves_nothing(
    wrong: dict[str, Any], error: type[Exception], parts: dict[str, Any], nothing_left: None
) -> None:
    with pytest.raises(error):
        Office.open(**(parts | wrong))

    async def service() -> None:
        with pytest.raises(error):
            await AsyncOffice.open(**(parts | wrong))

    asyncio.run(service())


def test_an_opening_that_is_cancelled_leaves_nothing(
    parts: dict[str, Any], nothing_left: None
) -> None:
    async def impatient() -> None:
        opening = asyncio.ensure_future(AsyncOffice.open(**parts))
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening

    asyncio.run(impatient())


def test_a_script_that_forgets_to_close_ends(folder: Path) -> None:
    script = """
from datetime import date
from regisseur import Company, MemoryERP, Office
erp = MemoryERP(today=date(2026, 11, 23))
office = Office.open(company=Company(id="a", name="A"), erp=erp, database="sqlite://")
print(office.inbox())
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.stdout, ran.stderr, ran.returncode) == ("[]\n", "", 0)


def test_without_a_company(nothing_left: None, folder: Path) -> None:
    with pytest.raises(Misconfigured, match="no company is set up"):
        Office.open()
    assert list(folder.iterdir()) == []


def test_finding_by_the_beginning_of_an_id(parts: dict[str, Any]) -> None:
    with Office.open(**parts) as office:
        office.run("clerk", on=ON)
        first, second = sorted(one.id for one in office.inbox())
        assert office.find(first) == first
        assert office.find(second[:11], company="atelier") == second
        with pytest.raises(InvalidInput, match=f"may be {first}, {second}; write more of it"):
            office.find("")
        for never in ("%", "_", "zz"):
            with pytest.raises(NotFound, match="there is no action"):
                office.find(never)


def test_progress_is_told_while_it_runs(parts: dict[str, Any]) -> None:
    told: list[str] = []
    with Office.open(**parts) as office:
        office.run("clerk", on=ON, tell=lambda message: told.append(message.text))
        office.doctor(tell=lambda message: told.append(message.text))
    assert told.count("Reading stock") == 2


def test_the_face_costs_nothing_until_it_is_used() -> None:
    code = "import regisseur, sys; print(sorted({'sqlalchemy', 'pydantic'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("does", ["stop", "go"])
def test_nobody_acts_without_a_name(parts: dict[str, Any], does: str) -> None:
    more = {"reason": "stock-taking"} if does == "stop" else {}
    with Office.open(**parts) as office, pytest.raises(InvalidInput, match="by"):
        getattr(office, does)(by=" ", **more)


def test_a_folder_of_texts_that_is_missing_is_told(parts: dict[str, Any], folder: Path) -> None:
    settings = "[company]\nid = 'atelier'\n[company.agents.invoice_followup]\ntexts = 'words'\n"
    file = folder / "kept" / "regisseur.toml"
    file.parent.mkdir()
    file.write_text(settings)
    with Office.open(file, erp=parts["erp"], database=parts["database"]) as office:
        mission = office.run("invoice_followup", on=ON)
    assert mission.status == "failed"
    assert mission.error is not None
    assert f"there is no folder {file.parent / 'words'}" in mission.error
