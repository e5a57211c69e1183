"""The lines of the closed months by what they bill: which line stands, and which were taken back and billed anew."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from pipeline.calendar import dates
from pipeline.issuers import is_drawn_by_chance


class Line(NamedTuple):
    """An entry of the ledger as far as a correction is about it. `cents` is its amount, `memo` what a memo shows, both USD cents.

    `billed_to` is who was billed for it, `payer` who is by the agencies of the day.
    """

    entry_id: str
    period: str
    kind: str
    agency: str
    tier: str
    cents: int
    memo: int
    certificate: str
    common_name: str
    serial: str
    reverses: str
    amends: str
    takes_back: str
    rebills: str
    invoice_no: str
    decision: str
    source: int
    adjustment: str = ""
    order_id: str = ""
    service_on: dt.date = dt.date.min
    issuer: str = ""
    billed_to: str = ""
    payer: str = ""
    paid_before: str = ""

    @property
    def is_misdirected(self) -> bool:
        """Whether another is billed by the agencies of the day, as when a merger is entered after the month was closed."""
        return self.billed_to != self.payer

    @property
    def is_about_money(self) -> bool:
        """Whether it bills or shows any."""
        return bool(self.cents or self.memo)

    def bills_like(self, other: Line) -> bool:
        """Whether both bill the same amount of the same tier to the same agency, and each whom the agencies of the day name; lines of
        $0.00 bill nothing, whatever they say."""
        if not self.is_about_money and not other.is_about_money:
            return True
        if self.is_misdirected or other.is_misdirected:
            return False
        return (self.agency, self.tier, self.cents, self.memo) == (other.agency, other.tier, other.cents, other.memo)

    @property
    def names(self) -> set[tuple[str, ...]]:
        """What its certificate is known by, whatever evidence of it has come or gone; nothing for a line without a certificate.

        A serial that one authority counted up to may be another's too, so it is told with its issuer.
        """
        if not self.certificate:
            return set()
        return {(self.certificate,), *([self.numbered] if self.serial else [])}

    @property
    def numbered(self) -> tuple[str, ...]:
        """Serial number and host name of its certificate, and the issuer where others may have used the number."""
        return (self.serial, self.common_name, *([] if is_drawn_by_chance(self.serial.lstrip("0")) else [self.issuer]))


def lines(ledger: pd.DataFrame, serials: Mapping[str, str], issuers: Mapping[str, str], payers: Sequence[str] | None = None) -> list[Line]:
    """The rows of `ledger` (LEDGER) in their order; `serials` gives the serial number of an entry's certificate by `entry_id`, `issuers`
    the issuer as it is compared by certificate. One that they do not know is read off the certificate's name, where that holds it.
    `payers` are who is billed for each row by the agencies of the day, those that the ledger names where they are left out."""
    read: dict[str, list[Any]] = {name: ledger[name].tolist() for name in Line._fields if name in ledger.columns}
    read["cents"] = ledger["amount_cents"].tolist()
    read["memo"] = ledger["memo_cents"].fillna(0).astype("int64").tolist()
    read["service_on"] = dates(ledger["service_on"])
    read["payer"] = list(ledger["billed_to"] if payers is None else payers)
    read["serial"] = [serials.get(entry_id, "") for entry_id in read["entry_id"]]
    named = zip(read["certificate"], read["serial"], strict=True)
    read["issuer"] = [issuers.get(name) or _issuer_in(name, serial) for name, serial in named]
    return [Line(*values) for values in zip(*(read[name] for name in Line._fields), strict=True)]


def _issuer_in(certificate: str, serial: str) -> str:
    issuer, _, number = certificate.rpartition(":")
    return issuer if number and number == serial.lstrip("0") else ""


def with_known_issuers(today: list[Line], closed: list[Line]) -> tuple[list[Line], list[Line]]:
    """Both with the issuer of a line that names none, where all others of its serial number and host name are of one issuer."""
    known: dict[tuple[str, str], set[str]] = {}
    for line in (*today, *closed):
        if line.issuer:
            known.setdefault((line.serial, line.common_name), set()).add(line.issuer)

    def told(line: Line) -> Line:
        issuers = known.get((line.serial, line.common_name), set())
        return line._replace(issuer=min(issuers)) if not line.issuer and len(issuers) == 1 else line

    return list(map(told, today)), list(map(told, closed))


class Chains:
    """Closed lines by what they bill. A chain begins with a line and goes on with each that bills it anew; only its last line may stand.

    A correction that bills under another name, as when a certificate turns out to be of another order, begins a chain of its own.
    """

    def __init__(self, closed: Iterable[Line]) -> None:
        """`closed` in the order of closing."""
        self.by_id: dict[str, Line] = {}
        self._first: dict[str, str] = {}
        self._links: dict[str, list[str]] = {}
        for line in closed:
            self.by_id[line.entry_id] = line
            if not line.takes_back:
                first = self._first.get(line.rebills, "")
                is_next = bool(first) and line.entry_id == billed_anew(first, len(self._links[first]))
                self._add(first if is_next else line.entry_id, line.entry_id)
        self._taken_back = {line.takes_back for line in self.by_id.values()} - {""}

    def first(self, entry_id: str) -> str | None:
        """The first line of the chain that a line is of; None for an entry that is not closed, or takes a line back."""
        return self._first.get(entry_id)

    def last(self, first: str) -> Line:
        """The last line of a chain."""
        return self.by_id[self._links[first][-1]]

    def stands(self, first: str) -> bool:
        """Whether the last line of a chain was not taken back."""
        return self._links[first][-1] not in self._taken_back

    def next_name(self, first: str) -> str:
        """What the line is called that bills the chain anew."""
        return billed_anew(first, len(self._links[first]))

    def standing(self) -> list[Line]:
        """The lines that stand, in the order in which they were closed."""
        return [line for line in self.by_id.values() if self._is_standing(line)]

    def _is_standing(self, line: Line) -> bool:
        first = self._first.get(line.entry_id)
        return first is not None and self._links[first][-1] == line.entry_id and self.stands(first)

    def _add(self, first: str, entry_id: str) -> None:
        self._first[entry_id] = first
        self._links.setdefault(first, []).append(entry_id)


def billed_anew(first: str, times: int) -> str:
    """The name of the line that bills the chain of `first` anew for the `times`-th time: 32 hexadecimal digits, the same in every run."""
    return _name("bills anew", first, str(times))


def taken_back(entry_id: str) -> str:
    """The name of the line that takes back a closed one."""
    return _name("takes back", entry_id)


def _name(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(("correction", *parts)).encode("utf-8", "surrogatepass")).hexdigest()[:32]
