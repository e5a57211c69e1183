"""The request log: verdicts, pauses, event logs and what is said about rows that cannot be judged."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any
from zlib import crc32

import pandas as pd
import pytest

from pipeline.contracts import AGENCIES, ALIASES, PAUSE_ROWS, REQUEST_EVENTS, REQUEST_ROWS, Stage
from pipeline.findings import CODES
from pipeline.requests import log
from pipeline.settings import Settings, Target
from tests.massachusetts import desk_time, local
from tests.unit.test_calendar import WORKED, Worked

TIME = desk_time()
AS_OF = dt.date(2026, 11, 23)
PROMISED = ("new", "renew", "issue")
# What the stricter readings say of the worked cases, and how late the missed ones are (facts/service-levels §2.3).
NOT_BY_CLOSE = ("W15", "W16", "W24", "W25")
NOT_BY_HOURS = ("W03", "W15", "W16", "W23", "W24", "W25")
LATE = {"W15": 0, "W16": 14 * 3600, "W24": 60}
SETTINGS = Settings(
    target=(
        Target(measure="on-time-completion", kinds=PROMISED, business_days=5, share=Decimal("0.95")),
        Target(measure="on-time-completion", kinds=("reissue", "revoke"), business_days=5, share=Decimal("0.95"), assumed=True),
    )
)
DIRECTORY = AGENCIES.frame([{"agency": "DOT", "name": "Department of Transport"}, {"agency": "REV", "name": "Department of Revenue"}])
NO_EVENTS, NO_ALIASES = REQUEST_EVENTS.empty(), ALIASES.empty()


def instant(stamp: str | None) -> pd.Timestamp | None:
    return None if stamp is None else local(stamp)[0]


def request(request_id: str, submitted: str | None, completed: str | None = None, **more: Any) -> dict[str, Any]:
    row = {
        "source": more.pop("source", crc32(request_id.encode())),
        "request_id": request_id,
        "kind": "new",
        "agency_text": "DOT",
        "agency_match": "code",
        "submitted_at": instant(submitted),
        "completed_at": instant(completed),
        "status": "completed" if completed else "open",
        "reopen_count": 0,
        "has_agency_column": True,
    }
    return row | more


def pause(request_id: str, paused: str, resumed: str | None, source: int) -> dict[str, Any]:
    return {"source": source, "request_id": request_id, "paused_at": instant(paused), "resumed_at": instant(resumed)}


def logged(
    rows: list[dict[str, Any]] = [],  # noqa: B006 - never changed
    pauses: list[dict[str, Any]] = [],  # noqa: B006
    events: pd.DataFrame | None = None,
    as_of: dt.date = AS_OF,
    settings: Settings = SETTINGS,
) -> Stage:
    return log(
        REQUEST_ROWS.frame(rows),
        NO_EVENTS if events is None else events,
        PAUSE_ROWS.frame(pauses),
        DIRECTORY,
        NO_ALIASES,
        settings,
        TIME,
        as_of,
    )


def only(stage: Stage) -> dict[str, Any]:
    (row,) = stage.table.to_dict("records")
    return row


def codes(stage: Stage) -> dict[str, int]:
    return dict(Counter(finding.code for finding in stage.findings))


@pytest.fixture(scope="module")
def worked() -> Stage:
    return logged([request(case.id, case.submitted, case.completed) for case in WORKED], as_of=dt.date(2028, 1, 1))


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case.id)
def test_worked_case(case: Worked, worked: Stage):
    (row,) = worked.table[worked.table["request_id"] == case.id].to_dict("records")
    assert local(case.starts)[0] == row["clock_starts_at"]
    assert pd.Timestamp(case.starts[:10]) == row["received_on"]
    assert pd.Timestamp(case.due) == row["due_on"]
    assert (case.seconds, 0, case.days) == (row["business_seconds"], row["paused_seconds"], row["business_days"])
    assert ("met" if case.met else "missed") == row["verdict"]
    assert ("no" if case.id[:3] in NOT_BY_CLOSE else "yes") == row["on_time_by_close"]
    assert ("no" if case.id[:3] in NOT_BY_HOURS else "yes") == row["on_time_by_hours"]
    assert (LATE.get(case.id[:3]), case.seconds) == (None if pd.isna(row["late_seconds"]) else row["late_seconds"], row["customer_seconds"])
    assert {} == codes(worked)


def test_w22_closed_before_opened_is_invalid_and_said():
    stage = logged([request("R1", "2026-10-06 10:00", "2026-10-05 09:00", source=42)])
    row = only(stage)
    assert "invalid" == row["verdict"]
    assert pd.isna(row["business_seconds"])
    assert pd.isna(row["due_on"])
    (finding,) = stage.findings
    assert ("closed-before-opened", "completed_at", "2026-10-05T13:00:00Z", 42) == (
        finding.code,
        finding.column,
        finding.value,
        finding.source,
    )


def test_wp1_overlapping_pauses_count_once_and_push_the_due_day():
    stage = logged(
        [request("R1", "2026-11-02 09:00", "2026-11-12 12:00")],
        [pause("R1", "2026-11-06 08:00", "2026-11-10 09:00", 1), pause("R1", "2026-11-04 10:00", "2026-11-09 15:00", 2)],
    )
    row = only(stage)
    assert (43 * 3600, 37 * 3600) == (row["paused_seconds"], row["business_seconds"])
    assert (pd.Timestamp("2026-11-16"), "met") == (row["due_on"], row["verdict"])


@pytest.mark.parametrize(
    ("expected_due", "paused", "resumed"),
    [
        ("2026-11-10", "2026-11-09 17:00:00", "2026-11-10 12:00"),
        ("2026-11-09", "2026-11-09 17:00:01", "2026-11-10 12:00"),
        ("2026-11-09", "2026-11-10 06:00", "2026-11-10 12:00"),
        ("2026-11-10", "2026-11-09 16:59", "2026-11-10 06:00"),
        ("2026-11-09", "2026-11-07 06:00", "2026-11-08 17:00"),
    ],
    ids=["at the due second", "a second later", "next morning", "a minute before", "over the weekend"],
)
def test_a_pause_that_starts_after_the_due_instant_pushes_nothing(expected_due: str, paused: str, resumed: str):
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-12 12:00")], [pause("R1", paused, resumed, 1)])
    assert pd.Timestamp(expected_due) == only(stage)["due_on"]


def test_a_pause_that_begins_before_the_pushed_due_instant_pushes_on():
    """The first pause moves the due instant to Tuesday 17:00; the second starts that day, after the first due instant."""
    stage = logged(
        [request("R1", "2026-11-02 09:00", "2026-11-13 12:00")],
        [pause("R1", "2026-11-03 06:00", "2026-11-03 17:00", 1), pause("R1", "2026-11-10 06:00", "2026-11-10 17:00", 2)],
    )
    assert (pd.Timestamp("2026-11-12"), "missed") == (only(stage)["due_on"], only(stage)["verdict"])


@pytest.mark.parametrize(
    ("expected", "submitted", "due"),
    [
        ("overdue", "2026-11-13 09:00", "2026-11-20"),
        ("at-risk", "2026-11-16 09:00", "2026-11-23"),
        ("at-risk", "2026-11-17 16:59", "2026-11-24"),
        ("on-track", "2026-11-20 18:00", "2026-12-01"),
        ("on-track", "2026-11-23 12:59", "2026-12-01"),
    ],
)
def test_open_requests_at_the_end_of_the_as_of_day(expected: str, submitted: str, due: str):
    """W-O, asked at the end of that Monday: what is due on Tuesday then has exactly 11 desk hours left."""
    row = only(logged([request("R1", submitted)]))
    assert (expected, pd.Timestamp(due)) == (row["verdict"], row["due_on"])


def test_an_open_request_counts_its_time_until_now():
    row = only(logged([request("R1", "2026-11-20 16:00")]))
    assert (12 * 3600, 1) == (row["business_seconds"], row["business_days"])


@pytest.mark.parametrize(
    ("expected", "paused"),
    [("paused", "2026-11-18 09:00"), ("overdue", "2026-11-21 09:00")],
    ids=["before it was due", "after it was due"],
)
def test_a_pause_that_goes_on_suspends_the_promise_unless_it_was_broken(expected: str, paused: str):
    stage = logged([request("R1", "2026-11-13 09:00", status="paused")], [pause("R1", paused, None, 1)])
    row = only(stage)
    assert expected == row["verdict"]
    assert (expected == "paused") == pd.isna(row["due_on"])
    assert {} == codes(stage)


def test_a_status_of_paused_without_a_pause_cannot_excuse_a_broken_promise():
    stage = logged(
        [request("R1", "2026-11-13 09:00", status="paused"), request("R2", "2026-11-19 09:00", status="paused")],
    )
    assert ["overdue", "paused"] == stage.table["verdict"].tolist()
    assert {"pause-unknown": 1} == codes(stage)


def test_a_pause_that_was_never_ended_ends_with_the_completion():
    row = only(logged([request("R1", "2026-11-02 09:00", "2026-11-12 12:00")], [pause("R1", "2026-11-12 06:00", None, 1)]))
    assert (6 * 3600, "missed") == (row["paused_seconds"], row["verdict"])
    row = only(logged([request("R1", "2026-11-02 09:00", "2026-11-05 12:00")], [pause("R1", "2026-11-05 10:00", None, 1)]))
    assert (2 * 3600, "met") == (row["paused_seconds"], row["verdict"])


@pytest.mark.parametrize(("verdict", "paused"), [("paused", "2026-11-23 23:59"), ("on-track", "2026-11-24 00:00")])
def test_a_pause_that_begins_at_the_midnight_after_the_as_of_day_has_not_begun(verdict: str, paused: str):
    stage = logged([request("R1", "2026-11-19 09:00")], [pause("R1", paused, None, 1)])
    assert verdict == only(stage)["verdict"]


def test_pauses_before_submission_or_in_the_future_do_not_count():
    stage = logged(
        [request("R1", "2026-11-19 09:00")],
        [
            pause("R1", "2026-11-01 09:00", "2026-11-19 10:00", 1),
            pause("R1", "2026-11-25 09:00", "2026-11-25 10:00", 2),
            pause("R1", "2026-11-23 16:00", "2026-11-24 10:00", 3),
        ],
    )
    row = only(stage)
    assert (2 * 3600, "paused") == (row["paused_seconds"], row["verdict"])
    assert {"future-stamp": 3} == codes(stage)


@pytest.mark.parametrize(
    ("code", "column", "pauses"),
    [
        ("outside-calendar", "paused_at", ("2007-01-01 09:00", "2026-11-03 10:00")),
        ("outside-calendar", "paused_at", ("2007-01-01 09:00", None)),
        ("pause-without-effect", "resumed_at", ("2026-10-01 09:00", "2026-10-02 09:00")),
        ("pause-without-effect", "paused_at", ("2026-11-06 09:00", "2026-11-09 09:00")),
        ("pause-without-effect", "paused_at", ("2026-11-06 09:00", None)),
        ("pause-not-ended", "resumed_at", ("2026-11-03 09:00", None)),
    ],
)
def test_a_pause_that_cannot_count_as_it_is_written_is_one_warning(code: str, column: str, pauses: tuple[str, str | None]):
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-05 12:00")], [pause("R1", *pauses, 7)])
    assert [(code, "warning", column, 7)] == [
        (finding.code, finding.severity, finding.column, finding.source) for finding in stage.findings
    ]


def test_pauses_on_the_day_of_completion_or_after_a_reopening_are_no_doubt():
    reopened = {"reopened_at": instant("2026-11-10 09:00"), "reopen_count": 1, "status": "open"}
    stage = logged(
        [
            request("R1", "2026-11-02", "2026-11-10", dates_only=True),
            request("R2", "2026-11-02 09:00", "2026-11-05 09:00", **reopened),
        ],
        [pause("R1", "2026-11-10 09:00", "2026-11-10 16:00", 1), pause("R2", "2026-11-11 09:00", None, 2)],
    )
    assert {} == codes(stage)


def test_an_orphan_pause_is_a_finding():
    stage = logged([request("R1", "2026-11-20 09:00")], [pause("R9", "2026-11-20 10:00", None, 7)])
    assert [("orphan-pause", "R9", 7)] == [(finding.code, finding.value, finding.source) for finding in stage.findings]


def test_an_orphan_pause_is_not_said_to_be_wrong_for_its_request_may_stand_in_a_row_that_was_set_aside():
    stage = logged([request("R1", "2026-11-20 09:00")], [pause("R9", "2026-11-20 10:00", None, 7)])
    assert "The pause belongs to request R9; no request log has a row for it that could be read, so it was not counted." == (
        stage.findings[0].reason
    )
    assert CODES["orphan-pause"].remedy.startswith("Mend that row if it is quarantined, else ")


@pytest.mark.parametrize("status", ["cancelled", "duplicate"])
def test_what_was_called_off_is_excluded_with_or_without_a_time(status: str):
    stage = logged([request("R1", "2026-11-02 09:00", status=status), request("R2", "2026-11-02 09:00", "2026-11-20 09:00", status=status)])
    assert ["excluded", "excluded"] == stage.table["verdict"].tolist()
    assert [True, True] == stage.table["due_on"].isna().tolist()
    assert {} == codes(stage)


def test_a_rejection_answers_the_request():
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-04 09:00", status="rejected")])
    assert "met" == only(stage)["verdict"]


@pytest.mark.parametrize("status", ["completed", "rejected"])
def test_closed_without_a_time_is_invalid(status: str):
    stage = logged([request("R1", "2026-11-02 09:00", status=status)])
    assert "invalid" == only(stage)["verdict"]
    assert {"completed-without-time": 1} == codes(stage)


def test_a_reopened_request_keeps_the_verdict_of_its_first_completion():
    first = {"reopened_at": instant("2026-11-10 09:00"), "reopen_count": 1}
    stage = logged(
        [
            request("R1", "2026-11-02 09:00", "2026-11-05 09:00", status="open", **first),
            request("R2", "2026-11-02 09:00", "2026-11-05 09:00", status="cancelled", **first),
        ]
    )
    assert ["met", "met"] == stage.table["verdict"].tolist()
    assert [1, 1] == stage.table["reopen_count"].tolist()


@pytest.mark.parametrize("column", ["submitted_at", "first_response_at", "completed_at", "reopened_at"])
def test_a_stamp_after_the_as_of_day_is_invalid(column: str):
    completed = None if column == "submitted_at" else "2026-11-23 09:00"
    row = request("R1", "2026-11-20 09:00", completed) | {column: instant("2026-11-24 00:00")}
    stage = logged([row])
    assert "invalid" == only(stage)["verdict"]
    assert {"future-stamp": 1} == codes(stage)
    assert "invalid" != only(logged([row], as_of=dt.date(2026, 11, 24)))["verdict"]


@pytest.mark.parametrize(
    ("submitted", "completed"),
    [("2007-06-01 09:00", "2007-06-02 09:00"), ("2007-12-31 09:00", "2008-01-04 09:00")],
)
def test_a_request_outside_the_calendar_is_invalid_never_an_exception(submitted: str, completed: str):
    stage = logged([request("R1", submitted, completed)])
    assert "invalid" == only(stage)["verdict"]
    assert {"outside-calendar": 1} == codes(stage)


def test_the_end_of_the_calendar_is_a_finding_too():
    late = dt.date(2036, 2, 1)
    stage = logged(
        [
            request("R1", "2035-12-20 09:00", "2035-12-27 09:00"),
            request("R2", "2035-12-20 09:00", "2035-12-31 12:00"),
            request("R3", "2035-12-28 09:00", "2035-12-31 12:00"),
            request("R4", "2035-12-03 09:00"),
        ],
        [pause("R2", "2035-12-21 09:00", "2035-12-31 11:00", 1)],
        as_of=late,
    )
    assert ["met", "invalid", "invalid", "invalid"] == stage.table["verdict"].tolist()
    assert {"outside-calendar": 3} == codes(stage)


def test_no_time_of_submission_is_invalid():
    stage = logged([request("R1", None, "2026-11-05 09:00")])
    assert "invalid" == only(stage)["verdict"]
    assert [("missing-value", "kept")] == [(finding.code, finding.action) for finding in stage.findings]


def test_days_without_times_get_a_verdict_and_no_hours():
    stage = logged(
        [
            request("R1", "2026-11-02", "2026-11-09", dates_only=True),
            request("R2", "2026-11-02", "2026-11-10", dates_only=True),
            request("R3", "2026-11-02 09:00", "2026-11-02", dates_only=True),
            request("R4", "2026-11-02 09:00", "2026-11-01", dates_only=True),
        ]
    )
    assert ["met", "missed", "met", "invalid"] == stage.table["verdict"].tolist()
    assert [5, 6, 0] == stage.table["business_days"].tolist()[:3]
    assert [True] * 4 == stage.table["business_seconds"].isna().tolist()
    assert [True] * 4 == stage.table["clock_starts_at"].isna().tolist()
    assert {"closed-before-opened": 1} == codes(stage)


def test_a_pause_on_the_day_of_completion_counts_where_only_days_are_known():
    stage = logged(
        [request("R1", "2026-11-02", "2026-11-10", dates_only=True)],
        [pause("R1", "2026-11-09 16:00", "2026-11-10 16:00", 1)],
    )
    assert (pd.Timestamp("2026-11-10"), "met") == (only(stage)["due_on"], only(stage)["verdict"])


def test_a_kind_without_a_promise_is_excluded_and_an_assumed_promise_is_marked():
    stage = logged(
        [
            request("R1", "2026-11-02 09:00", "2026-11-05 09:00", kind="change-contact"),
            request("R2", "2026-11-02 09:00", "2026-11-05 09:00", kind="revoke"),
            request("R3", "2026-11-02 09:00", "2026-11-05 09:00", kind="issue"),
        ]
    )
    assert ["excluded", "met", "met"] == stage.table["verdict"].tolist()
    assert [False, True, False] == stage.table["assumed_target"].tolist()


def test_settings_without_targets_judge_nothing():
    stage = logged([request("R1", "2026-11-02 09:00", "2026-11-05 09:00")], settings=Settings())
    assert ("excluded", 3) == (only(stage)["verdict"], only(stage)["business_days"])


def test_agencies_and_tiers_are_found_by_name_and_their_lack_is_said():
    stage = logged(
        [
            request("R1", "2026-11-02 09:00", agency_text="department of  revenue", agency_match="name", product="Premium"),
            request("R2", "2026-11-02 09:00", agency_text="Department of Magic", agency_match="name", product="Gold"),
            request("R3", "2026-11-02 09:00", agency_text=""),
        ]
    )
    assert ["REV", "", ""] == stage.table["agency"].tolist()
    assert ["premium", "", ""] == stage.table["tier"].tolist()
    assert {"unknown-agency": 1, "unknown-tier": 1, "missing-value": 1} == codes(stage)


def test_a_request_of_a_log_without_agencies_is_nobodys_and_nothing_more_is_said_of_it():
    stage = logged([request("R1", "2026-11-20 09:00", agency_text="", has_agency_column=False)])
    assert ("", ()) == (only(stage)["agency"], stage.findings)


def test_nothing_logged_is_an_empty_table():
    assert ([], ()) == (logged().table["request_id"].tolist(), logged().findings)


# Event logs


def events(*rows: tuple[str, str, str], **more: Any) -> pd.DataFrame:
    return REQUEST_EVENTS.frame(
        {"source": number, "request_id": name, "status": status, "at": instant(at), "kind": "issue"} | more
        for number, (name, status, at) in enumerate(rows)
    )


def test_events_fold_into_a_request_with_its_pauses():
    stage = logged(
        events=events(
            ("E1", "open", "2026-11-02 09:00"),
            ("E1", "paused", "2026-11-03 06:00"),
            ("E1", "paused", "2026-11-03 10:00"),
            ("E1", "open", "2026-11-03 17:00"),
            ("E1", "resolved", "2026-11-04 12:00"),
            ("E1", "completed", "2026-11-09 12:00"),
        )
    )
    row = only(stage)
    assert (local("2026-11-02 09:00")[0], local("2026-11-04 12:00")[0]) == (row["submitted_at"], row["completed_at"])
    assert ("completed", "met", 0) == (row["status"], row["verdict"], row["reopen_count"])
    assert (11 * 3600, 14 * 3600) == (row["paused_seconds"], row["business_seconds"])
    assert pd.Timestamp("2026-11-10") == row["due_on"]
    assert {} == codes(stage)


def test_a_reopened_event_log_keeps_the_first_resolution_although_the_column_has_the_last():
    stage = logged(
        events=events(
            ("E1", "open", "2026-11-02 09:00"),
            ("E1", "resolved", "2026-11-03 12:00"),
            ("E1", "open", "2026-11-04 12:00"),
            ("E1", "paused", "2026-11-04 13:00"),
            ("E1", "resolved", "2026-11-18 12:00"),
            ("E1", "open", "2026-11-19 12:00"),
            resolved_at=instant("2026-11-18 12:00"),
        )
    )
    row = only(stage)
    assert (local("2026-11-03 12:00")[0], local("2026-11-04 12:00")[0], 2) == (row["completed_at"], row["reopened_at"], row["reopen_count"])
    assert ("met", "open", 0) == (row["verdict"], row["status"], row["paused_seconds"])


def test_a_closing_after_a_resolution_is_no_reopening():
    stage = logged(
        events=events(("E1", "open", "2026-11-02 09:00"), ("E1", "resolved", "2026-11-03 09:00"), ("E1", "cancelled", "2026-11-04 09:00"))
    )
    assert (0, "excluded") == (only(stage)["reopen_count"], only(stage)["verdict"])


def test_a_row_that_tells_of_a_later_closing_closes_the_request():
    told = {"closed_at": instant("2026-11-05 09:00"), "resolved_at": instant("2026-11-04 09:00")}
    stage = logged(events=events(("E1", "open", "2026-11-02 09:00"), ("E1", "paused", "2026-11-03 09:00"), **told))
    row = only(stage)
    assert ("completed", local("2026-11-04 09:00")[0]) == (row["status"], row["completed_at"])
    assert 11 * 3600 == row["paused_seconds"]


def test_without_a_resolution_the_closing_is_taken_with_one_note():
    stage = logged(
        events=events(
            ("E1", "open", "2026-11-02 09:00"),
            ("E1", "completed", "2026-11-05 09:00"),
            ("E2", "open", "2026-11-02 09:00"),
            ("E2", "completed", "2026-11-06 09:00"),
            ("E3", "open", "2026-11-02 09:00"),
            ("E3", "resolved", "2026-11-06 09:00"),
        )
    )
    assert [finding.reason for finding in stage.findings if finding.code == "completed-by-closing"] == [
        "Requests without a time of resolution, for which the time of closing was taken: 2."
    ]


def test_a_request_in_a_list_and_in_an_event_log_is_counted_once():
    stage = logged([request("E1", "2026-11-02 09:00", "2026-11-05 09:00")], events=events(("E1", "open", "2026-11-02 09:00")))
    assert "completed" == only(stage)["status"]
    assert {"conflicting-rows": 1} == codes(stage)


def test_events_without_a_time_come_first_and_latest_words_win():
    frame = events(("E1", "open", "2026-11-02 09:00"), ("E1", "open", "2026-11-03 09:00"), ("E1", "paused", None))
    frame["agency_text"] = pd.Series(["REV", "", "DOT"], dtype="str")
    frame["agency_match"] = pd.Series(["code"] * 3, dtype="str")
    frame["has_agency_column"] = True
    row = only(logged(events=frame))
    assert ("REV", "open") == (row["agency"], row["status"])
