"""Public keys of certificates: type, size and curve; and what kind of thing a DER structure is.

The size is read from the key itself, not through a library's key object: weak and odd keys (exponent 1, unknown algorithms) are just
the ones an inventory must show, and just the ones such objects refuse.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from pipeline.x509_facts import der, oids
from pipeline.x509_facts.key_shapes import starts_key


class PublicKey(NamedTuple):
    """`kind` RSA, EC, Ed25519, ... or an OID; `bits` of modulus or curve, None where the kind has none; `curve` of an EC key;
    `exponent` (decimal) and `modulus` (hexadecimal) of an RSA key that is not absurdly long."""

    kind: str
    bits: int | None
    curve: str
    sha256: str
    reasons: tuple[str, ...]
    exponent: str = ""
    modulus: str = ""


NO_KEY = PublicKey("", None, "", "", ())
LONGEST_RSA_BITS, LONGEST_EXPONENT_BITS = 16_384, 4_096


def public_key(spki: bytes) -> PublicKey:
    """Facts of a SubjectPublicKeyInfo (DER, header included); `DerError` where not even the algorithm can be read."""
    parts = der.children(spki, der.only(spki, der.SEQUENCE, "the public key"))
    algorithm = der.children(spki, parts[0]) if parts else []
    if len(parts) != 2 or not algorithm or algorithm[0][0] != der.OID:
        raise der.DerError("the public key has the wrong shape")
    kind = der.oid(der.contents(spki, algorithm[0]))
    bits: int | None = None
    curve = ""
    reasons: tuple[str, ...] = ()
    exponent = modulus = ""
    try:
        if kind in (oids.RSA, oids.RSA_PSS):
            numbers = _rsa_numbers(der.contents(spki, parts[1])[1:])
            bits = numbers[0].bit_length()
            if bits <= LONGEST_RSA_BITS and numbers[1].bit_length() <= LONGEST_EXPONENT_BITS:
                exponent, modulus = str(numbers[1]), f"{numbers[0]:x}"
        elif kind == oids.DSA and len(algorithm) > 1 and algorithm[1][0] == der.SEQUENCE:
            bits = der.integer(der.contents(spki, der.children(spki, algorithm[1])[0])).bit_length()
        elif kind == oids.EC:
            bits, curve = _curve(spki, algorithm[1:])
    except (der.DerError, IndexError):
        reasons = ("the size of the key cannot be read",)
    return PublicKey(oids.KEYS.get(kind, kind), bits, curve, hashlib.sha256(spki).hexdigest(), reasons, exponent, modulus)


def _rsa_numbers(sequence: bytes) -> tuple[int, int]:
    """Modulus and exponent (RFC 8017 appendix A.1.1)."""
    parts = der.children(sequence, der.only(sequence, der.SEQUENCE, "the key"))
    return der.integer(der.contents(sequence, parts[0])), der.integer(der.contents(sequence, parts[1]))


def _curve(spki: bytes, parameters: list[der.Node]) -> tuple[int | None, str]:
    if parameters and parameters[0][0] == der.OID:
        dotted = der.oid(der.contents(spki, parameters[0]))
        name, bits = oids.CURVES.get(dotted, (dotted, None))
        return bits, name
    if not parameters or parameters[0][0] != der.SEQUENCE:
        raise der.DerError("the key names no curve")
    field = der.children(spki, der.children(spki, parameters[0])[1])  # explicit parameters: version, field, curve, ...
    return der.integer(der.contents(spki, field[1])).bit_length(), "explicit"


def kind_of(data: bytes) -> str:
    """What the DER structure at the start of `data` is, told from its shape, never from a label; "" where it is none of these.

    CERTIFICATE, CERTIFICATE REQUEST, X509 CRL, PKCS7, PKCS12, PRIVATE KEY or PUBLIC KEY.
    """
    try:
        parts = der.children(data, der.only(data, der.SEQUENCE, "the block"))
        tags = [tag for tag, _, _ in parts]
        if tags[:1] == [der.OID]:
            return "PKCS7" if der.oid(der.contents(data, parts[0])) == oids.PKCS7_SIGNED else ""
        if tags == [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
            return _kind_signed([tag for tag, _, _ in der.children(data, parts[0])])
        if starts_key(data):
            return "PRIVATE KEY"
        if tags[:2] == [der.INTEGER, der.SEQUENCE]:
            return "PKCS12" if der.integer(der.contents(data, parts[0])) == 3 else ""
    except der.DerError:
        return ""
    return "PUBLIC KEY" if tags == [der.SEQUENCE, der.BIT_STRING] else ""


def _kind_signed(tags: list[int]) -> str:
    after_version = tags[1:] if tags[:1] == [der.INTEGER] else tags
    if after_version[:2] == [der.SEQUENCE, der.SEQUENCE]:
        if after_version[2:3] in ([der.UTC_TIME], [der.GENERALIZED_TIME]):
            return "X509 CRL"
        if after_version[2:3] in ([], [0xA0]):
            return "CERTIFICATE REQUEST"
    return "CERTIFICATE"
