"""Adding lines to a list of data/entries: what stands there stays, and whoever reads sees the old file or the new one, never a part."""

from __future__ import annotations

import csv
import io
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.on_disk import bring_to_disk
from pipeline.sources import raw_files
from pipeline.sources.entry_cells import guarded
from pipeline.sources.limits import SHEET_LIMIT
from pipeline.sources.raw_files import Listed

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


class EntriesError(Exception):
    """A list of data/entries cannot be added to; the text says why and what to do. It was not changed."""


def append(workspace: Path, name: str, columns: Sequence[str], lines: Sequence[Mapping[str, str]]) -> Path:
    """Add `lines` (column to text) at the end of data/entries/`name`.csv, which is made where it is missing; returns its path.

    Cells are written so that no spreadsheet takes them for formulas and `entry_cells.exact` gives back each text. Of an older file that
    lacks some of `columns` the header and each line get the empty cells. Raises `EntriesError`, and `Refused` for a link or a private
    key.
    """
    path = workspace / "data" / "entries" / f"{name}.csv"
    if not path.exists() and path.with_suffix(".xlsx").exists():
        raise EntriesError(f"data/entries/{name}.xlsx cannot be added to. Save it as {name}.csv (CSV UTF-8), and try again.")
    try:
        before = _text(path, name) if path.exists() else f"{','.join(columns)}\n"
        header, text = _with_columns(before, columns, name)
        end = "\r\n" if "\r\n" in text else "\n"
        added = io.StringIO()
        writer = csv.writer(added, lineterminator=end)
        writer.writerows([guarded(line.get(column, "")) for column in header] for line in lines)
        _replace(path, (text if text.endswith(("\n", "\r")) else text + end) + added.getvalue())
    except OSError as error:
        raise EntriesError(f"data/entries/{name}.csv cannot be written: {error.strerror or error}. It was not changed.") from error
    return path


def _text(path: Path, name: str) -> str:
    try:
        return raw_files.read(Listed(path, f"entries/{path.name}"), SHEET_LIMIT).data.decode("utf-8")
    except UnicodeDecodeError:
        raise EntriesError(f"data/entries/{name}.csv is not UTF-8. Save it as CSV UTF-8, and try again.") from None


def _with_columns(text: str, columns: Sequence[str], name: str) -> tuple[list[str], str]:
    """The header of `text`, with all of `columns`, and the text with empty cells for those that it lacked."""
    physical = list(io.StringIO(text, newline=""))
    records = csv.reader(physical, strict=True)
    try:
        ends = [(records.line_num, record) for record in records if record]
    except csv.Error:
        raise EntriesError(f"data/entries/{name}.csv is no plain CSV: a quote is not closed. Mend it, and try again.") from None
    written = [cell.removeprefix(_BOM).strip() for cell in ends[0][1]] if ends else []
    header = [cell.lower() for cell in written]
    if not ends or columns[0] not in header:
        raise EntriesError(f"data/entries/{name}.csv does not begin with the columns {','.join(columns)}. Mend it, and try again.")
    lacking = [column for column in columns if column not in header]
    if not lacking:
        return header, text
    for number, (line, _) in enumerate(ends):
        end = len(physical[line - 1]) - len(physical[line - 1].rstrip("\r\n"))
        body, tail = (physical[line - 1][:-end], physical[line - 1][-end:]) if end else (physical[line - 1], "")
        physical[line - 1] = f"{body},{','.join(lacking if number == 0 else [''] * len(lacking))}{tail}"
    return [*header, *lacking], "".join(physical)


def _replace(path: Path, text: str) -> None:
    """Put `text` in the place of the file, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    if path.exists():
        shutil.copymode(path, fresh)
    fresh.replace(path)
    bring_to_disk(path.parent)
