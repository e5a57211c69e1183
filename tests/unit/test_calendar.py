"""Business time, fiscal periods and local days: the worked cases of the service-level facts, and what happens at the edges."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from pipeline.calendar import (
    OutsideCalendar,
    day_end,
    fiscal_year,
    local_days,
    months,
    period_first_day,
    period_last_day,
    period_of,
    period_title,
    periods,
    quarters,
    year_title,
)
from pipeline.calendar.windows import Windows
from pipeline.contracts import CLOSED_DAYS, EXTRA_CLOSURES, ContractError
from pipeline.settings import Desk
from tests.massachusetts import ZONE, desk_time, local

TIME = desk_time()
JULY = 7


@dataclass(frozen=True)
class Worked:
    """A worked case: local times in and out, the clock's start, the due day, desk seconds and business days used."""

    id: str
    submitted: str
    completed: str
    starts: str
    due: str
    seconds: int
    days: int
    met: bool = True


WORKED = (
    Worked("W01 in hours", "2026-11-02 09:00", "2026-11-05 15:30", "2026-11-02 09:00", "2026-11-09", 142200, 3),
    Worked("W02 Saturday", "2026-10-03 14:00", "2026-10-09 16:00", "2026-10-05 06:00", "2026-10-13", 194400, 4),
    Worked("W03 Friday 16:59", "2026-10-02 16:59", "2026-10-09 17:00", "2026-10-02 16:59", "2026-10-09", 198060, 5),
    Worked("W04 Friday 17:00", "2026-10-02 17:00", "2026-10-09 17:00", "2026-10-05 06:00", "2026-10-13", 198000, 4),
    Worked("W05 Monday 05:59", "2026-10-05 05:59", "2026-10-13 06:00", "2026-10-05 06:00", "2026-10-13", 198000, 5),
    Worked("W06 Columbus Day", "2026-10-08 10:00", "2026-10-16 10:00", "2026-10-08 10:00", "2026-10-16", 198000, 5),
    Worked("W07 Juneteenth", "2026-06-17 12:00", "2026-06-24 12:00", "2026-06-17 12:00", "2026-06-25", 158400, 4),
    Worked("W08 Saturday holiday", "2026-07-01 12:00", "2026-07-08 12:00", "2026-07-01 12:00", "2026-07-08", 198000, 5),
    Worked("W09 Sunday holiday", "2027-07-02 12:00", "2027-07-09 12:00", "2027-07-02 12:00", "2027-07-12", 158400, 4),
    Worked("W10 spring forward", "2026-03-06 16:00", "2026-03-09 07:00", "2026-03-06 16:00", "2026-03-13", 7200, 1),
    Worked("W11 fall back", "2026-10-30 16:00", "2026-11-02 07:00", "2026-10-30 16:00", "2026-11-06", 7200, 1),
    Worked("W12 repeated hour", "2026-11-01 01:30", "2026-11-02 08:00", "2026-11-02 06:00", "2026-11-09", 7200, 0),
    Worked("W13 leap day", "2024-02-28 16:00", "2024-03-01 07:00", "2024-02-28 16:00", "2024-03-06", 46800, 2),
    Worked("W14 Thanksgiving", "2026-11-20 10:00", "2026-11-26 11:00", "2026-11-20 10:00", "2026-11-30", 144000, 3),
    Worked("W15 Sunday after due", "2026-11-13 15:00", "2026-11-22 12:00", "2026-11-13 15:00", "2026-11-20", 205200, 5, met=False),
    Worked("W16 year end", "2026-12-22 13:00", "2027-01-04 09:00", "2026-12-22 13:00", "2026-12-30", 262800, 7, met=False),
    Worked("W17 fiscal year end", "2026-06-29 08:00", "2026-07-02 16:00", "2026-06-29 08:00", "2026-07-06", 147600, 3),
    Worked("W18 Patriots' Day", "2026-04-17 16:30", "2026-04-21 06:30", "2026-04-17 16:30", "2026-04-27", 3600, 1),
    Worked("W19 17 March is open", "2026-03-16 16:00", "2026-03-18 07:00", "2026-03-16 16:00", "2026-03-23", 46800, 2),
    Worked("W20 same night", "2026-10-06 20:00", "2026-10-06 22:00", "2026-10-07 06:00", "2026-10-15", 0, 0),
    Worked("W21 zero length", "2026-10-06 10:00", "2026-10-06 10:00", "2026-10-06 10:00", "2026-10-14", 0, 0),
    Worked("W23 due minute", "2026-11-02 09:00", "2026-11-09 17:00", "2026-11-02 09:00", "2026-11-09", 226800, 5),
    Worked("W24 next morning", "2026-11-02 09:00", "2026-11-10 06:01", "2026-11-02 09:00", "2026-11-09", 226860, 6, met=False),
    Worked("W25 17:01 on the due day", "2026-11-02 09:00", "2026-11-09 17:01", "2026-11-02 09:00", "2026-11-09", 226800, 5),
)


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case.id)
def test_worked_case(case: Worked):
    submitted, completed = local(case.submitted), local(case.completed)
    receipt_day = TIME.receipt_days(submitted)
    assert local(case.starts)[0] == TIME.receipt(submitted)[0]
    assert pd.Timestamp(case.due) == TIME.due_days(receipt_day, 5)[0]
    assert case.seconds == (TIME.seconds(completed) - TIME.seconds(submitted))[0]
    used = TIME.day_numbers(local_days(completed, ZONE)) - TIME.day_numbers(receipt_day)
    assert case.days == max(0, used[0])


