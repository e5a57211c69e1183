"""Key pairs that follow from the seed. Their private halves stay in memory; being computable by anybody, they protect nothing."""

from __future__ import annotations

import math

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from pipeline.sample.chance import material

_EXPONENT = 65537
_WINDOW = 1 << 14
_BASES = (2, 3, 5, 7, 11, 13)
_ORDER_BITS = 8 * 48
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | mldsa.MLDSA65PublicKey


def ec_key(seed: int, what: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    """The key on `curve` for `what`: material reduced below the smallest order in use, and never zero."""
    number = int.from_bytes(material(seed, f"ec/{what}", _ORDER_BITS // 8), "big")
    return ec.derive_private_key(number % ((1 << (curve.key_size - 1)) - 1) + 1, curve)


def ed25519_key(seed: int, what: str) -> ed25519.Ed25519PrivateKey:
    """The Ed25519 key for `what`."""
    return ed25519.Ed25519PrivateKey.from_private_bytes(material(seed, f"ed25519/{what}", 32))


def mldsa_public_key(seed: int, what: str) -> mldsa.MLDSA65PublicKey:
    """The public ML-DSA-65 key (FIPS 204) for `what`."""
    return mldsa.MLDSA65PrivateKey.from_seed_bytes(material(seed, f"mldsa/{what}", 32)).public_key()


def rsa_public_key(seed: int, what: str, bits: int) -> rsa.RSAPublicKey:
    """The public RSA key of `bits` bits for the server `what`.

    A certificate shows only the modulus and nobody needs the private half, so it is a number without small factors whose primes nobody
    knows: to find primes in plain Python for every server would be the slow part of a sample.
    """
    number = int.from_bytes(material(seed, f"rsa/{bits}/{what}", bits // 8), "big") | (1 << (bits - 1)) | 1
    while math.gcd(number, _PRODUCT_OF_SMALL_PRIMES) > 1:
        number += 2
    return rsa.RSAPublicNumbers(_EXPONENT, number).public_key()


def rsa_key(seed: int, what: str, bits: int) -> rsa.RSAPrivateKey:
    """The RSA key of `bits` bits for the CA `what`."""
    p, q = _primes(seed, what, bits, 2)
    d = pow(_EXPONENT, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def _primes(seed: int, what: str, bits: int, count: int) -> list[int]:
    """`count` primes, largest first, whose product has exactly `bits` bits."""
    return sorted((_prime(seed, f"{what}/{factor}", bits // count) for factor in range(count)), reverse=True)


def _prime(seed: int, what: str, bits: int) -> int:
    """The first prime at or above a number of the seed; its three top bits are set, so that two of them make a full-length modulus."""
    start = int.from_bytes(material(seed, f"rsa/{bits}/{what}", bits // 8), "big") | (7 << (bits - 3)) | 1
    while True:
        for offset in _unsieved(start):
            candidate = start + offset
            if (candidate - 1) % _EXPONENT and _is_prime(candidate):
                return candidate
        start += _WINDOW


def _unsieved(start: int) -> list[int]:
    """The even offsets below the window at which `start` plus offset has no small prime factor."""
    marks = bytearray([1]) * (_WINDOW // 2)
    for small in _SMALL_PRIMES:
        first = -start * pow(2, -1, small) % small
        marks[first::small] = bytes(len(range(first, len(marks), small)))
    return [2 * half for half, mark in enumerate(marks) if mark]


def _is_prime(number: int) -> bool:
    """Miller-Rabin with fixed bases: enough for numbers that nobody chose to deceive it."""
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    odd = (number - 1) >> twos
    return all(_passes(number, pow(base, odd, number), twos) for base in _BASES)


def _passes(number: int, power: int, twos: int) -> bool:
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def _small_primes(below: int) -> tuple[int, ...]:
    marks = bytearray([1]) * below
    for number in range(2, int(below**0.5) + 1):
        if marks[number]:
            marks[number * number :: number] = bytes(len(range(number * number, below, number)))
    return tuple(number for number in range(3, below) if marks[number])


_SMALL_PRIMES = _small_primes(30_000)
_PRODUCT_OF_SMALL_PRIMES = math.prod(_small_primes(2_000))
