"""First set-up in the browser: from nothing to settings, an administrator and a night."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from website import low_on

from regisseur import AsyncOffice
from regisseur.errors import Misconfigured
from regisseur.graphs.policy import Policy
from regisseur.graphs.presets import PRESETS
from regisseur.office import archive, people
from regisseur.office.cli.template import Answers, Question
from regisseur.office.settings import load
from regisseur.office.setup import Code, make_setup
from regisseur.office.setup.door import ATTEMPTS
from regisseur.office.setup.writing import draft_of, settings_text
from regisseur.office.web.progress import progress_of

ADDRESS = "http://127.0.0.1:8765"
PASSWORD = "correct horse battery"
COMPANY = {
    "name": "Atelier Martin",
    "locale": "fr_FR",
    "currency": "EUR",
    "timezone": "Europe/Paris",
    "vendor": "memory",
}
ADMINISTRATOR = {
    "login": "Claire",
    "name": "Claire",
    "password": PASSWORD,
    "again": PASSWORD,
    "decides": "yes",
}
TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Setting:
    """A set-up under way, and the browser that does it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.code = folder / "regisseur.toml", Code()
        self.office: AsyncOffice | None = None
        self.app = make_setup(self.file, self.code, finished=self._finished)
        transport = httpx.ASGITransport(self.app)
        self.browser = httpx.AsyncClient(
            transport=transport, base_url=ADDRESS, headers={"origin": ADDRESS}
        )

    async def _finished(self) -> AsyncOffice:
        self.office = await AsyncOffice.open(self.file)
        return self.office

    async def admitted(self) -> None:
        """Through the door."""
        answer = await self.browser.post("/setup", data={"code": self.code.text})
        assert answer.headers["location"] == "/setup/company"

    async def take(self, step: str, **form: object) -> httpx.Response:
        """Fill in a step's page and send it."""
        page = (await self.browser.get(f"/setup/{step}")).text
        token = TOKEN.search(page)
        assert token is not None, page
        return await self.browser.post(f"/setup/{step}", data={"token": token[1], **form})

    async def to_what_was_found(self, **erp: str) -> str:
        """Through the first two steps, to the page of what was found."""
        await self.admitted()
        assert (await self.take("company", **COMPANY)).headers["location"] == "/setup/erp"
        connected = await self.take("erp", **(erp or {"file": "erp.json"}))
        assert connected.headers.get("location") == "/setup/check", connected.text
        return await self.found()

    async def found(self) -> str:
        """The page of what was found, once it was found."""
        assert 'http-equiv="refresh"' in (await self.browser.get("/setup/check")).text
        await self.app.state.plan.rehearsal.task
        return (await self.browser.get("/setup/check")).text


@pytest.fixture
async def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Setting]:
    monkeypatch.chdir(tmp_path)
    erp = low_on(("STEEL", "Mill", "1.35"))
    erp.dump(tmp_path / "erp.json")
    made = Setting(tmp_path)
    yield made
    await made.browser.aclose()
    if made.office is not None:
        await made.office.close()


@pytest.mark.anyio
async def test_from_nothing_to_the_first_night(setting: Setting) -> None:
    page = await setting.to_what_was_found()
    assert not draft_of(setting.file).exists()
    assert "Connecté à memory" in page
    assert 'value="purchasing" checked' in page

    chosen = await setting.take("check", agents=["purchasing"], preset="confiant")
    assert chosen.headers["location"] == "/setup/administrator"
    person = await setting.take("administrator", **ADMINISTRATOR)
    assert person.headers["location"] == "/setup/finish"
    done = await setting.take("finish", night="yes")

    assert done.headers["location"] == "/atelier-martin/missions"
    assert setting.office is not None
    (mission,) = await setting.office.do(archive.missions_page, "atelier-martin")
    assert (mission.agent, mission.asked_by) == ("purchasing", "claire")
    watched = progress_of(setting.office).of(mission.id)
    assert watched is not None
    assert [step async for step in watched.follow()]  # to its pause
    secret = await setting.office.do(people.sign_in, "claire", PASSWORD, address="127.0.0.1")
    signed = await setting.office.do(people.signed_in, secret)
    assert signed is not None
    assert signed.rights["atelier-martin"] >= {"manage", "decide"}


@pytest.mark.anyio
async def test_the_settings_say_what_was_chosen_and_only_their_owner_reads_them(
    setting: Setting,
) -> None:
    await setting.to_what_was_found()
    await setting.take("check", agents=["purchasing", "nobody"], preset="confiant")
    await setting.take("administrator", **ADMINISTRATOR)
    await setting.take("finish")

    company = load(setting.file).company
    assert stat.S_IMODE(setting.file.stat().st_mode) == 0o600
    assert company is not None
    assert company.name == "Atelier Martin"
    assert company.policy == PRESETS["confiant"].policy("fr_FR")
    asleep = {name for name, one in company.agents.items() if one.get("enabled") is False}
    assert "purchasing" not in asleep
    assert "planning" in asleep
    assert not draft_of(setting.file).exists()


