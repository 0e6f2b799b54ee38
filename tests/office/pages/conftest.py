"""The pages' site, for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import Clock
from website import MORNING, Site, opened


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Site]:
    """One for all tests of a module, each of which leaves alone what the others look at."""
    yield from opened(tmp_path_factory.mktemp("site"), sqlite_template, Clock(MORNING))
