"""What exports write about a certificate's key, `RSA-2048`, `EC_prime256v1`, `ECDSA` or `2048 bits`, as key type and size.

The words are those that certificate files are told of in (`x509_facts`), so that an export can be compared with a file.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

from pipeline.contracts import DTYPES
from pipeline.sources.typed_columns import TypedColumns

_KINDS = {"rsa": "RSA", "rsaencryption": "RSA", "dsa": "DSA", "ed25519": "Ed25519", "ed448": "Ed448"}
_KINDS |= dict.fromkeys(("ec", "ecc", "ecdsa", "ecpublickey", "idecpublickey"), "EC")
_CURVE_BITS = {"prime256v1": 256, "secp256r1": 256, "secp384r1": 384, "secp521r1": 521, "p256": 256, "p384": 384, "p521": 521}
_KEY = re.compile(rf"({'|'.join(sorted(_KINDS, key=len, reverse=True))})?(?:({'|'.join(_CURVE_BITS)})|([1-9]\d{{2,4}}))?(?:bits?)?")
_MARKS = re.compile(r"[\s_():/-]+")


class Key(NamedTuple):
    """Type as in `CERTIFICATES.key_type`, "" where it is not told; size in bits of modulus or curve, None where it is not told."""

    kind: str
    bits: int | None


def key(text: str) -> Key | None:
    """The key that a cell tells of; None where its words are not known. A curve alone tells the type as well."""
    match = _KEY.fullmatch(_MARKS.sub("", text.lower()))
    if match is None or not (match[1] or match[2] or match[3]):
        return None
    kind, curve, size = match.groups()
    return Key(_KINDS.get(kind, "EC" if curve else ""), _CURVE_BITS[curve] if curve else int(size) if size else None)


def typed(columns: TypedColumns) -> dict[str, pd.Series]:
    """The columns `key_type` and `key_bits` of `EXPORT_ROWS`, told by the two columns together; the rows stay whatever they say.

    One note `unknown-key` a word that is not understood: what it says is not compared with the certificate file. A layout may read both
    columns from one label.
    """
    read: dict[str, Key | None] = {}
    for name in ("key_type", "key_bits"):
        texts = columns.written(name)
        for text in dict.fromkeys(texts):
            if text and text not in read:
                read[text] = key(text)
                if read[text] is None:
                    reason = f"Rows with this word, whose key was not compared: {texts.count(text):,}."
                    columns.note("unknown-key", reason, name, value=text)
    nothing = Key("", None)
    pairs = [
        (read.get(one) or nothing, read.get(other) or nothing)
        for one, other in zip(columns.written("key_type"), columns.written("key_bits"), strict=True)
    ]
    return {
        "key_type": pd.Series([one.kind or other.kind for one, other in pairs], dtype=DTYPES["text"]),
        "key_bits": pd.Series([other.bits or one.bits for one, other in pairs], dtype=DTYPES["count"]),
    }
