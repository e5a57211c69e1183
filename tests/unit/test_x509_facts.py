"""What certificate files tell, and what they never tell: real certificates, made here, in all the ways people damage files."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID

from pipeline.contracts import CERTIFICATE_BLOCKS, PUBLIC_KEYS
from pipeline.x509_facts import private_key_in, read
from tests.issued import EC_KEY, at, certificate, der, name, pem

RSA_KEY = rsa.generate_private_key(65537, 2048)
IS_CA = x509.BasicConstraints(ca=True, path_length=None)


def key_pem(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def one(data):
    (block,) = read(data)
    return block


FIRST, SECOND, THIRD = (certificate((host,), serial) for host, serial in (("a.gov", 1), ("b.gov", 2), ("c.gov", 3)))
BUNDLE = pem(FIRST) + pem(SECOND) + pem(THIRD)


def test_facts_of_a_server_certificate():
    made = certificate(("WWW.Example.gov", "example.gov"), key=RSA_KEY, extensions=(x509.BasicConstraints(ca=False, path_length=None),))
    block = one(pem(made))
    raw_key = made.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    expected = {
        "label": "CERTIFICATE",
        "fingerprint_sha256": hashlib.sha256(der(made)).hexdigest(),
        "serial": "0a1b2c",
        "common_name": "WWW.Example.gov",
        "subject_alternative_names": "example.gov www.example.gov",
        "subject": "CN=WWW.Example.gov,C=US",
        "issuer": "CN=Geo CA 2,O=Geo\\, Trust,C=US",
        "issuer_name": "Geo CA 2",
        "valid_from": at(2026, 11, 2, 14, 0, 1),
        "valid_to": at(2027, 5, 2, 13, 59, 59),
        "key_type": "RSA",
        "key_bits": 2048,
        "key_curve": "",
        "signature_algorithm": "sha256WithRSAEncryption",
        "spki_sha256": hashlib.sha256(raw_key).hexdigest(),
        "rsa_exponent": "65537",
        "rsa_modulus": f"{made.public_key().public_numbers().n:x}",
        "subject_key_id": "",
        "authority_key_id": "",
        "extended_key_usage": "",
        "has_alternative_names": True,
        "has_scts": False,
        "is_ca": False,
        "is_self_issued": False,
        "parse_status": "ok",
        "parse_reason": "",
    }
    assert expected == block


def test_blocks_fit_the_contract():
    rows = [block | {"source": place} for place, block in enumerate(read(BUNDLE))]
    assert {"CERTIFICATE"} == {row["label"] for row in rows}
    assert {*CERTIFICATE_BLOCKS.names, *PUBLIC_KEYS.names, "label"} == set(rows[0])
    assert ["01", "02", "03"] == CERTIFICATE_BLOCKS.frame(rows)["serial"].tolist()


@pytest.mark.parametrize(
    ("key", "kind", "bits", "curve", "signature"),
    [
        (EC_KEY, "EC", 256, "P-256", "ecdsa-with-SHA256"),
        (ec.generate_private_key(ec.SECP384R1()), "EC", 384, "P-384", "ecdsa-with-SHA256"),
        (ec.generate_private_key(ec.BrainpoolP256R1()), "EC", 256, "brainpoolP256r1", "ecdsa-with-SHA256"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519", None, "", "Ed25519"),
        (ed448.Ed448PrivateKey.generate(), "Ed448", None, "", "Ed448"),
        (mldsa.MLDSA44PrivateKey.generate(), "ML-DSA-44", None, "", "ML-DSA-44"),
        (dsa.generate_private_key(1024), "DSA", 1024, "", "dsa-with-sha256"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_keys_and_signatures_by_the_names_people_know(key, kind, bits, curve, signature):
    block = one(der(certificate(key=key)))
    assert (kind, bits, curve, signature, "ok") == tuple(
        block[column] for column in ("key_type", "key_bits", "key_curve", "signature_algorithm", "parse_status")
    )


def test_hash_based_keys_that_no_library_reads_have_the_name_of_their_standard():
    """ML-DSA-44 (NIST's arc, 17) made SLH-DSA-SHAKE-128s (26), in key and signature."""
    made = der(certificate(key=mldsa.MLDSA44PrivateKey.generate()))
    block = one(made.replace(bytes.fromhex("0609608648016503040311"), bytes.fromhex("060960864801650304031a")))
    assert ("SLH-DSA-SHAKE-128s", "SLH-DSA-SHAKE-128s") == (block["key_type"], block["signature_algorithm"])


def test_a_key_that_no_library_takes_is_still_measured():
    exponent_one = one(der(certificate(key=RSA_KEY)).replace(bytes.fromhex("0203010001"), bytes.fromhex("0203000001"), 1))
    assert ("RSA", 2048) == (exponent_one["key_type"], exponent_one["key_bits"])
    unknown = one(der(certificate()).replace(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a8648ce3d0209"), 1))
    assert ("1.2.840.10045.2.9", None) == (unknown["key_type"], unknown["key_bits"])


def test_unknown_signature_algorithm_is_its_number():
    block = one(der(certificate()).replace(bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040309")))
    assert "1.2.840.10045.4.3.9" == block["signature_algorithm"]


def test_the_last_second_there_is():
    block = one(der(certificate(begins=at(1950, 1, 1), ends=at(9999, 12, 31, 23, 59, 59))))
    assert (at(1950, 1, 1), at(9999, 12, 31, 23, 59, 59)) == (block["valid_from"], block["valid_to"])


def changed_time(old, new):
    return one(der(certificate()).replace(old, new, 1))


def test_times_that_are_written_oddly_or_not_at_all():
    begin = b"\x17\x0d261102140001Z"
    assert der(certificate()).count(begin) == 1
    impossible = changed_time(begin, b"\x17\x0d261302140001Z")
    assert ("partial", None) == (impossible["parse_status"], impossible["valid_from"])
    assert at(2027, 5, 2, 13, 59, 59) == impossible["valid_to"]
    assert "first second: the time does not exist" in impossible["parse_reason"]
    assert "first second" in changed_time(begin, b"\x17\x0d2611021400-1Z")["parse_reason"]
    year_one = one(der(certificate(begins=at(2050, 11, 2), ends=at(2051, 1, 1))).replace(b"20501102", b"00011102", 1))
    assert at(1, 11, 2) == year_one["valid_from"]


@pytest.mark.parametrize("tag", [b"\x17\x1c", b"\x17\x05"])
def test_a_validity_that_has_not_two_ends_costs_both(tag):
    """One time that swallows the other, and one that leaves bytes over."""
    block = changed_time(b"\x17\x0d261102140001Z", tag + b"261102140001Z")
    assert ("partial", None, None, "0a1b2c") == tuple(block[column] for column in ("parse_status", "valid_from", "valid_to", "serial"))
    assert "first second: " in block["parse_reason"]


def test_a_time_with_an_offset_is_read_and_the_certificate_is_partial():
    made = der(certificate(begins=at(2050, 11, 2, 14, 0, 1), ends=at(2051, 1, 1)))
    block = one(made.replace(b"\x18\x0f20501102140001Z", b"\x17\x0f2611021400-0500", 1))
    assert ("partial", at(2026, 11, 2, 19)) == (block["parse_status"], block["valid_from"])


@pytest.mark.parametrize(("raw", "serial"), [(b"\x02\x01\x05", "05"), (b"\x02\x01\x00", "00"), (b"\x02\x01\x85", "-7b")])
def test_serials_also_zero_and_negative(raw, serial):
    block = one(der(certificate(serial=5)).replace(b"\x02\x01\x05", raw, 1))
    assert serial == block["serial"]


@pytest.mark.parametrize("serial", [(1 << 157) + 3, (1 << 154) + 3, 0xABC])
def test_serials_have_even_length(serial):
    digits = one(der(certificate(serial=serial)))["serial"]
    assert (serial, 0) == (int(digits, 16), len(digits) % 2)


def test_alternative_names_of_all_kinds():
    many = [
        x509.DNSName("B.example.gov"),
        x509.IPAddress(ip_address("10.0.0.9")),
        x509.IPAddress(ip_address("2001:db8::1")),
        x509.RFC822Name("Web@Example.gov"),
        x509.UniformResourceIdentifier("https://example.gov/"),
        x509.DNSName("b.example.gov"),
    ]
    made = certificate(
        (), subject=x509.Name([]), issuer=name(ORGANIZATION_NAME="Only Org"), extensions=(x509.SubjectAlternativeName(many),)
    )
    block = one(der(made))
    assert "10.0.0.9 2001:db8::1 b.example.gov web@example.gov" == block["subject_alternative_names"]
    assert ("", "", "Only Org", "ok") == tuple(block[column] for column in ("common_name", "subject", "issuer_name", "parse_status"))


def test_names_agree_with_the_library():
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Bäcker + "Söhne" <x>; #1\\2'),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, "12-3"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, " # "),
            x509.NameAttribute(NameOID.COMMON_NAME, "#www.example.gov "),
        ]
    )
    made = certificate(subject=subject)
    assert made.subject.rfc4514_string() == one(der(made))["subject"]


def test_ca_and_self_issued():
    root = one(der(certificate(subject=name(COMMON_NAME="Root"), issuer=name(COMMON_NAME="Root"), extensions=(IS_CA,))))
    assert (True, True) == (root["is_ca"], root["is_self_issued"])
    server = one(der(certificate(extensions=(x509.BasicConstraints(ca=False, path_length=None),))))
    assert (False, False) == (server["is_ca"], server["is_self_issued"])


def test_one_bad_extension_costs_only_itself():
    raw = der(certificate(extensions=(IS_CA,)))
    broken_constraints = one(raw.replace(bytes.fromhex("30030101ff"), bytes.fromhex("02030101ff"), 1))
    assert ("partial", "www.example.gov", False) == tuple(
        broken_constraints[column] for column in ("parse_status", "subject_alternative_names", "is_ca")
    )
    assert "basic constraints" in broken_constraints["parse_reason"]
    broken_names = one(raw.replace(b"\x30\x11\x82\x0fwww.example.gov", b"\x02\x11\x82\x0fwww.example.gov", 1))
    assert ("partial", "", True, "0a1b2c") == tuple(
        broken_names[column] for column in ("parse_status", "subject_alternative_names", "is_ca", "serial")
    )


def test_a_repeated_extension_is_said_and_the_first_counts():
    others = x509.SubjectAlternativeName([x509.DNSName("other.example.gov")])
    twin = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.18"), others.public_bytes())
    block = one(der(certificate(extensions=(twin,))).replace(bytes.fromhex("0603551d12"), bytes.fromhex("0603551d11"), 1))
    assert ("partial", "www.example.gov") == (block["parse_status"], block["subject_alternative_names"])
    assert "2.5.29.17 stands twice" in block["parse_reason"]


def test_hostile_names_are_made_harmless():
    sneaky = der(certificate(names=("www.example.gov",))).replace(b"\x82\x0fwww.example.gov", b"\x82\x0fww \x00example.gov")
    block = one(sneaky.replace(b"\x0c\x0fwww.example.gov", b"\x0c\x0fww\x1b\x00example.gov"))
    assert "ww��example.gov" == block["subject_alternative_names"]
    assert "ww��example.gov" == block["common_name"]
    assert "partial" == block["parse_status"]


def test_bytes_that_are_no_text_are_replaced_and_said():
    block = one(der(certificate()).replace(b"\x0c\x0fwww.example.gov", b"\x0c\x0fww\xff.example.gov"))
    assert ("ww�.example.gov", "www.example.gov") == (block["common_name"], block["subject_alternative_names"])
    assert "CN holds bytes" in block["parse_reason"]


def test_version_that_does_not_exist_is_partial():
    block = one(der(certificate()).replace(bytes.fromhex("a003020102"), bytes.fromhex("a003020103"), 1))
    assert ("partial", "www.example.gov") == (block["parse_status"], block["common_name"])
    assert "a strict reader refuses the certificate" in block["parse_reason"]


TRANSPORTS = {
    "CRLF": BUNDLE.replace(b"\n", b"\r\n"),
    "CR only": BUNDLE.replace(b"\n", b"\r"),
    "UTF-8 mark": b"\xef\xbb\xbf" + BUNDLE,
    "UTF-16 with mark": BUNDLE.decode().encode("utf-16"),
    "UTF-16 LE without mark": BUNDLE.decode().encode("utf-16-le"),
    "UTF-16 BE without mark": BUNDLE.decode().encode("utf-16-be"),
    "text before": b"Bag Attributes\n    friendlyName: caf\xe9\nsubject=CN = a.gov\n" + BUNDLE,
    "no newline between": BUNDLE.replace(b"-----\n-----", b"----------"),
    "no newline at all": BUNDLE.replace(b"\n", b""),
    "no last newline": BUNDLE.rstrip(),
    "indented": BUNDLE.replace(b"\n", b"\n\t  "),
    "blank lines in the body": BUNDLE.replace(b"\nMI", b"\n\nMI"),
    "old label": BUNDLE.replace(b" CERTIFICATE", b" X509 CERTIFICATE"),
    "label in lower case": BUNDLE.replace(b" CERTIFICATE", b" certificate"),
    "RFC 1421 header": BUNDLE.replace(b"CERTIFICATE-----\nMI", b"CERTIFICATE-----\nProc-Type: 4,CLEAR\nX-Note: a\n b\n\nMI"),
    "NUL and Ctrl-Z behind": BUNDLE + b"\x00" * 40 + b"\x1a",
    "NBSP at line ends": BUNDLE.replace(b"\n", b"\xc2\xa0\n"),
    "four dashes": BUNDLE.replace(b"-----", b"----"),
    "six dashes": BUNDLE.replace(b"-----", b"------"),
    "quoted mail": b"> " + BUNDLE.replace(b"\n", b"\n> "),
    "HTML": BUNDLE.replace(b"\n", b"<br>"),
    "JSON": BUNDLE.replace(b"\n", b"\\n").replace(b"/", b"\\/"),
    "base64url without padding": re.sub(
        rb"=+\n", b"\n", re.sub(rb"(?m)^MI[^-]+", lambda m: m[0].replace(b"+", b"-").replace(b"/", b"_"), BUNDLE)
    ),
    "END lines missing": re.sub(rb"-----END CERTIFICATE-----\n", b"", BUNDLE),
    "DER one after another": der(FIRST) + der(SECOND) + der(THIRD) + b"\r\n",
    "bare base64 of DER": base64.encodebytes(der(FIRST) + der(SECOND) + der(THIRD)),
    "PKCS#7 PEM": pkcs7.serialize_certificates([FIRST, SECOND, THIRD], serialization.Encoding.PEM),
    "PKCS#7 DER": pkcs7.serialize_certificates([FIRST, SECOND, THIRD], serialization.Encoding.DER),
    "certificate labelled PKCS7": BUNDLE.replace(b" CERTIFICATE", b" PKCS7"),
}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_all_three_come_through(transport):
    blocks = read(TRANSPORTS[transport])
    expected = sorted((hashlib.sha256(der(made)).hexdigest(), "ok") for made in (FIRST, SECOND, THIRD))
    assert expected == sorted((block["fingerprint_sha256"], block["parse_status"]) for block in blocks)


def test_a_dash_at_the_end_of_base64url_belongs_to_the_certificate():
    signed = (der(certificate(("a.gov",), serial)) for serial in range(1, 100_000))
    data = next(data for data in signed if len(data) % 3 == 0 and base64.urlsafe_b64encode(data).endswith(b"-"))
    block = one(b"-----BEGIN CERTIFICATE-----\n" + base64.urlsafe_b64encode(data) + b"\n-----END CERTIFICATE-----\n")
    assert (hashlib.sha256(data).hexdigest(), "ok") == (block["fingerprint_sha256"], block["parse_status"])


def test_trusted_certificate_is_cut_at_its_end():
    trusted = base64.encodebytes(der(FIRST) + bytes.fromhex("300c300a06082b06010505070301"))
    block = one(b"-----BEGIN TRUSTED CERTIFICATE-----\n" + trusted + b"-----END TRUSTED CERTIFICATE-----\n")
    assert (hashlib.sha256(der(FIRST)).hexdigest(), "ok") == (block["fingerprint_sha256"], block["parse_status"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"\nMI", b"\nM!", 1),
        lambda data: data.replace(b"MIIB", b"MIIC", 1),
        lambda data: data[:120] + b"\n",
        lambda data: b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        lambda data: data.replace(b"-----BEGIN CERTIFICATE", b"-----BEGIN CERT\xffIFICATE"),
    ],
    ids=["bad base64", "bad length", "cut off", "empty", "bad BEGIN line"],
)
def test_a_damaged_block_costs_only_itself(damage):
    blocks = read(pem(FIRST) + damage(pem(SECOND)) + pem(THIRD))
    assert ["ok", "failed", "ok"] == [block["parse_status"] for block in blocks]
    assert ["01", "03"] == [blocks[0]["serial"], blocks[2]["serial"]]
    assert 64 == len(blocks[1]["fingerprint_sha256"])


def test_failed_block_has_the_hash_of_its_bytes_and_a_reason():
    block = one(b"-----BEGIN CERTIFICATE-----\nAAA!\n-----END CERTIFICATE-----\n")
    assert ("failed", hashlib.sha256(b"AAA!").hexdigest()) == (block["parse_status"], block["fingerprint_sha256"])
    assert "its base64 is damaged" in block["parse_reason"]
    assert "failed" == one(der(FIRST)[:-40])["parse_status"]


def test_other_blocks_are_named_and_counted():
    request = x509.CertificateSigningRequestBuilder().subject_name(name(COMMON_NAME="a.gov")).sign(EC_KEY, hashes.SHA256())
    revoked = x509.CertificateRevocationListBuilder().issuer_name(name(COMMON_NAME="Geo CA 2"))
    crl = revoked.last_update(at(2026, 1, 1)).next_update(at(2026, 2, 1)).sign(EC_KEY, hashes.SHA256())
    public = EC_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    parameters = b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    blocks = read(pem(request) + pem(FIRST) + pem(crl) + public + parameters)
    assert ["CERTIFICATE REQUEST", "CERTIFICATE", "X509 CRL", "PUBLIC KEY", "EC PARAMETERS"] == [block["label"] for block in blocks]
    assert ["", "ok", "", "", ""] == [block["parse_status"] for block in blocks]
    assert ["X509 CRL", "CERTIFICATE REQUEST"] == [one(der(crl))["label"], one(der(request))["label"]]


@pytest.mark.parametrize("data", [b"", b"\n", b"Please find the certificate attached.", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\xff\xfe"])
def test_files_without_blocks(data):
    assert [] == read(data)


KEY_FILES = {
    "PKCS#8": key_pem(EC_KEY),
    "SEC 1": key_pem(EC_KEY, serialization.PrivateFormat.TraditionalOpenSSL),
    "PKCS#1": key_pem(RSA_KEY, serialization.PrivateFormat.TraditionalOpenSSL),
    "OpenSSH": key_pem(ed25519.Ed25519PrivateKey.generate(), serialization.PrivateFormat.OpenSSH),
    "encrypted": EC_KEY.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    ),
    "between certificates": pem(FIRST) + key_pem(EC_KEY) + pem(SECOND),
    "UTF-16 LE": key_pem(EC_KEY).decode().encode("utf-16-le"),
    "UTF-16 BE": key_pem(EC_KEY).decode().encode("utf-16"),
    "PKCS#8 DER": RSA_KEY.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    "PKCS#1 DER": RSA_KEY.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ),
    "SEC 1 DER": EC_KEY.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ),
    "PKCS#12": pkcs12.serialize_key_and_certificates(b"a", EC_KEY, FIRST, None, serialization.BestAvailableEncryption(b"secret")),
    "Java keystore": b"\xfe\xed\xfe\xed\x00\x00\x00\x02" + b"\x00" * 40,
}


OPENSSH = KEY_FILES["OpenSSH"].splitlines()
SIGNS_OF_A_KEY = {
    "PuTTY": b"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: aes256-cbc\nComment: x\n",
    "OpenSSH without armour": b"\n".join(OPENSSH[1:-1]),
    "OpenSSH in bytes": base64.b64decode(b"".join(OPENSSH[1:-1])),
    "a key bag": bytes.fromhex("3013060b2a864886f70d010c0a0101a004040201"),
    "a shrouded key bag": bytes.fromhex("3013060b2a864886f70d010c0a0102a004040201"),
    "the closing line alone": b"q83vEjRWeJCrze8SNFZ4kKvN7xI0Vni\n-----END RSA PRIVATE KEY-----\n",
    "the closing line of a block": b"=aB3d\n-----END PGP PRIVATE KEY BLOCK-----\n",
}


@pytest.mark.parametrize("kind", SIGNS_OF_A_KEY)
def test_what_only_a_key_file_holds_is_enough(kind):
    assert private_key_in(b"x\n" + SIGNS_OF_A_KEY[kind])


@pytest.mark.parametrize("kind", KEY_FILES)
def test_private_keys_are_seen_and_never_told(kind):
    data = KEY_FILES[kind]
    assert private_key_in(data)
    told = repr(read(data))
    for line in re.findall(r"[A-Za-z0-9+/]{24,}", data.decode("latin-1").replace("\x00", "")):
        in_certificate = any(line in base64.b64encode(der(made)).decode() for made in (FIRST, SECOND))
        assert in_certificate or line not in told
    assert hashlib.sha256(data).hexdigest() not in told or kind in ("PKCS#12", "Java keystore")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_certificates_are_no_private_keys(transport):
    assert not private_key_in(TRANSPORTS[transport])


@pytest.mark.parametrize("kind", [kind for kind in KEY_FILES if kind.endswith("DER")])
@pytest.mark.parametrize(
    "wrap",
    [
        base64.b64encode,
        base64.encodebytes,
        lambda key: b'{"key": "' + base64.encodebytes(key).replace(b"\n", b"\\n") + b'"}',
        lambda key: b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(key),
        lambda key: b"> " + base64.encodebytes(key).replace(b"\n", b"\r\n> "),
        lambda key: base64.b64encode(key).decode().encode("utf-32"),
        lambda key: der(FIRST) + b"\n" + key + der(SECOND),
        lambda key: b"\x00" * 100 + key[: len(key) // 2],
    ],
    ids=["one line", "lines", "JSON", "called a certificate", "quoted", "UTF-32", "between certificates", "cut off"],
)
def test_keys_without_armour_are_seen_anywhere(kind, wrap):
    assert private_key_in(wrap(KEY_FILES[kind]))


@pytest.mark.parametrize(
    "password", [serialization.NoEncryption(), serialization.BestAvailableEncryption(b"secret")], ids=["plain", "encrypted"]
)
@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY, ed25519.Ed25519PrivateKey.generate()], ids=["EC", "RSA", "Ed25519"])
def test_pkcs8_is_seen_encrypted_or_not(key, password):
    data = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, password)
    assert private_key_in(b"x," + base64.b64encode(data) + b",y")
    assert private_key_in(b"\n" + data)


