"""What is read for lists, on every database: in order, in pages, and only this company's."""

from __future__ import annotations

from datetime import timedelta

from desk import ATELIER, NOW, ON, opened, registered

from regisseur.office import archive
from regisseur.office.core import Core
from regisseur.office.faces import Office
from regisseur.storage import missions
from regisseur.storage.house_tables import PackRow
from regisseur.tools.erp.memory import MemoryERP
from regisseur.tools.records import Speaker

say = Speaker("tests")
ELSEWHERE = ATELIER.model_copy(update={"id": "elsewhere"})


def test_missions_and_nights_come_newest_first_and_in_pages(database_url: str) -> None:
    erp = MemoryERP(today=ON, company=ATELIER.name)
    with Office.open(company=ATELIER, erp=erp, database=database_url) as office:
        core: Core = office.opened.core
        database = core.house.database
        registered(database, ELSEWHERE)
        with database.write() as session:
            for day in range(5):
                on = ON + timedelta(days=day)
                row = opened(session, on=on)
                row.started_at = NOW + timedelta(days=day)
                body = {"headline": say("night {n}", n=day).model_dump(mode="json")}
                missions.keep_report(session, row.id, body, NOW)
                kept = {"waiting": day, "agents": [], "decisions": []}
                session.add(PackRow(company_id=ATELIER.id, on_date=on, body=kept, created_at=NOW))
            opened(session, company=ELSEWHERE.id)

        first = office.do(archive.missions_page, ATELIER.id, limit=3)
        second = office.do(archive.missions_page, ATELIER.id, before=first[-1].id, limit=3)
        nights = office.do(archive.nights, ATELIER.id, before=ON + timedelta(days=4), limit=2)
        trail = office.do(archive.audit_page, ATELIER.id, before=4, limit=2)

    told = [one.headline.values["n"] for one in (*first, *second) if one.headline is not None]
    assert told == [4, 3, 2, 1, 0]
    assert [(one.on - ON, one.waiting) for one in nights] == [
        (timedelta(days=3), 3),
        (timedelta(days=2), 2),
    ]
    assert [(one.sequence, one.event, one.about) for one in trail] == [
        (3, "started", "mission"),
        (2, "started", "mission"),
    ]
