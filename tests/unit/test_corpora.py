"""Certificates that others collected: every one comes back, and what is told of it is what `cryptography` tells.

zlint's (made to provoke linters, kept beside the checkout), those of cryptography itself with NIST's PKITS among them, and the roots of
Mozilla as certifi and Debian carry them.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import certifi
import cryptography_vectors
import pytest

from pipeline.x509_facts import private_keys_in, read
from tests.referee import TELLS, disagreements, told

ZLINT = Path(__file__).parents[3] / "shared" / "data" / "zlint" / "certs"
VECTORS = Path(cryptography_vectors.__file__).parent / "x509"
DEBIAN = Path("/etc/ssl/certs")

_FILES = {
    "zlint": lambda: ZLINT.iterdir(),
    "cryptography": lambda: (path for path in VECTORS.rglob("*") if path.suffix in (".pem", ".crt", ".der", ".crl")),
    "certifi": lambda: [Path(certifi.where())],
    "Debian": lambda: [path for path in DEBIAN.iterdir() if path.suffix in (".pem", ".crt") and path.is_file()],
}
THERE = {"zlint": ZLINT, "cryptography": VECTORS, "certifi": Path(certifi.where()), "Debian": DEBIAN / "ca-certificates.crt"}
CORPORA = [
    pytest.param(name, marks=pytest.mark.skipif(not THERE[name].exists(), reason=f"the certificates of {name} are not here"))
    for name in _FILES
]
# Files of the corpora that do hold private keys.
WITH_KEYS = {
    "x509/cryptography.io.chain_with_garbage.pem", "x509/cryptography.io.with_garbage.pem", "x509/cryptography.io.with_headers.pem",
    "ca/ca_key.pem", "ca/rsa_key.pem",
}  # fmt: skip
# Where a row tells otherwise than the library, its own words say why.
SAID = {
    "subject_alternative_names": "an alternative name holds spaces or control characters; they were replaced",
    "subject": "subject: ",
    "issuer": "issuer: ",
}
_ARMOUR = re.compile(rb"-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE|PKCS7)-----(.*?)-----END", re.DOTALL)
_HEADER = re.compile(rb"^[A-Za-z-]+:.*$", re.MULTILINE)


@cache
def files(corpus: str) -> dict[str, bytes]:
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in sorted(_FILES[corpus]())}


def certificates(data: bytes) -> Iterator[bytes]:
    """The certificates of a file as DER, cut out otherwise than the parser does it."""
    if b"-----BEGIN " not in data:
        yield data
    for label, body in _ARMOUR.findall(data):
        try:
            if label != b"PKCS7":
                yield base64.b64decode(_HEADER.sub(b"", body))
        except binascii.Error:
            continue


def compared(corpus: str) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """(file, row, DER) of each certificate that the library loads."""
    for name, data in files(corpus).items():
        by_fingerprint = {block["fingerprint_sha256"]: block for block in read(data)}
        for der in certificates(data):
            if fingerprint := told(der).get("fingerprint_sha256"):
                yield name, by_fingerprint[fingerprint], der  # KeyError: a certificate was lost


@pytest.mark.parametrize("corpus", CORPORA)
def test_every_block_of_every_file_is_accounted_for(corpus: str) -> None:
    for name, data in files(corpus).items():
        blocks = read(data)
        armoured = len(re.findall(rb"-----BEGIN ", data))
        alone = 1 if data[:1] == b"\x30" and len(data) > 130 else 0  # shorter ones are questions to a server, and its answers
        assert (armoured or alone) == len(blocks), name
        assert {"ok", "partial", "failed", ""} >= {block["parse_status"] for block in blocks}, name
        assert (name in WITH_KEYS) == ("PRIVATE KEY" in {block["label"] for block in blocks}), name


@pytest.mark.parametrize("corpus", CORPORA)
def test_where_both_can_read_they_agree(corpus: str) -> None:
    columns: Counter[str] = Counter()
    for name, block, der in compared(corpus):
        columns.update([*told(der)])
        differing = disagreements(block, der)
        if block["parse_status"] == "ok":
            assert {} == differing, name
        assert [] == [column for column in differing if SAID.get(column, "?") not in block["parse_reason"]], name
    assert set(TELLS) == set(columns)
    assert {"zlint": 563, "cryptography": 532, "certifi": 117, "Debian": 142}[corpus] <= max(columns.values())


@pytest.mark.parametrize("corpus", CORPORA)
def test_no_certificate_of_others_looks_like_a_private_key(corpus: str) -> None:
    for write in (bytes, base64.encodebytes, lambda data: data.hex().encode()):
        seen = private_keys_in([write(data) for data in files(corpus).values()])
        assert WITH_KEYS >= {name for name, has_key in zip(files(corpus), seen, strict=True) if has_key}


@pytest.mark.parametrize("corpus", [corpus for corpus in CORPORA if corpus.values[0] in ("certifi", "Debian")])
def test_every_root_comes_in_whole(corpus: str) -> None:
    for name, data in files(corpus).items():
        blocks = read(data)
        assert data.count(b"-----BEGIN CERTIFICATE-----") == len({block["fingerprint_sha256"] for block in blocks}), name
        assert {"ok"} == {block["parse_status"] for block in blocks}, name
        assert all(block["is_ca"] for block in blocks if block["extended_key_usage"] == "" and block["authority_key_id"]), name


def test_the_keys_of_pkits_are_seen() -> None:
    """405 PKCS#12 files with certificate and key, protected by a password."""
    protected = [path.read_bytes() for path in sorted(VECTORS.rglob("*.p12"))]
    assert 405 == len(protected)
    assert all(private_keys_in(protected))
    assert {("PKCS12",)} == {tuple(block["label"] for block in read(data)) for data in protected}
