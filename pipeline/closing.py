"""Closing a month: prepare the books of the day, judge whether the month may be closed, freeze it, and publish everything anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline import __version__, changes, flow, quality
from pipeline.closes import (
    Close,
    CloseMisusedError,
    CloseRefusedError,
    Judged,
    freeze,
    must_be_in_turn,
    must_be_open,
    numbered,
    register,
    what_stands_in_the_way,
)
from pipeline.contracts import Books, Closed
from pipeline.findings import quoted
from pipeline.money import dollars
from pipeline.publish import close_files, staging, workbooks
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks import close_pack
from pipeline.publish.workbooks.close_pack import Pack
from pipeline.quality import RefusedError
from pipeline.settings import Settings
from pipeline.sources import as_read, closed_months, run_records, workspace
from pipeline.sources.as_read import RowChangedError

LEDGER, PACKS = "data/ledger", "reports/close"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Closing:
    """What a close did, in lines for people."""

    folder: Path
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a close would do: the folder of its close pack, lines for people, and whether the month may be closed."""

    folder: Path
    lines: tuple[str, ...]
    may_close: bool


def close(root: Path, settings: Settings, period: str, by: str, as_of: dt.date, say: Say) -> Closing:
    """Close `period` of the workspace `root` as of `as_of`, in the name of `by`: freeze it in data/ledger. Nothing is published here.

    Raises `CloseMisusedError` (no period, closed already, out of order, nobody named), `CloseRefusedError` where the inputs do not allow
    it, `CloseNotWrittenError`, and what preparing a run raises; then nothing was changed.
    """
    name = quoted(" ".join(by.split()))
    if not name:
        raise CloseMisusedError("Nobody is named who closes the month. Say --by NAME.")
    with staging.lock(root):
        prepared = _prepare(root, settings, period, as_of, say)
        books = prepared.books
        must_be_in_turn(period, books.closed, books, settings, as_of)
        if prepared.judged.reasons:
            raise CloseRefusedError("\n".join((f"{period} cannot be closed.", *prepared.judged.reasons)))
        say("Freezing the month")
        frozen = frozen_of(root, books, settings, period, name, as_of, books.closed, prepared.stamp.run_id, prepared.judged)
        folder = close_files.write(root / LEDGER, frozen)
    return Closing(folder, _told(frozen, folder.relative_to(root)))


def rehearse(root: Path, settings: Settings, period: str, as_of: dt.date, say: Say) -> Rehearsal:
    """Write the close pack of `period` to reports/close; nothing of data/ is changed.

    Raises `CloseMisusedError` where it is no period, or closed, `CloseNotWrittenError`, and what preparing a run raises.
    """
    with staging.lock(root):
        prepared = _prepare(root, settings, period, as_of, say)
        books, judged = prepared.books, prepared.judged
        try:
            must_be_in_turn(period, books.closed, books, settings, as_of)
        except CloseMisusedError as misused:
            judged = Judged((f"{misused}", *judged.reasons), judged.accepted)
        told = register(books.ledger, numbered(books.invoices, period, settings, as_of), period)
        pack = Pack(period, told, judged)
        say("Writing the close pack")
        folder = close_files.write_pack(root / PACKS, books, pack, settings, prepared.stamp)
    lines = (*close_pack.in_short(books, pack, settings), *(f"  {reason}" for reason in judged.reasons))
    return Rehearsal(folder, (*lines, f"Close pack   {(folder / 'close-pack.xlsx').relative_to(root)}"), not judged.reasons)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The books of the day, the stamp that a run of them has, and what of them stands in the way of a close."""

    books: Books
    stamp: RunStamp
    judged: Judged


def _prepare(root: Path, settings: Settings, period: str, as_of: dt.date, say: Say) -> _Prepared:
    """The books of the day, judged: also that a run of them would publish nothing stands in the way of a close."""
    must_be_open(period, closed_months.read(root).closed, settings)
    earlier = run_records.earlier(root, as_of, staging.shown_id(root))
    stamp = RunStamp.following(earlier.before, workspace.fingerprint(root), as_of)
    books = flow.prepare(root, settings, as_of, say, earlier.before)
    judged = what_stands_in_the_way(period, books, settings, as_of)
    current = changes.record(books, stamp.run_id, as_of, stamp.version, stamp.previous)
    try:
        quality.judge(books, current, earlier, settings.quality, strict=False, accept_drift=False)
    except RefusedError as refused:
        judged = Judged((*judged.reasons, f"{refused}"), judged.accepted)
    return _Prepared(books, stamp, judged)


def frozen_of(
    root: Path,
    books: Books,
    settings: Settings,
    period: str,
    by: str,
    as_of: dt.date,
    closed: Closed,
    run_id: str,
    judged: Judged | None = None,
) -> Close:
    """`period` of books that are prepared, frozen after the months `closed`: what `close_files.write` puts into data/ledger.

    Its invoices say that the run `run_id` drew them up. Nothing is judged or prepared here. Raises `CloseRefusedError` where a file is not
    what the books were drawn up from any more.
    """
    try:
        rows = as_read.rows(root, books, books.ledger[books.ledger["period"] == period])
    except RowChangedError as changed:
        raise CloseRefusedError(f"{period} cannot be closed. {changed}") from None
    accepted = judged.accepted if judged else ()
    frozen = freeze(books, settings, period, by, as_of, closed, rows, __version__, accepted)
    invoices, ledger = frozen.tables["invoices.csv"], frozen.tables["ledger.csv"]
    return frozen.with_tables(workbooks.freeze(books, settings, invoices, ledger, run_id, by, as_of))


def _told(close: Close, folder: Path) -> tuple[str, ...]:
    invoices, ledger = close.tables["invoices.csv"], close.tables["ledger.csv"]
    cents = int(ledger["amount_cents"].sum())
    head = f"Closed       {close.period} by {close.facts['closed_by']} as of {close.facts['closed_on']}: {dollars(cents)} in "
    lines = [head + f"{_count(len(ledger), 'ledger line')} on {_count(len(invoices), 'invoice')}"]
    if len(invoices):
        numbers = invoices["invoice_no"]
        due_on = invoices["due_on"].iloc[0]
        lines.append(f"Numbered     {numbers.iloc[0]} to {numbers.iloc[-1]}, due on {due_on:%Y-%m-%d}")
    lines += [f"Accepted     {one['file']}: by {one['by']}, {one['reason']}" for one in close.facts["accepted"]]
    lines.append(f"Frozen       {folder}; `sha256sum -c SHA256SUMS` there checks it")
    return tuple(lines)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
