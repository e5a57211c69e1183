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
from pipeline.contracts.entries import ACCEPTED, ADJUSTMENTS, CORRECTIONS, HOSTS
from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.sources import cells
from pipeline.sources.cells import Fault
from pipeline.sources.raw_files import Refused
from pipeline.sources.readings import Reading
from pipeline.sources.typed_columns import TypedColumns

LARGEST_ADJUSTMENT = 100_000_000  # cents

_FISCAL_YEAR = re.compile(r"(?:FY)?(20\d\d)", re.ASCII)
_SIGNS = ("-", "+", "(", "\N{MINUS SIGN}")
_FORMULA = re.compile(r"'*[=+\-@\t\r\n\x00]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n\x00]")


def guarded(text: str) -> str:
    """`text` as a cell of data/entries that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def exact(cell: str) -> str:
    """The text that `guarded` made `cell` of."""
    return cell[1:] if _GUARDED.match(cell) else cell


def amount(cell: str) -> int | Fault:
    """US dollars as whole cents. A sign is refused: what a row is says whether its amount is added or taken off."""
    text = exact(cell)
    if text[:1] in _SIGNS:
        return Fault("bad-number", "An amount is written without a sign; the kind of the row says whether it is added or taken off.")
    return cells.cents(text)


def decided(cell: str) -> int | Fault:
    """The amount of a decision: one that nobody can mean is refused."""
    cents = amount(cell)
    is_absurd = cents is cells.TOO_MUCH or (not isinstance(cents, Fault) and cents > LARGEST_ADJUSTMENT)
    return (
        Fault("bad-value", f"One decision moves at most {dollars(LARGEST_ADJUSTMENT)}; look for a digit too many.") if is_absurd else cents
    )


def signed(cell: str) -> int | Fault:
    """US dollars as whole cents, below zero with a minus sign in front."""
    text = exact(cell)
    cents = cells.cents(text.removeprefix("-"))
    return -cents if text.startswith("-") and not isinstance(cents, Fault) else cents


def fiscal_year(cell: str) -> int | Fault:
    """A fiscal year as `2027` or `FY2027`."""
    match = _FISCAL_YEAR.fullmatch(cell.upper())
    return int(match[1]) if match else Fault("bad-number", "A fiscal year is written like 2027, the calendar year that it ends in.")


def check(columns: TypedColumns, table: Table) -> None:
    """Set aside the rows of a list of data/entries that contradict what the list is for."""
    if table is ADJUSTMENTS:
        is_memo = np.array([cells.word(kind) == "memo" for kind in columns.written("kind")], dtype=bool)
        is_nothing = np.array([amount(cell) == 0 for cell in columns.written("amount_cents")], dtype=bool)
        columns.set_aside(is_nothing & ~is_memo, "bad-number", "An amount of $0.00 changes nothing.", "amount_cents")
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
