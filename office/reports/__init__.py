"""A report as people and machines read it: a page, a terminal's text, JSON."""

from regisseur.office.reports.html import render_html
from regisseur.office.reports.machine import render_json
from regisseur.office.reports.text import render_text

__all__ = ["render_html", "render_json", "render_text"]
