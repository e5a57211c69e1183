"""The facts of one certificate from its DER bytes, field by field: what cannot be read costs itself and nothing else.

`cryptography` is the referee: a certificate that it refuses to load is never `ok`, whatever the walk could read of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from cryptography import x509

from pipeline.x509_facts import der, keys, names, oids
from pipeline.x509_facts.remembered import Remembered

Value = TypeVar("Value")

LONGEST_REASON = 240


def blank(label: str, parse_status: str, parse_reason: str = "", fingerprint: str = "") -> dict[str, Any]:
    """A block of which nothing is known but what it is: the columns of CERTIFICATE_BLOCKS without `source`, and `label`."""
    return {
        "label": label,
        "fingerprint_sha256": fingerprint,
        "serial": "",
        "common_name": "",
        "subject_alternative_names": "",
        "subject": "",
        "issuer": "",
        "issuer_name": "",
        "valid_from": None,
        "valid_to": None,
        "key_type": "",
        "key_bits": None,
        "key_curve": "",
        "signature_algorithm": "",
        "spki_sha256": "",
        "rsa_exponent": "",
        "rsa_modulus": "",
        "subject_key_id": "",
        "authority_key_id": "",
        "extended_key_usage": "",
        "has_alternative_names": False,
        "has_scts": False,
        "is_ca": False,
        "is_self_issued": False,
        "parse_status": parse_status,
        "parse_reason": parse_reason,
    }


# The facts of one block in the order of COLUMNS, `valid_from` and `valid_to` being microseconds since 1970.
Row = tuple[Any, ...]
COLUMNS = tuple(blank("", ""))
_ISSUERS, _KEYS = Remembered(names.distinguished), Remembered(keys.public_key)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def row(found: dict[str, Any]) -> Row:
    """A block's facts, told by the names of COLUMNS and in their order, as a row."""
    return tuple(microseconds(value) if isinstance(value, dt.datetime) else value for value in found.values())


def microseconds(instant: dt.datetime) -> int:
    """Microseconds since 1970."""
    return (instant - _EPOCH) // dt.timedelta(microseconds=1)


def instant(microseconds: int | None) -> dt.datetime | None:
    """The instant that many microseconds after 1970, in UTC."""
    return None if microseconds is None else _EPOCH + dt.timedelta(microseconds=microseconds)


def facts(data: bytes) -> dict[str, Any]:
    """The facts of a certificate; `data` is exactly its DER. Never raises: parse_status says ok, partial or failed.

    `partial`: a field could not be read, or the referee refuses the certificate; `failed`: not even the frame of a certificate was
    found. `valid_from` and `valid_to` are UTC datetimes or None; `key_bits` is an int or None; everything else is text or a flag.
    """
    found = blank("CERTIFICATE", "ok", fingerprint=hashlib.sha256(data).hexdigest())
    reasons: list[str] = []
    try:
        _read_fields(data, found, reasons)
    except der.DerError as error:
        return found | {"parse_status": "failed", "parse_reason": f"no certificate could be made of the block: {error}"}
    refusal = _refusal(data)
    if refusal:
        reasons.append(refusal)
    if reasons:
        found["parse_status"] = "partial"
        found["parse_reason"] = _joined(reasons)
    return found


def _joined(reasons: list[str]) -> str:
    text = "; ".join(dict.fromkeys(reasons))
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 1] + "…"


def _refusal(data: bytes) -> str:
    # Any exception is caught, here and in `quick`: the loader has many ways to say no to one malformed certificate (InvalidVersion
    # is no ValueError), and none of them may cost the file.
    try:
        x509.load_der_x509_certificate(data)
    except Exception as error:  # noqa: BLE001 - one malformed certificate may not cost its file, see above
        return f"a strict reader refuses the certificate ({' '.join(str(error).split()) or type(error).__name__})"
    return ""


