"""Facts of X.509 certificates from the bytes of a file. Pure: bytes in, plain values or columns out; private keys never come out.

`blocks` cuts a file into blocks, `quick` reads a certificate of the common shape and `certificate` any other, both with `names` and
`keys`; `columns` gathers them, `remembered` keeps what comes again, `private_keys` tells whether there is one, by `key_shapes`; `der`
walks the bytes, `oids` names the numbers.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from pipeline.x509_facts import blocks
from pipeline.x509_facts.blocks import TooLarge
from pipeline.x509_facts.certificate import COLUMNS, Row, instant
from pipeline.x509_facts.columns import BLOCKS, KEYS, Batch, Gathered
from pipeline.x509_facts.private_keys import OVERLAP, private_key_in, private_keys_in

__all__ = [
    "BLOCKS", "COLUMNS", "KEYS", "OVERLAP", "Batch", "Gathered", "Row", "TooLarge", "batches", "private_key_in", "private_keys_in", "read",
    "rows",
]  # fmt: skip

_MOST = 64 * 2**20
_TOGETHER = 512


def read(data: bytes) -> list[dict[str, Any]]:
    """Every block of a PEM, DER, PKCS#7, UTF-16 or bare base64 file, in order, as one dict each; [] where there is no block.

    Keys are the columns of `CERTIFICATE_BLOCKS` without `source`, those of `PUBLIC_KEYS`, and `label`. `label` is CERTIFICATE for
    everything that is, or by its label should be, a certificate: its parse_status is ok, partial or failed (then `fingerprint_sha256`
    hashes the block's bytes). Other blocks carry their own label (CERTIFICATE REQUEST, X509 CRL, PKCS12, PRIVATE KEY, ...) and
    parse_status "". So blocks seen = ok + partial + failed + other labels. A PKCS#7 file gives one dict a certificate inside. Never
    raises for what the bytes hold. Instants are UTC datetimes of years 1 to 9999, or None; `key_bits` is an int, or None where the key
    has no size. For small files; `batches` is for others.
    """
    found = (dict(zip(COLUMNS, row, strict=True)) for part in rows([data], 2 * len(data)) for row in part)
    return [block | {name: instant(block[name]) for name in ("valid_from", "valid_to")} for block in found]


def batches(pieces: Iterable[bytes], most: int = _MOST) -> Iterator[Batch]:
    """What `read` tells of a file whose bytes come in pieces, as Arrow columns, some thousand rows at a time; see `Batch`.

    PEM is let go of as it is read. What must be seen whole (one block, a file that is not PEM) may have `most` bytes; raises `TooLarge`
    beyond that.
    """
    gathered = Gathered()
    for part in rows(pieces, most):
        gathered.add(part)
        yield from gathered.closed()
    yield from gathered.batches()


def rows(pieces: Iterable[bytes], most: int = _MOST) -> Iterator[list[Row]]:
    """As `batches`, with plain rows in the order of `COLUMNS`; `valid_from` and `valid_to` are microseconds since 1970 in UTC."""
    found = blocks.rows(pieces, most)
    is_more = True
    while is_more:
        some: list[Row] = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the loader's remarks on odd certificates: what matters of them is in parse_reason
            for part in found:
                some += part
                if len(some) >= _TOGETHER:
                    break
            else:
                is_more = False
        if some:
            yield some
