"""Laws of business time and of the verdicts that stand on it, and a walk through the minutes as an independent referee."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.calendar import BusinessTime, local_days
from pipeline.contracts import (
    AGENCIES,
    ALIASES,
    CLOSED_DAYS,
    OUTAGE_ROWS,
    PAUSE_ROWS,
    REQUEST_EVENTS,
    REQUEST_ROWS,
)
from pipeline.requests import log
from pipeline.service import Records, measures
from pipeline.settings import Settings, Target
from tests.massachusetts import ZONE, closed_days, desk_time

TIME = desk_time()
CLOSED = {day.date() for day in closed_days()["date"]}
FEW = settings(max_examples=40, deadline=None, derandomize=True)
FEWER = settings(max_examples=12, deadline=None, derandomize=True)
MEASURED = settings(max_examples=3, deadline=None, derandomize=True)  # every measure twice an example
FIRST = int(dt.datetime(2023, 1, 1, tzinfo=dt.UTC).timestamp())
LAST = int(dt.datetime(2028, 12, 1, tzinfo=dt.UTC).timestamp())
SECONDS = st.integers(FIRST, LAST)
# Days near clock changes and holidays, where mistakes live.
EDGES = [
    int(dt.datetime.fromisoformat(day).replace(tzinfo=ZONE).timestamp())
    for day in ("2026-03-08", "2026-11-01", "2026-07-04", "2027-07-05", "2024-02-29")
]
NEAR_EDGES = st.builds(lambda edge, off: edge + off, st.sampled_from(EDGES), st.integers(-3 * 86400, 3 * 86400))
MOMENTS = SECONDS | NEAR_EDGES


def instants(*seconds: int) -> pd.Series[Any]:
    return pd.Series(pd.to_datetime(list(seconds), unit="s", utc=True)).astype("datetime64[us, UTC]")


def elapsed(time: BusinessTime, begin: int, end: int) -> int:
    counted = time.seconds(instants(begin, end))
    return int(counted[1] - counted[0])


def walked(begin: int, end: int) -> int:
    """Desk seconds between two whole minutes, counted minute by minute on the local clock."""
    open_minutes = 0
    for minute in range(begin, end, 60):
        local = dt.datetime.fromtimestamp(minute, ZONE)
        open_minutes += local.weekday() < 5 and 6 <= local.hour < 17 and local.date() not in CLOSED
    return open_minutes * 60


@FEW
@given(MOMENTS, st.integers(0, 6 * 1440))
def test_business_time_equals_a_walk_through_the_minutes(begin: int, minutes: int):
    begin -= begin % 60
    assert walked(begin, begin + minutes * 60) == elapsed(TIME, begin, begin + minutes * 60)


@FEW
@given(st.lists(MOMENTS, min_size=3, max_size=3))
def test_business_time_never_runs_backwards_and_adds_up(moments: list[int]):
    first, second, third = sorted(moments)
    assert 0 <= elapsed(TIME, first, second) <= second - first
    assert elapsed(TIME, first, third) == elapsed(TIME, first, second) + elapsed(TIME, second, third)


@FEW
@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_the_inverse_leads_back(moments: list[int]):
    at = instants(*moments)
    counted = TIME.seconds(at)
    back = pd.Series(TIME.instant(counted))
    assert counted.tolist() == TIME.seconds(back).tolist()
    assert bool((back <= at).all())


@FEW
@given(MOMENTS)
def test_receipt_is_the_first_moment_at_which_the_clock_runs(moment: int):
    at = instants(moment)
    receipt = TIME.receipt(at)
    assert 0 == elapsed(TIME, moment, int(receipt[0].timestamp()))
    assert 1 == elapsed(TIME, int(receipt[0].timestamp()), int(receipt[0].timestamp()) + 1)
    assert receipt[0] >= at[0]
    assert local_days(receipt, ZONE)[0] == TIME.receipt_days(at)[0]


@FEW
@given(MOMENTS, st.integers(0, 40))
def test_a_due_day_lies_that_many_business_days_after_receipt(moment: int, days: int):
    receipt_day = TIME.receipt_days(instants(moment))
    due = TIME.due_days(receipt_day, days)
    assert days == (TIME.day_numbers(due) - TIME.day_numbers(receipt_day))[0]
    assert due[0].date() not in CLOSED
    assert local_days(TIME.closing(due), ZONE)[0] == due[0]


@FEWER
@given(st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=10), st.dates(dt.date(2023, 1, 1), dt.date(2028, 11, 30)))
def test_another_closed_day_never_makes_anything_take_longer(spans: list[tuple[int, int]], day: dt.date):
    more = desk_time(closed=CLOSED_DAYS.frame({"date": pd.Timestamp(closed)} for closed in sorted(CLOSED | {day})))
    for begin, end in (sorted(span) for span in spans):
        assert elapsed(more, begin, end) <= elapsed(TIME, begin, end)


@FEW
@given(st.permutations(range(8)), st.lists(MOMENTS, min_size=8, max_size=8))
def test_the_order_of_the_rows_does_not_matter_to_the_clock(order: list[int], moments: list[int]):
    at = instants(*moments)
    assert TIME.seconds(at)[order].tolist() == TIME.seconds(at.iloc[order]).tolist()
    assert TIME.receipt(at).iloc[order].tolist() == TIME.receipt(at.iloc[order]).tolist()


# Requests with pauses, against a slow referee

SETTINGS = Settings(target=(Target(measure="on-time-completion", kinds=("new",), business_days=5, share=Decimal("0.95")),))
NO_EVENTS, NO_AGENCIES, NO_ALIASES, NO_OUTAGES = REQUEST_EVENTS.empty(), AGENCIES.empty(), ALIASES.empty(), OUTAGE_ROWS.empty()
AS_OF = dt.date(2026, 12, 31)
OPENED = int(dt.datetime(2026, 10, 26, 13, tzinfo=dt.UTC).timestamp())
HOUR = 3600

spans = st.tuples(st.integers(0, 480), st.integers(0, 120))
asked = st.tuples(st.integers(0, 240), st.integers(0, 600), st.lists(spans, max_size=4))


def tables(drawn: list[tuple[int, int, list[tuple[int, int]]]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Requests and pauses; all times are whole hours after a Monday morning of October 2026."""
    requests, pauses = [], []
    for number, (submitted, lasts, spells) in enumerate(drawn):
        times = instants(OPENED + submitted * HOUR, OPENED + (submitted + lasts) * HOUR)
        requests.append(
            {
                "source": number,
                "request_id": f"R{number}",
                "kind": "new",
                "submitted_at": times[0],
                "completed_at": times[1],
                "status": "completed",
                "reopen_count": 0,
            }
        )
        for begin, length in spells:
            spell = instants(OPENED + (submitted + begin) * HOUR, OPENED + (submitted + begin + length) * HOUR)
            pauses.append({"source": len(pauses), "request_id": f"R{number}", "paused_at": spell[0], "resumed_at": spell[1]})
    return REQUEST_ROWS.frame(requests), PAUSE_ROWS.frame(pauses)


