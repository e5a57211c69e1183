"""The workbook of measures, re-opened with openpyxl as its reader sees it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline import contracts
from pipeline.contracts import CLOSED_PERIODS, Books, Closed
from pipeline.publish import measure_words, workbooks
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks import metrics_rows
from pipeline.publish.workbooks.metrics_figures import SHEETS, Figures
from pipeline.publish.workbooks.metrics_sheets import Months
from pipeline.publish.workbooks.totals import METRICS_PATH
from pipeline.service import MEASURES_DECLARED
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS
from tests.publish.test_workbooks import HOSTILE, SMALLEST_PRINT, printed_points

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")
ALWAYS = ["All measures", "Agency measures", "Definitions", "Requests", "Outages", "Ends", "Checks", "About"]
ON_TIME = {"measure": "on-time-completion", "dimension": "office", "unit": "share", "target": 0.95}
OCTOBER = ON_TIME | {"period": "2026-10", "value": 0.75, "n": 4, "met": 3, "low": 0.3, "high": 0.95, "verdict": "too-few"}
FIRST = {"first_value": 1.0, "first_published": "FY2027-P04"}
RECEIVED = {"measure": "requests-received", "dimension": "office", "unit": "requests"}
PORTAL = {"measure": "portal-availability", "dimension": "service", "member": "portal", "unit": "share", "target": 0.999}
MEASURED = [
    OCTOBER | FIRST,
    ON_TIME | {"period": "2026-09", "value": 1.0, "n": 2, "met": 2, "low": 0.34, "high": 1.0, "verdict": "too-few"},
    ON_TIME | {"period": "2026-08", "n": 0, "met": 0},
    ON_TIME | {"period": "2026-07", "value": 1.0, "n": 1, "met": 1, "low": 0.2, "high": 1.0, "verdict": "too-few"},
    ON_TIME | {"period": "FY2027-YTD", "value": 6 / 7, "n": 7, "met": 6, "low": 0.48, "high": 0.97, "verdict": "too-few"},
    ON_TIME | {"period": "FY2026-YTD", "value": 0.5, "n": 2, "met": 1, "low": 0.09, "high": 0.9, "verdict": "too-few"},
    OCTOBER | {"dimension": "agency", "member": "DOT", "n": 3, "met": 3, "value": 1.0},
    OCTOBER | {"dimension": "kind", "member": "new"},
    RECEIVED | {"period": "2026-10", "value": 5.0, "n": 5},
    RECEIVED | {"period": "2026-09", "value": 4.0, "n": 4},
    PORTAL | {"period": "2026-10", "value": 0.99987, "n": 1, "verdict": "met"},
    PORTAL | {"period": "2026-10", "member": "archive", "value": 0.5, "n": 2, "verdict": "missed"},
    {"measure": "open-requests", "dimension": "office", "period": "2026-11", "unit": "requests", "value": 1.0, "n": 1},
]


def asked(number: int, due: str | None, verdict: str, **more: Any) -> dict[str, Any]:
    return {
        "request_id": f"R-{number}",
        "kind": "new",
        "agency": "DOT",
        "status": "open" if verdict in ("overdue", "at-risk") else "completed",
        "received_on": pd.Timestamp(due or "2026-10-01"),
        "due_on": pd.Timestamp(due) if due else None,
        "completed_at": None if verdict in ("overdue", "at-risk") else pd.Timestamp("2026-10-01T15:00Z"),
        "business_seconds": 5400,
        "late_seconds": 7200 if verdict == "overdue" else None,
        "verdict": verdict,
        "reopen_count": 0,
        "source": number,
        "requester": "somebody@secret.example",
    } | more


ASKED = [
    asked(1, "2026-10-01", "met"),
    asked(2, "2026-10-31", "met"),
    asked(3, "2026-10-20", "met"),
    asked(4, "2026-10-20", "overdue"),
    asked(5, "2026-09-02", "met"),
    asked(6, "2026-09-30", "met"),
    asked(7, "2026-07-02", "met"),
    asked(8, "2026-10-20", "missed", assumed_target=True),
    asked(9, "2026-10-20", "excluded", status="cancelled"),
    asked(10, "2026-11-30", "at-risk"),
    asked(11, None, "invalid"),
    asked(12, "2023-01-05", "met"),
]
DOWN = [
    {"source": 20, "service": "portal", "began_at": "2026-10-31T12:15:00Z", "ended_at": "2026-10-31T13:45:00Z", "kind": "full"},
    {"source": 21, "service": "archive", "began_at": "2026-11-22T12:15:00Z", "kind": "full", "note": "called ann@secret.example"},
]
RENEWED = {"outcome": "renewed", "issued_at": "2026-09-20T12:00:00Z", "lead_time_days": 10.7, "band": "after-first-notice"}
ENDED = [
    {"host": "app.dot.example.gov", "agency": "DOT", "certificate": "ab" * 32, "ended_at": "2026-10-01T04:00:00Z"} | RENEWED,
    {"host": "old.dot.example.gov", "certificate": "cd" * 32, "ended_at": "2020-10-01T04:00:00Z", "outcome": "unknown"},
]


def books(**tables: Any) -> Books:
    places = contracts.PLACES.frame({"source": number, "file": "inbox/requests/log.csv", "row": number + 1} for number in range(1, 60))
    made = {
        "measures": contracts.MEASURES.frame(MEASURED),
        "requests": contracts.REQUESTS.frame(ASKED),
        "outages": contracts.OUTAGE_ROWS.frame(DOWN),
        "renewals": contracts.RENEWALS.frame(ENDED),
        "places": places,
        "closed": closed("FY2027-P04"),
    }
    return bookkeeping.books([], **(made | tables))


def closed(period: str) -> Closed:
    month = {"period": period, "turn": 1, "closed_on": dt.date(2026, 11, 5), "closed_by": "Ann", "sums": "00"}
    return Closed(periods=CLOSED_PERIODS.frame([month]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("metrics")
    workbooks.write_metrics(books(), SETTINGS, STAMP, made)
    return made


@pytest.fixture(scope="module")
def book(folder: Path) -> Any:
    return openpyxl.load_workbook(folder / METRICS_PATH, data_only=True)


def table(book: Any, sheet: str, head: str) -> list[dict[str, Any]]:
    """The rows below the header row that begins with `head`."""
    rows = list(book[sheet].iter_rows(values_only=True))
    top = next(number for number, row in enumerate(rows) if row[0] == head)
    below = rows[top + 1 :]
    end = next((number for number, row in enumerate(below) if row[0] is None), len(below))
    return [dict(zip([str(cell).replace("\n", " ") for cell in rows[top]], row, strict=True)) for row in below[:end]]


def texts(path: Path) -> str:
    with zipfile.ZipFile(path) as package:
        return "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))


def test_the_sheets_are_those_of_measures_with_figures_and_the_rows_behind(book: Any) -> None:
    assert ["Summary", "On time", "Availability", "Received", *ALWAYS] == book.sheetnames


def test_every_measure_that_has_a_sheet_is_declared() -> None:
    assert set(SHEETS) <= {measure.id for measure in MEASURES_DECLARED}


def test_the_first_sheet_says_each_measure_in_words_and_figures(book: Any) -> None:
    lines = {line["Measure"]: line for line in table(book, "Summary", "Measure")}
    on_time = lines["Completed on time"]
    assert (
        "In October 2026, 3 of the 4 requests due (75.0 %, likely range 30.0 % to 95.0 %) were completed by their due day; target 95.0 %."
        == on_time["In words"]
    )
    assert {
        "Figure": 0.75, "Cases": 4, "Likely range": "30.0 to 95.0 %", "Target": 0.95, "Verdict": "too few to judge",
        "Against the month before": "−25.0 points", "Year to date": 6 / 7, "Same span last year": 0.5,
        "First published": "first published as 100.0 % (FY2027-P04)",
    } == {title: value for title, value in on_time.items() if title not in ("Measure", "In words")}  # fmt: skip
    received = lines["Requests received"]
    assert ("+1 request", "no target", "not in its close") == (
        received["Against the month before"],
        received["Verdict"],
        received["First published"],
    )
    assert ("1 request is open.", "of today only") == (lines["Open requests"]["In words"], lines["Open requests"]["Year to date"])
    assert {"Availability around the clock, archive", "Availability around the clock, portal"} <= set(lines)


def test_a_sheet_of_a_measure_has_its_months_and_a_chart_with_a_text(book: Any, folder: Path) -> None:
    months = table(book, "On time", "Month")
    assert ["2026-07", "2026-08", "2026-09", "2026-10"] == [f"{row['Month']:%Y-%m}" for row in months]
    assert [1.0, None, 1.0, 0.75] == [row["Share"] for row in months]
    assert (4, 3, 0.3, 0.95, 0.95, "too few to judge", 1.0, "FY2027-P04") == tuple(months[-1].values())[1:3] + tuple(months[-1].values())[
        4:10
    ]
    assert ("not closed yet", "none") == (months[0]["First published"], months[0]["By the close of"])
    assert [("archive", 0.5), ("portal", 0.99987)] == [(row["Service"], row["Share"]) for row in table(book, "Availability", "Month")]
    with zipfile.ZipFile(folder / METRICS_PATH) as package:
        drawings = "".join(package.read(name).decode() for name in package.namelist() if "drawings/drawing" in name)
    assert "Completed on time by month, July 2026 to October 2026. 75.0 % in October 2026. The table beside it has the figures." in drawings
    assert "archive: 50.0 % in October 2026; portal: 99.987 % in October 2026" in drawings


def test_the_months_are_counted_live_from_the_requests_and_come_to_the_figures(folder: Path) -> None:
    found = list(recalculation.formulas(folder / METRICS_PATH))
    assert [] == [(place, shown, wanted) for place, shown, wanted in found if shown != wanted]
    counts = [place for place, _, _ in found if "COUNTIFS" in place]
    assert (8, {"On time"}) == (len(counts), {place.split("!")[0] for place in counts})


def test_every_check_holds(book: Any) -> None:
    checks = table(book, "Checks", "What must agree")
    assert [True] * len(checks) == [row["Agrees"] for row in checks]
    assert [7, 6] == [row["In this workbook"] for row in checks[:2]]


def test_the_requests_say_when_they_were_due_and_whether_they_count(book: Any) -> None:
    rows = {row["Request"]: row for row in table(book, "Requests", "Request")}
    assert {f"R-{number}" for number in range(1, 12)} == set(rows)
    late = rows["R-4"]
    assert ("new certificate", "DOT", "open", "overdue", 1.5, "given", "yes") == tuple(
        late[title] for title in ("Kind", "Agency", "Completed", "Verdict", "Desk hours", "Promise", "Counts")
    )
    assert ("2026-10-01", "inbox/requests/log.csv", 5) == (f"{late['Month due']:%Y-%m-%d}", late["File"], late["Row or line"])
    assert (2.0, "not late") == (late["Hours late"], rows["R-1"]["Hours late"])
    assert ["assumed", "no", "no"] == [rows["R-8"]["Promise"], rows["R-9"]["Counts"], rows["R-10"]["Counts"]]
    note = [row[0] for row in book["Requests"].iter_rows(max_row=3, values_only=True)]
    assert any("1 request of earlier months: tables/requests.csv has all 12." in str(text) for text in note)


def test_outages_and_ends_are_told_in_the_offices_time(book: Any) -> None:
    newest, older = table(book, "Outages", "Service")
    assert ("goes on", "goes on", "goes on") == (newest["Ended on"], newest["Until"], newest["Hours"])
    assert ("08:15", "09:45", 1.5, "2026-10-31") == (older["At"], older["Until"], older["Hours"], f"{older['Began on']:%Y-%m-%d}")
    (end,) = table(book, "Ends", "Host name")
    assert ("2026-09-30", "7 to 30 days", 10.7) == (f"{end['Last day']:%Y-%m-%d}", end["Renewed before the end"], end["Days before"])


def test_all_measures_are_those_of_the_office_and_agencies_have_their_own(book: Any) -> None:
    figures = table(book, "All measures", "Measure")
    assert 11 == len(figures)
    assert {"office", "portal", "archive"} == {row["Whose"] for row in figures}
    (agency,) = table(book, "Agency measures", "Measure")
    assert ("DOT", "October 2026", 1.0, 3) == tuple(agency[title] for title in ("Agency", "Period", "Figure", "Cases"))


def test_every_declared_measure_is_defined(book: Any) -> None:
    defined = table(book, "Definitions", "Measure")
    assert [measure.id for measure in MEASURES_DECLARED] == [row["Name"] for row in defined]
    assert [] == [
        row["Name"] for row in defined if not all(row[title] for title in ("Formula", "What counts", "What does not", "Computed from"))
    ]


def test_no_contact_and_no_free_text_is_told(folder: Path) -> None:
    assert "secret" not in texts(folder / METRICS_PATH)


def test_no_text_of_the_data_becomes_a_formula(tmp_path: Path) -> None:
    requests = contracts.REQUESTS.frame(asked(1, "2026-10-01", "met", request_id=HOSTILE, agency=HOSTILE, order_id=HOSTILE) for _ in (1,))
    outages = contracts.OUTAGE_ROWS.frame([DOWN[0] | {"service": HOSTILE}])
    measures = contracts.MEASURES.frame(
        [PORTAL | {"period": "2026-10", "value": 1.0, "n": 0, "member": HOSTILE}, OCTOBER | {"dimension": "agency", "member": HOSTILE}]
    )
    workbooks.write_metrics(books(requests=requests, outages=outages, measures=measures), SETTINGS, STAMP, tmp_path)
    found = list(recalculation.formulas(tmp_path / METRICS_PATH))  # refuses a formula that is not ours
    assert {"Checks"} == {place.split("!")[0] for place, _, _ in found}


def test_the_tables_stay_large_enough_to_read_on_letter_paper(folder: Path) -> None:
    made = openpyxl.load_workbook(folder / METRICS_PATH)
    assert [] == [sheet.title for sheet in made if printed_points(sheet) < SMALLEST_PRINT]
    assert [] == [sheet.title for sheet in made if not sheet.freeze_panes and sheet.title != "About"]


def test_the_same_books_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = workbooks.write_metrics(books(), SETTINGS, STAMP, tmp_path)
    assert (folder / METRICS_PATH).read_bytes() == again.read_bytes()


def test_what_it_shows_is_held_against_the_books(folder: Path) -> None:
    assert [True, True] == [check.holds for check in workbooks.metric_ties(books(), AS_OF, folder)]
    fewer = books(measures=contracts.MEASURES.frame([OCTOBER | {"n": 5}]))
    assert [False, False] == [check.holds for check in workbooks.metric_ties(fewer, AS_OF, folder)]


def test_an_office_without_any_figure_has_its_workbook_too(tmp_path: Path) -> None:
    nothing = bookkeeping.books([])
    workbooks.write_metrics(nothing, SETTINGS, STAMP, tmp_path)
    made = openpyxl.load_workbook(tmp_path / METRICS_PATH, data_only=True)
    assert ["Summary", *ALWAYS] == made.sheetnames
    assert "No request was due yet, so there is nothing to judge." in [row[0] for row in made["Summary"].iter_rows(values_only=True)]
    assert [True] == [check.holds for check in workbooks.metric_ties(nothing, AS_OF, tmp_path)]


def test_of_too_many_requests_the_newest_whole_months_are_shown_and_counted_live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_rows, "MOST_REQUESTS", 8)
    workbooks.write_metrics(books(), SETTINGS, STAMP, tmp_path)
    made = openpyxl.load_workbook(tmp_path / METRICS_PATH, data_only=True)
    assert {"R-1", "R-2", "R-3", "R-4", "R-8", "R-9", "R-10", "R-11"} == {row["Request"] for row in table(made, "Requests", "Request")}
    found = list(recalculation.formulas(tmp_path / METRICS_PATH))
    assert (2, []) == (sum("COUNTIFS" in place for place, _, _ in found), [place for place, shown, wanted in found if shown != wanted])
    assert [1, None, 2, 4] == [row["Due"] or None for row in table(made, "On time", "Month")]


@pytest.mark.parametrize("as_of", [dt.date(2026, 10, 31), dt.date(2026, 11, 1)])
def test_the_last_month_is_the_last_that_has_ended(as_of: dt.date, tmp_path: Path) -> None:
    workbooks.write_metrics(books(), SETTINGS, dataclasses.replace(STAMP, as_of=as_of), tmp_path)
    made = openpyxl.load_workbook(tmp_path / METRICS_PATH, data_only=True)
    assert "Service levels: October 2026" in [row[0] for row in made["Summary"].iter_rows(values_only=True)]


def test_what_nine_in_ten_of_a_few_waited_is_withheld_as_on_the_pages() -> None:
    name = "first-response-p90"
    told = {"measure": name, "dimension": "office", "unit": "hours"}
    figures = [told | {"period": "2026-10", "n": 9, "value": 1.25}, told | {"period": "2026-09", "n": 10, "value": 2.5}]
    shown = Figures(bookkeeping.books([], measures=contracts.MEASURES.frame(figures)), SETTINGS, AS_OF)
    rows = [shown.row(name, "office", "", month) for month in ("2026-10", "2026-09")]
    assert [None, 2.5] == Months(["office"] * 2, ["2026-10", "2026-09"], rows, 2).told()
    assert rows[0] is not None
    (declared,) = [one for one in MEASURES_DECLARED if one.id == name]
    assert "In October 2026, 9 requests are too few to tell what nine in ten wait." == measure_words.sentence(declared, rows[0])
