"""Which requests come from a log that can tell a first answer, a wait or a reopening. Of the others nobody can say that there was none, so
they take no part in a measure of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.service.records import Records
from pipeline.service.tallies import Flags


def first_answers(records: Records) -> Flags:
    """The rows of REQUESTS of layouts in which any request has a first answer."""
    return _of_layouts_where(records.requests["response_seconds"].notna().to_numpy(), records)


def waits(records: Records) -> Flags:
    """The rows of REQUESTS of event logs, which tell each wait, and of other layouts of which any request is known to have waited."""
    waited = (records.requests["paused_seconds"] > 0).fillna(False).to_numpy(dtype=bool)
    return _of_event_logs(records) | _of_layouts_where(waited, records)


def reopenings(records: Records, until: pd.Series[Any]) -> Flags:
    """The rows of REQUESTS whose log tells whether they were reopened up to the day `until` (datetime64) of each: rows of event logs, if a
    file of the same layout was taken on that day or later, or nobody knows when it was taken.

    A list has one row a request, as it stood when the list was taken: what was completed again shows no reopening.
    """
    newest = records.inputs.groupby("layout")["taken_on"].transform("max").to_numpy(dtype="datetime64[us]")
    place = pd.Index(records.inputs["file"]).get_indexer(pd.Index(_files(records)))
    taken_on = np.append(newest, np.datetime64("NaT"))[place]  # the last is that of a row whose file nobody knows
    seen = np.isnat(taken_on) | (until.to_numpy(dtype="datetime64[us]") <= taken_on)
    told: Flags = _of_event_logs(records) & seen
    return told


def _of_event_logs(records: Records) -> Flags:
    found: Flags = records.requests["source"].isin(records.request_events["source"]).to_numpy()
    return found


def _of_layouts_where(holds: Flags, records: Records) -> Flags:
    """Which rows of REQUESTS come from files of a layout of which any row `holds`.

    Not of a file: one that is split in two must say the same as before, in whichever half the rows stand that tell it.
    """
    number, layouts = pd.factorize(_layouts(records))
    some: Flags = np.bincount(number, weights=holds, minlength=len(layouts)) > 0
    return some[number]


def _layouts(records: Records) -> np.ndarray[Any, np.dtype[np.object_]]:
    """The layout of the file of each row of REQUESTS; "" where that is not known."""
    place = pd.Index(records.inputs["file"]).get_indexer(pd.Index(_files(records)))
    layouts: np.ndarray[Any, np.dtype[np.object_]] = np.append(records.inputs["layout"].to_numpy(dtype=object), "")[place]
    return layouts


def _files(records: Records) -> np.ndarray[Any, np.dtype[np.object_]]:
    """The file of each row of REQUESTS; "" for a row without a place."""
    place = pd.Index(records.places["source"]).get_indexer(pd.Index(records.requests["source"]))
    files: np.ndarray[Any, np.dtype[np.object_]] = np.append(records.places["file"].to_numpy(dtype=object), "")[place]
    return files
