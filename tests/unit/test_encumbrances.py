"""Estimate against actual: what is left of a year's estimate, and where the year leads."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline import encumbrances
from pipeline.contracts import Stage
from pipeline.findings import Finding
from tests import orders
from tests.orders import STANDARD, agencies, certificate, charged, day, settings

AS_OF = day("2026-10-31")  # the 123rd day of FY2027
CHARGES = (
    certificate(1, "2026-06-30", order_id="A"),
    certificate(2, "2026-07-01", order_id="B"),
    certificate(3, "2026-10-31", order_id="C"),
)


def told(*rows: tuple[str, int, int, str]) -> Stage:
    ledger = charged(*CHARGES, as_of=AS_OF).table
    return encumbrances.against_actual(ledger, orders.estimates(*rows), agencies(), settings(), AS_OF)


def shown(stage: Stage) -> list[tuple[Any, ...]]:
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in stage.table.itertuples(index=False, name=None)]


def test_an_estimate_is_held_against_what_is_billed_and_the_year_is_projected_by_days() -> None:
    projected = 131_163  # 2 x 221.00 x 365 / 123 is 1,311.626
    assert [
        ("PARKS", 2026, None, STANDARD, None, STANDARD, ""),
        ("PARKS", 2027, 100_000, 2 * STANDARD, 100_000 - 2 * STANDARD, projected, "IE-7"),
        ("PARKS", 2028, 5, 0, 5, None, ""),
        ("ROADS", 2027, 700, 0, 700, 0, "IE-8"),
    ] == shown(told(("PARKS", 2027, 100_000, "IE-7"), ("ROADS", 2027, 700, "IE-8"), ("PARKS", 2028, 5, "")))


def test_more_than_the_estimate_leaves_less_than_nothing() -> None:
    assert [("PARKS", 2027, 100, 44_200, -44_100)] == [row[:5] for row in shown(told(("PARKS", 2027, 100, ""))) if row[1] == 2027]


def test_an_estimate_of_a_year_that_is_far_off_counts_for_nothing_and_says_so() -> None:
    stage = told(("PARKS", 2032, 5, ""), ("PARKS", 2033, 100, ""))
    assert ("PARKS", 2032, 5) == shown(stage)[-1][:3]
    reason = "FY2033 is 6 years after FY2027, so this estimate counts for nothing; write the year that is meant."
    assert (Finding("entry-not-counted", reason, value="2033", column="fiscal_year", source=981),) == stage.findings


def test_an_estimate_of_an_unknown_agency_counts_for_nothing_and_says_so() -> None:
    stage = told(("TOLLS", 2027, 100, ""))
    assert shown(told()) == shown(stage)
    assert [("entry-not-counted", "agency", "TOLLS", 980)] == [(one.code, one.column, one.value, one.source) for one in stage.findings]
