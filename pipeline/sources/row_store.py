"""What files of rows read as when they were read before: a night on which few exports changed types few of them.

How a row reads is decided by more than the bytes of its file, so a table of the store is named by a hash of all of it: the bytes, the path,
the settings, the spellings that somebody explained, the rules of time zones, and the program with its libraries. Nothing is kept of a file
that was refused; what is kept was searched for private keys when it was read. Which of several files' rows are in force is found anew by
every run (`overlap`).
"""

from __future__ import annotations

import hashlib
import json
import zoneinfo
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.engine.reader_version import program_version
from pipeline.findings import Finding
from pipeline.settings import Settings
from pipeline.sources.as_written import AsWritten
from pipeline.sources.readings import Reading
from pipeline.sources.recognition import LAYOUTS
from pipeline.sources.store_folder import StoreFolder

_ALL = "rows"
_COSTS = "its export was read anew"
_DIGITS = 32
# Columns beside those of the rows themselves; no table of the inbox has one whose name begins with a point.
_ROW, _NEWEST, _IN_FORCE = ".row", ".newest", ".in_force"
_BESIDE = b"reading"
_PLAIN = ("path", "kind", "sha256", "size", "layout", "role", "table", "sheet", "rows_read", "tells_twice")


class RowStore:
    """What is remembered in `kept` of files that read as `settings` and `aliases` (`ALIASES`) have them read."""

    def __init__(self, kept: StoreFolder, settings: Settings, aliases: pd.DataFrame) -> None:
        self._kept = kept
        self._decides = _decides(settings, aliases)
        self._used: set[Path] = set()

    def reading(self, path: str, sha256: str) -> Reading | None:
        """What the file of that path and hash reads as, if that is remembered: as `sheet_files.read` and `overlap.within_file` left it."""
        for stored in self._kept.named(self._name(path, sha256)):
            table = self._kept.table(stored, _COSTS)
            if table is not None:
                self._used.add(stored)
                return _reading(table)
        return None

    def keep(self, reading: Reading) -> None:
        """Remember a reading, which no other file has had a part in yet."""
        written = self._kept.put(self._name(reading.path, reading.sha256), _table(reading), f"What {reading.path} holds")
        if written is not None:
            self._used.add(written)

    def drop_unused(self) -> None:
        """Drop what is remembered of files that were neither looked up nor kept."""
        self._kept.drop_all_but(_ALL, self._used)

    def _name(self, path: str, sha256: str) -> str:
        told = json.dumps([self._decides, path, sha256])
        return f"{_ALL}-{hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]}"


def _decides(settings: Settings, aliases: pd.DataFrame) -> str:
    """All that decides how the rows of any file read, but for its path and bytes."""
    told = [program_version(), *_zones(settings), settings.model_dump_json(exclude={"run"}), aliases.to_csv(index=False)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _zones(settings: Settings) -> Iterator[str]:
    """The rules of each time zone that a time may be read in, as a hash of the file that tells them."""
    names = {settings.organization.timezone, *(source.timezone for source in settings.source), *(layout.zone for layout in LAYOUTS)}
    for name in sorted(name for name in names if name):
        files = [Path(folder, name) for folder in zoneinfo.TZPATH]
        yield next((hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()), "")


def _table(reading: Reading) -> pa.Table:
    """The rows of a reading as columns, and all else beside them."""
    columns = {_ROW: reading.rows, _NEWEST: reading.newest, _IN_FORCE: reading.in_force}
    table = pa.Table.from_pandas(reading.frame.assign(**columns), preserve_index=False)
    beside: dict[str, Any] = {name: getattr(reading, name) for name in _PLAIN}
    beside["findings"] = [asdict(finding) for finding in reading.findings]
    beside["set_aside"] = sorted(reading.set_aside)
    beside["as_written"] = asdict(reading.as_written) if reading.as_written else None
    return table.replace_schema_metadata({**table.schema.metadata, _BESIDE: json.dumps(beside).encode()})


def _reading(table: pa.Table) -> Reading:
    beside = json.loads(table.schema.metadata[_BESIDE])
    frame = table.to_pandas()
    columns = {name: frame.pop(name).to_numpy() for name in (_ROW, _NEWEST, _IN_FORCE)}
    return Reading(
        **{name: beside[name] for name in _PLAIN},
        rows=columns[_ROW],
        newest=columns[_NEWEST].astype("datetime64[us]"),
        in_force=np.asarray(columns[_IN_FORCE], dtype=bool),
        frame=frame,
        findings=[Finding(**finding) for finding in beside["findings"]],
        set_aside=set(beside["set_aside"]),
        as_written=AsWritten(**beside["as_written"]) if beside["as_written"] else None,
    )
