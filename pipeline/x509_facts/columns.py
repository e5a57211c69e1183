"""Blocks as Arrow columns: how the facts of many certificates travel, since a million rows of Python values would fill the memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from pipeline.contracts import CERTIFICATE_BLOCKS, PUBLIC_KEYS
from pipeline.x509_facts.certificate import COLUMNS, Row

ROWS = 4_096
_TYPES = {"text": pa.string(), "instant": pa.timestamp("us", "UTC"), "count": pa.int64(), "flag": pa.bool_()}
_LABEL = pa.field("label", pa.string())
BLOCKS = pa.schema([_LABEL, *(pa.field(one.name, _TYPES[one.kind]) for one in CERTIFICATE_BLOCKS.columns if one.name != "source")])
KEYS = pa.schema([pa.field(name, pa.string()) for name in PUBLIC_KEYS.names])


class Batch(NamedTuple):
    """Some blocks of a file: `blocks` has the columns `label` and those of `CERTIFICATE_BLOCKS` without `source`, one row a block;
    `keys` those of `PUBLIC_KEYS`, one row an RSA key that is among these blocks."""

    blocks: pa.RecordBatch
    keys: pa.RecordBatch


def batch(rows: Iterable[Row]) -> Batch:
    """A `Batch` of rows of `certificate.COLUMNS`; at least one."""
    columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
    numbers = zip(*(columns[name] for name in KEYS.names), strict=True)
    keys = {key[0]: key for key in numbers if key[-1]}
    return Batch(
        pa.RecordBatch.from_arrays([pa.array(columns[field.name], field.type) for field in BLOCKS], schema=BLOCKS),
        pa.RecordBatch.from_arrays([pa.array([key[at] for key in keys.values()], pa.string()) for at in range(len(KEYS))], schema=KEYS),
    )


class Gathered:
    """Blocks of one file or of many, held as columns but for the last few."""

    def __init__(self) -> None:
        self._rows: list[Row] = []
        self._batches: list[Batch] = []

    def add(self, rows: list[Row]) -> None:
        """Take rows in behind those that are here."""
        self._rows += rows
        if len(self._rows) >= ROWS:
            self._close()

    def join(self, other: Gathered) -> None:
        """Take in what another one holds behind what is here."""
        if other._batches:
            self._close()
            self._batches += other._batches
        self.add(other._rows)

    def closed(self) -> list[Batch]:
        """What is held as columns; it is let go of here."""
        batches, self._batches = self._batches, []
        return batches

    def batches(self) -> list[Batch]:
        """All that was taken in; it is let go of here."""
        self._close()
        return self.closed()

    def _close(self) -> None:
        if self._rows:
            self._batches.append(Batch(*map(_compact, batch(self._rows))))
            self._rows = []


def _compact(made: pa.RecordBatch) -> pa.RecordBatch:
    """The same in one stretch of memory: what stays behind of columns that grew while they were made costs half as much again."""
    return pa.ipc.read_record_batch(made.serialize(), made.schema)
