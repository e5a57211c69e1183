"""ISO dates by the column: the usual shapes of them read all at once, to what `dates.ISO` reads one by one.

What has another shape, or is no date, is left for the reader of single texts to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.sources.text_column import bytes_of, lengths

Bytes = npt.NDArray[np.uint8]
_FIRST_YEAR = 1900
_UNKNOWN = np.datetime64("NaT", "us")
_NONE_WRITTEN = np.timedelta64("NaT", "us")
_FARTHEST_HOURS = 14


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments as written, one for each text: `when` without the zone (datetime64[us], NaT: no moment), the `offset` of the zone from
    UTC (timedelta64[us], NaT: none written), and whether a time was written.
    """

    when: npt.NDArray[np.datetime64]
    offset: npt.NDArray[np.timedelta64]
    has_time: npt.NDArray[np.bool_]

    @staticmethod
    def none(count: int) -> Moments:
        """Room for `count` moments, none of them known."""
        return Moments(np.full(count, _UNKNOWN), np.full(count, _NONE_WRITTEN), np.zeros(count, dtype=bool))


class _Shape(NamedTuple):
    """2026-11-02, 2026-11-02 14:00 or 2026-11-02 14:00:00, the times with nothing, Z or -05:00 behind them."""

    clock: str  # "", "14:00" or "14:00:00"
    zone: str  # "", "Z" or "-05:00"

    @property
    def length(self) -> int:
        return 10 + (1 + len(self.clock) if self.clock else 0) + len(self.zone)


_SHAPES = (_Shape("", ""), *(_Shape(clock, zone) for clock in ("14:00", "14:00:00") for zone in ("", "Z", "-05:00")))


def read(texts: Any) -> Moments:
    """The moments of an Arrow array of large strings; unknown where a text has none of the usual shapes or is no date."""
    moments = Moments.none(len(texts))
    found = lengths(texts)
    for shape in _SHAPES:
        places = np.flatnonzero(found == shape.length)
        if len(places):
            _read_shape(moments, places, texts.take(pa.array(places)), shape)
    return moments


def _read_shape(moments: Moments, places: npt.NDArray[np.intp], texts: Any, shape: _Shape) -> None:
    """Set the moments at `places`, whose `texts` all have the length of `shape`, where they have the shape."""
    cells = bytes_of(texts)[: len(texts) * shape.length].reshape(len(texts), shape.length)
    when, fits = _days(cells)
    at = 10
    if shape.clock:
        seconds, is_time = _clock(cells[:, 10 : 11 + len(shape.clock)])
        when, fits, at = when + seconds, fits & is_time, 11 + len(shape.clock)
    if shape.zone:
        offset, is_zone = _zone(cells[:, at:])
        fits &= is_zone
        moments.offset[places[fits]] = offset[fits]
    moments.when[places[fits]] = when[fits]
    moments.has_time[places[fits]] = bool(shape.clock)


def _days(cells: Bytes) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.bool_]]:
    """The days of columns 0 to 9 as datetime64[us], and which rows hold a day that the calendar has."""
    century, is_century = _two_digits(cells, 0)
    rest, is_rest = _two_digits(cells, 2)
    month, is_month = _two_digits(cells, 5)
    day, is_day = _two_digits(cells, 8)
    year = century * 100 + rest
    fits = is_century & is_rest & is_month & is_day & (cells[:, 4] == ord("-")) & (cells[:, 7] == ord("-"))
    fits &= (year >= _FIRST_YEAR) & (month >= 1) & (month <= 12) & (day >= 1)
    months = (np.where(fits, (year - 1970) * 12 + month - 1, 0)).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    fits &= days.astype("datetime64[M]") == months
    return days.astype("datetime64[us]"), fits


def _clock(cells: Bytes) -> tuple[npt.NDArray[np.timedelta64], npt.NDArray[np.bool_]]:
    """The time of day of ` 14:00` or `T14:00:00`, and which rows hold one."""
    hour, is_hour = _two_digits(cells, 1)
    minute, is_minute = _two_digits(cells, 4)
    fits = ((cells[:, 0] == ord("T")) | (cells[:, 0] == ord(" "))) & (cells[:, 3] == ord(":"))
    fits &= is_hour & is_minute & (hour < 24) & (minute < 60)
    seconds = hour * 3600 + minute * 60
    if cells.shape[1] > 6:
        second, is_second = _two_digits(cells, 7)
        fits &= is_second & (second < 60) & (cells[:, 6] == ord(":"))
        seconds += second
    return seconds.astype("timedelta64[s]").astype("timedelta64[us]"), fits


def _zone(cells: Bytes) -> tuple[npt.NDArray[np.timedelta64], npt.NDArray[np.bool_]]:
    """The offset of `Z` or `-05:00`, and which rows hold one."""
    if cells.shape[1] == 1:
        return np.zeros(len(cells), dtype="timedelta64[us]"), cells[:, 0] == ord("Z")
    hours, is_hours = _two_digits(cells, 1)
    minutes, is_minutes = _two_digits(cells, 4)
    is_west = cells[:, 0] == ord("-")
    fits = (is_west | (cells[:, 0] == ord("+"))) & (cells[:, 3] == ord(":"))
    fits &= is_hours & is_minutes & (hours <= _FARTHEST_HOURS) & (minutes < 60)
    total = np.where(is_west, -1, 1) * (hours * 60 + minutes)
    return total.astype("timedelta64[m]").astype("timedelta64[us]"), fits


def _two_digits(cells: Bytes, at: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The number that columns `at` and `at` + 1 spell, and which rows hold digits there."""
    tens, ones = cells[:, at] - np.uint8(ord("0")), cells[:, at + 1] - np.uint8(ord("0"))
    return tens.astype(np.int64) * 10 + ones, (tens < 10) & (ones < 10)
