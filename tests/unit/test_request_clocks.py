"""What a request's clocks say beside its verdict, and the episodes that a reopened request has."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline.requests.logbook import Logged
from tests.massachusetts import local
from tests.unit.test_requests import codes, events, instant, logged, only, pause, request

HOUR = 3600
REOPENED = (
    ("E1", "open", "2026-11-02 09:00"),
    ("E1", "resolved", "2026-11-03 12:00"),
    ("E1", "completed", "2026-11-03 13:00"),
    ("E1", "open", "2026-11-04 12:00"),
    ("E1", "paused", "2026-11-04 13:00"),
    ("E1", "open", "2026-11-05 13:00"),
    ("E1", "resolved", "2026-11-06 12:00"),
    ("E1", "open", "2026-11-23 09:00"),
)


def spells(stage: Logged) -> list[tuple[Any, ...]]:
    """Episode, begin, end, status, business hours and paused hours of each row; None where it is not known."""
    table = stage.episodes
    hours = [(table[name] / HOUR).astype(object).where(table[name].notna(), None) for name in ("business_seconds", "paused_seconds")]
    ends = table["ended_at"].astype(object).where(table["ended_at"].notna(), None)
    return list(zip(table["episode"], table["began_at"], ends, table["status"], *hours, strict=True))


def test_each_reopening_is_an_episode_with_its_own_clock() -> None:
    stage = logged(events=events(*REOPENED))
    at = local(*(stamp for _, _, stamp in REOPENED))
    assert [
        (1, at[0], at[1], "completed", 14.0, 0.0),
        (2, at[3], at[6], "completed", 11.0, 11.0),
        (3, at[7], None, "open", 8.0, 0.0),
    ] == spells(stage)
    assert [7, 3, 7] == stage.episodes["source"].tolist()
    row = only(stage)
    assert ("met", "open", 14 * HOUR, 1) == (row["verdict"], row["status"], row["business_seconds"], row["reopened_within_days"])
    assert {} == codes(stage)


def test_a_request_of_a_list_is_one_episode() -> None:
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-03 09:00"), request("R2", "2026-11-23 09:00")])
    assert [
        (1, local("2026-11-02 09:00")[0], local("2026-11-03 09:00")[0], "completed", 11.0, 0.0),
        (1, local("2026-11-23 09:00")[0], None, "open", 8.0, 0.0),
    ] == spells(stage)


@pytest.mark.parametrize(
    ("verdict", "ended", "last"),
    [("met", "2026-11-06 12:00", "resolved"), ("excluded", "2026-11-06 12:00", "cancelled"), ("at-risk", None, "open")],
)
def test_a_cancellation_that_was_taken_back_is_no_completion(verdict: str, ended: str | None, last: str) -> None:
    told = [("E1", "open", "2026-11-02 09:00"), ("E1", "cancelled", "2026-11-03 12:00"), ("E1", "open", "2026-11-05 12:00")]
    stage = logged(events=events(*told, ("E1", last, ended or "2026-11-06 12:00")), as_of=dt.date(2026, 11, 6))
    row = only(stage)
    assert verdict == row["verdict"]
    assert (1, instant(ended)) == (row["reopen_count"], None if pd.isna(row["completed_at"]) else row["completed_at"])
    assert (1, True) == (len(stage.episodes), pd.isna(row["reopened_within_days"]))


def test_an_episode_that_only_a_column_closes_ends_there() -> None:
    rows = events(("E1", "open", "2026-11-02 09:00"), ("E1", "resolved", "2026-11-03 12:00"), ("E1", "open", "2026-11-04 12:00"))
    rows["closed_at"] = pd.Series([None, None, instant("2026-11-05 12:00")], dtype="datetime64[us, UTC]")
    stage = logged(events=rows)
    assert ("completed", local("2026-11-05 12:00")[0]) == (only(stage)["status"], stage.episodes["ended_at"][1])
    assert ["completed", "completed"] == stage.episodes["status"].tolist()
    assert [14 * HOUR, 11 * HOUR] == stage.episodes["business_seconds"].tolist()


@pytest.mark.parametrize("later", ["2026-11-24 09:00", "2027-01-05 09:00"])
def test_a_later_reopening_after_the_as_of_day_has_no_hours_and_is_told(later: str) -> None:
    told = (*REOPENED[:7], ("E1", "open", later))
    stage = logged(events=events(*told))
    assert [14.0, 11.0, None] == [hours for *_, hours, _ in spells(stage)]
    assert {"future-stamp": 1} == codes(stage)


def test_what_cannot_be_judged_has_no_hours_in_any_episode() -> None:
    told = (("E1", "open", "2026-11-24 09:00"), *REOPENED[1:])
    stage = logged(events=events(*(("E1", status, at.replace("2026-11", "2026-12")) for _, status, at in told)))
    assert "invalid" == only(stage)["verdict"]
    assert {None} == {hours for *_, hours, paused in spells(stage) for hours in (hours, paused)}
    assert {"future-stamp": 1} == codes(stage)


def test_the_customers_clock_runs_through_pauses() -> None:
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-05 12:00")], [pause("R1", "2026-11-03 06:00", "2026-11-04 17:00", 1)])
    row = only(stage)
    assert (14 * HOUR, 22 * HOUR, 36 * HOUR) == (row["business_seconds"], row["paused_seconds"], row["customer_seconds"])


@pytest.mark.parametrize(
    ("expected", "answered"),
    [(2 * HOUR, "2026-11-02 11:00"), (0, "2026-11-02 09:00"), (None, "2026-11-02 08:00"), (None, None)],
    ids=["two hours", "at once", "before it was submitted", "never"],
)
def test_the_first_answer_is_timed_or_missing_never_negative(expected: int | None, answered: str | None) -> None:
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-05 12:00", first_response_at=instant(answered))])
    row = only(stage)
    assert expected == (None if pd.isna(row["response_seconds"]) else row["response_seconds"])
    assert ("met", 36 * HOUR) == (row["verdict"], row["business_seconds"])
    assert ({"answered-before-opened": 1} if answered == "2026-11-02 08:00" else {}) == codes(stage)


def test_an_answer_beyond_the_calendar_is_told_and_never_an_exception() -> None:
    late = request("R1", "2035-12-20 09:00", "2035-12-27 09:00", first_response_at=instant("2036-01-05 09:00"))
    stage = logged([late], as_of=dt.date(2036, 2, 1))
    assert ("invalid", {"outside-calendar": 1}) == (only(stage)["verdict"], codes(stage))


def test_a_night_request_waits_for_its_answer_from_the_next_opening() -> None:
    """GLPI #687 told no delay at all where a ticket came in outside hours."""
    row = only(logged([request("R1", "2026-10-03 14:00", "2026-10-05 09:00", first_response_at=instant("2026-10-05 08:00"))]))
    assert (2 * HOUR, 3 * HOUR) == (row["response_seconds"], row["business_seconds"])


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ("2026-11-03 09:00", [("open", "2026-11-02 09:00"), ("paused", "2026-11-03 09:00"), ("resolved", "2026-11-04 09:00")]),
        ("2026-11-04 09:00", [("open", "2026-11-02 09:00"), ("open", "2026-11-03 09:00"), ("rejected", "2026-11-04 09:00")]),
        ("2026-11-03 09:00", [("open", "2026-11-02 09:00"), ("resolved", "2026-11-03 09:00"), ("open", "2026-11-10 09:00")]),
        (None, [("open", "2026-11-02 09:00"), ("open", "2026-11-03 09:00")]),
        (None, [("open", "2026-11-02 09:00"), ("cancelled", "2026-11-03 09:00")]),
        (None, [("open", "2026-11-02 09:00"), ("paused", "2026-11-25 09:00")]),
    ],
    ids=["asked back", "rejected", "of the first episode", "only passed on", "called off", "after the as-of day"],
)
def test_the_first_answer_of_an_event_log(expected: str | None, told: list[tuple[str, str]]) -> None:
    """Also of a reopened request the first of all, where Chatwoot (#12058) counted from the reopening."""
    row = only(logged(events=events(*(("E1", *event) for event in told))))
    assert instant(expected) == (None if pd.isna(row["first_response_at"]) else row["first_response_at"])


