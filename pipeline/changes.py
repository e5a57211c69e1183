"""What a run says of itself for later, and what changed against the run before it. Pure: records in, sentences out."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import pandas as pd

from pipeline.contracts import Books, RunRecord
from pipeline.money import signed_dollars

# Per table: the key, and the columns whose change is worth a word. Days that merely pass (days_left) are not among them.
_WATCHED: dict[str, tuple[str, tuple[str, ...]]] = {
    "certificates": ("certificate", ("agency", "tier", "order_id", "status", "superseded_by", "contact_email")),
    "requests": ("request_id", ("kind", "agency", "status", "verdict", "due_on")),
    "ledger": ("entry_id", ("period", "agency", "tier", "amount_cents", "billed_to")),
}
_HASH_LENGTH = 10
_MOST_INVOICES = 10


@dataclass(frozen=True, slots=True)
class Change:
    """How a table differs from the one of the previous run: keys that are new, gone, or changed in a watched column."""

    table: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]


def record(books: Books, run_id: str, as_of: dt.date, version: str, previous: str) -> RunRecord:
    """The record of this run: rows read by kind, cents by invoice, and a hash of each watched row."""
    rows = books.inputs.groupby("kind")["rows_read"].sum()
    return RunRecord(
        run_id=run_id,
        as_of=as_of,
        version=version,
        previous=previous,
        rows={str(kind): int(count) for kind, count in rows.items()},
        figures=_invoice_cents(books.invoices),
        keys={table: _hashes(getattr(books, table), key, watched) for table, (key, watched) in _WATCHED.items()},
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
    largest = sorted(moved.items(), key=lambda item: (-abs(item[1]), item[0]))
    invoices = [f"    {name:<24} {signed_dollars(cents)}" for name, cents in largest[:_MOST_INVOICES]]
    more = [f"    and {len(moved) - _MOST_INVOICES} more"] if len(moved) > _MOST_INVOICES else []
    return (head, *tables, f"  {'invoices':<13} {len(moved):,} change, {signed_dollars(total)} in all", *invoices, *more)


def dropped_kinds(current: RunRecord, previous: RunRecord | None, most: float) -> tuple[str, ...]:
    """Kinds of input of which more than the share `most` of the previous run's rows is missing, as sentences."""
    if previous is None:
        return ()
    return tuple(
        f"{kind}: {current.rows.get(kind, 0):,} rows, the run of {previous.as_of} read {rows:,}"
        for kind, rows in sorted(previous.rows.items())
        if rows > 0 and 1 - current.rows.get(kind, 0) / rows > most
    )


def _invoice_cents(invoices: pd.DataFrame) -> dict[str, int]:
    columns = (invoices["period"], invoices["agency"], invoices["account_id"], invoices["amount_cents"])
    return {f"{period} {agency} {account}".rstrip(): int(cents) for period, agency, account, cents in zip(*columns, strict=True)}


def _hashes(frame: pd.DataFrame, key: str, watched: tuple[str, ...]) -> dict[str, str]:
    rows = zip(*(frame[name].astype("str").fillna("") for name in watched), strict=True)
    return {name: _hash("\x1f".join(row)) for name, row in zip(frame[key], rows, strict=True)}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_HASH_LENGTH]


def _change(table: str, before: dict[str, str], now: dict[str, str]) -> Change:
    return Change(
        table,
        new=tuple(sorted(now.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - now.keys())),
        changed=tuple(sorted(key for key in now.keys() & before.keys() if now[key] != before[key])),
    )
