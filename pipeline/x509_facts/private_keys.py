"""Whether bytes hold a private key, in whatever wrapping: the one check that inputs, pages and staged outputs are put to.

Nothing of a key leaves this module but the fact. Armour is told by its words together with its dashes or its body, so that a page may
speak of private keys; a body without armour by the shape of its DER (`key_shapes`), in base64 and hexadecimal by its first line alone,
because the lines of a key may stand in rows or cells of their own.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.x509_facts import key_shapes
from pipeline.x509_facts.key_shapes import key_in_der, starts_key

# Whoever looks through a file in windows lets each begin so many bytes before the end of the last one: no sign of a key is longer, not
# even the first key bag of a PKCS#12 file in base64 in UTF-32.
OVERLAP = 131_072
_WINDOW = 2**22
# Below this size looking for every sign by itself is quicker than making the pattern of all of them.
_WORTH_A_PATTERN = 65_536

_JAVA_KEYSTORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
# How PuTTY, OpenSSH (also in base64) and .NET name what is theirs, and how Java keystores begin in base64.
_NAMED = (b"PuTTY-User-Key-File-", b"openssh-key-v1\x00", b"b3BlbnNzaC1rZXktdjE", b"<InverseQ>", b"/u3+7QAAAA", b"zs7OzgAAAA")
# How armour, base64 and hexadecimal digits of a key look where letters are two or four bytes wide.
_WIDE = tuple(letters.encode(wide) for letters in ("private", "mi", "30") for wide in ("utf-16-le", "utf-32-le"))

_WORDS = re.compile(rb"private.{1,16}?key", re.DOTALL)
_AROUND_WORDS = 256
_BEGIN = re.compile(rb"begin\W{1,12}(?:\w{1,16}\W{1,12}){0,3}?private\W{1,12}key")
_DASHES = re.compile(rb"--[^\w\r\n]{0,8}$")
_BODY = re.compile(rb"(?:\W|[\w-]{1,20}:[^\r\n]{1,80}[\r\n]){1,12}[a-z0-9+/]{40}")
_CLOSED = re.compile(rb"private[ \t]{1,8}key(?:[ \t]{1,8}block)?-----")
_MAY_CLOSE = re.compile(rb"--|2d|#45|:")
# What `openssl pkey -text` prints of a private key and of no public one.
_PRINTED = re.compile(rb"private-key:[^\r\n]{0,40}\s{1,8}(?:modulus|priv):\s")
_ESCAPE = re.compile(
    rb"(?:\\u00|\\x|%|=|&#x)([0-7][0-9a-f]);?|&#(\d{1,3});|_x000[ad]_|\\[rnt]|=\r?\n", re.IGNORECASE
)  # JSON, web addresses, quoted-printable, HTML, Excel

# A JSON Web Key (RFC 7517) that has its private member.
_WEB_KEY = re.compile(rb"kty\W{1,6}(?:RSA|EC|OKP)\W")
_WEB_SECRET = re.compile(rb"d(?<=\Wd)\W{1,4}:\W{1,6}[A-Za-z0-9_-]{20}")
_WEB_KEY_SIZE = 4_096

# How base64 begins that may be a key: SEQUENCE headers of two, three and four bytes, then a version of 0, 1 or, of a PKCS#12 file, 3,
# or the algorithm of an encrypted key. The last two signs are those of base64url.
_BASE64_BEGIN = re.compile(
    rb"M(?:[A-H][AEIMQUYcgkosw048]CAQ[AE]|I[E-H][A-Za-z0-9+/_-]AgE[ABD]|I[I-L][A-Za-z0-9+/_-]{2}[AQgw]IBA"
    rb"|I[E-H][A-Za-z0-9+/_-]M[A-H][AEIMQUYcgkosw048]GC[Si]qGSIb3DQE[FM]"
    rb"|I[I-L][A-Za-z0-9+/_-]{2}[DTjz][AB][A-Za-z0-9+/_-]Bg[ko]qhkiG9w0B(?:BQ|DA))"
)
_PKCS7_DATA = bytes.fromhex("06092a864886f70d010701")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/_-]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_URL_SIGNS = bytes.maketrans(b"-_", b"+/")
_BASE64_LOOKED_AT = key_shapes.LOOKED_AT * 4 // 3
_LINES_AMONG_CELLS = 4_096
_KEYSTORE_LOOKED_AT = 24_576
_NARROWEST_LINE = 16

# The same headers as hexadecimal digits, one after another or with marks between the bytes: 30:82:..., 0x30, 0x82, ..., \x30\x82...
_MARKS = rb"[^0-9A-Za-z]{0,6}(?:0?[xX])?"
_BYTE = rb"[0-9A-Fa-f]{2}"
_HEX_BEGIN = re.compile(
    rb"30" + _MARKS + rb"(?:[0-7][0-9A-Fa-f]|81" + _MARKS + _BYTE + rb"|82" + _MARKS + _BYTE + _MARKS + _BYTE + rb")" + _MARKS
    + rb"(?:02" + _MARKS + rb"01" + _MARKS + rb"0[013]|30" + _MARKS + _BYTE + _MARKS
    + _MARKS.join((rb"06", rb"0[9aA]", rb"2[aA]", rb"86", rb"48", rb"86", rb"[fF]7", rb"0[dD]", rb"01", rb"0[5cC]")) + rb")"
)  # fmt: skip
_HEX_RUN = re.compile(rb"(?:" + _BYTE + _MARKS + rb"){1,%d}+" % key_shapes.LOOKED_AT)
_NOT_HEX = re.compile(rb"0?[xX]|[^0-9A-Fa-f]")
_HEX_LOOKED_AT = 6 * key_shapes.LOOKED_AT


def _encoded(words: bytes) -> Iterator[tuple[int, bytes]]:
    """The base64 of `words` inside other text, and how many letters of its first group go before it: one way for each place in a group."""
    for before in range(3):
        first = -(-before * 8 // 6)
        yield first, base64.b64encode(b"\0" * before + words)[first : (before + len(words)) * 8 // 6]


# Armour that was itself put into base64, as a secret of Kubernetes or an attachment. A line end can part only one of the two.
_ENCODED_WORDS = (*_encoded(b"PRIVATE KEY-"), *_encoded(b"--BEGIN "))
_ENCODED_LOOKED_AT = 160

_SIGNS = "|".join(
    (
        "(?is:private.{1,16}key)",
        *(re.escape(name).decode("latin-1") for name in (*_NAMED, *(fragment for _, fragment in _ENCODED_WORDS))),
        *(pattern.decode("ascii") for pattern in (_WEB_KEY.pattern, _BASE64_BEGIN.pattern, _HEX_BEGIN.pattern, *key_shapes.SIGNS)),
    )
)


def private_key_in(data: bytes) -> bool:
    """Whether `data` holds a private key: PEM of any kind and spelling (also UTF-16, UTF-32, or as `openssl -text` prints it), PuTTY,
    OpenSSH, Java keystore, JSON Web Key, key bags of PKCS#12, and PKCS#1, PKCS#8, encrypted PKCS#8 and SEC 1 keys anywhere in it, as
    DER, as base64 or hexadecimal without armour, and as PEM inside base64; whole, cut off behind, or one line to a row.

    Words alone ("the private key") are none, nor is a Java keystore that can be read to its end and holds certificates only. A PKCS#12
    file whose contents are wholly encrypted cannot be judged without its password and counts as none; archives and mail the caller
    unpacks. A file may be looked through in windows of some MiB, each of which begins `OVERLAP` bytes before the end of the last: a key
    that is seen in the file is seen in one of them. Reads some hundred megabytes a second and holds no more than a few copies of four MiB.
    """
    if data.startswith(_JAVA_KEYSTORES) and not key_shapes.is_keystore_of_certificates(data):
        return True
    if len(data) <= _WINDOW + OVERLAP:
        return _in_window(data)
    view = memoryview(data)
    return any(_in_window(bytes(view[at : at + _WINDOW + OVERLAP])) for at in range(0, len(data) - OVERLAP, _WINDOW))


def private_keys_in(pieces: Sequence[bytes]) -> list[bool]:
    """What `private_key_in` says of each of many small pieces, several times as quick as asking for each by itself."""
    with_signs = pc.match_substring_regex(pa.array(pieces, pa.binary()), _SIGNS).to_pylist()
    return [(signs or _may_hide(piece)) and private_key_in(piece) for piece, signs in zip(pieces, with_signs, strict=True)]


def _may_hide(piece: bytes) -> bool:
    """Whether a key may be there though no sign of one is seen: behind a keystore's first bytes, or between zeros."""
    return piece.startswith(_JAVA_KEYSTORES) or _is_wide(piece)