@pytest.mark.parametrize(
    "text",
    [
        "Never send the private key.",
        "Private key\n-----------\n",
        "| private key | ----- |",
        "How do I begin? The private key was lost. " + "ab" * 32,
        "BEGIN CERTIFICATE with your private key at hand",
        "begin private key rotation",
    ],
)
def test_words_about_keys_are_none(text):
    assert not private_key_in(text.encode())
    assert not private_key_in(text.encode("utf-16"))


def test_what_begins_like_a_key_but_is_none():
    """The signed parts of a small revocation list and of a version 1 certificate begin with a version or serial, then an algorithm."""
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")
    for version in (b"\x02\x01\x00", b"\x02\x01\x01"):
        signed = b"\x30\x81\x80" + version + algorithm + b"\x30" + bytes([0x80 - len(version) - len(algorithm) - 2]) + b"\x31" * 120
        assert not private_key_in(b"\x30\x81\xf0" + signed)
        assert not private_key_in(base64.b64encode(b"\x30\x81\xf0" + signed))


def test_looking_for_keys_is_quick_in_clean_and_in_hostile_files():
    began = time.process_time()
    for data in (b"1001,www.example.gov,Private SSL,MIIB\n" * 200_000, b"begin private " * 200_000, b"\x30\x02\x01\x00\x02" * 200_000):
        assert not private_key_in(data)
    assert time.process_time() - began < 5


