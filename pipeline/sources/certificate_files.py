"""Certificate files (PEM, DER, PKCS#7, any mix) to a `Reading`: one row a block, the block's number from 1 being its row.

The facts of the blocks are gathered as columns, of all files together: there may be fifty thousand files of one certificate, or one file
of a million.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline import x509_facts
from pipeline.contracts import CERTIFICATE_BLOCKS, PUBLIC_KEYS
from pipeline.findings import Finding
from pipeline.sources import raw_files
from pipeline.sources.limits import CERTIFICATE_LIMIT, WHOLE_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.readings import Reading

_CERTIFICATE, _KEY = "CERTIFICATE", "PRIVATE KEY"
# Stores without a key to be seen, whose certificates only a password opens or only Java reads.
_KEYSTORES = {"PKCS12": "PKCS#12", "JAVA KEYSTORE": "Java"}
_LABEL, _BEGIN, _STATUS, _REASON = map(x509_facts.COLUMNS.index, ("label", "valid_from", "parse_status", "parse_reason"))
_SOUND = slice(_STATUS, _REASON + 1)


class CertificateFiles:
    """What the certificate files of the inbox tell, file by file; `zone` is the office's, in which days are counted."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._gathered = x509_facts.Gathered()

    def read(self, listed: Listed) -> Reading:
        """The blocks of a file. A block that cannot be read stays, as a certificate of which only the hash is known; a block that is
        something else than a certificate (a request, a revocation list) is quarantined with a note, a keystore with a warning; a private
        key, whatever its block is called, has the file refused.
        """
        streamed = raw_files.stream(listed, CERTIFICATE_LIMIT, lambda pieces: _blocks(listed.path, pieces))
        file = streamed.result
        self._gathered.join(file.gathered)
        return Reading(
            path=listed.path,
            kind="pem",
            sha256=streamed.sha256,
            size=streamed.size,
            layout="certificate-file",
            table="certificate_blocks",
            rows_read=file.seen,
            rows=np.array(file.rows, dtype="int64"),
            newest=np.array(file.begins, dtype="datetime64[us]"),
            in_force=np.ones(len(file.rows), dtype=bool),
            findings=file.findings,
            zone=self._zone,
        )

    def tables(self, sources: npt.NDArray[np.int64]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`CERTIFICATE_BLOCKS` and `PUBLIC_KEYS` of all files read; `sources` are the places of their certificates, in the order in
        which they were read. What was gathered is let go of."""
        batches = self._gathered.batches()
        if not batches:
            return CERTIFICATE_BLOCKS.empty(), PUBLIC_KEYS.empty()
        blocks = _frame(pa.Table.from_batches([batch.blocks for batch in batches]).drop_columns("label"))
        keys = _frame(pa.Table.from_batches([batch.keys for batch in batches])).drop_duplicates("spki_sha256").sort_values("spki_sha256")
        return CERTIFICATE_BLOCKS.check(blocks.assign(source=sources)), PUBLIC_KEYS.check(keys)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Arrow columns with the contract's dtypes."""
    frame: pd.DataFrame = table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get, self_destruct=True, split_blocks=True)
    return frame


class _File:
    """The blocks of one file: how many there are, which of them are certificates, when these begin, and what is to be told."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.seen = 0
        self.rows: list[int] = []
        self.begins: list[int | None] = []
        self.findings: list[Finding] = []
        self.gathered = x509_facts.Gathered()

    def add(self, part: list[x509_facts.Row]) -> None:
        numbers = range(self.seen + 1, self.seen + 1 + len(part))
        self.seen += len(part)
        odd = [(number, row) for number, row in zip(numbers, part, strict=True) if row[_SOUND] != ("ok", "")]
        self.findings += [finding for number, row in odd if (finding := _about(self.path, number, row)) is not None]
        others = {number for number, row in odd if row[_LABEL] != _CERTIFICATE}
        if others:
            part = [row for row in part if row[_LABEL] == _CERTIFICATE]
        self.rows += [number for number in numbers if number not in others] if others else numbers
        self.begins += [row[_BEGIN] for row in part]
        self.gathered.add(part)


def _blocks(path: str, pieces: Iterator[bytes]) -> _File:
    file = _File(path)
    try:
        for part in x509_facts.rows(pieces, WHOLE_LIMIT):
            file.add(part)
    except x509_facts.TooLarge:
        limit = f"{WHOLE_LIMIT:,} bytes, the limit for one block of PEM, and for a file that is no PEM"
        raise Refused("file-too-large", f"A block of the file, or the file if it is no PEM, has more than {limit}.") from None
    if not file.seen:
        file.findings.append(Finding("no-certificate", "No PEM, DER or PKCS#7 block was found in the file.", file=path))
    return file


def _about(path: str, number: int, row: x509_facts.Row) -> Finding | None:
    label, status, reason = row[_LABEL], row[_STATUS], row[_REASON]
    if label == _KEY:
        raise Refused("private-key", "The block is a private key; nothing of the file was read or published.", row=number)
    if label in _KEYSTORES:
        told = f"The block is a keystore ({_KEYSTORES[label]}); what certificates are in it was not read."
        return Finding("unread-keystore", told, file=path, row=number)
    if label != _CERTIFICATE:
        told = f"The block says that it is something else: {label or 'it has no label'}."
        return Finding("not-a-certificate", told, file=path, row=number)
    if status == "failed":
        return Finding("unreadable-certificate", f"{reason or 'No reason is known'}.".capitalize(), file=path, row=number)
    if status == "ok":
        return Finding("mended-certificate", f"The block was {reason}.", file=path, row=number)
    return None
