"""Facts of X.509 certificates from the bytes of a file. Pure: bytes in, plain values out; private keys never come out.

`blocks` cuts a file into blocks, `quick` reads a certificate of the common shape and `certificate` any other, both with `names` and
`keys`; `remembered` keeps what comes again, `private_keys` tells whether there is one, by `key_shapes`; `der` walks the bytes, `oids`
names the numbers.
"""

from __future__ import annotations

import warnings
from typing import Any

from pipeline.x509_facts import blocks
from pipeline.x509_facts.private_keys import OVERLAP, private_key_in, private_keys_in

__all__ = ["OVERLAP", "private_key_in", "private_keys_in", "read"]


def read(data: bytes) -> list[dict[str, Any]]:
    """Every block of a PEM, DER, PKCS#7, UTF-16 or bare base64 file, in order, as one dict each; [] where there is no block.

    Keys are the columns of `CERTIFICATE_BLOCKS` without `source`, those of `PUBLIC_KEYS`, and `label`. `label` is CERTIFICATE for
    everything that is, or by its label should be, a certificate: its parse_status is ok, partial or failed (then `fingerprint_sha256`
    hashes the block's bytes).
    Other blocks carry their own label (CERTIFICATE REQUEST, X509 CRL, PKCS12, PRIVATE KEY, ...) and parse_status "". So blocks seen
    = ok + partial + failed + other labels. A PKCS#7 file gives one dict a certificate inside. Never raises for what the bytes hold.
    Instants are UTC datetimes of years 1 to 9999, or None; `key_bits` is an int, or None where the key has no size.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the loader's remarks on odd certificates: what matters of them is in parse_reason
        return list(blocks.read(data))
