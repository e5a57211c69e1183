"""The parts of a zip container, unpacked piece by piece against a running total; nothing that it says of its own size is believed.

The standard library stops at the declared size of a part, but unpacks as much at a time as the packed bytes give before it looks
(facts/bad-inputs §2.2), so a part is asked for in pieces.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from pipeline.sources.limits import MIB, MOST_PARTS, UNPACKED, UNPACKED_AT_MOST, USUAL_PACKING

_PIECE = {zipfile.ZIP_STORED: MIB, zipfile.ZIP_DEFLATED: MIB}
_SMALL_PIECE = 4_096  # the other ways of packing unpack a whole piece at once, some 20,000 times as large
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, struct.error, OSError, ValueError, LookupError, OverflowError)


class Damaged(Exception):  # noqa: N818 - a verdict on a file, not a failure of the program
    """The container cannot be unpacked as a whole: why, as a sentence."""


class TooLarge(Exception):  # noqa: N818
    """The container holds more than is looked at: why, as a sentence."""


def parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of every part in the order of the directory, each compared with its checksum; a name may come twice.

    Raises `Damaged` where a part cannot be unpacked or fails its checksum, and `TooLarge` beyond 2,000 parts, 256 MiB unpacked, or
    64 MiB if that is more than 40 times what the container takes packed.
    """
    room = max(UNPACKED, min(UNPACKED_AT_MOST, USUAL_PACKING * len(data)))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
            if len(listed) > MOST_PARTS:
                raise TooLarge(f"The container has {len(listed):,} parts; more than {MOST_PARTS:,} are not read.")
            for one in listed:
                part = _unpacked(archive, one, room)
                room -= len(part)
                yield one.filename, part
    except _DAMAGED as error:
        raise Damaged(f"The zip container is damaged: {error}.") from error
    except RuntimeError as error:  # an encrypted part, or a feature of zip that the library does not have
        raise Damaged(f"The container is packed in a way that is not read: {error}.") from error
    except MemoryError as error:
        raise TooLarge("Unpacking the container takes more memory than there is.") from error


def _unpacked(archive: zipfile.ZipFile, listed: zipfile.ZipInfo, room: int) -> bytes:
    """The bytes of one part, at most `room`."""
    pieces = []
    with archive.open(listed) as stream:
        while piece := stream.read(_PIECE.get(listed.compress_type, _SMALL_PIECE)):
            room -= len(piece)
            if room < 0:
                raise TooLarge("Unpacked, the container is larger than any workbook that is read.")
            pieces.append(piece)
    return b"".join(pieces)
