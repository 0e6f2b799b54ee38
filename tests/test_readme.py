"""The README's Python and settings are what a newcomer copies first."""

import re
from pathlib import Path

import pytest
from tryton_server import TrytonServer

from regisseur.office.settings import load

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_settings_are_valid(tmp_path: Path) -> None:
    file = tmp_path / "regisseur.toml"
    file.write_text(_block("toml"), encoding="utf-8")
    (company,) = load(file).all()
    assert company.erp["vendor"] == "tryton"
    assert company.policy.rules[0].mode == "auto"


def test_the_links_lead_somewhere() -> None:
    pages = [README, *(page.read_text("utf-8") for page in (ROOT / "docs").glob("*.md"))]
    for text, folder in zip(pages, [ROOT, *[ROOT / "docs"] * (len(pages) - 1)], strict=True):
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (folder / target).exists(), target


@pytest.mark.tryton
def test_the_python_runs(
    fresh_tryton: TrytonServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = _block("toml").replace("https://erp.atelier.example", fresh_tryton.url)
    settings = settings.replace('"atelier"\n', f'"{fresh_tryton.database}"\n')
    settings = settings.replace('user = "regisseur"', f'user = "{fresh_tryton.user}"')
    (tmp_path / "regisseur.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", fresh_tryton.password)
    exec(compile(_block("python"), "README.md", "exec"), {"__name__": "readme"})  # noqa: S102
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("waiting ")
    assert lines[-1].startswith("done ")
