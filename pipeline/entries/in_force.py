"""The answers in force: which line of data/entries decides which rows, who gave it and when; and the aliases that decide nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import agencies as agency_codes
from pipeline import calendar
from pipeline.contracts import ANSWERED, ANSWERS, Inbox
from pipeline.entries.corrections import applied
from pipeline.findings import Finding
from pipeline.settings import Settings

_GENERAL = ("name", "code")
_WORDS = ("agency_text", "agency_match", "product", "contact_email")

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class InForce:
    """`answers` (ANSWERS), `answered` (ANSWERED), and a `stale-alias` for each alias that decides no row."""

    answers: pd.DataFrame
    answered: pd.DataFrame
    findings: tuple[Finding, ...]


class _Alias(NamedTuple):
    """A line of aliases.csv; `source` is its place."""

    kind: str
    match: str
    value: str
    means: str
    valid_from: pd.Timestamp
    valid_to: pd.Timestamp
    source: int


def in_force(as_read: Inbox, inbox: Inbox, certificates: pd.DataFrame, requests: pd.DataFrame, settings: Settings) -> InForce:
    """Every line of aliases and corrections as an answer, and the rows of certificates and requests that it decides.

    `as_read` is the inbox before its corrections, `inbox` after them; CERTIFICATES and REQUESTS are what became of it. An alias decides a
    row whose word it explains on the row's day; of several the one about its own kind of word, then the one that began last. A word that
    agencies.csv or [tiers] know by itself needs no answer.
    """
    words = _Words(inbox, certificates, requests, settings)
    aliases = [_Alias(*row) for row in inbox.aliases[list(_Alias._fields)].itertuples(index=False, name=None)]
    best: dict[tuple[str, int], tuple[Any, int]] = {}
    for alias in aliases:
        for rank, row in words.explained_by(alias):
            place = (alias.kind, row)
            best[place] = min(best.get(place, (rank, int(alias.source))), (rank, int(alias.source)))
    decided = sorted({*((answer, row) for (_, row), (_, answer) in best.items()), *applied(as_read, settings.organization.zone)})
    counts = pd.Series([answer for answer, _ in decided], dtype="int64").value_counts()
    lines = [*_of_aliases(inbox.aliases), *_of_corrections(inbox.corrections)]
    answers = [{**line, "rows": int(counts.get(line["source"], 0))} for line in lines]
    answers.sort(key=lambda line: (-line["rows"], line["list"], line["source"]))
    answered = ANSWERED.frame({"answer": answer, "source": row} for answer, row in decided)
    codes = set(inbox.agencies["agency"].str.casefold())
    stale = tuple(_stale(alias, codes) for alias in aliases if alias.source not in counts.index)
    return InForce(ANSWERS.frame(answers), answered, stale)


class _Words:
    """The words of certificates and requests that an alias may be about, each distinct one looked at once."""

    def __init__(self, inbox: Inbox, certificates: pd.DataFrame, requests: pd.DataFrame, settings: Settings) -> None:
        days = calendar.local_days(requests["submitted_at"], settings.organization.zone)
        asked = pd.concat([inbox.request_rows, inbox.request_events], ignore_index=True)
        rows = pd.concat(
            [
                _joined(inbox.export_rows, certificates[["source", "names"]].assign(day=certificates["service_on"])),
                _joined(asked, requests[["source"]].assign(names="", day=days)),
            ],
            ignore_index=True,
        )
        self._sources: list[int] = rows["source"].tolist()
        self._days = rows["day"]
        self._match = rows["agency_match"]
        self._columns = {name: pd.factorize(rows[name]) for name in ("agency_text", "product")}
        self._unnamed = rows[rows["agency_text"] == ""]
        known_agencies = {_plain(text) for name in ("agency", "name") for text in inbox.agencies[name]}
        known_products = {_plain(text) for tier, names in settings.tiers.items() for text in (tier, *names)}
        self._known = {"agency_text": known_agencies, "product": known_products}

    def explained_by(self, alias: _Alias) -> Iterator[tuple[Any, int]]:
        """(rank, place of the row) of each row that the alias fits; of several aliases the one of the least rank decides."""
        begins = -alias.valid_from.toordinal() if not pd.isna(alias.valid_from) else 0
        value = _plain(alias.value)
        if alias.kind == "tier":
            yield from self._fitting(alias, self._spelled("product", value), lambda row: (0, begins))
        elif alias.match == "domain":
            yield from self._fitting(alias, self._flags(self._by_host.get(value, ())), lambda row: (0, -len(value), begins))
        elif alias.match == "email-domain":
            yield from self._fitting(alias, self._flags(self._by_mail.get(value, ())), lambda row: (1, -len(value), begins))
        else:
            own = (self._match == alias.match).to_numpy(dtype=bool)
            general = 1 + _GENERAL.index(alias.match) if alias.match in _GENERAL else 0
            fits = self._spelled("agency_text", value) & (own if not general else np.ones(len(own), dtype=bool))
            yield from self._fitting(alias, fits, lambda row: (0 if own[row] else general, begins))

    @cached_property
    def _by_host(self) -> dict[str, list[int]]:
        """Domain -> the rows without an agency whose hosts lie in it."""
        return _by_domain(zip(self._unnamed.index, self._unnamed["names"].str.casefold().str.split(), strict=True))

    @cached_property
    def _by_mail(self) -> dict[str, list[int]]:
        """Domain -> the rows without an agency whose contact has an address in it."""
        domains = ([agency_codes.mail_domain(contact)] for contact in self._unnamed["contact_email"])
        return _by_domain(zip(self._unnamed.index, domains, strict=True))

    def _flags(self, rows: Iterable[int]) -> Flags:
        flags = np.zeros(len(self._sources), dtype=bool)
        flags[list(rows)] = True
        return flags

    def _spelled(self, column: str, value: str) -> Flags:
        if value in self._known[column]:
            return np.zeros(len(self._sources), dtype=bool)
        return self._where(column, lambda text: _plain(text) == value)

    def _where(self, column: str, fits: Callable[[str], bool]) -> Flags:
        numbers, texts = self._columns[column]
        return np.isin(numbers, [number for number, text in enumerate(texts) if fits(str(text))])

    def _fitting(self, alias: _Alias, fits: Flags, rank: Callable[[int], tuple[int, ...]]) -> Iterator[tuple[Any, int]]:
        unknown = self._days.isna()
        begun = unknown | pd.isna(alias.valid_from) | (self._days >= alias.valid_from)
        holds = begun & (unknown | pd.isna(alias.valid_to) | (self._days <= alias.valid_to))
        for row in np.flatnonzero(fits & holds.to_numpy(dtype=bool)):
            yield rank(int(row)), self._sources[row]


def _joined(rows: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """`wanted` (source, names, day) with the words of its rows; without those that came from a certificate's file."""
    return wanted.merge(rows[["source", *_WORDS]], on="source", how="inner")


