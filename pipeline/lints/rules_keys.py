"""Which keys are strong enough, and which the Web accepts. Weak keys are weak whatever the day and whoever issued the certificate."""

from __future__ import annotations

from math import gcd, prod

from pipeline.lints.rule import BR, Rule

LEAST_RSA_BITS = 2048
WEB_CURVES = {"P-256", "P-384", "P-521"}
WEB_KEYS = {"RSA", "EC"}
# Curves under 112 bits of security (NIST SP 800-57 part 1, table 2: a curve gives half of its bits).
LEAST_CURVE_BITS = 224
# Primes below 752, as BR §6.1.6 has it.
_SMALL_PRIMES = [number for number in range(2, 752) if all(number % divisor for divisor in range(2, int(number**0.5) + 1))]
_PRODUCT_OF_SMALL_PRIMES = prod(_SMALL_PRIMES)

_NEW_KEY = (
    "Make a new key (RSA of 2048 bits or more, or EC on P-256 or P-384), have the certificate reissued for it, and retire the old one."
)
_SIZE = ("key_type", "key_bits")
_CURVE = ("key_type", "key_curve", "key_bits")


def _rsa_too_short(key_type: str, bits: int) -> str:
    return f"Its RSA key has {bits:,} bits." if key_type == "RSA" and 0 < bits < LEAST_RSA_BITS else ""


def _rsa_of_odd_size(key_type: str, bits: int) -> str:
    return f"Its RSA key has {bits:,} bits, which is no multiple of 8." if key_type == "RSA" and bits % 8 else ""


def _exponent_breaks_rsa(exponent: str) -> str:
    if not exponent:
        return ""
    number = int(exponent)
    if number < 3:
        return f"The public exponent of its key is {number}: the key protects nothing."
    return "" if number % 2 else "The public exponent of its key is even: the key protects nothing."


def _exponent_out_of_range(exponent: str) -> str:
    if not exponent:
        return ""
    number = int(exponent)
    if 3 <= number <= 65_535 and number % 2:
        return f"The public exponent of its key is {number:,}; 65,537 or more is expected."
    return "The public exponent of its key is longer than 256 bits." if number >= 2**256 else ""


def _modulus_has_small_factor(modulus: str) -> str:
    if not modulus:
        return ""
    number = int(modulus, 16)
    shared = gcd(abs(number), _PRODUCT_OF_SMALL_PRIMES)
    if shared == 1:
        return ""
    smallest = next((prime for prime in _SMALL_PRIMES if shared % prime == 0), 0)
    return f"The modulus of its key can be divided by {smallest}: whoever tries can compute the private key."


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
        _NEW_KEY,
        _SIZE,
        _rsa_too_short,
    ),
    Rule(
        "rsa-size-not-in-bytes",
        "The bits of an RSA key are a multiple of 8.",
        "error",
        "public",
        f"{BR} §6.1.5",
        _NEW_KEY,
        _SIZE,
        _rsa_of_odd_size,
    ),
    Rule(
        "rsa-exponent-breaks-key",
        "The public exponent of an RSA key is odd, and 3 or more.",
        "error",
        "any",
        f"{BR} §6.1.6; RFC 8017 §3.1",
        _NEW_KEY,
        ("rsa_exponent",),
        _exponent_breaks_rsa,
    ),
    Rule(
        "rsa-exponent-out-of-range",
        "The public exponent of an RSA key lies between 65,537 and 2^256 - 1.",
        "warning",
        "any",
        f"{BR} §6.1.6; FIPS 186-5 §5.4",
        "Let the next key have the exponent 65,537, which every current tool takes by itself.",
        ("rsa_exponent",),
        _exponent_out_of_range,
    ),
    Rule(
        "rsa-small-factor",
        "The modulus of an RSA key has no prime factor below 752.",
        "error",
        "any",
        f"{BR} §6.1.6",
        _NEW_KEY,
        ("rsa_modulus",),
        _modulus_has_small_factor,
    ),
    Rule(
        "dsa-key",
        "The key is no DSA key.",
        "error",
        "any",
        f"{BR} §6.1.5; FIPS 186-5 §4",
        _NEW_KEY,
        _SIZE,
        _is_dsa,
    ),
    Rule(
        "curve-weak",
        "The curve of an EC key is named, and has 224 bits or more.",
        "error",
        "any",
        "RFC 5480 §2.1.1; NIST SP 800-57 part 1, table 2",
        _NEW_KEY,
        _CURVE,
        _weak_curve,
    ),
    Rule(
        "curve-not-accepted",
        "The curve of an EC key is P-256, P-384 or P-521.",
        "error",
        "public",
        f"{BR} §6.1.5",
        _NEW_KEY,
        _CURVE,
        _curve_not_of_the_web,
    ),
    Rule(
        "key-type-not-accepted",
        "The key is an RSA or EC key; browsers accept no other in public certificates yet.",
        "error",
        "public",
        f"{BR} §6.1.5",
        _NEW_KEY,
        _SIZE,
        _key_not_of_the_web,
    ),
)
