"""Event logs of ticket systems from the file to the verdicts, on made-up logs of the same form as the real ones."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipeline import flow
from pipeline.contracts import Books
from pipeline.sources import settings_file
from tests import event_logs
from tests.conftest import ROOT, copy_workspace

LOG = "inbox/requests/log.csv"


def books_of(text: str, folder: Path) -> Books:
    """The books of the small office with `text` as its only request log."""
    root = copy_workspace(ROOT / "tests/flow/workspace", folder)
    shutil.rmtree(root / "data/inbox/requests")
    (root / "data/inbox/requests").mkdir()
    (root / "data" / LOG).write_text(text, encoding="utf-8")
    return flow.prepare(root, settings_file.read(root / "certledger.toml"), dt.date(2026, 11, 23), lambda text: None)


@pytest.fixture(scope="module")
def incidents(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return books_of(event_logs.servicenow(), tmp_path_factory.mktemp("servicenow"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Books:
    return books_of(event_logs.plain(), tmp_path_factory.mktemp("plain"))


def counted(books: Books) -> tuple[str, int, int, int]:
    row = books.inputs.set_index("file").loc[LOG]
    return row["layout"], row["rows_read"], row["rows_accepted"], row["rows_quarantined"]


def column(books: Books, name: str) -> dict[str, object]:
    return dict(zip(books.requests["request_id"], books.requests[name], strict=True))


def codes(books: Books) -> list[str]:
    return sorted(books.findings.loc[books.findings["file"] == LOG, "code"])


def test_every_event_is_read_and_every_case_is_one_request(incidents: Books, cases: Books) -> None:
    assert ("servicenow-incident", 22, 22, 0) == counted(incidents)
    assert ("event-log-bpi", 15, 15, 0) == counted(cases)
    assert [f"INC010000{number}" for number in range(1, 6)] == incidents.requests["request_id"].tolist()
    assert ["0", "1", "2", "3"] == cases.requests["request_id"].tolist()


def test_every_case_ends_as_its_log_says(incidents: Books, cases: Books) -> None:
    assert {"completed"} == set(incidents.requests["status"])
    assert {"0": "completed", "1": "completed", "2": "completed", "3": "cancelled"} == column(cases, "status")
    assert {"0": 0, "1": 0, "2": 1, "3": 0} == column(cases, "reopen_count")
    assert [0, 0, 1, 0, 0] == incidents.requests["reopen_count"].tolist()


def test_the_first_resolution_counts_and_without_one_the_closing(incidents: Books) -> None:
    done = column(incidents, "completed_at")
    assert pd.Timestamp("2026-03-10T17:00:00Z") == done["INC0100003"]
    assert pd.Timestamp("2026-03-18T16:00:00Z") == done["INC0100004"]
    assert "completed-by-closing" in codes(incidents)


def test_waiting_for_the_customer_is_paused(incidents: Books, cases: Books) -> None:
    paused = column(incidents, "paused_seconds")
    # Thursday 15:00 to 17:00, Friday and Monday 11 hours each, Tuesday 06:00 to 09:00
    assert (2 + 11 + 11 + 3) * 3600 == paused["INC0100002"]
    assert 0 == paused["INC0100001"]
    assert (2 + 11 + 11 + 3) * 3600 == column(cases, "paused_seconds")["1"]


def test_an_hour_that_the_clocks_skip_is_read_and_told(incidents: Books) -> None:
    assert "skipped-hour" in codes(incidents)


def test_a_log_that_names_no_agency_is_told_once(incidents: Books, cases: Books) -> None:
    assert 1 == codes(incidents).count("unassigned-requests")
    assert ["stale-source", "unassigned-requests"] == codes(cases)
    assert {""} == set(incidents.requests["agency"])
