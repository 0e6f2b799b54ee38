"""Draft the next revision: ``python -m regisseur.storage.migrations "what changes"``."""

import sys

from alembic import command

import regisseur.storage.checkpoint_tables
import regisseur.storage.house_tables
import regisseur.storage.tables  # noqa: F401
from regisseur.storage import migrations
from regisseur.storage.base import metadata
from regisseur.storage.database import Database
from regisseur.storage.migrations import runner


def draft(message: str) -> None:
    """Write the difference between the tables in code and the latest revision into a new one."""
    number = int(max(migrations.known(), default="0")) + 1
    with Database.open("sqlite://") as database:
        if number > 1:
            database.upgrade()
        with database.ledger.connect() as connection:
            config = runner.config(connection)
            config.attributes["metadata"] = metadata
            command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))
