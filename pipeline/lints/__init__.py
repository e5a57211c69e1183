"""Rules for certificates, as data with dates and sources, and who breaks them. Pure: facts in, a table out.

`rule` says what a rule is; `rules_validity`, `rules_keys`, `rules_rsa`, `rules_reuse`, `rules_signatures`, `rules_names` (on `host_names`)
and `rules_purposes` hold them; `facts` is what they read, and `key_reuse` and `shared_factors` what comparing certificates adds; `judge`
applies them, `trust` says whom public rules judge.
"""

from __future__ import annotations

from pipeline.lints import rules_keys, rules_rsa, rules_signatures
from pipeline.lints.judge import RULES, judge
from pipeline.lints.rule import Rule
from pipeline.lints.rules_validity import LIMITS_IN_DAYS
from pipeline.lints.trust import trust

__all__ = ["LIMITS_IN_DAYS", "RULES", "WEAKNESSES", "Rule", "judge", "trust"]

WEAKNESSES = frozenset(rule.id for module in (rules_keys, rules_rsa, rules_signatures) for rule in module.RULES)
"""The rules that a key or a signature breaks which may be forged or guessed."""
