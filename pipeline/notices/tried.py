"""What the journal of sending says of each notice: sent, refused, or sent without an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd


@dataclass(slots=True)
class Try:
    """One notice in one message, as far as the journal knows.

    `unanswered` is how often it was handed over without an answer of the server. `is_refused`: the server will never take the address.
    """

    certificate: str
    serial: str
    ends_at: pd.Timestamp
    days_before: int
    address: str
    message_id: str
    kind: str = "notice"
    sent_at: pd.Timestamp | None = None
    unanswered: int = 0
    is_refused: bool = False
    why: str = ""
    _is_open: bool = field(default=False, repr=False)
    _is_staged: bool = field(default=False, repr=False)
    _was_left: bool = field(default=False, repr=False)

    @property
    def doubts(self) -> int:
        """How often it may have come so far: as often as it was handed over without an answer; once, where it was only staged and the
        machine that did so told no more. However often that happens, it is never a hand-over that the server left unanswered."""
        return max(self.unanswered, int(self._was_left))

    def goes_on(self, state: str, at: pd.Timestamp, why: str, *, is_lasting: bool, is_staged: bool = False) -> None:
        """Take in the next line of the journal about it. A `sending` that nothing follows is in doubt; one that was staged is followed by
        a second one before the message is on its way."""
        self.unanswered += self._is_open and state in ("sending", "in-doubt")
        self.unanswered = max(self.unanswered, state == "in-doubt")
        self._was_left |= self._is_staged and is_staged
        self._is_staged = is_staged
        self._is_open = state == "sending" and not is_staged
        self.why = why
        if state == "sent":
            self.sent_at = at
        self.is_refused = state == "failed" and is_lasting

    def ends(self) -> None:
        """The journal is over: what it last said was about to be sent may have gone out."""
        self.unanswered += self._is_open
        self._was_left |= self._is_staged
        self._is_open = self._is_staged = False


class Journal:
    """All tries, to be asked by certificate."""

    def __init__(self, log: pd.DataFrame) -> None:
        """Of NOTICE_LOG, whose rows are in the order in which they happened."""
        self.tries = _tries(log)
        self._by_name: dict[str, list[Try]] = {}
        self._by_serial: dict[tuple[str, dt.date], list[Try]] = {}
        for one in self.tries:
            self._by_name.setdefault(one.certificate, []).append(one)
            if one.serial:
                self._by_serial.setdefault((one.serial, one.ends_at.date()), []).append(one)

    def of(self, certificate: str, serial: str, ends_at: pd.Timestamp) -> list[Try]:
        """The tries to tell of a certificate: by its name, else by serial and last day (UTC), for a name changes when a file comes in."""
        found = {id(one): one for one in self._by_name.get(certificate, ())}
        for one in self._by_serial.get((serial, ends_at.date()), ()) if serial else ():
            found.setdefault(id(one), one)
        return list(found.values())


def _tries(log: pd.DataFrame) -> list[Try]:
    found: dict[tuple[str, str, int, str], Try] = {}
    for row in _rows(log):
        at, state, message_id, address, certificate, serial, ends_at, days_before, is_lasting, why, told_as, is_staged = row
        kind = told_as or "notice"
        fresh = Try(certificate, serial, ends_at, days_before, address, message_id, kind)
        one = found.setdefault((message_id, certificate, days_before, kind), fresh)
        one.goes_on(state, at, why, is_lasting=is_lasting, is_staged=is_staged)
    for one in found.values():
        one.ends()
    return list(found.values())


def _rows(log: pd.DataFrame) -> Iterator[tuple[pd.Timestamp, str, str, str, str, str, pd.Timestamp, int, bool, str, str, bool]]:
    names = [
        "at",
        "state",
        "message_id",
        "address",
        "certificate",
        "serial",
        "ends_at",
        "days_before",
        "is_lasting",
        "why",
        "kind",
        "is_staged",
    ]
    return iter(log[names].itertuples(index=False, name=None))
