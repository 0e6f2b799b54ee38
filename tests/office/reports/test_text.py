import pytest
import sample_report
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from regisseur.office.reports import render_text


class TextFile(SingleFileSnapshotExtension):
    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
@pytest.mark.parametrize("state", sample_report.STATES)
def test_text(state: str, locale: str, snapshot: SnapshotAssertion) -> None:
    text = render_text(sample_report.STATES[state](), locale)
    assert text == snapshot(extension_class=TextFile)


@pytest.mark.parametrize("width", [20, 60, 80, 120, 200])
@pytest.mark.parametrize("locale", ["fr_FR", "en_GB"])
def test_no_line_is_wider_than_asked(locale: str, width: int) -> None:
    lines = render_text(sample_report.full(), locale, width).splitlines()
    assert max(map(len, lines)) <= max(width, 72)


def test_wide_terminal_shows_the_table_in_columns() -> None:
    lines = render_text(sample_report.full(), "en_GB", 120).splitlines()
    head = next(line for line in lines if line.startswith("Item"))
    row = next(line for line in lines if line.startswith("ROU-100"))
    assert head.index("On hand") + len("On hand") == row.index("36 u") + len("36 u")


def test_spaces_are_plain_and_nothing_steers_the_terminal() -> None:
    for report in (sample_report.full(), sample_report.hostile()):
        text = render_text(report, "fr_FR")
        assert not set("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\x1b\u202e\t\r") & set(text)


def test_command_is_safe_to_paste() -> None:
    text = render_text(sample_report.hostile(), "fr_FR")
    assert "regisseur decide 'a-1 onclick=alert(1)@1' approve" in text
