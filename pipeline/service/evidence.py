"""How good the evidence is: which share of the rows was accepted, and how old each source is (facts/service-levels §5, data quality)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from pipeline.service.reporting import Reporting
from pipeline.service.tallies import OFFICE

ACCEPTED, AGE, SOURCE = "rows-accepted", "data-age", "source"
_NOT_EVIDENCE = ("closed", "notices", "skipped", "reference")
_DECISIONS = "entries"  # what people decided grows no older
_NOT_AWAITED = ("followed", "unknown")


def evidence(inputs: pd.DataFrame, sources: pd.DataFrame, most_set_aside: Decimal, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES for the month of the as-of day, from INPUTS and SOURCES; `most_set_aside` is the share of rows that may be lost."""
    read = inputs[~inputs["kind"].isin(_NOT_EVIDENCE)]
    sources = sources[(sources["files"] > 0) & ~sources["kind"].isin(_NOT_EVIDENCE)]  # one that is gone is known from the run before only
    accepted = [_accepted(OFFICE, "", read), *(_accepted(SOURCE, name, rows) for name, rows in sources.groupby("series"))]
    awaited = sources[~sources["freshness"].isin(_NOT_AWAITED) & sources["age_days"].notna() & (sources["kind"] != _DECISIONS)]
    ages = [_oldest(awaited), *(_age(name, rows) for name, rows in awaited.groupby("series"))]
    month = reporting.this_month()
    return [
        pd.DataFrame(accepted).assign(measure=ACCEPTED, period=month, target=float(1 - most_set_aside)),
        pd.DataFrame(ages).assign(measure=AGE, period=month),
    ]


def _accepted(dimension: str, member: Any, rows: pd.DataFrame) -> dict[str, Any]:
    read, kept = int(rows["rows_read"].sum()), int(rows["rows_accepted"].sum())
    return {"dimension": dimension, "member": str(member), "n": read, "met": kept, "value": kept / read if read else np.nan}


def _age(member: Any, rows: pd.DataFrame) -> dict[str, Any]:
    """The age of the newest of these rows of SOURCES, which are of one name."""
    newest = rows.sort_values("age_days", kind="stable").iloc[0]
    limit = np.nan if pd.isna(newest["limit_days"]) else float(newest["limit_days"])
    return {"dimension": SOURCE, "member": str(member), "n": int(newest["files"]), "value": float(newest["age_days"]), "target": limit}


def _oldest(awaited: pd.DataFrame) -> dict[str, Any]:
    """Of the sources that have a limit, the oldest one's age, and how many keep their limit."""
    limited = awaited[awaited["limit_days"].notna()]
    kept = int((limited["age_days"] <= limited["limit_days"]).sum())
    oldest = float(limited["age_days"].max()) if len(limited) else np.nan
    return {"dimension": OFFICE, "member": "", "n": len(limited), "met": kept, "value": oldest, "target": np.nan}
