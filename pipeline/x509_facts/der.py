"""A short walk over DER: tags, lengths and the few primitive values that certificate facts are made of.

A node is a plain tuple `(tag, start, stop)` of offsets into one `bytes` object, so that walking copies nothing. The walk is
deliberately more patient than a validating parser: it only asks that lengths fit, because one odd field must cost that field alone.
Strictness is the referee's part (`certificate.facts` asks `cryptography` as well).
"""

from __future__ import annotations

import datetime as dt
import re

Node = tuple[int, int, int]

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
UTC_TIME, GENERALIZED_TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31

_TIME = re.compile(rb"(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{4})")


class DerError(ValueError):
    """The bytes are no DER of the expected shape. The text names the shape and never quotes the bytes."""


def node(data: bytes, at: int, limit: int) -> Node:
    """The node that begins at `at` and must end at or before `limit`: its tag and the bounds of its contents."""
    if at + 2 > limit:
        raise DerError("the data ends inside a field")
    tag, length, start = data[at], data[at + 1], at + 2
    if tag & 0x1F == 0x1F:
        raise DerError("a field has a tag of many bytes")
    if length >= 0x80:
        size = length & 0x7F
        if not 1 <= size <= 8:
            raise DerError("a field has no definite length")
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    if start + length > limit:
        raise DerError("a field is longer than the data")
    return tag, start, start + length


def children(data: bytes, parent: Node) -> list[Node]:
    """The nodes inside a constructed node, in order; they must fill it exactly."""
    _, at, stop = parent
    found: list[Node] = []
    while at < stop:
        child = node(data, at, stop)
        found.append(child)
        at = child[2]
    return found


def only(data: bytes, tag: int, what: str) -> Node:
    """The node of kind `tag` that `data` begins with; `what` names it in the error."""
    found = node(data, 0, len(data))
    if found[0] != tag:
        raise DerError(f"{what} has the wrong type")
    return found


def contents(data: bytes, found: Node) -> bytes:
    """The bytes inside a node."""
    return data[found[1] : found[2]]


def sequence(raw: bytes) -> bytes:
    """`raw` as the contents of a SEQUENCE, its header before it."""
    length = len(raw)
    if length < 0x80:
        return bytes((SEQUENCE, length)) + raw
    size = (length.bit_length() + 7) // 8
    return bytes((SEQUENCE, 0x80 | size)) + length.to_bytes(size, "big") + raw


def integer(raw: bytes) -> int:
    """The value of an INTEGER's contents, two's complement."""
    if not raw:
        raise DerError("a number is empty")
    return int.from_bytes(raw, "big", signed=True)


def oid(raw: bytes) -> str:
    """The dotted text of an OBJECT IDENTIFIER's contents, e.g. `2.5.4.3`."""
    if not raw or raw[-1] & 0x80 or len(raw) > 64:
        raise DerError("an object identifier is damaged")
    arcs: list[int] = []
    arc = 0
    for byte in raw:
        arc = arc << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(number) for number in (first, arcs[0] - 40 * first, *arcs[1:]))


def instant(data: bytes, found: Node) -> dt.datetime:
    """The instant of a UTCTime or GeneralizedTime, in UTC, years 1 to 9999 (RFC 5280 §4.1.2.5: two-digit years from 1950 to 2049).

    Missing seconds and offsets other than `Z`, which RFC 5280 forbids, are read all the same: an expiry date is worth more than
    the form it is written in.
    """
    tag = found[0]
    match = _TIME.fullmatch(contents(data, found))
    if match is None or tag not in (UTC_TIME, GENERALIZED_TIME) or len(match[1]) != (2 if tag == UTC_TIME else 4):
        raise DerError("the time is not written as a time")
    year = int(match[1])
    if tag == UTC_TIME:
        year += 1900 if year >= 50 else 2000
    try:
        local = dt.datetime(year, int(match[2]), int(match[3]), int(match[4]), int(match[5]), int(match[6] or 0), tzinfo=dt.UTC)
        return local if match[7] == b"Z" else local - _offset(match[7].decode("ascii"))
    except (ValueError, OverflowError) as error:
        raise DerError("the time does not exist") from error


def _offset(sign_and_digits: str) -> dt.timedelta:
    ahead = dt.timedelta(hours=int(sign_and_digits[1:3]), minutes=int(sign_and_digits[3:]))
    return -ahead if sign_and_digits[0] == "-" else ahead