def test_the_second_of_the_repeated_hours_counts_no_more_than_the_first():
    both = pd.Series(pd.to_datetime(["2026-11-01T05:30Z", "2026-11-01T06:30Z"], utc=True)).astype("datetime64[us, UTC]")
    assert [7200, 7200] == (TIME.seconds(local("2026-11-02 08:00")) - TIME.seconds(both)).tolist()


@pytest.mark.parametrize(
    ("expected", "due"),
    [(-7, "2026-11-20"), (4, "2026-11-23"), (15, "2026-11-24"), (59, "2026-12-01")],
    ids=["W-O overdue", "W-O at risk", "W-O on track", "W-O over Thanksgiving"],
)
def test_business_hours_left_on_monday_13_00(expected: int, due: str):
    left = TIME.seconds(TIME.closing(pd.Series([pd.Timestamp(due)]))) - TIME.seconds(local("2026-11-23 13:00"))
    assert expected * 3600 == left[0]


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2026-11-13 09:00", "2026-11-20"),
        ("2026-11-16 09:00", "2026-11-23"),
        ("2026-11-17 16:59", "2026-11-24"),
        ("2026-11-20 18:00", "2026-12-01"),
        ("2026-11-23 12:59", "2026-12-01"),
    ],
)
def test_due_days_of_the_open_requests(submitted: str, due: str):
    assert pd.Timestamp(due) == TIME.due_days(TIME.receipt_days(local(submitted)), 5)[0]


@pytest.mark.parametrize(
    ("expected", "submitted"),
    [(2026, "2026-06-30 16:59"), (2027, "2026-06-30 17:00"), (2027, "2026-07-01 00:10")],
    ids=["W-F 16:59", "W-F 17:00", "W-F after midnight"],
)
def test_fiscal_year_follows_receipt(expected: int, submitted: str):
    assert expected == fiscal_year(TIME.receipt_days(local(submitted)), JULY)[0]


def test_an_evening_instant_belongs_to_its_local_day():
    late = pd.Series(pd.to_datetime(["2026-07-01T03:30Z", None], utc=True)).astype("datetime64[us, UTC]")
    days = local_days(late, ZONE)
    assert pd.Timestamp("2026-06-30") == days[0]
    assert pd.isna(days[1])
    assert "datetime64[us]" == str(days.dtype)


def test_the_desks_clock_reaches_from_the_first_to_the_last_second_of_its_years_in_its_zone():
    time = desk_time(closed=CLOSED_DAYS.empty(), desk=Desk(opens=dt.time(6, 0, 30), closes=dt.time(17, 0)))
    assert (ZONE, 11 * 3_600 - 30) == (time.zone, time.day_seconds)
    edges = local("2007-12-31 23:59:59", "2008-01-01 00:00:00", "2036-01-01 00:00:00", "2036-01-01 00:00:01")
    assert [False, True, True, False] == time.covers(edges).tolist()
    assert int(edges[2].timestamp()) == time.windows.next_midnights[-1], "the last business day ends with the calendar"


