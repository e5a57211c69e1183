"""What cannot be right about the lots, or asks somebody to act (DESIGN §6, "Lots")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pipeline.findings import Finding
from pipeline.lots.stock import Line, Lot


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
