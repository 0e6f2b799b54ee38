"""A mail account at any server that speaks SMTP."""

from __future__ import annotations

from regisseur.tools.mail.smtp.mailer import SmtpMailer
from regisseur.tools.mail.smtp.settings import OAuthSettings, SmtpSettings
from regisseur.tools.records import Company

__all__ = ["ADAPTER", "OAuthSettings", "SmtpAdapter", "SmtpMailer", "SmtpSettings"]


class SmtpAdapter:
    """What ``vendor = "smtp"`` opens."""

    name = "smtp"
    settings = SmtpSettings

    def open(self, settings: SmtpSettings, company: Company) -> SmtpMailer:
        """The account; nothing is connected until something is asked of it."""
        return SmtpMailer(settings)


ADAPTER = SmtpAdapter()
