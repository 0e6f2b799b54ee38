"""No password, token or key of ours reaches anything that is kept, told, logged or shown.

Missions with marked secrets run well and badly; then everything they left behind is searched.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from databases import BOTH, NewUrl
from fake_tryton import error as refusing
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from shop import ON
from tattling import (
    DATABASE,
    PASSWORD,
    SESSION_KEY,
    TOKEN,
    BreaksOff,
    Hangs,
    Tattler,
    chain_of,
    in_the_database,
    in_the_files,
    in_the_logs,
    marks_in,
    served,
)

from regisseur import Office
from regisseur.errors import Misconfigured, RegisseurError
from regisseur.graphs.agent import Agent, Brief, Settings, Tell
from regisseur.graphs.judgement import Judgement, Proposal
from regisseur.office.cli import machine
from regisseur.office.cli.main import main
from regisseur.office.settings import load
from regisseur.storage.database import Database
from regisseur.storage.errors import StorageError
from regisseur.tools.erp import http
from regisseur.tools.records import Record, RecordRef, Speaker

say = Speaker("tests")
SETTINGS = """\
[company]
id = "atelier"
locale = "en_GB"
[company.erp]
vendor = "tryton"
url = "{url}"
database = "shop"
user = "agent"
[company.erp.http]
attempts = 2
first_pause_seconds = 0
read_seconds = 0.5
[[company.policy.rules]]
name = "asks"
mode = "ask"
[company.agents.invoice_followup]
enabled = false
[company.agents.planning]
enabled = false
[company.agents.purchasing]
enabled = false
"""


class Nothing(Record):
    """All that the agent has to see."""


class NotingSettings(Settings):
    bug: bool = False


class Noting(Agent[Nothing, NotingSettings]):
    """Proposes a note on a sale."""

    name: ClassVar[str] = "noting"
    title = say("Noting")
    requires: ClassVar[tuple[str, ...]] = ("notes",)
    kinds: ClassVar[tuple[str, ...]] = ("tell_sales",)
    settings, observation = NotingSettings, Nothing

    async def observe(self, erp: Any, brief: Brief[NotingSettings], tell: Tell) -> Nothing:
        return Nothing()

    def judge(self, observation: Nothing, brief: Brief[NotingSettings]) -> Judgement:
        if brief.settings.bug:
            raise LookupError("the agent has lost its pencil")
        about = RecordRef(model="sale", id="7", label="S-7").model_dump()
        note = {"about": about, "topic": "delay", "text": "Delayed"}
        proposal = Proposal(kind="tell_sales", arguments=note, reason=say("They should know."))
        return Judgement(headline=say("A night"), proposals=(proposal,))


class Spans(trace.Tracer):
    """Keeps all that is put on a span."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def start_span(self, name: str, *args: Any, **more: Any) -> trace.Span:
        self.told.append(f"{name} {args!r} {more!r}")
        return _Span(self.told)

    def start_as_current_span(self, name: str, *args: Any, **more: Any) -> Any:
        return trace.use_span(self.start_span(name, *args, **more), end_on_exit=True)


class _Span(NonRecordingSpan):
    def __init__(self, told: list[str]) -> None:
        super().__init__(SpanContext(1, 1, is_remote=False, trace_flags=TraceFlags(1)))
        self._told = told

    def set_attribute(self, key: str, value: Any) -> None:
        self._told.append(f"{key}={value!r}")

    def set_status(self, status: Any, description: str | None = None) -> None:
        self._told.append(f"{status} {description}")

    def record_exception(self, exception: BaseException, *args: Any, **more: Any) -> None:
        self._told.append(chain_of(exception))


