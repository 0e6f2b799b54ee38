"""The shipped mail accounts keep the contract."""

from pathlib import Path

import pytest
from mail_contract import *
from smtp_server import SmtpServer

from regisseur.tools.mail import Mailer
from regisseur.tools.mail.folder import FolderMailer
from regisseur.tools.mail.memory import MemoryMailer
from regisseur.tools.mail.smtp import SmtpMailer, SmtpSettings


@pytest.fixture(params=["smtp", "folder", "memory"])
def mailer(request: pytest.FixtureRequest, smtp_server: SmtpServer, tmp_path: Path) -> Mailer:
    if request.param == "memory":
        return MemoryMailer()
    if request.param == "folder":
        return FolderMailer(tmp_path / "mail")
    return SmtpMailer(
        SmtpSettings(
            host="127.0.0.1",
            port=smtp_server.port,
            security="none",
            sent_folder=tmp_path / "mail",
        )
    )