def _in_window(window: bytes) -> bool:
    """As it stands, and where its letters are two or four bytes wide, without the bytes between."""
    return _in_text(window) or (_is_wide(window) and _in_text(window.translate(None, b"\0")))


def _is_wide(window: bytes) -> bool:
    if b"\0" not in window:
        return False
    lowered = window.lower()
    return window.count(b"\0") * 8 > len(window) or any(word in lowered for word in _WIDE)


def _in_text(text: bytes) -> bool:
    if len(text) > _WORTH_A_PATTERN and not _has_signs(text):
        return False
    return (
        any(name in text for name in _NAMED)
        or _armoured(text.lower())
        or _in_base64(text)
        or _armoured_in_base64(text)
        or _in_hexadecimal(text)
        or _web_key(text)
        or key_in_der(text)
    )


def _has_signs(text: bytes) -> bool:
    """Whether anything stands there that one of the looks begins with; in one pass, several times as quick as they are."""
    return bool(pc.match_substring_regex(pa.scalar(text, pa.binary()), _SIGNS).as_py())


def _armoured(lowered: bytes) -> bool:
    """Whether there is armour: its BEGIN line by its dashes, or without them by the base64 that follows; or the end of such a line."""
    if b"private" not in lowered:
        return False
    return any(_is_armour(lowered, found.start(), found.end()) for found in _WORDS.finditer(lowered))


