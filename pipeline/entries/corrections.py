"""Lines of data/entries/corrections.csv laid over the rows that came in, before anything is accounted for.

A line names a row by `key`: an order, a serial or fingerprint, a request; or, for the column `kind`, by `kind:` and the word that a log
writes for a kind of request, which then holds for every row with that word. A row that is read otherwise than its file says is told by
a note, a line that changes nothing by a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import row_names
from pipeline.contracts import Inbox
from pipeline.contracts.entries import KIND_KEY
from pipeline.entries.correctable import CORRECTABLE, cells
from pipeline.findings import Finding

_KINDS = {"export_rows": ("order", "serial", "fingerprint"), "request_rows": ("request",), "request_events": ("request",)}
# What is shown of a row as its old value: the typed column behind a column of the canonical layouts.
_SHOWN = {"agency": "agency_text", "tier": "product"}
_A = {"order": "an", "serial": "a", "fingerprint": "a", "request": "a"}
_STALE = "stale-correction"
_WORD_MARKS = re.compile(r"[\s_-]+")

Positions = npt.NDArray[np.int64]


class Line(NamedTuple):
    """A line, in the order in which lines are applied: by day, then as the file has them. `source` is its own place."""

    on: pd.Timestamp
    source: int
    key: str
    column: str
    value: str
    by: str
    reason: str

    @property
    def word(self) -> str:
        """The word for a kind of request that the key names, "" where it names a row."""
        return _plain(self.key[len(KIND_KEY) :]) if self.key.casefold().startswith(KIND_KEY) else ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a line did to a cell: the row's place and what stood there before any line."""

    line: Line
    source: int
    was: str

    @property
    def told(self) -> str:
        """Who corrected when what, what it was and is, and why: after "Corrected"."""
        line = self.line
        return f"by {line.by} on {line.on:%Y-%m-%d}: {line.column}: {self.was or 'empty'} -> {line.value} ({line.reason})"


def correct(inbox: Inbox, zone: ZoneInfo) -> Inbox:
    """`inbox` with the corrections applied to its typed rows, and the findings that tell of each.

    Later lines win over earlier ones (`on`, then their order in the file), a line about a request over one about its word for the kind.
    `corrected` notes say of each row who corrected which column when, what it was and is, and why; of a word for a kind of request one
    note tells, at the first row that has it. A line whose key names no row, or several kinds of things, or whose value fits none of the
    rows that it names, is a `stale-correction`. A word for a kind of request that is answered so is no `unknown-kind` any more. A time
    without a zone is local to `zone`.
    """
    lines = _lines(inbox.corrections)
    if not lines:
        return inbox
    overlaid = _overlaid(inbox, lines, zone)
    rows = overlaid.rows
    read = replace(inbox, export_rows=rows["export_rows"], request_rows=rows["request_rows"], request_events=rows["request_events"])
    return replace(read, findings=(*_still_unknown(read, lines), *overlaid.findings))


def of_exports(inbox: Inbox, zone: ZoneInfo) -> list[Change]:
    """What the corrections make of cells of export rows, each cell once, as its last line says; sorted by row and column."""
    lines = _lines(inbox.corrections)
    of_cells = _overlaid(inbox, lines, zone).of_cells if lines else {}
    ours = set(inbox.export_rows["source"]) if of_cells else set()
    return [of_cells[place] for place in sorted(of_cells) if place[0] in ours]


def applied(inbox: Inbox, zone: ZoneInfo) -> list[tuple[int, int]]:
    """(place of the line, place of the row) of each row that `correct` reads otherwise because of that line."""
    lines = _lines(inbox.corrections)
    return [(change.line.source, change.source) for change in _overlaid(inbox, lines, zone).changes] if lines else []


@dataclass(slots=True)
class _Overlaid:
    """The typed rows with the lines laid over them, what each line changed, what became of each cell (place of the row, column) that is
    corrected by its row's name, and what there is to tell of it."""

    rows: dict[str, pd.DataFrame]
    changes: list[Change] = field(default_factory=list)
    of_cells: dict[tuple[int, str], Change] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def _overlaid(inbox: Inbox, lines: list[Line], zone: ZoneInfo) -> _Overlaid:
    done = _Overlaid({table: getattr(inbox, table).copy() for table in CORRECTABLE})
    finder = _Finder(inbox, lines)
    notes, stale = [], []
    for line in lines:
        places, problem = finder.places(line)
        changed = [change for table, positions in places for change in _laid_over(done.rows[table], table, positions, line, zone)]
        done.changes += changed
        if line.word and changed:
            notes.append(_word_note(line, changed))
        for change in () if line.word else changed:
            first = done.of_cells.get((change.source, line.column))
            done.of_cells[change.source, line.column] = replace(change, was=first.was) if first else change
        if not changed:
            stale.append(_stale(line, problem or _unfit(line, [table for table, _ in places])))
    done.findings = [*notes, *(_note(done.of_cells[place]) for place in sorted(done.of_cells)), *stale]
    return done


def _lines(corrections: pd.DataFrame) -> list[Line]:
    """The lines in the order in which they are applied."""
    columns = (corrections[name] for name in ("key", "column", "value", "by", "reason"))
    lines = [Line(*row) for row in zip(corrections["on"], map(int, corrections["source"]), *columns, strict=True)]
    return sorted(lines, key=lambda line: (not line.word, line))


