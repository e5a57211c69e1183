"""What it takes to show a row again as it stands in its file, without reading the whole file: for `explain`.

A row of delimited text is found by its line, so only the file's encoding and delimiter are kept. A row of a workbook or of JSON cannot
be found without reading all that stands before it (a worksheet of 100,000 rows takes ten seconds and more), so its cells are kept.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.contracts import SOURCE_FILES, SOURCE_ROWS
from pipeline.sources.literal import without_secrets
from pipeline.sources.sheets import Sheet


@dataclass(slots=True)
class AsWritten:
    """One sheet: its labels, and either how its text was read or the cells of its rows (JSON lists) by row number."""

    labels: list[str] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    rows: list[int] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)


def of_sheet(sheet: Sheet) -> AsWritten:
    """`sheet` as it can be shown again."""
    if sheet.text is not None:
        return AsWritten(sheet.header, *sheet.text)
    kept = [(row, json.dumps(without_secrets(sheet.header, cells))) for row, cells in sheet.records]
    return AsWritten(sheet.header, rows=[row for row, _ in kept], cells=[cells for _, cells in kept])


def tables(sheets: Sequence[tuple[str, str, AsWritten]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """SOURCE_FILES and SOURCE_ROWS of (file, sheet, as written), in their order."""
    files = SOURCE_FILES.frame(
        {"file": file, "sheet": name, "encoding": one.encoding, "delimiter": one.delimiter, "labels": json.dumps(one.labels)}
        for file, name, one in sheets
    )
    rows = [
        pd.DataFrame({"file": pd.Series(file, index=range(len(one.rows)), dtype="str"), "row": one.rows, "cells": one.cells})
        for file, _, one in sheets
        if one.rows
    ]
    if not rows:
        return files, SOURCE_ROWS.empty()
    return files, SOURCE_ROWS.check(pd.concat(rows, ignore_index=True).astype({"row": "int64", "cells": "str"}))
