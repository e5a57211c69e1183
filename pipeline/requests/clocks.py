"""The clock of each request in whole numbers: when it starts and stops, in UTC seconds, desk time and the desk's windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import BusinessTime, day_start, local_days, utc_seconds

Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
_ONE_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, eq=False)
class Clocks:
    """One element a request. `begins` and `ends` bound its clock, UTC seconds: submission, and completion or now.

    `began` and `ended` are B of these, `received` is the number of the window of receipt, `days` how many business days lie after its day
    up to the day of completion or now. `completed_at`, UTC seconds, says something where `completed`. `running`: neither completed nor
    called off. `known`: when it ended, or that it runs, is known. `timed`: and its hours are, for its log gives more than days.
    """

    begins: Seconds
    ends: Seconds
    began: Seconds
    ended: Seconds
    received: Seconds
    days: Seconds
    completed_at: Seconds
    completed: Flags
    running: Flags
    known: Flags
    timed: Flags


def clocks(rows: pd.DataFrame, called_off: Flags, time: BusinessTime, now: pd.Timestamp) -> Clocks:
    """The clocks of sound requests `rows` (REQUEST_ROWS) as of the instant `now`; `called_off` are cancelled, or double."""
    windows, until = time.windows, int(now.timestamp())
    begins, completed_at = time.checked(rows["submitted_at"]), utc_seconds(rows["completed_at"])
    completed = rows["completed_at"].notna().to_numpy()
    by_day = rows["dates_only"].to_numpy()
    ends = np.where(completed, completed_at, until)
    ends[by_day & completed] = _day_ends(rows.loc[by_day & completed, "completed_at"], time)
    received, after = windows.following(begins), windows.following(ends)
    time.known(received)
    last = np.where(completed, completed_at, until - 1)
    known = completed | ~called_off
    return Clocks(
        begins=begins,
        ends=ends,
        began=windows.passed(begins, received),
        ended=windows.passed(ends, after),
        received=received,
        days=np.maximum(windows.days_begun(last, windows.following(last)) - received - 1, 0),
        completed_at=completed_at,
        completed=completed,
        running=~completed & ~called_off,
        known=known,
        timed=known & ~by_day,
    )


def _day_ends(completed: pd.Series[Any], time: BusinessTime) -> Seconds:
    """A completion known by its day only lets pauses count to the end of that day."""
    days = local_days(completed, time.zone)
    midnights = {day: int(day_start((day + _ONE_DAY).date(), time.zone).timestamp()) for day in days.unique()}
    return days.map(midnights).to_numpy(dtype=np.int64)
