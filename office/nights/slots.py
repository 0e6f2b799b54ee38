"""When things are due: pure arithmetic of a company's clocks, without a database or a clock.

A night is named by its date, the calendar day on which it begins and its pack is read. What is due
at an hour that the clocks skip is due when they jump; at one that they show twice, the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from regisseur.office.night_settings import DAYS, NightSettings

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Night:
    """One night of a company; every moment is in UTC."""

    on: date
    begins: datetime
    ends: datetime
    """From then on it is not begun any more: it was missed."""
    report_by: datetime
    digest_at: datetime
    digest_until: datetime

    def open_at(self, now: datetime) -> bool:
        """May it be begun, or gone on with, at that moment?"""
        return self.begins <= now < self.ends


def moment(on: date, hour: time, zone: ZoneInfo) -> datetime:
    """When clocks of a zone show an hour of a day for the first time, or pass it over; in UTC."""
    wall = datetime.combine(on, hour)
    shown = wall.replace(tzinfo=zone).astimezone(UTC)
    if shown.astimezone(zone).replace(tzinfo=None) == wall:
        return shown
    # PEP 495: in a gap, fold=1 takes the offset after it and is early, fold=0 that before, and late.
    return _jump(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), shown, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second with the later offset, between two moments around one jump."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def night_of(settings: NightSettings, zone: ZoneInfo, on: date) -> Night | None:
    """The night of a date; ``None`` where none is wanted, or the zone's calendar skips that day."""
    if not settings.enabled or DAYS[on.weekday()] not in settings.days:
        return None
    if moment(on, time.min, zone).astimezone(zone).date() != on:
        return None
    begins = moment(on, settings.at, zone)
    return Night(
        on=on,
        begins=begins,
        ends=begins + timedelta(hours=settings.catch_up_hours),
        report_by=moment(on, settings.report_by, zone),
        digest_at=moment(on, settings.digest_at, zone),
        digest_until=moment(on, settings.digest_until, zone),
    )


def nights(
    settings: NightSettings, zone: ZoneInfo, since: datetime, now: datetime
) -> Iterator[Night]:
    """Every night that begins at ``since`` or after and has begun by ``now``, oldest first."""
    on, last = since.astimezone(zone).date() - DAY, now.astimezone(zone).date() + DAY
    while on <= last:
        night = night_of(settings, zone, on)
        if night is not None and since <= night.begins <= now:
            yield night
        on += DAY


def next_night(settings: NightSettings, zone: ZoneInfo, now: datetime) -> Night | None:
    """The first night that begins after ``now``; ``None`` where none ever does."""
    today = now.astimezone(zone).date()
    coming = (night_of(settings, zone, today + days * DAY) for days in range(-1, 15))
    return next((one for one in coming if one is not None and one.begins > now), None)
