"""How sure a share is: the Wilson interval (facts/service-levels §5)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]

# A share of fewer says too little: it is not judged, and is part of no baseline.
FEW = 10
# Two-sided 95 % of the normal distribution.
Z = 1.959963984540054


def shares(tallied: pd.DataFrame) -> pd.DataFrame:
    """Tallies with `n` and `met` as rows of MEASURES: value, low and high; missing where n is 0, for nothing was measured."""
    n, met = tallied["n"].to_numpy(), tallied["met"].to_numpy()
    low, high = wilson(met, n)
    return tallied.assign(value=met / np.where(n > 0, n, np.nan), low=low, high=high)


def wilson(met: npt.NDArray[Any], n: npt.NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Lower and upper end of the 95 % Wilson interval of the shares `met / n`, within 0 and 1; NaN where n is 0."""
    trials = np.where(n > 0, n, np.nan).astype(np.float64)
    share = met / trials
    spread = 1 + Z**2 / trials
    middle = (share + Z**2 / (2 * trials)) / spread
    half = Z / spread * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    # the share lies inside, also where rounding puts an end a hair beyond it
    return np.minimum(np.clip(middle - half, 0.0, 1.0), share), np.maximum(np.clip(middle + half, 0.0, 1.0), share)
