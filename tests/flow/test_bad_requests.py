"""Every bad time of a request list, from the file to the verdict: told with a code, never negative, never dropped without a word."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from pipeline.contracts import Inbox
from pipeline.requests import log
from pipeline.requests.logbook import Logged
from pipeline.settings import Settings, Target
from tests.massachusetts import desk_time, local
from tests.sources.offices import AS_OF, Office

LIST, PAUSES = "inbox/requests/requests.csv", "inbox/requests/pauses.csv"
HEADER = "request_id,kind,agency,submitted_at,first_response_at,completed_at,status"
PROMISED = Settings(target=(Target(measure="on-time-completion", kinds=("new",), business_days=5, share=Decimal("0.95")),))
# What is in the row, and the code that tells of it.
ROWS = {
    "sound": ("2026-11-02T09:00:00,,2026-11-05T09:00:00,completed", ""),
    "closed-early": ("2026-11-02T09:00:00,,2026-11-01T09:00:00,completed", "closed-before-opened"),
    "answered-early": ("2026-11-02T09:00:00,2026-11-01T09:00:00,2026-11-05T09:00:00,completed", "answered-before-opened"),
    "from-tomorrow": ("2026-11-24T09:00:00,,,open", "future-stamp"),
    "done-tomorrow": ("2026-11-02T09:00:00,,2026-11-24T09:00:00,completed", "future-stamp"),
    "skipped-hour": ("2026-03-08T02:30:00,,2026-03-09T07:00:00,completed", "skipped-hour"),
    "repeated-hour": ("2026-11-01T01:30:00,,2026-11-02T07:00:00,completed", "repeated-hour"),
    "no-such-day": ("2026-11-31T09:00:00,,,open", "bad-date"),
    "no-end": ("2026-11-02T09:00:00,,,completed", "completed-without-time"),
    "in-utc": ("2026-11-02T14:00:00Z,,2026-11-05T14:00:00Z,completed", ""),
    "two-ways": ("2026-11-02T09:00:00,,2026-11-05T09:00:00,completed", ""),
    "other-days": ("1999-11-02T09:00:00,,1999-11-05T09:00:00,completed", "outside-calendar"),
}
PAUSED = (
    ("sound,2026-11-03T09:00:00,", "pause-not-ended"),
    ("sound,2026-10-01T09:00:00,2026-10-02T09:00:00", "pause-without-effect"),
    ("sound,2026-11-06T09:00:00,2026-11-06T10:00:00", "pause-without-effect"),
    ("nobody,2026-11-06T09:00:00,2026-11-06T10:00:00", "orphan-pause"),
)


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    office = Office(tmp_path_factory.mktemp("bad"))
    differs = "two-ways,new,DLH,2026-11-02T09:00:00,,2026-11-12T09:00:00,completed"
    lines = [HEADER, *(f"{name},new,DLH,{cells}" for name, (cells, _) in ROWS.items()), differs]
    office.put(LIST, "\n".join(lines) + "\n")
    office.put(PAUSES, "\n".join(["request_id,paused_at,resumed_at", *(cells for cells, _ in PAUSED)]) + "\n")
    return office.read()


@pytest.fixture(scope="module")
def logged(read: Inbox) -> Logged:
    tables = read.request_rows, read.request_events, read.pause_rows, read.agencies, read.aliases
    return log(*tables, PROMISED, desk_time(), AS_OF)


def test_each_bad_row_is_told_with_its_code(read: Inbox, logged: Logged) -> None:
    expected = Counter(code for _, code in (*ROWS.values(), *PAUSED) if code)
    found = Counter(finding.code for finding in (*read.findings, *logged.findings))
    assert expected == Counter({code: count for code, count in found.items() if code in expected})
    assert 2 == found["conflicting-rows"], "both rows of the request that is told in two ways"


def test_every_row_is_a_request_or_set_aside(read: Inbox, logged: Logged) -> None:
    (counts,) = read.inputs.loc[read.inputs["file"] == LIST, ["rows_read", "rows_accepted", "rows_quarantined"]].to_numpy().tolist()
    assert [len(ROWS) + 1, len(logged.table), 3] == counts
    assert set(ROWS) - {"no-such-day", "two-ways"} == set(logged.table["request_id"])
    assert logged.table["request_id"].tolist() == logged.episodes["request_id"].tolist()


def test_what_cannot_be_judged_is_invalid_and_nothing_is_negative(logged: Logged) -> None:
    verdicts = logged.table.set_index("request_id")["verdict"]
    invalid = {"closed-early", "from-tomorrow", "done-tomorrow", "no-end", "other-days"}
    assert invalid == set(verdicts.index[verdicts == "invalid"])
    assert {"met"} == set(verdicts[verdicts != "invalid"])
    for name in ("business_seconds", "paused_seconds", "customer_seconds", "response_seconds", "late_seconds", "business_days"):
        assert not (logged.table[name] < 0).any(), name
    assert 0 == logged.table.loc[logged.table["request_id"] == "answered-early", "response_seconds"].notna().sum()


def test_times_without_a_zone_are_the_offices_and_those_with_one_their_own(logged: Logged) -> None:
    times = logged.table.set_index("request_id")[["submitted_at", "completed_at"]]
    assert times.loc["sound"].tolist() == times.loc["in-utc"].tolist()
    assert local("2026-03-08 03:30")[0] == times.loc["skipped-hour", "submitted_at"]
    assert pd.Timestamp("2026-11-01T05:30:00Z") == times.loc["repeated-hour", "submitted_at"]
    assert {"skipped-hour": 3600, "repeated-hour": 3600} == {
        name: logged.table.set_index("request_id").loc[name, "business_seconds"] for name in ("skipped-hour", "repeated-hour")
    }


def test_days_without_times_get_a_verdict_and_no_hours(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.put(LIST, f"{HEADER}\nR1,new,DLH,2026-11-02,,2026-11-09,completed\nR2,new,DLH,2026-11-02,,2026-11-10,completed\n")
    read = office.read()
    stage = log(
        read.request_rows, read.request_events, read.pause_rows, read.agencies, read.aliases,
        PROMISED, desk_time(), AS_OF,
    )  # fmt: skip
    assert [("met", 5), ("missed", 6)] == list(zip(stage.table["verdict"], stage.table["business_days"], strict=True))
    assert stage.table[["business_seconds", "customer_seconds", "late_seconds"]].isna().all(axis=None)
