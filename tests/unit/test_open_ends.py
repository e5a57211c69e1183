"""No lapse is told as a target that is met only where it is known of every certificate that ended."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from pipeline.contracts import MEASURES, RENEWALS
from pipeline.service.open_ends import undecided
from tests.publish.bookkeeping import AS_OF, SETTINGS

PERIODS = ("2026-08", "2026-10", "2026-11", "FY2026", "FY2027-Q2", "FY2027-YTD")


def lapses(period: str, **cells: Any) -> dict[str, Any]:
    told = {"measure": "lapses", "period": period, "dimension": "office", "value": 0.0, "unit": "certificates", "n": 0, "target": 0.0}
    return told | {"verdict": "met"} | cells


def end(instant: str, outcome: str = "unknown") -> dict[str, Any]:
    return {"host": f"h{instant}", "agency": "DOT", "certificate": instant, "ended_at": pd.Timestamp(instant), "outcome": outcome}


def verdicts(*ends: dict[str, Any], figures: list[dict[str, Any]] | None = None, as_of: dt.date = AS_OF) -> list[str]:
    measures = MEASURES.frame(figures or [lapses(period) for period in PERIODS])
    told = undecided(measures, RENEWALS.frame(ends), SETTINGS, as_of)
    assert measures.drop(columns="verdict").equals(told.drop(columns="verdict"))
    return [str(verdict) for verdict in told["verdict"]]


def test_a_host_of_which_nobody_knows_leaves_the_month_quarter_and_year_of_its_end_undecided() -> None:
    # 03:00 UTC of 1 November is still 31 October here
    assert ["met", "uncertain", "met", "met", "uncertain", "uncertain"] == verdicts(end("2026-11-01T03:00Z"))


def test_what_is_known_or_has_not_ended_changes_nothing() -> None:
    ended = [end("2026-10-05T12:00Z", "renewed"), end("2026-10-06T12:00Z", "retired"), end("2027-01-05T12:00Z")]
    assert ["met"] * 6 == verdicts(*ended)


def test_a_missed_target_stays_missed_and_other_measures_and_agencies_are_left_alone() -> None:
    figures = [
        lapses("2026-10", verdict="missed", value=1.0),
        lapses("2026-10", dimension="agency", member="DOT"),
        lapses("2026-10", dimension="agency", member="OTR"),
        lapses("2026-10", measure="near-misses"),
    ]
    assert ["missed", "uncertain", "met", "met"] == verdicts(end("2026-10-06T12:00Z"), figures=figures)
