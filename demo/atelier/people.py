# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may log in: the administrator, and the agent with narrow rights."""

from __future__ import annotations

from atelier.erp import Erp
from atelier.settings import Settings

ADMIN, AGENT = "admin", "agent"
ADMIN_PASSWORD = "atelier-martin-admin"
AGENT_PASSWORD = "atelier-martin-agent"
AGENT_GROUPS = (
    ("stock", "group_stock"),
    ("purchase", "group_purchase"),
    ("production", "group_production"),
    ("sale", "group_sale"),
)


def write_people(erp: Erp, settings: Settings) -> None:
    """Set the passwords (a demo's: they are public) and make the agent."""
    with erp.transaction():
        User = erp.model("res.user")
        (french,) = erp.model("ir.lang").search([("code", "=", "fr")])
        (admin,) = User.search([("login", "=", ADMIN)])
        User.write([admin], {"password": ADMIN_PASSWORD, "language": french.id})
        agent = User(
            name="Régisseur",
            login=AGENT,
            password=AGENT_PASSWORD,
            language=french,
            groups=[erp.xml_id(module, name) for module, name in AGENT_GROUPS],
            companies=[settings.company],
            company=settings.company,
        )
        agent.save()
