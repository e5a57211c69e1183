"""Cutting a certificate file into blocks: PEM in all the ways people damage it, DER, PKCS#7, UTF-16, bare base64.

One bad block never costs its neighbours: each stretch from a BEGIN line to its END line (or to the next BEGIN line) is decoded for
itself. What a block is, its bytes say; the label only names what cannot be read.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator

import pybase64
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from pipeline.x509_facts import der, quick
from pipeline.x509_facts.certificate import COLUMNS, Row, blank, facts, row
from pipeline.x509_facts.keys import kind_of

_DASHES = (b"-", b"\xe2\x80\x90", b"\xe2\x80\x91", b"\xe2\x80\x92", b"\xe2\x80\x93", b"\xe2\x80\x94", b"\x96", b"\x97")
_DASHES_AND_WHITE = re.compile(rb"(?:[-\s]|\xe2\x80[\x90-\x94]|[\x96\x97])*")
_LAST_DASHES = re.compile(rb"(?:-|\xe2\x80[\x90-\x94]|[\x96\x97])+\Z")
_MISSPELT_END = re.compile(rb"[\r\n][ \t]*-{4}")
_MOST_DASHES = 192  # bytes, behind a body
_WHITE = b" \t\r\n"
_LABEL = re.compile(rb"[ \t]*([A-Za-z0-9#][A-Za-z0-9# ]{0,60}?)[ \t]*(?=-|\xe2\x80|\x96|\x97|[\r\n]|$)")
_HEADERS = re.compile(rb"\s*(?:[A-Za-z-]+:[^\r\n]*(?:\r\n|\r|\n)(?:[ \t]+[^\r\n]*(?:\r\n|\r|\n))*)+")
# What HTML, XML, JSON, Excel, quoted-printable and mail put between the letters of base64.
_MARKUP = re.compile(
    rb"<br ?/?>|</?p>|&#(?:1[03]|x0?[AD]);|&nbsp;|\\[rn]|_x000[AD]_|=3D|=\r?\n|\xc2\xa0|\xe2\x80\x8b|\xa0|[>\\\x00]", re.IGNORECASE
)
_CONTENT = re.compile(rb"[^ \t\r\n\x00]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]{64,}={0,2}\s*")
_COMMON_BEGIN, _COMMON_END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_LOWER_ARMOUR = re.compile(rb"(?<=-)(?:begin|end)(?= )")
_KEYSTORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_BASE64_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/=]+[ \t]*")
_FIVE = b"-----"
_LONGEST_LINE = 100  # bytes of an END line that are looked at
_LONGEST_BODY = 65_536  # bytes before an END line without a BEGIN line
_LOOKED_AT = 64  # bytes at the begin of a file by which its encoding is known
_STATUS_AND_REASON = slice(COLUMNS.index("parse_status"), None)
_CERTIFICATE_LABELS = ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "PKCS7", "PKCS #7 SIGNED DATA", "CMS")


class TooLarge(Exception):  # noqa: N818 - it is said of the file, not of the program
    """What must be seen whole is larger than is allowed."""


def rows(pieces: Iterable[bytes], most: int) -> Iterator[list[Row]]:
    """The blocks of a file whose bytes come in `pieces`, in order, as rows of `certificate.COLUMNS`, some at a time; wherever the file
    is cut into pieces, they are the same. Nothing for a file without any block.

    PEM is let go of as it is read. What must be seen whole (one block, a DER or PKCS#7 file, UTF-16) may have `most` bytes; raises
    `TooLarge` beyond that, and where there is no block in so many.
    """
    source = iter(pieces)
    text = next(source, b"")
    while len(text) < _LOOKED_AT and (piece := next(source, None)) is not None:
        text += piece
    encoding = _wide_encoding(text[:_LOOKED_AT])
    if encoding:
        text, source = _whole(text, source, most).decode(encoding, "replace").encode("utf-8"), iter(())
    text = text.removeprefix(b"\xef\xbb\xbf")
    is_last = is_armoured = False
    while not is_last:
        piece = next(source, None)
        is_last = piece is None
        # Until there is more to come, or it is known that there is none, nothing is known of the last block.
        found, keep = _cut(text, is_last)
        if found:
            is_armoured = True
            yield found
        if is_armoured:  # else it may be DER, or base64 without armour
            text = text[keep:]
        if len(text) > most:
            raise TooLarge
        text += piece or b""
    if not is_armoured:
        yield list(_without_armour(text))


def _whole(text: bytes, source: Iterator[bytes], most: int) -> bytes:
    pieces, size = [text], len(text)
    for piece in source:
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise TooLarge
    return b"".join(pieces)


def _cut(text: bytes, is_last: bool) -> tuple[list[Row], int]:
    """The blocks that are seen to their end, and from where on `text` is needed once more follows; `is_last`: nothing follows.

    A block ends at its END line, or at the next BEGIN line if that comes first. An END line between two blocks ends one whose BEGIN line
    cannot be read.
    """
    found: list[Row] = []
    at = 0
    while True:
        begin = text.find(b"BEGIN ", at)
        if begin >= 5 and text.startswith(_COMMON_BEGIN, begin - 5) and text.find(b"--END ", at, begin) < 0:
            start = begin + len(_COMMON_BEGIN) - 5
            end = text.find(b"-", start)
            if end >= 0 and text.startswith(_COMMON_END, end) and (common := _common(text[start:end])) is not None:
                found.append(common)
                at = end + len(_COMMON_END)
                continue
        begin = _next_begin(text, at)
        without_begin, at = _without_begin(text, at, begin if begin >= 0 else len(text), is_last or begin >= 0)
        found.extend(without_begin)
        if begin < 0:
            return found, max(0, at - 4, len(text) - _LONGEST_BODY)  # a BEGIN line may have come in part, of which 4 bytes before matter
        following = _next_begin(text, begin + 6)
        limit = following if following >= 0 else len(text)
        label, start = _label(text, begin + 6, limit)
        end = text.find(b"--END", start, limit)
        if not is_last and (following < 0 if end < 0 else len(text) < end + _LONGEST_LINE):
            return found, max(0, begin - 5)
        end = end if end >= 0 else _next_word(text, b"END ", start, limit)
        stop = end if end >= 0 else limit
        body = _body(text[start:stop])
        if end < 0:
            body = _MISSPELT_END.split(body, maxsplit=1)[0]
        missing = "" if end >= 0 else "the END line is missing"
        found.extend(_pem_block(label, body, missing, _odd_armour(text, begin, start, end)))
        at = stop + 5 if end >= 0 else stop


def _without_begin(text: bytes, at: int, limit: int, is_last: bool) -> tuple[list[Row], int]:
    """The blocks between `at` and `limit`, where no BEGIN line stands: what goes before an END line, as far as it is base64. And where
    the last of them ends; its END line may have come in part unless `is_last`."""
    found: list[Row] = []
    end = text.find(b"--END ", at, limit)
    while end >= 0:
        label, behind = _label(text, end + 6, limit)
        if behind >= limit and not is_last:
            break
        lines: list[bytes] = []
        for line in reversed(_before_dashes(text[max(at, end - _LONGEST_BODY) : end]).splitlines()):
            if not _BASE64_LINE.fullmatch(line):
                break
            lines.append(line)
        found.extend(_pem_block(label, b"\n".join(reversed(lines)), "the BEGIN line is missing"))
        at, end = behind, text.find(b"--END ", behind, limit)
    return found, at


def _odd_armour(text: bytes, begin: int, start: int, end: int) -> str:
    """Which of a block's two lines has not five dashes before and behind, which other programs ask for (RFC 7468 §2); "" if both have.

    `begin` is the place of the word BEGIN, `start` that behind its label, `end` that of `--END` or of the word END, negative without one.
    """
    odd = [] if text[max(0, begin - 5) : begin] == _FIVE and text.startswith(_FIVE, start) else ["BEGIN"]
    if end >= 0:
        word = text.find(b"END", end)
        line = text[word + 3 : end + _LONGEST_LINE]
        if text[max(0, word - 5) : word] != _FIVE or not line.startswith(_FIVE, _label(line, 0, len(line))[1]):
            odd.append("END")
    return f"the dashes of the {' and the '.join(odd)} line are not five" if odd else ""


def _label(text: bytes, at: int, limit: int) -> tuple[str, int]:
    """The label that begins at `at`, in capitals, and where it ends."""
    match = _LABEL.match(text, at, limit)
    return (" ".join(match[1].decode("ascii").upper().split()), match.end()) if match else ("", at)


def _common(body: bytes) -> Row | None:
    """A certificate as most programs write it; None for all else, which is looked at patiently."""
    decoded = common_base64(body)
    return None if decoded is None else quick.facts(decoded)


def common_base64(body: bytes) -> bytes | None:
    """The bytes of base64 in lines that end in LF; None where there is anything else in it, or its padding is not right."""
    try:
        return pybase64.b64decode(body.replace(b"\n", b""), validate=True)
    except binascii.Error:
        return None


def _without_armour(text: bytes) -> Iterator[Row]:
    if text.startswith(_KEYSTORES):
        yield row(blank("JAVA KEYSTORE", ""))
    elif _LOWER_ARMOUR.search(text):
        yield from _cut(_LOWER_ARMOUR.sub(lambda word: word[0].upper(), text), True)[0]
    elif text[:1] == b"\x30" and text[1:2] >= b"\x80":  # no text begins so, and no certificate is shorter than 128 bytes
        yield from _der_blocks(text)
    elif _BASE64.fullmatch(text):
        decoded = _strict(text)
        if decoded is not None and decoded[:1] == b"\x30":
            yield from _der_blocks(decoded)


def _wide_encoding(start: bytes) -> str:
    """The encoding of a file that begins so, if it is UTF-16 or UTF-32, with a mark or without; else ""."""
    if start[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    if len(start) >= 8 and not any(start[1::4] + start[2::4]) and (not any(start[::4]) or not any(start[3::4])):
        return "utf-32-le" if start[0] else "utf-32-be"
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if len(start) >= 4 and (not any(start[1::2]) or not any(start[::2])):
        return "utf-16-le" if start[0] else "utf-16-be"
    return ""


def _next_begin(text: bytes, at: int) -> int:
    """Where the next BEGIN line's word stands, or -1."""
    return _next_word(text, b"BEGIN ", at, len(text))


def _next_word(text: bytes, word: bytes, at: int, limit: int) -> int:
    """Where the word of armour stands next, or -1. Any run of dashes before it will do: four, six, or typographic ones."""
    at = text.find(word, at, limit)
    while at >= 0 and not text[max(0, at - 4) : at].rstrip(b" ").endswith(_DASHES):
        at = text.find(word, at + len(word), limit)
    return at


def _body(stretch: bytes) -> bytes:
    """What stands between the dashes of the two lines. A body in base64url may end in a dash of its own: those behind it are cut once."""
    edge = _DASHES_AND_WHITE.match(stretch)
    return _before_dashes(stretch[edge.end() if edge else 0 :].rstrip(_WHITE)).rstrip(_WHITE)


def _before_dashes(stretch: bytes) -> bytes:
    dashes = _LAST_DASHES.search(stretch, max(0, len(stretch) - _MOST_DASHES))
    return stretch[: dashes.start()] if dashes else stretch


def _pem_block(label: str, body: bytes, missing: str, odd: str = "") -> Iterator[Row]:
    """What a block holds. `missing` says which of its two lines is not there, `odd` what is wrong with them."""
    if "PRIVATE KEY" in label:
        yield row(blank("PRIVATE KEY", ""))  # no hash either: nothing that is made of a key leaves this module
        return
    decoded, repair = _decoded(body)
    if not decoded:
        yield _unread(label, body, f"it is cut off: {missing}" if missing else "its base64 is damaged")
        return
    repair = "; ".join(filter(None, (repair, missing, odd)))
    for block in _by_shape(label, decoded):
        if repair and block[_STATUS_AND_REASON] == ("ok", ""):
            block = (*block[:-1], f"read in full after a repair: {repair}")
        yield block


def _decoded(body: bytes) -> tuple[bytes | None, str]:
    """The bytes of a PEM body and how they had to be repaired; strict first, because lenient base64 makes up bytes."""
    headers = _HEADERS.match(body)
    if headers:
        body = body[headers.end() :]
    decoded = _strict(body)
    if decoded is not None:
        return decoded, ""
    bare = _MARKUP.sub(b"", body).translate(bytes.maketrans(b"-_", b"+/"), _WHITE).rstrip(b"=")
    decoded = _strict(bare + b"=" * (-len(bare) % 4))
    return decoded, "marks that are not base64 were taken out"


def _strict(body: bytes) -> bytes | None:
    try:
        return binascii.a2b_base64(body.translate(None, _WHITE), strict_mode=True)
    except binascii.Error:
        return None


def _unread(label: str, raw: bytes, reason: str) -> Row:
    """A block that cannot be read: failed if it should have been a certificate, else only named."""
    fingerprint = hashlib.sha256(raw).hexdigest()
    if label in _CERTIFICATE_LABELS or not label:
        return row(blank("CERTIFICATE", "failed", f"no certificate could be made of the block: {reason}", fingerprint))
    return row(blank(label, "", reason, fingerprint))


def _by_shape(label: str, data: bytes) -> Iterator[Row]:
    kind = kind_of(data)
    if kind == "CERTIFICATE":
        yield from _certificates(data)
    elif kind == "PKCS7":
        yield from _pkcs7(data)
    elif kind == "PRIVATE KEY":
        yield row(blank("PRIVATE KEY", ""))
    elif kind:
        yield row(blank(kind, "", fingerprint=hashlib.sha256(data).hexdigest()))
    else:
        yield _unread(label, data, "its bytes have not the structure of one")


def _certificates(data: bytes) -> Iterator[Row]:
    """The certificate that `data` begins with, and others right behind it. What a TRUSTED CERTIFICATE carries more is let be."""
    at = 0
    while at < len(data):
        try:
            stop = der.node(data, at, len(data))[2]
        except der.DerError:
            return
        exactly = data[at:stop]
        if at and kind_of(exactly) != "CERTIFICATE":
            return
        yield quick.facts(exactly) or row(facts(exactly))
        at = stop


def _der_blocks(data: bytes) -> Iterator[Row]:
    """The DER structures that stand one after another in a file; an odd rest is a block that cannot be read."""
    at = 0
    while found := _CONTENT.search(data, at):
        at = found.start()
        try:
            stop = der.node(data, at, len(data))[2]
        except der.DerError:
            stop = len(data)
        yield from _by_shape("", data[at:stop])
        at = stop


def _pkcs7(data: bytes) -> Iterator[Row]:
    certificates = _pkcs7_certificates(data)
    if certificates is None:
        yield _unread("PKCS7", data, "the PKCS#7 file is damaged")
    elif not certificates:
        yield row(blank("PKCS7", "", "the PKCS#7 file holds no certificate", hashlib.sha256(data).hexdigest()))
    else:
        for certificate in certificates:
            yield from _by_shape("CERTIFICATE", certificate)


def _pkcs7_certificates(data: bytes) -> list[bytes] | None:
    """DER of the certificates in a SignedData (RFC 2315 §9.1), or None; BER of indefinite length goes to the library."""
    try:
        signed = der.children(data, der.children(data, der.only(data, der.SEQUENCE, "the file"))[1])[0]
        inside = der.children(data, signed)
        holder = next((part for part in inside if part[0] == 0xA0), None)
        found = der.children(data, holder) if holder else []
        starts = [holder[1], *(stop for _, _, stop in found)] if holder else []
        return [data[start:stop] for start, (_, _, stop) in zip(starts, found, strict=False)]
    except (der.DerError, IndexError):
        pass
    try:
        return [certificate.public_bytes(Encoding.DER) for certificate in pkcs7.load_der_pkcs7_certificates(data)]
    except (ValueError, UnsupportedAlgorithm):
        return None
