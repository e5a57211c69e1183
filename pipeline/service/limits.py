"""What is usual for a monthly share: the limits of an XmR chart (facts/service-levels §5, NHS "Making Data Count").

They are the mean of the baseline plus and minus 2.66 times the mean difference from one month to the next. A month within the limits is no
signal, even below its target; one outside them has a cause of its own.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import LIMITS

# The first so many months are the baseline and stay it: limits that moved on with every month would take its signal in.
BASELINE = 12
# A share of fewer says too little: its ups and downs would widen the limits until nothing stands out.
FEW = 10
# 3 / 1.128: three standard deviations, told from the mean difference of two values.
_REACH = 2.66
_KEY = ["measure", "dimension", "member"]


def xmr(values: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    """The mean, and the lower and the upper limit of values in order of time, at least two; a share may have to be cut at 0 or 1."""
    mean, reach = float(values.mean()), _REACH * float(np.abs(np.diff(values)).mean())
    return mean, mean - reach, mean + reach


def limits(measures: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """LIMITS of MEASURES: of each share with an interval, for each member that has twelve months that are over and rest on ten or more.

    The first twelve such months are the baseline.
    """
    this_month = f"{as_of + dt.timedelta(days=1):%Y-%m}"
    counted = measures["low"].notna() & (measures["unit"] == "share") & (measures["n"] >= FEW)
    months = measures[counted & measures["period"].str.fullmatch(r"\d{4}-\d{2}") & (measures["period"] < this_month)]
    months = months.sort_values([*_KEY, "period"], kind="stable")
    baseline = months[months.groupby(_KEY).cumcount() < BASELINE]
    return LIMITS.frame(
        dict(zip(_KEY, member, strict=True)) | _of(rows) for member, rows in baseline.groupby(_KEY) if len(rows) == BASELINE
    )


def _of(rows: pd.DataFrame) -> dict[str, object]:
    mean, lower, upper = xmr(rows["value"].to_numpy())
    return {
        "months": len(rows),
        "mean": mean,
        "lower": max(lower, 0.0),
        "upper": min(upper, 1.0),
        "baseline_from": rows["period"].iloc[0],
        "baseline_to": rows["period"].iloc[-1],
    }
