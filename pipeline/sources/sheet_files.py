"""One file of rows (CSV, XLSX, JSON, certbot's text) to a `Reading`: open it, recognise its layout, take its rows, type them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline.settings import Settings, Source
from pipeline.sources import as_written, gone, recognition, sheets, text_rows, typed_rows
from pipeline.sources.layouts import Layout
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.sheets import Sheet
from pipeline.sources.typed_columns import TypedColumns
from pipeline.sources.typed_rows import Builder

READABLE = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl", ".txt")


def read(raw: RawFile, layouts: Sequence[Layout], source: Source, settings: Settings, builders: Mapping[str, Builder]) -> Reading:
    """The rows of a file, typed by the builder of the layout's table. Raises `Refused` where the file cannot be used."""
    return of_sheet(raw, *chosen_sheet(sheets.read(raw, source), layouts, source), source, settings, builders)


def of_sheet(raw: RawFile, sheet: Sheet, layout: Layout, source: Source, settings: Settings, builders: Mapping[str, Builder]) -> Reading:
    """The rows of one sheet of a file, whose layout is known. Raises `Refused` where they cannot be used."""
    taken = text_rows.take(raw.path, sheet, layout)
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
        newest=accepted["newest"],
        in_force=np.ones(len(rows), dtype=bool),
        tells_twice=layout.tells_twice,
        findings=taken.findings,
        as_written=as_written.of_sheet(sheet),
        set_aside=gone.set_aside_words((*taken.set_aside, *columns.set_aside_rows())),
    )


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
