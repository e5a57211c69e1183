"""The shipped calendar for tests: closed days of Massachusetts offices, the desk's hours, New York time."""

from __future__ import annotations

import csv
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.calendar import BusinessTime, business_time
from pipeline.contracts import CLOSED_DAYS, EXTRA_CLOSURES
from pipeline.settings import Desk
from tests.conftest import ROOT

ZONE = ZoneInfo("America/New_York")
REFERENCE = ROOT / "data" / "reference"


def closed_days() -> pd.DataFrame:
    """`data/reference/closed_days.csv` as the table CLOSED_DAYS."""
    with (REFERENCE / "closed_days.csv").open(encoding="utf-8", newline="") as file:
        return CLOSED_DAYS.frame(csv.DictReader(file))


def desk_time(*, closed: pd.DataFrame | None = None, extra: pd.DataFrame | None = None, desk: Desk | None = None) -> BusinessTime:
    """The desk's clock over the shipped closed days, or over those given."""
    return business_time(
        desk or Desk(),
        ZONE,
        closed_days() if closed is None else closed,
        EXTRA_CLOSURES.empty() if extra is None else extra,
    )


def local(*stamps: str) -> pd.Series:
    """Local New York stamps as UTC instants; of a repeated hour the first."""
    naive = pd.to_datetime(pd.Series(list(stamps), dtype="str"), format="ISO8601").astype("datetime64[us]")
    first = [True] * len(stamps)
    return naive.dt.tz_localize(ZONE, ambiguous=first).dt.tz_convert("UTC")
