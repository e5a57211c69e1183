"""RSA keys whose numbers give the private key away: odd exponents, primes that are small, close, of one known faulty kind, or shared."""

from __future__ import annotations

from math import gcd, isqrt, prod

from pipeline.lints import known_weak_keys
from pipeline.lints.rule import BR, Rule
from pipeline.lints.rules_keys import NEW_KEY

FERMAT_ROUNDS = 100  # as many as BR §6.1.6 asks authorities for


def _primes(first: int, end: int) -> list[int]:
    return [number for number in range(first, end) if all(number % divisor for divisor in range(2, isqrt(number) + 1))]


_SMALL_PRIMES = _primes(2, 752)  # BR §6.1.6
_PRODUCT_OF_SMALL_PRIMES = prod(_SMALL_PRIMES)
# Last bytes that squares can have: five of six numbers are seen to be no square by them.
_ENDS_OF_SQUARES = frozenset(number * number & 0xFF for number in range(256))
# Powers of 65,537 modulo each small prime: all that a modulus of the faulty library can leave over (Nemec and others, "The Return of
# Coppersmith's Attack", 2017). A sound modulus fits all of them once in more than a hundred million times.
_FAULTY_REMAINDERS = [(prime, frozenset(pow(65_537, power, prime) for power in range(prime))) for prime in _primes(3, 168)]


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


def _primes_are_close(modulus: str) -> str:
    """Fermat's way: the modulus is a^2 - b^2, and where the primes are close the right a stands just above the root."""
    number = int(modulus, 16) if modulus else 0
    if number < 9 or number % 2 == 0:
        return ""
    root = isqrt(number)
    root += root * root < number
    rest = root * root - number
    for _ in range(FERMAT_ROUNDS):
        if rest & 0xFF in _ENDS_OF_SQUARES and isqrt(rest) ** 2 == rest:
            return "The two primes of its key are so close that anyone can compute the private key."
        rest += 2 * root + 1
        root += 1
    return ""


def _made_by_faulty_library(modulus: str) -> str:
    number = int(modulus, 16) if modulus else 0
    is_faulty = number > 1 and all(number % prime in remainders for prime, remainders in _FAULTY_REMAINDERS)
    return "Its key was made by a faulty chip library (ROCA): the private key can be computed." if is_faulty else ""


def _told(what: str) -> str:
    """Found by comparing the keys of all certificates, see `shared_factors`."""
    return what


RULES = (
    Rule(
        "rsa-exponent-breaks-key",
        "The public exponent of an RSA key is odd, and 3 or more.",
        "error",
        "any",
        f"{BR} §6.1.6; RFC 8017 §3.1",
        NEW_KEY,
        ("rsa_exponent",),
        _exponent_breaks_rsa,
    ),
    Rule(
        "rsa-exponent-out-of-range",
        "The public exponent of an RSA key lies between 65,537 and 2^256 - 1.",
        "warning",
        "any",
        f"{BR} §6.1.6; FIPS 186-5 appendix A.1.1",
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
        NEW_KEY,
        ("rsa_modulus",),
        _modulus_has_small_factor,
    ),
    Rule(
        "rsa-close-primes",
        "The two primes of an RSA key are far apart.",
        "error",
        "any",
        f"{BR} §6.1.6; CVE-2022-26320",
        NEW_KEY,
        ("rsa_modulus",),
        _primes_are_close,
    ),
    Rule(
        "rsa-faulty-library",
        "An RSA key was not made by the faulty chip library known as ROCA.",
        "error",
        "any",
        "CVE-2017-15361",
        NEW_KEY,
        ("rsa_modulus",),
        _made_by_faulty_library,
    ),
    Rule(
        "rsa-known-weakness",
        "An RSA key has none of the other weaknesses that are known of keys on the Internet.",
        "error",
        "any",
        "badkeys.info",
        NEW_KEY,
        ("rsa_modulus", "rsa_exponent"),
        known_weak_keys.weakness,
        extra=known_weak_keys.EXTRA,
        is_checked=known_weak_keys.IS_INSTALLED,
    ),
    Rule(
        "rsa-shared-factor",
        "No two RSA keys have a prime in common.",
        "error",
        "any",
        "Heninger and others, Mining Your Ps and Qs (2012)",
        "Make a new key on a machine with a sound source of random numbers, not on the device that made this one; have it reissued.",
        ("shared_factor",),
        _told,
    ),
)
