"""Settings: the file, the environment, and errors that name what is wrong."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, SecretStr

from regisseur.errors import Misconfigured
from regisseur.office.settings import load, parse_part
from regisseur.tools.erp.tryton import TrytonSettings

ONE = """
[company]
id = "atelier"
[company.erp]
vendor = "tryton"
url = "https://erp.example"
database = "shop"
user = "agent"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with settings for one company."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regisseur.toml").write_text(ONE)
    return tmp_path


def erp_of(company: int = 0) -> TrytonSettings:
    """What the ERP's adapter gets."""
    written = {k: v for k, v in load().all()[company].erp.items() if k != "vendor"}
    parsed: TrytonSettings = parse_part(TrytonSettings, written, "erp")
    return parsed


@pytest.mark.parametrize(
    "password",
    ["12345", "007", "1e5", "true", "null", '{"a": 1}', "[1, 2]", '"quoted"', "§ é__x=#", " x "],
)
def test_a_password_is_what_was_typed(
    password: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", password)
    assert erp_of().password.get_secret_value() == password


def test_numbers_and_tables_of_a_plugin_from_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", "x")
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__COMPANY", "3")
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__HTTP__ATTEMPTS", "2")
    assert (erp_of().company, erp_of().http.attempts) == (3, 2)
    monkeypatch.delenv("REGISSEUR_COMPANY__ERP__HTTP__ATTEMPTS")
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__HTTP", '{"attempts": 7}')
    assert erp_of().http.attempts == 7


def test_the_environment_wins_and_keeps_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__URL", "https://other.example")
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", "x")
    monkeypatch.setenv("REGISSEUR_COMPANY__NAME", "Chez Nora")
    monkeypatch.setenv("REGISSEUR_COMPANY__POLICY__AUTO_COUNT", "3")
    monkeypatch.setenv(
        "REGISSEUR_COMPANY__POLICY__RULES", '[{"name": "all", "mode": "shadow", "up_to": "1.50"}]'
    )
    monkeypatch.setenv("REGISSEUR_DATABASE", "postgresql://db.example/regisseur")
    loaded = load()
    (company,) = loaded.all()
    assert (erp_of().url, erp_of().user) == ("https://other.example", "agent")
    assert (company.id, company.company().name) == ("atelier", "Chez Nora")
    assert (company.policy.auto_count, company.policy.rules[0].up_to) == (3, Decimal("1.50"))
    assert loaded.database == "postgresql://db.example/regisseur"


def test_only_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REGISSEUR_COMPANY__ID", "atelier")
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__VENDOR", "memory")
    (company,) = load().all()
    assert (company.id, company.erp) == ("atelier", {"vendor": "memory"})


def test_nothing_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().all() == []


def test_many_companies(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = ONE.replace('id = "atelier"\n', "")
    both = text.replace("company", "companies.north") + text.replace("company", "companies.south")
    (folder / "regisseur.toml").write_text(both)
    monkeypatch.setenv("REGISSEUR_COMPANIES__SOUTH__ERP__PASSWORD", "0123")
    monkeypatch.setenv("REGISSEUR_COMPANIES__SOUTH__LOCALE", "en_GB")
    north, south = load().all()
    assert (north.id, south.id) == ("north", "south")
    assert (north.locale, south.locale) == ("fr_FR", "en_GB")
    assert "password" not in north.erp
    assert erp_of(1).password.get_secret_value() == "0123"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///regisseur.db", "sqlite:///{folder}/regisseur.db"),
        ("sqlite:///data/r.db", "sqlite:///{folder}/data/r.db"),
        ("sqlite:////srv/r.db", "sqlite:////srv/r.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql://host/name", "postgresql://host/name"),
    ],
)
def test_a_relative_database_lies_beside_the_settings(
    url: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "r.toml").write_text(f'database = "{url}"\n{ONE}')
    monkeypatch.chdir(tmp_path)
    assert load(Path("inner/r.toml")).database == expected.format(folder=inner)
    monkeypatch.setenv("REGISSEUR_CONFIG", "inner/r.toml")
    assert load().database == expected.format(folder=inner)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("REGISSEUR_DATABSE", "x", "the environment variable REGISSEUR_DATABSE is no setting"),
        ("REGISSEUR_COMPANY__NAEM", "x", "company.naem: there is no such setting"),
        ("REGISSEUR_COMPANY", "atelier", "REGISSEUR_COMPANY: company: Input should be a valid"),
        ("REGISSEUR_COMPANIES", "north", 'in the environment: error parsing value for field "comp'),
        ("REGISSEUR_COMPANY__CURRENCY", "euros", "COMPANY__CURRENCY: company.currency: String"),
        ("REGISSEUR_COMPANY__TIMEZONE", "Paris", "TIMEZONE: company.timezone: not an IANA time"),
        ("REGISSEUR_COMPANY__POLICY__AUTO_COUNT", "many", "AUTO_COUNT: company.policy.auto_count"),
        ("REGISSEUR_COMPANY__POLICY__RULES", '[{"name": "a"}]', "rules.0.mode: is missing"),
        ("REGISSEUR_COMPANIES__NORTH__NAME", "x", "write [company] for one or [companies.ID]"),
    ],
)
def test_a_wrong_variable_is_named(
    name: str, value: str, told: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as error:
        load()
    assert told in str(error.value)


def test_every_wrong_key_is_told_at_once(folder: Path) -> None:
    (folder / "regisseur.toml").write_text(
        "colour = 1\n[company]\nid = 7\npolicy.auto_count = -1\n"
    )
    with pytest.raises(Misconfigured) as error:
        load()
    assert str(error.value).splitlines() == [
        "regisseur.toml: company.id: Input should be a valid string",
        "regisseur.toml: company.policy.auto_count: Input should be greater than or equal to 0",
        "regisseur.toml: colour: there is no such setting",
    ]


class Strict(BaseModel):
    """A plug-in's settings."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr
    ids: tuple[str, ...] = ()


def test_a_plugins_error_never_shows_the_value() -> None:
    with pytest.raises(Misconfigured) as error:
        parse_part(Strict, {"password": ["s3cret"]}, "company atelier: erp")
    assert str(error.value) == "company atelier: erp.password: Input should be a valid string"
    with pytest.raises(Misconfigured, match=r"erp\.passwort: there is no such setting"):
        parse_part(Strict, {"password": "x", "passwort": "s3cret"}, "erp")


def test_text_in_the_file_is_never_read_as_json() -> None:
    with pytest.raises(Misconfigured, match=r"erp\.ids: Input should be a valid tuple"):
        parse_part(Strict, {"password": "x", "ids": '["1"]'}, "erp")


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_password_survives(password: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", password)
        (company,) = load(None).all()
    assert parse_part(Strict, company.erp, "erp").password.get_secret_value() == password


def test_a_list_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANY__AGENTS__CLERK__IDS", '["1", "2"]')
    monkeypatch.setenv("REGISSEUR_COMPANY__AGENTS__CLERK__PASSWORD", '["1", "2"]')
    parsed = parse_part(Strict, load().all()[0].agents["clerk"], "agents.clerk")
    assert parsed.ids == ("1", "2")
    assert parsed.password.get_secret_value() == '["1", "2"]'


def test_the_folder_is_that_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no better place is kept there, wherever the command is run."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file = tmp_path / "regisseur.toml"
    file.write_text('[company]\nid = "c"\n', encoding="utf-8")
    monkeypatch.chdir(elsewhere)
    assert load(file).folder == tmp_path
