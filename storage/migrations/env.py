"""What Alembic runs to reach our database: one connection, handed in by `runner.config`."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON

from regisseur.storage.checkpoint_tables import Key
from regisseur.storage.migrations import VERSION_TABLE
from regisseur.storage.types import ExactAmount, Instant


def frozen(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Draft our column types by the names the template gives them, never by today's classes."""
    if kind != "type":
        return False
    if item is Key:
        return "KEY"
    names = {JSON: "JSON", Instant: "INSTANT", ExactAmount: "AMOUNT"}
    return names.get(type(item), False)


attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    target_metadata=attributes.get("metadata"),
    version_table=VERSION_TABLE,
    render_as_batch=True,
    render_item=frozen,
)
context.run_migrations()