@pytest.mark.anyio
async def test_only_whoever_has_the_code_gets_in_and_only_once(setting: Setting) -> None:
    browser = setting.browser
    for path in ("/", "/setup/company", "/setup/finish", "/atelier/inbox"):
        assert (await browser.get(path)).headers["location"] == "/setup"
    other = {"origin": "http://evil.example"}
    typed = {"code": setting.code.text}
    assert (await browser.post("/setup", data=typed, headers=other)).status_code == 403
    assert (await browser.post("/setup", data={"code": "AAAA"})).status_code == 403

    assert (await browser.post("/setup", data={"code": setting.code.text.lower()})).is_redirect

    browser.cookies.clear()
    assert (await browser.post("/setup", data=typed)).status_code == 403
    assert (await browser.get("/setup/company")).headers["location"] == "/setup"


@pytest.mark.anyio
async def test_a_code_cannot_be_guessed_by_trying(setting: Setting) -> None:
    for _ in range(ATTEMPTS):
        await setting.browser.post("/setup", data={"code": "AAAA-AAAA-AAAA"})

    answer = await setting.browser.post("/setup", data={"code": setting.code.text})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.anyio
async def test_a_form_from_elsewhere_changes_nothing(setting: Setting) -> None:
    await setting.admitted()

    await setting.browser.post("/setup/company", data=COMPANY)
    theirs = {"origin": "http://evil.example"}
    page = (await setting.browser.get("/setup/company")).text
    token = TOKEN.search(page)
    assert token is not None
    form = {"token": token[1], **COMPANY}
    await setting.browser.post("/setup/company", data=form, headers=theirs)

    again = await setting.browser.get("/setup/erp")
    assert again.headers["location"] == "/setup/company"


@pytest.mark.anyio
async def test_steps_are_taken_in_order(setting: Setting) -> None:
    await setting.admitted()

    for step in ("erp", "check", "administrator", "finish", "elsewhere"):
        answer = await setting.browser.get(f"/setup/{step}")
        assert answer.headers["location"] == "/setup/company"


@pytest.mark.anyio
async def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_is_kept(
    setting: Setting,
) -> None:
    await setting.admitted()
    wrong = await setting.take("company", **{**COMPANY, "timezone": "Paris", "name": "<Martin>"})
    assert wrong.status_code == 422
    assert 'id="timezone-wrong"' in wrong.text
    assert 'value="&lt;Martin&gt;"' in wrong.text

    await setting.take("company", **COMPANY)
    gone = await setting.take("erp", file="nowhere.json")
    assert gone.status_code == 422
    assert "nowhere.json" in gone.text
    assert (await setting.browser.get("/setup/check")).headers["location"] == "/setup/erp"


@pytest.mark.anyio
async def test_two_passwords_that_differ_are_refused(setting: Setting) -> None:
    await setting.to_what_was_found()
    await setting.take("check", preset="prudent")

    short = await setting.take("administrator", **{**ADMINISTRATOR, "password": "short"})
    other = await setting.take("administrator", **{**ADMINISTRATOR, "again": PASSWORD[1:]})

    assert 'id="password-wrong"' in short.text
    assert 'id="again-wrong"' in other.text
    assert PASSWORD not in other.text


@pytest.mark.anyio
async def test_a_secret_is_kept_and_never_sent_back(setting: Setting) -> None:
    await setting.admitted()
    await setting.take("company", **{**COMPANY, "vendor": "tryton"})
    typed = {"database": "demo", "user": "agent", "password": "hunter2"}

    wrong = await setting.take("erp", url="tryton.example", **typed)

    assert wrong.status_code == 422
    assert 'id="url-wrong"' in wrong.text
    assert 'value="agent"' in wrong.text
    assert "hunter2" not in wrong.text
    assert not [one for one in setting.file.parent.iterdir() if "hunter2" in _text(one)]


def _text(file: Path) -> str:
    return file.read_text(errors="ignore") if file.is_file() else ""


@pytest.mark.anyio
async def test_settings_that_are_there_are_never_overwritten(setting: Setting) -> None:
    await setting.to_what_was_found()
    await setting.take("check", preset="prudent")
    await setting.take("administrator", **ADMINISTRATOR)
    setting.file.write_text("# written meanwhile")

    answer = await setting.take("finish")

    assert answer.status_code == 422
    assert setting.file.read_text() == "# written meanwhile"
    with pytest.raises(Misconfigured, match="there already"):
        make_setup(setting.file, Code(), finished=AsyncOffice.open)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@given(TEXTS, st.sampled_from(sorted(PRESETS)))
@settings(max_examples=30)
def test_whatever_is_typed_is_read_back_from_the_file(text: str, preset: str) -> None:
    policy = PRESETS[preset].policy("fr_FR")
    answers = Answers(
        id="a", name=text, locale="fr_FR", currency="EUR", timezone="Europe/Paris",
        database="sqlite://", vendor="tryton", erp={"user": text},
        questions=[Question("user", required=True, secret=False)],
    )  # fmt: skip

    read = tomllib.loads(settings_text(answers, asleep=["b"], preset=preset, policy=policy))

    assert read["company"]["name"] == read["company"]["erp"]["user"] == text
    assert Policy.model_validate(read["company"]["policy"]) == policy
    assert read["company"]["agents"] == {"b": {"enabled": False}}
