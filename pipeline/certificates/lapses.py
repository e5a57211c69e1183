"""Certificates that ran out and left a host name without one: no successor, no revocation, and nothing else that covers the name."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from pipeline.hosts import names_of, wildcard_of

LAPSED_WITHIN_DAYS = 90


def lapsed(certificates: pd.DataFrame, retired: Collection[str] = frozenset(), within_days: int = LAPSED_WITHIN_DAYS) -> pd.DataFrame:
    """The rows of CERTIFICATES that lapsed at most `within_days` days ago and left a gap; the index is that of `certificates`.

    A server's certificate whose status is `expired`, that no later one took over from, and of whose host names at least one is not
    `retired` and stands in no certificate that is valid or about to become so, whoever has it: a renewal that adds or drops a name is
    no successor, and yet leaves no gap. A wildcard covers one label (RFC 9525 §6.3). What names no host, as OCSP responders and people
    do, leaves no host without a certificate.
    """
    recent = (certificates["days_left"] >= -within_days).fillna(False).astype(bool)
    alone = (certificates["status"] == "expired") & (certificates["superseded_by"] == "") & ~certificates["is_ca"]
    ended = certificates[recent & alone]
    usable = certificates["status"].isin(("active", "superseded", "not-yet-valid")) & ~certificates["is_ca"]
    covered = {name for names in certificates.loc[usable, "names"].tolist() for name in names_of(names)}
    left_open = [_is_open(names_of(names), covered, retired) for names in ended["names"].tolist()]
    return ended[pd.Series(left_open, index=ended.index, dtype="bool")]


def _is_open(names: Collection[str], covered: set[str], retired: Collection[str]) -> bool:
    return any(name not in retired and name not in covered and not _has_wildcard(name, covered) for name in names)


def _has_wildcard(name: str, covered: set[str]) -> bool:
    return not name.startswith("*.") and wildcard_of(name) in covered
