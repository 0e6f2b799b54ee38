"""In shadow nothing is written, of whatever kind, by whatever way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import Workshop
from matrix import kinds
from matrix_examples import example_of
from matrix_sides import MemoryStage

from regisseur.errors import NotDecidable
from regisseur.graphs.performing import perform_approved, recover
from regisseur.graphs.policy import Policy
from regisseur.graphs.ruling import hold_tighter
from regisseur.storage import ledger
from regisseur.tools.mail.memory import MemoryMailer
from regisseur.tools.post.memory import MemoryPostRoom

pytestmark = pytest.mark.anyio

SHADOW = Policy.model_validate({"rules": [{"name": "look on", "mode": "shadow"}]})
AUTO = Policy.model_validate({"rules": [{"name": "all", "mode": "auto"}]})


class World:
    """Everything outside, before and after."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop, self.mailer, self.post = workshop, MemoryMailer(), MemoryPostRoom()
        workshop.desk = replace(
            workshop.desk,
            kinds=kinds(),
            others=(self.mailer, self.post),
            proposes={"tiny": tuple(kinds())},
        )

    def told(self) -> tuple[str, int, int]:
        """What the ERP holds, and how much left."""
        records = self.workshop.erp.records.model_dump_json()
        return records, len(self.mailer.mails), len(self.post.documents)

    def force(self, action_id: str, **columns: str) -> None:
        """What no code of ours does."""
        with self.workshop.database.write() as session:
            for name, value in columns.items():
                setattr(ledger.get(session, action_id), name, value)


@pytest.mark.parametrize("kind", sorted(kinds()))
async def test_nothing_is_written_in_shadow(workshop: Workshop, kind: str) -> None:
    world = World(workshop)
    proposal = example_of(kind)(MemoryStage(workshop.erp))
    workshop.desk = replace(workshop.desk, policy=SHADOW)
    before = world.told()
    action = await workshop.proposed(proposal)
    assert (action.kind, action.mode, action.rule) == (kind, "shadow", "look on")
    for verdict in ("approve", "edit"):
        with pytest.raises(NotDecidable, match="nothing is written"):
            await workshop.decide(action.id, verdict, arguments={})
    with workshop.database.write() as session:
        assert ledger.settle_by_policy(session, action.id, workshop.clock()).status == "proposed"
    world.force(action.id, status="approved")
    assert (await workshop.perform(action.id)).status == "approved"
    await perform_approved(workshop.desk)
    world.force(action.id, status="performing", performer=workshop.desk.owner)
    await recover(workshop.desk)
    assert world.told() == before


@pytest.mark.parametrize("policy", [SHADOW, AUTO], ids=["now shadow", "only the card"])
async def test_what_was_cut_off_is_not_gone_on_with_in_shadow(
    workshop: Workshop, policy: Policy
) -> None:
    world = World(workshop)
    workshop.desk = replace(workshop.desk, policy=AUTO)
    order = workshop.order(workshop.shelf())
    action = await workshop.proposed(order)
    with workshop.database.write() as session:
        assert ledger.claim(session, action.id, workshop.desk.owner, workshop.clock()) is not None
    before = world.told()
    workshop.desk = replace(workshop.desk, policy=policy)
    world.force(action.id, mode="shadow")
    await recover(workshop.desk)
    assert world.told() == before
    assert workshop.action(action.id).status in ("approved", "proposed")


async def test_what_waits_becomes_a_shadow_of_itself(workshop: Workshop) -> None:
    action = await workshop.proposed(workshop.order(workshop.shelf()))
    desk = replace(workshop.desk, policy=SHADOW)
    with workshop.database.write() as session:
        assert hold_tighter(session, desk, ledger.get(session, action.id, lock=True))
        assert not hold_tighter(session, desk, ledger.get(session, action.id, lock=True))
    assert workshop.action(action.id).mode == "shadow"
