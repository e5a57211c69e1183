"""What cannot be right about the lots, or asks somebody to act (DESIGN §6, "Lots")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pipeline.findings import Finding
from pipeline.lots.stock import Line, Lot, share
from pipeline.money import dollars
from pipeline.rates import RateCard

# A unit that costs ten times what it is charged at, or a tenth of that, is a slip of the decimal point or of the quantity.
_TIMES = 10


def bought_later(lots: Iterable[Lot], as_of: dt.date) -> list[Finding]:
    """A finding for each lot that is bought only after the as-of day."""
    return [
        Finding(
            "future-stamp",
            f"The lot was purchased on {lot.purchased_on}, after the as-of day {as_of}; nothing is drawn from it.",
            value=str(lot.purchased_on),
            column="purchased_on",
            source=lot.source,
        )
        for lot in lots
        if lot.purchased_on > as_of
    ]


def exhausted(without: Iterable[Line], tiers_with_lots: set[str]) -> list[Finding]:
    """A finding for each charge that found its lots empty; a single one for a tier of which no lot was ever entered."""
    findings = []
    never_bought: dict[str, list[Line]] = {}
    for line in without:
        if line.tier not in tiers_with_lots:
            never_bought.setdefault(line.tier, []).append(line)
            continue
        reason = f"No lot of tier {line.tier} had a unit on {line.service_on}; the charge stands, its unit cost is not known."
        findings.append(Finding("lot-exhausted", reason, value=line.tier, column="tier", source=line.source))
    for tier, lines in sorted(never_bought.items()):
        charges = "1 charge" if len(lines) == 1 else f"{len(lines):,} charges"
        reason = f"No lot of tier {tier} is entered, so the unit cost of {charges} is not known, from {lines[0].service_on} on."
        findings.append(Finding("lot-exhausted", reason, value=tier, column="tier", source=lines[0].source))
    return findings


def closed_without(without: Iterable[Line]) -> list[Finding]:
    """A warning for each line of a closed month that has no unit: the cost of that month lacks it for good."""
    return [
        Finding(
            "lot-exhausted",
            f"No lot of tier {line.tier} had a unit on {line.service_on} for entry {line.entry_id[:12]} when its month was closed. "
            "A lot that is entered now changes no closed month, so lots and recovery lack what the unit cost: "
            "enter that in data/entries/costs.csv.",
            value=line.tier,
            column="tier",
            source=line.source,
            severity="warning",
        )
        for line in without
    ]


def priced_oddly(lots: Iterable[Lot], rates: RateCard) -> list[Finding]:
    """A finding for each lot whose units cost far more or far less than an order of their tier on the day of purchase."""
    findings = []
    for lot in lots:
        rate = rates.on(lot.tier, lot.purchased_on)
        if rate is None or rate * lot.quantity < lot.cost * _TIMES <= rate * lot.quantity * _TIMES**2:
            continue
        reason = (
            f"Lot {lot.lot_id}: {lot.quantity:,} units for {dollars(lot.cost)} are {dollars(share(lot, 1))} a unit, and an order of tier "
            f"{lot.tier} is charged {dollars(rate)} on the day of purchase."
        )
        findings.append(Finding("lot-price-doubtful", reason, value=dollars(lot.cost), column="total_cost", source=lot.source))
    return findings
