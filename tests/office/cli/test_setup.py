"""``init`` and ``doctor``, and settings that are wrong."""

import os
import pty
import stat
import tomllib
from pathlib import Path

import pytest
from shop import SETTINGS, Shop
from sqlalchemy import create_engine, text

from regisseur.graphs.presets import PRESETS
from regisseur.office.settings import load
from regisseur.storage.migrations import VERSION_TABLE


@pytest.fixture
def bare(empty_shop: Shop) -> Shop:
    """A folder without settings or database."""
    for file in empty_shop.folder.glob("regisseur.*"):
        file.unlink()
    return empty_shop


def test_init_writes_what_load_reads(bare: Shop) -> None:
    ran = bare.run(
        "init", "--name", 'Atelier "Été" & Cie', "--vendor", "memory", "--erp", "file=erp.json",
        "--locale", "fr_BE", "--timezone", "Europe/Brussels",
    )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    (company,) = load().all()
    assert (company.id, company.name) == ("atelier-ete-cie", 'Atelier "Été" & Cie')
    assert (company.locale, company.timezone) == ("fr_BE", "Europe/Brussels")
    assert company.erp == {"vendor": "memory", "file": "erp.json"}
    assert stat.S_IMODE(Path("regisseur.toml").stat().st_mode) == 0o600
    assert Path("regisseur.sqlite").exists()
    assert bare.run("doctor").code == 0


def test_what_is_commented_out_is_valid_too(bare: Shop) -> None:
    bare.run("init", "--vendor", "memory", "--erp", "file=erp.json")
    lines = Path("regisseur.toml").read_text().splitlines()
    examples = "\n".join(one.removeprefix("# ") for one in lines[lines.index("#") + 1 :])
    for prose in ("What an agent", "The preset"):
        examples = examples.replace(prose, "# ")
    rules = tomllib.loads(examples)["company"]["policy"]["rules"]
    assert [one["mode"] for one in rules] == ["shadow", "veto", *["auto"] * 5]


@pytest.mark.parametrize(
    ("preset", "modes"),
    [
        ("observer", ["shadow"]),
        (None, ["auto"] * 5),
        ("confiant", [*["auto"] * 5, "veto", "auto"]),
    ],
)
def test_init_writes_the_preset_out(bare: Shop, preset: str | None, modes: list[str]) -> None:
    chosen = [] if preset is None else ["--preset", preset]
    bare.run("init", "--vendor", "memory", "--erp", "file=erp.json", *chosen)
    policy = load().all()[0].policy
    assert policy == PRESETS[preset or "prudent"].policy("fr_FR")
    assert [one.mode for one in policy.rules] == modes


def test_init_never_overwrites(bare: Shop) -> None:
    bare.run("init", "--name", "First", "--vendor", "memory", "--erp", "file=erp.json")
    before = Path("regisseur.toml").read_text()
    refused = bare.run("init", "--name", "Second", "--vendor", "memory")
    assert (refused.code, refused.out) == (2, "")
    assert "regisseur.toml is there already; --force overwrites it" in refused.err
    again = bare.run("init")
    assert again.code == 0
    assert "left as it is" in again.out
    assert Path("regisseur.toml").read_text() == before
    bare.run("init", "--name", "Second", "--vendor", "memory", "--erp", "file=erp.json", "--force")
    assert load().all()[0].name == "Second"


def test_init_brings_an_older_database_up_to_date(empty_shop: Shop) -> None:
    Path("regisseur.db").unlink()
    assert empty_shop.run("init", "--json").json["written"] is False
    assert empty_shop.run("inbox").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--vendor", "abacus"], "--vendor: name one of memory, tryton"),
        (["--locale", "xx_YY"], "--locale: not a known locale; write for example fr_FR or en_GB"),
        (["--timezone", "Paris"], "--timezone: not an IANA time zone"),
        (["--id", "Chez Nous"], "--id: String should match pattern"),
        (["--vendor", "memory", "--erp", "colour=red"], "--erp: there is no colour, only file"),
        (["--vendor", "memory", "--config", "no/where.toml"], "No such file or directory"),
    ],
)
def test_init_with_wrong_answers(words: list[str], told: str, bare: Shop) -> None:
    ran = bare.run("init", *words)
    assert ran.code == 2
    assert told in ran.err
    assert not Path("regisseur.toml").exists()


def test_init_keeps_passwords_out_of_the_file(bare: Shop) -> None:
    bare.run("init", "--vendor", "tryton", "--erp", "url=https://erp.example", "--erp", "user=a")
    told = Path("regisseur.toml").read_text()
    assert "REGISSEUR_COMPANY__ERP__PASSWORD" in told
    assert "\npassword" not in told
    assert 'url = "https://erp.example"' in told


def test_init_asks_on_a_terminal(bare: Shop) -> None:
    ours, theirs = pty.openpty()
    process = bare.spawn(
        "init", "--config", "asked.toml", stdin=theirs, stderr=theirs, start_new_session=True
    )
    asked = ""
    for answer in (
        "Chez Nora",
        "",
        "en_GB",
        "",
        "",
        "tryton",
        "https://erp.example",
        "shop",
        "nora",
        "s3cret",
    ):
        while not asked.endswith(": "):  # the prompt: what is typed before it may be thrown away
            asked += os.read(ours, 1024).decode()
        os.write(ours, f"{answer}\n".encode())
        asked += "\n"
    assert process.wait(60) == 0
    process.communicate()
    os.close(theirs)
    os.close(ours)
    (company,) = load(Path("asked.toml")).all()
    assert (company.id, company.name, company.locale) == ("chez-nora", "Chez Nora", "en_GB")
    assert company.erp["password"] == "s3cret"
    assert company.erp["user"] == "nora"
    assert "Short name [chez-nora]:" in asked


