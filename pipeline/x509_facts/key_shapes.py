"""What a private key looks like in DER, without armour and without names: PKCS#1, PKCS#8 plain and encrypted, SEC 1, DSA, PKCS#12 bags.

Told from the first bytes of a key, because the rest may be cut off or stand elsewhere. Certificates, requests, revocation lists and
public keys do not have these shapes.
"""

from __future__ import annotations

import re
import struct

from pipeline.x509_facts import der

# Bytes of a key that its shape is told by: up to the number, or the key inside, that only a key has there.
LOOKED_AT = 96

_VERSION = re.compile(rb"\x02\x01[\x00\x01][\x02\x04\x30]")
_OF_RSA = re.compile(rb"\x06[\x09-\x0b]\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c]")
# What `key_in_der` looks at more closely, as patterns of bytes.
SIGNS = (_VERSION.pattern, _OF_RSA.pattern)
# pkcs-5 and pkcs-12PbeIds, the algorithms of an EncryptedPrivateKeyInfo (RFC 8018, RFC 7292 appendix C).
_ENCRYPTIONS = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))
# keyBag and pkcs8ShroudedKeyBag of PKCS#12 (RFC 7292 §4.2), whose names stay readable when the keys are encrypted.
_KEY_BAGS = (bytes.fromhex("060b2a864886f70d010c0a0101"), bytes.fromhex("060b2a864886f70d010c0a0102"))
_SHORTEST_MODULUS = 32
# A Java keystore: 12 bytes of signature, version and number of entries before them, a SHA-1 after them; entry kind 1 is a key, 3 a secret.
_KEYSTORE_HEADER, _KEYSTORE_DIGEST, _TRUSTED_CERTIFICATE = 12, 20, 2


def key_in_der(data: bytes) -> bool:
    """Whether a key, or a key bag of PKCS#12, stands anywhere in `data` as DER."""
    for found in _VERSION.finditer(data):
        if any(starts_key(data[begin : begin + LOOKED_AT]) for begin in _headers_before(data, found.start())):
            return True
    for found in _OF_RSA.finditer(data):
        if data.startswith(_KEY_BAGS, found.start()):
            return True
        for algorithm in _headers_before(data, found.start()):
            if any(starts_key(data[begin : begin + LOOKED_AT]) for begin in _headers_before(data, algorithm)):
                return True
    return False


def holds_key_bag(data: bytes) -> bool:
    """Whether `data` holds the name of a key bag of PKCS#12."""
    return any(name in data for name in _KEY_BAGS)


def starts_key(data: bytes) -> bool:
    """Whether a private key begins at the first byte of `data`; its end may be cut off.

    PKCS#1 and DSA keys are numbers after a version; SEC 1 is version 1 and an OCTET STRING; PKCS#8 has an algorithm and an OCTET
    STRING, behind a version or, encrypted, alone. A PKCS#10 request has a SEQUENCE first; a revocation list and a version 1
    certificate have a SEQUENCE after the algorithm.
    """
    parts, stop = _parts(data)
    tags = [tag for tag, _, _ in parts]
    cut_off = bool(parts) and parts[-1][2] >= len(data)
    if tags[:2] == [der.SEQUENCE, der.OCTET_STRING] or (cut_off and tags == [der.SEQUENCE]):
        return data.startswith(_ENCRYPTIONS, parts[0][1])
    if tags[:1] != [der.INTEGER] or data[parts[0][1] : parts[0][2]] not in (b"\x00", b"\x01"):
        return False
    if tags[1:3] == [der.SEQUENCE, der.OCTET_STRING]:
        return data[parts[1][1] : parts[1][1] + 1] == bytes([der.OID])
    if tags[1:2] == [der.OCTET_STRING]:
        return data[parts[0][1]] == 1 and 14 <= parts[1][2] - parts[1][1] <= 80 and tags[2:3] in ([], [0xA0], [0xA1])
    return set(tags) == {der.INTEGER} and (len(tags) > 3 or cut_off) and _are_numbers_of_a_key(parts, stop)


def is_keystore_of_certificates(data: bytes) -> bool:
    """Whether a Java keystore (JKS or JCEKS, version 2) can be read to its last byte and every entry is a trusted certificate.

    Of a truststore nobody has to reissue a key. What is cut off, of another version or without an entry may be anything else: False.
    """
    try:
        version, entries = struct.unpack_from(">II", data, 4)
        at = _KEYSTORE_HEADER
        for _ in range(entries if version == 2 else 0):
            kind, alias = struct.unpack_from(">IH", data, at)
            if kind != _TRUSTED_CERTIFICATE:
                return False
            at += 6 + alias + 8  # the moment at which it was put in
            at += 2 + struct.unpack_from(">H", data, at)[0]  # the kind of certificate, such as X.509
            at += 4 + struct.unpack_from(">I", data, at)[0]
    except struct.error:
        return False
    return at > _KEYSTORE_HEADER and at + _KEYSTORE_DIGEST == len(data)


def _are_numbers_of_a_key(parts: list[der.Node], stop: int) -> bool:
    """A version, and a modulus that is long; the private numbers after it take at least as much room again."""
    if len(parts) < 2:
        return False
    length = parts[1][2] - parts[1][1]
    return length >= _SHORTEST_MODULUS and stop - parts[1][2] >= length // 2


def _headers_before(data: bytes, stop: int) -> list[int]:
    """Where a SEQUENCE may begin whose contents begin at `stop`: its header has two, three or four bytes."""
    shapes = ((2, b"\x30"), (3, b"\x30\x81"), (4, b"\x30\x82"))
    return [stop - size for size, begin in shapes if stop >= size and data.startswith(begin, stop - size)]


def _parts(data: bytes) -> tuple[list[der.Node], int]:
    """The nodes inside the SEQUENCE that `data` begins with, as far as they can be read, and where it says that it ends.

    The last node may reach beyond the end of `data`, but none beyond that of the SEQUENCE.
    """
    found: list[der.Node] = []
    stop = 0
    try:
        _, at, stop = der.node(data, 0, 2**31)
        while at < min(stop, len(data)) and len(found) < 5:
            found.append(der.node(data, at, stop))
            at = found[-1][2]
    except (der.DerError, IndexError):
        return found, stop
    return found, stop
