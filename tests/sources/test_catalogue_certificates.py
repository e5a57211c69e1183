"""The catalogue of bad input, §2.4: files of certificates. A block that cannot be read costs itself and stays in the books by its hash."""

from __future__ import annotations

import base64
import datetime as dt
import io
import os
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import pkcs12

from pipeline.contracts import Inbox
from pipeline.findings import CODES
from pipeline.sources import inbox
from pipeline.sources.limits import CERTIFICATE_LIMIT, MIB
from tests import issued
from tests.key_forms import java_entry, java_keystore
from tests.sources.offices import AS_OF, Office

FILE = "inbox/pem/x.pem"
ONE, TWO, THREE = (issued.certificate((f"{name}.example.gov",), serial) for serial, name in enumerate(("one", "two", "three"), start=1))
BUNDLE = issued.pem(ONE) + issued.pem(TWO)
REQUEST = x509.CertificateSigningRequestBuilder().subject_name(issued.ISSUER).sign(issued.EC_KEY, SHA256())
BROKEN = b"-----BEGIN CERTIFICATE-----\nMIIB!\n-----END CERTIFICATE-----\n"
BEGIN = b"\x17\x0d261102140001Z"


def read(office: Office, data: bytes) -> Inbox:
    office.put(FILE, data)
    return office.read()


def column(read: Inbox, name: str) -> list[Any]:
    return read.certificate_blocks[name].tolist()


def found(read: Inbox) -> list[tuple[str, int, str]]:
    return [(one.code, one.row, one.action) for one in read.findings]


def the_block(office: Office, data: bytes) -> dict[str, Any]:
    """The facts of the only block of a file."""
    (row,) = read(office, data).certificate_blocks.to_dict("records")
    return row


@pytest.mark.parametrize(
    "data",
    [
        BUNDLE.replace(b"\n", b"\r\n"),
        BUNDLE.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + BUNDLE,
        b"Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 1\n" + BUNDLE,
        b"Bag Attributes\n    friendlyName: one\nsubject=CN = one\n" + BUNDLE,
        re.sub(rb"(?<=[A-Za-z0-9+/=])\n(?=[A-Za-z0-9+/=])", b"", BUNDLE),
        BUNDLE.replace(b"\n", b"\n    "),
        BUNDLE.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    ],
    ids=["CRLF", "CR", "a mark", "openssl -text", "bag attributes", "one line", "indented", "an old label"],
)
def test_c24_01_what_programs_write_is_accepted(office: Office, data: bytes) -> None:
    got = read(office, data)
    assert (["ok", "ok"], ["01", "02"], []) == (column(got, "parse_status"), column(got, "serial"), found(got))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_c24_02_wide_text_is_decoded(office: Office, encoding: str) -> None:
    assert ["01", "02"] == column(read(office, BUNDLE.decode().encode(encoding)), "serial")


def test_c24_03_a_trusted_certificate_is_one_and_a_request_is_named(office: Office) -> None:
    trusted = issued.der(ONE) + bytes.fromhex("300c300a06082b06010505070301")
    armoured = b"-----BEGIN TRUSTED CERTIFICATE-----\n" + base64.encodebytes(trusted) + b"-----END TRUSTED CERTIFICATE-----\n"
    got = read(office, armoured + issued.pem(REQUEST))
    assert ["ok"] == column(got, "parse_status")
    assert [("not-a-certificate", 2, "quarantined")] == found(got)
    assert "The block says that it is something else: CERTIFICATE REQUEST." == got.findings[0].reason


PKCS12_STORE = pkcs12.serialize_java_truststore(
    [pkcs12.PKCS12Certificate(ONE, b"root")], serialization.BestAvailableEncryption(b"changeit")
)
JAVA_STORE = java_keystore(java_entry(ONE), java_entry(TWO))


@pytest.mark.parametrize(("store", "kind"), [(PKCS12_STORE, "PKCS#12"), (JAVA_STORE, "Java")], ids=["PKCS#12", "Java"])
def test_certificates_that_stay_behind_in_a_keystore_are_a_warning(office: Office, store: bytes, kind: str) -> None:
    got = read(office, store)
    (finding,) = got.findings
    assert ("unread-keystore", 1, "warning", "quarantined") == (finding.code, finding.row, finding.severity, finding.action)
    assert f"The block is a keystore ({kind}); what certificates are in it was not read." == finding.reason


def test_an_archive_of_certificates_is_told_with_the_word_to_unpack_it(office: Office) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.pem", issued.pem(ONE))
    assert [("no-certificate", 0, "kept")] == found(read(office, packed.getvalue()))
    assert "unpack an archive (zip, gzip, tar) first" in CODES["no-certificate"].remedy


