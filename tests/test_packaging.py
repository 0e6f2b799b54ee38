"""What is built can be installed anywhere, and touches nobody else's files."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel built from that sdist, as an index would serve it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return folder


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_one_top_level_package(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    top = {name.split("/")[0] for name in _names(wheel)}
    assert {name for name in top if not name.endswith(".dist-info")} == {"regisseur"}


def test_the_wheel_holds_every_room_and_its_data(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = _names(wheel)
    for path in (
        "py.typed",
        "agents/invoice_followup/law/rates.toml",
        "agents/invoice_followup/texts/fr/reminder_1.txt",
        "agents/purchasing/locale/fr.po",
        "office/reports/templates/report.html.j2",
        "storage/migrations/env.py",
        "storage/migrations/versions/0001_first_release.py",
        "tools/erp/tryton/__init__.py",
        "tools/letters/locale/fr.po",
    ):
        assert f"regisseur/{path}" in names


def test_the_wheel_needs_no_tryton(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        lines = archive.read(metadata).decode().lower().splitlines()
    needed = [line for line in lines if line.startswith("requires-dist:")]
    assert needed
    assert not [line for line in needed if "tryton" in line or "proteus" in line]


def test_the_sdist_holds_the_rooms_once(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith("src/regisseur/office/faces.py") for name in names)
    assert not any(name.split("/")[1:2] == ["demo"] for name in names)


def test_it_installs_beside_openai_agents(built: Path, tmp_path: Path) -> None:
    """Its ``agents`` package, of the same name as a room of ours, stays what it was."""
    (wheel,) = built.glob("*.whl")
    site = tmp_path / "site"
    theirs = site / "agents" / "__init__.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("# openai-agents\n")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert theirs.read_text() == "# openai-agents\n"
    code = f"import sys; sys.path.insert(0, {str(site)!r}); import regisseur, regisseur.office.core"
    done = subprocess.run(
        [sys.executable, "-c", code + "; print(regisseur.__file__)"],
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.strip().startswith(str(site))
