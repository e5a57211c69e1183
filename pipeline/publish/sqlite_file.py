"""The whole of the books as one SQLite file, which a BI tool, Datasette or any program with SQL opens as it is.

Each published table is a table of the file under its own name, with its key, the links that always hold, and an index on what people
look things up by. What a table and a column mean stands in `about_tables` and `about_columns`, what run this is in `about`.

Days are text `2026-11-02`, instants `2026-11-02T14:00:00Z` (SQLite's own date functions read both), money is whole cents, flags are
1 and 0. What is not known is NULL in numbers and stamps; unknown text is empty, but NULL in a column that links to another table. The
file is internal: it holds everything. The same books always make the same bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline import addresses
from pipeline.contracts import Books, Column, Table
from pipeline.contracts.books import PUBLISHED
from pipeline.publish.stamp import RunStamp
from pipeline.settings import Settings
from pipeline.uncollected import uncollected

_TYPES = {
    "text": "TEXT",
    "day": "TEXT",
    "instant": "TEXT",
    "whole": "INTEGER",
    "count": "INTEGER",
    "cents": "INTEGER",
    "cents?": "INTEGER",
    "number": "REAL",
    "flag": "INTEGER",
}
# Links that hold in every run, by table and column. A ledger line of a closed month may name a certificate, a request or a lot that no
# file tells of any more, so these are looked up by an index, not promised as a link.
_LINKS = {
    ("lints", "certificate"): "certificates (certificate)",
    ("renewals", "certificate"): "certificates (certificate)",
    ("certificates", "request_id"): "requests (request_id)",
}
_PLACE = "places (source)"
_LOOKED_UP = ("agency", "certificate", "serial", "order_id", "request_id", "invoice_no", "lot_id", "billed_to")
# Tables whose rows are little more than their key: kept in its order, which is theirs, they need no index of it beside them. One on the
# agency would repeat the key in every row, and looking through all of the largest, 4 million rows, takes about a second.
_IN_ORDER_OF_KEY = ("continuity",)
_PAGE = 16_384  # bytes: fewer pages to fill and to look through than of SQLite's own size
# The file format's own note of the library that wrote it last: bytes 96 to 99 of the header (SQLite file format, 1.3.21). It is
# information only, and the one thing that would make the same books differ from machine to machine.
_ROWS = 20_000  # of a table are Python's at once: of the largest, all together take a gigabyte
_WRITTEN_BY, _NOBODY = 96, (0).to_bytes(4, "big")


def write(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> None:
    """Write `certledger.sqlite` into the run folder `folder`. 100,000 rows of the widest table take about two seconds."""
    path = folder / addresses.SQLITE
    frames = books.published()
    path.unlink(missing_ok=True)
    with uncollected(), closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(f"PRAGMA page_size = {_PAGE}")
        _about(database, settings, stamp, {name: len(frame) for name, frame in frames.items()})
        for table in PUBLISHED:
            database.execute(_definition(table))
            for first in range(0, len(frames[table.name]), _ROWS):
                rows = frames[table.name].iloc[first : first + _ROWS]
                _insert(database, table.name, zip(*(_values(table, column, rows) for column in table.columns), strict=True))
            for name in _indexed(table):
                database.execute(f'CREATE INDEX "{table.name}_by_{name}" ON "{table.name}" ("{name}")')
        database.commit()  # and no VACUUM: nothing was ever removed
    with path.open("r+b") as file:
        file.seek(_WRITTEN_BY)
        file.write(_NOBODY)


def _about(database: sqlite3.Connection, settings: Settings, stamp: RunStamp, rows: dict[str, int]) -> None:
    """What run this is, and what each table and column means, in the words of the contracts."""
    database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
    facts = {
        "organization": settings.organization.name,
        "sample": "yes: made-up data" if settings.organization.sample else "no",
        "as_of": stamp.as_of.isoformat(),
        "run": stamp.run_id,
        "certledger": stamp.version,
        "money": "whole US cents",
        "timezone": f"stamps are UTC; the office is in {settings.organization.timezone}",
    }
    _insert(database, "about", facts.items())
    database.execute("CREATE TABLE about_tables (name TEXT PRIMARY KEY, one_row_is TEXT, key TEXT, rows INTEGER)")
    _insert(database, "about_tables", ((one.name, one.row, ", ".join(one.key), rows[one.name]) for one in PUBLISHED))
    database.execute(
        "CREATE TABLE about_columns (table_name TEXT REFERENCES about_tables (name), place INTEGER, name TEXT, kind TEXT, meaning TEXT, "
        "one_of TEXT, PRIMARY KEY (table_name, name))"
    )
    described = (
        (table.name, place, column.name, column.kind, column.note, ", ".join(value for value in column.values if value))
        for table in PUBLISHED
        for place, column in enumerate(table.columns, 1)
    )
    _insert(database, "about_columns", described)


def _definition(table: Table) -> str:
    """The table's `CREATE TABLE`, with what each column means as a comment: tools that show a schema show these too."""
    lines = [f"  -- one row: {table.row}"]
    for column in table.columns:
        target = _target(table, column)
        link = f" REFERENCES {target}" if target else ""
        lines.append(f'  "{column.name}" {_TYPES[column.kind]}{link}, -- {column.note}')
    if table.key:
        lines.append(f"  PRIMARY KEY ({', '.join(_quoted(table.key))})")
    else:  # the comma behind the last column would ask for more
        lines[-1] = lines[-1].replace(", -- ", " -- ", 1)
    return f'CREATE TABLE "{table.name}" (\n' + "\n".join(lines) + ("\n) WITHOUT ROWID" if table.name in _IN_ORDER_OF_KEY else "\n)")


def _indexed(table: Table) -> list[str]:
    """The columns by which rows are looked up beside the key."""
    return [] if table.name in _IN_ORDER_OF_KEY else [name for name in table.names if name in _LOOKED_UP and (name,) != table.key]


def _target(table: Table, column: Column) -> str:
    if column.name in ("source", "pem_source", "stands_for") and (column.name,) != table.key:
        return _PLACE
    return _LINKS.get((table.name, column.name), "")


def _quoted(names: Iterable[str]) -> list[str]:
    return [f'"{name}"' for name in names]


def _insert(database: sqlite3.Connection, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
    width = len(database.execute(f'SELECT * FROM "{name}" LIMIT 0').description)  # noqa: S608 - names of our own tables
    database.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * width)})', rows)  # noqa: S608 - names of our own tables


def _values(table: Table, column: Column, frame: pd.DataFrame) -> list[Any]:
    """The cells of a column as SQLite keeps them."""
    cells = frame[column.name]
    if column.kind == "text":
        texts = cells.tolist()
        return [text or None for text in texts] if _target(table, column) else texts
    if column.kind == "day":
        return _stamps(cells.to_numpy(dtype="datetime64[D]"), "")
    if column.kind == "instant":
        return _stamps(cells.dt.tz_localize(None).to_numpy(dtype="datetime64[s]"), "Z")
    if column.kind == "flag":
        return [int(flag) for flag in cells.tolist()]
    if column.kind == "number":
        return [None if number != number else number for number in cells.tolist()]
    return [None if whole is pd.NA else whole for whole in cells.tolist()]


def _stamps(moments: np.ndarray[Any, np.dtype[np.datetime64]], suffix: str) -> list[str | None]:
    return [None if text == "NaT" else f"{text}{suffix}" for text in np.datetime_as_string(moments).tolist()]