def _read_fields(data: bytes, found: dict[str, Any], reasons: list[str]) -> None:
    parts = der.children(data, der.only(data, der.SEQUENCE, "the certificate"))
    if [tag for tag, _, _ in parts] != [der.SEQUENCE, der.SEQUENCE, der.BIT_STRING]:
        raise der.DerError("it has not the three parts of a certificate")
    body = der.children(data, parts[0])
    if body and body[0][0] == 0xA0:  # the version; certificates of version 1 have none
        body = body[1:]
    if len(body) < 6 or [tag for tag, _, _ in body[:6]] != [der.INTEGER, *[der.SEQUENCE] * 5]:
        raise der.DerError("its fields do not stand in the order of a certificate")
    serial, _, issuer, validity, subject = body[:5]

    def field(what: str, read: Callable[[], Value], unknown: Value) -> Value:
        try:
            return read()
        except der.DerError as error:
            reasons.append(f"{what}: {error}")
            return unknown

    nobody = names.Name("", "", "", ())
    issued_by = field("issuer", lambda: _ISSUERS[_raw(data, body[2], body[1])], nobody)
    issued_to = field("subject", lambda: names.distinguished(_raw(data, body[4], body[3])), nobody)
    public = field("public key", lambda: _KEYS[_raw(data, body[5], body[4])], keys.NO_KEY)
    reasons.extend(f"issuer: {reason}" for reason in issued_by.reasons)
    reasons.extend(f"subject: {reason}" for reason in issued_to.reasons)
    reasons.extend(f"public key: {reason}" for reason in public.reasons)
    found["serial"] = field("serial number", lambda: serial_number(der.contents(data, serial)), "")
    found["valid_from"] = field("first second", lambda: _moment(data, validity, 0), None)
    found["valid_to"] = field("last second", lambda: _moment(data, validity, 1), None)
    found["signature_algorithm"] = field("signature algorithm", lambda: signature_algorithm(data, parts[1]), "")
    found |= {
        "common_name": issued_to.common_name,
        "subject": issued_to.line,
        "issuer": issued_by.line,
        "issuer_name": issued_by.common_name or issued_by.organization,
        "is_self_issued": der.contents(data, issuer) == der.contents(data, subject),
        "key_type": public.kind,
        "key_bits": public.bits,
        "key_curve": public.curve,
        "spki_sha256": public.sha256,
        "rsa_exponent": public.exponent,
        "rsa_modulus": public.modulus,
    }
    none: dict[str, bytes] = {}
    extensions = field("extensions", lambda: _extensions(data, body[6:], reasons), none)
    found["has_alternative_names"] = oids.SUBJECT_ALTERNATIVE_NAME in extensions
    found["has_scts"] = oids.SIGNED_CERTIFICATE_TIMESTAMPS in extensions

    def extension(column: str, dotted: str, what: str, read: Callable[[bytes], str | bool]) -> None:
        value = extensions.get(dotted)
        if value is not None:
            found[column] = field(what, lambda: read(value), found[column])

    extension(
        "subject_alternative_names", oids.SUBJECT_ALTERNATIVE_NAME, "alternative names", lambda value: names.alternative(value, reasons)
    )
    extension("is_ca", oids.BASIC_CONSTRAINTS, "basic constraints", says_ca)
    extension("subject_key_id", oids.SUBJECT_KEY_IDENTIFIER, "subject key identifier", subject_key_id)
    extension("authority_key_id", oids.AUTHORITY_KEY_IDENTIFIER, "authority key identifier", authority_key_id)
    extension("extended_key_usage", oids.EXTENDED_KEY_USAGE, "extended key usage", purposes)


def _moment(data: bytes, validity: der.Node, place: int) -> dt.datetime:
    parts = der.children(data, validity)
    if len(parts) != 2:
        raise der.DerError("the validity has not two ends")
    return der.instant(data, parts[place])


def _raw(data: bytes, found: der.Node, before: der.Node) -> bytes:
    """A node with its header: fields of a sequence touch, so it begins where the one before it ends."""
    return data[before[2] : found[2]]


def serial_number(raw: bytes) -> str:
    """Hexadecimal of even length from the contents of an INTEGER; a negative number keeps its sign."""
    number = der.integer(raw)
    digits = f"{abs(number):x}"
    return ("-" if number < 0 else "") + digits.zfill(len(digits) + len(digits) % 2)


def signature_algorithm(data: bytes, algorithm: der.Node) -> str:
    """Name of an AlgorithmIdentifier, or its OID where people have none for it."""
    parts = der.children(data, algorithm)
    if not parts or parts[0][0] != der.OID:
        raise der.DerError("it names no algorithm")
    dotted = der.oid(der.contents(data, parts[0]))
    return oids.SIGNATURES.get(dotted, dotted)


def _extensions(data: bytes, tail: list[der.Node], reasons: list[str]) -> dict[str, bytes]:
    """The raw value of each extension by its OID; of one that stands twice the first counts, and that is said."""
    found: dict[str, bytes] = {}
    for holder in tail:
        if holder[0] != 0xA3:  # issuer and subject unique ids may stand before the extensions
            continue
        for sequence in der.children(data, holder):
            for extension in der.children(data, sequence):
                parts = der.children(data, extension)
                if len(parts) < 2 or parts[0][0] != der.OID or parts[-1][0] != der.OCTET_STRING:
                    reasons.append("an extension has the wrong shape")
                    continue
                dotted = der.oid(der.contents(data, parts[0]))
                if dotted in found:
                    reasons.append(f"the extension {dotted} stands twice; the first was read")
                found.setdefault(dotted, der.contents(data, parts[-1]))
    return found


def says_ca(value: bytes) -> bool:
    """Whether the value (DER) of basic constraints says CA."""
    parts = der.children(value, der.only(value, der.SEQUENCE, "the value"))
    return bool(parts) and parts[0][0] == der.BOOLEAN and any(der.contents(value, parts[0]))


def subject_key_id(value: bytes) -> str:
    """The key identifier, hexadecimal."""
    return der.contents(value, der.only(value, der.OCTET_STRING, "the value")).hex()


def authority_key_id(value: bytes) -> str:
    """The issuer's key identifier, hexadecimal; "" where the issuer is told by name and serial only."""
    parts = der.children(value, der.only(value, der.SEQUENCE, "the value"))
    return next((der.contents(value, part).hex() for part in parts if part[0] == 0x80), "")


def purposes(value: bytes) -> str:
    """The purposes that an extended key usage (DER) lists, by name or OID, sorted."""
    parts = der.children(value, der.only(value, der.SEQUENCE, "the value"))
    if not parts:
        raise der.DerError("the list is empty")
    if any(tag != der.OID for tag, _, _ in parts):
        raise der.DerError("an entry is no object identifier")
    dotted = [der.oid(der.contents(value, part)) for part in parts]
    return " ".join(sorted({oids.PURPOSES.get(one, one) for one in dotted}))
