"""The closed months, as data/ledger holds them: what was billed then, and stands whatever arrives later (DESIGN §6, "Close")."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.contracts.money import INVOICES, LEDGER
from pipeline.contracts.tables import SOURCE, TIER_TEXT, Column, Table, text

CLOSED_PERIODS = Table(
    "closed_periods",
    "one closed month",
    ("period",),
    (
        text("period", "Month, e.g. FY2027-P04; FY2027-P13 holds late items of the year."),
        Column("turn", "whole", "Its place in the order of closing, from 1."),
        Column("closed_on", "day", "As-of day of the close.", required=True),
        text("closed_by", "Who closed it."),
        text("sums", "SHA-256 of its SHA256SUMS, hexadecimal: the link that the next close holds."),
    ),
)

CLOSED_LOTS = Table(
    "closed_lots",
    "one lot, as it stood when the newest closed month was closed",
    ("lot_id",),
    (
        text("lot_id", "Number of the lot."),
        text("tier", TIER_TEXT),
        Column("purchased_on", "day", "Day of purchase.", required=True),
        Column("quantity", "whole", "Units bought."),
        Column("total_cost_cents", "cents", "Price of the whole lot."),
        Column("units_expire_on", "day", "Last day a unit can be drawn."),
        Column("returns_on_refund", "flag", "The vendor credits the unit when a certificate is refunded."),
        Column("drawn_before", "whole", "Units that were drawn before these books begin."),
        Column("drawn", "whole", "Units drawn until then; a lot with none may still be mended in its file."),
        SOURCE,
    ),
)

CLOSED_LINES = Table(
    "closed_lines",
    "one line of a closed month, with what its invoice says beside the ledger",
    ("entry_id",),
    (
        text("entry_id", "Entry of the ledger."),
        text("serial", "Serial number of its certificate."),
    ),
)


@dataclass(frozen=True, slots=True)
class Closed:
    """All closed months: `periods` in the order of closing, and the frozen tables of all of them, in that order.

    `ledger` is LEDGER, each `source` the place of the frozen copy of the row; `invoices` is INVOICES; of `lots` only the newest close
    counts.
    """

    periods: pd.DataFrame = field(default_factory=CLOSED_PERIODS.empty)
    ledger: pd.DataFrame = field(default_factory=LEDGER.empty)
    invoices: pd.DataFrame = field(default_factory=INVOICES.empty)
    lots: pd.DataFrame = field(default_factory=CLOSED_LOTS.empty)
    lines: pd.DataFrame = field(default_factory=CLOSED_LINES.empty)
