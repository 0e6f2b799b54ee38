"""The crash matrix, in the process that dies: one worker of an office, which counts what it passes.

Run as a program it is a warm parent: everything is imported once, and each job is a fork of it, so
that a worker costs a few milliseconds to start. It reads one JSON order a line and answers each
with one line: ``{"start": job}`` with the worker's pid, ``{"wait": pid}`` with how it ended (or
that it has stopped). What still lives when its input ends is killed.

A *boundary* is a moment just before or just after something that stays: a commit of the ledger, a
step of the checkpointer, a change of the ERP. They are numbered as they are passed.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import traceback
import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar

import httpx
from babel.numbers import format_decimal
from faulty_proxy import EFFECT, WORKER
from sqlalchemy.engine.default import DefaultDialect

from regisseur import Company, MemoryERP, Office
from regisseur.errors import RegisseurError
from regisseur.graphs.agent import Agent, Brief, Settings, Tell
from regisseur.graphs.judgement import Judgement, Proposal
from regisseur.office.views import Action
from regisseur.storage.checkpoint_driver import Driver, Spoken, Values
from regisseur.tools import plugins
from regisseur.tools.erp.http import Answer, Call, Http
from regisseur.tools.erp.memory import Records
from regisseur.tools.mail import Sent
from regisseur.tools.mail.folder import FolderMailer
from regisseur.tools.mail.journal import Journal
from regisseur.tools.post import Prepared
from regisseur.tools.post.folder import FolderPostRoom
from regisseur.tools.records import Record, Speaker

ON = date(2026, 11, 23)
NIGHT = datetime.fromisoformat("2026-11-23T03:00:00+00:00")
LATER = NIGHT + timedelta(hours=6)
"""When everything that asked to be left alone for a while has been."""
ATELIER = Company(id="atelier", name="Atelier Martin", locale="en_GB")
LEAVING, LEFT = "note that a mail is leaving", "note that a mail has left"
"""Between the two nobody can know whether a mail has left."""
PATIENCE = 90
"""Seconds after which a worker that hangs ends itself, so that a test fails and doesn't hang."""

say = Speaker("tests")


def freeze() -> None:
    """Stop here until told to go on. Sent to the process, the signal would go to another thread,
    and this one would run on for a moment.
    """
    signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)


class Boundaries:
    """What a worker has passed so far, and where it is to be killed or frozen."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.kill_at: int | None = None
        self.freeze_at: int | None = None
        self.kill_after: tuple[str, int] | None = None
        """Killed at whatever comes after the n-th (from 0) boundary of this name."""
        self._one_at_a_time = threading.Lock()

    def at(self, name: str) -> None:
        """One more boundary; does not return if it is the last."""
        with self._one_at_a_time:
            number = len(self.passed)
            self.passed.append(name)
            if self.kill_after == (name, self.passed.count(name) - 1):
                self.kill_at = number + 1
        if number == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
            threading.Event().wait()
        if number == self.freeze_at:
            freeze()

    @contextmanager
    def around(self, name: str) -> Iterator[None]:
        """The two boundaries of something that stays."""
        self.at(f"before {name}")
        yield
        self.at(f"after {name}")


BOUNDARIES = Boundaries()


def instrument() -> None:
    """Count every commit of whatever engine, every step of the checkpointer, and every write over
    HTTP.
    """
    instrument_http()
    commit: Any = DefaultDialect.do_commit
    write = Driver.write

    def do_commit(self: DefaultDialect, connection: Any) -> None:
        with BOUNDARIES.around(f"commit of {_what_commits()}"):
            commit(self, connection)

    def do_write(self: Driver, statements: Sequence[Spoken], values: Sequence[Values]) -> None:
        with BOUNDARIES.around("checkpoint"):
            write(self, statements, values)

    instrument_mail()
    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]
    Driver.write = do_write  # type: ignore[method-assign]


def instrument_mail() -> None:
    """Around the two notes that a mailer keeps of a mail, and around a letter's file."""
    begin, finish, put = Journal.begin, Journal.finish, FolderPostRoom._put

    def begun(self: Journal, identifier: str, content: bytes) -> None:
        with BOUNDARIES.around(LEAVING):
            begin(self, identifier, content)

    def finished(self: Journal, sent: Sent) -> None:
        with BOUNDARIES.around(LEFT):
            finish(self, sent)

    def placed(self: FolderPostRoom, key: str, title: str, content: bytes) -> Prepared:
        with BOUNDARIES.around("letter"):
            return put(self, key, title, content)

    Journal.begin, Journal.finish = begun, finished  # type: ignore[method-assign]
    FolderPostRoom._put = placed  # type: ignore[method-assign]


