"""Issuers of certificates as they are compared: exports and certificates spell one issuer in several ways."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

_COMMON_NAME = re.compile(r"(?:^|[,/+;\s])CN\s*=\s*(?:\"([^\"]+)\"|((?:\\.|[^,/+;\\])+))", re.IGNORECASE)
_ORGANIZATION = re.compile(r"(?:^|[,/+;\s])O\s*=\s*(?:\"([^\"]+)\"|((?:\\.|[^,/+;\\])+))", re.IGNORECASE)

# An authority draws at least 64 bits by chance, so two do not draw the same; a small private one counts 1, 2, 3, as others do.
_DRAWN_BY_CHANCE = 14


def may_be_one_serial(serial: str, issuer: str, other: str) -> bool:
    """Whether one serial number (hexadecimal, without leading zeros) of these two issuers, as `issuer_key` makes them, must be that of one
    certificate: not where both are known and differ, and it is so short that both may have counted up to it."""
    return is_drawn_by_chance(serial) or not issuer or not other or issuer == other


def is_drawn_by_chance(serial: str) -> bool:
    """Whether a serial number (hexadecimal, without leading zeros) is so long that no two authorities draw it."""
    return len(serial) > _DRAWN_BY_CHANCE


def issuer_key(issuer: str) -> str:
    """An issuer as it is compared: common name, else organization, else all of it; letters and digits without case, joined by `-`.

    So `CN=Geo Issuing CA 2,O=Geo`, `/O=Geo/CN=Geo Issuing CA 2` and `Geo Issuing CA 2` are one issuer.
    """
    match = _COMMON_NAME.search(issuer) or _ORGANIZATION.search(issuer)
    name = (match[1] or match[2]) if match else issuer
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def issuer_keys(issuers: pd.Series[Any]) -> list[str]:
    """`issuer_key` of each; computed once for each different text."""
    known = {text: issuer_key(text) for text in issuers.unique()}
    return [known[text] for text in issuers.tolist()]
