"""Before a window ends those who may refuse are told once, and one click stops it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from clerk import AGENT
from databases import NewUrl
from staff import ON, House

from regisseur import MemoryERP, Office
from regisseur.errors import NotDecidable, RetryLater
from regisseur.office import people, policies
from regisseur.storage import ledger
from regisseur.tools.mail.memory import MemoryMailer

SETTINGS = """\
[company]
id = "atelier"
name = "Atelier"
locale = "en_GB"
sender = "office@atelier.example"
[[company.policy.rules]]
name = "in the morning"
mode = "veto"
veto_until = "10:00"
"""


class Mailed(House):
    """A house with a mail account."""

    mailer: MemoryMailer

    def forewarn(self) -> policies.Forewarned:
        (told,) = self.do(policies.forewarn_due)
        return told

    def statuses(self) -> list[str]:
        return [one.status for one in self.office.inbox()]


@contextmanager
def opened(url: str, house: Mailed | None = None) -> Iterator[Mailed]:
    """The office; or another process that has the same ERP, account and clock."""
    clock = [datetime(2026, 11, 23, 5, 0, tzinfo=UTC)] if house is None else house.clock
    mailer = MemoryMailer() if house is None else house.mailer
    erp = _erp() if house is None else house.erp
    with Office.open(
        erp=erp, agents=[AGENT], database=url, clock=lambda: clock[0], others=[mailer]
    ) as office:
        made = Mailed(office, erp, clock)
        made.mailer = mailer
        yield made


def _erp() -> MemoryERP:
    erp = MemoryERP(today=ON)
    for code, price in (("STEEL", "1.35"), ("SILVER", "90")):
        item = erp.item(code, on_hand=4)
        erp.offer(item, erp.supplier(f"{code} mill"), price=price, lead_time=14)
    return erp


@pytest.fixture
def mailed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_url: NewUrl) -> Iterator[Mailed]:
    """Two orders in their window; Ana may decide all, Léa only small ones, Vic none."""
    monkeypatch.chdir(tmp_path)
    Path("regisseur.toml").write_text(SETTINGS, encoding="utf-8")
    with opened(new_url("sqlite")) as house:
        house.hire("boss", "administrator", by="whoever opens it", email="boss@atelier.example")
        house.hire("ana", "approver", email="ana@atelier.example")
        house.hire(
            "lea", "approver", email="lea@atelier.example", locale="fr_FR",
            limits=[people.Limit(up_to=Decimal(1000))],
        )  # fmt: skip
        house.hire("vic", "viewer", email="vic@atelier.example")
        house.office.run("clerk", on=ON)
        yield house


def test_those_who_may_refuse_are_told_once(mailed: Mailed) -> None:
    told = mailed.forewarn()
    assert (told.told, len(told.actions), told.problem) == (("ana", "lea"), 2, None)
    to_ana, to_lea = mailed.mailer.mails
    assert to_ana.subject == "Atelier: 2 actions will be done unless you refuse them"
    assert to_lea.subject.startswith("Atelier : 1 action sera faite sauf refus")
    assert "STEEL" in to_lea.text
    assert "SILVER" not in to_lea.text
    link = f"http://127.0.0.1:8765/atelier/actions/{told.actions[0]}"
    assert link in to_ana.text
    assert "11:00" not in to_ana.text
    assert "10:00" in to_ana.text
    assert mailed.forewarn().told == ()
    mailed.office.run("clerk", on=ON, again=True)
    mailed.forward(hours=1)
    mailed.office.sweep()
    assert len(mailed.mailer.mails) == 2, "the same window and content is no news"
    mailed.forward(hours=5)
    mailed.office.sweep()
    assert mailed.statuses() == [], "nobody refused"


def test_two_processes_and_a_crash_tell_once(mailed: Mailed) -> None:
    mailed.mailer.lose_answer_of("send")
    mailed.mailer.fail_next("find_sent", RetryLater("away"))
    assert mailed.forewarn().problem == "away"
    with opened(mailed.office.opened.core.house.settings.database, mailed) as other:
        assert set(other.forewarn().told) == {"ana", "lea"}, (
            "who may have been told is not told again"
        )
        assert mailed.forewarn().told == other.forewarn().told == ()
    assert [one.to[0].address for one in mailed.mailer.mails] == [
        "ana@atelier.example",
        "lea@atelier.example",
    ]


def test_what_nobody_could_be_told_of_asks(mailed: Mailed) -> None:
    mailed.mailer.fail_next("find_sent", RetryLater("away"))
    assert mailed.forewarn().problem == "away"
    mailed.mailer.fail_next("find_sent", RetryLater("away"))
    mailed.forward(hours=5)
    mailed.office.sweep()
    asking = mailed.office.inbox()
    assert {(one.mode, one.status) for one in asking} == {("ask", "proposed")}
    assert asking[0].rule == "in the morning, but nobody could be forewarned"
    assert mailed.erp.records.orders == []


def test_an_address_that_is_refused_is_told_of(mailed: Mailed) -> None:
    for one in ("ana", "lea"):
        mailed.mailer.refuse(f"{one}@atelier.example")
    told = mailed.forewarn()
    assert told.told == ()
    assert told.problem is not None
    mailed.forward(hours=5)
    mailed.office.sweep()
    assert mailed.statuses() == ["proposed", "proposed"]


def test_one_click_stops_it(mailed: Mailed) -> None:
    mailed.forewarn()
    first, second = mailed.office.inbox()
    stopped = mailed.office.decide(first, "veto", by="ana")
    assert (stopped.status, stopped.action.line.veto_until) == ("proposed", None)
    with pytest.raises(NotDecidable, match="waits for a person already"):
        mailed.office.decide(stopped.action, "veto", by="ana")
    mailed.office.run("clerk", on=ON, again=True)
    mailed.forward(hours=6)
    mailed.office.sweep()
    assert [one.id for one in mailed.office.inbox()] == [first.id], "the same again stays stopped"
    assert mailed.office.action(second.id).status == "done"
    assert "vetoed" in [one.what for one in mailed.office.history(first.id)]
    assert len(mailed.mailer.mails) == 2


def test_changed_content_is_another_window(mailed: Mailed) -> None:
    mailed.forewarn()
    (first, _) = mailed.office.inbox()
    with mailed.office.opened.core.house.database.write() as session:
        ledger.get(session, first.id).arguments_hash = "0" * 64
    assert mailed.forewarn().actions == (first.id,)