def test_keystores_without_keys_are_named():
    trusted = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(FIRST, b"root")], serialization.BestAvailableEncryption(b"changeit")
    )
    assert not private_key_in(trusted)
    assert ("PKCS12", "") == (one(trusted)["label"], one(trusted)["parse_status"])
    assert ["CERTIFICATE", "PRIVATE KEY"] == [block["label"] for block in read(pem(FIRST) + key_pem(EC_KEY))]


def test_many_certificates_in_one_file_of_der_are_quick():
    began = time.process_time()
    assert 3000 == len(read(der(FIRST) * 3000 + b"\n"))
    assert time.process_time() - began < 5


def test_numbers_that_are_no_key_are_not_called_one():
    """Public keys of PKCS#1, parameters of Diffie-Hellman and signatures begin with a number, as private keys do."""
    public = RSA_KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1)
    numbers = RSA_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    parameters = b"-----BEGIN DH PARAMETERS-----\n" + base64.encodebytes(numbers) + b"-----END DH PARAMETERS-----\n"
    assert ["RSA PUBLIC KEY", "CERTIFICATE", "DH PARAMETERS"] == [block["label"] for block in read(public + pem(FIRST) + parameters)]


@pytest.mark.parametrize("line", [b"----\0BEGIN CERTIFICATE-----", b"-----BEGlN CERTIFICATE-----", b"BEGIN CERTIFICATE", b""])
def test_a_block_whose_begin_line_is_damaged_is_not_lost(line):
    damaged = pem(SECOND).replace(b"-----BEGIN CERTIFICATE-----", line)
    for file, place in ((pem(FIRST) + damaged + pem(THIRD), 1), (damaged + pem(THIRD), 0), (pem(FIRST) + damaged, 1), (damaged, 0)):
        block = read(file)[place]
        assert ("ok", "02", "read in full after a repair: the BEGIN line is missing") == (
            block["parse_status"], block["serial"], block["parse_reason"],
        )  # fmt: skip
    cut_off = read(damaged[300:] + pem(THIRD))
    assert ["failed", "ok"] == [block["parse_status"] for block in cut_off]
