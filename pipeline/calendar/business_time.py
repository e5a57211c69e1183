"""Business time: one function B(t) over a table of the desk's opening windows (DESIGN §6, facts/service-levels §2).

B(t) is the number of desk seconds from the start of the calendar to the instant t. Elapsed time, due days, pauses and service-hours
availability are differences or inverses of it, so weekends, holidays, closures and clock changes are dealt with in one place: in
the table of windows, which is converted from local time to UTC once. A window is half-open: 06:00:00 counts, 17:00:00 does not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar.days import day_end, day_start
from pipeline.calendar.windows import Flags, Seconds, Windows
from pipeline.contracts.tables import ContractError
from pipeline.settings import Desk

# Without a file of closed days there is still a calendar: the years that the shipped file covers.
FIRST_YEAR, LAST_YEAR = 2008, 2035
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MICROSECONDS = 1_000_000


class OutsideCalendar(ValueError):  # noqa: N818 - it says what is the matter
    """A time lies outside the years of the closed days. Callers turn such rows into findings before they ask."""


@dataclass(frozen=True, eq=False)
class BusinessTime:
    """The desk's clock. Build it with `business_time`.

    `window_days` are the business days (datetime64[D], ascending), `windows` their desk hours in UTC seconds; `day_seconds` is the desk
    time of an ordinary day. `first_day` and `last_day` bound the calendar, both inclusive.
    """

    zone: ZoneInfo
    window_days: npt.NDArray[np.datetime64]
    windows: Windows
    first_day: np.datetime64
    last_day: np.datetime64
    day_seconds: int

    @property
    def span(self) -> int:
        """Desk seconds of the whole calendar: the largest value that `instant` can invert."""
        return self.windows.span

    def covers(self, instants: pd.Series[Any]) -> Flags:
        """True where an instant (datetime64[us, UTC]) lies inside the calendar; false for NaT."""
        return self.windows.inside(utc_seconds(instants))

    def covers_due(self, instants: pd.Series[Any], business_days: int) -> Flags:
        """True where the calendar also holds the receipt of an instant and the `business_days` days after it."""
        seconds = utc_seconds(instants)
        inside = self.windows.inside(seconds)
        following = self.windows.following(np.where(inside, seconds, self.windows.begins))
        return inside & (following + business_days < len(self.window_days))

    def seconds(self, instants: pd.Series[Any]) -> Seconds:
        """B(t): desk seconds from the start of the calendar to each instant. Raises `OutsideCalendar`, also for NaT."""
        seconds = self.checked(instants)
        return self.windows.passed(seconds, self.windows.following(seconds))

    def instant(self, seconds: Seconds) -> pd.DatetimeIndex:
        """The instants at which B reaches `seconds`; where two do (a closing and the next opening), the earlier.

        Raises `OutsideCalendar` for negative values and for more than `span`.
        """
        if bool(((seconds < 0) | (seconds > self.span)).any()):
            raise OutsideCalendar("business time beyond the years of the closed days")
        window = self.windows.reaching(seconds)
        return instants_of(self.windows.opens[window] + seconds - self.windows.before[window])

    def receipt(self, instants: pd.Series[Any]) -> pd.Series[Any]:
        """When the clock starts: the instant itself while the desk is open, else the next opening. Index as given.

        16:59 starts today, 17:00:00 on the next business day. Raises `OutsideCalendar` where no opening follows.
        """
        seconds = self.checked(instants)
        window = self.windows.following(seconds)
        self.known(window)
        return pd.Series(instants_of(np.maximum(seconds, self.windows.opens[window])), index=instants.index)

    def receipt_days(self, instants: pd.Series[Any]) -> pd.Series[Any]:
        """The business day (datetime64[us], no zone) of `receipt`. Raises `OutsideCalendar` where no opening follows."""
        window = self.windows.following(self.checked(instants))
        self.known(window)
        return pd.Series(self.days_of(window), index=instants.index)

    def due_days(self, receipt_days: pd.Series[Any], business_days: int | Seconds) -> pd.Series[Any]:
        """The `business_days`-th business day after each day of receipt (the day itself for 0). Raises `OutsideCalendar`."""
        window = self.day_numbers(receipt_days) - 1 + business_days
        self.known(window)
        return pd.Series(self.days_of(window), index=receipt_days.index)

    def day_numbers(self, days: pd.Series[Any]) -> Seconds:
        """How many business days of the calendar lie on or before each day; a difference counts business days used.

        Raises `OutsideCalendar`, also for NaT.
        """
        dates = days.to_numpy().astype("datetime64[D]")
        inside = (dates >= self.first_day) & (dates <= self.last_day)
        if not bool(inside.all()):
            raise OutsideCalendar(f"{int((~inside).sum())} days lie outside the calendar, {self.first_day} to {self.last_day}")
        return np.searchsorted(self.window_days, dates, side="right").astype(np.int64)

    def closing(self, days: pd.Series[Any]) -> pd.Series[Any]:
        """When the desk closes on each day; on a day without desk hours, the closing before it. Index as given.

        Raises `OutsideCalendar`, also where no closing comes before.
        """
        window = self.day_numbers(days) - 1
        self.known(window)
        return pd.Series(instants_of(self.windows.closes[window]), index=days.index)

    def checked(self, instants: pd.Series[Any]) -> Seconds:
        """UTC seconds of instants, all inside the calendar, or `OutsideCalendar`."""
        seconds = utc_seconds(instants)
        inside = self.windows.inside(seconds)
        if not bool(inside.all()):
            raise OutsideCalendar(f"{int((~inside).sum())} times lie outside the calendar, {self.first_day} to {self.last_day}")
        return seconds

    def known(self, window: Seconds) -> None:
        """Raise `OutsideCalendar` where there is no window of such a number."""
        if bool(((window < 0) | (window >= len(self.window_days))).any()):
            raise OutsideCalendar(f"a day that is needed lies outside the calendar, {self.first_day} to {self.last_day}")

    def days_of(self, window: Seconds) -> npt.NDArray[np.datetime64]:
        """The day (datetime64[us], no zone) of each window, by its number."""
        return self.window_days[window].astype("datetime64[us]")


def business_time(desk: Desk, zone: ZoneInfo, closed_days: pd.DataFrame, extra_closures: pd.DataFrame) -> BusinessTime:
    """The desk's clock from the settings and two reviewed files, tables CLOSED_DAYS and EXTRA_CLOSURES.

    It covers 1 January of the first year of `closed_days` to 31 December of the last; without any, 2008 to 2035. An extra closure
    closes the day, or with `opens` or `closes` (HH:MM) the part of it before or after; it never lengthens a day. Raises
    `ContractError` where such a time is no HH:MM, and where the desk would never open.
    """
    years = closed_days["date"].dt.year
    first = dt.date(int(years.min()) if len(years) else FIRST_YEAR, 1, 1)
    last = dt.date(int(years.max()) if len(years) else LAST_YEAR, 12, 31)
    days = pd.Series(pd.date_range(first, last, freq="D", unit="us"))
    open_on = days.dt.day_of_week.isin([_WEEKDAYS.index(day) for day in desk.days]) & ~days.isin(closed_days["date"])
    days = days[open_on].reset_index(drop=True)
    opens, closes = _desk_hours(days, desk, extra_closures)
    kept = opens < closes
    if not kept.any():
        raise ContractError("the desk never opens: every day of the calendar is closed")
    days, opens, closes = days[kept], opens[kept], closes[kept]
    return BusinessTime(
        zone=zone,
        window_days=days.to_numpy().astype("datetime64[D]"),
        windows=Windows(
            opens=_utc(days + opens, zone),
            closes=_utc(days + closes, zone),
            midnights=_utc(days, zone),
            next_midnights=_utc(days + pd.Timedelta(days=1), zone),
            begins=int(day_start(first, zone).timestamp()),
            ends=int(day_end(last, zone).timestamp()),
        ),
        first_day=np.datetime64(first, "D"),
        last_day=np.datetime64(last, "D"),
        day_seconds=int((_since_midnight(desk.closes) - _since_midnight(desk.opens)).total_seconds()),
    )


def _desk_hours(days: pd.Series[Any], desk: Desk, extra_closures: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Opening and closing of each day as time after midnight; a day that is closed closes when it opens."""
    opens = pd.Series(_since_midnight(desk.opens), index=days.index)
    closes = pd.Series(_since_midnight(desk.closes), index=days.index)
    for date, later, earlier in extra_closures[["date", "opens", "closes"]].itertuples(index=False):
        row = int(days.searchsorted(date))
        if row == len(days) or days[row] != date:
            continue
        if later:
            opens[row] = max(opens[row], _time_of_day(later))
        if earlier:
            closes[row] = min(closes[row], _time_of_day(earlier))
        if not later and not earlier:
            closes[row] = opens[row]
    return opens, closes


