"""Companies to crash in, and the processes that crash."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import NewUrl
from matrix import Sites, Workers


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """The warm parent; all its children end with the run."""
    made = Workers()
    yield made
    made.close()


@pytest.fixture
def sites(workers: Workers, tmp_path: Path, new_url: NewUrl) -> Sites:
    """Companies to crash in."""
    return Sites(workers, tmp_path, new_url)
