"""The best guess at an answer, with its reason: shown to whoever answers, never applied by itself.

An agency is guessed by how alike the spelling is to its names, by whose hosts share the domain, and by whose people share the mail domain.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher

# Below this two names have little more in common than letters.
_ALIKE = 0.6
_MAIL_COUNTS = 0.5
_NOT_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """A code, tier or kind, and why it is likely; both "" where nothing is."""

    means: str = ""
    reason: str = ""


@dataclass(slots=True)
class Evidence:
    """What is known of the agencies: the spellings of each, and who owns how much in which domain of hosts and of mail."""

    spellings: Mapping[str, Collection[str]]
    hosts: Mapping[str, Counter[str]] = field(default_factory=dict)
    mail: Mapping[str, Counter[str]] = field(default_factory=dict)

    def agency(self, spelling: str, hosts: Iterable[str], mail: Iterable[str]) -> Guess:
        """The agency that a spelling, "" for none, is likely to mean, the domains of whose rows' hosts and contacts are given.

        Where two agencies are equally likely there is no guess.
        """
        alike = {code: max((_alikeness(spelling, text) for text in texts), default=0.0) for code, texts in self.spellings.items()}
        by_host, by_mail = _shares(hosts, self.hosts), _shares(mail, self.mail)
        points = {
            code: (alike[code] if alike[code] >= _ALIKE else 0.0) + by_host.get(code, 0.0) + _MAIL_COUNTS * by_mail.get(code, 0.0)
            for code in self.spellings
        }
        best = max(points.values(), default=0.0)
        winners = [code for code, number in points.items() if number == best]
        if best < _MAIL_COUNTS or len(winners) > 1:
            return Guess()
        return Guess(winners[0], self._reason(winners[0], alike, by_host, by_mail))

    def _reason(self, code: str, alike: Mapping[str, float], by_host: Mapping[str, float], by_mail: Mapping[str, float]) -> str:
        reasons = []
        if alike[code] >= _ALIKE:
            reasons.append("the names are alike")
        if by_host.get(code):
            reasons.append("its hosts lie in a domain of this agency")
        if by_mail.get(code):
            reasons.append("its contacts are people of this agency")
        sentence = "; ".join(reasons)
        return f"{sentence[:1].upper()}{sentence[1:]}."


def closest(spelling: str, known: Mapping[str, Collection[str]]) -> Guess:
    """The one of `known` (meaning to its names) whose name is most alike, where one is alike at all."""
    alike = {means: max((_alikeness(spelling, text) for text in texts), default=0.0) for means, texts in known.items()}
    best = max(alike.values(), default=0.0)
    winners = [means for means, likeness in alike.items() if likeness == best]
    return Guess(winners[0], "The names are alike.") if best >= _ALIKE and len(winners) == 1 else Guess()


def _alikeness(one: str, other: str) -> float:
    """From 0 to 1: how alike two names are, whatever the order of their words; 0 where they are not alike enough to matter."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return 0.0
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:  # upper bounds, at a tenth of the time
        return 0.0
    return matcher.ratio()


def _words(text: str) -> str:
    return " ".join(sorted(word for word in _NOT_WORDS.split(text.casefold()) if word))


def _shares(domains: Iterable[str], known: Mapping[str, Counter[str]]) -> dict[str, float]:
    """The share of `domains` that each agency owns, as far as the domain or one above it has one owner."""
    asked = list(domains)
    owned = Counter(owner for domain in asked if (owner := _owner(domain, known)))
    return {code: number / len(asked) for code, number in owned.items()}


def _owner(domain: str, known: Mapping[str, Counter[str]]) -> str:
    """Who owns the closest known domain at or above this one; "" where it is shared or unknown. A top domain owns nothing."""
    labels = domain.split(".")
    for place in range(len(labels) - 1):
        owners = known.get(".".join(labels[place:]))
        if owners:
            return next(iter(owners)) if len(owners) == 1 else ""
    return ""
