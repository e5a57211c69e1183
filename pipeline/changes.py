"""What a run says of itself for later, and what changed against the run before it. Pure: records in, sentences out."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from pipeline import arrivals
from pipeline.contracts import Books, FileCount, RunRecord
from pipeline.money import signed_dollars

# Per table: the key, and the columns whose change is worth a word. Days that merely pass (days_left) are not among them.
_WATCHED: dict[str, tuple[str, tuple[str, ...]]] = {
    "certificates": ("certificate", ("agency", "tier", "order_id", "status", "superseded_by", "contact_email")),
    "requests": ("request_id", ("kind", "agency", "status", "verdict", "due_on")),
    "ledger": ("entry_id", ("period", "agency", "tier", "amount_cents", "billed_to")),
}
# What a later run has to know of a row that may be gone by then, beside the hash: never a name or an address of a person.
_TOLD: dict[str, tuple[str, ...]] = {
    "certificates": ("status", "superseded_by", "tier", "agency"),
    "ledger": ("amount_cents", "period", "tier", "billed_to"),
}
_COUNTED_BY_SOURCE = ("certificates", "requests")
_HASH_LENGTH = 10
_MOST_INVOICES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """How a table differs from the one of the previous run: keys that are new, gone, or changed in a watched column."""

    table: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """Rows that are missing against the previous run: of what and how many, and a sentence for each file that is gone or shorter."""

    sentence: str
    files: tuple[str, ...] = ()


def record(books: Books, run_id: str, as_of: dt.date, version: str, previous: str) -> RunRecord:
    """The record of this run: rows read by kind and by file, cents by invoice, a hash of each watched row, and the newest close."""
    rows = books.inputs.groupby("kind")["rows_read"].sum()
    files = books.inputs[["file", "kind", "layout", "rows_read"]].itertuples(index=False, name=None)
    return RunRecord(
        run_id=run_id,
        as_of=as_of,
        version=version,
        previous=previous,
        rows={str(kind): int(count) for kind, count in rows.items()},
        files={path: FileCount(kind, layout, int(count)) for path, kind, layout, count in files},
        figures=_invoice_cents(books.invoices),
        newest_close=dict(zip(books.closed.periods["period"].tail(1), books.closed.periods["sums"].tail(1), strict=True)),
        keys={table: _hashes(getattr(books, table), table, key, watched) for table, (key, watched) in _WATCHED.items()},
    )


def against(current: RunRecord, previous: RunRecord | None) -> tuple[Change, ...]:
    """What is new, gone or changed, table by table; without a previous run everything is new."""
    before = previous.keys if previous else {}
    return tuple(_change(table, before.get(table, {}), current.keys.get(table, {})) for table in _WATCHED)


def cents_by_invoice(current: RunRecord, previous: RunRecord | None) -> dict[str, int]:
    """USD cents by which each invoice (`period agency account`) differs from the previous run; only those that differ."""
    before = previous.figures if previous else {}
    moved = {name: current.figures.get(name, 0) - before.get(name, 0) for name in sorted({*before, *current.figures})}
    return {name: cents for name, cents in moved.items() if cents}


def report(current: RunRecord, previous: RunRecord | None) -> tuple[str, ...]:
    """What would change, in sentences: rows by table, then dollars by invoice (largest first, at most ten)."""
    head = f"Against run {previous.run_id} of {previous.as_of}:" if previous else "No earlier run is recorded: everything is new."
    tables = [
        f"  {change.table:<13} {len(change.new):,} new, {len(change.changed):,} changed, {len(change.gone):,} gone"
        for change in against(current, previous)
    ]
    moved = cents_by_invoice(current, previous)
    total = sum(moved.values())
    before = previous.figures if previous else {}
    new, gone = len(current.figures.keys() - before.keys()), len(before.keys() - current.figures.keys())
    changed = sum(1 for name in moved if name in before and name in current.figures)
    largest = sorted(moved.items(), key=lambda item: (-abs(item[1]), item[0]))
    invoices = [f"    {name:<24} {signed_dollars(cents)}" for name, cents in largest[:_MOST_INVOICES]]
    more = [f"    and {len(moved) - _MOST_INVOICES} more"] if len(moved) > _MOST_INVOICES else []
    return (
        head,
        *tables,
        f"  {'invoices':<13} {new:,} new, {changed:,} changed, {gone:,} gone, {signed_dollars(total)} in all",
        *invoices,
        *more,
    )


def in_short(current: RunRecord, previous: RunRecord | None) -> tuple[str, ...]:
    """In a line what moved in the books against `previous`; none where there is no such run or nothing moved."""
    moved = cents_by_invoice(current, previous)
    ledger = next(change for change in against(current, previous) if change.table == "ledger")
    if previous is None or not (moved or ledger.new or ledger.changed or ledger.gone):
        return ()
    invoices = f"{len(moved):,} invoice{'' if len(moved) == 1 else 's'}"
    new = f"{len(ledger.new):,} ledger line{'' if len(ledger.new) == 1 else 's'} new"
    lines = f"{new}, {len(ledger.changed):,} changed, {len(ledger.gone):,} gone"
    return (f"Moved        {signed_dollars(sum(moved.values()))} on {invoices} since run {previous.run_id}: {lines}",)


def drift(current: RunRecord, previous: RunRecord | None, most: Decimal) -> tuple[Drift, ...]:
    """What is missing against the previous run: kinds of input of which more than the share `most` of the rows is gone, then layouts of
    the other kinds that had rows and have none, then single sources of certificates and requests that lost as much."""
    if previous is None:
        return ()
    found, dropped = [], set()
    for kind, then in sorted(previous.rows.items()):
        now = current.rows.get(kind, 0)
        if then and (share := 1 - Decimal(now) / then) > most:
            dropped.add(kind)
            counts = f"{now:,} rows, {then:,} in the run of {previous.as_of}"
            allowed = f"{_percent(share)} fewer, max_row_drop allows {_percent(most)}"
            found.append(Drift(f"{kind}: {counts} ({allowed})", _missing_files(current, previous, kind)))
    layouts = _rows_by_layout(current)
    for (kind, layout), then in sorted(_rows_by_layout(previous).items()):
        if layout and then and kind not in dropped and not layouts[kind, layout]:
            sentence = f"{kind}, layout {layout}: no rows, {then:,} in the run of {previous.as_of}"
            found.append(Drift(sentence, _missing_files(current, previous, kind, layout)))
    return (*found, *_shrunk_sources(current, previous, most, dropped))


def cut_exports(inputs: pd.DataFrame, previous: RunRecord | None, most: Decimal) -> tuple[Drift, ...]:
    """The `arrivals.cuts` of INPUTS that are new or shorter since the previous run: what lay there then was judged then."""
    if previous is None:
        return ()
    rows = dict(zip(inputs["file"], inputs["rows_read"], strict=True))
    found = []
    for one in arrivals.cuts(inputs, most):
        then = previous.files.get(one.path)
        if then is None or then.rows > rows[one.path]:
            lacks = f"{one.no_more:,} of {one.before:,} rows of the file before it are not in it"
            allowed = f"{_percent(Decimal(one.no_more) / one.before)}, max_row_drop allows {_percent(most)}"
            found.append(Drift(f"{one.path}: {lacks} ({allowed})", (f"data/{one.follows} is the file before it",)))
    return tuple(found)


def _shrunk_sources(current: RunRecord, previous: RunRecord, most: Decimal, dropped: Collection[str]) -> list[Drift]:
    """Sources of certificates and requests, of kinds that have enough rows, of which more than the share `most` of the rows is gone.

    Rows that stand in new sources of the same layout now are not gone: a list was split, or is called otherwise. A source without any
    rows is told as such (`source-gone`).
    """
    now, then = _rows_by_source(current), _rows_by_source(previous)
    moved: Counter[tuple[str, str]] = Counter()
    for (kind, layout, name), rows in now.items():
        moved[kind, layout] += 0 if (kind, layout, name) in then else rows
    found = []
    for (kind, layout, name), before in sorted(then.items()):
        rows = now[kind, layout, name]
        lost = Decimal(max(before - rows - moved[kind, layout], 0)) / before if before else Decimal(0)
        if kind in _COUNTED_BY_SOURCE and kind not in dropped and rows and lost > most:
            counts = f"{rows:,} rows, {before:,} in the run of {previous.as_of}"
            allowed = f"{_percent(lost)} fewer, max_row_drop allows {_percent(most)}"
            found.append(Drift(f"{kind}, source {name}: {counts} ({allowed})", _missing_files(current, previous, kind, layout, name)))
    return found


def _rows_by_source(record: RunRecord) -> Counter[tuple[str, str, str]]:
    rows: Counter[tuple[str, str, str]] = Counter()
    for path, count in record.files.items():
        rows[count.kind, count.layout, arrivals.series(count.kind, path)] += count.rows
    return rows


def _rows_by_layout(record: RunRecord) -> Counter[tuple[str, str]]:
    rows: Counter[tuple[str, str]] = Counter()
    for count in record.files.values():
        rows[count.kind, count.layout] += count.rows
    return rows


def _missing_files(current: RunRecord, previous: RunRecord, kind: str, layout: str = "", source: str = "") -> tuple[str, ...]:
    """Which files of the previous run are not there now, and which have fewer rows, the most rows lost first."""
    lost: list[tuple[int, str]] = []
    for path, then in sorted(previous.files.items()):
        if then.kind == kind and layout in ("", then.layout) and source in ("", arrivals.series(kind, path)):
            now = current.files.get(path)
            rows = now.rows if now else 0
            if rows < then.rows:
                said = f"has {rows:,} rows, had {then.rows:,}" if now else f"is not there now, had {then.rows:,} rows"
                lost.append((rows - then.rows, f"data/{path} {said}"))
    return tuple(sentence for _, sentence in sorted(lost))


def _percent(share: Decimal) -> str:
    return f"{share:.1%}".replace(".0%", "%")


def _invoice_cents(invoices: pd.DataFrame) -> dict[str, int]:
    columns = (invoices["period"], invoices["agency"], invoices["account_id"], invoices["amount_cents"])
    return {f"{period} {agency} {account}".rstrip(): int(cents) for period, agency, account, cents in zip(*columns, strict=True)}


def told(record: RunRecord, table: str, key: str) -> dict[str, str] | None:
    """What `record` tells of the row `key` of `table`, by the names of its columns; of `superseded_by` only whether there was one.

    None where it does not know the row, or was made by a program that kept no more than a hash.
    """
    _, *facts = record.keys.get(table, {}).get(key, "").split("\t", len(_TOLD[table]))
    return dict(zip(_TOLD[table], facts, strict=True)) if facts else None


def knows_rows(record: RunRecord) -> bool:
    """Whether the record tells what its rows said, and not only that they have changed."""
    return all("\t" in one for table in _TOLD for one in record.keys.get(table, {}).values())


def _hashes(frame: pd.DataFrame, table: str, key: str, watched: tuple[str, ...]) -> dict[str, str]:
    """A hash of the watched cells of each row by its key, and behind it, each after a tab, what is told of it."""
    rows = zip(*(frame[name].astype("str").fillna("") for name in watched), strict=True)
    hashes = (_hash("\x1f".join(row)) for row in rows)
    facts = [_fact(name, frame[name].astype("str").fillna("").tolist()) for name in _TOLD.get(table, ())]
    return {name: "\t".join(cells) for name, *cells in zip(frame[key], hashes, *facts, strict=True)}


def _fact(name: str, cells: list[str]) -> list[str]:
    return ["yes" if cell else "" for cell in cells] if name == "superseded_by" else [cell.replace("\t", " ") for cell in cells]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_HASH_LENGTH]


def _change(table: str, before: dict[str, str], now: dict[str, str]) -> Change:
    return Change(
        table,
        new=tuple(sorted(now.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - now.keys())),
        changed=tuple(sorted(key for key in now.keys() & before.keys() if now[key].partition("\t")[0] != before[key].partition("\t")[0])),
    )
