"""The morning pack as data, and as people read it."""

from __future__ import annotations

from dataclasses import dataclass, field

from regisseur.graphs.report import Report
from regisseur.office.pack.model import Pack


@dataclass(frozen=True)
class PackView:
    """A pack, worded when it is read. ``locale`` is the reader's, the company's by default."""

    data: Pack
    locale: str
    reports: tuple[Report, ...] = field(default=(), repr=False)
    """The agents' own reports, each a page after the first screen; none in a list of packs."""

    @property
    def headline(self) -> str:
        """The night in two sentences."""
        from regisseur.office.pack.reader import PackReader

        return PackReader(self.data, self.locale).headline()

    def html(self, locale: str | None = None, *, base_url: str = "") -> str:
        """A page that needs nothing else: the first screen, then a page per agent.

        With ``base_url`` each decision links to its card under it. The page forbids itself scripts
        and anything from outside; its style is inside (``style-src 'unsafe-inline'``).
        """
        from regisseur.office.pack.html import render_html

        return render_html(self.data, self.reports, locale or self.locale, base_url)

    def pdf(self, locale: str | None = None) -> bytes:
        """For paper (PDF/A): the first screen, then a page per agent."""
        from regisseur.office.pack.pdf import render_pdf

        return render_pdf(self.data, self.reports, locale or self.locale)

    def text(self, locale: str | None = None, *, width: int = 80) -> str:
        """The first screen for a terminal or the plain part of a mail."""
        from regisseur.office.pack.text import render_text

        return render_text(self.data, locale or self.locale, width)

    def json(self) -> str:
        """For programs."""
        from regisseur.office.pack.machine import render_json

        return render_json(self.data, self.locale)
