"""What the office learned when the month was closed: an order that the registry had missed, and one that was billed to the wrong agency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from pipeline.sample import tables
from pipeline.sample.orders import Channel, Order
from pipeline.sample.organization import Agency
from pipeline.sample.spellings import is_billable

CORRECTIONS = "corrections.csv"
_MISSED = (dt.date(2026, 9, 26), dt.date(2026, 9, 30))  # the days in which the missed order was issued
_MISTAKEN = (dt.date(2026, 8, 17), dt.date(2026, 9, 18))
_FINANCE = "M. Sample, finance"


def missed(orders: Sequence[Order]) -> Order:
    """The order that was entered into the registry only in October."""
    return _first(orders, "registry", _MISSED)


def write(entries: Path, orders: Sequence[Order], agencies: Sequence[Agency]) -> None:
    """Write corrections.csv below `entries`: in October it came out for whom an order of September was."""
    order = _first(orders, "certcentral", _MISTAKEN)
    payer = next(agency for agency in agencies if agency.secretariat == order.agency.secretariat and agency.code != order.agency.code)
    reason = f"Ordered by {order.agency.code} for a server of {payer.code}, which pays"
    line = [order.order_id, "agency", payer.code, reason, _FINANCE, "2026-10-21"]
    tables.write(entries / CORRECTIONS, ("key", "column", "value", "reason", "by", "on"), [line])


def _first(orders: Sequence[Order], channel: Channel, between: tuple[dt.date, dt.date]) -> Order:
    """The first order of a channel that was charged once, at the standard rate, in these days."""
    first, last = between
    of_them = (
        order for order in orders if order.channel == channel and _is_plain(order) and first <= order.certificates[0].issued_on <= last
    )
    return min(of_them, key=lambda order: (order.certificates[0].issued_on, order.order_id))


def _is_plain(order: Order) -> bool:
    one = len(order.certificates) == 1 and order.certificates[0].revoked_on is None
    return one and order.tier == "standard" and is_billable(order) and not order.free and order.order_id not in ("", "-")
