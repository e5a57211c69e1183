"""The estimate behind the quantiles: how many were finished within so many business days, and how many were still watched then."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Cell, Grid, Head
from pipeline.service.counts import called_off, is_received
from pipeline.service.survival import Durations

_DAYS = (1, 2, 3, 4, 5, 7, 10, 15, 20)


def table(edition: Edition) -> Grid:
    """The requests received in the last month that has ended, on the desk's clock: up to each number of business days how many were still
    watched, and the share that is estimated to be finished by then (Kaplan-Meier)."""
    month = edition.last_month
    requests = edition.books.requests
    seconds = requests["business_seconds"]
    counted = is_received(requests) & seconds.notna().to_numpy() & (requests["received_on"].dt.strftime("%Y-%m") == month).to_numpy()
    ended = (requests["completed_at"].notna().to_numpy() & ~called_off(requests))[counted]
    watched = seconds.to_numpy(dtype=np.int64, na_value=0)[counted]
    curve = Durations.of(watched, ended).curves(np.zeros(len(watched), dtype=np.int64), 1)
    rows: list[list[Cell]] = []
    for days in _DAYS:
        limit = days * _desk_day(edition)
        if not len(watched) or limit > watched.max() + _desk_day(edition):
            break
        place = int(np.searchsorted(curve.duration, limit, side="right"))
        left = 1.0 if place == 0 else float(curve.survival[place - 1])
        finished = int((ended & (watched <= limit)).sum())
        gone = int((~ended & (watched <= limit)).sum())
        rows.append([f"{days}", f"{int((watched > limit).sum()):,}", f"{finished:,}", f"{gone:,}", words.percent(1 - left)])
    columns: tuple[Head, ...] = (
        Head("Business days", "short"),
        Head("Still watched after them", "number"),
        Head("Finished within", "number"),
    )
    columns += (Head("Watched no longer, not finished", "number"), Head("Estimated share finished", "number"))
    caption = f"{words.count(len(watched), 'request')} received in {words.month(month)}, on the desk's clock"
    return Grid(caption, columns, rows, f"No request received in {words.month(month)} has hours.", lead=4)


def _desk_day(edition: Edition) -> int:
    """The seconds of a business day of the desk."""
    desk = edition.settings.desk
    opens, closes = (pd.Timedelta(hours=time.hour, minutes=time.minute, seconds=time.second) for time in (desk.opens, desk.closes))
    return int((closes - opens).total_seconds())
