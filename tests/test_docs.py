"""The code in the documents runs, as a reader would copy it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def _blocks() -> list[tuple[str, int, str]]:
    docs = ROOT / "docs"
    pages = [*sorted(docs.glob("ADDING_*.md")), *sorted((docs / "agents").glob("*.md"))]
    return [
        (page.name, number, code)
        for page in pages
        for number, code in enumerate(BLOCK.findall(page.read_text()), start=1)
    ]


@pytest.mark.parametrize(
    ("page", "number", "code"), _blocks(), ids=[f"{page}-{n}" for page, n, _ in _blocks()]
)
def test_code_in_documents_runs(page: str, number: int, code: str) -> None:
    exec(compile(code, f"{page} block {number}", "exec"), {"__name__": f"docs_{number}"})  # noqa: S102
