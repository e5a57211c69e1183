"""Every certificate against every rule. Equal facts are judged once: an inventory has few kinds of key."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipeline.contracts import LINTS, Stage
from pipeline.findings import Finding
from pipeline.lints import (
    key_reuse,
    rules_keys,
    rules_names,
    rules_purposes,
    rules_reuse,
    rules_rsa,
    rules_signatures,
    rules_validity,
    shared_factors,
)
from pipeline.lints.facts import facts
from pipeline.lints.rule import Rule

RULES: dict[str, Rule] = {
    rule.id: rule
    for module in (rules_validity, rules_keys, rules_rsa, rules_reuse, rules_signatures, rules_names, rules_purposes)
    for rule in module.RULES
}  # fmt: skip

_DATES = {"first_second", "last_second", "latest_start", "earliest_end"}


def judge(certificates: pd.DataFrame, public_keys: pd.DataFrame) -> Stage:
    """LINTS: each rule that a certificate of CERTIFICATES breaks, sorted by certificate and rule; PUBLIC_KEYS has the numbers of RSA keys.

    All certificates are judged, those that ended or were revoked too. Of one that only an export tells of, what the export tells is
    judged: dates, names, serial. Facts that are not known break no rule. 100,000 certificates take a few seconds.
    """
    known = facts(certificates, public_keys)
    known = known.assign(**key_reuse.reuse(certificates, known["first_second"].tolist()))
    sharing, left_out = shared_factors.shared(known["rsa_modulus"].tolist(), known["last_second"].tolist())
    known = known.assign(shared_factor=sharing)
    groups: dict[tuple[str, ...], list[Rule]] = defaultdict(list)
    for rule in RULES.values():
        groups[rule.reads].append(rule)
    names = known["certificate"].tolist()
    broken = [
        (names[position], rule.id, rule.severity, rule.applies, detail, rule.source)
        for reads, rules in groups.items()
        for position, rule, detail in _broken(known, reads, rules)
    ]
    return Stage(LINTS.check(pd.DataFrame(sorted(broken), columns=LINTS.names, dtype="str")), _not_compared(certificates, left_out))


def _not_compared(certificates: pd.DataFrame, left_out: list[int]) -> tuple[Finding, ...]:
    """What is said where there are more RSA keys than can be held against each other."""
    if not left_out:
        return ()
    reason = (
        f"The inventory has more than {shared_factors.MOST_MODULI:,} different RSA keys. Those of {len(left_out):,} certificates, which "
        "end first, were not searched for primes that they share with another key."
    )
    return (Finding("keys-not-compared", reason, source=int(certificates["source"].iloc[left_out[0]])),)


def _broken(known: pd.DataFrame, reads: tuple[str, ...], rules: list[Rule]) -> Iterator[tuple[int, Rule, str]]:
    """Position in `known`, rule and what is wrong, for rules that read the same columns."""
    kinds: dict[tuple[Any, ...], int] = {}
    columns = [known[name].tolist() for name in reads]
    kind_of = np.array([kinds.setdefault(values, len(kinds)) for values in zip(*columns, strict=True)], dtype="int64")
    values_of = list(kinds)
    for rule in rules:
        judged = _judged(known, rule)
        met = np.flatnonzero(np.bincount(kind_of[judged], minlength=len(kinds)))
        details = {kind: detail for kind in met.tolist() if (detail := rule.breaks(*values_of[kind]))}
        breaks = np.zeros(len(kinds), dtype=bool)
        breaks[list(details)] = True
        for place in np.flatnonzero(judged & breaks[kind_of]).tolist():
            yield place, rule, details[kind_of[place]]


def _judged(known: pd.DataFrame, rule: Rule) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which certificates the rule judges: by trust, by day of issue, by what they are, and by what is known of them."""
    judged = np.ones(len(known), dtype=bool)
    if rule.applies == "public":
        judged &= (known["trust"] == "public").to_numpy()
    if rule.of_servers:
        judged &= known["is_server"].to_numpy()
    if rule.of_whole_files:
        judged &= known["is_whole_file"].to_numpy()
    if _DATES & set(rule.reads):
        judged &= known["has_dates"].to_numpy()
    issued = known["first_second"].to_numpy()
    if rule.since:
        judged &= issued >= _midnight(rule.since)
    if rule.until:
        judged &= issued < _midnight(rule.until)
    return judged


def _midnight(day: dt.date) -> int:
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp())