class Hunt:
    """A company with marked secrets, and all that was seen of them."""

    def __init__(self, folder: Path, url: str, fake: Tattler, caplog: Any, spans: Spans) -> None:
        self.folder, self.url, self.fake, self.caplog, self.spans = folder, url, fake, caplog, spans
        self.notes: list[dict[str, Any]] = []
        self.seen: list[str] = []
        self.outcomes: list[str] = []

    def mission(self, **agent: Any) -> None:
        """A night and a person who approves, whatever comes of it."""
        with Office.open(self.folder / "regisseur.toml", agents=[Noting()]) as office:
            core = office.opened.core
            desk = core.house.desk(None)
            desk.settings["noting"] = NotingSettings(**agent)  # type: ignore[index]
            self.see(repr(core.house), repr(desk), repr(vars(desk.erp)), str(core.house.database))
            erp: Any = desk.erp
            self._try(lambda: office.doctor())
            for _ in range(2):
                self._try(lambda: office.run("noting", on=ON))
                for action in office.inbox():
                    if action.status == "proposed":
                        self._try(partial(office.decide, action, "approve", by="nora"))
            for action in office.inbox():
                self.see(machine.text({"action": action, "history": office.history(action.id)}))
            self._try(lambda: office.sweep())
            for report in office.reports():
                self.see(report.json(), *(report.html(one) for one in ("fr_FR", "en_GB")))
                self.see(report.text("fr_FR"), repr(report))
            self.see(machine.text({"audit": office.audit_export()}))
            self.see(repr(vars(erp.client)), repr(erp.client.settings), repr(erp.client._session))

    def _try(self, act: Callable[[], Any]) -> None:
        try:
            done = act()
        except Exception as error:  # noqa: BLE001 - any of them is searched
            self.outcomes.append(type(error).__name__)
            self.see(chain_of(error))
            return
        self.outcomes.append(str(getattr(done, "status", "")))
        self.see(repr(done))

    def commands(self, capsys: pytest.CaptureFixture[str], *options: str) -> None:
        """What a terminal shows; the agent isn't installed there."""
        for command in (["doctor"], ["run", "purchasing", "--on", str(ON)], ["inbox"], ["report"],
                        ["sweep"], ["audit", "export"]):  # fmt: skip
            main([*command, "--config", str(self.folder / "regisseur.toml"), *options])
        told = capsys.readouterr()
        self.see(told.out, told.err)

    def see(self, *texts: str) -> None:
        """Something that was shown to somebody."""
        self.seen += texts

    def found(self) -> list[str]:
        """Every mark, and where it was."""
        return [
            *(mark for text in self.seen for mark in marks_in(text)),
            *in_the_database(self.url),
            *in_the_files(self.folder),
            *in_the_logs(self.caplog.records),
            *(f"span {mark}" for one in self.spans.told for mark in marks_in(one)),
        ]


@pytest.fixture(params=BOTH)
def hunt(
    request: pytest.FixtureRequest, tmp_path: Path, new_url: NewUrl,
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Hunt]:  # fmt: skip
    for logger in ("", "httpx", "httpcore", "sqlalchemy.engine", "sqlalchemy.pool", "langgraph"):
        caplog.set_level(logging.DEBUG, logger=logger)
    spans = Spans()
    monkeypatch.setattr(http, "tracer", spans)
    url = new_url(request.param)
    if request.param == "postgresql":
        url = url.replace(":@", f":{DATABASE}@")
        assert DATABASE in url
    folder = tmp_path / "company"
    folder.mkdir()
    fake = Tattler()
    made = Hunt(folder, url, fake, caplog, spans)
    fake.answers |= {
        "common.server.version": "8.2.0",
        "model.company.company.read": [{"party.": {"name": "A"}, "currency.": {"code": "EUR"}}],
        "model.ir.date.today": ON,
        "model.ir.note.search_read": lambda _: made.notes,
        "model.ir.note.create": lambda params: _noted(made.notes, params),
    }
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", PASSWORD)
    monkeypatch.setenv("REGISSEUR_DATABASE", url)
    with served(fake) as address:
        (folder / "regisseur.toml").write_text(SETTINGS.format(url=address))
        yield made


def _noted(notes: list[dict[str, Any]], params: list[Any]) -> list[int]:
    notes.append({"id": len(notes) + 1, "message": params[0][0]["message"]})
    return [len(notes)]


def echo(fake: Tattler) -> str:
    """What the server was asked, word by word, and what it knows of us by now."""
    key = f"{SESSION_KEY} {TOKEN}" if fake.live else ""
    return f"{fake.answers['the request itself']} {PASSWORD} {key}"


def hangs(_: Any) -> Any:
    raise Hangs


def breaks_off(_: Any) -> Any:
    raise BreaksOff


def test_a_night_that_goes_well(hunt: Hunt, capsys: pytest.CaptureFixture[str]) -> None:
    hunt.mission()
    assert "done" in hunt.outcomes
    hunt.commands(capsys, "--verbose")
    hunt.commands(capsys, "--json")
    assert any(one.name.startswith("httpcore") for one in hunt.caplog.records)
    assert any(one.name.startswith("sqlalchemy.engine") for one in hunt.caplog.records)
    assert hunt.spans.told
    assert hunt.found() == []


LOGIN, CREATE = "common.db.login", "model.ir.note.create"