@pytest.mark.parametrize("data", [b"", b"\n", b"Please find the certificate attached."])
def test_c24_04_a_file_without_a_certificate_is_told_and_stops_nothing(office: Office, data: bytes) -> None:
    assert [("no-certificate", 0, "kept")] == found(read(office, data))


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"-----END CERTIFICATE-----\n", b"")[:-30],
        lambda data: data[:200] + b"\n-----END CERTIFICATE-----\n",
        lambda data: data.replace(b"\nMI", b"\nM!", 1),
    ],
    ids=["no END", "cut off", "a bad character"],
)
def test_c24_05_a_damaged_block_is_told_with_its_number_and_stays(office: Office, damage: Callable[[bytes], bytes]) -> None:
    got = read(office, issued.pem(ONE) + damage(issued.pem(TWO)))
    assert ["ok", "failed"] == column(got, "parse_status")
    assert [("unreadable-certificate", 2, "kept")] == found(got)
    assert 64 == len(column(got, "fingerprint_sha256")[1])


def test_c24_06_a_bad_block_among_good_ones_costs_only_itself(office: Office) -> None:
    got = read(office, issued.pem(ONE) + BROKEN + issued.pem(TWO))
    assert (["01", "", "02"], [("unreadable-certificate", 2, "kept")]) == (column(got, "serial"), found(got))


def test_c24_07_all_certificates_of_a_file_are_read(office: Office) -> None:
    assert ["01", "02", "03"] == column(read(office, BUNDLE + issued.pem(THREE)), "serial")
    assert ["01", "02", "03"] == column(read(office, issued.der(ONE) + issued.der(TWO) + issued.der(THREE)), "serial")


def test_c24_08_a_private_key_beside_a_certificate_stops_the_run(office: Office) -> None:
    key = issued.EC_KEY.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    office.put(FILE, issued.pem(ONE) + key)
    with pytest.raises(inbox.InputRefused) as refused:
        office.read()
    assert [("private-key", "stopped")] == [(one.code, one.action) for one in refused.value.findings]
    assert key.split(b"\n")[1].decode() not in str(refused.value)


def test_c24_09_der_is_known_by_its_bytes(office: Office) -> None:
    assert ("ok", "01") == tuple(the_block(office, issued.der(ONE))[name] for name in ("parse_status", "serial"))


def test_c24_10_der_with_something_behind_it_or_cut_short(office: Office) -> None:
    got = read(office, issued.der(ONE) + b"\x05")
    assert (["ok", "failed"], [("unreadable-certificate", 2, "kept")]) == (column(got, "parse_status"), found(got))
    got = read(office, issued.der(ONE)[:-5])
    assert (["failed"], [("unreadable-certificate", 1, "kept")]) == (column(got, "parse_status"), found(got))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("raw", "serial"),
    [pytest.param(b"\x02\x01\x85", "-7b", id="c24_11 negative"), pytest.param(b"\x02\x01\x00", "00", id="c24_12 zero")],
)
def test_a_serial_that_is_not_positive_is_accepted_as_it_stands(office: Office, raw: bytes, serial: str) -> None:
    data = issued.der(issued.certificate(serial=5)).replace(b"\x02\x01\x05", raw, 1)
    assert serial == the_block(office, data)["serial"]


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        pytest.param(bytes.fromhex("a003020102"), bytes.fromhex("a003020103"), "partial", "refuses", id="c24_13 version 4"),
        pytest.param(BEGIN, b"\x17\x0d261302140001Z", "partial", "the time does not exist", id="c24_14 month 13"),
        pytest.param(BEGIN, b"\x17\x0d260230140001Z", "partial", "the time does not exist", id="c24_14 30 February"),
        pytest.param(BEGIN, b"\x17\x0d2611021400-1Z", "partial", "first second", id="c24_14 half an offset"),
        pytest.param(b"\x0c\x0fwww.example.gov", b"\x03\x0fwww.example.gov", "partial", "subject", id="c24_19 a BIT STRING in the subject"),
    ],
)
def test_a_certificate_that_is_partly_wrong_keeps_what_can_be_read(office: Office, old: bytes, new: bytes, status: str, said: str) -> None:
    whole = issued.der(issued.certificate())
    assert 1 <= whole.count(old)
    block = the_block(office, whole.replace(old, new, 1))
    assert (status, "0a1b2c", issued.ENDS) == (block["parse_status"], block["serial"], block["valid_to"].to_pydatetime())
    assert said in block["parse_reason"]


