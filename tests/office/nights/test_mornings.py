"""A company's mornings: the night, the pack by mail, the alarm; each once, whoever looks."""

from __future__ import annotations

import threading
from datetime import timedelta

import anyio
import pytest
from mornings import ON, Morning

from regisseur.errors import Misconfigured, RetryLater, VendorRefused
from regisseur.office import nights, pack, people
from regisseur.office.faces import Office
from regisseur.storage.locks import Owner
from regisseur.storage.slots import Rule, Slot, take
from regisseur.tools.texts import word


def test_a_night_runs_at_its_hour_and_the_pack_is_mailed_at_its_own(morning: Morning) -> None:
    morning.at("04:29")
    morning.tick()
    assert morning.states() == {}
    morning.at("04:30")
    morning.tick()
    assert morning.states() == {"night": "done"}
    assert [one.data.on for one in morning.office.do(pack.packs, "atelier")] == [ON]
    assert morning.mails == []
    for hour in ("06:15", "06:16", "09:00"):
        morning.at(hour)
        morning.tick()
    assert morning.states() == {
        "night": "done", "digest/boss": "done", "digest/buyer": "done",
    }  # fmt: skip
    anne, luc = sorted(morning.mails, key=lambda one: one.to[0].address)
    assert (anne.key, anne.language) == (f"digest:atelier:{ON}:boss", "en_GB")
    assert (luc.key, luc.language) == (f"digest:atelier:{ON}:buyer", "fr_FR")
    assert anne.sender.address == "office@atelier.example"
    assert morning.office.do(nights.alarm) is None
    assert morning.office.do(nights.notices) == []


def test_whoever_wants_no_mail_gets_none(morning: Morning) -> None:
    morning.office.do(people.change_membership, "buyer", company="atelier", by="boss", digest=False)
    morning.at("06:20")
    morning.tick()
    assert [one.to[0].address for one in morning.mails] == ["anne@atelier.example"]


def test_cron_and_serve_share_their_slots(morning: Morning) -> None:
    """Whichever comes first runs the night; the other finds it done."""
    morning.at("04:30")
    (by_cron,) = morning.office.do(nights.nightly, on=ON)
    morning.tick()
    (again,) = morning.office.do(nights.nightly, on=ON)
    assert again.id == by_cron.id
    assert len(morning.audited("started")) == 1
    assert morning.states() == {"night": "done"}


def test_while_one_process_runs_a_night_no_other_does(morning: Morning) -> None:
    morning.at("05:00")
    core = morning.office.opened.core
    with core.house.locks.hold(Slot("atelier", "night", ON).lock_name, timeout=0):
        morning.tick()
        assert morning.states() == {}
        with pytest.raises(RetryLater, match="another process is at night of atelier"):
            morning.office.do(nights.nightly, on=ON)
    morning.tick()
    assert morning.states()["night"] == "done"


def test_a_night_that_was_stopped_is_gone_on_with(morning: Morning) -> None:
    """Its mission, cut off in the middle, is not begun anew, and nobody counts it as a failure."""
    morning.at("04:30")
    reached = threading.Event()

    async def silent() -> None:
        reached.set()
        await anyio.sleep_forever()

    morning.erp.before("warehouses", silent)
    other = morning.open()
    running = other.opened.start(nights.run_due, "atelier")
    assert reached.wait(60)
    running.cancel()
    other.close()
    assert (morning.slots()["night"].state, morning.slots()["night"].attempts) == ("running", 0)
    morning.tick()
    assert (morning.slots()["night"].state, morning.slots()["night"].attempts) == ("done", 1)
    assert len(morning.audited("started")) == 1


def test_the_night_of_a_process_that_died_is_taken_over_at_once(morning: Morning) -> None:
    morning.at("04:30")
    database = morning.office.opened.core.house.database
    with database.write() as session:
        dead = str(Owner("elsewhere", 1, "0", "dead"))
        rule = Rule(until=morning.clock() + timedelta(hours=1), attempts=3)
        take(session, Slot("atelier", "night", ON), dead, morning.clock(), rule)
    morning.tick()
    assert (morning.slots()["night"].state, morning.slots()["night"].attempts) == ("done", 2)


def test_an_erp_that_is_away_is_tried_again_and_the_alarm_ends_with_the_night(
    morning: Morning,
) -> None:
    morning.at("05:58")
    morning.away(2)
    morning.tick()
    assert morning.slots()["night"].error == "clerk: RetryLater: the ERP is being saved"
    morning.at("06:00")
    morning.tick()  # it is let rest for five minutes
    assert morning.slots()["night"].attempts == 1
    standing = morning.office.do(nights.alarm)
    assert standing is not None
    assert word(standing.message, "en_GB") == (
        "There is no finished report of the night of 23 Nov 2026, due at 06:00."
    )
    assert "the ERP is being saved" in word(standing.why, "fr_FR")
    for hour in ("06:03", "06:08"):
        morning.at(hour)
        morning.tick()
    assert morning.slots()["night"].attempts == 3
    assert morning.states() == {"night": "done", "alarm": "done", "alarm/boss": "done"}
    assert morning.office.do(nights.alarm) is None
    (mail,) = morning.mails
    assert mail.to[0].address == "anne@atelier.example"
    assert mail.subject == "Atelier Martin: no report of the night of 23 Nov 2026"
    (told,) = morning.audited("alarm")
    assert told["detail"]["night"] == str(ON)
    morning.at("06:15")
    morning.tick()
    assert len(morning.mails) == 3


