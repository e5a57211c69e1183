"""Certificate files in every shape that people and programs give them: what becomes of each block, in so many words.

The catalogue of facts/x509 §4 and more. `read` is a certificate without a remark, `repaired` one with a note of what was mended, `failed`
one that is counted and cannot be read; anything else is named.
"""

from __future__ import annotations

import base64
import re
import textwrap
from itertools import chain

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)

from pipeline.x509_facts import private_key_in, read, rows
from tests.issued import BEGINS, EC_KEY, ENDS, ISSUER, certificate, der, pem

RSA_KEY = rsa.generate_private_key(65537, 2048)
A, B, C = (certificate((host,), serial) for host, serial in (("a.gov", 1), ("b.gov", 2), ("c.gov", 3)))
ONE, TWO, THREE = pem(A), pem(B), pem(C)
ALL = ONE + TWO + THREE
BODY = re.compile(rb"(?<=CERTIFICATE-----\n)[^-]+(?=-----END)")


def bodies(change):
    """ALL with each body put through `change`, which gets and gives base64 without line ends."""
    return BODY.sub(lambda found: change(found[0].replace(b"\n", b"")) + b"\n", ALL)


def armour(label, data):
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(data) + f"-----END {label}-----\n".encode()


def wide(encoding):
    return ALL.decode().encode(encoding)


def key(made, form, protected=False):
    return made.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"secret") if protected else NoEncryption())