def test_a_day_ends_at_midnight_of_the_zone_on_both_clock_changes():
    ends = [day_end(dt.date.fromisoformat(day), ZONE) for day in ("2026-03-07", "2026-03-08", "2026-10-31", "2026-11-01")]
    assert [dt.timedelta(hours=23), dt.timedelta(hours=25)] == [ends[1] - ends[0], ends[3] - ends[2]]
    assert pd.Timestamp("2026-11-24T05:00Z") == day_end(dt.date(2026, 11, 23), ZONE)


def test_inverse_is_the_earlier_instant_at_a_closing():
    friday_close = TIME.seconds(local("2026-10-09 17:00"))
    assert local("2026-10-09 17:00")[0] == TIME.instant(friday_close)[0]
    assert local("2026-10-13 06:01")[0] == TIME.instant(friday_close + 60)[0]


def test_the_clock_steps_over_a_day_boundary_both_ways():
    """GLPI PR #22678 set the due time to 00:00 there."""
    stamps = ["2026-10-09 16:59:59", "2026-10-09 17:00:00", "2026-10-13 06:00:01"]
    assert local(*stamps).tolist() == TIME.instant(TIME.seconds(local(*stamps))).tolist()
    assert [1, 1] == np.diff(TIME.seconds(local(*stamps))).tolist()


def test_a_closure_over_new_year_takes_both_years():
    """GLPI's yearly closures never match where they begin in one year and end in the next."""
    holidays = [(str(day.date()), "", "") for day in pd.date_range("2026-12-24", "2027-01-02")]
    over_new_year = desk_time(extra=closures(*holidays))
    assert pd.Timestamp("2027-01-04") == over_new_year.due_days(over_new_year.receipt_days(local("2026-12-23 16:00")), 1)[0]
    assert 2 * 3600 == np.diff(over_new_year.seconds(local("2026-12-23 16:00", "2027-01-04 07:00")))[0]


@pytest.mark.parametrize("closes", [(17, 0), (16, 30), (16, 45), (16, 40)], ids=["hours", "half hours", "quarters", "none of these"])
def test_a_window_is_looked_up_as_it_is_searched_for(closes: tuple[int, int]):
    windows = desk_time(desk=Desk(closes=dt.time(*closes)), extra=closures(("2026-01-26", "", "12:00"))).windows
    edges = np.concatenate([windows.opens, windows.closes, windows.midnights, [windows.begins + 1, windows.ends - 1]])
    seconds = np.concatenate([edges - 1, edges, edges + 1])
    assert np.searchsorted(windows.closes, seconds, side="right").tolist() == windows.following(seconds).tolist()


def test_two_windows_by_hand_at_each_of_their_edges():
    """Two days of 100 seconds, open from the tenth to the twentieth; no quantum divides them."""
    two = Windows(
        opens=np.array([10, 110]),
        closes=np.array([20, 120]),
        midnights=np.array([0, 100]),
        next_midnights=np.array([100, 200]),
        begins=0,
        ends=199,
    )
    seconds = np.array([0, 9, 10, 19, 20, 99, 100, 110, 119, 120, 199])
    following = two.following(seconds)
    assert [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2] == following.tolist()
    assert [0, 0, 0, 9, 10, 10, 10, 10, 19, 20, 20] == two.passed(seconds, following).tolist()
    assert [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2] == two.days_begun(seconds, following).tolist()
    assert [0, 0, 0, 1, 1] == two.reaching(np.array([0, 1, 10, 11, 20])).tolist()
    assert [False, True, True, False] == two.inside(np.array([-1, 0, 199, 200])).tolist()
    assert 20 == two.span


def test_due_day_of_a_pause_over_a_weekend_and_veterans_day():
    """W-P1: 43 hours of pause push Monday 17:00 to the next Monday 16:00."""
    due = TIME.seconds(local("2026-11-09 17:00")) + 43 * 3600
    assert local("2026-11-16 16:00")[0] == TIME.instant(due)[0]


