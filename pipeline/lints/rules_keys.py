"""Which keys are strong enough, and which the Web accepts. Weak keys are weak whatever the day and whoever issued the certificate."""

from __future__ import annotations

from pipeline.lints.rule import BR, Rule

LEAST_RSA_BITS = 2048
WEB_CURVES = {"P-256", "P-384", "P-521"}
WEB_KEYS = {"RSA", "EC"}
# Curves under 112 bits of security (NIST SP 800-57 part 1, table 2: a curve gives half of its bits).
LEAST_CURVE_BITS = 224

NEW_KEY = (
    "Make a new key (RSA of 2048 bits or more, or EC on P-256 or P-384), have the certificate reissued for it, and retire the old one."
)
_SIZE = ("key_type", "key_bits")
_CURVE = ("key_type", "key_curve", "key_bits")


def _rsa_too_short(key_type: str, bits: int) -> str:
    return f"Its RSA key has {bits:,} bits." if key_type == "RSA" and 0 < bits < LEAST_RSA_BITS else ""


def _rsa_of_odd_size(key_type: str, bits: int) -> str:
    return f"Its RSA key has {bits:,} bits, which is no multiple of 8." if key_type == "RSA" and bits % 8 else ""


def _is_dsa(key_type: str, bits: int) -> str:
    return (f"Its key is a DSA key of {bits:,} bits." if bits else "Its key is a DSA key.") if key_type == "DSA" else ""


def _weak_curve(key_type: str, curve: str, bits: int) -> str:
    if key_type != "EC":
        return ""
    if curve == "explicit":
        return "The curve of its key is written out instead of named: whoever wrote it may have chosen a weak one."
    return f"The curve of its key, {curve}, has {bits} bits." if 0 < bits < LEAST_CURVE_BITS else ""


def _curve_not_of_the_web(key_type: str, curve: str, bits: int) -> str:
    is_other = key_type == "EC" and curve not in WEB_CURVES and curve not in ("", "explicit")
    return "" if not is_other or 0 < bits < LEAST_CURVE_BITS else f"The curve of its key is {curve}."


def _key_not_of_the_web(key_type: str, bits: int) -> str:
    return "" if key_type in WEB_KEYS or key_type in ("", "DSA") else f"Its key is of the kind {key_type}."


RULES = (
    Rule(
        "rsa-under-2048",
        "An RSA key has 2048 bits or more.",
        "error",
        "any",
        f"{BR} §6.1.5; NIST SP 800-57 part 1, table 2",
        NEW_KEY,
        _SIZE,
        _rsa_too_short,
    ),
    Rule(
        "rsa-size-not-in-bytes",
        "The bits of an RSA key are a multiple of 8.",
        "error",
        "public",
        f"{BR} §6.1.5",
        NEW_KEY,
        _SIZE,
        _rsa_of_odd_size,
    ),
    Rule(
        "dsa-key",
        "The key is no DSA key.",
        "error",
        "any",
        f"{BR} §6.1.5; FIPS 186-5 §4",
        NEW_KEY,
        _SIZE,
        _is_dsa,
    ),
    Rule(
        "curve-weak",
        "The curve of an EC key is named, and has 224 bits or more.",
        "error",
        "any",
        "RFC 5480 §2.1.1; NIST SP 800-57 part 1, table 2",
        NEW_KEY,
        _CURVE,
        _weak_curve,
    ),
    Rule(
        "curve-not-accepted",
        "The curve of an EC key is P-256, P-384 or P-521.",
        "error",
        "public",
        f"{BR} §6.1.5",
        NEW_KEY,
        _CURVE,
        _curve_not_of_the_web,
    ),
    Rule(
        "key-type-not-accepted",
        "The key is an RSA or EC key; browsers accept no other in public certificates yet.",
        "error",
        "public",
        f"{BR} §6.1.5",
        NEW_KEY,
        _SIZE,
        _key_not_of_the_web,
    ),
)
