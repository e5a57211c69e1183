"""Measures against a second reckoning: every figure of a made-up log walked through row by row, in plain loops and fractions.

Nothing of `pipeline.service` is used but the table that it gives; what is known of a row are the columns of REQUESTS and EPISODES.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from pipeline.contracts import AGENCIES, ALIASES, PAUSE_ROWS, REQUEST_EVENTS, REQUEST_ROWS
from pipeline.requests import log
from pipeline.service import Records, measures
from pipeline.settings import Settings, Target
from tests.massachusetts import ZONE, closed_days, desk_time, local
from tests.measuring import event_log

TIME = desk_time()
AS_OF = dt.date(2026, 11, 23)
SETTINGS = Settings(
    target=(
        Target(measure="on-time-completion", kinds=("new", "renew"), business_days=5, share=Decimal("0.95")),
        Target(measure="on-time-completion", kinds=("revoke",), business_days=5, share=Decimal("0.95"), assumed=True),
    )
)
DAY = 11 * 3600
CLOSED = {day.date() for day in closed_days()["date"]}
OFFICE = ("office", "")


def made_up(seed: int, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A log from July 2025 on: some open, paused, cancelled, rejected, duplicate, reopened, unanswered, by night, or with days only."""
    chance = random.Random(seed)
    begin, end = (dt.datetime.fromisoformat(stamp) for stamp in ("2025-07-01T08:00", "2026-11-23T16:00"))
    rows, pauses = [], []
    for place in range(number):
        opened = begin + (end - begin) * chance.random()
        done = opened + dt.timedelta(days=chance.lognormvariate(1.3, 0.9))
        status = chance.choices(("completed", "rejected", "cancelled", "duplicate"), (85, 4, 6, 5))[0]
        over = done < end and not (status == "cancelled" and chance.random() < 0.5)
        answered = chance.random() < 0.9 and opened + (done - opened) * chance.random() / 2
        again = over and status == "completed" and chance.random() < 0.15 and done + dt.timedelta(days=20 * chance.random())
        again = again if again and again < end else None
        rows.append(
            {
                "request_id": f"R{place:04d}",
                "kind": chance.choice(("new", "new", "renew", "revoke", "issue")),
                "agency_text": chance.choice(("DOT", "REV", "")),
                "agency_match": "code",
                "product": chance.choice(("standard", "premium")),
                "submitted_at": local(opened.isoformat(timespec="seconds"))[0],
                "first_response_at": local(answered.isoformat(timespec="seconds"))[0] if answered and answered < end else None,
                "completed_at": local(done.isoformat(timespec="seconds"))[0] if over else None,
                "reopened_at": local(again.isoformat(timespec="seconds"))[0] if again else None,
                "reopen_count": int(bool(again)),
                "status": "open" if again and chance.random() < 0.2 else status if over or status in ("cancelled", "duplicate") else "open",
                "dates_only": chance.random() < 0.05,
                "source": place,
            }
        )
        if chance.random() < 0.3:
            stop = opened + (done - opened) * chance.random()
            spell = {"paused_at": opened + (done - opened) * 0.3, "resumed_at": max(stop, opened + (done - opened) * 0.4)}
            kept = {name: local(at.isoformat(timespec="seconds"))[0] for name, at in spell.items() if at < end}
            pauses += [{"request_id": f"R{place:04d}", "source": place} | kept] if "paused_at" in kept else []
    return REQUEST_ROWS.frame(rows), PAUSE_ROWS.frame(pauses)


@pytest.fixture(scope="module")
def books() -> tuple[list[Any], pd.DataFrame]:
    """The rows of REQUESTS, and MEASURES of them."""
    agencies = AGENCIES.frame({"agency": code, "name": code} for code in ("DOT", "REV"))
    requests, pauses = made_up(20261123, 600)
    logged = log(requests, REQUEST_EVENTS.empty(), pauses, agencies, ALIASES.empty(), SETTINGS, TIME, AS_OF)
    told = event_log(*logged.table["source"])  # all of it, that reopenings are known
    table = measures(Records(requests=logged.table, episodes=logged.episodes, request_events=told), TIME, SETTINGS, AS_OF).table
    return list(logged.table.itertuples(index=False)), table


def first_day(label: str) -> dt.date:
    if not label.startswith("FY"):
        return dt.date.fromisoformat(f"{label}-01")
    year, quarter = int(label[2:6]), int(label[-1]) if "-Q" in label else 1
    return dt.date(year - 1, 7, 1) if quarter == 1 else dt.date(year - 1, 10, 1) if quarter == 2 else dt.date(year, 3 * quarter - 8, 1)


