"""What is packed into a file, unpacked within limits: zip, gzip, bzip2, xz, tar, and the bodies of a mail.

Nothing is believed that a container says of its own size, and nothing is written to disk. What is damaged ends early: the caller looks for
private keys in whatever comes out, and no reader takes the rest.
"""

from __future__ import annotations

import binascii
import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator

from pipeline.sources import zip_parts
from pipeline.sources.limits import MIB, UNPACKED, UNPACKED_AT_MOST, USUAL_PACKING

# How much of the begin and of the end of a file tells whether it is a container: the headers of a mail, the directory of a zip container.
BEGIN, END = 65_536, 66_000
_END_OF_DIRECTORY = b"PK\x05\x06"
_TAR, _TAR_AT = b"ustar", 257
_DAMAGED = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, tarfile.TarError, OverflowError)

_STREAMS: dict[bytes, Callable[[io.BytesIO], io.BufferedIOBase]] = {
    b"\x1f\x8b\x08": lambda packed: gzip.GzipFile(fileobj=packed),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}

# Headers and bodies of a mail (RFC 2045 §6); a body ends at the next such header, or where the lines of base64 do.
_TRANSFER = re.compile(rb"^content-transfer-encoding:[ \t]*\"?(base64|quoted-printable)", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


class TooLarge(Exception):  # noqa: N818 - a verdict on a file, not a failure of the program
    """The file holds more, unpacked, than is looked at: as a sentence."""


def is_container(begin: bytes, end: bytes) -> bool:
    """Whether a file with these first `BEGIN` and last `END` bytes may have something packed into it, so that it must be read whole."""
    if begin.startswith(tuple(_STREAMS)) or begin.startswith(_TAR, _TAR_AT) or _END_OF_DIRECTORY in end:
        return True
    return b"ransfer-" in begin and _TRANSFER.search(begin) is not None


def parts(data: bytes) -> Iterator[bytes]:
    """The parts of a container, as far as they can be unpacked; nothing where `data` is none.

    Raises `TooLarge` behind what it gave: of a compressed stream at most 256 MiB, and 64 MiB where that is more than 40 times what the
    stream takes packed; of a zip container as `zip_parts` has it.
    """
    for begin, opened in _STREAMS.items():
        if data.startswith(begin):
            yield from _decompressed(data, opened)
            return
    if data.startswith(_TAR, _TAR_AT):
        yield from _members(data)
    elif _END_OF_DIRECTORY in data[-END:]:
        yield from _of_zip(data)
    elif b"ransfer-" in data:
        yield from _bodies(data)


def _decompressed(data: bytes, opened: Callable[[io.BytesIO], io.BufferedIOBase]) -> Iterator[bytes]:
    """The one part of a compressed stream."""
    room = max(UNPACKED, min(UNPACKED_AT_MOST, USUAL_PACKING * len(data)))
    pieces: list[bytes] = []
    try:
        with opened(io.BytesIO(data)) as stream:
            while room > 0 and (piece := stream.read(min(MIB, room))):
                pieces.append(piece)
                room -= len(piece)
    except (*_DAMAGED, MemoryError):
        pass  # what came before the damage is looked at
    yield b"".join(pieces)
    if room <= 0:
        raise TooLarge("Unpacked, the file is larger than any that is looked through.")


def _members(data: bytes) -> Iterator[bytes]:
    """The files in a tar archive: slices of it, so that a sparse one is as large as what is stored of it."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                yield data[member.offset_data : member.offset_data + member.size]
    except _DAMAGED:
        return


def _of_zip(data: bytes) -> Iterator[bytes]:
    try:
        for _, part in zip_parts.parts(data):
            yield part
    except zip_parts.Damaged:
        return
    except zip_parts.TooLarge as error:
        raise TooLarge(str(error)) from error


def _bodies(data: bytes) -> Iterator[bytes]:
    found = list(_TRANSFER.finditer(data))
    for one, following in zip(found, [*(other.start() for other in found[1:]), len(data)], strict=True):
        blank = _BLANK_LINE.search(data, one.end(), following)
        if blank:
            body = data[blank.end() : following]
            yield _from_base64(body) if one[1].lower() == b"base64" else binascii.a2b_qp(body)


def _from_base64(body: bytes) -> bytes:
    letters = _NOT_BASE64.sub(b"", body.partition(b"\n--")[0])
    whole = letters[:-1] if len(letters) % 4 == 1 else letters  # one letter alone stands for no byte
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