def _time_of_day(text: str) -> pd.Timedelta:
    try:
        hour, minute = text.split(":")
        return _since_midnight(dt.time(int(hour), int(minute)))
    except ValueError as error:
        raise ContractError(f"extra_closures: '{text}' is not a time such as 12:30") from error


def _since_midnight(time: dt.time) -> pd.Timedelta:
    return pd.Timedelta(hours=time.hour, minutes=time.minute, seconds=time.second)


def _utc(local: pd.Series[Any], zone: ZoneInfo) -> Seconds:
    """Naive local times as UTC seconds: of an hour that happens twice the first, of one that is skipped the next there is."""
    first = np.ones(len(local), dtype=bool)
    return utc_seconds(local.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward").dt.tz_convert("UTC"))


def utc_seconds(instants: pd.Series[Any]) -> Seconds:
    """Whole seconds since 1970 (int64) of datetime64[us, UTC]; NaT becomes a number before every calendar."""
    return instants.to_numpy(dtype="datetime64[us]").view(np.int64) // _MICROSECONDS


def instants_of(seconds: Seconds) -> pd.DatetimeIndex:
    """Seconds since 1970 as datetime64[us, UTC]."""
    return pd.DatetimeIndex((seconds * _MICROSECONDS).view("datetime64[us]"), tz="UTC")
