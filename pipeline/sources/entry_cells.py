"""The lists of data/entries: how a cell stands in their files, and what must hold of their rows beyond the words of their columns.

A text that a spreadsheet could take for a formula stands behind an apostrophe, as in all our CSV; reading takes it off again, so that
an answer about `-Lighthouse` is read as it was given.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator

import numpy as np

from pipeline import entries, hosts
from pipeline.contracts import Table
from pipeline.contracts.entries import ACCEPTED, CORRECTIONS, HOSTS
from pipeline.findings import Finding
from pipeline.sources.raw_files import Refused
from pipeline.sources.readings import Reading
from pipeline.sources.typed_columns import TypedColumns

_FORMULA = re.compile(r"'*[=+\-@\t\r\n\x00]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n\x00]")


def guarded(text: str) -> str:
    """`text` as a cell of data/entries that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def exact(cell: str) -> str:
    """The text that `guarded` made `cell` of."""
    return cell[1:] if _GUARDED.match(cell) else cell


def check(columns: TypedColumns, table: Table) -> None:
    """Set aside the rows of a list of data/entries that contradict what the list is for."""
    if table is ACCEPTED:
        _refuse(columns, "code", entries.refusal)
    if table is CORRECTIONS:
        _refuse(columns, "column", entries.column_refusal)
    if table is HOSTS:
        _refuse(columns, "host", hosts.refusal)


def contradictions(readings: Iterable[Reading], codes: Collection[str], tiers: Collection[str]) -> Iterator[Finding]:
    """A finding that stops the run for the first correction of each file whose value cannot stand in its column.

    `codes` are the agency codes of data/reference, `tiers` those of the settings; both are known only when all lists are read.
    """
    for reading in readings:
        if reading.table != CORRECTIONS.name:
            continue
        cells = reading.frame[["key", "column", "value"]].itertuples(index=False, name=None)
        for row, (key, column, value) in zip(reading.rows, cells, strict=True):
            problem = entries.value_refusal(key, column, value, codes, tiers)
            if problem:
                refused = Refused("bad-reference", problem, value=value, column="value", row=int(row), sheet=reading.sheet)
                yield refused.finding(reading.path)
                break


def _refuse(columns: TypedColumns, name: str, refusal: Callable[[str], str]) -> None:
    """Quarantine each row whose cell of the column is refused, with the reason."""
    texts = columns.written(name)
    for reason in sorted({refusal(text) for text in texts if text} - {""}):
        wrong = np.array([bool(text) and refusal(text) == reason for text in texts], dtype=bool)
        columns.set_aside(wrong, "bad-value", reason, name)
