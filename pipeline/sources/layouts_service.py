"""Layouts of what the service desk and the purchasers keep beside the tickets: pauses, lots and outages."""

from __future__ import annotations

from pipeline.sources.layouts import canonical

PAUSES = canonical("pauses", "pauses", "pause_rows", "request_id paused_at resumed_at?")

LOTS = canonical(
    "lots",
    "lots",
    "lot_rows",
    "lot_id tier purchased_on quantity total_cost units_expire_on? vendor? po_number? returns_on_refund? vendor_remaining? "
    "vendor_remaining_on?",
)

OUTAGES = canonical(
    "outages",
    "outages",
    "outage_rows",
    "service began_at ended_at? kind announced_at? note?",
    words={"kind": {word: word for word in ("full", "partial", "planned", "unmonitored")}},
)

LAYOUTS = (PAUSES, LOTS, OUTAGES)
