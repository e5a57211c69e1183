"""Until when a renewal can be asked for and still be done in time, on the desk's own calendar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.calendar import BusinessTime, utc_seconds
from pipeline.settings import Settings

_PROMISED = 5  # business days; the office's own promise to its customers, where the settings name none
_RENEWAL = "renew"


def promised_days(settings: Settings) -> int:
    """Within how many business days a renewal is promised to be done: as [[target]] says, else 5."""
    return next((one.business_days for one in settings.target if _RENEWAL in one.kinds), _PROMISED)


def last_safe_days(ends: pd.Series[Any], time: BusinessTime, business_days: int) -> pd.Series[Any]:
    """The last day (datetime64[us], no zone) on which asking leaves the desk `business_days` business days before each of the `ends`.

    `ends` are instants (datetime64[us, UTC]). The last of these days is one whose closing does not come after the end, so a certificate
    that ends at noon must be done the day before. NaT where the calendar does not reach. Index of `ends`.
    """
    seconds = utc_seconds(ends)
    inside = time.windows.inside(seconds)
    window = time.windows.following(np.where(inside, seconds, time.windows.begins)) - 1 - business_days
    days = time.days_of(np.maximum(window, 0)).copy()
    days[~inside | (window < 0)] = np.datetime64("NaT")
    return pd.Series(days, index=ends.index)
