"""RSA keys that share a prime: of two such keys anyone computes both private ones, with nothing but the certificates.

All moduli are held against each other at once (Bernstein's batch greatest common divisor). The tree of products runs on `gmpy2` where that
is installed, else on `decimal`, which multiplies long numbers far faster than `int` does, and is exact where rounding is trapped. Of the
product P of all moduli, P / n modulo n is needed for each n: the sum of all P / n leaves just that when divided by n, and is built on the
way up (no squares, half the digits).
"""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from math import gcd
from typing import Any

try:
    from gmpy2 import mpz
except ImportError:  # it comes with the extra `badkeys`; without it `decimal` does the same on fewer keys
    mpz = decimal.Decimal
    MOST_MODULI = 3_000  # about six seconds; twice as many take two and a half times as long
else:
    MOST_MODULI = 50_000

# A smaller common factor is a small factor of broken keys, which has a rule of its own.
_LEAST_FACTOR_BITS = 64

Node = tuple[Any, Any]


def sharing(moduli: Sequence[int]) -> set[int]:
    """Those of different positive `moduli` that have a factor of more than 64 bits in common with another one of them."""
    if len(moduli) < 2:
        return set()
    exact = decimal.Context(prec=decimal.MAX_PREC, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[decimal.Inexact])
    with decimal.localcontext(exact):
        levels: list[list[Node]] = [[(mpz(number), mpz(1)) for number in moduli]]
        while len(levels[-1]) > 1:
            levels.append(_pairs(levels[-1]))
        rests = [levels[-1][0][1]]
        for level in reversed(levels[:-1]):
            rests = [rests[place // 2] % product for place, (product, _) in enumerate(level)]
    return {number for number, rest in zip(moduli, rests, strict=True) if gcd(number, int(rest)).bit_length() > _LEAST_FACTOR_BITS}


def _pairs(level: list[Node]) -> list[Node]:
    """Each two nodes as one: the product of all moduli below it, and the sum of that product divided by each of them."""
    above = [
        (left * right, left_sum * right + right_sum * left)
        for (left, left_sum), (right, right_sum) in zip(level[::2], level[1::2], strict=False)
    ]
    return above if len(level) % 2 == 0 else [*above, level[-1]]


def shared(moduli: Sequence[str], last_second: Sequence[int]) -> tuple[list[str], list[int]]:
    """What is said of the key of each certificate ("" where it shares nothing), and which of their rows were not looked at.

    `moduli` (hexadecimal, "" without an RSA key) and `last_second` (UTC seconds of notAfter) stand in the order of the rows. Of more than
    MOST_MODULI different moduli those are compared whose certificates end last.
    """
    ends: dict[str, int] = {}
    for modulus, last in zip(moduli, last_second, strict=True):
        if modulus and not modulus.startswith("-"):
            ends[modulus] = max(last, ends.get(modulus, last))
    in_order = sorted(ends, key=lambda modulus: (-ends[modulus], modulus))
    left_out = set(in_order[MOST_MODULI:])
    numbers = [int(modulus, 16) for modulus in in_order[:MOST_MODULI]]
    found = {f"{number:x}" for number in sharing([number for number in numbers if number > 1])}
    said = ["It shares a prime with the key of another certificate: anyone can compute both." if one in found else "" for one in moduli]
    return said, [row for row, modulus in enumerate(moduli) if modulus in left_out]
