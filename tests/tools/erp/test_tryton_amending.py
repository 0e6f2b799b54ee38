"""Disputes, write-offs and contacts in a real Tryton; what the demo's narrow agent may not do, and
what Tryton's own tables have afterwards.
"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from amending_contract import *
from amending_contract import contested, now, rest, undisputed
from erp_contract import Subject, new_key, subject
from tryton_erp import connection
from tryton_rights import let_write_off
from tryton_server import TrytonServer, served

from regisseur.errors import VendorRefused
from regisseur.tools.erp.tryton import Tryton
from regisseur.tools.erp.tryton.client import Client
from regisseur.tools.records import Invoice

pytestmark = pytest.mark.tryton


@pytest.fixture(scope="module")
def amending(tryton_snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """The agent, with the rights that writing off takes, in a copy for this module."""
    with (
        served(tryton_snapshot, tmp_path_factory.mktemp("amended")) as server,
        subject(connection(server.url, server.user, server.password)) as made,
    ):
        admin = connection(server.url, "admin", server.admin_password)
        made.ask(let_write_off(admin))
        made.ask(admin.close())
        yield made


def client(amending: Subject) -> Client:
    assert isinstance(amending.erp, Tryton)
    return amending.erp.client


def part_paid(amending: Subject) -> Invoice:
    found = amending.ask(amending.erp.open_invoices())
    return next(one for one in found if one.open > 0 and one.settlements and not one.dispute)


def test_the_narrow_agent_of_the_demo_is_told_what_is_missing(
    reading: Subject, tryton: TrytonServer
) -> None:
    erp = reading.erp
    assert isinstance(erp, Tryton)
    assert reading.ask(erp.may_open_disputes())
    assert reading.ask(erp.may_change_contacts())
    assert not reading.ask(erp.may_write_off())
    invoice = part_paid(reading)
    with pytest.raises(VendorRefused, match=r"agent may not write .*account\.move\.line"):
        reading.ask(erp.write_off(new_key(), rest(reading, invoice)))
    with subject(connection(tryton.url, "admin", tryton.admin_password)) as accountant:
        assert not accountant.ask(accountant.erp.may_write_off())
        with pytest.raises(VendorRefused, match="no write-off method"):
            accountant.ask(accountant.erp.write_off(new_key(), rest(reading, invoice)))
    assert now(reading, invoice) == invoice


def test_what_is_left_of_a_part_paid_invoice_is_posted_with_the_key(amending: Subject) -> None:
    erp, key, invoice = amending.erp, new_key(), part_paid(amending)
    amending.ask(erp.write_off(key, rest(amending, invoice)))
    (kept,) = amending.ask(erp.find_write_offs(invoice.id, key))
    (line,) = amending.ask(
        client(amending).read(
            "model.account.move.line.read",
            [int(kept.id)],
            ["credit", "move_state", "move_description_used", "date"],
        )
    )
    assert (line["credit"], line["move_state"], line["date"]) == (
        invoice.open,
        "posted",
        amending.today,
    )
    assert line["move_description_used"] == f"Rest of {invoice.number} [regisseur {key}]"
    assert sum((one.amount for one in now(amending, invoice).settlements), Decimal(0)) == (
        invoice.total
    )


def test_a_complaint_that_is_settled_is_found_and_disputes_no_more(amending: Subject) -> None:
    erp, key, invoice = amending.erp, new_key(), undisputed(amending)
    made = amending.ask(erp.open_dispute(key, contested(amending, invoice)))
    amending.ask(client(amending).write("model.sale.complaint.cancel", [int(made)]))
    assert now(amending, invoice).dispute is None
    (kept,) = amending.ask(erp.find_disputes(invoice.id, key))
    assert kept.id == made
