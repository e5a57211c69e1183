"""Shares with their Wilson intervals, as rows of MEASURES."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.intervals import Numbers, wilson

__all__ = ["FEW", "Numbers", "shares", "wilson"]

# A share of fewer says too little: it is not judged, and is part of no baseline.
FEW = 10


def shares(tallied: pd.DataFrame) -> pd.DataFrame:
    """Tallies with `n` and `met` as rows of MEASURES: value, low and high; missing where n is 0, for nothing was measured."""
    n, met = tallied["n"].to_numpy(), tallied["met"].to_numpy()
    low, high = wilson(met, n)
    return tallied.assign(value=met / np.where(n > 0, n, np.nan), low=low, high=high)
