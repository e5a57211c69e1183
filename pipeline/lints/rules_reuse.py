"""One key in several certificates, and keys that outlive their kind: what is found by comparing certificates (see `key_reuse`)."""

from __future__ import annotations

import datetime as dt

from pipeline.lints.rule import Rule

# Deprecated after 2030 and no longer allowed after 2035: RSA, EC, DSA and Edwards curves, which a quantum computer would break.
_LAST_DAY = dt.date(2035, 12, 31)
_LAST_SECOND = int(dt.datetime(2036, 1, 1, tzinfo=dt.UTC).timestamp()) - 1
_BREAKABLE = {"RSA", "EC", "DSA", "Ed25519", "Ed448", "X25519", "X448"}


def _told(what: str) -> str:
    return what


def _outlives_its_kind(key_type: str, last_second: int) -> str:
    is_late = key_type in _BREAKABLE and last_second > _LAST_SECOND
    return f"Its {key_type} key is in use after {_LAST_DAY:%Y-%m-%d}, when quantum computers may break such keys." if is_late else ""


RULES = (
    Rule(
        "key-of-two-agencies",
        "No two agencies hold one key.",
        "error",
        "any",
        "NIST SP 1800-16 volume B",
        "Each agency makes a key of its own and has its certificate reissued: whoever holds the one key can pose as the other agency.",
        ("key_of_agencies",),
        _told,
    ),
    Rule(
        "key-of-other-hosts",
        "A key stands in the certificates of one host, or of one group of hosts.",
        "warning",
        "any",
        "NIST SP 1800-16 volume B",
        "Make a key for each; until then a leak at one of the servers is a leak at all of them.",
        ("key_of_hosts",),
        _told,
    ),
    Rule(
        "key-kept",
        "A renewed certificate has a new key.",
        "note",
        "any",
        "NIST SP 800-57 part 1 §5.3",
        "Let the next renewal make a new key; a request that is made anew does so by itself.",
        ("key_kept",),
        _told,
    ),
    Rule(
        "key-outlives-its-kind",
        "No RSA or EC key is in use after 2035.",
        "note",
        "any",
        "NIST IR 8547, initial public draft (November 2024), §4.1",
        "Plan its replacement by a key that withstands quantum computers (ML-DSA); authorities of the office come first.",
        ("key_type", "last_second"),
        _outlives_its_kind,
    ),
)