def _is_armour(lowered: bytes, start: int, stop: int) -> bool:
    begin = lowered.rfind(b"begin", max(0, start - _AROUND_WORDS), start)
    if begin < 0 and not _MAY_CLOSE.search(lowered, start, stop + 24):
        return False
    behind = _unescaped(lowered[start : stop + _AROUND_WORDS])
    if _CLOSED.match(behind) or _PRINTED.match(behind):
        return True
    if begin < 0:
        return False
    before, line = _unescaped(lowered[max(0, begin - 48) : begin]), _unescaped(lowered[begin:start]) + behind
    words = _BEGIN.match(line)
    return words is not None and (_DASHES.search(before) is not None or _BODY.match(line, words.end()) is not None)


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(_meant, text)


def _meant(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes.fromhex(escape[1].decode("ascii"))
    if escape[2]:
        return bytes([int(escape[2])]) if int(escape[2]) < 0x80 else b" "
    return b"" if escape[0].startswith(b"=") else b"\n"


def _in_base64(text: bytes) -> bool:
    return any(_is_base64_of_key(text, found.start()) for found in _BASE64_BEGIN.finditer(text))


def _is_base64_of_key(text: bytes, at: int) -> bool:
    run = _BASE64_RUN.match(text, at, at + _BASE64_LOOKED_AT)
    assert run is not None  # the sign that led here is base64
    first = _decoded(run[0].translate(_URL_SIGNS))
    if starts_key(first):
        return True
    if _is_keystore(first):
        return key_shapes.holds_key_bag(_decoded(_bare(text[at : at + _KEYSTORE_LOOKED_AT])))
    if len(run[0]) == _BASE64_LOOKED_AT:
        return False
    return starts_key(_decoded(_bare(text[at : at + 2 * _BASE64_LOOKED_AT]))) or starts_key(_decoded(_lines_as_wide(text, run)))


def _is_keystore(data: bytes) -> bool:
    """Whether a PKCS#12 file begins here (RFC 7292 §4): a SEQUENCE of the version 3 and of data (PKCS#7)."""
    return data[:1] == b"\x30" and b"\x02\x01\x03\x30" in data[2:9] and _PKCS7_DATA in data[:32]


def _bare(text: bytes) -> bytes:
    """The letters of base64 that may be broken into lines, quoted or escaped; what follows it comes along as noise."""
    return _NOT_BASE64.sub(b"", _unescaped(text).translate(_URL_SIGNS) if b"-----" not in text else _unescaped(text))


def _lines_as_wide(text: bytes, first: re.Match[bytes]) -> bytes:
    """The run `first` and those behind it of the same length: the lines of a key that stand in rows among other cells."""
    width = len(first[0])
    if width < _NARROWEST_LINE:
        return b""
    runs = _BASE64_RUN.finditer(text, first.end(), first.end() + _LINES_AMONG_CELLS)
    return b"".join((first[0], *(run[0] for run in runs if len(run[0]) == width))).translate(_URL_SIGNS)


def _decoded(letters: bytes) -> bytes:
    return binascii.a2b_base64(letters[: len(letters) // 4 * 4])


def _armoured_in_base64(text: bytes) -> bool:
    for first, fragment in _ENCODED_WORDS:
        at = text.find(fragment)
        while at >= 0:
            if _armoured(_decoded(b"A" * first + _bare(text[at : at + _ENCODED_LOOKED_AT])).lower()):
                return True
            at = text.find(fragment, at + 1)
    return False


def _in_hexadecimal(text: bytes) -> bool:
    return any(_is_hexadecimal_of_key(text, found.start()) for found in _HEX_BEGIN.finditer(text))


def _is_hexadecimal_of_key(text: bytes, at: int) -> bool:
    run = _HEX_RUN.match(text, at)
    assert run is not None  # the sign that led here is hexadecimal
    first = _bytes_of(run[0])
    if _is_keystore(first):
        return key_shapes.holds_key_bag(_bytes_of(text[at : at + _KEYSTORE_LOOKED_AT]))
    return starts_key(first) or starts_key(_bytes_of(text[at : at + _HEX_LOOKED_AT]))


def _bytes_of(hexadecimal: bytes) -> bytes:
    digits = _NOT_HEX.sub(b"", hexadecimal)
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _web_key(text: bytes) -> bool:
    if b"kty" not in text:
        return False
    return any(
        _WEB_SECRET.search(text, max(0, found.start() - _WEB_KEY_SIZE), found.end() + _WEB_KEY_SIZE) is not None
        for found in _WEB_KEY.finditer(text)
    )