def last_day(label: str) -> dt.date:
    if label == "FY2026-YTD":
        return dt.date(2025, 11, 23)
    begins, length = first_day(label), 1 if not label.startswith("FY") else 3 if "-Q" in label else 12
    after = begins.year * 12 + begins.month - 1 + length
    return min(dt.date(after // 12, after % 12 + 1, 1) - dt.timedelta(days=1), AS_OF)


def business(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in CLOSED


def on(instant: Any) -> dt.date | None:
    return None if pd.isna(instant) else instant.tz_convert(ZONE).date()


def called_off(row: Any) -> bool:
    return row.status in ("cancelled", "duplicate") and row.verdict == "excluded"


def counted(row: Any) -> bool:
    return row.verdict != "invalid" and row.status != "duplicate"


def quantile(watched: list[tuple[int, bool]], share: Fraction) -> tuple[int | None, int]:
    """The least duration by which `share` has ended, by the product over durations; and the longest that ended."""
    left = Fraction(1)
    for duration in sorted({duration for duration, ended in watched if ended}):
        at_risk = sum(other >= duration for other, _ in watched)
        left *= 1 - Fraction(sum(ended and other == duration for other, ended in watched), at_risk)
        if left <= 1 - share:
            return duration, at_risk
    return None, 0


Figure = tuple[int, float | None]


def durations(column: str, unit: int, share: Fraction) -> Callable[[list[Any], str], Figure]:
    def figure(rows: list[Any], label: str) -> Figure:
        inside = [row for row in rows if counted(row) and first_day(label) <= row.received_on.date() <= last_day(label)]
        watched = [
            (int(getattr(row, column)), not pd.isna(row.completed_at) and not called_off(row))
            for row in inside
            if not pd.isna(getattr(row, column))
        ]
        found, _ = quantile(watched, share)
        return len(watched), None if found is None else found / unit

    return figure


def responses(rows: list[Any], label: str) -> Figure:
    inside = [row for row in rows if counted(row) and first_day(label) <= row.received_on.date() <= last_day(label)]
    watched = [(int(row.response_seconds), True) for row in inside if not pd.isna(row.response_seconds)]
    unanswered = [row for row in inside if pd.isna(row.response_seconds) and (pd.isna(row.completed_at) or called_off(row))]
    watched += [(int(row.customer_seconds), False) for row in unanswered if not pd.isna(row.customer_seconds)]
    found, _ = quantile(watched, Fraction(9, 10))
    return len(watched), None if found is None else found / 3600


def late(rows: list[Any], label: str) -> list[Any]:
    own = [row for row in rows if row.verdict in ("missed", "overdue") and not row.assumed_target]
    return [row for row in own if first_day(label) <= row.due_on.date() <= last_day(label) and not pd.isna(row.late_seconds)]


def latest(rows: list[Any], label: str) -> Figure:
    found = [row.late_seconds / 3600 for row in late(rows, label)]
    return len(found), max(found, default=None)


def middle(rows: list[Any], label: str) -> Figure:
    found = sorted(row.late_seconds / 3600 for row in late(rows, label))
    return len(found), found[(len(found) - 1) // 2] if found else None


def reopened(rows: list[Any], label: str) -> Figure:
    n = again = 0
    for row in rows:
        if row.verdict == "invalid" or pd.isna(row.completed_at) or called_off(row):
            continue
        day, left = on(row.completed_at), 10
        while left:
            day += dt.timedelta(days=1)
            left -= business(day)
        if first_day(label) <= day <= last_day(label):
            n += 1
            again += not pd.isna(row.reopened_within_days) and row.reopened_within_days <= 10
    return n, again / n if n else None


def at_work(rows: list[Any], label: str) -> Figure:
    whole = work = n = 0
    for row in rows:
        done = on(row.completed_at)
        times = (row.customer_seconds, row.paused_seconds, row.response_seconds)
        if (
            not counted(row)
            or called_off(row)
            or done is None
            or any(map(pd.isna, times))
            or not first_day(label) <= done <= last_day(label)
        ):
            continue
        customer, paused, response = map(int, times)
        n, whole, work = n + 1, whole + customer, work + customer - paused - min(response, customer - paused)
    return n, work / whole if whole else None


def open_spells(row: Any) -> Iterator[tuple[Any, Any]]:
    if counted(row) and not (called_off(row) and pd.isna(row.completed_at)):
        yield row.submitted_at, row.completed_at
    if counted(row) and not pd.isna(row.reopened_at) and row.status == "open":
        yield row.reopened_at, None


def last_business_day(label: str) -> dt.date:
    day = last_day(label)
    while not business(day):
        day -= dt.timedelta(days=1)
    return day


def backlog(least: int, most: float) -> Callable[[list[Any], str], Figure]:
    def figure(rows: list[Any], label: str) -> Figure:
        day, n = last_business_day(label), 0
        closing = local(f"{day} 17:00")[0]
        for began, ended in (spell for row in rows for spell in open_spells(row)):
            if began <= closing and (ended is None or pd.isna(ended) or ended > closing):
                began = began.tz_convert(ZONE)
                receipt = began.date() if began.hour < 17 else began.date() + dt.timedelta(days=1)
                while not business(receipt):
                    receipt += dt.timedelta(days=1)
                age = sum(business(receipt + dt.timedelta(days=ahead)) for ahead in range(1, (day - receipt).days + 1))
                n += least <= age <= most
        return n, float(n)

    return figure


def flow(rows: list[Any], label: str) -> Figure:
    day, days = last_day(label), 0
    begins = last_business_day(label)
    while True:
        days += business(begins)
        if days == 20:
            break
        begins -= dt.timedelta(days=1)
    if begins < dt.date(2025, 7, 1):
        return -1, None
    sound = [row for row in rows if counted(row) and not called_off(row)]
    # a completion on a day off belongs to the business day before it, as day numbers have it
    came = sum(begins <= row.received_on.date() <= day for row in sound)
    went = sum(begins <= on(row.completed_at) <= day for row in sound if not pd.isna(row.completed_at))
    return came + went, float(came - went)


ORACLES: dict[str, Callable[[list[Any], str], Figure]] = {
    "completion-time-p50": durations("business_seconds", DAY, Fraction(1, 2)),
    "completion-time-p90": durations("business_seconds", DAY, Fraction(9, 10)),
    "completion-time-p95": durations("business_seconds", DAY, Fraction(19, 20)),
    "customer-time-p50": durations("customer_seconds", DAY, Fraction(1, 2)),
    "customer-time-p90": durations("customer_seconds", DAY, Fraction(9, 10)),
    "first-response-p90": responses,
    "lateness-median": middle,
    "lateness-max": latest,
    "reopen-rate": reopened,
    "stage-work": at_work,
    "backlog": backlog(0, 1000),
    "backlog-0-2": backlog(0, 2),
    "backlog-3-5": backlog(3, 5),
    "backlog-6-10": backlog(6, 10),
    "backlog-over-10": backlog(11, 1000),
    "net-flow": flow,
}
MEMBERS = (OFFICE, ("agency", "REV"), ("kind", "renew"), ("tier", "premium"))
PERIODS = ("2025-07", "2025-11", "2026-03", "2026-11", "FY2026-Q1", "FY2027-Q2", "FY2026", "FY2027-YTD", "FY2026-YTD")


@pytest.mark.parametrize("measure", ORACLES)
def test_figures_equal_a_walk_through_the_rows(measure: str, books: tuple[list[Any], pd.DataFrame]) -> None:
    every, table = books
    figures = {
        (row.period, row.dimension, row.member): (row.n, None if pd.isna(row.value) else row.value)
        for row in table[table["measure"] == measure].itertuples()
    }
    for dimension, member in MEMBERS:
        rows = [row for row in every if dimension == "office" or getattr(row, dimension) == member]
        for label in PERIODS:
            n, value = ORACLES[measure](rows, label)
            found = figures.get((label, dimension, member), (0, None if not measure.startswith("backlog") else 0.0))
            expected = (found[0] if n < 0 else n, value if value is None else pytest.approx(value, rel=1e-12))
            assert expected == found, (label, dimension, member)


def test_stages_are_all_of_the_time(books: tuple[list[Any], pd.DataFrame]) -> None:
    _, table = books
    stages = table[table["measure"].str.startswith("stage-")].dropna(subset="value").groupby(["period", "dimension", "member"])["value"]
    assert {1.0} == {round(total, 12) for total in stages.sum()}
    assert {3} == set(stages.size())


def test_the_bands_of_age_are_all_of_the_backlog(books: tuple[list[Any], pd.DataFrame]) -> None:
    _, table = books
    key = ["period", "dimension", "member"]
    bands = table[table["measure"].str.startswith("backlog-")].groupby(key)["n"].sum()
    whole = table[table["measure"] == "backlog"].set_index(key)["n"]
    assert whole.sort_index().to_dict() == bands.sort_index().to_dict()
