"""Private keys are seen in every form they come in, wherever they stand in a file; certificates, serials and words are no keys."""

from __future__ import annotations

import base64
import random
import shutil
import struct

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.x509_facts import OVERLAP, private_key_in, private_keys_in
from tests import issued, key_forms
from tests.key_forms import EC_KEY, KINDS, OTHERS, RSA_KEY, TEXTS, java_entry, java_keystore


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", TEXTS)
def test_a_key_is_seen_in_every_form(form, kind):
    text = TEXTS[form](*KINDS[kind]).encode()
    assert private_key_in(text)
    assert private_key_in(b"order,host\n1,www.example.gov\n" * 5_000 + text + b"\n2,x\n" * 5_000)


@pytest.mark.parametrize("form", OTHERS)
def test_a_key_is_seen_also_where_it_is_no_der(form):
    assert private_key_in(OTHERS[form].encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("form", ["PEM", "a row a line without armour", "hexadecimal with colons", "a value of JSON"])
def test_letters_may_be_two_or_four_bytes_wide(form, encoding):
    text = TEXTS[form](*KINDS["PKCS#8 EC"]).encode(encoding)
    assert private_key_in(text)
    assert private_key_in(bytes(random.Random(1).randbytes(300_000)) + b"\0\0" + text)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the command openssl is not installed")
@pytest.mark.parametrize("kind", ["PKCS#8 RSA", "PKCS#8 EC", "PKCS#8 Ed25519"])
def test_a_key_is_seen_as_openssl_prints_it(kind):
    assert private_key_in(key_forms.printed(KINDS[kind][1]).encode())


@pytest.mark.parametrize("wrap", [bytes, base64.b64encode, base64.encodebytes, lambda data: data.hex().encode()])
def test_a_pkcs12_file_is_seen_as_it_is_and_as_text(wrap):
    protected = serialization.BestAvailableEncryption(b"secret")
    made = pkcs12.serialize_key_and_certificates(b"a", EC_KEY, issued.certificate(serial=1, key=EC_KEY), None, protected)
    assert private_key_in(wrap(made))


def test_a_java_keystore_of_certificates_alone_holds_no_key():
    of_a_key = struct.pack(">IH1sQI", 1, 1, b"k", 0, 900) + bytes(900) + bytes(4)
    trusted = [java_entry(issued.certificate(serial=number)) for number in (1, 2)]
    store = java_keystore(*trusted)
    assert not private_key_in(store)
    assert [False] == private_keys_in([store])
    for unsure in (
        java_keystore(of_a_key),
        java_keystore(trusted[0], of_a_key),
        store[:-1],
        store + b"more",
        store[:40],
        java_keystore(b""),
    ):
        assert private_key_in(unsure)


ROW = b"1000123,www.example.gov,5f3a9c0b77aa12cd5f3a9c0b77aa12cd,Private SSL,issued,2026-02-01 00:00:00\n"
WINDOW, SIZE = 2**22, 9_000_000  # what is looked at at once, and more than two of them


@pytest.mark.parametrize("form", ["PEM", "a row a line without armour", "hexadecimal, 0x at each byte", "base64 of PEM, wrapped"])
@pytest.mark.parametrize("begin", [0, WINDOW - 10, WINDOW + 1, WINDOW + OVERLAP - 1_700, WINDOW + OVERLAP - 40, WINDOW + OVERLAP, SIZE])
def test_a_key_is_seen_wherever_in_a_large_file_it_stands(form, begin):
    text = TEXTS[form](*KINDS["PKCS#1"]).encode()
    rows = (ROW * (SIZE // len(ROW) + 1))[:SIZE]
    assert private_key_in(rows[:begin] + b"\n" + text + b"\n" + rows[begin:])


@pytest.mark.parametrize("form", TEXTS)
@settings(max_examples=5)
@given(place=st.integers(0, 3 * OVERLAP))
def test_windows_that_overlap_miss_no_key(form, place):
    """As a reader of a stream asks: window after window, each beginning OVERLAP bytes before the end of the last."""
    text = TEXTS[form](*KINDS["PKCS#8 RSA"]).encode().decode().encode("utf-32-le")
    data = bytes(4 * (place // 4)) + text + bytes(OVERLAP)
    window = 2 * OVERLAP
    windows = [data[at : at + window] for at in range(0, len(data), window - OVERLAP)]
    assert any(private_keys_in(windows))


HEXADECIMAL = st.one_of(
    st.integers(0, 2**160).map("{:x}".format),
    st.integers(0, 2**160).map("{:040X}".format),
    st.binary(min_size=16, max_size=32).map(lambda data: data.hex(":")),
    st.binary(min_size=12, max_size=28).map(lambda data: "3082" + data.hex()),
    st.binary(min_size=12, max_size=28).map(lambda data: "30:2e:02:01:00:30:05:" + data.hex(":")),
    st.sampled_from(["3077020101", "30820201003082", "2026020100", "308204A40201003", "302002010030"]),
)
BASE64 = st.one_of(
    st.binary(min_size=20, max_size=80).map(lambda data: base64.b64encode(data).decode()),
    st.binary(min_size=20, max_size=80).map(lambda data: base64.b64encode(b"\x30\x82" + data).decode()),
    st.sampled_from([base64.b64encode(issued.der(issued.certificate(serial=serial, key=key))).decode()
                     for serial, key in ((1, EC_KEY), (0x30820102, RSA_KEY), (2**158, EC_KEY))]),
)  # fmt: skip
WORDS = st.sampled_from(
    ["Private SSL", "the private key was lost", "BEGIN", "-----", "private-key: no", "kty", '"d": "x"', "2026-02-01 00:01", "0x30", "a=20b"]
)


@given(
    st.lists(st.lists(st.one_of(HEXADECIMAL, BASE64, WORDS), min_size=1, max_size=6), max_size=8), st.sampled_from([",", ";", "\t", '","'])
)
def test_tables_of_serials_fingerprints_and_certificates_hold_no_key(rows, delimiter):
    assert not private_key_in("\n".join(delimiter.join(row) for row in rows).encode())


def test_a_million_serials_and_fingerprints_hold_no_key():
    """Each way of writing them 250,000 times: 104 MB of random digits."""
    chance = random.Random(20261125)
    for write in ("{}\n", "0x{}\n"):
        for case in (str.lower, str.upper):
            digits = case(chance.randbytes(250_000 * 52).hex())
            table = "".join(write.format(digits[at : at + 40] + "," + digits[at + 40 : at + 104]) for at in range(0, len(digits), 104))
            assert not private_key_in(table.encode())


def request() -> x509.CertificateSigningRequest:
    return x509.CertificateSigningRequestBuilder().subject_name(issued.ISSUER).sign(EC_KEY, hashes.SHA256())


def revocations() -> x509.CertificateRevocationList:
    builder = x509.CertificateRevocationListBuilder().issuer_name(issued.ISSUER)
    return builder.last_update(issued.BEGINS).next_update(issued.ENDS).sign(EC_KEY, hashes.SHA256())


PUBLIC = serialization.PublicFormat
HARMLESS = {
    "a certificate of RSA": issued.der(issued.certificate(serial=1, key=RSA_KEY)),
    "a certificate of EC": issued.der(issued.certificate(serial=1, key=EC_KEY)),
    "a request": issued.der(request()),
    "a revocation list": issued.der(revocations()),
    "a public key of RSA": RSA_KEY.public_key().public_bytes(serialization.Encoding.DER, PUBLIC.SubjectPublicKeyInfo),
    "a public key of PKCS#1": RSA_KEY.public_key().public_bytes(serialization.Encoding.DER, PUBLIC.PKCS1),
    "a public key of EC": EC_KEY.public_key().public_bytes(serialization.Encoding.DER, PUBLIC.SubjectPublicKeyInfo),
    "a public key of SSH": RSA_KEY.public_key().public_bytes(serialization.Encoding.OpenSSH, PUBLIC.OpenSSH),
    "a signature": EC_KEY.sign(b"x", ec.ECDSA(hashes.SHA256())),
}
WRITTEN = {
    "as it is": bytes,
    "base64": base64.b64encode,
    "base64 in lines": base64.encodebytes,
    "base64 twice": lambda data: base64.b64encode(base64.encodebytes(data)),
    "hexadecimal": lambda data: data.hex().encode(),
    "hexadecimal with colons": lambda data: data.hex(":").upper().encode(),
    "PEM": lambda data: key_forms.pem("CERTIFICATE", data).encode(),
    "PEM of a public key": lambda data: key_forms.pem("PUBLIC KEY", data).encode(),
    "PEM in base64": lambda data: base64.encodebytes(key_forms.pem("CERTIFICATE", data).encode()),
    "UTF-16": lambda data: base64.encodebytes(data).decode().encode("utf-16"),
}


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize("written", WRITTEN)
def test_what_is_public_is_no_private_key(what, written):
    assert not private_key_in(WRITTEN[written](HARMLESS[what]))


def test_many_pieces_at_once_are_judged_as_each_by_itself():
    pieces = [form(*KINDS["SEC 1"]).encode() for form in TEXTS.values()]
    pieces += [write(data) for write in WRITTEN.values() for data in HARMLESS.values()]
    pieces += [piece.decode("latin-1").encode("utf-16") for piece in pieces] + [b"\xfe\xed\xfe\xed\0\0\0\2", b"", ROW]
    judged = private_keys_in(pieces)
    assert [private_key_in(piece) for piece in pieces] == judged
    assert {True, False} == set(judged)