def _of_aliases(aliases: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in aliases.to_dict("records"):
        told = {str(name): value for name, value in row.items()}
        yield {**told, "list": "aliases", "source": int(row["source"])}


def _of_corrections(corrections: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in corrections.to_dict("records"):
        told = {
            "kind": row["column"],
            "value": row["key"],
            "means": row["value"],
            "reason": row["reason"],
            "by": row["by"],
            "on": row["on"],
        }
        yield {**told, "list": "corrections", "source": int(row["source"])}


def _stale(alias: _Alias, codes: set[str]) -> Finding:
    if alias.kind == "agency" and alias.means.casefold() not in codes:
        reason = f"'{alias.means}' is no code of data/reference/agencies.csv, so that this line explains nothing."
        return Finding("stale-alias", reason, value=alias.means, column="means", source=int(alias.source), severity="warning")
    reason = "No row that came in is decided by this line: the spelling is gone, or the lists know it by themselves."
    return Finding("stale-alias", reason, value=alias.value, column="value", source=int(alias.source))


def _by_domain(named: Iterable[tuple[Any, list[str]]]) -> dict[str, list[int]]:
    """Each name, and each domain above it -> the rows that have it."""
    found: dict[str, list[int]] = {}
    for row, names in named:
        for name in names:
            domain = name
            while domain:
                found.setdefault(domain, []).append(row)
                domain = domain.partition(".")[2]
    return found


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
