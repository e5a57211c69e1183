"""How long requests take, as the page tells it: on both clocks, what is not reached yet, how late the late ones were."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Any

import pytest

from pipeline import contracts
from pipeline.publish.pages import notes, survival, times
from pipeline.publish.parts import Noted
from tests.publish.test_performance_page import edition, replace_books

_UNITS = {"completion": "business days", "customer": "business days", "lateness": "hours", "first": "hours"}


def time(measure: str, period: str, value: float, n: int, low: float = math.nan, kind: str = "") -> dict[str, Any]:
    unit = _UNITS.get(measure.split("-")[0], "share")
    key = {"measure": measure, "period": period, "dimension": "kind" if kind else "office", "member": kind}
    return key | {"unit": unit, "value": value, "n": n, "low": low}


def month(period: str, *values: float, n: int = 62) -> list[dict[str, Any]]:
    names = ("completion-time-p50", "completion-time-p90", "completion-time-p95", "customer-time-p50", "customer-time-p90")
    return [time(name, period, value, n) for name, value in zip(names, values, strict=True)]


OCTOBER = month("2026-10", 1.1, 3.93, 6.0, 1.68, 5.7)
LATE = [time("lateness-median", "2026-10", 4.5, 3), time("lateness-max", "2026-10", 8.9, 3)]


def test_the_sentence_tells_both_clocks_and_how_late_the_late_ones_were() -> None:
    assert (
        "Of 62 requests received in October 2026, half were finished within 1.1 business days of the desk's time, 9 of 10 within "
        "3.9 business days. For the customers, with their own answers waited for, it was 1.7 business days and 5.7 business days. Of "
        "the requests with a promise that were due in October 2026, 3 were late, half of them by 4 h 30 min of desk time or less, none "
        "by more than 8 h 54 min."
    ) == times.sentence(edition(*OCTOBER, *LATE))
    assert "In October 2026 no request came in whose hours are known." == times.sentence(edition())


def test_where_nine_of_ten_are_not_finished_yet_it_is_longer_than_what_was_watched() -> None:
    newest = [*OCTOBER[:1], time("completion-time-p90", "2026-10", math.nan, 62, low=7.4), *OCTOBER[2:]]
    card = times.figure(edition(*newest))
    assert ("> 7.4", "business days", "as the customer waits: 5.7 business days") == (card.value, card.unit, card.change)
    assert "> 7.4" == times.table(edition(*newest)).rows[0][3]
    assert "9 of 10 within > 7.4 business days" in times.sentence(edition(*newest))


def test_months_of_few_are_grey_and_a_gap_is_a_gap_in_the_line() -> None:
    made = edition(*month("2026-07", 1, 2, 3, 1, 4), *month("2026-08", 1, 2, 3, 1, 4, n=9), *OCTOBER)
    assert frozenset({2}) == times.table(made).faint
    chart = times.chart(made, notes.of(made, set()))
    assert chart is not None
    assert "9 of 10 took longest in October 2026: 3.9 business days" == chart.title
    desk, customer = (panel.drawings[0] for panel in chart.panels)
    assert desk.scale == customer.scale
    assert (0, 0) == (len(desk.lines), len(customer.lines))  # no line runs through August, of few; September is missing
    assert {"half", "9 of 10", "95 of 100"} == {name.text for name in desk.names}
    assert [False, True, False] == [dot.small for dot in desk.dots[:3]]


def test_the_names_at_the_ends_of_lines_do_not_stand_on_each_other() -> None:
    made = edition(*month("2026-10", 1.0, 1.1, 1.2, 1.0, 1.1))
    chart = times.chart(made, notes.of(made, set()))
    assert chart is not None
    for drawing in chart.panels[0].drawings:
        heights = sorted(name.y for name in drawing.names)
        assert all(lower - upper >= 16 for upper, lower in itertools.pairwise(heights))


@pytest.mark.parametrize("kinds", [(), ("renew",)])
def test_the_parts_of_the_time_are_told_for_all_and_for_kinds_with_enough(kinds: tuple[str, ...]) -> None:
    parts = {"stage-first-answer": 0.05, "stage-work": 0.7, "stage-customer": 0.25}
    rows = [time(name, "FY2027-YTD", value, 15) for name, value in parts.items()]
    rows += [
        time(name, "FY2027-YTD", value, 10 if kind in kinds else 9, kind=kind) for name, value in parts.items() for kind in ("renew", "new")
    ]
    chart = times.stages(edition(*rows))
    assert chart is not None
    assert chart.table is not None
    assert "Of the 15 requests completed in FY2027 to date of which logs tell it, 70 % of the time is work" == chart.title
    assert ["all of which logs tell it", *("renewal" for _ in kinds)] == [row[0] for row in chart.table.rows]
    first, work, waiting = chart.drawings[0].bars[:3]
    assert (first.x + first.width, work.x + work.width) == pytest.approx((work.x, waiting.x), abs=0.2)
    assert 14 == pytest.approx(work.width / first.width, rel=0.01)


def test_without_a_log_that_tells_of_answers_there_are_no_parts() -> None:
    assert times.stages(edition(*OCTOBER)) is None


def test_where_logs_tell_it_of_too_few_this_year_the_year_before_is_shown() -> None:
    parts = {"stage-first-answer": 0.05, "stage-work": 0.7, "stage-customer": 0.25}
    rows = [time(name, year, value, n) for name, value in parts.items() for year, n in (("FY2027-YTD", 9), ("FY2026", 140))]
    made = edition(*rows)
    chart = times.stages(made)
    assert chart is not None
    assert "Of the 140 requests completed in FY2026 of which logs tell it, 70 % of the time is work" == chart.title
    assert times.stages_left_out(made).startswith("In FY2027 to date logs tell both the first answer and the waits of 9 requests only")


def test_a_reopen_rate_that_no_log_tells_is_no_rate() -> None:
    told = [time("reopen-rate", "2026-09", 0.05, 40, low=0.01), time("reopen-rate", "2026-10", math.nan, 0)]
    few = {**time("reopen-rate", "2026-08", 1 / 7, 7, low=0.01), "met": 1}
    table = times.table(edition(*month("2026-08", 1, 2, 3, 1, 4), *month("2026-09", 1, 2, 3, 1, 4), *OCTOBER, *told, few))
    assert ["not told", "5.0 %", "1 of 7"] == [row[-1] for row in table.rows]


def test_what_a_close_published_of_a_time_stands_beside_it_where_it_reads_otherwise() -> None:
    half, most, *others = OCTOBER
    table = times.table(edition(half | {"first_value": 1.12}, most | {"first_value": 3.35}, *others))
    assert ["1.1", Noted("3.9", "was\N{NO-BREAK SPACE}3.4")] == table.rows[0][2:4]


def test_fewer_than_were_received_have_a_time_and_the_page_says_why() -> None:
    received = [time("requests-received", period, n, n) for period, n in (("2026-10", 63), ("FY2027-YTD", 300))]
    made = edition(*OCTOBER, *received, time("completion-time-p50", "FY2027-YTD", 1.0, 296))
    assert Noted("62", "of 63") == times.table(made).rows[0][1]
    assert times.left_out(made).startswith("Of 4 requests received in FY2027 to date the log gives days without hours")
    assert "" == times.left_out(edition(*OCTOBER))


def test_remarks_are_numbers_above_the_lines_of_both_clocks() -> None:
    said = {"on": dt.date(2026, 10, 3), "measure": "completion-time-p90", "text": "A colleague was ill", "by": "Ada"}
    made = edition(*OCTOBER, notes=(said,))
    chart = times.chart(made, notes.of(made, {"completion-time-p90"}))
    assert chart is not None
    assert [1, 1] == [flag.number for panel in chart.panels for flag in panel.drawings[0].flags]
    assert "a remark explains it, further down" == chart.legend[-1].name


def test_the_sixteen_requests_of_the_facts_and_how_many_were_still_watched() -> None:
    """Facts §2.5: 55.26 % are estimated to be finished within 5 business days; of the closed ones alone it would be 80.0 %."""
    ages = [(days, True) for days in (1, 1, 2, 2, 3, 3, 4, 5, 6, 8)] + [(days, False) for days in (2, 3, 4, 7, 9, 12)]
    rows = [
        {
            "request_id": f"R{place}", "kind": "new", "status": "completed" if done else "open", "verdict": "met" if done else "on-track",
            "received_on": dt.date(2026, 10, 6), "submitted_at": "2026-10-06T15:00:00Z", "reopen_count": 0, "source": place,
            "completed_at": "2026-10-20T15:00:00Z" if done else None, "business_seconds": days * 11 * 3600,
        }
        for place, (days, done) in enumerate(ages)
    ]  # fmt: skip
    table = survival.table(replace_books(edition(), requests=contracts.REQUESTS.frame(rows)))
    assert ["1", "14", "2", "0", "12.5 %"] == table.rows[0]
    assert ["5", "5", "8", "3", "55.3 %"] == table.rows[4]
    assert "16 requests received in October 2026, on the desk's clock" == table.caption
    assert [] == survival.table(edition()).rows