def instrument_http() -> None:
    """Around each write, and where its answer has begun to come in; each request tells the proxy
    who asks for what (``faulty_proxy``).
    """
    exchange, read_body = Http._exchange, Http._body

    async def _exchange(self: Http, call: Call) -> Answer:
        marks = {EFFECT: call.effect, WORKER: str(os.getpid())}
        call = replace(call, headers={**call.headers, **marks})
        if call.effect != "write":
            return await exchange(self, call)
        with BOUNDARIES.around("the ERP's commit"):
            return await exchange(self, call)

    async def _body(self: Http, call: Call, response: httpx.Response) -> bytes:
        if call.effect == "write":
            BOUNDARIES.at("before reading the ERP's answer")
        return await read_body(self, call, response)

    Http._exchange = _exchange  # type: ignore[method-assign]
    Http._body = _body  # type: ignore[method-assign]


def _what_commits() -> str:
    """The ledger's function whose transaction this is: the name of the boundary, for people."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code.co_name == "work" and "function" in frame.f_locals:
            return str(frame.f_locals["function"].__name__)
        if frame.f_code.co_name == "_taken":
            return "take_over"
    return "something"


class CountedERP(MemoryERP):
    """The in-memory ERP; each change of its file is between two boundaries."""

    @contextmanager
    def editing(self) -> Iterator[Records]:
        """As ever."""
        BOUNDARIES.at("before the ERP's commit")
        with super().editing() as records:
            yield records
        BOUNDARIES.at("after the ERP's commit")


class Nothing(Record):
    """All that the matrix's agent has to see."""


class Prompted(Agent[Nothing, Settings]):
    """Proposes what it was told to."""

    name: ClassVar[str] = "prompted"
    title = say("Prompted agent")
    requires: ClassVar[tuple[str, ...]] = ("notes",)
    settings, observation = Settings, Nothing

    def __init__(self, proposals: tuple[Proposal, ...]) -> None:
        self.proposals = proposals
        self.kinds = tuple({one.kind for one in proposals})  # type: ignore[misc]

    async def observe(self, erp: Any, brief: Brief[Settings], tell: Tell) -> Nothing:
        return Nothing()

    def judge(self, observation: Nothing, brief: Brief[Settings]) -> Judgement:
        return Judgement(headline=say("A night"), proposals=self.proposals)