def test_attempts_are_limited_and_the_failure_is_told(morning: Morning) -> None:
    morning.away(9)
    for hour in ("04:30", "04:40", "04:50", "05:00", "05:10", "06:00"):
        morning.at(hour)
        morning.tick()
    slot = morning.slots()["night"]
    assert (slot.state, slot.attempts) == ("failed", 3)
    standing = morning.office.do(nights.alarm)
    assert standing is not None
    assert "the ERP is being saved" in word(standing.why, "en_GB")


def test_where_no_agent_came_to_its_end_there_is_no_second_attempt(morning: Morning) -> None:
    morning.erp.fail_next("warehouses", Misconfigured("the password was changed"))
    for hour in ("04:30", "04:40", "06:00"):
        morning.at(hour)
        morning.tick()
    slot = morning.slots()["night"]
    assert (slot.state, slot.attempts) == ("failed", 1)
    assert morning.office.do(nights.alarm) is not None
    # Once a person has mended it, the night is run by hand, and the alarm is over.
    morning.office.do(nights.nightly, on=ON)
    assert morning.office.do(nights.alarm) is None


def test_a_missed_night_is_caught_up_within_the_window_and_told_after_it(morning: Morning) -> None:
    morning.at("12:29")
    morning.tick()
    assert morning.states()["night"] == "done"
    tuesday, wednesday = ON + timedelta(days=1), ON + timedelta(days=2)
    morning.at("12:30", day=1)
    morning.tick()
    assert morning.states(tuesday)["night"] == "missed"
    standing = morning.office.do(nights.alarm)
    assert standing is not None
    assert standing.on == tuesday
    assert [word(one, "en_GB") for one in morning.office.do(nights.notices)] == [
        "The night of 24 Nov 2026 was missed: nothing was running."
    ]
    morning.at("04:31", day=2)
    morning.tick()
    assert morning.states(wednesday) == {"night": "done"}
    assert morning.office.do(nights.notices) == []


def test_no_night_is_due_on_a_day_that_is_not_wanted(morning: Morning) -> None:
    for day in (-1, 5, 6):
        morning.at("09:00", day=day)
        morning.tick()
        assert morning.states(ON + timedelta(days=day)) == {}
        assert morning.office.do(nights.alarm) is None or day > 0


def test_a_mail_that_fails_is_tried_until_noon_and_then_told(morning: Morning) -> None:
    morning.at("06:15")
    for _ in range(4):
        morning.mailer.fail_next("send", RetryLater("the server is away"))
    morning.tick()
    assert morning.slots()["digest/boss"].error == "the server is away"
    morning.at("06:20")
    morning.tick()
    assert morning.mails == []
    morning.at("06:25")
    morning.mailer.fail_next("send", RetryLater("the server is away"))
    morning.tick()
    assert [one.key[-5:] for one in morning.mails] == ["buyer"]
    morning.at("12:00")
    morning.tick()
    assert morning.states()["digest/boss"] == "failed"
    assert [word(one, "en_GB") for one in morning.office.do(nights.notices)] == [
        "No mail went to boss: the server is away"
    ]


def test_an_address_that_is_refused_is_told_at_once(morning: Morning) -> None:
    morning.mailer.refuse("luc@atelier.example")
    morning.at("06:15")
    morning.tick()
    assert morning.states()["digest/buyer"] == "failed"
    assert morning.states()["digest/boss"] == "done"


def test_a_mail_whose_answer_was_lost_is_not_sent_twice(morning: Morning) -> None:
    morning.mailer.commit_late("send")
    for hour in ("06:15", "06:30"):
        morning.at(hour)
        morning.tick()
    assert morning.states()["digest/boss"] == "failed"
    assert len([one for one in morning.mails if one.key.endswith(":boss")]) <= 1


def test_without_a_mail_account_it_is_told_on_the_page_once(morning: Morning) -> None:
    with morning.open() as office:
        for hour in ("06:15", "06:30"):
            morning.at(hour)
            morning.tick(office)
        assert [word(one, "en_GB") for one in office.do(nights.notices)] == [
            "The pack can't be mailed: no mail account is set up; write [company.mail]"
        ]
    assert morning.slots()["digest/"].attempts == 1


def test_two_offices_at_once_do_everything_once(morning: Morning) -> None:
    """The same file, two owners: each looks at every hour."""
    with morning.open(others=[morning.mailer]) as other:
        offices: list[Office] = [morning.office, other]
        for hour in ("04:30", "06:00", "06:15", "06:30"):
            morning.at(hour)
            futures = [
                one.opened.start(work, "atelier")
                for work in (nights.run_due, nights.digests_due, nights.alarms_due)
                for one in offices
            ]
            for future in futures:
                future.result()
    assert len(morning.audited("started")) == 1
    assert sorted(one.key for one in morning.mails) == [
        f"digest:atelier:{ON}:boss", f"digest:atelier:{ON}:buyer",
    ]  # fmt: skip


def test_a_company_is_not_blamed_for_nights_before_it_was_known(morning: Morning) -> None:
    """It became known on a Sunday: Friday is nobody's fault."""
    morning.tick()
    assert morning.states(ON - timedelta(days=3)) == {}
    assert morning.office.do(nights.alarm) is None


def test_a_refused_alarm_reaches_the_others(morning: Morning) -> None:
    morning.office.do(people.add_person, "chef", name="Chef", roles=["administrator"],
                      email="chef@atelier.example", company="atelier", by="boss")  # fmt: skip
    morning.mailer.fail_next("send", VendorRefused("no such mailbox"))
    morning.away(9)
    morning.at("06:00")
    morning.tick()
    assert len(morning.mails) == 1
