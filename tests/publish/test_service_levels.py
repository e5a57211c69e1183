"""What the page of an agency says of its service levels: in words and figures, and grey where there are too few to judge."""

from __future__ import annotations

from typing import Any

from pipeline.publish.pages import service_levels
from pipeline.publish.pages.measured import meaning
from pipeline.publish.parts import Chip
from tests.publish.test_performance_page import edition, share

IN_TIME = meaning("on-time-completion", "Requests finished in time", "../")
RECEIVED = meaning("requests-received", "Requests received", "../")


def of(*rows: dict[str, Any]) -> dict[str, Any]:
    made = edition(*rows)
    shown = service_levels.of_agency(made, "DOT", "Transportation", service_levels.rows_told(made))
    assert shown is not None
    return shown


def agency(period: str, met: int, n: int, measure: str = "on-time-completion") -> dict[str, Any]:
    return share(period, met, n, "agency", "DOT", measure)


def test_enough_requests_are_judged_and_drawn_by_quarter() -> None:
    year, quarters = agency("FY2027-YTD", 47, 50), (agency("FY2027-Q1", 15, 30), agency("FY2027-Q2", 20, 20))
    shown = of(year, *quarters, agency("FY2026-YTD", 9, 10))
    assert (
        "In FY2027 to date, 47 of 50 requests of Transportation with a promise that came due were finished in time (94.0 %, likely range "
        "83.8 to 97.9 %); target 95 %: not enough evidence either way."
    ) == shown["sentence"]
    assert [[IN_TIME, "94.0 %", "50 due", Chip("undecided", "near"), "90.0 %"]] == shown["table"].rows
    assert "The target was missed in 1 of 2 quarters with 10 requests or more" == shown["chart"].title
    assert ["FY27 Q1", "FY27 Q2"] == [label.text for label in shown["chart"].drawings[0].labels]


def test_the_chart_tells_of_its_band_and_of_its_target_only_where_they_are_drawn() -> None:
    """A quarter that is too small to judge stands between the others, so that no line and no band joins them."""
    apart = of(agency("FY2027-YTD", 47, 50), agency("FY2026-Q4", 15, 30), agency("FY2027-Q1", 2, 2), agency("FY2027-Q2", 20, 20))["chart"]
    joined = of(agency("FY2027-YTD", 47, 50), agency("FY2027-Q1", 15, 30), agency("FY2027-Q2", 20, 20))["chart"]
    free = of(agency("FY2027-YTD", 47, 50), *(agency(f"FY2027-Q{quarter}", 20, 20) | {"target": None} for quarter in (1, 2)))["chart"]
    assert [0, 1, 1] == [len(chart.drawings[0].bands) for chart in (apart, joined, free)]
    said = ("with the target dashed", "with the 95 % interval as a band and the target dashed", "with the 95 % interval as a band")
    start = "Share of the agency's requests with a promise that were finished in time, by quarter of the fiscal year"
    end = "the last quarter until 23 November 2026."
    assert [f"{start}, {one}; {end}" for one in said] == [chart.description for chart in (apart, joined, free)]


def test_few_requests_are_told_grey_and_not_judged() -> None:
    shown = of(agency("FY2027-YTD", 2, 3), agency("FY2027-Q1", 2, 3))
    assert (
        "In FY2027 to date, 2 of 3 requests of Transportation with a promise that came due were finished in time: too few to judge."
        == shown["sentence"]
    )
    assert [[IN_TIME, "66.7 %", "3 due", Chip("too few to judge"), "none"]] == shown["table"].rows
    assert (frozenset({0}), None) == (shown["table"].faint, shown["chart"])


def test_an_agency_of_which_nothing_was_measured_has_no_such_part() -> None:
    made = edition(share("FY2027-YTD", 1, 1))
    assert service_levels.of_agency(made, "DOT", "Transportation", service_levels.rows_told(made)) is None


def test_an_agency_without_a_request_that_came_due_says_so() -> None:
    received = agency("FY2027-YTD", 0, 4, "requests-received") | {"value": 4.0, "low": None, "high": None, "verdict": "", "target": None}
    shown = of(received)
    assert "In FY2027 to date no request of Transportation with a promise was due." == shown["sentence"]
    assert [[RECEIVED, "4", "", "", "none"]] == shown["table"].rows


def test_the_months_of_an_agency_are_counts_so_that_few_mislead_nobody() -> None:
    shown = of(agency("FY2027-YTD", 3, 4), agency("2026-09", 1, 2), agency("2026-10", 1, 1), agency("2026-11", 1, 1))
    months = shown["months"]
    assert "1 request late in 3 months, last in September 2026" == months.title
    assert [["November 2026", "1", "0", "1"], ["October 2026", "1", "0", "1"], ["September 2026", "1", "1", "2"]] == months.table.rows
    assert ["in time", "late or overdue", "so far: November 2026 until 23 November"] == [key.name for key in months.legend]
    assert "Completed on time" in [measure.title for measure in shown["definitions"]]


def test_the_months_of_an_agency_count_what_is_late_by_an_assumed_promise_too() -> None:
    promised = (agency("2026-08", 3, 4), agency("2026-10", 1, 1))
    assumed = (agency("2026-07", 1, 1, "on-time-completion-assumed"), agency("2026-10", 0, 1, "on-time-completion-assumed"))
    months = of(agency("FY2027-YTD", 4, 5), *promised, *assumed)["months"]
    assert "2 requests late in 4 months, last in October 2026" == months.title
    assert [["1", "1", "2"], ["0", "0", "0"], ["3", "1", "4"], ["1", "0", "1"]] == [row[1:] for row in months.table.rows]
