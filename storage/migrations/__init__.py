"""How the tables come to be, and change from one version of Régisseur to the next.

Alembic does the work (`runner`); the revisions are the files of `versions`, named NUMBER_what.py,
where NUMBER is the revision. Their names and one row say where a database stands, so that opening
an up-to-date one never imports Alembic.

There is no way back: a downgrade is restoring the backup. To draft the next revision after
changing the tables: ``python -m regisseur.storage.migrations "what changes"``; then read it, make
it explicit, and give it a test with data in it.
"""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

VERSION_TABLE = "regisseur_version"
"""Not Alembic's own name: the database may be shared with another program that uses Alembic."""

FOLDER = Path(__file__).parent
"""Where Alembic finds its environment, its template and the revisions."""


def known() -> list[str]:
    """List the revisions this version knows, oldest first."""
    return sorted(path.name.partition("_")[0] for path in FOLDER.glob("versions/[0-9]*.py"))


def head() -> str:
    """Name the revision that this version's code works on."""
    return known()[-1]


def current(connection: Connection) -> str | None:
    """Tell at which revision a database stands; nothing if it has never been upgraded."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))
    return revision
