"""The measures in time: how long requests took, how late the late ones were, and what stood open."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import EPISODES, INPUTS, PLACES
from pipeline.service import Measured
from tests.massachusetts import local
from tests.measuring import AS_OF, asked, event_log, figure, measured


def clocked(days: float, *, ended: bool = True, paused: float = 0.0, **more: Any) -> list[dict[str, Any]]:
    """A request of 2 November that the staff had for so many business days, and the customer waited for with the paused ones."""
    seconds = {
        "business_seconds": int(days * 39_600),
        "paused_seconds": int(paused * 39_600),
        "customer_seconds": int((days + paused) * 39_600),
    }
    verdict = more.pop("verdict", "met" if ended else "on-track")
    return asked(verdict, "2026-11-20", completed="2026-11-20 09:00" if ended else None, **seconds, **more)


SIXTEEN = [clocked(days) for days in (1, 1, 2, 2, 3, 3, 4, 5, 6, 8)] + [clocked(days, ended=False) for days in (2, 3, 4, 7, 9, 12)]


def test_the_sixteen_requests_take_five_days_and_nine_in_ten_are_not_done_yet():
    stage = measured(*SIXTEEN)
    half, most = (figure(stage, f"completion-time-p{percent}", "2026-11") for percent in (50, 90))
    assert (5.0, 16, 6, "business days") == (half["value"], half["n"], half["at_risk"], half["unit"])
    assert (True, 8.0, 2, "") == (np.isnan(most["value"]), most["low"], most["at_risk"], most["verdict"])
    assert np.isnan(half["low"])


def test_the_customers_clock_runs_on_while_the_staffs_stands_still():
    stage = measured(clocked(1, paused=3), clocked(2), clocked(2, ended=False, paused=9, status="paused"))
    assert (2.0, 4.0) == tuple(figure(stage, name, "2026-11")["value"] for name in ("completion-time-p50", "customer-time-p50"))


def test_what_was_called_off_was_watched_until_then_and_what_has_no_hours_takes_no_part():
    stage = measured(
        clocked(1),
        clocked(3),
        clocked(2, verdict="excluded", status="cancelled"),
        clocked(9, verdict="excluded", status="duplicate"),
        asked("met", "2026-11-09", completed="2026-11-05 09:00"),
    )
    row = figure(stage, "completion-time-p50", "2026-11")
    # 1 of 3 by day 1; of the two left one is called off on day 2, so the last is all there is on day 3
    assert (3, 3.0, 1) == (row["n"], row["value"], row["at_risk"])


def test_a_request_without_an_answer_is_watched_only_while_it_is_open():
    stage = measured(
        clocked(1, response_seconds=3600),
        clocked(2, response_seconds=7200),
        clocked(4),  # completed, and no log tells the first answer
        clocked(9, ended=False),
    )
    row = figure(stage, "first-response-p90", "2026-11")
    assert (3, True, 2.0, 1, "hours") == (row["n"], np.isnan(row["value"]), row["low"], row["at_risk"], row["unit"])


def of_files(*names: str) -> dict[str, pd.DataFrame]:
    """PLACES and INPUTS: the requests stand in these files in their order, each name up to a blank being the layout of its file."""
    places = PLACES.frame({"source": number, "file": name, "row": 1, "became": "request"} for number, name in enumerate(names))
    usual = {"kind": "requests", "bytes": 1, "rows_read": 1, "rows_accepted": 1, "rows_quarantined": 0}
    return {"places": places, "inputs": INPUTS.frame({"file": name, "layout": name.split()[0]} | usual for name in sorted(set(names)))}


def test_of_logs_that_tell_no_first_answers_nothing_is_said_of_them_however_their_files_are_cut():
    rows = [clocked(1, response_seconds=3600), clocked(9, ended=False), clocked(9, ended=False), clocked(2)]
    for files in (("list", "list", "events", "events"), ("list 1", "list 2", "events", "events")):
        assert 2 == figure(measured(*rows, **of_files(*files)), "first-response-p90", "2026-11")["n"]
    assert 3 == figure(measured(*rows), "first-response-p90", "2026-11")["n"]


def test_how_late_the_late_ones_were():
    late = [asked("missed", "2026-11-09", late_seconds=hours * 3600) for hours in (1, 5)]
    stage = measured(
        *late,
        asked("overdue", "2026-11-10", late_seconds=30 * 3600),
        asked("missed", "2026-11-10", assumed_target=True, late_seconds=9 * 3600),
    )
    assert [(5.0, 3), (30.0, 3)] == [
        (row["value"], row["n"]) for row in (figure(stage, f"lateness-{name}", "2026-11") for name in ("median", "max"))
    ]


def test_what_the_customers_time_went_into():
    hour = 3600
    stage = measured(clocked(10, response_seconds=22 * hour, paused=10), clocked(10), clocked(1, paused=1, response_seconds=15 * hour))
    # 220 hours of the first: 22, 88 and 110; 22 of the third, whose wait of 11 began before its first answer: 11, 0 and 11
    expected = {"stage-first-answer": 33 / 242, "stage-work": 88 / 242, "stage-customer": 121 / 242}
    assert {name: (2, pytest.approx(share)) for name, share in expected.items()} == {
        name: (row["n"], row["value"]) for name in expected for row in [figure(stage, name, "2026-11")]
    }


def test_of_files_that_tell_no_waits_nobody_can_say_what_the_time_went_into():
    """Of a list whose waits nobody wrote down all time would read as work."""
    rows = [clocked(1, paused=1, response_seconds=3600), clocked(8, response_seconds=3600), clocked(8, response_seconds=3600)]
    told = measured(*rows, request_events=event_log(2), **of_files("with-waits", "without", "events"))
    assert [3, 2] == [figure(stage, "stage-customer", "2026-11")["n"] for stage in (measured(*rows), told)]


def reopenings(**more: Any) -> Measured:
    """Completed on 30 October, ten business days are over on 16 November, Veterans Day between; on 6 November, on the 23rd."""
    return measured(
        asked("met", "2026-11-06", "2026-10-26 09:00", completed="2026-10-30 09:00", reopened_within_days=10, reopen_count=1),
        asked("met", "2026-11-06", "2026-10-26 09:00", completed="2026-10-30 09:00", reopened_within_days=11, reopen_count=1),
        asked("met", "2026-11-16", "2026-11-02 09:00", completed="2026-11-06 09:00"),
        asked("met", "2026-11-16", "2026-11-02 09:00", completed="2026-11-09 09:00", reopened_within_days=1, reopen_count=1),
        **more,
    )


def test_a_request_counts_as_reopened_or_not_on_the_day_its_ten_business_days_are_over():
    stage = reopenings(request_events=event_log(0, 1, 2, 3))
    november = figure(stage, "reopen-rate", "2026-11")
    assert (3, 1, 0) == (november["n"], november["met"], figure(stage, "reopen-rate", "2026-10")["n"])


def test_of_lists_that_tell_no_reopenings_nobody_can_say_a_rate():
    stage = reopenings()
    november = figure(stage, "reopen-rate", "2026-11")
    assert (0, 0, True, "") == (november["n"], november["met"], np.isnan(november["value"]), november["verdict"])
    # one of three completed requests comes from an event log
    mixed = figure(reopenings(request_events=event_log(0)), "reopen-rate", "2026-11")
    assert (1, 1) == (mixed["n"], mixed["met"])


@pytest.mark.parametrize(("taken_on", "n"), [("2026-11-23", 3), ("2026-11-16", 2), ("2026-11-15", 0)])
def test_a_log_tells_of_reopenings_up_to_the_day_on_which_its_newest_file_was_taken(taken_on: str, n: int):
    files = {"october.csv": "2026-11-01", "november.csv": taken_on}
    usual = {"kind": "requests", "layout": "log", "bytes": 1, "rows_read": 1, "rows_accepted": 1, "rows_quarantined": 0}
    inputs = INPUTS.frame({"file": name, "taken_on": pd.Timestamp(day)} | usual for name, day in files.items())
    places = PLACES.frame({"source": place, "file": "october.csv", "row": 1, "became": "event"} for place in range(4))
    stage = reopenings(request_events=event_log(0, 1, 2, 3), places=places, inputs=inputs)
    assert n == figure(stage, "reopen-rate", "2026-11")["n"]


def test_what_stood_open_when_the_desk_closed_on_the_last_business_day_of_a_month():
    stage = measured(
        asked("met", "2026-11-06", "2026-10-30 16:59", completed="2026-10-30 17:00"),  # completed at the closing
        asked("met", "2026-11-06", "2026-10-30 16:59", completed="2026-10-30 17:01"),
        asked("on-track", "2026-11-30", "2026-10-30 17:01"),  # came in after it
        asked("on-track", "2026-11-30", "2026-10-16 09:00"),  # 10 business days before
        asked("on-track", "2026-11-30", "2026-10-15 09:00"),  # 11
        asked("excluded", None, "2026-10-29 09:00", status="cancelled"),  # nobody knows until when it stood open
        asked("excluded", None, "2026-10-29 09:00", status="cancelled", completed="2026-11-02 09:00"),
        asked("excluded", None, "2026-10-29 09:00", status="duplicate"),
    )
    bands = ("backlog", "backlog-0-2", "backlog-3-5", "backlog-6-10", "backlog-over-10")
    assert [4, 2, 0, 1, 1] == [figure(stage, name, "2026-10")["value"] for name in bands]
    assert [3, 3] == [figure(stage, "backlog", period)["value"] for period in ("2026-11", "FY2027-YTD")]


def test_a_reopened_request_stands_open_again_in_its_later_episode():
    first = asked("met", "2026-10-09", "2026-10-01 09:00", completed="2026-10-02 09:00", reopen_count=1)
    began, ended = local("2026-10-29 09:00", "2026-11-03 09:00")
    again = {"request_id": "R0", "episode": 2, "began_at": began, "ended_at": ended, "status": "completed", "source": 1}
    stage = measured(first, episodes=EPISODES.frame([again]))
    assert [1, 0] == [figure(stage, "backlog", month)["n"] for month in ("2026-10", "2026-11")]
    assert 1 == figure(stage, "backlog-0-2", "2026-10")["n"]
    # a request list tells the reopening, and that it is open, and no more
    listed = measured([first[0] | {"status": "open", "reopened_at": began}])
    assert [1, 1] == [figure(listed, "backlog", month)["n"] for month in ("2026-10", "2026-11")]


def test_more_in_than_out_over_twenty_business_days():
    """Up to 23 November the 20 business days begin on 26 October, for the 11th is Veterans Day."""
    stage = measured(
        asked("met", "2026-10-30", "2026-09-01 09:00", completed="2026-10-25 09:00"),  # a Sunday: the business day before
        asked("met", "2026-10-30", "2026-10-23 09:00", completed="2026-10-26 09:00"),
        asked("on-track", "2026-11-30", "2026-10-26 09:00", times=3),
        asked("excluded", None, "2026-10-27 09:00", status="cancelled"),
        as_of=AS_OF,
    )
    now = figure(stage, "net-flow", "2026-11")
    assert (2.0, 4) == (now["value"], now["n"])
    early = figure(measured(asked("met", "2026-11-09")), "net-flow", "2026-11")
    assert np.isnan(early["value"])


def test_past_the_calendar_nothing_is_said_of_what_stood_open():
    stage = measured(asked("met", "2035-12-31", "2035-12-20 09:00", completed="2035-12-21 09:00"), as_of=dt.date(2036, 1, 2))
    assert not {"backlog", "net-flow"} & set(stage.table["measure"])
    assert 1 == figure(stage, "requests-completed", "2035-12")["n"]
