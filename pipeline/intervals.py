"""How sure a share is: the Wilson interval (facts/service-levels §5)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]

# Two-sided 95 % of the normal distribution.
Z = 1.959963984540054


def wilson(met: npt.NDArray[Any], n: npt.NDArray[Any]) -> tuple[Numbers, Numbers]:
    """Lower and upper end of the 95 % Wilson interval of the shares `met / n`, within 0 and 1; NaN where n is 0."""
    trials = np.where(n > 0, n, np.nan).astype(np.float64)
    share = met / trials
    spread = 1 + Z**2 / trials
    middle = (share + Z**2 / (2 * trials)) / spread
    half = Z / spread * np.sqrt(share * (1 - share) / trials + Z**2 / (4 * trials**2))
    # the share lies inside, also where rounding puts an end a hair beyond it
    return np.minimum(np.clip(middle - half, 0.0, 1.0), share), np.maximum(np.clip(middle + half, 0.0, 1.0), share)
