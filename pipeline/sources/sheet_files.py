"""One file of rows (CSV, XLSX, JSON, certbot's text) to a `Reading`: open it, recognise its layout, take its rows, type them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.findings import Finding
from pipeline.settings import Settings, Source
from pipeline.sources import as_written, gone, recognition, sheets, text_rows, typed_rows
from pipeline.sources.layouts import Layout
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.sheets import Sheet
from pipeline.sources.text_rows import TextRows
from pipeline.sources.typed_columns import TypedColumns
from pipeline.sources.typed_rows import Builder

READABLE = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl", ".txt")

_WORKBOOKS = (".xlsx", ".xlsm")
_OWN_LISTS = ("reference", "entries")


def read(raw: RawFile, layouts: Sequence[Layout], source: Source, settings: Settings, builders: Mapping[str, Builder]) -> Reading:
    """The rows of a file, typed by the builder of the layout's table. Raises `Refused` where the file cannot be used."""
    return of_sheet(raw, *chosen_sheet(sheets.read(raw, source), layouts, source), source, settings, builders)


def of_sheet(raw: RawFile, sheet: Sheet, layout: Layout, source: Source, settings: Settings, builders: Mapping[str, Builder]) -> Reading:
    """The rows of one sheet of a file, whose layout is known. Raises `Refused` where they cannot be used."""
    taken = text_rows.take(raw.path, sheet, layout)
    _refuse_shifted(taken)
    zone = ZoneInfo(source.timezone or layout.zone or settings.organization.timezone)
    columns = TypedColumns(taken, zone, typed_rows.DATE_COLUMNS, sheet.calendar_days)
    data, stamps = builders[layout.table](columns, layout, settings)
    newest = typed_rows.newest_day(stamps, len(columns), settings.organization.zone)
    accepted, rows = columns.keep(pd.DataFrame({**data, "newest": newest}))
    return Reading(
        path=raw.path,
        kind=layout.kind,
        sha256=raw.sha256,
        size=len(raw.data),
        layout=layout.name,
        role=layout.role,
        table=layout.table,
        sheet=sheet.name,
        rows_read=taken.rows_read,
        rows=rows,
        frame=accepted.drop(columns="newest"),
        newest=accepted["newest"].to_numpy(dtype="datetime64[us]"),
        in_force=np.ones(len(rows), dtype=bool),
        tells_twice=layout.tells_twice,
        findings=[*_remarks(raw, sheet, taken), *taken.findings],
        as_written=as_written.of_sheet(sheet),
        set_aside=gone.set_aside_words((*taken.set_aside, *columns.set_aside_rows())),
    )


def _refuse_shifted(taken: TextRows) -> None:
    """Refuse a file in which every row is longer than the header: its cells do not stand below their labels."""
    longer = [finding for finding in taken.findings if finding.code == "extra-cell"]
    if longer and len(longer) == taken.rows_read:
        reason = f"Every row, {len(longer):,} in all, has more cells than the header: their cells do not stand below their labels."
        raise Refused("extra-cell", reason, row=longer[0].row, sheet=taken.sheet)


def _remarks(raw: RawFile, sheet: Sheet, taken: TextRows) -> list[Finding]:
    """What is to be told of a file as a whole. A list of the office's own may be empty; an export that is was hardly meant."""
    found = []
    is_workbook, ending = sheets.is_workbook(raw.data), PurePosixPath(raw.path).suffix.lower()
    if ending in READABLE and is_workbook != (ending in _WORKBOOKS):
        kind = "a workbook of Excel 2007 or newer" if is_workbook else "text"
        found.append(Finding("misnamed-file", f"It was read as what it is, {kind}; its name ends in {ending}.", file=raw.path))
    if not taken.rows_read and taken.layout.kind not in _OWN_LISTS:
        found.append(Finding("no-rows", "There is no row below the header.", file=raw.path, sheet=sheet.name))
    if sheet.hidden:
        reason = f"Rows that are hidden, and read like all others: {len(sheet.hidden):,}; the first is row {min(sheet.hidden)}."
        found.append(Finding("hidden-rows", reason, file=raw.path, sheet=sheet.name))
    return found


def chosen_sheet(found: Sequence[Sheet], layouts: Sequence[Layout], source: Source) -> tuple[Sheet, Layout]:
    """The sheet whose header is recognised, and its layout. Refused where none is, or several are and none is named."""
    fitting: list[tuple[Sheet, Layout]] = []
    refused: Refused | None = None
    for sheet in found:
        empty = None if sheet.header else recognition.of_empty_list(sheet.name, layouts)
        if empty is not None:
            return sheet, empty
        if not sheet.header:
            raise Refused("empty-file", "The list holds no record, and its layout cannot be told; name layout in a [[source]].")
        try:
            fitting.append((sheet, recognition.recognised(sheet.header, layouts, source)))
        except Refused as reason:
            refused = refused or reason
            refused.sheet = refused.sheet or sheet.name
    if len(fitting) > 1:
        names = ", ".join(sheet.name for sheet, _ in fitting)
        raise Refused("unknown-layout", f"Several sheets can be read ({names}); name one as sheet in a [[source]] of certledger.toml.")
    if not fitting:
        raise refused or Refused("empty-file", "No worksheet holds anything.")
    return fitting[0]
