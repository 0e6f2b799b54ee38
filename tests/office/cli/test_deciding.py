"""Deciding at the command line: each verdict, on one action or several, and what can go wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from shop import ON, Shop

from regisseur.storage import ledger
from regisseur.storage.database import Database


def test_inbox_names_bind_to_what_was_shown(night: Shop) -> None:
    ran = night.run("inbox")
    first, second = night.ids()
    assert ran.code == 0
    assert f"{first[:8]}@1" in ran.out
    assert f"{second[:8]}@1" in ran.out
    assert "Sawmill: 100 u of OAK" in ran.out
    assert "2 to decide, €3,985.00 in all" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\x1b" not in ran.out
    assert night.run("inbox", "--exit-code").code == 5


def test_an_empty_inbox(empty_shop: Shop) -> None:
    ran = empty_shop.run("inbox", "--exit-code")
    assert (ran.code, ran.out) == (0, "Nothing waits for you.\n")
    assert empty_shop.run("inbox", "--json").json == {"actions": []}


def test_in_french(night: Shop) -> None:
    settings = (night.folder / "regisseur.toml").read_text()
    night.configure(settings.replace("en_GB", "fr_FR"))
    told = night.run("inbox").out
    assert "2 à décider, 3 985,00 € au total" in told
    assert "mar. 24 nov." in told


def test_show_tells_all_that_a_decision_rests_on(night: Shop) -> None:
    action = night.ids()[0]
    told = night.run("show", action[:6]).out
    for part in ("Reason", "Details", "Rests on", "Evidence", "History", "May be edited"):
        assert f"\n{part}\n" in told
    assert f"regisseur decide {action[:8]}@1 approve" in told
    assert "lines.0.quantity  100" in told
    assert max(map(len, told.splitlines())) <= 80
    document = night.run("show", action, "--json").json
    assert document["action"]["arguments"]["lines"][0]["quantity"] == "100"
    assert document["action"]["facts"][0]["value"]["value"] == "4"
    assert [one["what"] for one in document["history"]] == ["proposed"]


def test_approving_places_the_order(night: Shop) -> None:
    action = night.ids()[0]
    ran = night.run("decide", action, "approve", "--by", "buyer@atelier.example")
    assert ran.code == 0
    assert "done, number PO-1 in the ERP" in ran.out
    assert [order.state for order in night.erp.records.orders] == ["confirmed"]
    history = night.run("show", action, "--json").json["history"]
    assert [one["what"] for one in history] == ["proposed", "approved", "performing", "done"]
    assert history[1]["by"] == "buyer@atelier.example"
    assert "What you can do" not in night.run("show", action).out


def test_the_signed_in_user_is_recorded(night: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "nora")
    monkeypatch.setattr("socket.gethostname", lambda: "desk7")
    action = night.ids()[0]
    night.run("decide", action, "reject", "--reason", "not_needed", "--comment", "stock is wrong")
    last = night.run("show", action, "--json").json["history"][-1]
    assert (last["by"], last["what"]) == ("nora@desk7", "rejected")
    assert (last["reason"], last["comment"]) == ("not_needed", "stock is wrong")


def test_several_at_once_each_with_its_own_verdict(night: Shop) -> None:
    first, second = night.ids()
    night.run("decide", first, "reject", "--reason", "not_now")
    ran = night.run("decide", first, second, "approve", "--json")
    one, other = ran.json["outcomes"]
    assert ran.code == 6
    assert (one["id"], one["status"], one["error"]["type"]) == (first, None, "AlreadyDecided")
    assert (other["id"], other["status"], other["effect"]["reference"]) == (second, "done", "PO-1")
    human = night.run("decide", first, second, "approve")
    assert human.code == 6
    assert human.out.count("already decided by") == 2


def test_the_same_action_twice(night: Shop) -> None:
    action = night.ids()[0]
    ran = night.run("decide", action[:6], action, "approve")
    assert (ran.code, ran.err) == (2, "regisseur: id: the same action is named twice\n")


def test_an_edit_is_typed_and_priced(night: Shop) -> None:
    action = night.ids()[0]
    ran = night.run(
        "decide", action, "approve", "--set", "lines.0.quantity=120",
        "--set", "lines.0.expected=2026-12-10", "--json",
    )  # fmt: skip
    assert ran.code == 0
    (line,) = night.erp.records.orders[0].lines
    assert (str(line.quantity), str(line.expected)) == ("120", "2026-12-10")
    assert ran.json["outcomes"][0]["action"]["revision"] == 2


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("lines.0.quantity=-5", "lines.0.quantity: Input should be greater than 0"),
        ("lines.0.quantity=many", "lines.0.quantity: Input should be a valid decimal"),
        ("lines.7.quantity=5", "lines.7.quantity: there is no 7, only 0"),
        ("lines.0.colour=red", "lines.0.colour: there is no colour, only item_id"),
        ("lines.0=x", "lines.0: name the value to change"),
        ("lines.0.unit_price=0", "lines.0.unit_price: can't be changed by an edit"),
        ("supplier_id=9", "supplier_id: can't be changed by an edit"),
    ],
)
def test_an_edit_that_is_not_acceptable(change: str, told: str, night: Shop) -> None:
    ran = night.run("decide", night.ids()[0], "edit", "--set", change)
    assert ran.code == 2
    assert told in ran.err
    assert len(night.ids()) == 2
    assert night.erp.writes == []


def test_what_was_recomputed_meanwhile_is_not_approved_unseen(night: Shop) -> None:
    action = night.ids()[0]
    for offer in night.erp.records.offers:
        night.erp.change(offer, minimum_quantity="200")
    assert night.run("run", "clerk", "--on", "2026-11-24").code == 0
    assert night.run("show", action, "--json").json["action"]["revision"] == 2
    ran = night.run("decide", f"{action[:8]}@1", "approve", "--json")
    assert ran.code == 6
    error = ran.json["outcomes"][0]["error"]
    assert (error["type"], error["revision"]) == ("ChangedSince", 2)
    assert error["was"]["lines"][0]["quantity"] == "100"
    assert error["now"]["lines"][0]["quantity"] == "200"
    assert night.erp.writes == []
    assert night.run("decide", f"{action[:8]}@2", "approve").code == 0


def test_snoozing_goes_by_the_companys_clocks(night: Shop) -> None:
    action = night.ids()[0]
    ran = night.run("decide", action, "snooze", "--until", "2099-07-01T08:30", "--json")
    assert ran.json["outcomes"][0]["action"]["snoozed_until"].startswith("2099-07-01T06:30:00")
    assert night.ids() != [action]
    assert len(night.ids()) == 1


def test_snoozing_until_yesterday(night: Shop) -> None:
    ran = night.run("decide", night.ids()[0], "snooze", "--until", "2020-01-01")
    assert (ran.code, ran.err) == (2, "regisseur: until: snoozing needs a moment in the future\n")


def test_reassigning(night: Shop) -> None:
    ran = night.run("decide", night.ids()[0], "reassign", "--assignee", "nora")
    assert "reassigned to nora" in ran.out
    assert "Assigned to nora" in night.run("inbox").out


@pytest.mark.parametrize("words", [["show"], ["decide", "approve"], ["resolve", "done"]])
def test_an_unknown_action(words: list[str], night: Shop) -> None:
    command, *rest = words
    ran = night.run(command, "ffffffffffff", *rest)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no action ffffffffffff; see the inbox" in ran.err


def test_a_name_that_is_none(night: Shop) -> None:
    for name in ("@1", f"{night.ids()[0]}@x"):
        ran = night.run("show", name)
        assert (ran.code, ran.out) == (2, "")
        assert "is not of the form 3f9c or 3f9c@2" in ran.err


def test_an_expired_action(night: Shop) -> None:
    action = night.ids()[0]
    with Database.open("sqlite:///regisseur.db") as database, database.write() as session:
        row = ledger.get(session, action)
        row.deadline = datetime.now(UTC) - timedelta(minutes=1)
        session.flush()
        ledger.expire(session, action, datetime.now(UTC))
    ran = night.run("decide", action, "approve")
    assert (ran.code, ran.err) == (
        6, f"regisseur: {action} is expired: there is nothing left to decide\n",
    )  # fmt: skip


def test_the_facts_have_changed_since(night: Shop) -> None:
    action = next(one for one in night.run("inbox", "--json").json["actions"]
                  if "Sawmill" in one["summary"])  # fmt: skip
    supplier = next(one for one in night.erp.records.suppliers if one.name == "Sawmill")
    night.erp.change(supplier, active=False)
    ran = night.run("decide", action["id"], "approve")
    assert ran.code == 5
    assert "not carried out: the facts have changed" in ran.out
    assert "active → archived" in night.run("inbox").out
    assert "Changed since" in night.run("show", action["id"]).out
    assert night.erp.writes == []


def test_an_unknown_outcome_is_settled_by_a_person(night: Shop) -> None:
    action = night.run("inbox", "--json").json["actions"][0]
    night.erp.order(
        night.erp.records.suppliers[0], [(night.erp.records.items[0], 7)], key=action["key"]
    )
    ran = night.run("decide", action["id"], "approve")
    assert ran.code == 5
    assert f"with the reference {action['key']}" in " ".join(ran.out.split())
    assert f"regisseur resolve {action['id'][:8]}" in night.run("show", action["id"]).out
    assert action["id"] in night.ids()
    settled = night.run("resolve", action["id"], "done", "--reference", "PO-7", "--json")
    assert (settled.code, settled.json["outcomes"][0]["status"]) == (0, "done")
    again = night.run("resolve", action["id"], "not_done")
    assert (again.code, again.out) == (6, "")


def test_a_night_is_dated(night: Shop) -> None:
    mission = night.run("run", "clerk", "--on", str(ON), "--json").json["mission"]
    assert (mission["on"], mission["status"]) == ("2026-11-23", "waiting")
