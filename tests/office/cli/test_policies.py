"""``regisseur policy`` as it is typed."""

from __future__ import annotations

from pathlib import Path

from shop import SETTINGS, Shop

RULE = """
[[company.policy.rules]]
name = "two people"
mode = "ask"
quorum = 2
"""


def test_a_policy_is_proposed_approved_and_read_in_sentences(night: Shop) -> None:
    shown = night.run("policy", "show")
    assert (shown.code, "Version 0 · in force" in shown.out) == (0, True)
    Path("new.toml").write_text(SETTINGS.format(locale="en_GB") + RULE)
    proposed = night.run("policy", "propose", "new.toml", "--by", "ann")
    assert "two people: everything – asks 2 people" in proposed.out
    assert "Next: regisseur policy approve 2" in proposed.out
    assert "waits for an administrator" in night.run("policy", "show").out
    assert "waits for an administrator" in night.run("doctor").out
    assert night.run("policy", "approve", "2", "--by", "bea").code == 0
    assert [one["rule"] for one in night.run("inbox", "--json").json["actions"]] == [
        "two people"
    ] * 2
    assert night.run("policy", "approve", "2").code == 6
    versions = night.run("policy", "show", "--all", "--json").json["versions"]
    assert [(one["version"], one["status"]) for one in versions] == [(2, "active"), (1, "past")]
    assert "holds another policy than the version in force" in night.run("doctor").out


def test_a_rule_made_of_an_action_and_a_preset(night: Shop) -> None:
    first, _ = night.ids()
    made = night.run(
        "policy", "propose", "--like", first[:6], "--mode", "veto", "--veto-until", "10:00"
    )
    assert "done at 10:00 unless refused" in made.out
    assert night.run("policy", "propose", "--preset", "observer").code == 0
    assert night.run("policy", "refuse", "3").code == 0
    assert "prudent" in night.run("policy", "presets").out
    wrong = night.run("policy", "propose")
    assert (wrong.code, "give one of" in wrong.err) == (2, True)
    Path("new.toml").write_text(RULE.replace("ask", "nod"))
    assert "rules.0.mode" in night.run("policy", "propose", "new.toml").err


def test_the_record_and_what_it_suggests(night: Shop) -> None:
    first, second = night.ids()
    assert night.run("decide", first, "approve").code == 0
    assert night.run("decide", second, "reject", "--reason", "not_now").code == 0
    assert "stopped" not in night.run("policy", "suggest").out
    assert night.run("policy", "regret", first[:6], "--comment", "too many").code == 0
    assert night.run("policy", "regret", second[:6], "--comment", "too many").code == 6
    (agent,) = night.run("policy", "record", "--json").json["agents"]
    total = agent["total"]
    assert (total["unedited"], total["rejected"], total["regretted"]) == (1, {"not_now": 1}, 1)
    assert "1 as proposed, 0 edited, 0 rejected" in " ".join(
        night.run("policy", "record").out.split()
    )
    assert "suggests nothing" in night.run("policy", "suggest").out
    assert night.run("policy", "suggest", "--propose", "nosuch").code == 2
