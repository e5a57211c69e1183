"""Corrections that leave the unit of a lot where it is: of a line that is taken back and billed anew at once in the same tier."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def handovers(ledger: pd.DataFrame) -> dict[str, str]:
    """For each line of LEDGER that goes on with the unit of a closed one, that line.

    It bills the closed line anew in the month in which that is taken back, in the same tier, and neither is of $0.00.
    """
    names = ("entry_id", "tier", "amount_cents", "period")
    known = {entry: (tier, cents != 0) for entry, tier, cents, _ in zip(*(ledger[name].tolist() for name in names), strict=True)}
    back = ledger[ledger["takes_back"] != ""]
    taken_back_in = dict(zip(back["takes_back"].tolist(), back["period"].tolist(), strict=True))
    anew = ledger[ledger["rebills"] != ""]
    pairs = zip(*(anew[name].tolist() for name in ("entry_id", "rebills", "period")), strict=True)
    return {entry: before for entry, before, period in pairs if known[entry] == known[before] and taken_back_in.get(before) == period}


def drawer(entry_id: str, goes_on: Mapping[str, str]) -> str:
    """The line that drew the unit which an entry holds: itself, or the first one of those that it goes on with."""
    while entry_id in goes_on:
        entry_id = goes_on[entry_id]
    return entry_id
