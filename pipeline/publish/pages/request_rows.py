"""How a request stands in a table: the same cells on the requests, agency and home pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.trace_rows import to_its_row
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, State
from pipeline.requests.verdicts import AT_RISK_SECONDS
from pipeline.service.durations import HOUR

OPEN_NOW = ("overdue", "at-risk", "on-track", "paused")
DUE_TODAY = "due today, and the desk has closed"
_LATE = ("missed", "overdue")
_IN_TIME = ("met", "at-risk", "on-track", "paused")
_STATES: dict[str, tuple[State, str]] = {
    "met": ("met", "on time"),
    "missed": ("missed", "late"),
    "overdue": ("missed", "overdue"),
    "at-risk": ("near", "at risk"),
    "on-track": ("plain", "on track"),
    "paused": ("plain", "waiting"),
    "excluded": ("plain", "not counted"),
    "invalid": ("near", "cannot be judged"),
}
COLUMNS = (
    Head("Request", "short"),
    Head("State", "short"),
    Head("What was asked", "name"),
    Head("Agency"),
    Head("Received", "date"),
    Head("Due", "date"),
    Head("Done", "date"),
    Head("Business days"),
)
_AGENCY = 3  # where the agency stands in COLUMNS


def newest_first(requests: pd.DataFrame) -> pd.DataFrame:
    """Requests by the time they were received, the newest at the top."""
    return requests.sort_values(["submitted_at", "request_id"], ascending=[False, True], kind="stable")


def most_overdue_first(requests: pd.DataFrame) -> pd.DataFrame:
    """Requests by their due day, the longest overdue at the top."""
    return requests.sort_values(["due_on", "request_id"], kind="stable")


_CALLED_OFF = {"cancelled": "cancelled", "duplicate": "a duplicate"}
_READ = ["request_id", "status", "verdict", "kind", "agency", "due_on", "business_days", "late_seconds", "paused_seconds", "source"]


def _pushed(edition: Edition, requests: pd.DataFrame) -> pd.Series[bool]:
    """Whether a wait for the customer moved the due day of each request away from that which was promised on receipt."""
    days = requests["kind"].map({kind: _promised(edition, kind) for kind in words.REQUEST_KINDS}).astype("Int64")
    rows = requests["due_on"].notna() & requests["received_on"].notna() & days.notna() & (requests["paused_seconds"].fillna(0) > 0)
    moved = pd.Series(data=False, index=requests.index)
    if rows.any():
        promised = edition.due_days(requests.loc[rows, "received_on"], days[rows].to_numpy(dtype="int64"))
        moved[rows] = promised != requests.loc[rows, "due_on"]
    return moved


def dated(edition: Edition, requests: pd.DataFrame) -> Iterator[Any]:
    """The rows of `requests`, in their order, as far as tables show them, with `received` and `done`: local days, "" where not known."""
    received, done = (edition.local_days_told(requests[name]) for name in ("submitted_at", "completed_at"))
    return rows_of(requests[_READ].assign(received=received, done=done, pushed=_pushed(edition, requests)))


def grid(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """The table of requests in the order of `frame`, for a page at the root of the site, below a heading that says what it holds."""
    rows = [_cells(edition, row, number(edition, row)) for row in dated(edition, frame)]
    return Grid(caption, COLUMNS, rows, empty, things=True, captioned=False)


def grid_of_agency(edition: Edition, rows: Iterable[Any], caption: str, empty: str) -> Grid:
    """The same table of `dated` rows for the page of one agency, which need not be named in each; no way leads out of it to rows of
    files, for that page is handed over."""
    made = [_cells(edition, row, row.request_id) for row in rows]
    return Grid(caption, COLUMNS, made, empty, things=True, captioned=False).without(_AGENCY)


def number(edition: Edition, row: Any) -> Cell:
    """The number of a request, for a page at the root of the site: it leads to the row of a log that tells of it."""
    return to_its_row(edition, row.request_id, row.source)


def due(edition: Edition, row: Any) -> Cell:
    """The due day, and for an open request how far away it is."""
    day, verdict = row.due_on, row.verdict
    if pd.isna(day):
        return "set when it resumes" if verdict == "paused" else "none"
    if verdict not in OPEN_NOW:
        return words.day(day)
    state: State = "missed" if verdict == "overdue" else "near" if verdict == "at-risk" else "plain"
    away = (day.date() - edition.today).days
    return Noted(words.day(day), words.in_days(away) if away else "today, desk closed", state)


def at_risk(edition: Edition) -> Figure:
    """The card of the open requests at risk: those due on the as-of day, after whose desk hours the books stand, apart from those that
    still have some."""
    found = edition.books.requests[edition.books.requests["verdict"] == "at-risk"]
    today = int((found["due_on"] == pd.Timestamp(edition.today)).sum())
    later = len(found) - today
    said = [f"{today:,} {DUE_TODAY}"] if today else []
    said += [f"{later:,} with at most {AT_RISK_SECONDS // HOUR} desk hours left"] if later else []
    return Figure(
        "At risk now",
        words.count(len(found)),
        basis="; ".join(said),
        state="near" if len(found) else "met",
        word="finish next" if len(found) else "none",
    )


def _cells(edition: Edition, row: Any, number: Cell) -> list[Cell]:
    state, word = _STATES[row.verdict]
    return [
        number,
        Chip(word, state),
        words.REQUEST_KINDS[row.kind],
        edition.agency(row.agency),
        row.received or "time not readable",
        due(edition, row),
        _done(row),
        _business_days(edition, row, _promised(edition, row.kind)),
    ]


def _done(row: Any) -> Cell:
    """The day on which the request was finished; of one that was called off, the day of that, and what became of it."""
    if not row.done:
        return "not yet" if row.verdict in OPEN_NOW else "not done"
    off = _CALLED_OFF.get(row.status) if row.verdict == "excluded" else None
    return Noted(row.done, f"{off}, not done") if off else row.done


def _promised(edition: Edition, kind: str) -> int | None:
    """The business days within which a request of this kind is to be finished; None where nothing is promised."""
    return next((target.business_days for target in edition.settings.target if kind in target.kinds), None)


def _business_days(edition: Edition, row: Any, promised: int | None) -> Cell:
    """The days, by how much it is late, and the time that the customer let pass where that moved the due day, or only that keeps the
    request within its promise."""
    if pd.isna(row.business_days):
        return "not known"
    days = words.count(int(row.business_days))
    late = row.verdict in _LATE and not pd.isna(row.late_seconds)
    said = [f"late by {words.hours(int(row.late_seconds))} of desk time"] if late else []
    waited = 0 if pd.isna(row.paused_seconds) else int(row.paused_seconds)
    saved = row.verdict in _IN_TIME and promised is not None and int(row.business_days) > promised
    if waited and (saved or row.pushed):
        said.append(f"waited {_waited(edition, waited)} of desk time for the customer")
    return Noted(days, "; ".join(said)) if said else days


def _waited(edition: Edition, seconds: int) -> str:
    """A wait in days of the desk; less than one in hours and minutes."""
    desk = edition.settings.desk
    whole_day = (desk.closes.hour - desk.opens.hour) * 3600 + (desk.closes.minute - desk.opens.minute) * 60
    return f"{seconds / whole_day:.1f} days" if seconds >= whole_day else words.hours(seconds)
