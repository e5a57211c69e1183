"""Event logs, which have many rows a request, folded by time into one row a request and its pauses (DESIGN §4, §6)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import PAUSE_ROWS, REQUEST_ROWS

# An event in one of these states ends an episode; the first three of them answer the request.
ANSWERS = ("resolved", "completed", "rejected")
ENDINGS = (*ANSWERS, "cancelled", "duplicate")
_LATEST_TEXTS = ("kind", "agency_text", "agency_match", "product", "order_id", "contact_email")


def fold(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """REQUEST_EVENTS as REQUEST_ROWS and PAUSE_ROWS, both sorted by request.

    Texts are the latest that the log gives, `source` is the latest event. completed_at is the first resolution, else the closing;
    of a reopened request the first event that answered it, because such logs keep only the last resolution in their own column.
    An event without a time counts from the opening; without either it comes first. Events of one time are in the order of the log's own
    numbers, and only where it has none in the order in which they were read.
    """
    if events.empty:
        return REQUEST_ROWS.empty(), PAUSE_ROWS.empty()
    number, names = pd.factorize(events["request_id"], sort=True)
    at = events["at"].fillna(events["opened_at"])
    within_a_minute, _ = pd.factorize(events["sequence"], sort=True)
    order = np.lexsort((events["source"].to_numpy(), within_a_minute, at.dt.tz_localize(None).to_numpy().astype(np.int64), number))
    ordered = events.iloc[order].assign(at=at.iloc[order], number=number[order]).reset_index(drop=True)
    rows = _completions(ordered).assign(request_id=np.asarray(names, dtype=object), dates_only=False)
    rows["submitted_at"] = rows["opened_at"].fillna(rows["began_at"])
    rows["first_response_at"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    for column in _LATEST_TEXTS:
        rows[column] = _latest_text(ordered, column)
    rows = rows.astype({"request_id": "str"})
    return REQUEST_ROWS.check(rows), _pauses(ordered, rows)


def _completions(ordered: pd.DataFrame) -> pd.DataFrame:
    """A row a request: when it was opened, first completed and first reopened, and its last state."""
    at, state = ordered["at"], ordered["status"]
    ended = state.isin(ENDINGS)
    reopening = ~ended & ended.shift(fill_value=False) & (ordered["number"] == ordered["number"].shift())
    marked = ordered.assign(
        reopened_at=at.where(reopening),
        reopen_count=reopening.astype("int64"),
        resolution_at=at.where(state == "resolved"),
        answer_at=at.where(state.isin(ANSWERS)),
        ending_at=at.where(ended),
    ).groupby("number")
    last = marked[["source", "status", "at", "resolved_at", "closed_at", "has_agency_column", "kind_text"]].last()
    first = marked[["opened_at", "reopened_at", "resolution_at", "answer_at", "ending_at"]].first()
    written = marked[["resolved_at", "closed_at"]].min()

    reopened = first["reopened_at"].notna()
    resolved = written["resolved_at"].where(~reopened, pd.concat([written["resolved_at"], first["answer_at"]], axis=1).min(axis=1))
    completed = resolved.fillna(written["closed_at"]).fillna(first["resolution_at"]).fillna(first["ending_at"])
    told_by_row = (last["closed_at"] >= last["at"]) | (last["resolved_at"] >= last["at"])
    status = last["status"].mask(last["status"].isin(("open", "paused")) & told_by_row, "completed").replace("resolved", "completed")
    by_closing = resolved.isna() & (written["closed_at"].notna() | first["resolution_at"].isna()) & completed.notna()
    return pd.DataFrame(
        {
            "source": last["source"],
            "opened_at": first["opened_at"],
            "began_at": marked["at"].first(),
            "completed_at": completed,
            "reopened_at": first["reopened_at"],
            "reopen_count": marked["reopen_count"].sum(),
            "status": status,
            "completed_by_closing": by_closing & (status == "completed"),
            "has_agency_column": last["has_agency_column"],
            "kind_text": last["kind_text"],
        }
    )


def _latest_text(ordered: pd.DataFrame, column: str) -> npt.NDArray[Any]:
    """The last text that is not empty, of each request in order."""
    written = ordered[column].to_numpy(dtype=object)
    place = np.where(written != "", np.arange(len(written)), -1)
    begins = np.flatnonzero(np.diff(ordered["number"].to_numpy(), prepend=-1))
    latest = np.maximum.reduceat(place, begins)
    return np.where(latest >= 0, written[latest], "")


def _pauses(ordered: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The spells in state paused: from the event that enters it to the next event of the request in another state."""
    number = ordered["number"].to_numpy()
    waiting = (ordered["status"] == "paused").to_numpy()
    run_begins = np.flatnonzero((np.diff(number, prepend=-1) != 0) | np.diff(waiting, prepend=False))
    runs = ordered.iloc[run_begins].reset_index(drop=True)
    resumed_at = runs["at"].shift(-1).where(runs["number"] == runs["number"].shift(-1))
    spells = runs.assign(
        paused_at=runs["at"].fillna(runs["number"].map(rows["submitted_at"])),
        resumed_at=resumed_at,
    )
    return PAUSE_ROWS.check(spells[spells["status"] == "paused"])
