"""The pack as a mail: the first screen, pictures inside it, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from regisseur.errors import InvalidInput
from regisseur.office.pack import labels as words
from regisseur.office.pack.html import action_url, company_url
from regisseur.office.pack.model import Decision
from regisseur.office.pack.reader import FIRST, PackReader
from regisseur.office.pack.text import render_text
from regisseur.office.pack.views import PackView
from regisseur.office.reports.charts import to_png
from regisseur.office.reports.html import environment
from regisseur.tools.mail.records import Mailbox, OutgoingMail, Picture

COLUMNS = 72
"""Of the plain part; RFC 3676 counsels fewer than 78."""
WIDTH = 600
"""Of a picture."""
MOST_PICTURES = 3


@dataclass(frozen=True)
class _Shown:
    cid: str
    title: str
    alternative: str
    content: bytes


def digest_key(view: PackView, person: str) -> str:
    """``digest:COMPANY:DATE:PERSON``: a mailer sends it once."""
    return f"digest:{view.data.company.id}:{view.data.on}:{person}"


def digest_mail(
    view: PackView,
    *,
    person: str,
    to: Mailbox,
    sender: Mailbox,
    date: datetime,
    base_url: str = "",
    locale: str | None = None,
) -> OutgoingMail:
    """The first screen as text and HTML, with the first picture of each agent.

    Links open a page under ``base_url`` and never decide; without it there are none. Raises
    InvalidInput where the locale is not known.
    """
    reader = PackReader(view.data, locale or view.locale)
    pictures = list(_pictures(view, reader))
    return OutgoingMail(
        key=digest_key(view, person),
        date=date,
        sender=sender,
        to=(to,),
        subject=_subject(reader),
        text=_text(view, reader, base_url),
        html=_html(view, reader, base_url, pictures),
        pictures=tuple(Picture(cid=one.cid, content=one.content) for one in pictures),
        language=reader.locale,
    )


def _subject(reader: PackReader) -> str:
    pack = reader.pack
    name = words.night_of(pack.company.name, reader.day(pack.on))
    return reader.value(words.named(name, words.headline(pack)[0]))


def _text(view: PackView, reader: PackReader, base_url: str) -> str:
    told = render_text(view.data, reader.locale, COLUMNS)
    if not base_url:
        return told
    links = [words.named(*one) for one in _links(view, reader, base_url)]
    return "\n".join((told, *map(reader.value, links))) + "\n"


def _links(view: PackView, reader: PackReader, base_url: str) -> list[tuple[str, str]]:
    """Where people go on: their inbox, and the whole pack."""
    pages = ((words.IN_THE_INBOX, "inbox"), (words.WHOLE_PACK, f"reports/{view.data.on}"))
    return [(reader.value(name), company_url(base_url, view.data, page)) for name, page in pages]


def _html(view: PackView, reader: PackReader, base_url: str, pictures: list[_Shown]) -> str:
    pack = view.data

    def address(decision: Decision) -> str:
        return action_url(base_url, pack, decision)

    template = environment("regisseur.office.pack").get_template("mail.html.j2")
    return template.render(
        pack=pack,
        reader=reader,
        v=reader.value,
        words=words,
        address=address,
        base_url=base_url,
        links=_links(view, reader, base_url),
        warnings=reader.warnings(),
        first=pack.decisions[:FIRST],
        notes=reader.notes(),
        pictures=pictures,
    )


def _pictures(view: PackView, reader: PackReader) -> Iterator[_Shown]:
    """The first of each agent; one that can't be drawn is left out."""
    firsts = (
        next((one for part in report.sections for one in part.pictures), None)
        for report in view.reports
    )
    drawable = [one for one in firsts if one is not None][:MOST_PICTURES]
    for number, one in enumerate(drawable, 1):
        try:
            content = to_png(one, reader.locale, width=WIDTH)
        except InvalidInput:
            continue
        cid = f"picture-{number}@pack.regisseur"
        yield _Shown(cid, reader.value(one.title), reader.value(one.alternative), content)