def logged(requests: pd.DataFrame, pauses: pd.DataFrame) -> pd.DataFrame:
    return log(requests, NO_EVENTS, pauses, NO_AGENCIES, NO_ALIASES, SETTINGS, TIME, AS_OF).table


def referee(submitted: int, lasts: int, spells: list[tuple[int, int]]) -> tuple[int, dt.date]:
    """Paused desk seconds and due day, hour by hour: a paused desk hour before the due instant moves it by one desk hour."""
    begin, end = OPENED + submitted * HOUR, OPENED + (submitted + lasts) * HOUR
    waiting = [(begin + first * HOUR, min(end, begin + (first + length) * HOUR)) for first, length in spells]
    waiting = [(first, last) for first, last in waiting if first <= end]
    hours = [hour for hour in range(begin, end, HOUR) if any(first <= hour < last for first, last in waiting)]
    due_day = TIME.due_days(TIME.receipt_days(instants(begin)), 5)
    due = int(TIME.closing(due_day)[0].timestamp())
    counted: set[int] = set()
    for first, last in sorted(waiting):
        if first > due:
            break
        fresh = [hour for hour in range(first, last, HOUR) if hour not in counted and walked(hour, hour + 60)]
        counted.update(fresh)
        for _ in fresh:
            due += HOUR
            while not walked(due - 60, due):
                due += HOUR
    return sum(walked(hour, hour + 60) * 60 for hour in hours), dt.datetime.fromtimestamp(due - 1, ZONE).date()


@FEWER
@given(st.lists(asked, min_size=1, max_size=8))
def test_pauses_and_due_days_equal_a_walk_through_the_hours(drawn: list[tuple[int, int, list[tuple[int, int]]]]):
    table = logged(*tables(drawn))
    expected = [referee(*request) for request in drawn]
    assert expected == [(paused, due.date()) for paused, due in zip(table["paused_seconds"], table["due_on"], strict=True)]


@MEASURED
@given(st.lists(asked, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_shuffled_rows_and_repeated_pauses_give_the_same_log_and_measures(drawn: list[tuple[int, int, list[tuple[int, int]]]], random: Any):
    requests, pauses = tables(drawn)
    order = random.sample(range(len(requests)), len(requests))
    twice = pd.concat([pauses, pauses.assign(source=pauses["source"] + len(pauses))], ignore_index=True)
    shuffled = twice.iloc[random.sample(range(len(twice)), len(twice))]
    straight, other = logged(requests, pauses), logged(requests.iloc[order], shuffled)
    pd.testing.assert_frame_equal(straight, other)
    pd.testing.assert_frame_equal(
        measures(Records(requests=straight), TIME, SETTINGS, AS_OF).table,
        measures(Records(requests=other.iloc[::-1]), TIME, SETTINGS, AS_OF).table,
    )


@FEWER
@given(st.lists(asked, min_size=1, max_size=6), spans)
def test_one_pause_more_never_breaks_a_promise_and_never_adds_time(
    drawn: list[tuple[int, int, list[tuple[int, int]]]], more: tuple[int, int]
):
    with_more = [(submitted, lasts, [*spells, more]) for submitted, lasts, spells in drawn]
    before, after = logged(*tables(drawn)), logged(*tables(with_more))
    assert bool((after["due_on"] >= before["due_on"]).all())
    assert bool((after["business_seconds"] <= before["business_seconds"]).all())
    assert not np.any((before["verdict"] == "met") & (after["verdict"] != "met"))


@MEASURED
@given(st.lists(asked, min_size=1, max_size=10))
def test_the_tallies_of_all_parts_and_months_add_up_to_the_office(drawn: list[tuple[int, int, list[tuple[int, int]]]]):
    table = measures(Records(requests=logged(*tables(drawn))), TIME, SETTINGS, AS_OF).table
    received = table[table["measure"] == "requests-received"]
    months = received[~received["period"].str.startswith("FY") & (received["dimension"] == "office")]
    assert len(drawn) == months["n"].sum()
    assert len(drawn) == received.loc[(received["period"] == "FY2027-YTD") & (received["dimension"] == "kind"), "n"].sum()
    shares = table[table["measure"] == "on-time-completion"].dropna(subset="value")
    assert bool(((shares["low"] <= shares["value"]) & (shares["value"] <= shares["high"])).all())
