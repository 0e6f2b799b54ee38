"""The policy on the page: proposed, told apart, settled."""

from __future__ import annotations

import html
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from website import Site, Visitor

from regisseur.errors import InvalidInput
from regisseur.graphs.policy import Policy, Rule
from regisseur.office import policies as trust
from regisseur.office.web.policy_form import PolicyFields, fields_of, policy_of
from regisseur.office.web.routes.policies import differences

SETTLE = re.compile(r'action="(/atelier/policy/settle/\w+)"')


def sent(fields: PolicyFields) -> dict[str, str]:
    """What a browser sends of the form."""
    form = {"auto_count": fields.auto_count, "auto_amount": fields.auto_amount}
    for one in fields.rules:
        start = f"rule-{one.number}-"
        form |= {f"{start}{name}": text for name, text in one.typed.items()}
        form |= {f"{start}name": one.typed.get("name", ""), f"{start}place": one.place}
        form |= {f"{start}four_eyes": "yes"} if one.four_eyes else {}
    return form


def rules() -> st.SearchStrategy[Rule]:
    maybe = st.none() | st.sampled_from(["clerk", "42", "place_purchase_order"])
    amounts = st.none() | st.decimals(0, 99999, places=2)
    careful = st.fixed_dictionaries(
        {
            "mode": st.just("ask"),
            "quorum": st.integers(1, 4),
            "four_eyes": st.booleans(),
            "answer_within": st.integers(1, 99),
            "at_expiry": st.sampled_from(["hold", "expire"]),
        }
    )
    quick = st.fixed_dictionaries({"mode": st.sampled_from(["auto", "shadow", "ask"])})
    veto = st.fixed_dictionaries(
        {
            "mode": st.just("veto"),
            "veto_until": st.times().map(lambda t: t.replace(second=0, microsecond=0)),
        }
    )
    about = st.fixed_dictionaries(
        {"agent": maybe, "kind": maybe, "counterparty": maybe, "up_to": amounts}
    )
    return st.builds(lambda a, b: Rule(name="x", **a, **b), about, careful | quick | veto)


@given(st.lists(rules(), max_size=4), st.integers(0, 99), st.decimals(0, 9999, places=2))
@settings(max_examples=40)
def test_a_form_that_is_sent_as_it_is_says_the_same(
    made: list[Rule], count: int, amount: Decimal
) -> None:
    named = tuple(one.model_copy(update={"name": f"rule {n}"}) for n, one in enumerate(made))
    policy = Policy(rules=named, auto_count=count, auto_amount=amount)

    assert policy_of(sent(fields_of(policy))) == policy


def test_rules_are_put_in_their_places_and_taken_out() -> None:
    policy = Policy(rules=tuple(Rule(name=name, mode="auto") for name in "abc"))
    form = sent(fields_of(policy)) | {"rule-3-place": "0.5", "rule-1-remove": "yes"}

    assert [one.name for one in policy_of(form).rules] == ["c", "b"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rule-1-place": "first"}, "a, place"),
        ({"rule-1-mode": "veto"}, "a: veto_until"),
        ({"rule-1-up_to": "much"}, "a, up_to"),
        ({"rule-2-name": "a", "rule-2-mode": "ask"}, "two rules have the same name"),
    ],
)
def test_what_is_wrong_is_named_by_its_rule(wrong: dict[str, str], told: str) -> None:
    form = sent(fields_of(Policy(rules=(Rule(name="a", mode="auto"),)))) | wrong

    with pytest.raises(InvalidInput, match=re.escape(told)):
        policy_of(form)


def test_sentences_are_told_apart_in_their_order() -> None:
    lines = [(one.state, one.text) for one in differences(["a", "b", "c"], ["a", "x", "c", "d"])]

    assert lines == [
        ("same", "a"), ("removed", "b"), ("added", "x"), ("same", "c"), ("added", "d"),
    ]  # fmt: skip


@pytest.fixture
def site(shared_site: Site) -> Site:
    return shared_site


def propose(visitor: Visitor, **rule: str) -> None:
    form = {"rule-1-mode": "auto", "rule-1-name": "small orders", "cause": "We trust it."}
    form |= {f"rule-1-{name}": text for name, text in rule.items()}
    answer = visitor.post("policy/change", form)
    assert answer.status_code == 303, answer.text


def test_a_change_is_proposed_told_apart_and_put_into_force(site: Site) -> None:
    propose(site.visitor("approver"), kind="place_purchase_order", up_to="500")
    boss = site.visitor("administrator")
    page = boss.text("policy")
    place = SETTLE.search(page)
    assert place is not None
    assert "We trust it." in page
    assert "<ins>" in page

    assert boss.post(place[1], {"verdict": "approve"}).status_code == 303

    (rule,) = _in_force(site)
    assert (rule.mode, rule.up_to) == ("auto", Decimal(500))
    version = re.search(r"policy/versions/\d+", page)
    assert version is not None
    assert "approver.atelier" in boss.text(version[0])
    assert boss.post(place[1], {"verdict": "approve"}).status_code == 409


def _in_force(site: Site) -> tuple[Rule, ...]:
    policy = site.office.do(trust.current, "atelier").policy
    assert policy is not None
    return policy.rules


def test_a_refused_change_changes_nothing(site: Site) -> None:
    before = _in_force(site)
    propose(site.visitor("approver"))
    boss = site.visitor("administrator")
    place = SETTLE.search(boss.text("policy"))
    assert place is not None

    assert boss.post(place[1], {"verdict": "maybe"}).status_code == 422
    assert boss.post(place[1], {"verdict": "refuse"}).status_code == 303

    assert _in_force(site) == before
    assert not SETTLE.search(boss.text("policy"))


def test_what_cannot_be_read_is_shown_again(site: Site) -> None:
    form = {"rule-1-name": "late <b>", "rule-1-mode": "veto", "cause": "Why not"}

    answer = site.visitor("approver").post("policy/change", form)

    assert answer.status_code == 422
    assert html.escape("late <b>", quote=False) in answer.text
    assert "late <b>" not in answer.text
    assert 'value="Why not"' in answer.text
    assert "veto_until belongs to mode veto" in answer.text


def test_a_preset_and_an_earlier_version_are_proposed_like_any_other(site: Site) -> None:
    approver, boss = site.visitor("approver"), site.visitor("administrator")
    assert approver.post("policy/preset", {"preset": "observer"}).status_code == 303
    place = SETTLE.search(boss.text("policy"))
    assert place is not None
    boss.post(place[1], {"verdict": "approve"})
    assert [one.mode for one in _in_force(site)] == ["shadow"]

    assert approver.post("policy/versions/1").status_code == 303

    assert "Proposed by" in boss.text("policy")
    assert approver.post("policy/preset", {"preset": "reckless"}).status_code == 404
    assert approver.post("policy/versions/last").status_code == 404
    assert boss.get("policy/versions/last").status_code == 404
