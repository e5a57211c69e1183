"""The law of the two ways to read a certificate: the quick one tells the same as the patient one of every certificate, or stands back."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import importlib.util
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.x509_facts import certificate, keys, quick
from pipeline.x509_facts.blocks import common_base64
from tests.bench import certificates_made
from tests.issued import EC_KEY, at, der
from tests.issued import certificate as issued

ZLINT = Path(__file__).parents[3] / "shared" / "data" / "zlint" / "certs"
DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")
_ARMOUR = re.compile(rb"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----")
pytestmark = pytest.mark.filterwarnings("ignore")  # the remarks of the library on odd certificates


def patient(data: bytes) -> dict[str, Any]:
    found = certificate.facts(data)
    return found | {column: certificate.microseconds(found[column]) for column in ("valid_from", "valid_to")}


def agrees(data: bytes) -> bool:
    """Whether the quick way read it; fails where it tells something else than the patient way."""
    row = quick.facts(data)
    if row is not None:
        assert patient(data) == dict(zip(certificate.COLUMNS, row, strict=True))
    return row is not None


def in_pem(*files: Path) -> list[bytes]:
    return [base64.b64decode(body) for file in files for body in _ARMOUR.findall(file.read_bytes())]


def test_certificates_of_the_common_shape_are_read_quickly() -> None:
    for used in (certificates_made.few_keys(), certificates_made.many_keys(50)):
        assert all(agrees(data) for data in certificates_made.certificates(200, used))


@pytest.mark.skipif(not ZLINT.is_dir(), reason="shared/data/zlint is not beside the checkout")
def test_certificates_made_to_provoke_linters() -> None:
    read = [agrees(data) for data in in_pem(*sorted(ZLINT.iterdir()))]
    assert sum(read) > 0.5 * len(read) > 250


@pytest.mark.skipif(importlib.util.find_spec("certifi") is None, reason="certifi is not installed")
def test_roots_of_certifi() -> None:
    certifi = pytest.importorskip("certifi")
    read = [agrees(data) for data in in_pem(Path(certifi.where()))]
    assert sum(read) > 0.9 * len(read) > 90


@pytest.mark.skipif(not DEBIAN.exists(), reason="Debian's ca-certificates is not installed")
def test_roots_of_debian() -> None:
    read = [agrees(data) for data in in_pem(DEBIAN)]
    assert sum(read) > 0.9 * len(read) > 100


@pytest.mark.skipif(importlib.util.find_spec("cryptography_vectors") is None, reason="cryptography-vectors is not installed")
def test_certificates_of_the_library_s_own_tests() -> None:
    vectors = pytest.importorskip("cryptography_vectors")
    files = [file for file in sorted((Path(vectors.__file__).parent / "x509").rglob("*")) if file.suffix in (".crt", ".der", ".pem")]
    read = [agrees(file.read_bytes()) for file in files] + [agrees(data) for data in in_pem(*files)]
    assert sum(read) > 100


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20) | st.sampled_from(
    ["www.example.gov", "*.example.gov", "a,b", "#1", " x ", "x", "A b"]
)
KINDS = st.sampled_from([NameOID.COMMON_NAME, NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.TITLE])
NAME = st.lists(st.tuples(KINDS, TEXT) | st.just((NameOID.SERIAL_NUMBER, "12-3")), max_size=4)
HOSTS = st.lists(
    st.sampled_from(["a.gov", "B.gov", "*.c.gov", "b.gov", "x" * 120 + ".gov", "xn--a.gov", "a b.gov"]), min_size=1, max_size=6
)
OTHERS = st.lists(
    st.sampled_from(
        [
            x509.BasicConstraints(ca=True, path_length=0),
            x509.BasicConstraints(ca=False, path_length=None),
            x509.SubjectKeyIdentifier(b"\x01" * 20),
            x509.SubjectKeyIdentifier(b"\x01" * 3),
            x509.AuthorityKeyIdentifier(b"\x02" * 20, None, None),
            x509.AuthorityKeyIdentifier(b"\x02" * 200, None, None),
            x509.AuthorityKeyIdentifier(None, [x509.DNSName("a.gov")], 5),
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON]),
            x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"), b"\x04\x02\x00\x00"),
            x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.18"), b"\x30\x00"),
            x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.32"), b"\x30" * 300),
        ]
    ),
    max_size=4,
    unique_by=lambda one: one.oid,
)
KEYS = [EC_KEY, ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate(), rsa.generate_private_key(65537, 2048)]
INSTANTS = st.integers(-631_152_000, 4_102_444_800).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC))  # 1950 to 2100


@st.composite
def made(draw: st.DrawFn) -> bytes:
    """A certificate with any name, serial, dates, key and extensions."""
    subject, issuer = (x509.Name([x509.NameAttribute(kind, value, _validate=False) for kind, value in draw(NAME)]) for _ in range(2))
    begins, ends = sorted((draw(INSTANTS), draw(INSTANTS)))
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in draw(HOSTS)]
    if draw(st.booleans()):
        names.insert(0, draw(st.sampled_from([x509.IPAddress(ip_address("10.0.0.9")), x509.RFC822Name("A@b.gov"), x509.DNSName("")])))
    extensions = [*draw(OTHERS)]
    if draw(st.booleans()):
        extensions.insert(draw(st.integers(0, len(extensions))), x509.SubjectAlternativeName(names))
    return der(
        issued(
            (),
            draw(st.integers(1, 2**159 - 1)),
            draw(st.sampled_from(KEYS)),
            subject,
            draw(st.sampled_from([issuer, subject])),
            begins,
            ends,
            tuple(extensions),
        )
    )


@settings(max_examples=300, deadline=None, derandomize=True)
@given(made())
def test_any_certificate_that_can_be_made(data: bytes) -> None:
    agrees(data)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(made(), st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=3))
def test_any_certificate_with_changed_bytes(data: bytes, changes: list[tuple[int, int]]) -> None:
    changed = bytearray(data)
    for place, value in changes:
        changed[place % len(data)] = value
    agrees(bytes(changed))


def test_every_byte_of_a_certificate_changed() -> None:
    whole = next(certificates_made.certificates(1, certificates_made.few_keys()))
    read = 0
    for place in range(len(whole) - 256):  # behind stands the signature, of which no fact is made
        for value in {0x00, 0x01, 0x30, 0x7F, 0x80, 0x82, 0xFF, whole[place] ^ 0x20, whole[place] ^ 0x01} - {whole[place]}:
            read += agrees(whole[:place] + bytes([value]) + whole[place + 1 :])
    assert read > 1_000


@pytest.mark.parametrize("number", [0, 23, 26, 29, 38, 40])
def test_usual_keys_and_every_byte_of_their_frames_changed(number: int) -> None:
    key = certificates_made.few_keys()[number]
    assert keys.public_key(key) == quick._key(key)
    for place in [*range(min(40, len(key))), *range(len(key) - 6, len(key))]:
        for change in (0x01, 0x20, 0x80, 0xFF):
            changed = key[:place] + bytes([key[place] ^ change]) + key[place + 1 :]
            found = quick._usual_key(changed)
            assert found is None or keys.public_key(changed) == found


def test_dates_to_the_last_second() -> None:
    for begins, ends in ((at(1950, 1, 1), at(2049, 12, 31, 23, 59, 59)), (at(1999, 12, 31, 23, 59, 59), at(2000, 2, 29, 0, 0, 1))):
        data = der(issued(begins=begins, ends=ends))
        row = quick.facts(data)
        assert row is not None
        found = dict(zip(certificate.COLUMNS, row, strict=True))
        assert (begins, ends) == (certificate.instant(found["valid_from"]), certificate.instant(found["valid_to"]))


WRITTEN = st.binary(max_size=60).map(base64.b64encode)
MARKS = [b"", b"", b"\n", b"\r\n", b" ", b"=", b"==", b"-", b"_", b"/", b"A", b"\\", b"\x00", b"\xc3\xa9"]
SPOILT = st.lists(st.sampled_from(MARKS), max_size=3)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(WRITTEN, SPOILT, st.integers(0, 80), st.integers(0, 3))
def test_base64_is_read_as_a_strict_reader_reads_it_or_not_at_all(text: bytes, spoilt: list[bytes], at: int, cut: int) -> None:
    body = b"\n" + text[:at] + b"".join(spoilt) + text[at : len(text) - cut] + b"\n"
    found = common_base64(body)
    try:
        expected = binascii.a2b_base64(body.replace(b"\n", b""), strict_mode=True)
    except binascii.Error:
        expected = None
    assert found in (expected, None)
    assert not (found is None and not spoilt and not cut), "what is written well is read"
