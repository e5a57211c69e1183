"""Slips of the pen in the list that one agency keeps by hand: each shows only where requests and certificates are compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pipeline.sample.orders import Order
from pipeline.sample.tickets import Desk, Ticket

# A request to revoke a server that was given up; it was closed, and nobody told the vendor.
_ASKED, _CLOSED = dt.datetime(2026, 11, 16, 8, 15), dt.datetime(2026, 11, 16, 10, 45)  # noqa: DTZ001 - wall clock
_FEWEST = 4


def revocation_forgotten(desk: Desk, orders: Sequence[Order], agency: str) -> None:
    """A request of `agency` to revoke the first order that it placed since September 2026, completed; the certificate lives on."""
    since = dt.datetime(2026, 9, 1)  # noqa: DTZ001 - wall clock
    theirs = (one for one in orders if one.agency.code == agency and one.order_id and one.certificates)
    order = next((one for one in theirs if one.ordered_at >= since), None)
    if order is not None:
        host = order.host
        desk.script(Ticket("revoke", order.agency, host.contact, host.common_name, _ASKED, tier=order.tier, order=order, resolved=_CLOSED))


def slip(tickets: Sequence[Ticket]) -> None:
    """In a list of `tickets` in order of receipt: an order number with two digits in the wrong order, and a tier that is the other one.

    So one certificate has no request, one request no certificate, and one order another tier than its request. A list with few
    orders is left as it is.
    """
    fulfilled = [ticket for ticket in tickets if ticket.order and ticket.order.certificates and ticket.resolved and ticket.kind != "revoke"]
    if len(fulfilled) < _FEWEST:
        return
    mistyped, mistaken = fulfilled[-3], fulfilled[-4]
    mistyped.written_order = _swapped(mistyped.order.order_id if mistyped.order else "")
    mistaken.tier = "premium" if mistaken.tier == "standard" else "standard"


def _swapped(number: str) -> str:
    """`number` with its last two different neighbours swapped."""
    for place in range(len(number) - 1, 0, -1):
        if number[place] != number[place - 1]:
            return number[: place - 1] + number[place] + number[place - 1] + number[place + 1 :]
    return number
