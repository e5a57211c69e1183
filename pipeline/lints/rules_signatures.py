"""Which signatures and serials an authority may give. A root's own are not judged: nobody relies on the one or looks for the other."""

from __future__ import annotations

import datetime as dt

from pipeline.lints.rule import BR, Rule

_BROKEN = {
    "md2WithRSAEncryption": "MD2",
    "1.2.840.113549.1.1.3": "MD4",
    "md5WithRSAEncryption": "MD5",
}
_SHA1 = {"sha1WithRSAEncryption", "ecdsa-with-SHA1", "dsa-with-sha1"}
_OF_THE_WEB = {
    "sha256WithRSAEncryption", "sha384WithRSAEncryption", "sha512WithRSAEncryption", "RSASSA-PSS",
    "ecdsa-with-SHA256", "ecdsa-with-SHA384", "ecdsa-with-SHA512",
}  # fmt: skip

# 64 random bits fall below this once in 65,536 times: what is smaller was hardly drawn from so many.
_LEAST_RANDOM_SERIAL = 2**48

_SIGN_ANEW = "Have it issued again: every authority of today signs with SHA-256 or better. If yours does not, change to one that does."
_SIGNATURE = ("signature_algorithm", "is_root")


def _is_broken(algorithm: str, is_root: bool) -> str:
    digest = _BROKEN.get(algorithm)
    return f"It is signed over {digest}, and can be forged." if digest and not is_root else ""


def _is_sha1(algorithm: str, is_root: bool) -> str:
    return "It is signed over SHA-1." if algorithm in _SHA1 and not is_root else ""


def _not_of_the_web(algorithm: str, is_root: bool) -> str:
    is_known = not algorithm or algorithm in _OF_THE_WEB or algorithm in _SHA1 or algorithm in _BROKEN
    return "" if is_known or is_root else f"It is signed with {algorithm}."


def _not_positive(serial: str, is_root: bool) -> str:
    if not serial or int(serial, 16) > 0 or is_root:
        return ""
    return f"Its serial number is {'negative' if serial.startswith('-') else 'zero'}."


def _too_short(serial: str) -> str:
    number = int(serial, 16) if serial else 0
    return f"Its serial number, {serial}, has {number.bit_length()} bits." if 0 < number < _LEAST_RANDOM_SERIAL else ""


RULES = (
    Rule(
        "signature-broken",
        "No certificate is signed over MD2, MD4 or MD5.",
        "error",
        "any",
        f"{BR} §7.1.3.2; RFC 6151",
        _SIGN_ANEW,
        _SIGNATURE,
        _is_broken,
    ),
    Rule(
        "signature-sha1",
        "No certificate is signed over SHA-1.",
        "error",
        "any",
        f"{BR} §7.1.3.2; NIST SP 800-131A revision 2",
        _SIGN_ANEW,
        _SIGNATURE,
        _is_sha1,
        since=dt.date(2016, 1, 1),
    ),
    Rule(
        "signature-not-accepted",
        "A certificate is signed with RSA or ECDSA over SHA-256, SHA-384 or SHA-512; browsers accept no other yet.",
        "error",
        "public",
        f"{BR} §7.1.3.2",
        _SIGN_ANEW,
        _SIGNATURE,
        _not_of_the_web,
    ),
    Rule(
        "serial-not-positive",
        "A serial number is greater than zero.",
        "error",
        "any",
        "RFC 5280 §4.1.2.2",
        "Have it issued again, and tell the authority: some clients refuse the certificate, and its revocation may not be found.",
        ("serial", "is_root"),
        _not_positive,
    ),
    Rule(
        "serial-short",
        "A serial number holds 64 random bits or more.",
        "warning",
        "public",
        f"{BR} §7.1.2.7",
        "Ask the provider whether the serial in the export is the certificate's; if it is, have it issued again.",
        ("serial",),
        _too_short,
        since=dt.date(2016, 9, 30),
    ),
)