def test_c24_15_a_certificate_that_never_ends_is_not_due(office: Office) -> None:
    office.put(FILE, issued.pem(issued.certificate(ends=issued.at(9999, 12, 31, 23, 59, 59))))
    (row,) = office.books().certificates.to_dict("records")
    assert (pd.Timestamp("9999-12-31T23:59:59Z"), (dt.date(9999, 12, 31) - AS_OF).days) == (row["valid_to"], row["days_left"])


def test_c24_16_a_key_of_an_unknown_kind_is_named_by_its_number(office: Office) -> None:
    kind = bytes.fromhex("06072a8648ce3d0201")
    block = the_block(office, issued.der(issued.certificate()).replace(kind, kind[:-1] + b"\x09", 1))
    assert ("1.2.840.10045.2.9", "0a1b2c") == (block["key_type"], block["serial"])
    curve = issued.der(issued.certificate(key=ec.generate_private_key(ec.BrainpoolP256R1())))
    assert ("EC", "brainpoolP256r1", 256) == tuple(the_block(office, curve)[name] for name in ("key_type", "key_curve", "key_bits"))


def test_c24_17_a_key_without_a_size_is_read_by_its_name(office: Office) -> None:
    block = the_block(office, issued.der(issued.certificate(key=ed25519.Ed25519PrivateKey.generate())))
    assert ("Ed25519", "ok", True) == (block["key_type"], block["parse_status"], bool(pd.isna(block["key_bits"])))


def test_c24_18_a_weak_key_is_measured(office: Office) -> None:
    key = rsa.generate_private_key(65537, 1024)
    block = the_block(office, issued.der(issued.certificate(key=key)))
    assert ("RSA", 1024, "ok") == (block["key_type"], block["key_bits"], block["parse_status"])


def test_c24_20_one_certificate_in_two_files_is_one_with_both_places(office: Office) -> None:
    office.put("inbox/pem/a.pem", issued.pem(ONE))
    office.put("inbox/pem/b.pem", issued.pem(ONE) + issued.pem(TWO))
    books = office.books()
    assert ["01", "02"] == sorted(books.certificates["serial"])
    assert ["inbox/pem/a.pem", "inbox/pem/b.pem", "inbox/pem/b.pem"] == books.places["file"].tolist()


def test_c24_21_a_bundle_of_many_certificates_comes_in_whole(office: Office) -> None:
    got = read(office, BUNDLE * 1_500)
    assert (3_000, {"ok"}) == (len(got.certificate_blocks), set(column(got, "parse_status")))


def test_c24_22_a_file_beyond_a_gibibyte_is_told_and_not_opened(office: Office) -> None:
    target = office.put(FILE, b"")
    os.truncate(target, CERTIFICATE_LIMIT + 1)
    assert [("file-too-large", 0, "quarantined")] == found(office.read())


@pytest.mark.parametrize(
    ("data", "blocks"),
    [
        (b"-----BEGIN CERTIFICATE-----\n" + b"QUJD" * (4 * MIB) + b"\n-----END CERTIFICATE-----\n", 1),
        (b"\x30\x84\xff\xff\xff\xffjunk " * MIB, 1),
        (b"-----BEGIN CERTIFICATE-----\n" * 20_000, 20_000),
    ],
    ids=["16 MB of base64 in one block", "junk", "20,000 BEGIN lines"],
)
def test_c24_23_what_only_looks_like_certificates_is_read_to_its_end(office: Office, data: bytes, blocks: int) -> None:
    got = read(office, data)
    assert (blocks, {"failed"}) == (len(got.certificate_blocks), set(column(got, "parse_status")))
    assert blocks == len(found(got))


@pytest.mark.parametrize(
    ("begins", "newest_on"),
    [
        (dt.datetime(2026, 11, 24, 4, 59, 59, tzinfo=dt.UTC), dt.date(2026, 11, 23)),
        (dt.datetime(2026, 11, 23, 4, 59, 59, tzinfo=dt.UTC), dt.date(2026, 11, 22)),
        (dt.datetime(2026, 11, 24, 5, 0, 0, tzinfo=dt.UTC), None),
    ],
    ids=["the last second of the as-of day", "the evening before", "the first second of the next day"],
)
def test_the_newest_day_of_a_certificate_file_is_one_of_the_office(office: Office, begins: dt.datetime, newest_on: dt.date | None) -> None:
    """In New York 00:34 UTC is still the evening before: a certificate made then is in force, and its file is not older."""
    assert dt.date(2026, 11, 23) == AS_OF
    got = read(office, issued.pem(issued.certificate(serial=7, begins=begins)))
    (row,) = got.inputs[got.inputs["file"] == FILE].to_dict("records")
    assert [newest_on] * 2 == [None if pd.isna(row[name]) else row[name].date() for name in ("newest_on", "taken_on")]
