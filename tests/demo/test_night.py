"""The settings that the demo writes for its night."""

from pathlib import Path

from tryton_server import demo_module

from regisseur.agents.invoice_followup.settings import InvoiceFollowupSettings
from regisseur.agents.purchasing.settings import PurchasingSettings
from regisseur.office.settings import load, parse_part
from regisseur.tools.mail.smtp.settings import SmtpSettings


def test_the_settings_are_accepted_by_those_who_read_them(tmp_path: Path) -> None:
    night = demo_module("night")
    file = tmp_path / "regisseur.toml"
    file.write_text(night.settings({"url": "http://127.0.0.1:1", "mail_port": 25}), "utf-8")

    (company,) = load(file).all()

    assert company.erp["url"] == "http://127.0.0.1:1"
    mail = {name: value for name, value in company.mail.items() if name != "vendor"}
    assert parse_part(SmtpSettings, mail, "mail").security == "none"
    assert set(company.agents) == set(night.AGENTS)
    chasing = parse_part(InvoiceFollowupSettings, company.agents["invoice_followup"], "agents")
    assert (chasing.triage, chasing.sender_email) == (True, "comptabilite@atelier-martin.example")
    assert _valid(chasing.payment.iban)
    assert parse_part(PurchasingSettings, company.agents["purchasing"], "agents").suppliers


def _valid(iban: str) -> bool:
    """By its check digits (ISO 13616)."""
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