def test_a_resolution_told_in_a_column_answers_too() -> None:
    rows = events(("E1", "open", "2026-11-02 09:00"), ("E1", "completed", "2026-11-05 09:00"), resolved_at=instant("2026-11-03 09:00"))
    assert 11 * HOUR == only(logged(events=rows))["response_seconds"]


def test_a_pause_goes_on_while_the_tier_of_the_request_changes() -> None:
    """GLPI #6902 and #15605 forgot the pause there."""
    frame = events(
        ("E1", "open", "2026-11-02 09:00"),
        ("E1", "paused", "2026-11-03 09:00"),
        ("E1", "paused", "2026-11-04 09:00"),
        ("E1", "open", "2026-11-05 09:00"),
        ("E1", "resolved", "2026-11-05 10:00"),
    )
    frame["product"] = pd.Series(["Standard", "Standard", "Premium", "Premium", "Premium"], dtype="str")
    row = only(logged(events=frame))
    assert ("premium", 22 * HOUR, 12 * HOUR) == (row["tier"], row["paused_seconds"], row["business_seconds"])


def test_open_requests_are_late_by_the_hour_and_undecided_until_then() -> None:
    stage = logged([request("R1", "2026-11-13 09:00"), request("R2", "2026-11-16 09:00"), request("R3", "2026-11-13 09:00", kind="revoke")])
    table = stage.table
    assert ["overdue", "at-risk", "overdue"] == table["verdict"].tolist()
    assert [11 * HOUR, None, 11 * HOUR] == table["late_seconds"].astype(object).where(table["late_seconds"].notna(), None).tolist()
    assert ["no", "", "no"] == table["on_time_by_close"].tolist()
    assert ["no", "no", "no"] == table["on_time_by_hours"].tolist()


def test_days_without_times_say_nothing_of_hours_and_what_is_excluded_nothing_of_promises() -> None:
    stage = logged(
        [
            request("R1", "2026-11-02", "2026-11-10", dates_only=True, first_response_at=instant("2026-11-03")),
            request("R2", "2026-11-02 09:00", "2026-11-20 09:00", status="cancelled"),
            request("R3", "2026-10-06 10:00", "2026-10-05 09:00"),
        ]
    )
    names = ["customer_seconds", "response_seconds", "late_seconds", "reopened_within_days"]
    assert [True, True, True] == stage.table[names[1:]].isna().all(axis="columns").tolist()
    assert [True, False, True] == stage.table["customer_seconds"].isna().tolist()
    assert {""} == set(stage.table["on_time_by_close"]) | set(stage.table["on_time_by_hours"])
