"""What ``doctor`` tells of connections beside the ERP, and of data that agents lack."""

from datetime import date
from pathlib import Path

import pytest
from shop import Shop
from smtp_server import SmtpServer, free_port

MAIL = """\
[company.mail]
vendor = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
sent_folder = "sent"
[company.post]
vendor = "folder"
folder = "letters"
"""


@pytest.fixture
def chasing(empty_shop: Shop) -> Shop:
    """A company with the follow-up enabled and two customers who owe, one without an e-mail."""
    off = "[company.agents.invoice_followup]\nenabled = false"
    text = Path("regisseur.toml").read_text()
    assert off in text
    empty_shop.configure(text.replace(off, "[company.agents.invoice_followup]"))
    for name, email in (("Garage Bellecour", "pay@garage.example"), ("Froid Service", None)):
        customer = empty_shop.erp.customer(name, email=email, kind="business")
        empty_shop.erp.invoice(customer, "300", due=date(2026, 10, 30))
    return empty_shop


def with_mail(shop: Shop, port: int) -> None:
    shop.configure(Path("regisseur.toml").read_text() + MAIL.format(port=port))


def test_mail_and_letters(chasing: Shop, smtp_server: SmtpServer) -> None:
    with_mail(chasing, smtp_server.port)

    ran = chasing.run("doctor")

    assert ran.code == 0
    assert f"Mail       smtp:127.0.0.1:{smtp_server.port}" in ran.out
    assert "Letters    post:" in ran.out
    assert "- sender_email is not set: reminders become letters." in ran.out
    assert smtp_server.commands[:2] == ["greeting", "ehlo"]
    assert smtp_server.taken == []
    beside = chasing.run("doctor", "--json").json["examination"]["beside"]
    assert [(one["role"], one["problem"]) for one in beside] == [("mail", None), ("post", None)]


def test_a_mail_server_that_is_away(chasing: Shop) -> None:
    with_mail(chasing, free_port())

    ran = chasing.run("doctor")

    assert ran.code == 4
    assert "Problem    " in ran.out
    assert "Something needs mending" in ran.out
    examination = chasing.run("doctor", "--json").json["examination"]
    assert (examination["healthy"], examination["problem"]) == (False, None)
    assert examination["beside"][0]["cause"] == "RetryLater"


def test_what_the_data_lack(chasing: Shop) -> None:
    chasing.erp.payment(chasing.erp.customer("Cycles"), 20, on=date(2026, 11, 20))

    (agent,) = (
        one
        for one in chasing.run("doctor", "--json").json["examination"]["agents"]
        if one["agent"] == "invoice_followup"
    )

    assert agent["ready"] is True
    told = chasing.run("doctor").out
    assert "€300.00 overdue from one customer without an e-mail address for invoices" in told
    assert "Age of the last payment known: " in told
    assert "unknown kind" not in told
    assert chasing.run("inbox", "--json").json == {"actions": []}


def test_a_mailbox_that_is_away(chasing: Shop) -> None:
    port = free_port()
    box = f"""\
[company.mailbox]
vendor = "imap"
host = "127.0.0.1"
port = {port}
security = "none"
user = "accounts"
password = "8412"
"""
    chasing.configure(Path("regisseur.toml").read_text() + box)

    ran = chasing.run("doctor")

    assert ran.code == 4
    assert f"Mailbox    imap:127.0.0.1:{port}/accounts" in ran.out
    assert "can't be reached" in " ".join(ran.out.split())
