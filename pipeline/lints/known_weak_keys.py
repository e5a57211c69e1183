"""RSA keys with weaknesses that others have collected: looked up by the package badkeys, where the extra of that name is installed.

Only checks that need no download and no list of leaked keys are named. What the package finds out of a private key is not used.
"""

from __future__ import annotations

try:
    from badkeys.checks import checkrsa
except ImportError:
    checkrsa = None

EXTRA = "badkeys"
IS_INSTALLED = checkrsa is not None

# The package's names for its checks, and what a hit means.
CHECKS = {
    "sharedprimes": "it has a prime that was found in other keys on the Internet",
    "smalld": "its private exponent is too small (Wiener)",
    "rsapoly": "zero bytes run through it in a pattern",
}


def weakness(modulus: str, exponent: str) -> str:
    """What is known against an RSA key (modulus hexadecimal, exponent decimal), in a sentence; "" where nothing is, or nobody looked."""
    if checkrsa is None or not modulus or not exponent or int(modulus, 16) < 3 or int(exponent) < 3:
        return ""
    found = checkrsa(int(modulus, 16), e=int(exponent), checks=list(CHECKS))
    told = "; ".join(meaning for name, meaning in CHECKS.items() if name in found)
    return f"The private key can be computed: {told}." if told else ""
