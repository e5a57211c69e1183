"""What the certificates to come ask of the desk, against the pace of the last year: the table WORKLOAD.

The desk is taken to close as many requests a business day as it did in the last year, and other requests to come as they came then. What is
not closed waits, beyond what stands open today; the promise breaks in the first month at whose end the desk needs more than the promised
days for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import calendar
from pipeline.contracts import WORKLOAD
from pipeline.forecast.months import Span, spans
from pipeline.forecast.observed import CALLED_OFF, Observed
from pipeline.settings import Settings

Numbers = npt.NDArray[np.floating[Any]]
BY_CERTIFICATE = ("renew", "reissue")
"""Requests of these kinds are what the forecast counts; those of the last year are not added to them."""
_CLOSED = ("completed", "rejected")
_PROMISED_DAYS = 5
_MONTHS_A_YEAR = 12
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Pace:
    """Requests a business day in the last year: `closed` by the desk, and `other` ones received; none that was called off."""

    closed: float
    other: float


def workload(
    forecast: pd.DataFrame,
    seen: Observed,
    requests: pd.DataFrame,
    closed_days: pd.DataFrame,
    months: Sequence[Span],
    settings: Settings,
    as_of: dt.date,
) -> pd.DataFrame:
    """WORKLOAD of FORECAST over `months`, by the pace that REQUESTS shows of the year up to `as_of`; no rows where it shows none.

    `closed_days` is CLOSED_DAYS.
    """
    days = _DeskDays(settings, closed_days)
    pace = _pace(requests, days, settings, as_of)
    if not pace.closed:
        return WORKLOAD.empty()
    names = [f"{first:%Y-%m}" for first, _ in months]
    asked = forecast.groupby("month")["by_hand"].sum().reindex(names, fill_value=0.0).to_numpy(dtype=np.float64) * seen.asked_share
    open_days = np.array([days.between(first, last) for first, last in months], dtype=np.int64)
    other = pace.other * open_days
    waiting = waiting_after(asked + other, pace.closed * open_days)
    promised = _promised_days(settings)
    return WORKLOAD.frame(
        {
            "month": name,
            "business_days": int(open_days[place]),
            "certificate_requests": asked[place],
            "other_requests": other[place],
            "asked_a_day": (asked[place] + other[place]) / max(open_days[place], 1),
            "closed_a_day": pace.closed,
            "waiting": waiting[place],
            "waiting_days": waiting[place] / pace.closed,
            "promised_days": promised,
            "promise_holds": bool(waiting[place] <= promised * pace.closed),
            "automated_needed": needed,
        }
        for place, (name, needed) in enumerate(zip(names, _automated_needed(asked, other, open_days, pace, promised), strict=True))
    )


class _DeskDays:
    """Counts the days on which the desk is open."""

    def __init__(self, settings: Settings, closed_days: pd.DataFrame) -> None:
        self._week = [name in settings.desk.days for name in _WEEKDAYS]
        self._closed = closed_days["date"].to_numpy().astype("datetime64[D]")

    def between(self, first: dt.date, last: dt.date) -> int:
        """From `first` to `last`, both included."""
        return int(np.busday_count(first, last + dt.timedelta(days=1), weekmask=self._week, holidays=self._closed))


def _pace(requests: pd.DataFrame, days: _DeskDays, settings: Settings, as_of: dt.date) -> Pace:
    since = calendar.year_before(as_of) + dt.timedelta(days=1)
    open_days = days.between(since, as_of)
    begin, end = (calendar.day_start(day, settings.organization.zone) for day in (since, as_of + dt.timedelta(days=1)))
    closed = (requests["completed_at"] >= begin) & (requests["completed_at"] < end) & requests["status"].isin(_CLOSED)
    received = (requests["submitted_at"] >= begin) & (requests["submitted_at"] < end) & ~requests["kind"].isin(BY_CERTIFICATE)
    received &= ~requests["status"].isin(CALLED_OFF)
    return Pace(int(closed.sum()) / max(open_days, 1), int(received.sum()) / max(open_days, 1))


def busiest(
    workload: pd.DataFrame, requests: pd.DataFrame, closed_days: pd.DataFrame, settings: Settings, as_of: dt.date
) -> dict[str, Any]:
    """The month in which the desk closed the most a business day, of the whole months of the year up to `as_of`, how many those were, and
    in which month of WORKLOAD its promise breaks if it always does so; of two equal months the later. "" and NaN where none is known.

    The keys are columns of HABITS.
    """
    days = _DeskDays(settings, closed_days)
    begin = calendar.year_before(as_of) + dt.timedelta(days=1)
    whole = [span for span in spans(begin - dt.timedelta(days=1), _MONTHS_A_YEAR) if span[0].day == 1 and span[1] <= as_of]
    ended = requests.loc[requests["status"].isin(_CLOSED), "completed_at"].dt.tz_convert(settings.organization.zone)
    closed = ended.dt.strftime("%Y-%m").value_counts().to_dict()
    paces = [(closed.get(f"{first:%Y-%m}", 0) / max(days.between(first, last), 1), f"{first:%Y-%m}") for first, last in whole]
    pace, month = max(paces, default=(0.0, ""))
    if workload.empty or not pace:
        return {"busiest_month": "", "busiest_closed_a_day": float("nan"), "busiest_breaks_in": ""}
    asked = (workload["certificate_requests"] + workload["other_requests"]).to_numpy(dtype=np.float64)
    waiting = waiting_after(asked, pace * workload["business_days"].to_numpy(dtype=np.float64))
    broken = np.flatnonzero(waiting > pace * workload["promised_days"].to_numpy(dtype=np.float64))
    breaks_in = workload["month"].iloc[broken[0]] if len(broken) else ""
    return {"busiest_month": month, "busiest_closed_a_day": pace, "busiest_breaks_in": breaks_in}


def _promised_days(settings: Settings) -> int:
    """The shortest promise of on-time completion; five business days where the settings hold none."""
    return min((target.business_days for target in settings.target), default=_PROMISED_DAYS)


def breaks_in(workload: pd.DataFrame, asked: Numbers) -> str:
    """The first month of WORKLOAD at whose end more waits than the desk can do in the promised days, if in its months so many requests for
    certificates are `asked` instead; "" where there is none, or no pace is known."""
    if workload.empty:
        return ""
    closed = (workload["closed_a_day"] * workload["business_days"]).to_numpy(dtype=np.float64)
    waiting = waiting_after(asked + workload["other_requests"].to_numpy(dtype=np.float64), closed)
    broken = np.flatnonzero(waiting > (workload["promised_days"] * workload["closed_a_day"]).to_numpy(dtype=np.float64))
    return str(workload["month"].iloc[broken[0]]) if len(broken) else ""


def waiting_after(asked: Numbers, closed: Numbers) -> Numbers:
    """What stands open at the end of each month: never less than nothing, for a desk cannot work ahead."""
    found, before = np.zeros(len(asked)), 0.0
    for month, more in enumerate(asked - closed):
        before = max(0.0, before + more)
        found[month] = before
    return found


def _automated_needed(asked: Numbers, other: Numbers, open_days: npt.NDArray[np.int64], pace: Pace, promised: int) -> list[float]:
    """For each month the smallest whole percentage of `asked` that must renew itself so that the promise holds up to it; NaN where
    even all of it would not do."""
    needed = [float("nan")] * len(asked)
    for percent in range(100, -1, -1):
        waiting = waiting_after(asked * (100 - percent) / 100 + other, pace.closed * open_days)
        for month in range(len(asked)):
            if waiting[month] > promised * pace.closed:
                break
            needed[month] = percent / 100
    return needed
