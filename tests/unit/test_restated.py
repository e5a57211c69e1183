"""First published and now: what a close froze of a figure, beside what the same figure reads with what came in since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from pipeline import calendar
from pipeline.contracts import CLOSED_FILES, CLOSED_MEASURES, CLOSED_PERIODS, INPUTS, MEASURES, OUTAGE_ROWS, PLACES, REQUESTS, Closed
from pipeline.service import CameIn, Restated, beside_closed

JULY = 7
ON_TIME = {"measure": "on-time-completion", "period": "2026-10", "dimension": "office", "member": "", "unit": "share"}
OF_ROADS = ON_TIME | {"dimension": "agency", "member": "ROADS"}
RECEIVED = {"measure": "requests-received", "period": "2026-10", "dimension": "office", "member": "", "unit": "requests"}
PORTAL = {"measure": "portal-downtime", "period": "2026-10", "dimension": "service", "member": "portal", "unit": "hours"}
THEN, NOW = {"value": 0.94, "n": 50, "met": 47}, {"value": 54 / 58, "n": 58, "met": 54}
COUNTS = ("bytes", "rows_read", "rows_accepted", "rows_quarantined")
Row = dict[str, Any]


def closed(*figures: Row, files: Iterable[str] = (), period: str = "FY2027-P04", on: dt.date = dt.date(2026, 11, 5)) -> Closed:
    """One closed month; `files` are the hashes of the request logs that its close had read."""
    return Closed(
        periods=CLOSED_PERIODS.frame([{"period": period, "turn": 1, "closed_on": on, "closed_by": "Ann", "sums": "00"}]),
        measures=CLOSED_MEASURES.frame(figures),
        files=CLOSED_FILES.frame({"period": period, "file": sha, "kind": "requests", "sha256": sha} for sha in files),
    )


def came_in(*requests: Row, outages: Iterable[Row] = ()) -> CameIn:
    """Requests and outages, each with the name of its `file`, which is its hash too."""
    down = list(outages)
    rows = [row | {"source": source} for source, row in enumerate([*requests, *down])]
    asked, fell = rows[: len(requests)], rows[len(requests) :]
    places = [
        {"source": row["source"], "file": row["file"], "row": 2, "stands_for": row["source"]}
        | (
            {"became": "request", "known_as": row["request_id"]}
            if "request_id" in row
            else {"became": "outage", "known_as": row["service"]}
        )
        for row in rows
    ]
    files = {row["file"]: "requests" if "request_id" in row else "outages" for row in rows}
    return CameIn(
        requests=REQUESTS.frame(row | {"kind": "new", "status": "completed", "verdict": "met", "reopen_count": 0} for row in asked),
        outages=OUTAGE_ROWS.frame(fell),
        places=PLACES.frame(places),
        inputs=INPUTS.frame({"file": file, "kind": kind, "sha256": file, **dict.fromkeys(COUNTS, 0)} for file, kind in files.items()),
        zone=ZoneInfo("America/New_York"),
    )


def asked(number: int, file: str, due: str = "2026-10-20", agency: str = "PARKS") -> Row:
    return {"request_id": f"R-{number}", "file": file, "agency": agency, "due_on": pd.Timestamp(due)}


def beside(figures: list[Row], of: Closed, came: CameIn | None = None) -> Restated:
    return beside_closed(MEASURES.frame(figures), of, came or came_in(), JULY)


def reasons(found: Restated) -> list[str]:
    return [finding.reason for finding in found.findings]


def test_a_late_request_changes_the_month_and_both_figures_are_told() -> None:
    came = came_in(asked(1, "october"), *(asked(number, "late") for number in range(2, 10)), asked(10, "late", due="2026-11-02"))
    found = beside([ON_TIME | NOW], closed(ON_TIME | THEN, files=["october"]), came)
    assert [(0.94, "FY2027-P04")] == list(found.measures[["first_value", "first_published"]].itertuples(index=False, name=None))
    (row,) = found.table.to_dict("records")
    assert (0.94, 50, 47, 54 / 58, 58, 54) == tuple(row[name] for name in ("first_value", "first_n", "first_met", "value", "n", "met"))
    assert "8 requests of it came in after the close" == row["why"]
    assert [
        "October 2026 (FY2027-P04) was closed on 2026-11-05. Completed on time, first published as 94.0 % (47 of 50), is now "
        "93.1 % (54 of 58): 8 requests of it came in after the close. The table restated lists each."
    ] == reasons(found)
    assert [("measure-restated", "note", "FY2027-P04", "ledger/FY2027-P04/measures.csv")] == [
        (finding.code, finding.severity, finding.value, finding.file) for finding in found.findings
    ]


def test_nothing_is_told_of_what_reads_as_it_was_published() -> None:
    seconds = PORTAL | {"value": 0.1 + 0.2, "n": 3}
    found = beside([ON_TIME | THEN, seconds], closed(ON_TIME | THEN, seconds | {"value": 0.3}))
    assert ([], 0) == (reasons(found), len(found.table))
    assert ["FY2027-P04", "FY2027-P04"] == found.measures["first_published"].tolist()


@pytest.mark.parametrize(
    "held", [ON_TIME | {"measure": "renamed"}, ON_TIME | {"unit": "requests"}, ON_TIME | {"period": "2026-09"}, OF_ROADS]
)
def test_only_the_same_measure_period_member_and_unit_are_compared(held: Row) -> None:
    found = beside([ON_TIME | NOW, OF_ROADS | THEN], closed(held | THEN))
    assert [] == reasons(found)
    first = found.measures.iloc[0]
    assert (True, "") == (pd.isna(first["first_value"]), first["first_published"])


def test_a_month_that_measured_nothing_has_been_published_all_the_same() -> None:
    found = beside([ON_TIME | NOW], closed(ON_TIME | {"n": 0, "met": 0}))
    assert ["FY2027-P04"] == found.measures["first_published"].tolist()
    assert "first published as not measured, is now 93.1 % (54 of 58): the inbox tells of it otherwise" in reasons(found)[0]


def test_a_figure_that_is_gone_is_told() -> None:
    found = beside([ON_TIME | THEN], closed(ON_TIME | THEN, OF_ROADS | {"value": 1.0, "n": 1, "met": 1}))
    assert [("ROADS", 1.0, True, True)] == [
        (row["member"], row["first_value"], pd.isna(row["value"]), pd.isna(row["n"])) for row in found.table.to_dict("records")
    ]
    assert (
        reasons(found)[0] == "October 2026 (FY2027-P04) was closed on 2026-11-05. 1 figure reads otherwise or rests on other rows. "
        "The table restated lists each."
    )


def test_figures_of_the_day_of_a_close_are_not_missed_later() -> None:
    standing = {
        "measure": "open-requests",
        "period": "2026-10",
        "dimension": "office",
        "member": "",
        "unit": "requests",
        "value": 3.0,
        "n": 3,
    }
    assert [] == reasons(beside([ON_TIME | THEN], closed(ON_TIME | THEN, standing, on=dt.date(2026, 10, 31))))


def test_a_quarter_is_told_with_its_name_and_an_agency_by_its_own_requests() -> None:
    quarter = ON_TIME | {"period": "FY2027-Q1"}
    september = closed(quarter | THEN, quarter | OF_ROADS | {"period": "FY2027-Q1"} | THEN, files=["log"], period="FY2027-P03")
    came = came_in(asked(1, "log", "2026-09-01"), asked(2, "new", "2026-07-01"), asked(3, "new", "2026-09-30", "ROADS"))
    found = beside([quarter | NOW, OF_ROADS | {"period": "FY2027-Q1"} | NOW], september, came)
    assert ["1 request of it came in after the close", "2 requests of it came in after the close"] == found.table["why"].tolist()
    assert "Completed on time of FY2027-Q1, first published as 94.0 %" in reasons(found)[0]
    assert "Besides, 1 figure reads otherwise or rests on other rows." in reasons(found)[0]


def test_outages_are_counted_for_what_is_measured_by_outages() -> None:
    fell = {"file": "log", "service": "portal", "began_at": pd.Timestamp("2026-10-03T12:00Z"), "kind": "full"}
    came = came_in(asked(1, "october"), outages=[fell, fell | {"file": "late"}, fell | {"file": "late", "service": "archive"}])
    office = closed(PORTAL | {"value": 1.0, "n": 1}, files=["october"])
    office.files.loc[len(office.files)] = {"period": "FY2027-P04", "file": "log", "kind": "outages", "sha256": "log"}
    found = beside([PORTAL | {"value": 2.5, "n": 2}], office, came)
    assert (
        "Downtime, portal, first published as 1 hour, is now 2.5 hours (n = 2): 1 outage of it came in after the close."
        in (reasons(found)[0])
    )


def test_where_a_file_that_the_close_had_read_is_gone_nobody_says_what_came_in_later() -> None:
    found = beside([ON_TIME | NOW], closed(ON_TIME | THEN, files=["october", "gone"]), came_in(asked(1, "october"), asked(2, "late")))
    assert ["the inbox tells of it otherwise than at the close"] == found.table["why"].tolist()


def test_two_figures_that_look_the_same_are_told_more_exactly() -> None:
    now = {"value": 0.94001, "n": 50_000, "met": 47_000}
    found = beside([ON_TIME | now], closed(ON_TIME | now | {"value": 0.94}))
    assert "94.0000 % (47,000 of 50,000), is now 94.0010 % (47,000 of 50,000)" in reasons(found)[0]


def test_what_moves_as_open_requests_end_is_told_of_the_office_and_nothing_is_amiss() -> None:
    ninety = {"measure": "completion-time-p90", "period": "2026-10", "dimension": "office", "member": "", "unit": "business days"}
    then, now = {"value": 3.4, "n": 60}, {"value": 3.9, "n": 60}
    of_roads = {"dimension": "agency", "member": "ROADS"}
    frozen = closed(ninety | then, ninety | of_roads | then)
    found = beside([ninety | now, ninety | of_roads | now], frozen)
    assert [("office", 3.4, 3.9, "what was open at the close has ended since")] == list(
        found.table[["dimension", "first_value", "value", "why"]].itertuples(index=False, name=None)
    )
    assert [] == reasons(found)
    assert ["the inbox tells of it otherwise than at the close"] == beside([ninety | now | {"n": 62}], frozen).table["why"].tolist()


def test_a_long_list_is_cut_and_says_how_many_more() -> None:
    ids = ("on-time-completion", "on-time-completion-assumed", "requests-received", "requests-completed", "near-misses", "lapses")
    figures = [RECEIVED | {"measure": one, "value": 1.0, "n": 1} for one in ids]
    found = beside([row | {"value": 2.0, "n": 2} for row in figures], closed(*figures))
    assert "Requests completed, first published as 1 request, is now 2 requests" in reasons(found)[0]
    assert "Besides, 2 figures read otherwise or rest on other rows." in reasons(found)[0]


@pytest.mark.parametrize(
    ("period", "starts", "ended"),
    [
        ("FY2027-P04", 7, ("2026-10",)),
        ("FY2027-P03", 7, ("2026-09", "FY2027-Q1")),
        ("FY2026-P12", 7, ("2026-06", "FY2026-Q4", "FY2026")),
        ("FY2026-P13", 7, ()),
        ("FY2026-P12", 1, ("2026-12", "FY2026-Q4", "FY2026")),
    ],
)
def test_figures_end_with_their_last_month(period: str, starts: int, ended: tuple[str, ...]) -> None:
    assert ended == calendar.ends_with(period, starts)
