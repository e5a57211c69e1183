"""Text tables on disk: CSV as the systems write it, cut into parts before a file grows past what the readers take."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

# Well below the readers' limit of 64 MiB a file.
_LARGEST_PART = 40 << 20

Rows = list[list[str]]


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], *, quoted: bool = False, newline: str = "\n") -> list[Path]:
    """Write `rows` below `header` as UTF-8 CSV and return the files: `path`, or path-1, path-2, ... where it would be too large.

    `quoted`: every cell stands in quotes but the header does not, as some portals do it.
    """
    parts = list(_parts(rows, csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, newline))
    names = [path] if len(parts) == 1 else [path.with_name(f"{path.stem}-{place}{path.suffix}") for place in range(1, len(parts) + 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    first = io.StringIO()
    csv.writer(first, lineterminator=newline).writerow(header)
    for name, part in zip(names, parts, strict=True):
        name.write_bytes((first.getvalue() + part).encode())
    return names


def _parts(rows: Iterable[Sequence[str]], quoting: Literal[0, 1], newline: str) -> Iterable[str]:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=newline, quoting=quoting)
    for row in rows:
        if text.tell() > _LARGEST_PART:
            yield text.getvalue()
            text = io.StringIO()
            writer = csv.writer(text, lineterminator=newline, quoting=quoting)
        writer.writerow(row)
    yield text.getvalue()
