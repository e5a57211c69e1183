"""What each published table means, as a file beside it: `tables/ledger.json` tells a program, or a reader in ten years, what the columns of
`ledger.csv` and `ledger.parquet` are, of which run they are, and what the money and the stamps are counted in.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipeline.contracts import Books, Table
from pipeline.contracts.books import PUBLISHED
from pipeline.publish.stamp import RunStamp
from pipeline.settings import Settings

# How a cell of each kind reads in the CSV, which has no types of its own; Parquet holds the value itself.
_AS_CSV = {
    "text": "text; a leading ' keeps a spreadsheet from taking it for a formula and is not part of it",
    "day": "calendar day, 2026-11-02",
    "instant": "instant in UTC, 2026-11-02T14:00:00Z",
    "whole": "whole number",
    "count": "whole number, empty where unknown",
    "cents": "whole US cents",
    "cents?": "whole US cents, empty where unknown",
    "number": "number, empty where unknown",
    "flag": "true or false",
}


def write(books: Books, settings: Settings, stamp: RunStamp, folder: Path) -> None:
    """Write `<name>.json` into `folder` for each published table. The same run always writes the same bytes."""
    frames = books.published()
    run = {
        "organization": settings.organization.name,
        "sample": settings.organization.sample,
        "as_of": stamp.as_of.isoformat(),
        "run": stamp.run_id,
        "certledger": stamp.version,
    }
    for table in PUBLISHED:
        text = json.dumps(_note(table, len(frames[table.name])) | run, indent=1, ensure_ascii=True)
        (folder / f"{table.name}.json").write_text(text + "\n", encoding="utf-8")


def _note(table: Table, rows: int) -> dict[str, Any]:
    return {
        "table": table.name,
        "one_row_is": table.row,
        "key": list(table.key),
        "rows": rows,
        "files": [f"{table.name}.csv", f"{table.name}.parquet"],
        "columns": [
            {"name": column.name, "kind": column.kind, "as_csv": _AS_CSV[column.kind], "meaning": column.note}
            | ({"one_of": list(column.values)} if column.values else {})
            for column in table.columns
        ],
    }
