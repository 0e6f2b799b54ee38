"""The folder, the double in memory, and how accounts are found."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from mail_contract import identifier, mail

from regisseur.errors import Misconfigured, NeedsPerson, OutcomeUnknown, RetryLater, VendorRefused
from regisseur.tools.mail import Mailer, compose
from regisseur.tools.mail.folder import FolderMailer
from regisseur.tools.mail.memory import MemoryMailer
from regisseur.tools.plugins import Discovery, discover
from regisseur.tools.records import Company

COMPANY = Company(id="acme", name="Acme")


def test_accounts_are_found_like_erps(tmp_path: Path) -> None:
    found: Discovery[Any] = discover(
        "regisseur.tools.mail", "ADAPTER", "regisseur.mail", name_of=lambda a: a.name
    )

    assert sorted(found.found) == ["folder", "memory", "smtp"]
    assert found.problems == []
    settings = {
        "folder": {"sent_folder": tmp_path},
        "memory": {"test": True},
        "smtp": {"host": "mail.example", "sent_folder": tmp_path},
    }
    for name, adapter in found.found.items():
        opened = adapter.open(adapter.settings.model_validate(settings[name]), COMPANY)
        assert isinstance(opened, Mailer)
        assert opened.vendor == name


def test_the_folder_holds_mails_that_any_program_opens(tmp_path: Path) -> None:
    asyncio.run(FolderMailer(tmp_path / "new").send(mail()))

    (file,) = (tmp_path / "new").glob("*.eml")
    assert file.read_bytes() == compose(mail())


def test_another_process_finds_what_the_folder_holds(tmp_path: Path) -> None:
    sent = asyncio.run(FolderMailer(tmp_path).send(mail()))

    assert asyncio.run(FolderMailer(tmp_path).find_sent(identifier(mail()))) == sent


def test_a_damaged_folder_is_for_a_person(tmp_path: Path) -> None:
    asyncio.run(FolderMailer(tmp_path).send(mail()))
    (record,) = tmp_path.glob("*.json")
    record.write_text("{")

    with pytest.raises(NeedsPerson, match="damaged"):
        asyncio.run(FolderMailer(tmp_path).find_sent(identifier(mail())))
    with pytest.raises(NeedsPerson, match="damaged"):
        asyncio.run(FolderMailer(tmp_path).send(mail()))


def test_a_message_id_leads_to_no_other_folder(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (tmp_path / "mail").mkdir()

    assert asyncio.run(FolderMailer(tmp_path / "mail").find_sent("<../secret@a.example>")) is None


def test_a_folder_in_the_way_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Misconfigured, match="can't be written"):
        asyncio.run(FolderMailer(tmp_path / "file").probe())
    with pytest.raises(Misconfigured, match="can't be read"):
        asyncio.run(FolderMailer(tmp_path / "file").find_sent(identifier(mail())))


class TestMemory:
    """The double fails in the ways of a real account."""

    def test_a_refused_address(self) -> None:
        mailer = MemoryMailer()
        mailer.refuse("direction@client.example")

        with pytest.raises(VendorRefused, match=r"550.*direction"):
            asyncio.run(mailer.send(mail()))
        assert mailer.mails == []

    def test_planned_faults(self) -> None:
        mailer = MemoryMailer()
        mailer.fail_next("send", RetryLater("busy"))
        with pytest.raises(RetryLater, match="busy"):
            asyncio.run(mailer.send(mail()))
        assert mailer.mails == []

        mailer.lose_answer_of("send")
        with pytest.raises(OutcomeUnknown):
            asyncio.run(mailer.send(mail()))
        assert mailer.mails == [mail()]
        with pytest.raises(OutcomeUnknown):
            asyncio.run(mailer.find_sent(identifier(mail())))
        with pytest.raises(OutcomeUnknown):
            asyncio.run(mailer.send(mail()))
        assert mailer.mails == [mail()]

    def test_a_mail_that_goes_out_late(self) -> None:
        mailer = MemoryMailer()
        mailer.commit_late("send")
        with pytest.raises(OutcomeUnknown):
            asyncio.run(mailer.send(mail()))

        assert mailer.mails == []
        assert asyncio.run(mailer.find_sent("<other@x.example>")) is None
        asyncio.run(mailer.find_sent("<other@x.example>"))
        assert mailer.mails == [mail()]
        with pytest.raises(OutcomeUnknown):
            asyncio.run(mailer.find_sent(identifier(mail())))

    def test_what_happens_while_it_is_sent(self) -> None:
        mailer, seen = MemoryMailer(), []
        mailer.before("send", lambda: seen.append(len(mailer.mails)))
        mailer.after("send", lambda: seen.append(len(mailer.mails)))

        asyncio.run(mailer.send(mail()))

        assert seen == [0, 1]

    def test_only_what_an_account_does_can_fail(self) -> None:
        with pytest.raises(ValueError, match="no such operation"):
            MemoryMailer().fail_next("deliver", RetryLater("x"))