@pytest.mark.parametrize("method", [LOGIN, CREATE])
@pytest.mark.parametrize(
    "answer",
    [
        lambda fake, _: httpx.Response(500, text=echo(fake)),
        lambda fake, _: httpx.Response(400, html=f"<pre>{echo(fake)}</pre>"),
        lambda fake, _: httpx.Response(403, text=echo(fake)),
        lambda fake, _: httpx.Response(200, html=echo(fake)),
        lambda fake, _: refusing("UserError", [echo(fake), echo(fake), None]),
        lambda fake, _: refusing("UserWarning", ["w", "x" * 480 + PASSWORD + echo(fake), None]),
        lambda fake, _: refusing(echo(fake), ""),
        lambda fake, _: httpx.Response(200, json=[echo(fake)]),
        lambda _, params: breaks_off(params),
        lambda _, params: hangs(params),
    ],
    ids=["500", "400", "403", "page", "refusal", "warning", "failure", "else", "half", "silence"],
)
@pytest.mark.parametrize("hunt", ["sqlite"], indirect=True)
def test_an_erp_that_repeats_what_it_was_told(
    hunt: Hunt, method: str, answer: Callable[[Tattler, Any], Any],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    hunt.fake.answers[method] = lambda params: answer(hunt.fake, params)
    hunt.mission()
    if method == LOGIN:
        hunt.commands(capsys, "--verbose")
    assert set(hunt.outcomes) - {"done", "waiting", "closed", ""}, "something went wrong"
    assert hunt.found() == []


def test_a_wrong_password(
    hunt: Hunt, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", f"{PASSWORD}, wrong")
    hunt.mission()
    hunt.commands(capsys, "--verbose")
    hunt.commands(capsys, "--json")
    assert "failed" in hunt.outcomes
    assert hunt.found() == []


def test_a_fault_of_an_agent(hunt: Hunt) -> None:
    hunt.mission(bug=True)
    assert "LookupError" in hunt.outcomes
    assert hunt.found() == []


@pytest.mark.parametrize(
    "written",
    [
        {"password": {"a": PASSWORD}},
        {"pasword": PASSWORD},
        {"url": f"https://agent:{PASSWORD}@tryton.example"},
        {"http": {"key": PASSWORD}},
        {"company": PASSWORD},
    ],
)
def test_settings_that_are_wrong(
    written: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "regisseur.toml"
    erp = {"vendor": "tryton", "url": "https://t", "database": "d", "user": "u", "password": "p"}
    told = "\n".join(f"{key} = {_toml(one)}" for key, one in (erp | written).items())
    file.write_text(f'[company]\nid = "a"\n[company.erp]\n{told}\n')
    with pytest.raises(Misconfigured) as error:
        Office.open(file, database="sqlite://")
    assert marks_in(chain_of(error.value)) == []
    assert main(["--config", str(file), "--verbose", "doctor"]) == 3
    shown = capsys.readouterr()
    assert marks_in(shown.out + shown.err) == []


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value)


@pytest.mark.parametrize(
    "text",
    [
        '[company]\nid = "a"\npassword = "{}"',
        'company = "{}"',
        'database = ["{}"]\n[company]\nid = "a"',
        'database = "postgresql://u:{}@127.0.0.1:1/d"\n[company]\nid = "a"',
        'database = "mysql://u:{}@127.0.0.1:1/d"\n[company]\nid = "a"',
        'database = "postgresql://u:p@{}@127.0.0.1:1/d"\n[company]\nid = "a"',
        'database = "postgresql://u:p@x:{}@127.0.0.1:1/d"\n[company]\nid = "a"',
        'database = "postgresql:/u:{}@127.0.0.1:1/d"\n[company]\nid = "a"',
        'database = "postgresql://u@127.0.0.1:1/d?password={}"\n[company]\nid = "a"',
    ],
)
def test_a_file_of_settings_that_is_wrong(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "regisseur.toml"
    file.write_text(text.format("MARKED-secret"))
    with pytest.raises((RegisseurError, StorageError)) as error:
        Office.open(file)
    assert marks_in(chain_of(error.value)) == []
    assert main(["--config", str(file), "--verbose", "doctor"]) in (3, 4)
    shown = capsys.readouterr()
    assert marks_in(shown.out + shown.err) == []


def test_settings_show_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISSEUR_COMPANY__ERP__PASSWORD", PASSWORD)
    monkeypatch.setenv("REGISSEUR_DATABASE", f"postgresql://u:{DATABASE}@h/d")
    file = tmp_path / "regisseur.toml"
    file.write_text('[company]\nid = "a"\n')
    settings = load(file)
    assert PASSWORD in settings.all()[0].erp.values()
    assert marks_in(f"{settings!r} {settings} {settings.all()!r}") == []


def test_an_open_database_shows_no_secret(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as error:
        Database.open(f"postgresql://u:{DATABASE}@127.0.0.1:1/d")
    assert marks_in(chain_of(error.value)) == []
