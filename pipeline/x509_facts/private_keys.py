"""Whether bytes hold a private key, in whatever wrapping: the one check that inputs, pages and staged outputs are put to.

Nothing of a key leaves this module but the fact. Armour is told by its words together with its dashes or its body, so that a page may
speak of private keys; a body without armour by the shape of its DER, which requests, certificates and revocation lists do not have.
"""

from __future__ import annotations

import binascii
import re

from pipeline.x509_facts import der

_JAVA_KEYSTORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
# How PuTTY and OpenSSH name their own files.
_NAMED = (b"PuTTY-User-Key-File-", b"openssh-key-v1\x00", b"b3BlbnNzaC1rZXktdjE")
_WIDE_WORDS = (b"p\0r\0i\0v\0a\0t\0e", b"p\0\0\0r\0\0\0i\0\0\0v\0\0\0a\0\0\0t\0\0\0e")
_BEGIN = re.compile(rb"begin\W{1,12}(?:\w{1,16}\W{1,12}){0,3}?private\W{1,12}key")
_DASHES = re.compile(rb"--[^\w\r\n]{0,8}$")
_BODY = re.compile(rb"(?:\W|\\[rn]|[\w-]{1,20}:[^\r\n]{1,80}[\r\n]){1,12}[a-z0-9+/]{40}")
_CLOSED = re.compile(rb"private[ \t]{1,8}key(?:[ \t]{1,8}block)?-----")

# How base64 begins that `_is_key` may find to be a key: SEQUENCE headers of two, three and four bytes, then a version of 0 or 1,
# or the algorithm of an encrypted key.
_BASE64_BEGIN = re.compile(
    rb"M(?:[A-H][AEIMQUYcgkosw048]CAQ[AE]|I[E-H][A-Za-z0-9+/]AgE[AB]|I[I-L][A-Za-z0-9+/]{2}[AQgw]IBA"
    rb"|I[E-H][A-Za-z0-9+/]M[A-H][AEIMQUYcgkosw048]GC[Si]qGSIb3DQE|I[I-L][A-Za-z0-9+/]{2}[DTjz][AB][A-Za-z0-9+/]Bg[ko]qhkiG9w0B)"
)
_NOT_BASE64 = re.compile(rb"\\[rn]|&#1[03];|&#x[aAdD];|_x000[aAdD]_|[^A-Za-z0-9+/]")
_BASE64_LOOKED_AT, _LOOKED_AT = 1536, 1152
_VERSION = re.compile(rb"\x02\x01[\x00\x01][\x02\x04\x30]")
_OF_RSA = re.compile(rb"\x06[\x09-\x0b]\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c]")
# pkcs-5 and pkcs-12PbeIds, the algorithms of an EncryptedPrivateKeyInfo (RFC 8018, RFC 7292 appendix C).
_ENCRYPTIONS = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))
# keyBag and pkcs8ShroudedKeyBag of PKCS#12 (RFC 7292 §4.2), whose names stay readable when the keys are encrypted.
_KEY_BAGS = (bytes.fromhex("060b2a864886f70d010c0a0101"), bytes.fromhex("060b2a864886f70d010c0a0102"))
_SHORTEST_MODULUS = 32


def private_key_in(data: bytes) -> bool:
    """Whether `data` holds a private key: PEM of any kind and spelling (also UTF-16, UTF-32), PuTTY, OpenSSH, Java keystore, key bags of
    PKCS#12, and PKCS#1, PKCS#8, encrypted PKCS#8 and SEC 1 keys anywhere in it, as DER or as base64 without armour.

    Words alone ("the private key") are none. A PKCS#12 file whose contents are wholly encrypted cannot be judged without its password
    and counts as none; of zip containers the caller unpacks the parts. Reads some hundred megabytes a second.
    """
    if data.startswith(_JAVA_KEYSTORES) or any(name in data for name in _NAMED):
        return True
    wide = b"\0" in data and (b"\0" in data[:64] or any(word in data.lower() for word in _WIDE_WORDS))
    text = data.replace(b"\0", b"") if wide else data
    return _armoured(text.lower()) or _in_base64(text) or _in_der(data)


