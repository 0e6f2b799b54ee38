"""LangGraph's own conformance suite, every capability, on both databases."""

import asyncio
from collections.abc import AsyncGenerator

from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import ALL_CAPABILITIES

from regisseur.storage.checkpoint import SqlAlchemySaver
from regisseur.storage.database import Database


def test_the_conformance_suite_passes_whole(database: Database) -> None:
    @checkpointer_test(name=f"SqlAlchemySaver on {database.dialect}")
    async def saver() -> AsyncGenerator[SqlAlchemySaver, None]:
        yield SqlAlchemySaver.on(database)

    report = asyncio.run(validate(saver))
    assert {name for name, result in report.results.items() if result.passed} == {
        capability.value for capability in ALL_CAPABILITIES
    }, [failure for result in report.results.values() for failure in result.failures or ()]
    assert report.passed_all()
