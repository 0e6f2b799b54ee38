"""Real Trytons for a module's tests: one to read, one to write to, and somebody else at work there.

Failures inside the contracts are explained like those of any test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.register_assert_rewrite(
    "erp_contract", "receivables_contract", "amending_contract", "production_contract"
)

from erp_contract import Subject, subject
from tryton_erp import connection
from tryton_server import TrytonServer, demo_module

from regisseur.tools.erp.tryton import Tryton


@pytest.fixture(scope="module")
def reading(tryton: TrytonServer) -> Iterator[Subject]:
    """The demo company as its agent sees it."""
    with subject(connection(tryton.url, tryton.user, tryton.password)) as made:
        yield made


@pytest.fixture(scope="module")
def writing(tryton_snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """One copy for all tests of a module: each has keys of its own."""
    launch = demo_module("launch")
    folder = launch.copy_to(tryton_snapshot, tmp_path_factory.mktemp("written"))
    with (
        launch.serve(folder) as served,
        subject(connection(served.url, served.user, served.password)) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def admin(writing: Subject) -> Iterator[Tryton]:
    """Somebody else at work in the database that ``writing`` writes to."""
    erp = writing.erp
    assert isinstance(erp, Tryton)
    launch = demo_module("launch")
    other = connection(erp.client.settings.url, launch.ADMIN, launch.ADMIN_PASSWORD)
    yield other
    writing.ask(other.close())
