"""How much stood open at the end of each period and how old it was, and whether more came in than went out (facts/service-levels §5).

What stands open is looked at when the desk closes on the last business day of a period, or up to the as-of day: a figure of that
instant, not of the time before it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from pipeline.calendar import BusinessTime, day_start
from pipeline.service.counts import called_off, is_open, is_received
from pipeline.service.reporting import Reporting, Whole
from pipeline.service.tallies import Members, joined, shown, tally_at

BACKLOG, NET_FLOW = "backlog", "net-flow"
# From and up to how many business days after the day of receipt each band reaches.
BANDS = {"backlog-0-2": (0, 2), "backlog-3-5": (3, 5), "backlog-6-10": (6, 10), "backlog-over-10": (11, np.inf)}
_FLOW_DAYS = 20
_DAY = dt.timedelta(days=1)


def in_calendar(time: BusinessTime, reporting: Reporting) -> bool:
    """Whether the calendar holds every day that is reported."""
    ends = [day_start(day, time.zone) for day in (reporting.edges[0].item(), reporting.edges[-1].item())]
    return bool(time.covers(pd.Series(ends, dtype="datetime64[us, UTC]")).all())


def backlog(
    requests: pd.DataFrame, episodes: pd.DataFrame, members: Members, time: BusinessTime, reporting: Reporting
) -> list[pd.DataFrame]:
    """Rows of MEASURES of REQUESTS and EPISODES: what stood open at the end of each period, in all and by its age in business days.

    A reopened request stands open again from then on, as old as its reopening. A cancelled one stood open until then; where no log tells
    when that was, it is left out.
    """
    spells = _open_spells(requests, episodes)
    spells = spells[time.covers(spells["began_at"])].reset_index(drop=True)
    days, of_periods = _last_business_days(time, reporting)
    began, ended = spells["began_at"], spells["ended_at"]
    stood = [np.flatnonzero(((began <= at) & ~(ended <= at)).to_numpy()) for at in time.closing(days)]
    moment, rows = _placed(stood)
    age = time.day_numbers(days)[moment] - time.day_numbers(time.receipt_days(began))[rows]
    of_rows = members.at(spells["row"].to_numpy(dtype=np.int64)[rows])
    found = [(BACKLOG, np.ones(len(rows), dtype=bool))]
    found += [(measure, (age >= least) & (age <= most)) for measure, (least, most) in BANDS.items()]
    tallies = [(measure, tally_at(of_rows.at(holds), moment[holds], of_periods)) for measure, holds in found]
    return [rows.assign(measure=measure, value=rows["n"].astype("float64")) for measure, rows in tallies]


def net_flow(
    requests: pd.DataFrame, members: Members, left_on: pd.Series[Any], time: BusinessTime, reporting: Reporting
) -> list[pd.DataFrame]:
    """Rows of MEASURES of REQUESTS: those received less those completed in the 20 business days up to the end of each period.

    `left_on` are the local days of completion. Cancelled ones count on neither side. A period that ends before there are figures of 20
    business days has no value.
    """
    counted = is_received(requests) & ~called_off(requests)
    days, of_periods = _last_business_days(time, reporting)
    last = time.day_numbers(days)[of_periods]
    first = int(time.day_numbers(pd.Series(reporting.edges[:1]))[0])
    came, went = (
        (rows, time.day_numbers(on[rows])) for rows, on in ((counted, requests["received_on"]), (counted & left_on.notna(), left_on))
    )
    parts = []
    for dimension, names, of_rows in members.dimensions():
        received, completed = (_in_flow_days(of_rows[rows], numbers, len(names), last) for rows, numbers in (came, went))
        period, member = shown(dimension, received + completed)
        place = {"period": period, "dimension": dimension, "member": names[member]}
        n, net = (both[period, member] for both in (received + completed, received - completed))
        parts.append(place | {"n": n, "value": np.where(last[period] - _FLOW_DAYS >= first, net, np.nan)})
    return [joined(parts).assign(measure=NET_FLOW)]


def _in_flow_days(members: Whole, numbers: Whole, size: int, last: Whole) -> Whole:
    """How many rows of each member (columns) lie in the business days that end with each of `last` (rows), all as day numbers."""
    least = min(int(last.min()) - _FLOW_DAYS, int(numbers.min(initial=int(last.min()))))
    most = max(int(last.max()), int(numbers.max(initial=0)))
    known = members >= 0
    by_day = np.bincount((numbers[known] - least) * size + members[known], minlength=(most - least + 1) * size)
    rising = np.cumsum(by_day.reshape(-1, size), axis=0)
    before = np.where((last - _FLOW_DAYS - least >= 0)[:, None], rising[np.maximum(last - _FLOW_DAYS - least, 0)], 0)
    return np.asarray(rising[last - least] - before, dtype=np.int64)


def _open_spells(requests: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """When requests stood open: `row` of REQUESTS, began_at, and ended_at, NaT while it lasts.

    The first spell is the row of REQUESTS, later ones are EPISODES; of a request list, which tells no later episodes, a reopened request
    that is open stands so since its reopening.
    """
    left_unknown = called_off(requests) & requests["completed_at"].isna().to_numpy()
    counted = is_received(requests) & ~left_unknown
    first = requests.rename(columns={"submitted_at": "began_at", "completed_at": "ended_at"})
    later = episodes[(episodes["episode"] > 1) & ~(episodes["status"].isin(("cancelled", "duplicate")) & episodes["ended_at"].isna())]
    untold = is_open(requests) & requests["reopened_at"].notna() & ~requests["request_id"].isin(later["request_id"])
    again = requests.assign(began_at=requests["reopened_at"], ended_at=pd.Series(pd.NaT, index=requests.index, dtype="datetime64[us, UTC]"))
    places = pd.Index(requests["request_id"]).get_indexer(pd.Index(later["request_id"]))
    later = later.assign(row=places)[(places >= 0) & counted[places]]
    rows = np.arange(len(requests))
    parts = (first.assign(row=rows)[counted], later, again.assign(row=rows)[untold])
    spells: pd.DataFrame = pd.concat([part[["row", "began_at", "ended_at"]] for part in parts], ignore_index=True)
    return spells


def _last_business_days(time: BusinessTime, reporting: Reporting) -> tuple[pd.Series[Any], Whole]:
    """The distinct last business days of the periods (datetime64[us]), and the place of each period's among them."""
    ends = pd.Series([period.ends - _DAY for period in reporting.periods], dtype="datetime64[us]")
    numbers, places = np.unique(np.maximum(time.day_numbers(ends), 1), return_inverse=True)
    return pd.Series(time.window_days[numbers - 1].astype("datetime64[us]")), places.astype(np.int64)


def _placed(rows: list[Any]) -> tuple[Whole, Whole]:
    """Lists of rows as one: the number of the list that each stands in, and the row."""
    moment = np.repeat(np.arange(len(rows)), [len(found) for found in rows])
    return moment, np.concatenate([*rows, np.empty(0, dtype=np.int64)]).astype(np.int64)
