"""What is made of mails from outside: known by our Message-ID alone, whatever their text claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from incoming import OURS, RECEIVED, answer, plain_report, report

from regisseur.tools.mailbox import Bounce, OwnMail, Reply, read_mail, wanted
from regisseur.tools.mailbox.records import MOST_TEXT

EXIM = """This message was created automatically by mail delivery software.

  fournisseurs@client.example
    SMTP error from remote mail server after RCPT TO: 550 5.1.1 no such user"""


def read(content: bytes, *ours: OwnMail) -> Reply | Bounce | None:
    """As a mailbox does: the whole only where the headers say that it may be ours."""
    known = ours or (OURS,)
    return read_mail(content, RECEIVED, known) if wanted(content, known) else None


def bounce(content: bytes) -> Bounce:
    found = read(content)
    assert isinstance(found, Bounce)
    assert (found.message_id, found.received) == (OURS.message_id, RECEIVED)
    return found


def reply(content: bytes) -> Reply:
    found = read(content)
    assert isinstance(found, Reply)
    assert found.message_id == OURS.message_id
    return found


@pytest.mark.parametrize(
    ("content", "permanent"),
    [
        (report(), True),
        (report(returned="text/rfc822-headers"), True),
        (report(action="delayed", status="4.4.1"), False),
        (report(action="failed", status="4.4.7"), False),
        (plain_report(EXIM), True),
        (plain_report("Your message was delayed: 451 try again"), False),
        (plain_report("Something went wrong."), False),
    ],
)
def test_a_report_is_known_by_our_identifier(content: bytes, permanent: bool) -> None:
    assert bounce(content).permanent is permanent


def test_a_report_says_who_failed_in_the_servers_own_words() -> None:
    found = bounce(report())

    assert found.recipient == OURS.recipient
    assert found.words == "smtp; 550 5.1.1 no such user"
    assert bounce(plain_report(EXIM)).words.startswith("SMTP error from remote mail server")


@pytest.mark.parametrize(
    "content",
    [
        report(action="delivered", status="2.0.0"),
        report(OURS.model_copy(update={"message_id": "<other.regisseur@atelier.example>"})),
        plain_report(EXIM, OURS.model_copy(update={"message_id": "<other@atelier.example>"})),
        answer(In_Reply_To="<other.regisseur@atelier.example>"),
        answer(In_Reply_To="", text=f"About {OURS.message_id} of {OURS.recipient}: 550 5.1.1 no"),
        answer(From=f"Nous <{OURS.sender.upper()}>"),
        b"",
        b"\xff\xfe\x00 nothing\r\n\r\n of ours",
    ],
)
def test_what_is_not_about_a_mail_of_ours_is_nothing(content: bytes) -> None:
    assert read(content) is None


def test_an_answer_is_kept_in_its_own_words() -> None:
    found = reply(answer("Bonjour,\nnous payons vendredi.\n> Bonjour,\n> la facture F-12\nPaul"))

    assert found.text == "Bonjour, nous payons vendredi. Paul"
    assert (found.sender, found.subject) == (
        "Paul Client <fournisseurs@client.example>",
        "RE: Rappel",
    )
    assert not found.automatic


def test_an_answer_further_down_the_thread_is_ours_too() -> None:
    chain = f"{OURS.message_id} <2@client.example>"

    assert reply(answer(In_Reply_To="<2@client.example>", References=chain))


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "auto_reply"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
    ],
)
def test_what_a_program_answers_is_told_from_what_a_person_does(header: dict[str, str]) -> None:
    assert reply(answer("Je suis absent jusqu'au 30 novembre.", OURS, **header)).automatic


def test_text_is_data() -> None:
    hostile = "<script>x</script>{customer}\x00\u202eabc\n" + "a" * 5000

    found = reply(answer(hostile, Subject="=?utf-8?q?a=0D=0ABcc:_x?="))

    assert found.text.startswith("<script>x</script>{customer} abc")
    assert len(found.text) <= MOST_TEXT
    assert (found.text + found.subject).isprintable()


def test_words_are_read_from_html_where_there_is_nothing_else() -> None:
    html = "<style>p{}</style><p>Nous payons <b>vendredi</b>.</p><script>x()</script>"
    content = answer("X").replace(b"text/plain", b"text/html").replace(b"X\r\n", html.encode())

    assert reply(content).text == "Nous payons vendredi."


def test_the_same_mail_has_the_same_name_also_where_it_is_cut_off() -> None:
    whole = answer("Bonjour " * 200)

    assert reply(whole).id == reply(whole[:900]).id != reply(answer(Message_ID="<2@x>")).id


@given(st.binary(max_size=300), st.sampled_from(["message/rfc822", "text/rfc822-headers"]))
def test_nothing_from_outside_makes_it_fail(noise: bytes, returned: str) -> None:
    whole = report(returned=returned)
    for at in (0, 120, 330, 600, len(whole)):
        read(whole[:at] + noise + whole[at:])
    read(noise + answer())
