"""What people tell agents on pages: questions of the workshop, forms, statements, taking back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Clock
from starlette.testclient import TestClient
from website import ADDRESS, MORNING, ON, Site, Visitor
from workshop import Shop, shop

from regisseur import AsyncOffice, Office
from regisseur.graphs.authority import Role
from regisseur.office.web.app import make_app
from regisseur.tools.records import ProductionOrder

SETTINGS = """\
database = "sqlite://"
[company]
id = "atelier"
name = "Atelier Martin"
locale = "fr_FR"
[company.agents.planning]
budget = 0
[company.agents.purchasing]
enabled = false
[company.banks.mine]
account = "FR761"
delimiter = ";"
booked = "Date"
amount = "Montant"
text = ["Texte"]
"""
WITHDRAW = re.compile(r'action="(/atelier/telling/entries/\w+/withdraw)"')


class Workshop:
    """A site with one order that runs, of which nothing was reported."""

    def __init__(self, folder: Path) -> None:
        self.made: Shop = shop()
        self.order: ProductionOrder = self.made.erp.start(
            self.made.erp.produce(self.made.frame, 8, start=ON, end=ON), ON.replace(day=16)
        )
        file = folder / "regisseur.toml"
        file.write_text(SETTINGS)
        clock = Clock(MORNING)
        self.office = Office.open(file, erp=self.made.erp, clock=clock)
        app = make_app(AsyncOffice(self.office.opened))
        self.site = Site(self.office, app, {"atelier": self.made.erp}, clock)
        roles: tuple[Role, ...] = ("administrator", "operator", "viewer")
        for role in roles:
            self.site.hire(f"{role}.atelier", role)
        self.office.run("planning", on=ON)

    def visitor(self, role: Role) -> Visitor:
        return self.site.visitor(role)


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path)
    yield made
    made.office.close()


def test_what_is_waited_for_is_asked_answered_and_taken_back(workshop: Workshop) -> None:
    operator = workshop.visitor("operator")
    page = operator.text("telling")
    assert f'value="{workshop.order.number}"' in page
    assert 'class="card late"' in page
    answer = operator.post(
        "telling/planning/progress",
        {
            "order": str(workshop.order.number),
            "step": "1",
            "state": "in_progress",
            "remaining": "45",
            "at": "2026-11-23T08:00",
        },
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/atelier/telling")
    (entry,) = workshop.office.entries("planning")
    assert (entry.body["state"], entry.body["remaining"]) == ("in_progress", 45)
    assert entry.by == "operator.atelier"
    workshop.office.run("planning", on=ON, again=True)
    again = operator.text("telling")
    assert 'class="card late"' not in again
    found = WITHDRAW.search(again)
    assert found is not None
    assert operator.post(found[1]).status_code == 303
    assert workshop.office.entries("planning") == []


def test_every_form_of_every_agent_can_be_opened(workshop: Workshop) -> None:
    operator = workshop.visitor("operator")
    addresses = re.findall(r'href="(/atelier/telling/\w+/\w+)"', operator.text("telling"))
    assert len(addresses) > 10
    for one in addresses:
        assert operator.get(one).status_code == 200, one
    assert operator.get("telling/planning/nothing").status_code == 404
    assert operator.get("telling/purchasing/promise").status_code == 404


def test_a_wrong_field_is_named_and_nothing_is_kept(workshop: Workshop) -> None:
    operator = workshop.visitor("operator")
    values = {"order": str(workshop.order.number), "step": "9", "state": "done"}
    values["at"] = "2026-11-23T08:00"
    assert operator.post("telling/planning/progress", values).status_code == 422
    assert operator.post("telling/planning/progress", {**values, "x": "1"}).status_code == 422
    assert workshop.office.entries("planning") == []


def test_who_may_only_look_tells_nothing(workshop: Workshop) -> None:
    viewer = workshop.visitor("viewer")
    assert viewer.get("telling").status_code == 403
    answer = viewer.post("telling/planning/priority", {"order": "1", "weight": "2"})
    assert answer.status_code == 403
    assert "/atelier/telling" not in viewer.text("missions")


def test_a_bank_statement_is_read_once(workshop: Workshop) -> None:
    operator = workshop.visitor("operator")
    content = b"Date;Montant;Texte\n20/11/2026;120,00;VIR LEROY\n"
    browser: TestClient = operator.browser

    def hand_in() -> str:
        answer = browser.post(
            "/atelier/telling/statement",
            data={"token": operator.token, "layout": "mine"},
            files={"file": ("releve.csv", content, "text/csv")},
            headers={"origin": ADDRESS},
        )
        assert answer.status_code == 303, answer.text
        return browser.get("/atelier/telling").text

    assert "1 mouvement nouveau sur 1" in hand_in()
    assert "0 mouvement nouveau sur 1" in hand_in()