def test_the_doctor_of_a_healthy_company(shop: Shop) -> None:
    ran = shop.run("doctor")
    assert ran.code == 0
    for part in ("clerk · ready", "Would propose  2", "Everything is connected and ready."):
        assert part in ran.out
    examination = shop.run("doctor", "--json").json["examination"]
    assert examination["healthy"] is True
    assert examination["agents"][0]["ready"] is True
    assert shop.ids() == []


def test_the_doctor_finds_a_mistake_in_an_agent(shop: Shop) -> None:
    shop.configure(SETTINGS.format(locale="en_GB") + "[company.agents.clerk]\nbug = true\n")
    ran = shop.run("doctor")
    assert ran.code == 1
    assert "the clerk has lost his glasses" in ran.out


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[company]", "[company]\ncolour = 1", "regisseur.toml: company.colour: there is no such"),
        ('"en_GB"', '"en_XX_YY_ZZ"', "regisseur.toml: company.locale: not a known locale"),
        ('id = "atelier"', 'id = "Chez Nous"', "regisseur.toml: company.id: String should match"),
        ("[company.erp]", "[company.erp", "regisseur.toml is not valid TOML"),
        ('vendor = "memory"', 'vendor = "abacus"', "erp.vendor: 'abacus' is not one of memory"),
        ('vendor = "memory"', "", "erp.vendor: name one of memory, tryton"),
        ('"erp.json"', '"gone.json"', "gone.json; write one with"),
        ("file =", "fiel =", "company atelier: erp.fiel: there is no such setting"),
        ("[company.agents.purchasing]", "[company.agents.porchasing]", "agents.porchasing: there"),
        (
            "enabled = false\n",
            "alpha = 7\n",
            "agents.purchasing.alpha: Input should be less than 1",
        ),
        (
            "[company.erp]",
            '[company.mail]\nvendor = "memory"\n[company.erp]',
            "company atelier: mail: a memory account sends nothing",
        ),
        (
            "[company.erp]",
            '[company.mailbox]\nvendor = "imap"\nhost = "h"\nuser = "u"\n[company.erp]',
            "company atelier: mailbox: set password or oauth",
        ),
        ("sqlite:///", "mysql:///", "asks for mysql"),
        ("sqlite:///", "sqlite:////proc/none/", "can't be opened"),
    ],
)
def test_a_wrong_setting_is_named(old: str, new: str, told: str, empty_shop: Shop) -> None:
    empty_shop.configure(SETTINGS.format(locale="en_GB").replace(old, new, 1))
    plain, machine = empty_shop.run("inbox"), empty_shop.run("inbox", "--json")
    assert (plain.code, plain.out, machine.code) == (3, "", 3)
    assert plain.err.startswith("regisseur: ")
    assert told in plain.err
    assert told in machine.json["error"]["message"]


def test_a_wrong_variable_is_named(empty_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANI__NAME", "x")
    ran = empty_shop.run("inbox")
    assert (ran.code, ran.out) == (3, "")
    assert "the environment variable REGISSEUR_COMPANI__NAME is no setting of ours" in ran.err


def test_no_settings_at_all(bare: Shop) -> None:
    ran = bare.run("inbox")
    assert (ran.code, ran.out) == (3, "")
    assert "no company is set up; write regisseur.toml with `regisseur init`" in ran.err
    assert not list(Path().glob("*.sqlite"))
    named = bare.run("inbox", "--config", "other.toml")
    assert (named.code, named.out) == (3, "")
    assert "there is no settings file other.toml" in named.err


def test_an_unknown_company(empty_shop: Shop) -> None:
    for words in (["inbox"], ["nightly"], ["sweep"], ["show", "abc"], ["audit", "verify"]):
        ran = empty_shop.run(*words, "--company", "elsewhere")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == "regisseur: there is no company 'elsewhere', only atelier\n"


def test_several_companies(empty_shop: Shop) -> None:
    text = SETTINGS.format(locale="en_GB").replace('id = "atelier"\n', "")
    one = text.replace("[company", "[companies.north")
    other = "".join(one.splitlines(keepends=True)[1:]).replace("companies.north", "companies.south")
    empty_shop.configure(one + other)
    unsaid = empty_shop.run("inbox")
    assert (unsaid.code, unsaid.err) == (2, "regisseur: say which company: north, south\n")
    assert empty_shop.run("inbox", "--company", "south").code == 0
    missions = empty_shop.run("nightly", "--json").json["missions"]
    assert [one["company"] for one in missions] == ["north", "south"]


def test_a_database_from_a_newer_version(empty_shop: Shop) -> None:
    engine = create_engine("sqlite:///regisseur.db")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    ran = empty_shop.run("inbox")
    assert (ran.code, ran.out) == (3, "")
    assert "is at revision 9999" in ran.err
    assert "Install the version that wrote it" in ran.err


def test_a_file_that_is_no_database(empty_shop: Shop) -> None:
    Path("regisseur.db").write_bytes(b"not a database, by any means" * 100)
    ran = empty_shop.run("inbox", "--json")
    assert (ran.code, ran.json["error"]["type"]) == (5, "DatabaseDamaged")


def test_what_nobody_expected(empty_shop: Shop) -> None:
    empty_shop.configure(SETTINGS.format(locale="en_GB") + "[company.agents.clerk]\nbug = true\n")
    ran = empty_shop.run("run", "clerk")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1] == (
        "regisseur: unexpected LookupError: the clerk has lost his glasses (--verbose shows where)"
    )
    assert "Traceback" not in ran.err
    assert "Traceback" in empty_shop.run("run", "clerk", "--verbose").err
