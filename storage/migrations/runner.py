"""Run Alembic from code: there is no alembic.ini, and nobody else upgrades at the same time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, select

from regisseur.storage.errors import DatabaseDamaged
from regisseur.storage.migrations import FOLDER

_LOCK = 0x7265676973736575  # "regisseu": the advisory lock of whoever upgrades


def upgrade(engine: Engine, *, to: str = "head", versions: Sequence[Path] = ()) -> None:
    """Run the revisions that are missing, all in one transaction; wait for others who do the same.

    ``versions`` names further folders with revisions (tests of revisions to come).
    """
    with _alone(engine) as connection:
        command.upgrade(config(connection, versions), to)


def config(connection: Connection, versions: Sequence[Path] = ()) -> Config:
    """Configure Alembic for one open connection."""
    configured = Config(attributes={"connection": connection})
    folders = [FOLDER / "versions", *versions]
    for option, value in {
        "script_location": str(FOLDER),
        "path_separator": "newline",
        "version_locations": "\n".join(map(str, folders)),
        "file_template": "%(rev)s_%(slug)s",
    }.items():
        configured.set_main_option(option, value.replace("%", "%%"))
    return configured


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that nobody else who upgrades can be in."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            with connection.begin():
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
                yield connection
        else:
            with _keys_unchecked(connection), connection.begin():  # BEGIN IMMEDIATE
                yield connection
                _check_keys(connection)


@contextmanager
def _keys_unchecked(connection: Connection) -> Iterator[None]:
    """Leave foreign keys to `_check_keys`: SQLite alters a table by replacing it."""
    raw = connection.connection.cursor()
    raw.execute("PRAGMA foreign_keys = OFF")  # has no effect inside a transaction
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys = ON")
        raw.close()


def _check_keys(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseDamaged(
            f"After the upgrade a row of {broken[0]} would point to a missing {broken[2]}.",
            "Nothing was changed; report this with the version you came from.",
        )
