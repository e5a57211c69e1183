"""The border between UTC instants, which tables hold, and local calendar days, which people read."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd


def day_start(day: dt.date, zone: ZoneInfo) -> pd.Timestamp:
    """The instant at which `day` begins in `zone`, in UTC. A midnight that the clocks skip begins at the first hour there is."""
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=zone)
    return pd.Timestamp(midnight.astimezone(dt.UTC)).as_unit("us")


def day_end(as_of: dt.date, zone: ZoneInfo) -> pd.Timestamp:
    """The instant that an as-of day stands for: its end, 00:00 of the next day in `zone`, in UTC (DESIGN §3)."""
    return day_start(as_of + dt.timedelta(days=1), zone)


def local_days(instants: pd.Series[Any], zone: ZoneInfo) -> pd.Series[Any]:
    """The calendar day of UTC `instants` (datetime64[us, UTC]) in `zone`, as naive midnights (datetime64[us]); NaT is kept."""
    local: pd.Series[Any] = instants.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return local.astype("datetime64[us]")


def dates(moments: pd.Series[Any]) -> list[dt.date | None]:
    """The UTC day of each instant, or each day without a zone, as a date; None for NaT. Years 1 to 9999."""
    found: list[dt.date | None] = moments.to_numpy(dtype="datetime64[us]").astype("datetime64[D]").tolist()
    return found


def day_keys(moments: pd.Series[Any]) -> list[str]:
    """`dates` as text, "" for NaT: the days by which exports are compared."""
    days = moments.to_numpy(dtype="datetime64[us]").astype("datetime64[D]")
    numbers, different = pd.factorize(days.view("int64"))  # thousands of moments are of the same few days
    told = ["" if day is None else day.isoformat() for day in different.view("datetime64[D]").tolist()]
    return [told[number] for number in numbers.tolist()]
