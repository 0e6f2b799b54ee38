import json

import pytest
import sample_report

from regisseur.graphs.report import Report
from regisseur.office.reports import render_json


@pytest.mark.parametrize("state", sample_report.STATES)
def test_report_is_read_back_whole(state: str) -> None:
    report = sample_report.STATES[state]()
    assert Report.model_validate(json.loads(render_json(report))["report"]) == report


def test_headline_is_worded_for_those_who_pass_a_line_on() -> None:
    data = json.loads(render_json(sample_report.quiet()))
    assert data["format"] == "regisseur.report/1"
    assert data["locale"] == "fr_FR"
    assert data["title"] == "Achats"
    assert data["headline"].startswith("Rien à acheter")