class Worker:
    """One job in one process: what it does is a method of this name."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.folder = Path(job["folder"])
        self.by = job.get("by", "buyer@atelier.example")
        self.moment = LATER if job.get("later") else NIGHT
        proposals = json.loads((self.folder / "proposals.json").read_text())
        if "patience" in job:
            os.environ["REGISSEUR_COMPANY__ERP__HTTP__READ_SECONDS"] = str(job["patience"])
        in_memory = self.folder / "erp.json"
        self.office = Office.open(
            self.folder / "regisseur.toml",
            erp=CountedERP(file=in_memory) if in_memory.exists() else None,
            others=(FolderMailer(self.folder / "mail"), FolderPostRoom(self.folder / "post")),
            agents=[Prompted(tuple(Proposal.model_validate(one) for one in proposals))],
            clock=lambda: self.moment,
        )

    def night(self) -> list[Any]:
        """The night, and a person who approves whatever is put before them."""
        self.office.run("prompted", on=ON)
        return [self._approve(one) for one in self._waiting()]

    def file(self) -> list[Any]:
        """The night alone."""
        self.office.run("prompted", on=ON)
        return []

    def decide(self) -> list[Any]:
        """Approve what waits, at a signal given after it was looked at."""
        waiting = self._waiting()
        freeze()
        return [self._approve(one) for one in waiting]

    def approve(self) -> list[Any]:
        """Approve what waits."""
        return [self._approve(one) for one in self._waiting()]

    def sweep(self) -> list[Any]:
        """One pass of the sweeper."""
        return [[*one.recovered, *one.performed] for one in self.office.sweep()]

    def morning(self) -> list[Any]:
        """After a crash: a person who was there before the sweeper, and whatever comes then."""
        decided = self.approve()
        for _ in range(2):
            self.office.sweep()
            decided += self.night()
        return decided

    def morning_of_the_sweeper(self) -> list[Any]:
        """After a crash: the sweeper was there first."""
        self.office.sweep()
        return self.morning()

    def _waiting(self) -> list[Action]:
        return [one for one in self.office.inbox() if one.status == "proposed"]

    def _approve(self, action: Action) -> dict[str, Any]:
        """Where two people are needed, a colleague agrees."""
        try:
            status = self.office.decide(action, "approve", by=self.by).status
            if status == "proposed":
                colleague = f"{self.by}'s colleague"
                status = self.office.decide(action, "approve", by=colleague).status
            return {"status": status}
        except RegisseurError as error:
            return {"status": type(error).__name__, "told": str(error)}


def work(job: dict[str, Any]) -> None:
    """Do one job and leave its result beside the database."""
    signal.alarm(PATIENCE)
    BOUNDARIES.kill_at, BOUNDARIES.freeze_at = job.get("kill_at"), job.get("freeze_at")
    BOUNDARIES.kill_after = tuple(job["kill_after"]) if "kill_after" in job else None
    instrument()
    worker = Worker(job)
    if job.get("at_a_signal"):
        freeze()
    told = getattr(worker, job["does"])()
    passed = list(BOUNDARIES.passed)
    worker.office.close()
    result = json.dumps({"told": told, "passed": passed})
    (worker.folder / f"{job['name']}.json").write_text(result)


def _forked(job: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    log = os.open(f"{job['folder']}/{job['name']}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(0)
    try:
        work(job)
        os._exit(0)
    finally:
        traceback.print_exc()
        os._exit(1)


def warm_up() -> None:
    """Import what an office imports only when it is needed: one night, in memory, and Tryton; and
    read what never changes.
    """
    importlib.import_module("regisseur.tools.erp.tryton")
    remember()
    with Office.open(
        company=ATELIER,
        database="sqlite://",
        erp=MemoryERP(today=ON),
        agents=[Prompted(())],
        clock=lambda: NIGHT,
    ) as office:
        office.run("prompted", on=ON)
        office.audit_verify()
    for one in threading.enumerate():
        if one is not threading.current_thread():
            one.join(PATIENCE)  # it is ending: nobody waits for idle threads of a pool
    assert threading.active_count() == 1, "a fork would lose the other threads"


def remember() -> None:
    """What each worker would read anew from a thousand files: which time zones there are, which
    plug-ins are installed, and how a number is written.
    """
    searching: Any = plugins
    zoneinfo.available_timezones = cache(zoneinfo.available_timezones)
    searching.entry_points = cache(entry_points)
    format_decimal(1, locale=ATELIER.locale)


def serve() -> None:
    """The warm parent."""
    warm_up()
    living: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            living.add(answer := _forked(order["start"]))
        else:
            _, status = os.waitpid(order["wait"], os.WUNTRACED)
            if os.WIFSTOPPED(status):
                answer = -os.WSTOPSIG(status)
            else:
                living.discard(order["wait"])
                answer = os.waitstatus_to_exitcode(status)
        print(answer, flush=True)
    for pid in living:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    serve()
