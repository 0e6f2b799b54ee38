"""Adding a thing is adding a file; a broken one never takes the others down."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from regisseur.errors import Misconfigured
from regisseur.tools.actions.base import AnyKind
from regisseur.tools.plugins import Discovery, discover

GROUP = "regisseur.test_plugins"


@dataclass(frozen=True)
class Plugin:
    name: str


def name_of(plugin: Plugin) -> str:
    return plugin.name


def found_in(room: str, handed_in: Sequence[Plugin] = ()) -> Discovery[Plugin]:
    return discover(room, "PLUGIN", GROUP, handed_in, name_of=name_of)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An importable, empty package called ``some_room``."""
    folder = tmp_path / "some_room"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] in ("some_room", "acme")]:
        del sys.modules[name]


def plugin_file(file: Path, name: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"class Plugin:\n    name = {name!r}\nPLUGIN = Plugin()\n")


def entry_point(folder: Path, value: str) -> None:
    """An installed distribution that announces one plug-in."""
    info = folder / "acme-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\nacme = {value}\n")


def test_modules_packages_and_objects_are_found(room: Path) -> None:
    plugin_file(room / "one.py", "one")
    plugin_file(room / "two" / "__init__.py", "two")
    plugin_file(room / "two" / "inner.py", "not looked for")
    (room / "ports.py").write_text("PORTS = 1\n")
    (room / "locale").mkdir()

    discovery = found_in("some_room", [Plugin("three")])

    assert list(discovery.found) == ["one", "two", "three"]
    assert not discovery.problems


@pytest.mark.parametrize("value", ["acme:PLUGIN", "acme"])
def test_an_installed_package_is_found_by_its_entry_point(
    room: Path, tmp_path: Path, value: str
) -> None:
    plugin_file(tmp_path / "acme.py", "acme")
    entry_point(tmp_path, value)

    assert list(found_in("some_room").found) == ["acme"]


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import not_installed_anywhere", ModuleNotFoundError),
        ("def broken(:", SyntaxError),
        ("raise RuntimeError('bad day')", RuntimeError),
        ("PLUGIN = object()", AttributeError),
    ],
)
def test_a_broken_plugin_is_left_out_and_reported(
    room: Path, source: str, error: type[Exception]
) -> None:
    (room / "broken.py").write_text(source)
    plugin_file(room / "sound.py", "sound")

    discovery = found_in("some_room")

    assert list(discovery.found) == ["sound"]
    [problem] = discovery.problems
    assert isinstance(problem.error, error)
    assert problem.origin == "some_room.broken"
    assert "some_room.broken is left out" in str(problem)


def test_a_broken_entry_point_is_left_out_and_reported(room: Path, tmp_path: Path) -> None:
    entry_point(tmp_path, "acme:PLUGIN")

    [problem] = found_in("some_room").problems

    assert problem.origin == "entry point acme = acme:PLUGIN"


def test_two_of_one_name_are_refused_and_both_are_named(room: Path) -> None:
    plugin_file(room / "one.py", "twin")

    with pytest.raises(Misconfigured, match=r"some_room\.one and Plugin\(name='twin'\), handed in"):
        found_in("some_room", [Plugin("twin")])


def test_the_kinds_of_action_are_plugins() -> None:
    def name_of_kind(kind: AnyKind) -> str:
        return kind.name

    kinds = discover("regisseur.tools.actions", "KIND", "regisseur.actions", name_of=name_of_kind)

    assert kinds.found.keys() >= {"place_purchase_order", "change_draft_order", "tell_sales"}
    assert not kinds.problems
