"""The house is built as ARCHITECTURE.md says: links, layers, one public face, cold imports."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import regisseur

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("agents", "graphs", "office", "storage", "tools")
HEAVY = ("langgraph", "langchain_core", "sqlalchemy", "httpx", "pydantic", "numpy", "babel")


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_a_folder_that_the_package_links_to(room: str) -> None:
    link = ROOT / "src" / "regisseur" / room
    assert link.is_symlink(), "clone with: git clone -c core.symlinks=true"
    assert os.readlink(link) == f"../../{room}"
    assert (ROOT / room / "__init__.py").is_file()


def test_every_name_of_the_public_face_exists() -> None:
    assert sorted(regisseur.__all__) == regisseur.__all__
    assert set(regisseur.__all__) == set(regisseur._HOME)
    for name in regisseur.__all__:
        assert getattr(regisseur, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = regisseur.nope


@pytest.mark.parametrize("statement", ["import regisseur", "import regisseur.__main__"])
def test_importing_costs_nothing(statement: str) -> None:
    code = f"{statement}; import sys; print(*(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_strict_deserialisation_is_on_whatever_is_imported_first() -> None:
    code = (
        "import regisseur.storage.checkpoint, os;"
        "from langgraph.checkpoint.serde import _msgpack as m;"
        "print(os.environ['LANGGRAPH_STRICT_MSGPACK'], m.STRICT_MSGPACK_ENABLED)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["true", "True"]


def test_no_module_of_a_room_connects_or_reads_the_clock_when_imported() -> None:
    """Calls that open something may only stand inside functions."""
    opening = {"create_engine", "AsyncClient", "Client", "connect", "today", "now", "open_database"}
    for path in (path for room in ROOMS for path in (ROOT / room).rglob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            for call in (one for one in ast.walk(node) if isinstance(one, ast.Call)):
                called = getattr(call.func, "attr", getattr(call.func, "id", ""))
                assert called not in opening, f"{path}:{call.lineno} calls {called} at import"


def test_nothing_below_the_office_asks_for_the_time() -> None:
    for path in (path for room in ROOMS[:2] + ROOMS[3:] for path in (ROOT / room).rglob("*.py")):
        for call in (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr in (
                "today",
                "utcnow",
                "now",
            ):
                owner = call.func.value
                named = getattr(owner, "attr", getattr(owner, "id", ""))
                assert named not in ("date", "datetime"), f"{path}:{call.lineno}"
