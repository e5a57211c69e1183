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
from pipeline.service.intervals import FEW

# The first so many months are the baseline and stay it: limits that moved on with every month would take its signal in.
BASELINE = 12
# 3 / 1.128: three standard deviations, told from the mean difference of two values.
_REACH = 2.66
Numbers = npt.NDArray[np.float64]
_KEY = ["measure", "dimension", "member"]


def xmr(values: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """The mean, and the lower and the upper limit, of each row of values in order of time, at least two; a share may have to be cut."""
    mean = values.mean(axis=1)
    reach = _REACH * np.abs(np.diff(values, axis=1)).mean(axis=1)
    return mean, mean - reach, mean + reach


def limits(measures: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """LIMITS of MEASURES: of each share with an interval, for each member that has twelve months that are over and rest on ten or more.

    The first twelve such months are the baseline. Where these are all alike nothing is said: any other month would be a signal.
    """
    this_month = f"{as_of + dt.timedelta(days=1):%Y-%m}"
    counted = measures[measures["low"].notna() & (measures["unit"] == "share") & (measures["n"] >= FEW)]
    months = counted[counted["period"].str.fullmatch(r"\d{4}-\d{2}") & (counted["period"] < this_month)]
    months = months.sort_values([*_KEY, "period"], kind="stable")
    known = months.groupby(_KEY)
    baseline = months[(known.cumcount() < BASELINE) & (known["period"].transform("size") >= BASELINE)]
    first, last = (baseline.iloc[place::BASELINE].reset_index(drop=True) for place in (0, BASELINE - 1))
    mean, lower, upper = xmr(baseline["value"].to_numpy().reshape(-1, BASELINE))
    within = first[_KEY].assign(months=BASELINE, mean=mean, lower=np.maximum(lower, 0.0), upper=np.minimum(upper, 1.0))
    told = within.assign(baseline_from=first["period"], baseline_to=last["period"])
    return LIMITS.check(told[lower < upper])
