"""After a restore, every open action is looked up, whatever ports its kind works through."""

import pytest
from desk import Workshop

from regisseur.graphs.restoring import look_up_all
from regisseur.tools.records import RecordRef

pytestmark = pytest.mark.anyio


async def test_a_note_that_was_written_after_the_backup_is_not_written_again(
    workshop: Workshop,
) -> None:
    about = RecordRef(model="item", id=workshop.erp.item("STEEL").id)
    row = await workshop.approved(workshop.note(about))
    await workshop.erp.add_note(about, "Delayed by a week", row.key)

    (found,) = await look_up_all(workshop.desk)

    assert (found.id, found.status) == (row.id, "unknown")
    assert workshop.effect(row.id).answer


async def test_what_the_erp_knows_nothing_of_stays_as_it_is(workshop: Workshop) -> None:
    row = await workshop.approved(workshop.note(RecordRef(model="sale", id="7")))

    assert await look_up_all(workshop.desk) == []
    assert workshop.action(row.id).status == "approved"
