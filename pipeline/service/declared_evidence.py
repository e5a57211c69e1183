"""The measures of the evidence itself: how much of it was accepted, and how old it is."""

from __future__ import annotations

from pipeline.service.measure import Measure

_TODAY = " Given for the month of the as-of day only."

OF_EVIDENCE: tuple[Measure, ...] = (
    Measure(
        id="rows-accepted",
        title="Rows accepted",
        sentence="Of the {n} rows read, {met} were accepted ({value}); target {target}.",
        formula="rows accepted / rows read",
        unit="share",
        direction="higher is better",
        cohort="All rows of all files that were read for this run; of a source those of its files." + _TODAY,
        exclusions="Frozen tables of closed months; reference tables; files that nothing is read from.",
        columns=("inputs.rows_read", "inputs.rows_accepted", "sources.rows_read", "sources.rows_accepted"),
        page="quality",
        target="1 less warn_quarantined of [quality] in the settings",
        judged="by its value",
    ),
    Measure(
        id="data-age",
        title="Age of the data",
        sentence="The newest file of {member} is {value} days old.",
        formula="as-of day - day the newest file was taken; of the office the largest of all sources with a limit",
        unit="days",
        direction="lower is better",
        cohort="Sources that are still awaited, as the data-quality page lists them." + _TODAY,
        exclusions="Reference tables; what people decided; sources of no known day; exports that go on in another layout. Of the office "
        "also those without a limit.",
        columns=("sources.age_days", "sources.limit_days", "sources.freshness"),
        page="quality",
        target="of a source, stale_after_days of [quality] or of its [[source]] in the settings",
        judged="by its value",
    ),
)
