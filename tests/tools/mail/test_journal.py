"""The folder that remembers: each moment at which a process may die, and two at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from mail_contract import identifier, mail

from regisseur.errors import NeedsPerson, OutcomeUnknown
from regisseur.tools.mail import Sent, compose
from regisseur.tools.mail.journal import Journal
from regisseur.tools.mail.message import digest

MAIL = mail()
NAME = identifier(MAIL)
CONTENT = compose(MAIL)
SENT = Sent(message_id=NAME, recipients=MAIL.recipients, digest=digest(CONTENT), answer="250")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_before_it_leaves_nothing_was_sent(journal: Journal) -> None:
    assert journal.find(NAME) is None


def test_between_leaving_and_the_answer_nobody_knows(journal: Journal, tmp_path: Path) -> None:
    journal.begin(NAME, CONTENT)

    with pytest.raises(OutcomeUnknown, match=NAME):
        journal.find(NAME)
    with pytest.raises(OutcomeUnknown):
        journal.sent_before(MAIL, CONTENT)
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == CONTENT


def test_after_a_refusal_nothing_was_sent(journal: Journal) -> None:
    journal.begin(NAME, CONTENT)
    journal.undo(NAME)

    assert journal.find(NAME) is None


def test_after_the_answer_it_was_sent(journal: Journal) -> None:
    journal.begin(NAME, CONTENT)
    journal.finish(SENT)

    assert journal.find(NAME) == SENT
    assert journal.sent_before(MAIL, CONTENT) == SENT


def test_dead_before_the_mail_got_its_last_name_it_was_sent(
    journal: Journal, tmp_path: Path
) -> None:
    journal.begin(NAME, CONTENT)
    journal.finish(SENT)
    (kept,) = tmp_path.glob("*.eml")
    kept.rename(kept.with_suffix(".sending"))

    assert journal.find(NAME) == SENT


def test_only_one_of_two_may_let_it_leave(journal: Journal) -> None:
    journal.begin(NAME, CONTENT)

    with pytest.raises(OutcomeUnknown):
        journal.begin(NAME, CONTENT)


def test_whoever_comes_after_the_answer_may_not_let_it_leave(
    journal: Journal, tmp_path: Path
) -> None:
    """He looked before there was anything, and was slow."""
    journal.begin(NAME, CONTENT)
    journal.finish(SENT)

    with pytest.raises(OutcomeUnknown):
        journal.begin(NAME, CONTENT)
    assert journal.find(NAME) == SENT
    assert not list(tmp_path.glob("*.sending"))


def test_another_mail_under_the_key_is_for_a_person(journal: Journal) -> None:
    journal.begin(NAME, CONTENT)
    journal.finish(SENT)

    with pytest.raises(NeedsPerson, match="already sent"):
        journal.sent_before(mail(text="other"), compose(mail(text="other")))


def test_an_answer_that_can_not_be_kept_says_that_it_was_sent(
    journal: Journal, tmp_path: Path
) -> None:
    journal.begin(NAME, CONTENT)
    (file,) = tmp_path.iterdir()
    file.with_suffix(".tmp").mkdir()

    with pytest.raises(OutcomeUnknown, match=r"took .* don't send it again"):
        journal.finish(SENT)
    with pytest.raises(OutcomeUnknown):
        journal.find(NAME)
