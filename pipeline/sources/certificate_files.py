"""Certificate files (PEM, DER, PKCS#7, any mix) to a `Reading`: one row a block, the block's number from 1 being its row."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline import x509_facts
from pipeline.findings import Finding
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.readings import Reading

_CERTIFICATE, _KEY = "CERTIFICATE", "PRIVATE KEY"


def read(raw: RawFile) -> Reading:
    """The blocks of a file. A block that cannot be read stays, as a certificate of which only the hash is known; a block that is
    something else than a certificate (a request, a revocation list) is quarantined with a note; a private key, whatever its block is
    called, has the file refused.
    """
    blocks = x509_facts.read(raw.data)
    keys = [number for number, block in enumerate(blocks, start=1) if block["label"] == _KEY]
    if keys:
        raise Refused("private-key", "The block is a private key; nothing of the file was read or published.", row=keys[0])
    findings = [finding for number, block in enumerate(blocks, start=1) if (finding := _about(raw.path, number, block)) is not None]
    if not blocks:
        findings.append(Finding("no-certificate", "No PEM, DER or PKCS#7 block was found in the file.", file=raw.path))
    rows = [number for number, block in enumerate(blocks, start=1) if block["label"] == _CERTIFICATE]
    certificates = [block for block in blocks if block["label"] == _CERTIFICATE]
    begins = [None if block["valid_from"] is None else block["valid_from"].replace(tzinfo=None) for block in certificates]
    return Reading(
        path=raw.path,
        kind="pem",
        sha256=raw.sha256,
        size=len(raw.data),
        layout="certificate-file",
        table="certificate_blocks",
        rows_read=len(blocks),
        rows=np.array(rows, dtype="int64"),
        blocks=certificates,
        newest=pd.Series(np.array(begins, dtype="datetime64[us]")).dt.normalize(),
        in_force=np.ones(len(rows), dtype=bool),
        findings=findings,
    )


def _about(path: str, number: int, block: dict[str, object]) -> Finding | None:
    if block["label"] != _CERTIFICATE:
        reason = f"The block says that it is something else: {block['label'] or 'it has no label'}."
        return Finding("not-a-certificate", reason, file=path, row=number)
    if block["parse_status"] == "failed":
        return Finding("unreadable-certificate", f"{block['parse_reason'] or 'No reason is known'}.".capitalize(), file=path, row=number)
    if block["parse_status"] == "ok" and block["parse_reason"]:
        return Finding("mended-certificate", f"The block was {block['parse_reason']}.", file=path, row=number)
    return None