def _armoured(lowered: bytes) -> bool:
    """Whether there is armour: its BEGIN line by its dashes, or without them by the base64 that follows; or the end of such a line."""
    if b"private" not in lowered:
        return False
    for found in _BEGIN.finditer(lowered):
        if _DASHES.search(lowered[max(0, found.start() - 12) : found.start()]) or _BODY.match(lowered, found.end()):
            return True
    return _CLOSED.search(lowered) is not None


def _in_base64(text: bytes) -> bool:
    return any(_is_key(_decoded(text[found.start() : found.start() + _BASE64_LOOKED_AT])) for found in _BASE64_BEGIN.finditer(text))


def _decoded(text: bytes) -> bytes:
    """The bytes of base64 that may be broken into lines, quoted or escaped; what follows it comes along as noise."""
    bare = _NOT_BASE64.sub(b"", text)
    return binascii.a2b_base64(bare[: len(bare) // 4 * 4])


def _in_der(data: bytes) -> bool:
    for found in _VERSION.finditer(data):
        if any(_is_key(data[begin : begin + _LOOKED_AT]) for begin in _headers_before(data, found.start())):
            return True
    for found in _OF_RSA.finditer(data):
        if data.startswith(_KEY_BAGS, found.start()):
            return True
        for algorithm in _headers_before(data, found.start()):
            if any(_is_key(data[begin : begin + _LOOKED_AT]) for begin in _headers_before(data, algorithm)):
                return True
    return False


def _headers_before(data: bytes, stop: int) -> list[int]:
    """Where a SEQUENCE may begin whose contents begin at `stop`: its header has two, three or four bytes."""
    shapes = ((2, b"\x30"), (3, b"\x30\x81"), (4, b"\x30\x82"))
    return [stop - size for size, begin in shapes if stop >= size and data.startswith(begin, stop - size)]


def _is_key(data: bytes) -> bool:
    """Whether a private key begins at the first byte of `data`; its end may be cut off.

    PKCS#1 and DSA keys are numbers after a version; SEC 1 is version 1 and an OCTET STRING; PKCS#8 has an algorithm and an OCTET
    STRING, behind a version or, encrypted, alone. A PKCS#10 request has a SEQUENCE first; a revocation list and a version 1
    certificate have a SEQUENCE after the algorithm.
    """
    parts = _parts(data)
    tags = [tag for tag, _, _ in parts]
    if tags[:2] == [der.SEQUENCE, der.OCTET_STRING]:
        return data.startswith(_ENCRYPTIONS, parts[0][1])
    if tags[:1] != [der.INTEGER] or data[parts[0][1] : parts[0][2]] not in (b"\x00", b"\x01"):
        return False
    if tags[1:3] == [der.SEQUENCE, der.OCTET_STRING]:
        return data[parts[1][1] : parts[1][1] + 1] == bytes([der.OID])
    if tags[1:2] == [der.OCTET_STRING]:
        return data[parts[0][1]] == 1 and 14 <= parts[1][2] - parts[1][1] <= 80 and tags[2:3] in ([], [0xA0], [0xA1])
    numbers = set(tags) == {der.INTEGER} and (len(tags) > 3 or parts[-1][2] > len(data))
    return numbers and len(tags) > 1 and parts[1][2] - parts[1][1] >= _SHORTEST_MODULUS


def _parts(data: bytes) -> list[der.Node]:
    """The nodes inside the SEQUENCE that `data` begins with, as far as they can be read; the last may reach beyond the end."""
    beyond = 2**31
    found: list[der.Node] = []
    try:
        _, at, stop = der.node(data, 0, beyond)
        while at < min(stop, len(data)) and len(found) < 5:
            found.append(der.node(data, at, beyond))
            at = found[-1][2]
    except (der.DerError, IndexError):
        return found
    return found
