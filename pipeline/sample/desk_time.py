"""When things happen in the sample: the desk's business hours, the demand curve, and the day the story stops.

All times here are the wall clock of the office (America/New_York) without a zone, as its ticket systems write them. No span of
desk time crosses a change of the clocks, which happen on Sundays.
"""

from __future__ import annotations

import bisect
import datetime as dt
import random

from pipeline.sample.chance import Weighted

BEGIN = dt.date(2025, 7, 1)
LAST_DAY = dt.date(2026, 11, 23)
NOW = dt.datetime(2026, 11, 23, 16, 40)  # noqa: DTZ001 - wall clock of the office
DAY = 11 * 3600
_OPENS = dt.time(6)

# The weekdays on which the sample's staff stayed at home: those of data/reference/closed_days.csv in the span of the story.
DESK_HOLIDAYS = frozenset(
    dt.date.fromisoformat(day)
    for day in (
        "2025-07-04", "2025-09-01", "2025-10-13", "2025-11-11", "2025-11-27", "2025-12-25", "2026-01-01", "2026-01-19",
        "2026-02-16", "2026-04-20", "2026-05-25", "2026-06-19", "2026-09-07", "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25",
    )
)  # fmt: skip
_FIRST_DAY = dt.date(2025, 6, 2)
_DESK_DAYS = [
    day
    for day in (_FIRST_DAY + dt.timedelta(days=count) for count in range(1000))
    if day.weekday() < 5 and day not in DESK_HOLIDAYS
]  # fmt: skip
_ORDINALS = [day.toordinal() for day in _DESK_DAYS]

# How demand falls over the week (Monday first) and over the hours of a day.
_WEEKDAYS = (21, 21, 20, 19, 15, 2, 2)
_DESK_WEEKDAYS = Weighted(enumerate(_WEEKDAYS[:5]))
_HOURS = Weighted(enumerate((1, 1, 1, 1, 1, 2, 6, 18, 40, 52, 50, 42, 26, 38, 44, 40, 28, 14, 6, 4, 3, 2, 2, 1)))


def worked(moment: dt.datetime) -> int:
    """Business seconds from the first desk day to `moment`."""
    ordinal = moment.toordinal()
    days = bisect.bisect_left(_ORDINALS, ordinal)
    if days == len(_ORDINALS) or _ORDINALS[days] != ordinal:
        return days * DAY
    seconds = (moment - dt.datetime.combine(moment.date(), _OPENS)).total_seconds()
    return days * DAY + min(max(int(seconds), 0), DAY)


def moment_of(seconds: int) -> dt.datetime:
    """The moment at which `seconds` business seconds are over; at a close, the evening and not the next morning."""
    days = max(seconds - 1, 0) // DAY
    return dt.datetime.combine(_DESK_DAYS[days], _OPENS) + dt.timedelta(seconds=seconds - days * DAY)


def due_seconds(submitted: dt.datetime, business_days: int) -> int:
    """Business seconds at 17:00 of the last day of a promise of `business_days` after the day of receipt."""
    start = worked(submitted)
    receipt_day = start // DAY
    return (receipt_day + business_days + 1) * DAY


def desk_day(day: dt.date) -> dt.date:
    """`day` itself if the desk is open on it, else the next desk day."""
    return _DESK_DAYS[bisect.bisect_left(_ORDINALS, day.toordinal())]


def desk_days_after(day: dt.date, count: int) -> dt.date:
    """The desk day `count` desk days after `day`, which is one; `count` may be negative."""
    return _DESK_DAYS[bisect.bisect_left(_ORDINALS, day.toordinal()) + count]


def asked_near(day: dt.date, chance: random.Random) -> dt.datetime:
    """A moment at which somebody writes in who means to on `day`: mostly in office hours, and seldom on a weekend."""
    monday = day - dt.timedelta(days=day.weekday())
    if day.weekday() >= 5 and chance.random() > 0.25:
        day = monday + dt.timedelta(days=_DESK_WEEKDAYS.draw(chance))
    return _at_some_hour(day, chance)


def asked_between(first: dt.date, last: dt.date, chance: random.Random) -> dt.datetime:
    """A moment from `first` to `last` by the demand curve of the week and the day."""
    while True:
        day = first + dt.timedelta(days=chance.randrange((last - first).days + 1))
        busy = 0.15 if day in DESK_HOLIDAYS else _WEEKDAYS[day.weekday()] / max(_WEEKDAYS)
        if chance.random() < busy:
            return _at_some_hour(day, chance)


def _at_some_hour(day: dt.date, chance: random.Random) -> dt.datetime:
    hour = _HOURS.draw(chance)
    return dt.datetime.combine(day, dt.time(hour, chance.randrange(60)))
