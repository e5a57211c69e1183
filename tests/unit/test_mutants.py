"""Certificates of which one byte was changed: all positions, seven values each, and all 256 in `make fuzz`.

No exception leaves the parser, the block stays one block, and nothing is told that does not stand in the bytes. What is told without a
word of doubt is what `cryptography` tells.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import re
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import settings

from pipeline.x509_facts import private_keys_in, read
from tests.referee import disagreements

VECTORS = Path(cryptography_vectors.__file__).parent / "x509"
CERTIFICATES = {
    "RSA, nine extensions": "cryptography-scts.pem",
    "EC": "custom/unsupported_extension_2.pem",
    "DSA, an X.400 address": "san_x400address.der",
}
FUZZ = settings.get_current_profile_name() == "fuzz"
ENCODINGS = ("utf-8", "utf-16-be", "utf-32-be", "latin-1")
URL_SIGNS = bytes.maketrans(b"-_", b"+/")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def der_of(name: str) -> bytes:
    data = (VECTORS / name).read_bytes()
    load = x509.load_der_x509_certificate if name.endswith(".der") else x509.load_pem_x509_certificate
    return load(data).public_bytes(Encoding.DER)


def pem_of(name: str) -> bytes:
    lines = textwrap.wrap(base64.b64encode(der_of(name)).decode(), 64)
    return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", "")).encode()


def mutants(data: bytes) -> Iterator[bytes]:
    """`data` with each of its bytes replaced: by edges of the range, by neighbours, and by the other case of a letter."""
    for place, byte in enumerate(data):
        values = range(256) if FUZZ else (0, 1, 0x7F, 0x80, 0xFF, byte ^ 1, byte ^ 0x20)
        for value in sorted({*values} - {byte}):
            yield data[:place] + bytes([value]) + data[place + 1 :]


def from_nowhere(block: dict[str, Any], data: bytes) -> list[str]:
    """The facts of a block that do not stand in the bytes that it was read from."""
    lower, digits = data.lower(), data.hex()
    stand = {
        "fingerprint_sha256": block["fingerprint_sha256"] == hashlib.sha256(data).hexdigest(),
        "serial": is_number(block["serial"], digits),
        "common_name": is_text(block["common_name"], data),
        "subject_alternative_names": all(is_host(host, lower) for host in block["subject_alternative_names"].split()),
        "rsa_modulus": is_number(block["rsa_modulus"], digits),
        "subject_key_id": block["subject_key_id"] in digits,
        "authority_key_id": block["authority_key_id"] in digits,
        "valid_from": is_moment(block["valid_from"], data),
        "valid_to": is_moment(block["valid_to"], data),
    }
    return [fact for fact, stands in stand.items() if not stands]


def is_number(told: str, digits: str) -> bool:
    if not told.startswith("-"):
        return told in digits
    size = (len(told) + 1) // 2
    return any((int(told, 16) % 256**more).to_bytes(more, "big").hex() in digits for more in (size - 1, size) if more)


def is_text(told: str, data: bytes) -> bool:
    if told.startswith("#") and told[1:] in data.hex():
        return True
    return any(all(part.encode(encoding, "replace") in data for part in told.split(UNKNOWN)) for encoding in ENCODINGS)


def is_host(told: str, lower: bytes) -> bool:
    try:
        return ipaddress.ip_address(told).packed in lower or told.encode() in lower
    except ValueError:
        return all(part.encode() in lower for part in told.split(UNKNOWN))


def is_moment(told: dt.datetime | None, data: bytes) -> bool:
    """Whether the instant stands there as UTCTime or GeneralizedTime in UTC, also without seconds; one with an offset is not compared."""
    if told is None:
        return True
    minute = f"{told:%y%m%d%H%M}".encode()
    spelt = f"{told:%y%m%d%H%M%S}".encode() in data or any(minute + mark in data for mark in (b"Z", b".", b","))
    return spelt or any(sign + b"0" in data for sign in (b"+", b"-"))


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_mutant_of_a_certificate_is_one_block_that_tells_what_stands_in_it(name):
    seen: Counter[str] = Counter()
    made = list(mutants(der_of(CERTIFICATES[name])))
    for mutant in made:
        blocks = read(mutant)
        if mutant[:1] != b"\x30" or mutant[1] < 0x80:  # no container is told by other first bytes
            assert [] == blocks
            continue
        first, *rest = blocks
        assert {"failed", ""} >= {block["parse_status"] for block in rest}  # an outer length that is too short leaves a rest
        assert "PRIVATE KEY" not in {block["label"] for block in blocks}
        seen[first["parse_status"]] += 1
        if first["parse_status"] in ("ok", "partial"):
            whole = mutant[: 4 + int.from_bytes(mutant[2:4], "big")]
            assert [] == from_nowhere(first, whole)
            assert first["parse_status"] == "partial" or {} == disagreements(first, whole)
    assert not any(private_keys_in(made))
    assert min(seen["ok"], seen["partial"], seen["failed"]) > 0


def decoded(body: bytes) -> bytes:
    """The bytes of base64 in which a letter may have become a sign that is none."""
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_mutant_of_a_pem_file_is_one_block(name):
    original = pem_of(CERTIFICATES[name])
    whole = read(original)[0]
    seen: Counter[str] = Counter()
    for mutant in mutants(original):
        blocks = read(mutant)
        assert 1 == len(blocks)
        assert "PRIVATE KEY" not in {block["label"] for block in blocks}
        for block in blocks:
            seen[block["parse_status"]] += 1
            if block["fingerprint_sha256"] == whole["fingerprint_sha256"]:
                assert {**whole, "parse_reason": ""} == {**block, "parse_reason": ""}
            elif block["parse_status"] == "ok":
                assert {} == disagreements(block, decoded(mutant.translate(URL_SIGNS, b"\n").split(b"+++++")[2]))
    assert min(seen["ok"], seen["failed"]) > 0
