"""Days as dates and as text, and the same day one year earlier."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from pipeline.calendar import dates, day_keys, year_before


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_the_day_of_an_instant_is_that_of_utc_and_a_missing_one_has_none(zone: str | None) -> None:
    moments = pd.Series(
        ["2026-11-23T00:00:00", None, "2026-11-23T23:59:59.999999", "0001-01-01"], dtype="datetime64[us]", index=[7, 1, 5, 2]
    )
    zoned = moments.dt.tz_localize(zone)
    day = dt.date(2026, 11, 23)
    assert [day, None, day, dt.date(1, 1, 1)] == dates(zoned)
    assert ["2026-11-23", "", "2026-11-23", "0001-01-01"] == day_keys(zoned)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-11-23", "2025-11-23"), ("2028-02-29", "2027-02-28"), ("2028-02-28", "2027-02-28"), ("2028-03-29", "2027-03-29")],
)
def test_a_year_before_a_leap_day_is_the_28th_of_february(day: str, expected: str) -> None:
    assert dt.date.fromisoformat(expected) == year_before(dt.date.fromisoformat(day))
