"""The report for programs."""

import json

from regisseur.graphs.report import Report
from regisseur.tools.texts import word

FORMAT = "regisseur.report/1"
"""Raised when a reader written for the form before would misread this one."""


def render_json(report: Report) -> str:
    """The whole report as data, with its headline worded in the company's language.

    ``report`` holds every message as template and values, so a program never parses a sentence,
    and ``Report.model_validate`` reads it back; ``title`` and ``headline`` are there for those who
    only pass a line on.
    """
    locale = report.company.locale
    return json.dumps(
        {
            "format": FORMAT,
            "locale": locale,
            "title": word(report.title, locale),
            "headline": word(report.headline, locale),
            "report": report.model_dump(mode="json"),
        },
        ensure_ascii=False,
        indent=2,
    )
