"""Who an agency is: from a code, a name or a spelling that somebody explained, to the code that holds on a day, and on to its successor.

Codes live in spells (`valid_from` to `valid_to`, both days included, unknown means always). Nothing is guessed: a text that fits two
agencies on its day fits none.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.calendar import dates

_GENERAL_MATCHES = ("name", "code")
_HOST = re.compile(r"(?:\*\.)?(?:[\w-]+\.)*[\w-]*[a-z][\w-]*")
# The first of several names, where it is a host in a domain of two labels or more and nothing about it is unusual.
_IN_DOMAIN = re.compile(r"(?:\*|[\w-]+)\.((?:[\w-]+\.)+[\w-]*[a-z][\w-]*)(?: |\Z)", re.ASCII)
_FEWEST_LABELS = 3
_ONE_DAY = dt.timedelta(days=1)


class _Spell(NamedTuple):
    """Days on which something holds, `means` being what it stands for and `successor` the code that follows."""

    begins: dt.date
    ends: dt.date
    means: str
    successor: str = ""

    def holds(self, day: dt.date | None) -> bool:
        return day is None or self.begins <= day <= self.ends


def resolve(
    texts: pd.Series[Any], match: pd.Series[Any], days: pd.Series[Any], agencies: pd.DataFrame, aliases: pd.DataFrame
) -> pd.Series[Any]:
    """The agency code that each text stands for on its day; "" where it is unknown or stands for two. Index of `texts`.

    `texts` and `match` are text (what was written, and what kind of word it is), `days` datetime64 without zone; on an unknown day any
    spell holds. A code of AGENCIES comes first, then a name of it, then ALIASES of kind agency with that match, then with match name or
    code; of several aliases that hold, the one that began last. Case and runs of spaces do not count. A code that has ended stands for
    its successor, as `agencies.csv` says who is billed after it.
    """
    directory = _Directory(agencies, aliases)
    (text, spellings), (kind, kinds), (era, eras) = pd.factorize(texts), pd.factorize(match), directory.eras(days)
    _, first, asked = np.unique((text * len(kinds) + kind) * eras + era, return_index=True, return_inverse=True)
    on = dates(days.iloc[first])
    found = [directory.find(spellings[text[row]], kinds[kind[row]], day) for row, day in zip(first, on, strict=True)]
    return pd.Series(pd.array(found, dtype="str").take(asked), index=texts.index)


def of_nobody(
    names: pd.Series[Any], contacts: pd.Series[Any], days: pd.Series[Any], agencies: pd.DataFrame, aliases: pd.DataFrame
) -> pd.Series[Any]:
    """The agency code, on its day, of each row that names no agency: by the answers in ALIASES about domains. Index of `names`.

    `names` are host names separated by one space, `contacts` addresses, both may be "". The longest answered domain (match domain) that a
    host lies in says whose it is; hosts of several agencies are nobody's, hosts that no answer is about say nothing. Without such a host
    the domain of the contact (match email-domain) decides.
    """
    if not aliases["match"].isin(("domain", "email-domain")).any():
        return pd.Series("", index=names.index, dtype="str")
    directory = _Directory(agencies, aliases)
    found = [directory.owner(*row) for row in zip(names, contacts, dates(days), strict=True)]
    return pd.Series(found, index=names.index, dtype="str")


def domain_of(names: str) -> str:
    """The domain that the first of these host names lies in, lower case; "" where there is none.

    `www.dlh.example.gov` lies in `dlh.example.gov`, as does `*.dlh.example.gov`; a name of two labels or one lies in itself.
    """
    usual = _IN_DOMAIN.match(names)
    if usual:
        return usual[1].lower()
    host = next(_hosts(names), "")
    return host.partition(".")[2] if host.startswith("*.") or host.count(".") + 1 >= _FEWEST_LABELS else host


def mail_domain(contact: str) -> str:
    """The domain of an address, lower case, or the one that all addresses of a contact lie in; "" where there is none."""
    domains = {one.rpartition("@")[2].strip().casefold() for one in contact.split(",") if "@" in one}
    return domains.pop() if len(domains) == 1 else ""


def _hosts(names: str) -> Iterator[str]:
    return (name for name in names.casefold().split(" ") if _HOST.fullmatch(name))


def successors(codes: pd.Series[Any], on: pd.Series[Any], agencies: pd.DataFrame) -> pd.Series[Any]:
    """The code that is billed for each code on its day (datetime64 without zone): itself while it holds, else along its successors.

    Where the chain ends, or turns in a circle, its last code is billed; an unknown code stands for itself. Index of `codes`.
    """
    successor = successor_in(agencies)
    found = [successor(code, day) for code, day in zip(codes.tolist(), dates(on), strict=True)]
    return pd.Series(found, index=codes.index, dtype="str")


def successor_in(agencies: pd.DataFrame) -> Callable[[str, dt.date | None], str]:
    """`successors` for one code and day at a time."""
    spells = _spells(agencies)

    @functools.cache
    def successor(code: str, day: dt.date | None) -> str:
        return _successor(code, day, spells)

    return successor


class _Directory:
    """Codes, names and aliases, each by its plain spelling."""

    def __init__(self, agencies: pd.DataFrame, aliases: pd.DataFrame) -> None:
        self.spells = _spells(agencies)
        self.codes: dict[str, set[str]] = {}
        self.names: dict[str, list[_Spell]] = {}
        self.aliases: dict[tuple[str, str], list[_Spell]] = {}
        for code, name, begins, ends in _columns(agencies, "agency", "name", "valid_from", "valid_to"):
            self.codes.setdefault(_plain(code), set()).add(code)
            self.names.setdefault(_plain(name), []).append(_Spell(begins or dt.date.min, ends or dt.date.max, code))
        spelled = aliases[aliases["kind"] == "agency"]
        for match, value, means, begins, ends in _columns(spelled, "match", "value", "means", "valid_from", "valid_to"):
            spell = _Spell(begins or dt.date.min, ends or dt.date.max, means)
            self.aliases.setdefault((match, _plain(value)), []).append(spell)

    def eras(self, days: pd.Series[Any]) -> tuple[npt.NDArray[np.int64], int]:
        """The era of each day, and how many there are: nothing here begins or ends within one, so that every day of it has one answer. An
        unknown day has an era of its own."""
        spells = [spell for kept in (self.spells, self.names, self.aliases) for told in kept.values() for spell in told]
        begins = {spell.begins for spell in spells} | {spell.ends + _ONE_DAY for spell in spells if spell.ends < dt.date.max}
        bounds = np.array(sorted(begins), dtype="datetime64[D]")
        days_alone = days.to_numpy(dtype="datetime64[D]")
        return np.where(np.isnat(days_alone), 0, np.searchsorted(bounds, days_alone, side="right") + 1), len(bounds) + 2

    def find(self, text: str, match: str, day: dt.date | None) -> str:
        plain = _plain(text)
        if not plain:
            return ""
        if plain in self.codes:
            return self._code(plain, day)
        if plain in self.names:
            return self._name(plain, day)
        for kind in (match, *_GENERAL_MATCHES):
            code = self._alias(kind, plain, day)
            if code is not None:
                return code
        return ""

    def owner(self, names: str, contact: str, day: dt.date | None) -> str:
        """The code that the hosts, else the contact, belong to by answers about domains."""
        owners = {self._of_domain("domain", name.removeprefix("*."), day) for name in _hosts(names)} - {""}
        if not owners:
            return self._of_domain("email-domain", mail_domain(contact), day)
        return owners.pop() if len(owners) == 1 else ""

    def _of_domain(self, match: str, name: str, day: dt.date | None) -> str:
        """The code of the longest answered domain at or above a name."""
        while name:
            if code := self._alias(match, name, day):
                return code
            name = name.partition(".")[2]
        return ""

    def _alias(self, match: str, plain: str, day: dt.date | None) -> str | None:
        """The code that the answer about this spelling means on the day; None where none holds, "" where two contradict."""
        holding = [spell for spell in self.aliases.get((match, plain), ()) if spell.holds(day)]
        if not holding:
            return None
        latest = max(spell.begins for spell in holding)
        means = {_plain(spell.means) for spell in holding if spell.begins == latest}
        return self._code(means.pop(), day) if len(means) == 1 else ""

    def _code(self, plain: str, day: dt.date | None) -> str:
        """The code in force on the day that the plain code leads to."""
        return self._one(self.codes.get(plain, ()), day)

    def _name(self, plain: str, day: dt.date | None) -> str:
        """A name means the code that bears it on the day, else the successor of a code that bore it."""
        bearing = {spell.means for spell in self.names[plain] if spell.holds(day)}
        return self._one(bearing or {spell.means for spell in self.names[plain]}, day)

    def _one(self, codes: Iterable[str], day: dt.date | None) -> str:
        billed = {_successor(code, day, self.spells) for code in codes}
        in_force = {code for code in billed if any(spell.holds(day) for spell in self.spells.get(code, ()))}
        return in_force.pop() if len(in_force) == 1 else ""


def _successor(code: str, day: dt.date | None, spells: dict[str, list[_Spell]]) -> str:
    seen = {code}
    while day is not None and code in spells and not any(spell.holds(day) for spell in spells[code]):
        ended = [spell for spell in spells[code] if spell.ends < day and spell.successor]
        if not ended or ended[-1].successor in seen:
            break
        code = ended[-1].successor
        seen.add(code)
    return code


def _spells(agencies: pd.DataFrame) -> dict[str, list[_Spell]]:
    """The spells of each code, earliest first."""
    found: dict[str, list[_Spell]] = {}
    for code, begins, ends, successor in _columns(agencies, "agency", "valid_from", "valid_to", "successor"):
        found.setdefault(code, []).append(_Spell(begins or dt.date.min, ends or dt.date.max, code, successor))
    return {code: sorted(spells) for code, spells in found.items()}


def _columns(frame: pd.DataFrame, *names: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(dates(frame[name]) if name.startswith("valid_") else frame[name].tolist() for name in names), strict=True)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
