"""Certificate files (PEM, DER, PKCS#7, any mix) to a `Reading` each: one row a block, the block's number from 1 being its row.

What a file holds is found out by an engine, chunk by chunk (`certificate_parts`), or known from an earlier run (`fact_store`); what is to
be said of it is said here. The facts of the blocks stay columns, of all files together: there may be fifty thousand files of one
certificate, or one file of a million.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.contracts import CERTIFICATE_BLOCKS, PUBLIC_KEYS
from pipeline.engine import Chunk, ChunkError, Engine, EngineError, Outcome
from pipeline.findings import Finding
from pipeline.sources import certificate_parts
from pipeline.sources.certificate_parts import CERTIFICATE, ENDED, FILES, HASHES, Item
from pipeline.sources.fact_store import FactStore, worth_keeping
from pipeline.sources.limits import MIB
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.readings import Reading

CHUNK_BYTES, CHUNK_FILES = 8 * MIB, 2_000
# Stores without a key to be seen, whose certificates only a password opens or only Java reads.
_KEYSTORES = {"PKCS12": "PKCS#12", "JAVA KEYSTORE": "Java"}
_NOT_THERE = f"{os.strerror(errno.ENOENT)}."


class CertificateFiles:
    """What the certificate files of the inbox tell; `zone` is the office's, in which days are counted. Chunks of files have at most
    `chunk_bytes` and `chunk_files`, or are one file."""

    def __init__(
        self, zone: ZoneInfo, engine: Engine, store: FactStore, chunk_bytes: int = CHUNK_BYTES, chunk_files: int = CHUNK_FILES
    ) -> None:
        self._zone = zone
        self._engine, self._store = engine, store
        self._chunk_bytes, self._chunk_files = chunk_bytes, chunk_files
        self._blocks: list[pa.RecordBatch] = []
        self._keys: list[pa.RecordBatch] = []

    def read(self, files: Sequence[Listed], hashes: Sequence[str | None] = ()) -> list[Reading]:
        """A reading of each file; `hashes` are the SHA-256 of those whose bytes were hashed in this run, and cannot have changed since
        without stopping it (`workspace.must_be`).

        A block that cannot be read stays, as a certificate of which only the hash is known; a block that is something else than a
        certificate (a request, a revocation list) is quarantined with a note, a keystore with a warning; a private key, whatever its
        block is called, has the file refused, and so has a file that ends the process that reads it.
        """
        readings: list[Reading] = []
        paths = iter([listed.path for listed in files])
        for batch in self._facts(files, hashes or [None] * len(files)).to_batches():
            readings += self._of_batch([next(paths) for _ in range(batch.num_rows)], batch)
        return readings

    def tables(self, sources: npt.NDArray[np.int64]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`CERTIFICATE_BLOCKS` and `PUBLIC_KEYS` of all files read; `sources` are the places of their certificates, in the order in
        which they were read. What was gathered is let go of."""
        if not self._blocks:
            return CERTIFICATE_BLOCKS.empty(), PUBLIC_KEYS.empty()
        blocks = _frame(pa.Table.from_batches(self._blocks).drop_columns("label"))
        self._blocks = []
        keys = _frame(pa.Table.from_batches(self._keys)).drop_duplicates("spki_sha256").sort_values("spki_sha256")
        self._keys = []
        return CERTIFICATE_BLOCKS.check(blocks.assign(source=sources)), PUBLIC_KEYS.check(keys)

    def _facts(self, files: Sequence[Listed], known_hashes: Sequence[str | None]) -> pa.Table:
        """`FILES` of the files, in their order; only those are read whose bytes are not known."""
        items = [Item.of(listed) for listed in files]
        sizes = [_size(listed) for listed in files]
        known = self._store.rows()
        rows = {sha256: row for row, sha256 in enumerate(known["sha256"].to_pylist())}
        hashes = self._hashes(items, sizes, known_hashes) if rows else [None] * len(items)
        unknown = [at for at, sha256 in enumerate(hashes) if sha256 not in rows]
        found = [_told(one) for one in self._engine.map_chunks(certificate_parts.facts, self._chunks(items, sizes, unknown), FILES)]
        _must_be_seen(found, [items[at] for at in unknown])
        place = {at: row for row, at in enumerate(unknown)}
        order = [len(unknown) + rows[sha256] if sha256 in rows else place[at] for at, sha256 in enumerate(hashes)]
        told = pa.concat_tables([*found, known])
        if order != list(range(len(told))):
            told = told.take(order)
        kept = worth_keeping(told)
        self._store.keep(kept, fresh=len(set(kept["sha256"].to_pylist()) - rows.keys()), gone=len(rows.keys() - set(hashes)))
        return told

    def _hashes(self, items: Sequence[Item], sizes: Sequence[int], known: Sequence[str | None]) -> list[str | None]:
        """The hash of each file, None where it cannot be read; those are worked out that are not known."""
        found = list(known)
        unknown = [at for at, sha256 in enumerate(known) if sha256 is None]
        chunks, places = self._chunks(items, sizes, unknown), iter(unknown)
        for outcome in self._engine.map_chunks(certificate_parts.hashes, chunks, HASHES):
            for sha256 in [None] if isinstance(outcome, ChunkError) else outcome["sha256"].to_pylist():
                found[next(places)] = sha256
        return found

    def _chunks(self, items: Sequence[Item], sizes: Sequence[int], chosen: Iterable[int]) -> list[Chunk]:
        """The chosen files in chunks, in their order."""
        chunks: list[Chunk] = []
        together: list[Item] = []
        size = 0
        for at in chosen:
            if together and (size + sizes[at] > self._chunk_bytes or len(together) >= self._chunk_files):
                chunks.append(Chunk(tuple(together), size))
                together, size = [], 0
            together.append(items[at])
            size += sizes[at]
        return [*chunks, Chunk(tuple(together), size)] if together else chunks

    def _of_batch(self, paths: Sequence[str], files: pa.RecordBatch) -> Iterator[Reading]:
        """The readings of some files, whose certificates are gathered."""
        blocks = files["blocks"].flatten()
        counts = files["blocks"].value_lengths().to_numpy(zero_copy_only=False)
        is_certificate = pc.equal(blocks.field("label"), CERTIFICATE)
        certificates = blocks if pc.all(is_certificate).as_py() is not False else blocks.filter(is_certificate)
        self._blocks.append(pa.RecordBatch.from_struct_array(certificates))
        self._keys.append(pa.RecordBatch.from_struct_array(files["keys"].flatten()))
        ends = np.cumsum(counts)
        numbers = np.arange(1, len(blocks) + 1) - np.repeat(ends - counts, counts)
        is_row = is_certificate.to_numpy(zero_copy_only=False)
        rows = numbers[is_row]
        begins = certificates.field("valid_from").cast(pa.timestamp("us")).to_numpy(zero_copy_only=False)
        behind = np.concatenate([[0], np.cumsum(is_row)])[np.concatenate([[0], ends])]
        findings = _findings(paths, blocks, numbers, ends)
        told = (files[name].to_pylist() for name in ("sha256", "size", "refused", "reason", "row"))
        for at, (sha256, size, code, reason, row) in enumerate(zip(*told, strict=True)):
            reading = Reading(paths[at], "pem", sha256, size, zone=self._zone)
            if code:
                reading.findings.append(Refused(code, reason, row=row).finding(paths[at], required=False))
            else:
                mine = slice(behind[at], behind[at + 1])
                reading.layout, reading.table, reading.rows_read = "certificate-file", "certificate_blocks", int(counts[at])
                reading.rows, reading.newest = rows[mine], begins[mine]
                reading.in_force = np.ones(len(reading.rows), dtype=bool)
                reading.findings = findings.get(at, [])
                if not reading.rows_read:
                    reading.findings.append(Finding("no-certificate", "No PEM, DER or PKCS#7 block was found in the file.", file=paths[at]))
            yield reading


