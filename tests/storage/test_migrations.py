"""The tables in code and the tables that migrations make are the same, with and without data."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from databases import NewUrl
from sqlalchemy import text

import regisseur.storage.checkpoint_tables
import regisseur.storage.house_tables
import regisseur.storage.tables  # noqa: F401
from regisseur.storage import migrations
from regisseur.storage.base import metadata
from regisseur.storage.database import Database
from regisseur.storage.errors import DatabaseDamaged, DatabaseNewer
from regisseur.storage.migrations import runner

LATER = '''
"""A revision to come, in shape: it adds a column to a table with rows that others refer to."""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    with op.batch_alter_table("company") as table:
        table.add_column(sa.Column("mood", sa.String(), nullable=False, server_default="calm"))
        table.alter_column("name", existing_type=sa.String(), nullable=True)
    {more}
'''


@pytest.fixture
def empty(new_url: NewUrl, database_kind: str) -> Iterator[Database]:
    with Database.open(new_url(database_kind, empty=True)) as opened:
        yield opened


def later(folder: Path, more: str = "pass") -> Path:
    (folder / "9999_later.py").write_text(LATER.format(head=migrations.head(), more=more))
    return folder


def add_company_with_mission(database: Database) -> None:
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO company (id, name, locale, currency, timezone, restored, created_at)"
                " VALUES ('atelier', 'Atelier', 'fr_FR', 'EUR', 'Europe/Paris', false,"
                " '2026-11-23 06:00:00')"
            )
        )
        session.execute(
            text(
                "INSERT INTO brake (company_id, agent, actor, reason, at)"
                " VALUES ('atelier', 'purchasing', 'a', 'b', '2026-11-23 06:00:00')"
            )
        )


def test_migrated_tables_are_those_in_code(database: Database) -> None:
    with database.ledger.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": migrations.VERSION_TABLE}
        )
        assert compare_metadata(context, metadata) == []


def test_a_fresh_database_is_empty_until_upgraded(empty: Database) -> None:
    assert empty.revision() is None
    empty.upgrade()
    assert empty.revision() == migrations.head()


def test_upgrading_again_keeps_the_rows(empty: Database) -> None:
    empty.upgrade()
    add_company_with_mission(empty)
    runner.upgrade(empty.ledger)
    empty.upgrade()
    with empty.read() as session:
        assert session.execute(text("SELECT id, name FROM company")).all() == [
            ("atelier", "Atelier")
        ]


def test_a_later_revision_keeps_the_rows(empty: Database, tmp_path: Path) -> None:
    empty.upgrade()
    add_company_with_mission(empty)
    runner.upgrade(empty.ledger, versions=[later(tmp_path)])
    assert empty.revision() == "9999"
    with empty.read() as session:
        rows = session.execute(
            text("SELECT name, mood, agent FROM company JOIN brake ON company_id = company.id")
        )
        assert rows.all() == [("Atelier", "calm", "purchasing")]


def test_a_failed_upgrade_changes_nothing(empty: Database, tmp_path: Path) -> None:
    empty.upgrade()
    add_company_with_mission(empty)
    broken = later(tmp_path, more='raise RuntimeError("half way")')
    with pytest.raises(RuntimeError, match="half way"):
        runner.upgrade(empty.ledger, versions=[broken])
    assert empty.revision() == migrations.head()
    with empty.read() as session:
        columns = session.execute(text("SELECT * FROM company")).keys()
        assert "mood" not in list(columns)


def test_an_upgrade_may_not_leave_dangling_references(
    sqlite_database: Database, tmp_path: Path
) -> None:
    add_company_with_mission(sqlite_database)
    folder = later(tmp_path, more="""op.execute("UPDATE company SET id = 'other'")""")
    with pytest.raises(DatabaseDamaged, match="brake"):
        runner.upgrade(sqlite_database.ledger, versions=[folder])
    assert sqlite_database.revision() == migrations.head()


def test_foreign_keys_are_enforced_again_after_an_upgrade(memory_database: Database) -> None:
    with memory_database.ledger.connect() as connection:
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_newer_database_is_refused_with_advice(new_url: NewUrl, database_kind: str) -> None:
    url = new_url(database_kind)
    with Database.open(url) as database, database.write() as session:
        session.execute(text("UPDATE regisseur_version SET version_num = '9999'"))
    with pytest.raises(DatabaseNewer, match=r"9999.*Install the version that wrote it"):
        Database.open(url)


def test_two_processes_upgrading_at_once_both_succeed(new_url: NewUrl, database_kind: str) -> None:
    url = new_url(database_kind, empty=True)
    program = (
        "import sys; from regisseur.storage.database import Database\n"
        "with Database.open(sys.argv[1]) as database:\n"
        "    print('ready', flush=True); sys.stdin.readline(); database.upgrade()"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", program, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        process.communicate()
        assert process.returncode == 0
    with Database.open(url) as database:
        assert database.revision() == migrations.head()


def test_revisions_are_named_by_their_number() -> None:
    script = ScriptDirectory(str(migrations.FOLDER))
    assert [revision.revision for revision in script.walk_revisions()][::-1] == migrations.known()
    assert script.get_current_head() == migrations.head()
