"""What finance writes down: accounts, estimates, costs, what the old books ended with, and what it decided about single amounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.sample import tables
from pipeline.sample.orders import Order
from pipeline.sample.organization import MERGED, MERGED_ON, SUCCESSOR, Agency
from pipeline.sample.spellings import is_billable

OWN_ACCOUNT = "CERT-1000"
_FINANCE = "M. Sample, finance"
_WAIVED_IN = (dt.date(2026, 10, 20), dt.date(2026, 11, 10))  # the days in which the waived order was placed
_YEARS = (2026, 2027)
_COSTS = (
    ("2026", "standard", "staff", "4100.00", "a twentieth of one position"),
    ("2026", "standard", "portal", "650.00", "by orders"),
    ("2026", "premium", "staff", "6200.00", "validation of organizations takes longer"),
)


def write(data: Path, agencies: Sequence[Agency], orders: Sequence[Order]) -> None:
    """Write the lists of money below `data`/entries."""
    entries = data / "entries"
    fields = ("account_id", "fund", "sub_fund", "department", "unit", "appropriation", "object", "valid_from", "valid_to")
    tables.write(entries / "accounts.csv", fields, _accounts(agencies))
    tables.write(entries / "estimates.csv", ("agency", "fiscal_year", "amount", "document"), _estimates(agencies, orders))
    tables.write(entries / "costs.csv", ("fiscal_year", "tier", "kind", "amount", "note"), _COSTS)
    openings = (("standard", "2026", "-412.50"), ("premium", "2026", "87.25"))
    tables.write(entries / "recovery_openings.csv", ("tier", "fiscal_year", "amount"), openings)
    header = ("id", "agency", "order_id", "ledger_entry", "kind", "amount", "reason", "approved_by", "approved_on", "document")
    tables.write(entries / "adjustments.csv", header, _adjustments(orders))


def _accounts(agencies: Sequence[Agency]) -> Iterator[list[str]]:
    for place, agency in enumerate(agencies):
        ends = MERGED_ON.isoformat() if agency.code == MERGED else ""
        yield [agency.account_id, "0010", "0000", agency.code, "1000", f"8000-{place:02d}00", "U12", "2025-07-01", ends]
    yield [OWN_ACCOUNT, "0010", "0000", "CIT", "2200", "8900-0200", "R01", "2025-07-01", ""]


def _estimates(agencies: Sequence[Agency], orders: Sequence[Order]) -> Iterator[list[str]]:
    """What each agency set aside: a round sum for the orders that it pays in an average year; the successor has its own and no other."""
    for agency in agencies:
        own = [order for order in orders if order.agency.code == agency.code and is_billable(order) and not order.free]
        cost = sum(54_200 if order.tier == "premium" else 22_119 for order in own)
        amount = -(-cost // 100_000) * 700
        for year in _YEARS:
            yield [agency.code, str(year), f"{amount}.00", f"IE-{year}-{agency.account_id}"]


def _adjustments(orders: Sequence[Order]) -> Iterator[list[str]]:
    """A waived order of the last weeks, a pilot that is shown and not billed, and a charge that nobody has approved yet."""
    first, last = _WAIVED_IN
    waived = min(
        (order for order in orders if _is_whole(order) and first <= order.certificates[0].issued_on <= last),
        key=lambda order: (order.certificates[0].issued_on, order.order_id),
    )
    reason = "The vendor issued it two weeks late"
    yield ["W-2026-01", waived.agency.code, waived.order_id, "", "waiver", "221.19", reason, _FINANCE, "2026-11-16", "Letter 2026-114"]
    pilot = "Pilot of the premium tier in July: shown so that its cost is known"
    yield ["M-2026-01", SUCCESSOR, "", "", "memo", "542.00", pilot, _FINANCE, "2026-11-18", ""]
    yield ["X-2026-01", "MAP", "", "", "charge", "75.00", "Rush issue outside service hours", "", "", ""]


def _is_whole(order: Order) -> bool:
    """Whether an order was charged once, at the standard rate, by a code of its own, and nothing was taken back."""
    one = len(order.certificates) == 1 and order.certificates[0].revoked_on is None
    return one and order.tier == "standard" and order.channel == "certcentral" and is_billable(order) and not order.free