def _told(outcome: Outcome) -> pa.Table:
    if not isinstance(outcome, ChunkError):
        return outcome
    ended = {"sha256": "", "size": 0, "refused": "reader-ended", "reason": ENDED, "row": 0, "blocks": [], "keys": []}
    return pa.Table.from_pylist([ended], FILES)


def _must_be_seen(found: Sequence[pa.Table], items: Sequence[Item]) -> None:
    """Raise `EngineError` if a file was not there for whoever read it, and is for us: a worker of another machine that does not see the
    workspace would tell that all its files are gone."""
    reasons = (reason for table in found for reason in table["reason"].to_pylist())
    for item, reason in zip(items, reasons, strict=True):
        if reason.endswith(_NOT_THERE) and not certificate_parts.facts((item,))["reason"][0].as_py():
            raise EngineError(f"The workers do not see {item.location}: they need the workspace under the same path as here.")


def _size(listed: Listed) -> int:
    try:
        return listed.location.lstat().st_size
    except OSError:
        return 0


def _frame(table: pa.Table) -> pd.DataFrame:
    """Arrow columns with the contract's dtypes."""
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get, self_destruct=True, split_blocks=True)
    return frame


def _findings(
    paths: Sequence[str], blocks: pa.StructArray, numbers: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]
) -> dict[int, list[Finding]]:
    """What is to be said of blocks, by the place of their file; `numbers` are those of the blocks, from 1, `ends` where each file ends."""
    label, status, reason = (blocks.field(name) for name in ("label", "parse_status", "parse_reason"))
    is_sound = pc.and_(pc.and_(pc.equal(label, CERTIFICATE), pc.equal(status, "ok")), pc.equal(reason, ""))
    odd = np.flatnonzero(~is_sound.to_numpy(zero_copy_only=False))
    found: dict[int, list[Finding]] = {}
    for at, file in zip(odd.tolist(), np.searchsorted(ends, odd, side="right").tolist(), strict=True):
        finding = _about(paths[file], int(numbers[at]), label[at].as_py(), status[at].as_py(), reason[at].as_py())
        if finding is not None:
            found.setdefault(file, []).append(finding)
    return found


def _about(path: str, number: int, label: str, status: str, reason: str) -> Finding | None:
    if label in _KEYSTORES:
        told = f"The block is a keystore ({_KEYSTORES[label]}); what certificates are in it was not read."
        return Finding("unread-keystore", told, file=path, row=number)
    if label != CERTIFICATE:
        told = f"The block says that it is something else: {label or 'it has no label'}."
        return Finding("not-a-certificate", told, file=path, row=number)
    if status == "failed":
        return Finding("unreadable-certificate", f"{reason or 'No reason is known'}.".capitalize(), file=path, row=number)
    if status == "ok":
        return Finding("mended-certificate", f"The block was {reason}.", file=path, row=number)
    return None
