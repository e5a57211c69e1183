"""The rest of the desk's mail: requests that no certificate of the sample came from, and the numbers that all requests get."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pipeline.sample.chance import Weighted, dice, spread
from pipeline.sample.desk_time import BEGIN, LAST_DAY, asked_between
from pipeline.sample.orders import Order
from pipeline.sample.organization import HANDWRITTEN_AGENCY
from pipeline.sample.tickets import Desk, Ticket

# From this day on the office works with its new ticket system.
NEW_SYSTEM_SINCE = dt.date(2026, 7, 1)

_KINDS = Weighted((
    ("issue", 0.42), ("change-contact", 0.19), ("change-challenge-phrase", 0.10), ("new", 0.10), ("renew", 0.08), ("reissue", 0.06),
    ("revoke", 0.05),
))  # fmt: skip
_OUTCOMES = Weighted((("completed", 0.90), ("cancelled", 0.05), ("rejected", 0.025), ("duplicate", 0.025)))
# A new certificate that nothing came of, but for those of internal servers.
_OUTCOMES_OF_ORDERS = Weighted((("completed", 0.45), ("cancelled", 0.25), ("rejected", 0.15), ("duplicate", 0.15)))


def fill(desk: Desk, orders: Sequence[Order], seed: int, requests: int) -> None:
    """Let the agencies write in until the desk has as many `requests` as wanted."""
    chance = dice(seed, "mailbag")
    while len(desk.tickets) < requests:
        host = chance.choice(orders).host
        kind = _KINDS.draw(chance)
        outcome = (_OUTCOMES_OF_ORDERS if kind in {"new", "renew"} else _OUTCOMES).draw(chance)
        desk.take(kind, host.agency, host.contact, host.common_name, asked_between(BEGIN, LAST_DAY, chance), outcome=outcome)


def numbered(tickets: Sequence[Ticket], requests: int) -> dict[str, list[Ticket]]:
    """Give numbers to `requests` of the tickets, evenly chosen if there are more; by system, each in order of receipt."""
    by_receipt = sorted(tickets, key=lambda ticket: ticket.submitted)
    kept = [by_receipt[place] for place in spread(requests, len(by_receipt))]
    by_system: dict[str, list[Ticket]] = {"servicenow": [], "jira": [], "handwritten": []}
    for ticket in kept:
        by_system[_system(ticket)].append(ticket)
    for system, pattern, first in (("servicenow", "INC{:07d}", 40_211), ("jira", "CERT-{}", 101), ("handwritten", "TCA-{:03d}", 1)):
        for place, ticket in enumerate(by_system[system]):
            ticket.number = pattern.format(first + place)
    return by_system


def _system(ticket: Ticket) -> str:
    if ticket.submitted.date() < NEW_SYSTEM_SINCE:
        return "servicenow"
    return "handwritten" if ticket.agency.code == HANDWRITTEN_AGENCY else "jira"