@pytest.mark.parametrize("stamp", ["2007-12-31 23:59:59", "2036-01-01 00:00:01"])
def test_a_time_outside_the_calendar_is_refused_not_clamped(stamp: str):
    assert [False] == TIME.covers(local(stamp)).tolist()
    with pytest.raises(OutsideCalendar, match="2008-01-01 to 2035-12-31"):
        TIME.seconds(local(stamp))


def test_a_missing_time_is_outside_the_calendar():
    missing = pd.Series([pd.NaT], dtype="datetime64[us, UTC]")
    assert [False] == TIME.covers(missing).tolist()
    with pytest.raises(OutsideCalendar):
        TIME.receipt(missing)
    with pytest.raises(OutsideCalendar):
        TIME.day_numbers(pd.Series([pd.NaT], dtype="datetime64[us]"))


def test_the_calendar_covers_its_last_instant_but_no_due_day_after_it():
    last = local("2035-12-31 16:00", "2036-01-01 00:00")
    assert [True, True] == TIME.covers(last).tolist()
    assert [True, False] == TIME.covers_due(last, 0).tolist()
    assert [False, False] == TIME.covers_due(last, 1).tolist()
    with pytest.raises(OutsideCalendar):
        TIME.due_days(pd.Series([pd.Timestamp("2035-12-31")]), 1)
    with pytest.raises(OutsideCalendar):
        TIME.receipt(last)
    with pytest.raises(OutsideCalendar):
        TIME.instant(np.array([TIME.span + 1]))


@pytest.mark.parametrize("beyond", [-1, 1])
def test_a_day_beyond_the_first_and_last_of_the_calendar_is_refused_and_these_are_not(beyond: int):
    edge = pd.Series([TIME.first_day if beyond < 0 else TIME.last_day]).astype("datetime64[us]")
    assert 1 == len(TIME.day_numbers(edge))
    with pytest.raises(OutsideCalendar, match=r"^1 days lie outside the calendar, 2008-01-01 to 2035-12-31$"):
        TIME.day_numbers(pd.concat([edge, edge, edge + pd.Timedelta(days=beyond)], ignore_index=True))


def test_what_lies_outside_the_calendar_is_counted_and_the_calendar_named():
    with pytest.raises(OutsideCalendar, match=r"^1 times lie outside the calendar, 2008-01-01 to 2035-12-31$"):
        TIME.seconds(local("2026-11-23 13:00", "2036-01-01 00:00:01", "2026-11-24 13:00"))
    for first_day in ("2008-01-01", "2007-12-31"):
        with pytest.raises(OutsideCalendar, match=r"^.* outside the calendar, 2008-01-01 to 2035-12-31$"):
            TIME.closing(pd.Series([pd.Timestamp(first_day)]))
    assert local("2008-01-02 17:00")[0] == TIME.closing(pd.Series([pd.Timestamp("2008-01-02")]))[0]


def test_the_first_and_the_last_second_of_the_desk_can_be_found_again_and_none_beyond():
    ends = local("2008-01-02 06:00", "2035-12-31 17:00")
    assert [0, TIME.span] == TIME.seconds(ends).tolist()
    assert ends.tolist() == TIME.instant(np.array([0, TIME.span])).tolist()
    for beyond in (-1, TIME.span + 1):
        with pytest.raises(OutsideCalendar, match=r"^business time beyond the years of the closed days$"):
            TIME.instant(np.array([beyond]))


def test_series_keep_their_index():
    submitted = local("2026-11-02 09:00", "2026-11-03 09:00").set_axis([7, 3])
    assert [7, 3] == TIME.receipt(submitted).index.tolist()
    assert [7, 3] == TIME.due_days(TIME.receipt_days(submitted), 5).index.tolist()
    assert [7, 3] == TIME.closing(local_days(submitted, ZONE)).index.tolist()


def test_no_closed_days_still_make_a_calendar():
    bare = desk_time(closed=CLOSED_DAYS.empty())
    assert 11 * 3600 == (bare.seconds(local("2026-12-25 23:00")) - bare.seconds(local("2026-12-25 00:00")))[0]
    assert [True, False] == bare.covers(local("2008-01-01 00:00", "2036-01-02 00:00")).tolist()


