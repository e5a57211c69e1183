"""Key identifiers, purposes, timestamps, alternative names and the numbers of RSA keys: what is told of them, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

from pipeline.x509_facts import read
from tests.issued import EC_KEY, certificate, der, name

RSA_KEY = rsa.generate_private_key(65537, 2048)
OF_EC = x509.SubjectKeyIdentifier.from_public_key(EC_KEY.public_key())
AUTHORITY = x509.AuthorityKeyIdentifier(bytes(range(20)), None, None)
NAMED_AUTHORITY = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(name(COMMON_NAME="Root"))], 7)
SCTS = Path(cryptography_vectors.__file__).parent / "x509" / "cryptography-scts.pem"


def one(data):
    (block,) = read(data)
    return block


def with_extensions(*extensions, **rest):
    return one(der(certificate(extensions=extensions, **rest)))


def test_key_identifiers_are_told_in_hexadecimal():
    block = with_extensions(OF_EC, AUTHORITY)
    assert (OF_EC.digest.hex(), "000102030405060708090a0b0c0d0e0f10111213", "ok") == (
        block["subject_key_id"], block["authority_key_id"], block["parse_status"],
    )  # fmt: skip


def test_an_identifier_of_another_length_is_told_whole():
    short = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.14"), b"\x04\x03abc")
    long = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.14"), b"\x04\x20" + bytes(range(32)))
    assert ["616263", bytes(range(32)).hex()] == [with_extensions(one)["subject_key_id"] for one in (short, long)]


def test_an_authority_that_is_told_by_name_and_serial_has_no_key_identifier():
    block = with_extensions(NAMED_AUTHORITY)
    assert ("", "ok") == (block["authority_key_id"], block["parse_status"])


def test_a_damaged_key_identifier_costs_itself_alone():
    broken = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.35"), b"\x30\x16\x80\x15abc")
    block = with_extensions(OF_EC, broken)
    assert ("partial", "", OF_EC.digest.hex()) == (block["parse_status"], block["authority_key_id"], block["subject_key_id"])
    assert "authority key identifier" in block["parse_reason"]


@pytest.mark.parametrize(
    ("purposes", "told"),
    [
        ([Purpose.SERVER_AUTH], "serverAuth"),
        ([Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH], "clientAuth serverAuth"),
        ([Purpose.ANY_EXTENDED_KEY_USAGE], "anyExtendedKeyUsage"),
        ([Purpose.SERVER_AUTH, Purpose.SERVER_AUTH], "serverAuth"),
        ([x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.4"), Purpose.OCSP_SIGNING], "1.3.6.1.4.1.311.10.3.4 OCSPSigning"),
    ],
    ids=["server", "server and client", "any", "one twice", "one without a name"],
)
def test_purposes_are_told_by_name_in_order(purposes, told):
    assert told == with_extensions(x509.ExtendedKeyUsage(purposes))["extended_key_usage"]


def test_purposes_that_are_missing_and_a_list_that_is_empty_are_told_apart():
    assert ("", "ok") == tuple(with_extensions()[column] for column in ("extended_key_usage", "parse_status"))
    empty = with_extensions(x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.37"), b"\x30\x00"))
    assert ("", "partial") == (empty["extended_key_usage"], empty["parse_status"])
    assert "extended key usage: the list is empty" in empty["parse_reason"]


def test_alternative_names_that_are_there_but_of_a_kind_that_is_not_told():
    address = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("https://example.gov/")])
    block = with_extensions(address, names=(), subject=name(COMMON_NAME="a.gov"))
    assert (True, "") == (block["has_alternative_names"], block["subject_alternative_names"])
    assert False is with_extensions(names=(), subject=name(COMMON_NAME="a.gov"))["has_alternative_names"]


def test_timestamps_of_a_log_are_seen_and_the_poison_of_a_precertificate_is_none():
    assert [True] == [block["has_scts"] for block in read(SCTS.read_bytes())]
    assert False is with_extensions(x509.PrecertPoison())["has_scts"]


def test_numbers_of_an_rsa_key():
    block = one(der(certificate(key=RSA_KEY)))
    numbers = RSA_KEY.public_key().public_numbers()
    assert ("65537", f"{numbers.n:x}", 2048) == (block["rsa_exponent"], block["rsa_modulus"], block["key_bits"])
    assert 512 == len(block["rsa_modulus"])


def test_no_other_key_has_numbers_of_rsa():
    block = one(der(certificate(key=EC_KEY)))
    assert ("", "") == (block["rsa_exponent"], block["rsa_modulus"])


@pytest.mark.parametrize(("raw", "exponent"), [("0203000001", "1"), ("0203000003", "3"), ("0203010000", "65536")])
def test_exponents_that_no_library_takes_are_told(raw, exponent):
    changed = der(certificate(key=RSA_KEY)).replace(bytes.fromhex("0203010001"), bytes.fromhex(raw), 1)
    assert exponent == one(changed)["rsa_exponent"]


def test_rsa_for_pss_alone_tells_its_numbers_too():
    pss = Path(cryptography_vectors.__file__).parent / "x509" / "custom" / "rsa_pss_cert.pem"
    loaded = x509.load_pem_x509_certificate(pss.read_bytes())
    block = one(loaded.public_bytes(Encoding.DER))
    assert (f"{loaded.public_key().public_numbers().n:x}", "RSA", 2048) == (block["rsa_modulus"], block["key_type"], block["key_bits"])
