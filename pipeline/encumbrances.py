"""Estimate against actual: what an agency set aside for a fiscal year, what it was billed, what is left, and where the year leads.

The estimate is set aside as an encumbrance for the whole fiscal year before the bills come (815 CMR 6.00; facts §0.1).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import ENCUMBRANCES, Stage
from pipeline.findings import Finding
from pipeline.settings import Settings

# No contract runs longer, so an estimate of a later year is a slip of the pen: 2072 for 2027.
_MOST_YEARS_AHEAD = 5


def against_actual(ledger: pd.DataFrame, estimates: pd.DataFrame, agencies: pd.DataFrame, settings: Settings, as_of: dt.date) -> Stage:
    """ENCUMBRANCES: a row for each agency and year that LEDGER bills or ESTIMATES has a line of; and a finding for each line that counts
    for nothing, because its agency is not known or its year is more than five years ahead.

    Amounts are int64 USD cents. What is billed is the sum of the entries posted to the year, credits included, by the agency that is
    invoiced; the successor of a merged agency has its own estimate. The projection of the year of `as_of` is what was billed so far, by
    days; that of a year that has ended is what was billed; a year to come has none.
    """
    starts = settings.organization.fiscal_year_starts
    this_year = calendar.fiscal_year_of(as_of, starts)
    billed: Counter[tuple[str, int]] = Counter()
    for agency, period, cents in zip(*(ledger[name].tolist() for name in ("billed_to", "period", "amount_cents")), strict=True):
        billed[agency, int(period[2:6])] += cents
    known = set(agencies["agency"])
    names = ("agency", "fiscal_year", "amount_cents", "document", "source")
    told = list(zip(*(estimates[name].tolist() for name in names), strict=True))
    latest = this_year + _MOST_YEARS_AHEAD
    estimated = {(agency, year): (cents, document) for agency, year, cents, document, _ in told if agency in known and year <= latest}
    findings = (
        *(_unknown(agency, source) for agency, _, _, _, source in told if agency not in known),
        *(_far_off(year, this_year, source) for agency, year, _, _, source in told if agency in known and year > latest),
    )
    rows: list[dict[str, Any]] = []
    for agency, year in sorted({*billed, *estimated}):
        estimate, document = estimated.get((agency, year), (None, ""))
        so_far = billed[agency, year]
        rows.append(
            {
                "agency": agency,
                "fiscal_year": year,
                "estimate_cents": estimate,
                "billed_cents": so_far,
                "left_cents": None if estimate is None else estimate - so_far,
                "projected_cents": so_far if year < this_year else _projected(so_far, as_of, starts) if year == this_year else None,
                "document": document,
            }
        )
    return Stage(ENCUMBRANCES.frame(rows), findings)


def _projected(so_far: int, as_of: dt.date, starts: int) -> int:
    """What the year comes to if it goes on as until `as_of`, that day included; rounded half up."""
    year = calendar.period_of(as_of, starts)[:6]
    first, last = calendar.period_first_day(f"{year}-P01", starts), calendar.period_last_day(f"{year}-P12", starts)
    gone, whole = (as_of - first).days + 1, (last - first).days + 1
    return (2 * so_far * whole + gone) // (2 * gone)


def _unknown(agency: str, source: int) -> Finding:
    reason = f"No agency has the code {agency}, so this estimate counts for nothing; write a code of data/reference/agencies.csv."
    return Finding("entry-not-counted", reason, value=agency, column="agency", source=source)


def _far_off(year: int, this_year: int, source: int) -> Finding:
    reason = (
        f"FY{year} is {year - this_year:,} years after FY{this_year}, so this estimate counts for nothing; write the year that is meant."
    )
    return Finding("entry-not-counted", reason, value=str(year), column="fiscal_year", source=source)