def test_a_desk_with_few_days_next_to_a_holiday():
    tuesdays = desk_time(desk=Desk(days=("tue",)))
    assert pd.Timestamp("2026-11-10") == tuesdays.receipt_days(local("2026-11-04 09:00"))[0]
    two_days = desk_time(desk=Desk(days=("mon", "thu")))
    assert pd.Timestamp("2026-10-15") == two_days.due_days(two_days.receipt_days(local("2026-10-08 09:00")), 1)[0]


def test_a_desk_that_is_open_when_the_clocks_change_counts_what_has_passed():
    sundays = desk_time(desk=Desk(opens=dt.time(0), closes=dt.time(6), days=("sun",)))
    passed = sundays.seconds(local("2026-03-08 12:00", "2026-11-01 12:00")) - sundays.seconds(local("2026-03-08 00:00", "2026-11-01 00:00"))
    assert [5 * 3600, 7 * 3600] == passed.tolist()


def closures(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return EXTRA_CLOSURES.frame(
        {"date": pd.Timestamp(day), "opens": opens, "closes": closes, "reason": "snow"} for day, opens, closes in rows
    )


@pytest.mark.parametrize(
    ("expected", "rows"),
    [
        (0.0, [("2026-01-26", "", "")]),
        (7.5, [("2026-01-26", "09:30", "")]),
        (7.5, [("2026-01-26", "9:30", "")]),
        (6.0, [("2026-01-26", "", "12:00")]),
        (2.5, [("2026-01-26", "09:30", "12:00")]),
        (2.5, [("2026-01-26", "09:30", ""), ("2026-01-26", "", "12:00")]),
        (0.0, [("2026-01-26", "09:30", ""), ("2026-01-26", "", "")]),
        (11.0, [("2026-01-26", "05:00", "19:00")]),
        (11.0, [("2026-01-25", "", "")]),
        (11.0, [("2040-01-26", "", "")]),
    ],
)
def test_an_extra_closure_shortens_its_day_and_never_lengthens_it(expected: float, rows: list[tuple[str, str, str]]):
    snowed_in = desk_time(extra=closures(*rows))
    day = snowed_in.seconds(local("2026-01-27 00:00")) - snowed_in.seconds(local("2026-01-26 00:00"))
    assert expected * 3600 == day[0]


def test_a_day_closed_by_an_extra_closure_is_no_business_day():
    snowed_in = desk_time(extra=closures(("2026-01-26", "", "")))
    friday = snowed_in.receipt_days(local("2026-01-23 09:00"))
    assert pd.Timestamp("2026-02-02") == snowed_in.due_days(friday, 5)[0]
    assert pd.Timestamp("2026-01-30") == TIME.due_days(friday, 5)[0]


def test_a_part_day_closes_early_and_stays_a_business_day():
    early = desk_time(extra=closures(("2026-01-26", "", "12:00")))
    monday = pd.Series([pd.Timestamp("2026-01-26")])
    assert local("2026-01-26 12:00")[0] == early.closing(monday)[0]
    assert pd.Timestamp("2026-01-27") == early.receipt_days(local("2026-01-26 12:00"))[0]


def test_an_unreadable_closing_time_breaks_the_contract():
    with pytest.raises(ContractError, match="noon"):
        desk_time(extra=closures(("2026-01-26", "", "noon")))


def test_a_desk_that_never_opens_breaks_the_contract():
    every_monday = CLOSED_DAYS.frame({"date": day} for day in pd.date_range("2026-01-05", "2026-12-28", freq="7D"))
    with pytest.raises(ContractError, match="never opens"):
        desk_time(closed=every_monday, desk=Desk(days=("mon",)))


@pytest.mark.parametrize(
    ("period", "day", "first", "last", "title"),
    [
        ("FY2027-P01", "2026-07-15", "2026-07-01", "2026-07-31", "July 2026 (FY2027-P01)"),
        ("FY2027-P05", "2026-11-23", "2026-11-01", "2026-11-30", "November 2026 (FY2027-P05)"),
        ("FY2027-P06", "2026-12-31", "2026-12-01", "2026-12-31", "December 2026 (FY2027-P06)"),
        ("FY2024-P08", "2024-02-29", "2024-02-01", "2024-02-29", "February 2024 (FY2024-P08)"),
        ("FY2027-P12", "2027-06-30", "2027-06-01", "2027-06-30", "June 2027 (FY2027-P12)"),
    ],
)
def test_posting_periods(period: str, day: str, first: str, last: str, title: str):
    assert period == period_of(dt.date.fromisoformat(day), JULY)
    assert period == periods(pd.Series([pd.Timestamp(day)]), JULY)[0]
    assert first == period_first_day(period, JULY).isoformat()
    assert last == period_last_day(period, JULY).isoformat()
    assert title == period_title(period, JULY)


def test_late_items_of_june_have_a_period_of_their_own():
    assert "June 2027, late items (FY2027-P13)" == period_title("FY2027-P13", JULY)
    assert (dt.date(2027, 6, 1), dt.date(2027, 6, 30)) == (period_first_day("FY2027-P13", JULY), period_last_day("FY2027-P13", JULY))


@pytest.mark.parametrize("starts", range(1, 13))
def test_every_day_lies_in_its_period_wherever_the_year_starts(starts: int):
    days = pd.Series(pd.date_range("2025-12-20", "2027-01-10", freq="5D", unit="us"))
    for day, period, year in zip(days.dt.date, periods(days, starts), fiscal_year(days, starts), strict=True):
        assert period_first_day(period, starts) <= day <= period_last_day(period, starts)
        assert f"FY{year}" == period[:6]


@pytest.mark.parametrize(
    ("title", "year", "as_of", "starts"),
    [
        ("FY2026-YTD", 2026, dt.date(2026, 6, 29), 7),
        ("FY2026", 2026, dt.date(2026, 6, 30), 7),
        ("FY2027-YTD", 2027, dt.date(2026, 7, 1), 7),
        ("FY2026", 2026, dt.date(2027, 3, 1), 7),
        ("FY2026-YTD", 2026, dt.date(2026, 12, 30), 1),
        ("FY2026", 2026, dt.date(2026, 12, 31), 1),
    ],
)
def test_a_year_is_to_date_until_its_last_day(title: str, year: int, as_of: dt.date, starts: int):
    assert title == year_title(year, as_of, starts)


def test_names_of_months_and_quarters():
    days = pd.Series(pd.to_datetime(["2026-07-01", "2026-12-31", "2027-01-01", None])).astype("datetime64[us]")
    assert ["2026-07", "2026-12", "2027-01", ""] == months(days).tolist()
    assert ["FY2027-Q1", "FY2027-Q2", "FY2027-Q3", ""] == quarters(days, JULY).tolist()
    assert ["FY2027-P01", "FY2027-P06", "FY2027-P07", ""] == periods(days, JULY).tolist()
    assert ([], "str") == (periods(days[:0], JULY).tolist(), str(periods(days[:0], JULY).dtype))


def test_periods_keep_the_index_of_their_days():
    days = pd.Series(pd.to_datetime(["2026-07-01", "2026-06-30"]), index=[7, 3]).astype("datetime64[us]")
    assert {7: "FY2027-P01", 3: "FY2026-P12"} == periods(days, JULY).to_dict()
    assert {7: "FY2027-Q1", 3: "FY2026-Q4"} == quarters(days, JULY).to_dict()
    assert {7: "2026-07", 3: "2026-06"} == months(days).to_dict()
    assert {7: 2027, 3: 2026} == fiscal_year(days, JULY).to_dict()


@pytest.mark.parametrize("text", ["FY2027-P00", "FY2027-P14", "2026-11", "FY27-P05"])
def test_a_text_that_is_no_period_is_refused(text: str):
    with pytest.raises(ValueError, match="is not a period"):
        period_first_day(text, JULY)


def test_a_zone_whose_midnight_is_skipped_still_has_days():
    assert pd.Timestamp("2026-03-08T05:00Z") == day_end(dt.date(2026, 3, 7), ZoneInfo("America/Havana"))
