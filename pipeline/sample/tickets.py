"""Requests and how the sample's desk deals with them: lognormal work, waits for the customer, a bad August, reopenings."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.sample.chance import dice
from pipeline.sample.desk_time import DAY, NOW, due_seconds, moment_of, worked
from pipeline.sample.organization import Agency, Person

if TYPE_CHECKING:
    from pipeline.sample.orders import Order

PROMISED = frozenset({"new", "renew", "issue"})
PROMISED_DAYS = 5
# The month whose requests came due while two of three of the staff were away.
SHORT_STAFFED = (2026, 8)
_LATE_SHARE = 0.045
_LATE_SHARE_SHORT_STAFFED = 0.36
_WAIT_SHARE = 0.40
_REOPENED_SHARE = 0.07
_SIGMA = 0.9
_AUTO_CLOSE = dt.timedelta(days=5)
# Median of the net work, in business days.
_MEDIAN_DAYS = {
    "new": 1.7, "renew": 1.2, "reissue": 0.8, "revoke": 0.25, "change-challenge-phrase": 0.3, "change-contact": 0.35, "issue": 0.9,
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Ticket:
    """One request as it went. Times are wall clock of the office; what lies after `NOW` has not happened and is None.

    `written_order` is what a list says instead of the order's number.
    """

    kind: str
    agency: Agency
    contact: Person
    about: str
    submitted: dt.datetime
    tier: str = ""
    order: Order | None = None
    number: str = ""
    outcome: str = "completed"
    first_response: dt.datetime | None = None
    pauses: list[tuple[dt.datetime, dt.datetime | None]] = field(default_factory=list)
    resolved: dt.datetime | None = None
    reopened: dt.datetime | None = None
    resolved_again: dt.datetime | None = None
    closed: dt.datetime | None = None
    written_order: str = ""

    @property
    def status(self) -> str:
        """The state at the end of the story, in the canonical words."""
        if self.resolved or self.closed:
            return "open" if self.reopened and not self.resolved_again else self.outcome
        return "paused" if self.pauses and self.pauses[-1][1] is None else "open"

    def forget_the_future(self) -> Ticket:
        """Drop what lies after `NOW`."""
        self.first_response = _past(self.first_response)
        self.pauses = [(start, _past(end)) for start, end in self.pauses if start <= NOW]
        self.resolved, self.closed = _past(self.resolved), _past(self.closed)
        self.reopened = _past(self.reopened) if self.resolved else None
        self.resolved_again = _past(self.resolved_again) if self.reopened else None
        return self


class Desk:
    """Takes requests in and decides when they are done; keeps every ticket that it gave out."""

    def __init__(self, seed: int) -> None:
        self.tickets: list[Ticket] = []
        self._chance = dice(seed, "desk")
        self._owed: dict[tuple[int, int, bool], float] = {}

    def take(
        self, kind: str, agency: Agency, contact: Person, about: str, submitted: dt.datetime, *, outcome: str = "completed", tier: str = ""
    ) -> Ticket:
        """Take a request in and work on it until `outcome` (completed, cancelled, rejected or duplicate)."""
        ticket = Ticket(kind, agency, contact, about, submitted, tier=tier, outcome=outcome)
        if outcome in {"completed", "rejected"}:
            self._work(ticket)
        else:
            self._drop(ticket)
        return self._keep(ticket)

    def script(self, ticket: Ticket) -> Ticket:
        """Keep a ticket of the story whose times are given; it was answered within the hour."""
        ticket.first_response = ticket.first_response or moment_of(worked(ticket.submitted) + 2400)
        ticket.closed = ticket.closed or (ticket.resolved + _AUTO_CLOSE if ticket.resolved else None)
        return self._keep(ticket)

    def _keep(self, ticket: Ticket) -> Ticket:
        if ticket.submitted <= NOW:
            self.tickets.append(ticket.forget_the_future())
        return ticket

    def _work(self, ticket: Ticket) -> None:
        chance = self._chance
        start = worked(ticket.submitted)
        wait = min(_lognormal(chance, 0.8), 15 * DAY) if chance.random() < _WAIT_SHARE else 0
        due = due_seconds(ticket.submitted, PROMISED_DAYS) + wait
        due_day = moment_of(due)
        if self._is_late(due_day, ticket.kind in PROMISED):
            end_of_due_day = -(-due // DAY) * DAY
            done = end_of_due_day + 600 + _lognormal(chance, 0.8)
        else:
            done = start + wait + self._work_within(due - start - wait, ticket.kind)
        net = done - start - wait
        asked = start + int(net * chance.uniform(0.1, 0.5))
        ticket.first_response = moment_of(min(start + 300 + _lognormal(chance, 0.1), asked))
        if wait:
            ticket.pauses = [(moment_of(asked), moment_of(asked + wait))]
        ticket.resolved = moment_of(done)
        self._finish(ticket, done)

    def _work_within(self, limit: int, kind: str) -> int:
        """Net business seconds of work that keep the promise: drawn again while they would not."""
        for _ in range(8):
            net = 300 + _lognormal(self._chance, _MEDIAN_DAYS[kind])
            if net <= limit:
                return net
        return int(limit * self._chance.uniform(0.4, 0.95))

    def _is_late(self, due: dt.datetime, promised: bool) -> bool:
        """Every so many-th request that comes due in a month is late, so that no month is better or worse by mere chance."""
        month = (due.year, due.month, promised)
        share = _LATE_SHARE_SHORT_STAFFED if month[:2] == SHORT_STAFFED else _LATE_SHARE
        owed = self._owed.get(month, 0.45) + share
        self._owed[month] = owed - int(owed)
        return owed >= 1

    def _finish(self, ticket: Ticket, done: int) -> None:
        chance = self._chance
        last = moment_of(done)
        if ticket.outcome == "completed" and chance.random() < _REOPENED_SHARE:
            again = done + 1800 + _lognormal(chance, 1.0)
            ticket.reopened = moment_of(again)
            last = ticket.resolved_again = moment_of(again + 1800 + _lognormal(chance, 0.5))
        ticket.closed = last + _AUTO_CLOSE

    def _drop(self, ticket: Ticket) -> None:
        """Withdrawn by the customer, or found to be a duplicate: closed without ever being resolved."""
        start = worked(ticket.submitted)
        patience = 0.2 if ticket.outcome == "duplicate" else 1.2
        ticket.first_response = moment_of(start + 900)
        ticket.closed = moment_of(start + 1800 + _lognormal(self._chance, patience))


def _lognormal(chance: random.Random, median_days: float) -> int:
    """Business seconds, whole minutes, lognormal around a median given in business days."""
    return int(chance.lognormvariate(0, _SIGMA) * median_days * DAY) // 60 * 60


def _past(moment: dt.datetime | None) -> dt.datetime | None:
    return moment if moment is not None and moment <= NOW else None
