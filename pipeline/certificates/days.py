"""Instants as the days by which exports are compared."""

from __future__ import annotations

from typing import Any

import pandas as pd


def day_keys(instants: pd.Series[Any]) -> list[str]:
    """The UTC day of each instant as text, "" for NaT. Years 1 to 9999."""
    days = instants.to_numpy(dtype="datetime64[us]").astype("datetime64[D]")
    return ["" if day is None else day.isoformat() for day in days.tolist()]
