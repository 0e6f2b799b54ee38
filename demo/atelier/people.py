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
READ_BOOKS = (
    "account.invoice",
    "account.invoice.line",
    "account.move.line",
    "account.dunning",
    "account.dunning.level",
    "account.dunning.procedure",
)
"""What the agent may look at of the accounts; the accountants' own group may also write and post."""


def write_people(erp: Erp, settings: Settings) -> None:
    """Set the passwords (a demo's: they are public) and make the agent."""
    with erp.transaction():
        User = erp.model("res.user")
        (french,) = erp.model("ir.lang").search([("code", "=", "fr")])
        (admin,) = User.search([("login", "=", ADMIN)])
        User.write([admin], {"password": ADMIN_PASSWORD, "language": french.id})
        groups = [erp.xml_id(module, name) for module, name in AGENT_GROUPS]
        agent = User(
            name="Régisseur",
            login=AGENT,
            password=AGENT_PASSWORD,
            language=french,
            groups=[*groups, _readers_of_books(erp)],
            companies=[settings.company],
            company=settings.company,
        )
        agent.save()


def _readers_of_books(erp: Erp) -> int:
    """A group that may read what customers owe, and nothing more."""
    Group, Access = erp.model("res.group"), erp.model("ir.model.access")
    group = Group(name="Lecture des comptes clients")
    group.save()
    rights = {"perm_write": False, "perm_create": False, "perm_delete": False}
    Access.save(
        [Access(model=model, group=group, perm_read=True, **rights) for model in READ_BOOKS]
    )
    return int(group.id)
