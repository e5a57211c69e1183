"""Zip containers that are not what they say."""

from __future__ import annotations

import io
import zipfile
import zlib

MIB = 2**20


def lying(mebibytes: int) -> bytes:
    """A container whose only part unpacks to so many MiB of NUL bytes and says that it holds one byte."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    one = stream.compress(bytes(MIB)) + stream.flush(zlib.Z_FULL_FLUSH)  # rests on nothing before it, so it may be repeated
    packed = one * mebibytes + stream.flush()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/x.xml", packed)
    data = bytearray(buffer.getvalue())
    for header, way, size in ((data.index(b"PK\x03\x04"), 8, 22), (data.index(b"PK\x01\x02"), 10, 24)):
        data[header + way : header + way + 2] = zipfile.ZIP_DEFLATED.to_bytes(2, "little")
        data[header + size : header + size + 4] = (1).to_bytes(4, "little")
    return bytes(data)