REQUEST = x509.CertificateSigningRequestBuilder().subject_name(ISSUER).sign(EC_KEY, hashes.SHA256())
REVOKED = x509.CertificateRevocationListBuilder().issuer_name(ISSUER).last_update(BEGINS).next_update(ENDS).sign(EC_KEY, hashes.SHA256())
PROTECTED = pkcs12.serialize_key_and_certificates(b"a", EC_KEY, A, [B], BestAvailableEncryption(b"secret"))
TRUST = pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(A, b"root")], BestAvailableEncryption(b"changeit"))
SIGNED = pkcs7.serialize_certificates([A, B, C], Encoding.DER)
PUBLIC = RSA_KEY.public_key()
AUXILIARY = bytes.fromhex("300c300a06082b06010505070301")  # what `openssl x509 -addtrust` puts behind a certificate
CURVE = armour("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))
PKCS8, OLD = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
THRICE, MENDED = ["read"] * 3, ["repaired"] * 3

TRAPS = {
    # White space and marks.
    "line ends of Windows": (ALL.replace(b"\n", b"\r\n"), THRICE),
    "line ends of old Macs": (ALL.replace(b"\n", b"\r"), THRICE),
    "a byte order mark": (b"\xef\xbb\xbf" + ALL, THRICE),
    "no line end between blocks": (ALL.replace(b"-----\n-----", b"----------"), THRICE),
    "no last line end": (ALL.rstrip(), THRICE),
    "spaces and tabs around lines": (ALL.replace(b"\n", b" \t\n\t "), THRICE),
    "a body on one line": (bodies(bytes), THRICE),
    "no line end anywhere": (ALL.replace(b"\n", b""), THRICE),
    "76 letters a line": (bodies(lambda body: "\n".join(textwrap.wrap(body.decode(), 76)).encode()), THRICE),
    "blank lines in the body": (ALL.replace(b"\nMI", b"\n\n\nMI"), THRICE),
    "zeros behind": (ALL + bytes(512), THRICE),
    "the end mark of DOS": (ALL + b"\x1a", THRICE),
    "blanks that do not break, UTF-8": (ALL.replace(b"\n", b"\xc2\xa0\n"), MENDED),
    "blanks that do not break, Latin-1": (ALL.replace(b"\n", b"\xa0\n"), MENDED),
    "blanks without width": (ALL.replace(b"\n", b"\xe2\x80\x8b\n"), MENDED),
    "UTF-16, little end, with mark": (b"\xff\xfe" + wide("utf-16-le"), THRICE),
    "UTF-16, big end, with mark": (b"\xfe\xff" + wide("utf-16-be"), THRICE),
    "UTF-16, little end": (wide("utf-16-le"), THRICE),
    "UTF-16, big end": (wide("utf-16-be"), THRICE),
    "UTF-32 with mark": (wide("utf-32"), THRICE),
    "UTF-32, big end": (wide("utf-32-be"), THRICE),
    # Text around the blocks.
    "bag attributes": (b"Bag Attributes\n    friendlyName: a\nsubject=CN = a.gov\n\nissuer=CN = x\n" + ALL, THRICE),
    "bytes of Latin-1 before": (b"Stra\xdfe, caf\xe9\n" + ALL, THRICE),
    "what openssl -text prints": (b"Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 1\n" + ALL, THRICE),
    "text between the blocks": (ONE + b"# --- the next one ---\n" + TWO + b"END of it\n" + THREE, THRICE),
    "a cell of CSV": (b'1,"' + ONE + b'"\n2,"' + TWO + b'"\n', ["read", "read"]),
    "a block of YAML": (b"crt: |\n  " + ALL.replace(b"\n", b"\n  "), THRICE),
    # Labels and armour.
    "X509 CERTIFICATE": (ALL.replace(b" CERTIFICATE", b" X509 CERTIFICATE"), THRICE),
    "TRUSTED CERTIFICATE": (armour("TRUSTED CERTIFICATE", der(A) + AUXILIARY) + TWO, ["read", "read"]),
    "the label in lower case": (ALL.replace(b" CERTIFICATE", b" certificate"), THRICE),
    "all armour in lower case": (ALL.replace(b"BEGIN CERTIFICATE", b"begin certificate").replace(b"END CERT", b"end cert"), THRICE),
    "a wrong label": (ALL.replace(b" CERTIFICATE", b" CERTIFCATE"), THRICE),
    "four dashes": (ALL.replace(b"-----", b"----"), MENDED),
    "six dashes": (ALL.replace(b"-----", b"------"), THRICE),
    "en dashes": (ALL.replace(b"-----", "–––––".encode()), MENDED),
    "em dashes": (ALL.replace(b"-----", "———".encode()), MENDED),
    "en dashes of Windows": (ALL.replace(b"-----", b"\x96" * 5), MENDED),
    "a BEGIN line one dash short": (ONE + TWO.replace(b"-----BEGIN", b"----BEGIN") + THREE, ["read", "repaired", "read"]),
    "a BEGIN line one dash short behind": (ONE + TWO.replace(b"-----\nMI", b"----\nMI") + THREE, ["read", "repaired", "read"]),
    "an END line one dash short": (ONE + TWO.replace(b"-----END", b"----END") + THREE, ["read", "repaired", "read"]),
    "an END line one dash short behind": (ONE + TWO.rstrip()[:-1] + b"\n" + THREE, ["read", "repaired", "read"]),
    "the last END line one dash short": (ONE + TWO + THREE.rstrip()[:-1], ["read", "read", "repaired"]),
    "headers of RFC 1421": (ALL.replace(b"CERTIFICATE-----\nMI", b"CERTIFICATE-----\nProc-Type: 4,CLEAR\nX-Note: a\n b\n\nMI"), THRICE),
    "no END line in the middle": (ONE + TWO.replace(b"-----END CERTIFICATE-----\n", b"") + THREE, ["read", "repaired", "read"]),
    "no END lines": (ALL.replace(b"-----END CERTIFICATE-----\n", b""), MENDED),
    "no BEGIN line in the middle": (ONE + TWO.replace(b"-----BEGIN CERTIFICATE-----\n", b"") + THREE, ["read", "repaired", "read"]),
    "a BEGIN line with a typing error": (ONE + TWO.replace(b"BEGIN", b"BEGIM") + THREE, ["read", "repaired", "read"]),
    "an END line with a typing error": (ONE + TWO.replace(b"-END", b"-EMD") + THREE, ["read", "repaired", "read"]),
    # Damaged blocks between good ones.
    "a letter that is no base64": (ONE + TWO.replace(b"\nMI", b"\nM!", 1) + THREE, ["read", "failed", "read"]),
    "a byte that is no DER": (ONE + armour("CERTIFICATE", b"\x31" + der(B)[1:]) + THREE, ["read", "failed", "read"]),
    "DER cut off": (ONE + armour("CERTIFICATE", der(B)[:-9]) + THREE, ["read", "failed", "read"]),
    "the last block cut off": (ONE + TWO + THREE[:200], ["read", "read", "failed"]),
    "an empty block": (ONE + b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" + THREE, ["read", "failed", "read"]),
    "two certificates in one block": (armour("CERTIFICATE", der(A) + der(B)) + THREE, THRICE),
    # The ways of other programs to write text.
    "quoted in a mail": (b"> " + ALL.replace(b"\n", b"\n> "), MENDED),
    "quoted-printable": (ALL.replace(b"=\n", b"=3D\n").replace(b"==3D\n", b"=3D=3D\n"), None),
    "HTML": (ALL.replace(b"\n", b"<br>"), MENDED),
    "HTML with entities": (ALL.replace(b"\n", b"&#13;&#10;"), MENDED),
    "XML with entities": (ALL.replace(b"\n", b"&#xD;&#xA;"), MENDED),
    "Excel's line ends": (ALL.replace(b"\n", b"_x000D_\n"), MENDED),
    "JSON": (b'{"pem": "' + ALL.replace(b"\n", b"\\n").replace(b"/", b"\\/") + b'"}', MENDED),
    "base64url": (bodies(lambda body: body.translate(bytes.maketrans(b"+/", b"-_"))), None),
    "no padding": (bodies(lambda body: body.rstrip(b"=")), None),
    "base64 without armour": (base64.encodebytes(der(A) + der(B) + der(C)), THRICE),
    "base64 without armour on one line": (base64.b64encode(der(A)), ["read"]),
    # DER and containers.
    "DER": (der(A), ["read"]),
    "DER and a line end": (der(A) + b"\r\n", ["read"]),
    "DER one after another": (der(A) + der(B) + der(C), THRICE),
    "DER and an odd rest": (der(A) + b"odd", ["read", "failed"]),
    "PKCS#7 in PEM": (pkcs7.serialize_certificates([A, B, C], Encoding.PEM), THRICE),
    "PKCS#7 in DER": (SIGNED, THRICE),
    "PKCS#7 called a certificate": (armour("CERTIFICATE", SIGNED), THRICE),
    "PKCS#7 called CMS": (armour("CMS", SIGNED), THRICE),
    "certificates called PKCS7": (ALL.replace(b" CERTIFICATE", b" PKCS7"), THRICE),
    "PKCS#7 damaged": (ONE + armour("PKCS7", SIGNED[:-200]), ["read", "failed"]),
    # What is no certificate.
    "nothing": (b"", []),
    "words": (b"Please find the certificate attached.\n", []),
    "a request between": (ONE + pem(REQUEST) + TWO, ["read", "CERTIFICATE REQUEST", "read"]),
    "a request with the old label": (pem(REQUEST).replace(b"BEGIN ", b"BEGIN NEW ").replace(b"END ", b"END NEW "), ["CERTIFICATE REQUEST"]),
    "a request in DER": (der(REQUEST), ["CERTIFICATE REQUEST"]),
    "a revocation list": (pem(REVOKED) + ONE, ["X509 CRL", "read"]),
    "a revocation list called a certificate": (armour("CERTIFICATE", der(REVOKED)), ["X509 CRL"]),
    "parameters of a curve": (CURVE + ONE, ["EC PARAMETERS", "read"]),
    "a public key": (PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo) + ONE, ["PUBLIC KEY", "read"]),
    "a public key of PKCS#1": (PUBLIC.public_bytes(Encoding.PEM, PublicFormat.PKCS1) + ONE, ["RSA PUBLIC KEY", "read"]),
    "an attribute certificate": (armour("ATTRIBUTE CERTIFICATE", b"\x30\x03\x02\x01\x01") + ONE, ["ATTRIBUTE CERTIFICATE", "read"]),
    "a truststore of PKCS#12": (TRUST, ["PKCS12"]),
    "a truststore in PEM": (armour("PKCS12", TRUST), ["PKCS12"]),
}  # fmt: skip
WITH_KEY = {
    "PKCS#12": (PROTECTED, ["PKCS12"]),
    "a Java keystore": (b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01" + bytes(80), ["JAVA KEYSTORE"]),
    "a key of PKCS#8 before": (key(EC_KEY, PKCS8) + ONE, ["PRIVATE KEY", "read"]),
    "a key of PKCS#8 behind": (ONE + key(RSA_KEY, PKCS8), ["read", "PRIVATE KEY"]),
    "a key of SEC 1 behind its parameters": (CURVE + key(EC_KEY, OLD) + ONE, ["EC PARAMETERS", "PRIVATE KEY", "read"]),
    "a key of PKCS#1 between": (ONE + key(RSA_KEY, OLD) + TWO, ["read", "PRIVATE KEY", "read"]),
    "a key of OpenSSH": (ONE + key(ed25519.Ed25519PrivateKey.generate(), PrivateFormat.OpenSSH), ["read", "PRIVATE KEY"]),
    "an encrypted key": (key(RSA_KEY, PKCS8, protected=True) + ONE, ["PRIVATE KEY", "read"]),
    "a key called a certificate": (ONE + key(RSA_KEY, PKCS8).replace(b"PRIVATE KEY", b"CERTIFICATE"), ["read", "PRIVATE KEY"]),
    "a key in DER": (RSA_KEY.private_bytes(Encoding.DER, PKCS8, NoEncryption()), ["PRIVATE KEY"]),
    "a key of which only the end is left": (ONE + key(RSA_KEY, PKCS8)[500:], ["read", "PRIVATE KEY"]),
}


def outcome(block):
    if block["label"] != "CERTIFICATE":
        assert "" == block["parse_status"]
        return block["label"]
    return {"ok": "repaired" if block["parse_reason"] else "read"}.get(block["parse_status"], block["parse_status"])


@pytest.mark.parametrize("trap", TRAPS)
def test_every_block_of_an_odd_file_is_told(trap):
    data, expected = TRAPS[trap]
    blocks = read(data)
    found = [outcome(block) for block in blocks]
    assert expected == found if expected is not None else {"read", "repaired"} >= set(found) and 3 == len(found)
    serials = [block["serial"] for block in blocks if block["parse_status"] in ("ok", "partial")]
    assert set(serials) <= {"01", "02", "03"}
    assert len(set(serials)) == len(serials)
    assert not private_key_in(data)


def test_an_end_line_with_a_typing_error_costs_nothing_whatever_stands_before_it():
    """Base64 ends in two, one or no signs of padding: hosts of twelve lengths make them all."""
    for length in range(1, 13):
        blocks = read(pem(certificate(("b" * length + ".gov",), 2)).replace(b"-END", b"-EMD") + THREE)
        assert ["repaired", "read"] == [outcome(block) for block in blocks]


@pytest.mark.parametrize("size", [31, 500])
@pytest.mark.parametrize("trap", TRAPS)
def test_it_makes_no_difference_in_what_pieces_a_file_comes(trap, size):
    data, _ = TRAPS[trap]
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert list(chain.from_iterable(rows([data], 10_000))) == list(chain.from_iterable(rows(pieces, 10_000)))


@pytest.mark.parametrize("trap", WITH_KEY)
def test_private_keys_among_certificates_are_named_and_seen(trap):
    data, expected = WITH_KEY[trap]
    assert expected == [outcome(block) for block in read(data)]
    assert private_key_in(data)


def test_there_are_as_many_traps_as_were_asked_for():
    assert len(TRAPS) + len(WITH_KEY) >= 60
