"""The facts of a certificate of the common shape, in a small part of the time that the patient walk (`certificate`) takes.

Once the referee, `cryptography`, has loaded a certificate, its frame is known to be valid DER: every length fits and is written in the
shortest way, and every field stands where it should. So the walk needs no checks of its own there, and reads lengths of up to four bytes
in place. Inside names and extension values, which the referee does not look into, it checks. Whatever is not of the common shape, or
would have to be said in `parse_reason`, is left to the patient walk: both tell the same of every certificate (a law of the tests).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from cryptography.x509 import load_der_x509_certificate

from pipeline.x509_facts import certificate, der, keys, names
from pipeline.x509_facts.certificate import Row
from pipeline.x509_facts.remembered import Kept, Remembered

# What stands behind the headers of Certificate and TBSCertificate, whose lengths are 256 or more and written in two bytes.
_VERSION_3_AND_SERIAL = bytes.fromhex("a00302010202")
_TWO_UTC_TIMES = bytes.fromhex("301e170d")
_COMMON_NAME = bytes.fromhex("0603550403")
_ALTERNATIVE_NAMES, _SUBJECT_KEY_ID = bytes.fromhex("0603551d11"), bytes.fromhex("0603551d0e")
_AUTHORITY_KEY_ID, _PURPOSES, _CONSTRAINTS = bytes.fromhex("0603551d23"), bytes.fromhex("0603551d25"), bytes.fromhex("0603551d13")
_TIMESTAMPS = bytes.fromhex("060a2b06010401d679020402")
_KEY_ID_OF_20_BYTES = _SUBJECT_KEY_ID + bytes.fromhex("04160414")
_UTF8_OR_PRINTABLE = (0x0C, 0x13)
# Characters that need no escape in a name (RFC 4514 §2.4), a few rare ones left out.
_PLAIN = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_*@/:"
# Host names with NUL between them become lower case with spaces between them; what may not stand in a name becomes a line end.
_HOSTS = bytes(0x20 if one == 0 else ord(chr(one).lower()) if 0x21 <= one < 0x7F else 0x0A for one in range(256))
# Of the times of day "HHMM" and "SS".
_MINUTES = {b"%02d%02d" % divmod(minute, 60): minute * 60_000_000 for minute in range(24 * 60)}
_SECONDS = {b"%02d" % second: second * 1_000_000 for second in range(60)}
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
# SubjectPublicKeyInfo up to the point of a key on P-256 and P-384 (RFC 5480), and up to the modulus of RSA keys (RFC 8017); all its bytes.
_EC_KEYS = {
    (bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200"), 91): ("P-256", 256),
    (bytes.fromhex("3076301006072a8648ce3d020106052b81040022036200"), 120): ("P-384", 384),
}
_RSA_KEYS = {
    (bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100"), 294): 2048,
    (bytes.fromhex("308201a2300d06092a864886f70d01010105000382018f003082018a0282018100"), 422): 3072,
    (bytes.fromhex("30820222300d06092a864886f70d01010105000382020f003082020a0282020100"), 550): 4096,
}
_EXPONENT_65537 = bytes.fromhex("0203010001")
_NO_EXTENSIONS: dict[bytes, Any] = {}


class Uncommon(Exception):  # noqa: N818 - no error: the certificate goes the other way
    """The certificate is not of the common shape."""


def facts(data: bytes) -> Row | None:
    """The facts of a certificate whose DER is exactly `data`, in the order of `certificate.COLUMNS`; None: ask the patient walk.

    `valid_from` and `valid_to` are microseconds since 1970 in UTC.
    """
    # Any exception is caught: the loader has many ways to say no, and a walk without checks of its own runs off the end of odd bytes in
    # as many. Nothing is lost by it: the patient walk reads the certificate then, and finds out what is wrong.
    try:
        load_der_x509_certificate(data)
        return _walk(data)
    except Exception:  # noqa: BLE001 - the patient walk reads it then, see above
        return None


def _walk(data: bytes) -> Row:
    if data[1] != 0x82 or data[5] != 0x82 or data[8:14] != _VERSION_3_AND_SERIAL:
        raise Uncommon
    behind = 8 + (data[6] << 8 | data[7])  # of the signed part; the signature and its algorithm follow
    at = 15 + data[14]
    serial = data[15:at]
    if len(serial) > 0x7F or data[at + 1] > 0x7F:
        raise Uncommon
    issuer_at = at + 2 + data[at + 1]
    length = data[issuer_at + 1]
    at = issuer_at + 2 + length if length < 0x80 else _end(data, issuer_at)
    issuer = data[issuer_at:at]
    if data[at : at + 4] == _TWO_UTC_TIMES:
        begins = _DAYS[data[at + 4 : at + 10]] + _MINUTES[data[at + 10 : at + 14]] + _SECONDS[data[at + 14 : at + 16]]
        ends = _DAYS[data[at + 19 : at + 25]] + _MINUTES[data[at + 25 : at + 29]] + _SECONDS[data[at + 29 : at + 31]]
        subject_at = at + 32
    else:
        subject_at = _end(data, at)
        begins, ends = _moments(data[at:subject_at])
    length = data[subject_at + 1]
    key_at = subject_at + 2 + length if length < 0x80 else _end(data, subject_at)
    subject = data[subject_at:key_at]
    length = data[key_at + 1]
    at = key_at + 2 + length if length < 0x80 else _end(data, key_at)
    key = _KEYS[data[key_at:at]]
    extensions = _extensions(data, at, behind) if at < behind else _NO_EXTENSIONS
    common_name, line = _subject(subject)
    issuer_line, issuer_name = _ISSUERS[issuer]
    return (
        "CERTIFICATE",
        hashlib.sha256(data).hexdigest(),
        (serial[1:] if serial[0] == 0 and len(serial) > 1 else serial).hex() if serial[0] < 0x80 else certificate.serial_number(serial),
        common_name,
        extensions.get(_ALTERNATIVE_NAMES, ""),
        line,
        issuer_line,
        issuer_name,
        begins,
        ends,
        key.kind,
        key.bits,
        key.curve,
        _SIGNATURES[data[behind : behind + 2 + data[behind + 1]]],
        key.sha256,
        key.exponent,
        key.modulus,
        extensions.get(_SUBJECT_KEY_ID, ""),
        extensions.get(_AUTHORITY_KEY_ID, ""),
        extensions.get(_PURPOSES, ""),
        _ALTERNATIVE_NAMES in extensions,
        _TIMESTAMPS in extensions,
        extensions.get(_CONSTRAINTS, False),
        subject == issuer,
        "ok",
        "",
    )


def _start(data: bytes, at: int) -> int:
    """Where the contents of the node at `at` begin, its length being written in up to three bytes."""
    length = data[at + 1]
    if length < 0x80:
        return at + 2
    if length > 0x82:
        raise Uncommon
    return at + length - 0x7E  # 0x81: one byte more, 0x82: two


def _end(data: bytes, at: int) -> int:
    """Where the node at `at` ends."""
    length = data[at + 1]
    if length < 0x80:
        return at + 2 + length
    if length == 0x82:
        return at + 4 + (data[at + 2] << 8 | data[at + 3])
    if length == 0x81:
        return at + 3 + data[at + 2]
    raise Uncommon


def _day(text: bytes) -> int:
    """Microseconds from 1970 to the begin of a day of a UTCTime (RFC 5280 §4.1.2.5.1)."""
    year = int(text[:2])
    day = dt.date(year + (1900 if year >= 50 else 2000), int(text[2:4]), int(text[4:6]))
    return (day.toordinal() - _EPOCH_DAY) * 86_400_000_000


def _moments(validity: bytes) -> tuple[int, int]:
    """Microseconds from 1970 to both ends of a validity of which one is a GeneralizedTime."""
    begins, ends = (der.instant(validity, one) for one in der.children(validity, der.only(validity, der.SEQUENCE, "the validity")))
    return certificate.microseconds(begins), certificate.microseconds(ends)


def _subject(raw: bytes) -> tuple[str, str]:
    """Common name and line of the subject. The common name mostly stands last, behind parts that many subjects share."""
    at = raw.rfind(_COMMON_NAME)  # below, `at + length` is where the part that begins there ends
    start = 2 if raw[1] < 0x80 else 3
    if at >= start + 4 and raw[1] <= 0x81:
        length = raw[at - 1]
        is_last = at + length == len(raw) and raw[at - 2] == der.SEQUENCE and raw[at - 3] == length + 2 and raw[at - 4] == der.SET
        value = raw[at + 7 :]
        if is_last and raw[at + 5] in _UTF8_OR_PRINTABLE and raw[at + 6] == len(value) and value and not value.translate(None, _PLAIN):
            shared = _BEFORE_COMMON_NAME[raw[start : at - 4]]
            if shared is not None:
                text = value.decode("ascii")
                return text, f"CN={text}{shared}"
    name = _name(raw)
    return name.common_name, name.line


def _before_common_name(raw: bytes) -> str | None:
    """The end of the line of a subject that begins with these parts; None where they hold a common name, which would count."""
    name = _name(der.sequence(raw))
    return None if _COMMON_NAME in raw else f",{name.line}" if name.line else ""


def _name(raw: bytes) -> names.Name:
    name = names.distinguished(raw)
    if name.reasons:
        raise Uncommon
    return name


def _issuer(raw: bytes) -> tuple[str, str]:
    name = _name(raw)
    return name.line, name.common_name or name.organization


def _key(raw: bytes) -> keys.PublicKey:
    key = _usual_key(raw) or keys.public_key(raw)
    if key.reasons:
        raise Uncommon
    return key


def _usual_key(raw: bytes) -> keys.PublicKey | None:
    """A key of a usual kind and size, told by what stands before its modulus or point; an RSA key has the exponent 65537."""
    curve = _EC_KEYS.get((raw[:26], len(raw))) or _EC_KEYS.get((raw[:23], len(raw)))
    if curve is not None:
        return keys.PublicKey("EC", curve[1], curve[0], hashlib.sha256(raw).hexdigest(), ())
    bits = _RSA_KEYS.get((raw[:33], len(raw)))
    if bits is not None and raw[33] >= 0x80 and raw.endswith(_EXPONENT_65537):
        return keys.PublicKey("RSA", bits, "", hashlib.sha256(raw).hexdigest(), (), "65537", raw[33:-5].hex())
    return None


def _signature(raw: bytes) -> str:
    return certificate.signature_algorithm(raw, der.only(raw, der.SEQUENCE, "the algorithm"))


def _extensions(data: bytes, at: int, behind: int) -> dict[bytes, Any]:
    """What the facts hold of each extension, by the bytes of its identifier; None of those that they hold nothing of."""
    if data[at] != 0xA3:  # a unique id of issuer or subject
        raise Uncommon
    at = at + 8 if data[at + 1] == data[at + 5] == 0x82 else _start(data, _start(data, at))
    found: dict[bytes, Any] = {}
    count = 0
    learn_from = known = 0
    while at < behind:
        began = at
        length = data[at + 1]
        if length < 0x80:
            inside = at + 2
        elif length == 0x81:
            length = data[at + 2]
            inside = at + 3
        elif length == 0x82:
            length = data[at + 2] << 8 | data[at + 3]
            inside = at + 4
        else:
            raise Uncommon
        at = inside + length
        raw = data[began:at]
        count += 1
        shared = _SHARED_EXTENSIONS.get(raw)
        if shared is not None:
            found[shared[0]] = shared[1]
        elif data[inside : inside + 5] == _ALTERNATIVE_NAMES:
            found[_ALTERNATIVE_NAMES] = _alternative(raw, inside - began + 5)
            # What follows the names is mostly the same as in other certificates of the issuer, and is then taken at once.
            tail = _TAILS.get(data[at:behind])
            if tail is not None:
                found.update(tail)
                count += len(tail)
                break
            learn_from, known = at, count
        elif length == 29 and data.startswith(_KEY_ID_OF_20_BYTES, inside):
            found[_SUBJECT_KEY_ID] = raw[-20:].hex()
            learn_from = 0
        elif data.startswith(_TIMESTAMPS, inside):
            found[_TIMESTAMPS] = None
            learn_from = 0
        else:
            kind, value = _SHARED_EXTENSIONS[raw]
            found[kind] = value
    if len(found) != count:  # one stands twice
        raise Uncommon
    if learn_from:
        _TAILS.keep(data[learn_from:behind], dict(list(found.items())[known:]))
    return found


def _alternative(data: bytes, at: int) -> str:
    """The alternative names of an extension, `at` being behind its identifier; host names alone, and of the common shape, at once."""
    behind = len(data)
    if data[at] == der.BOOLEAN:  # critical
        at += 3
    value_at = at + 2 if data[at + 1] < 0x80 else _start(data, at)
    length = data[value_at + 1]
    at = value_at + 2 if length < 0x80 else _start(data, value_at)
    if data[value_at] != der.SEQUENCE or (at + length != behind if length < 0x80 else _end(data, value_at) != behind):
        raise Uncommon
    found = []
    while at < behind and data[at] == names.DNS and data[at + 1] < 0x80:
        start = at + 2
        at = start + data[at + 1]
        found.append(data[start:at])
    text = b"\0".join(found).translate(_HOSTS).decode("ascii")
    hosts = text.split(" ")
    if at == behind and len(hosts) == len(found) and "\n" not in text and "" not in hosts:
        return text if len(hosts) == 1 else " ".join(sorted(set(hosts)))
    reasons: list[str] = []
    text = names.alternative(data[value_at:], reasons)
    if reasons:
        raise Uncommon
    return text


def _extension(raw: bytes) -> tuple[bytes, Any]:
    """The identifier of an extension with its header, and its value where the facts hold one."""
    parts = der.children(raw, der.only(raw, der.SEQUENCE, "the extension"))
    der.oid(der.contents(raw, parts[0]))  # which objects to one that is damaged
    kind = raw[parts[0][1] - 2 : parts[0][2]]
    read = _READ.get(kind)
    return kind, None if read is None else read(der.contents(raw, parts[-1]))


_READ: dict[bytes, Callable[[bytes], str | bool]] = {
    _SUBJECT_KEY_ID: certificate.subject_key_id,
    _AUTHORITY_KEY_ID: certificate.authority_key_id,
    _PURPOSES: certificate.purposes,
    _CONSTRAINTS: certificate.says_ca,
}
_DAYS = Remembered(_day)
_ISSUERS = Remembered(_issuer)
_BEFORE_COMMON_NAME = Remembered(_before_common_name)
_KEYS = Remembered(_key)
_SIGNATURES = Remembered(_signature)
_SHARED_EXTENSIONS = Remembered(_extension)
_TAILS: Kept[dict[bytes, Any]] = Kept()
