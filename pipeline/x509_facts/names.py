"""Names in certificates: subject and issuer as one line (RFC 4514), and the names that a certificate covers.

Whoever asked for a certificate wrote these texts, so nothing in them is trusted: control and direction characters are replaced, and
what cannot be decoded is replaced and said.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from pipeline.x509_facts import der
from pipeline.x509_facts.oids import ATTRIBUTES

COMMON_NAME, ORGANIZATION = "2.5.4.3", "2.5.4.10"
EMAIL, DNS, IP_ADDRESS = 0x81, 0x82, 0x87

_ENCODINGS = {
    0x0C: "utf-8",
    0x12: "ascii",
    0x13: "ascii",
    0x14: "latin-1",
    0x16: "ascii",
    0x1A: "ascii",
    0x1C: "utf-32-be",
    0x1E: "utf-16-be",
}
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_NOT_A_NAME = re.compile(r"[\s\x00-\x20\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_ESCAPED = re.compile(r'([\\"+,;<>])')
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class Name(NamedTuple):
    """A distinguished name: one line, its first common name and organization, and what could not be read of it."""

    line: str
    common_name: str
    organization: str
    reasons: tuple[str, ...]


def distinguished(raw: bytes) -> Name:
    """A Name from the DER of an RDNSequence, header included; most specific part first, as RFC 4514 has it.

    Attributes without a short name of RFC 4514 are written with their OID. Of several common names the first one counts.
    Raises `DerError` where the sequence itself is broken.
    """
    reasons: list[str] = []
    parts: list[str] = []
    first: dict[str, str] = {}
    for relative in der.children(raw, der.only(raw, der.SEQUENCE, "a name")):
        together: list[str] = []
        for attribute in der.children(raw, relative):
            kind, value = _attribute(raw, attribute, reasons)
            first.setdefault(kind, value)
            together.append(f"{ATTRIBUTES.get(kind, kind)}={_escape(value)}")
        if together:
            parts.append("+".join(together))
        else:
            reasons.append("a part of the name is empty")
    return Name(",".join(reversed(parts)), first.get(COMMON_NAME, ""), first.get(ORGANIZATION, ""), tuple(reasons))


def _attribute(raw: bytes, attribute: der.Node, reasons: list[str]) -> tuple[str, str]:
    pair = der.children(raw, attribute)
    if len(pair) != 2 or pair[0][0] != der.OID:
        raise der.DerError("a part of the name is no pair of type and value")
    kind = der.oid(der.contents(raw, pair[0]))
    label = ATTRIBUTES.get(kind, kind)
    value = der.contents(raw, pair[1])
    encoding = _ENCODINGS.get(pair[1][0])
    if encoding is None:
        reasons.append(f"{label} is no text and stands here in hexadecimal")
        return kind, "#" + value.hex()
    return kind, _clean(_decoded(value, encoding, label, reasons), label, reasons)


def _decoded(value: bytes, encoding: str, label: str, reasons: list[str]) -> str:
    try:
        return value.decode(encoding)
    except UnicodeDecodeError:
        reasons.append(f"{label} holds bytes that its encoding does not know; they were replaced")
    try:
        return value.decode("utf-8")  # the commonest slip: UTF-8 in a string type that is declared as ASCII
    except UnicodeDecodeError:
        return value.decode(encoding, "replace")


def _clean(text: str, label: str, reasons: list[str]) -> str:
    clean = _UNSAFE.sub(_UNKNOWN, text)
    if clean != text:
        reasons.append(f"{label} holds control characters; they were replaced")
    return clean


def _escape(value: str) -> str:
    escaped = _ESCAPED.sub(r"\\\1", value)
    if escaped.startswith(("#", " ")):
        escaped = "\\" + escaped
    if escaped.endswith(" ") and escaped != "\\ ":
        escaped = escaped[:-1] + "\\ "
    return escaped


def alternative(raw: bytes, reasons: list[str]) -> str:
    """DNS names, e-mail and IP addresses of a subjectAltName value (DER), lower case, sorted, separated by one space.

    Other kinds of name (URI, directory name, UPN, ...) are left out, as the table has no place for them. A name that cannot be read is
    left out or cleaned and adds to `reasons`; `DerError` where the list itself is broken.
    """
    found: set[str] = set()
    for name in der.children(raw, der.only(raw, der.SEQUENCE, "the list of alternative names")):
        value = der.contents(raw, name)
        if name[0] == IP_ADDRESS:
            found.add(_address(value, reasons))
        elif name[0] in (DNS, EMAIL):
            found.add(_host(value, reasons))
    return " ".join(sorted(found - {""}))


def _host(value: bytes, reasons: list[str]) -> str:
    if not value:
        reasons.append("an alternative name is empty")
    text = _decoded(value, "ascii", "an alternative name", reasons)
    clean = _NOT_A_NAME.sub(_UNKNOWN, text)
    if clean != text:
        reasons.append("an alternative name holds spaces or control characters; they were replaced")
    return clean.lower()


def _address(value: bytes, reasons: list[str]) -> str:
    if len(value) not in (4, 16):
        reasons.append("an IP address has neither 4 nor 16 bytes")
        return ""
    return str(ipaddress.ip_address(value))