class _Finder:
    """Which rows a line is about."""

    def __init__(self, inbox: Inbox, lines: list[Line]) -> None:
        self._inbox = inbox
        wanted = {row_names.comparable(line.key, kind) for line in lines for kind in ("order", "serial")}
        names = row_names.named(inbox)
        names = names[names["name"].isin(list(wanted))]
        self._sources: dict[tuple[str, str], list[int]] = {}
        for kind, name, source in names.itertuples(index=False, name=None):
            self._sources.setdefault((kind, name), []).append(source)

    def places(self, line: Line) -> tuple[list[tuple[str, Positions]], str]:
        """(table, positions of its rows) that the line is about; and why there are none."""
        if line.word:
            found = [(table, self._of_word(table, line.word)) for table in ("request_rows", "request_events")]
            found = [(table, positions) for table, positions in found if len(positions)]
            return found, "" if found else "No request has this word for its kind any more."
        kinds = [kind for kind in ("order", "serial", "fingerprint", "request") if self._named(line.key, kind)]
        concerned = [kind for kind in kinds if any(line.column in CORRECTABLE[table] for table in CORRECTABLE if kind in _KINDS[table])]
        if len(concerned) > 1:
            return [], f"The key names both {' and '.join(f'{_A[kind]} {kind}' for kind in concerned)}; nothing was corrected."
        if not concerned:
            return [], f"{_A[kinds[0]].capitalize()} {kinds[0]} has no {line.column}." if kinds else "The key names no row that came in."
        sources = self._named(line.key, concerned[0])
        found = [
            (table, np.flatnonzero(getattr(self._inbox, table)["source"].isin(sources)))
            for table, of_table in _KINDS.items()
            if concerned[0] in of_table and line.column in CORRECTABLE[table]
        ]
        found = [(table, positions) for table, positions in found if len(positions)]
        return found, "" if found else f"The times of {line.key} are those of the events of its log."

    def _named(self, key: str, kind: str) -> list[int]:
        return self._sources.get((kind, row_names.comparable(key, kind)), [])

    def _of_word(self, table: str, word: str) -> Positions:
        written = getattr(self._inbox, table)["kind_text"]
        words = {text for text in written.unique() if _plain(text) == word}
        return np.flatnonzero(written.isin(list(words)))


def _laid_over(rows: pd.DataFrame, table: str, positions: Positions, line: Line, zone: ZoneInfo) -> Iterator[Change]:
    """Write the line's value into `rows` at `positions`; a change for each row that it made another one."""
    new = cells(table, line.column, line.value, zone)
    if new is None:
        return
    decisive = _SHOWN.get(line.column, line.column)
    already = (rows[decisive].iloc[positions] == new[decisive]).to_numpy(dtype=bool)
    if "kind_text" in new:
        already = already & (rows["kind_text"].iloc[positions] == "").to_numpy(dtype=bool)
    changed = positions[~already & ~_end_before_they_begin(rows.iloc[positions], new)]
    old = rows["kind_text" if line.word else decisive].iloc[changed].map(_text).tolist()
    for name, value in new.items():
        rows.loc[rows.index[changed], name] = value
    yield from (Change(line, source, was) for source, was in zip(rows["source"].iloc[changed].tolist(), old, strict=True))


def _end_before_they_begin(rows: pd.DataFrame, new: dict[str, Any]) -> npt.NDArray[np.bool_]:
    """Which certificates the new day would make end before they begin."""
    if not new.keys() & {"valid_from", "valid_to"}:
        return np.zeros(len(rows), dtype=bool)
    changed = rows.assign(**{name: new[name] for name in ("valid_from", "valid_to") if name in new})
    return (changed["valid_to"] < changed["valid_from"]).to_numpy(dtype=bool)


def _unfit(line: Line, tables: list[str]) -> str:
    if line.column in ("valid_from", "valid_to"):
        return "Every row that it names says so already, or would end before it begins."
    if line.column == "status" or "request_events" in tables:
        return f"Every row that it names says so already, or is of a log whose {line.column} cannot be '{line.value}'."
    return "Every row that it names says so already; the line can go."


def _note(change: Change) -> Finding:
    return Finding("corrected", f"Corrected {change.told}", value=change.was, column=change.line.column, source=change.source)


def _word_note(line: Line, changed: list[Change]) -> Finding:
    rows = f"{len(changed):,} row{'' if len(changed) == 1 else 's'}"
    reason = f"Corrected by {line.by} on {line.on:%Y-%m-%d}, in {rows}: kind: {changed[0].was} -> {line.value} ({line.reason})"
    return Finding("corrected", reason, value=changed[0].was, column="kind", source=min(change.source for change in changed))


def _stale(line: Line, why: str) -> Finding:
    return Finding(_STALE, f"{why} Entered by {line.by} on {line.on:%Y-%m-%d}.", value=line.key, column="key", source=line.source)


def _still_unknown(inbox: Inbox, lines: list[Line]) -> Iterator[Finding]:
    """The findings of the reading, less `unknown-kind` about words that a line explains."""
    explained = {line.word for line in lines if line.word}
    file_of: dict[int, str] = dict(zip(inbox.places["source"], inbox.places["file"], strict=True)) if explained else {}
    unexplained = {
        file_of[source]
        for table in ("request_rows", "request_events")
        for rows in (getattr(inbox, table),)
        for source in (rows.loc[rows["kind_text"] != "", "source"] if explained else ())
    }
    for finding in inbox.findings:
        of_a_kind = finding.code == "unknown-kind" and explained
        told = _plain(finding.value) in explained if finding.value else finding.file not in unexplained
        if not (of_a_kind and told):
            yield finding


def _text(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.strftime("%Y-%m-%d")
    return "" if pd.isna(value) else str(value)


def _plain(text: str) -> str:
    """A word for a kind of request as words are compared: lower case, hyphens and underscores as spaces."""
    return _WORD_MARKS.sub(" ", text.casefold()).strip()
