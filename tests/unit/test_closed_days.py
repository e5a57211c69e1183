"""The reviewed list of closed days against the law as the `holidays` package reads it, and the business days that follow from it."""

from __future__ import annotations

import csv
import datetime as dt

import holidays
import pytest

from tests.massachusetts import REFERENCE, desk_time, local

YEARS = range(2008, 2036)


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_weekday_closures_are_those_of_massachusetts_offices():
    theirs = holidays.country_holidays("US", subdiv="MA", years=YEARS)
    expected = sorted(day for day in theirs if day.weekday() < 5)
    ours = [dt.date.fromisoformat(row["date"]) for row in rows("closed_days.csv")]
    assert expected == [day for day in ours if day.weekday() < 5]


def test_the_list_is_sorted_without_repeats_and_each_day_says_why():
    days = [row["date"] for row in rows("closed_days.csv")]
    assert sorted(set(days)) == days
    assert ["date", "name", "rule", "source"] == list(rows("closed_days.csv")[0])
    assert all(row["name"] and row["rule"] and row["source"] for row in rows("closed_days.csv"))


def test_extra_closures_ship_empty():
    assert "date,opens,closes,reason\n" == (REFERENCE / "extra_closures.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("open_day", ["2026-07-03", "2021-12-24", "2010-12-31", "2026-03-17"])
def test_offices_are_open_on_the_friday_before_a_saturday_holiday_and_on_suffolk_days(open_day: str):
    assert open_day not in {row["date"] for row in rows("closed_days.csv")}


@pytest.mark.parametrize(
    ("expected", "first", "last"),
    [
        (249, "2025-01-01", "2025-12-31"),
        (250, "2026-01-01", "2026-12-31"),
        (251, "2027-01-01", "2027-12-31"),
        (249, "2023-07-01", "2024-06-30"),
        (249, "2024-07-01", "2025-06-30"),
        (249, "2025-07-01", "2026-06-30"),
        (251, "2026-07-01", "2027-06-30"),
        (19, "2026-11-01", "2026-11-30"),
    ],
)
def test_business_days_of_a_year(expected: int, first: str, last: str):
    days = desk_time().window_days.astype(str)
    assert expected == ((days >= first) & (days <= last)).sum()


@pytest.mark.parametrize(
    ("expected", "first", "after"),
    [(209, "2026-11-01", "2026-12-01"), (2739, "2025-07-01", "2026-07-01"), (2761, "2026-07-01", "2027-07-01")],
)
def test_desk_hours_of_a_month_and_of_fiscal_years(expected: int, first: str, after: str):
    begin, end = desk_time().seconds(local(first, after))
    assert expected * 3600 == end - begin


def test_every_year_of_the_list_has_its_holidays():
    ours = [dt.date.fromisoformat(row["date"]) for row in rows("closed_days.csv")]
    assert list(YEARS) == sorted({day.year for day in ours})
    assert 251 == sum(day.year <= 2028 for day in ours), "as many as holidays 0.94 and later has, where earlier releases had 292"
