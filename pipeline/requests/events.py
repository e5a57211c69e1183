"""Event logs, which have many rows a request, folded by time into one row a request and its pauses (DESIGN §4, §6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import EPISODES, PAUSE_ROWS, REQUEST_ROWS

# An event in one of these states ends an episode; the first three of them answer the request.
ANSWERS = ("resolved", "completed", "rejected")
ENDINGS = (*ANSWERS, "cancelled", "duplicate")
_LATEST_TEXTS = ("kind", "agency_text", "agency_match", "product", "order_id", "contact_email")


@dataclass(frozen=True, slots=True)
class Folded:
    """What the event logs tell, each sorted by request: `rows` (REQUEST_ROWS), `pauses` (PAUSE_ROWS) and, of the requests that were
    reopened after a completion, every `episodes`: request_id, episode (int64, from 1), began_at, ended_at, status, source."""

    rows: pd.DataFrame
    pauses: pd.DataFrame
    episodes: pd.DataFrame


def fold(events: pd.DataFrame, now: pd.Timestamp) -> Folded:
    """REQUEST_EVENTS as requests, their pauses and their episodes, as of the instant `now`.

    Texts are the latest that the log gives, `source` is the latest event. completed_at is the first resolution, else the closing;
    of a reopened request the first event that answered it, because such logs keep only the last resolution in their own column.
    An event without a time counts from the opening; without either it comes first. Events of one time are in the order of the log's own
    numbers, and only where it has none in the order in which they were read.

    Staff answered a request first when it was resolved or rejected, or waited for somebody: then it had been looked at and sent back. An
    event after `now` answers nothing yet. A request that was only passed on has no answer, which is not an answer at once.

    A cancellation that was taken back is no completion: such a request runs from its opening to the answer that it got, in one episode.
    """
    if events.empty:
        return Folded(REQUEST_ROWS.empty(), PAUSE_ROWS.empty(), EPISODES.empty())
    number, names = pd.factorize(events["request_id"], sort=True)
    at = events["at"].fillna(events["opened_at"])
    within_a_minute, _ = pd.factorize(events["sequence"], sort=True)
    order = np.lexsort((events["source"].to_numpy(), within_a_minute, at.dt.tz_localize(None).to_numpy().astype(np.int64), number))
    ordered = _with_reopenings(events.iloc[order].assign(at=at.iloc[order], number=number[order]).reset_index(drop=True))
    rows = _completions(ordered).assign(request_id=np.asarray(names, dtype=object), dates_only=False)
    rows["submitted_at"] = rows["opened_at"].fillna(rows["began_at"])
    rows["first_response_at"] = _first_answers(ordered, rows, now)
    for column in _LATEST_TEXTS:
        rows[column] = _latest_text(ordered, column)
    rows = rows.astype({"request_id": "str"})
    return Folded(REQUEST_ROWS.check(rows), _pauses(ordered, rows), _episodes(ordered, rows))


def _with_reopenings(ordered: pd.DataFrame) -> pd.DataFrame:
    """The events with `ended` (the request is closed after it) and `reopening` (it was before, and is not any more)."""
    ended = ordered["status"].isin(ENDINGS)
    same_request = ordered["number"] == ordered["number"].shift()
    return ordered.assign(ended=ended, reopening=~ended & ended.shift(fill_value=False) & same_request)


def _completions(ordered: pd.DataFrame) -> pd.DataFrame:
    """A row a request: when it was opened, first completed and first reopened, and its last state."""
    at, state, ended, reopening = ordered["at"], ordered["status"], ordered["ended"], ordered["reopening"]
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
    called_off = last["at"].where(last["status"].isin(ENDINGS))
    ending = first["ending_at"].mask(reopened, called_off)
    completed = resolved.fillna(written["closed_at"]).fillna(first["resolution_at"]).fillna(ending)
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


def _first_answers(ordered: pd.DataFrame, rows: pd.DataFrame, now: pd.Timestamp) -> pd.Series[Any]:
    """The first event that answers or waits, or the completion where that is told in a column of its own and came before."""
    answers = ordered["at"].where(ordered["status"].isin((*ANSWERS, "paused")) & (ordered["at"] < now))
    first = answers.groupby(ordered["number"]).first()
    completed = rows["completed_at"].where(rows["status"].isin(ANSWERS) & (rows["completed_at"] < now))
    return first.where(~(completed < first), completed).fillna(completed)


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


def _episodes(ordered: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """All episodes of the requests that were reopened after their completion; the first ends with that completion."""
    number, completed = ordered["number"], ordered["number"].map(rows["completed_at"])
    begins = ordered["reopening"] & (ordered["at"] >= completed)
    if not begins.any():
        return EPISODES.empty()
    split = ordered[number.isin(number[begins])].assign(episode=begins.groupby(number).cumsum() + 1)
    spells = split.assign(ended_at=split["at"].where(split["ended"])).groupby(["number", "episode"], as_index=False)
    found = spells.first()[["number", "request_id", "episode", "at", "ended_at", "source"]].rename(columns={"at": "began_at"})
    last = spells.last()
    found["status"] = last["status"].replace("resolved", "completed")
    of_request = rows.loc[found["number"], ["submitted_at", "completed_at", "status"]].reset_index(drop=True)
    is_first, is_last = found["episode"] == 1, found["number"] != found["number"].shift(-1)
    told = last["resolved_at"].where(last["resolved_at"] >= last["at"], last["closed_at"].where(last["closed_at"] >= last["at"]))
    closed_by_row = is_last & (of_request["status"] == "completed") & ~last["status"].isin(ENDINGS)
    found["began_at"] = found["began_at"].mask(is_first, of_request["submitted_at"])
    found["ended_at"] = found["ended_at"].mask(closed_by_row, told).mask(is_first, of_request["completed_at"])
    found["status"] = found["status"].mask(closed_by_row, "completed")
    return found.drop(columns="number")
