"""Outages of one service on the line of time: what went on in each piece of it, and the outages merged (facts/service-levels §4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Flags = npt.NDArray[np.bool_]
Seconds = npt.NDArray[np.int64]
Instants = npt.NDArray[np.datetime64]
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Pieces:
    """Stretches of time in which nothing changes, in order: begin and end (instants), their seconds, the cell of `Reporting` that each
    lies in, what went on in it, and the number of its outage; numbers rise, also over pieces without one."""

    begins: pd.Series[Any]
    ends: pd.Series[Any]
    seconds: Seconds
    cell: Seconds
    taken_out: Flags
    unmonitored: Flags
    full: Flags
    partial: Flags
    outage: Seconds


def pieces(outages: pd.DataFrame, edges: pd.Series[Any]) -> Pieces:
    """The pieces from the first to the last of `edges` (instants, ascending), for OUTAGE_ROWS of one service, none without an end.

    Of what overlaps, maintenance and unmonitored time come first, then full outages, then partial ones.
    """
    begins = outages["began_at"].clip(lower=edges.iloc[0], upper=edges.iloc[-1])
    ends = outages["ended_at"].clip(lower=begins, upper=edges.iloc[-1])
    points = pd.Series(pd.concat([begins, ends, edges]).unique()).sort_values(ignore_index=True)
    going_on = {}
    for kind in ("planned", "unmonitored", "full", "partial"):
        steps = np.zeros(len(points), dtype=np.int64)
        np.add.at(steps, points.searchsorted(begins[outages["kind"] == kind]), 1)
        np.add.at(steps, points.searchsorted(ends[outages["kind"] == kind]), -1)
        going_on[kind] = np.cumsum(steps)[:-1] > 0
    taken_out = going_on["planned"] | going_on["unmonitored"]
    full = going_on["full"] & ~taken_out
    partial = going_on["partial"] & ~taken_out & ~full
    down = full | partial
    first, last = points[:-1], points[1:].reset_index(drop=True)
    return Pieces(
        begins=first,
        ends=last,
        seconds=(last - first).dt.total_seconds().to_numpy().astype(np.int64),
        cell=np.asarray(edges.searchsorted(first, side="right"), dtype=np.int64) - 1,
        taken_out=taken_out,
        unmonitored=going_on["unmonitored"],
        full=full,
        partial=partial,
        outage=np.cumsum(down & ~np.concatenate([[False], down[:-1]])),
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """The outages of one service, each begin and end (datetime64, UTC); `last` is the instant at which what has not ended goes on."""

    begins: Instants
    ends: Instants
    last: np.datetime64

    def touching(self, begins: pd.Timestamp, ends: pd.Timestamp) -> int:
        """How many have time in the period from `begins` up to `ends`, or stand in it without length."""
        return int(self._touch(begins, ends).sum())

    def figures(self, begins: pd.Timestamp, ends: pd.Timestamp) -> Iterator[dict[str, Any]]:
        """Of the period from `begins` up to `ends`: the number of outages, the longest, and how long those lasted that ended in it."""
        first, after = begins.to_datetime64(), ends.to_datetime64()
        touch = self._touch(begins, ends)
        n = int(touch.sum())
        yield {"measure": "outages", "value": float(n), "n": n}
        inside = np.minimum(self.ends[touch], after) - np.maximum(self.begins[touch], first)
        yield {"measure": "longest-outage", "value": _hours(inside.max()) if n else np.nan, "n": n}
        # an outage that ends with the period ended in it; one without length belongs where it stands
        instant = self.begins == self.ends
        ended = np.where(instant, touch, (self.ends > first) & (self.ends <= after)) & (self.ends < self.last)
        n = int(ended.sum())
        lasted = (self.ends - self.begins)[ended]
        yield {"measure": "time-to-restore", "value": _hours(lasted.sum()) / n if n else np.nan, "n": n}

    def _touch(self, begins: pd.Timestamp, ends: pd.Timestamp) -> Flags:
        first, after = begins.to_datetime64(), ends.to_datetime64()
        touch: Flags = (self.begins < after) & ((self.ends > first) | ((self.begins == self.ends) & (self.begins >= first)))
        return touch


def merged(outages: pd.DataFrame, cut: Pieces) -> Merged:
    """The outages of `cut`, the pieces of OUTAGE_ROWS of one service: those that touch or overlap, whole or partial, are one.

    One without length counts unless another one, or time that is taken out, reaches it.
    """
    down = cut.full | cut.partial
    begins, ends = (side.dt.tz_localize(None).to_numpy(dtype="datetime64[us]") for side in (cut.begins, cut.ends))
    first = np.flatnonzero(down & ~np.concatenate([[False], down[:-1]]))
    last = np.flatnonzero(down & ~np.concatenate([down[1:], [False]]))
    without = outages[outages["kind"].isin(("full", "partial")) & (outages["began_at"] >= outages["ended_at"])]
    instants = np.unique(without["began_at"].dt.tz_localize(None).to_numpy(dtype="datetime64[us]"))
    instants = instants[(instants >= begins[0]) & (instants < ends[-1])]
    place = np.searchsorted(begins, instants, side="right") - 1
    busy = down | cut.taken_out
    alone = instants[~busy[place] & ~((instants == begins[place]) & (place > 0) & busy[place - 1])]
    order = np.argsort(np.concatenate([begins[first], alone]), kind="stable")
    return Merged(np.concatenate([begins[first], alone])[order], np.concatenate([ends[last], alone])[order], ends[-1])


def _hours(length: np.timedelta64) -> float:
    return float(length / np.timedelta64(1, "s")) / HOUR
