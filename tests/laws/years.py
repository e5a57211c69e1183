"""Random years of an office for the laws of the money: certificates, decisions, lots and mergers, and the books that come of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from hypothesis import strategies as st

from pipeline import chargeback, lots
from pipeline.chargeback import Adjusted, Charged
from pipeline.contracts import ADJUSTMENTS
from pipeline.lots import Drawn
from pipeline.settings import Settings
from tests import orders
from tests.orders import certificate, charged, day, lot

Told = Sequence[dict[str, Any]]

BEGIN, AS_OF = day("2025-07-01"), day("2028-12-31")
TERM = 365
# The wildcard tier has no rate in the first of these years.
RATES: dict[str, tuple[tuple[str, int], ...]] = {
    "standard": (("2025-07-01", 20_000), ("2026-07-01", 22_119), ("2027-07-01", 25_050)),
    "premium": (("2025-07-01", 54_200), ("2026-07-01", 54_200), ("2027-07-01", 60_001)),
    "wildcard": (("2026-07-01", 90_105), ("2027-07-01", 80_000)),
}
OFFICE = Settings.model_validate(
    {
        "tiers": {tier: (tier,) for tier in RATES},
        "rate": [
            {"tier": tier, "amount": f"{cents / 100:.2f}", "since": day(since)} for tier, lines in RATES.items() for since, cents in lines
        ],
        "charges": {"begin": BEGIN},
    },
    strict=False,
)
# Edges: the fiscal years, a leap day, the days around `begin`, the last day of a term and the first of the next.
EDGES = ("2025-06-30", "2025-07-01", "2026-06-30", "2026-07-01", "2027-06-30", "2027-07-01", "2028-02-28", "2028-02-29", "2028-03-01")
CODES = ("PARKS", "ROADS", "WATER")
AGENCIES: Told = tuple({"agency": code, "name": code.title(), "account_id": f"{code}-1"} for code in CODES)
days = st.sampled_from([day(text) for text in EDGES]) | st.dates(day("2025-05-01"), AS_OF)
# Days from the issue to the revocation; with 0 the certificate is given up on the day on which it was issued.
lives = st.sampled_from([None, None, 0, 1, 29, 30, 31, 90])


def rate(tier: str, on: dt.date) -> int | None:
    """The rate by reading the list from the top: written apart from the rate card."""
    found = None
    for since, cents in RATES[tier]:
        if day(since) <= on:
            found = cents
    return found


@st.composite
def events(
    draw: st.DrawFn,
    agencies: Sequence[str] = (*CODES, ""),
    tiers: Sequence[str] = ("standard", "standard", "premium", "wildcard", ""),
    on: st.SearchStrategy[dt.date | None] = days,
) -> Told:
    """A few years of certificates: some of one order, some alike without a number, some revoked, a few that nobody can be charged for."""
    told = []
    for number in range(1, draw(st.integers(1, 20)) + 1):
        issued_on, life = draw(on), draw(lives)
        facts: dict[str, Any] = {
            "order_id": draw(st.sampled_from(("A", "B", "C", "D", "", ""))),
            "tier": draw(st.sampled_from(tiers)),
            "agency": draw(st.sampled_from(agencies)),
            "subject_alternative_names": draw(st.sampled_from(("a.example.gov", f"host{number}.example.gov"))),
            "valid_to": pd.Timestamp("2029-06-30T23:59:59Z"),
            "revoked_on": None if life is None or issued_on is None else issued_on + dt.timedelta(days=life),
        }
        told.append(certificate(number, issued_on, **facts))
    return told


@st.composite
def decisions(draw: st.DrawFn) -> Told:
    """What people decided in these years; `entry_at` names one entry of the ledger by its place among their sorted names."""
    return [
        orders.decision(
            number,
            kind=draw(st.sampled_from(("waiver", "credit", "charge", "memo"))),
            agency=draw(st.sampled_from(CODES)),
            order_id=draw(st.sampled_from(("A", "B", "C", "D", "OLD", ""))),
            entry_at=draw(st.sampled_from((None, None, 0, 1, 5))),
            amount_cents=draw(st.sampled_from((0, 1, 5_000, 20_000, 22_119, 54_200, 60_001))),
            approved_on=draw(days | st.none()),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


@st.composite
def purchases(draw: st.DrawFn) -> Told:
    """Lots of all tiers, bought over the years: some run out, some expire, of some the vendor takes units back."""
    rows = []
    for number in range(draw(st.integers(0, 5))):
        bought = draw(days)
        expires = draw(st.sampled_from((None, 0, 200, 900)))
        rows.append(
            lot(
                f"L{number}",
                bought.isoformat(),
                draw(st.integers(1, 4)),
                draw(st.integers(0, 100_001)),
                tier=draw(st.sampled_from(("standard", "premium", "wildcard"))),
                units_expire_on=None if expires is None else bought + dt.timedelta(days=expires),
                returns_on_refund=draw(st.booleans()),
            )
        )
    return rows


@st.composite
def mergers(draw: st.DrawFn) -> Told:
    """The agencies of these years: none, one or two of them end on a day and have a successor, which may end as well."""
    rows = [dict(row) for row in AGENCIES]
    for row, successor in zip(rows[1:], CODES, strict=False):
        if draw(st.booleans()):
            row |= {"valid_to": draw(days), "successor": successor}
    return rows


class Years(NamedTuple):
    """Everything that an office has written down; `agencies` are rows of AGENCIES, `openings` lots and the units left of them."""

    told: Told
    decided: Told = ()
    lots: Told = ()
    agencies: Told = AGENCIES
    openings: Sequence[tuple[str, int]] = ()


@st.composite
def _years(draw: st.DrawFn) -> Years:
    bought = draw(purchases())
    openings = [(row["lot_id"], draw(st.integers(0, row["quantity"]))) for row in bought if draw(st.booleans())]
    return Years(draw(events()), draw(decisions()), bought, draw(mergers()), openings)


years = _years()


class Accounts(NamedTuple):
    """The books of some years, stage by stage; `ledger` is the last state of the ledger."""

    charged: Charged
    decided: Adjusted
    drawn: Drawn

    @property
    def ledger(self) -> pd.DataFrame:
        return self.drawn.ledger


def books(told: Sequence[Mapping[str, Any]], as_of: dt.date = AS_OF, by: Settings = OFFICE) -> pd.DataFrame:
    """The ledger before decisions and lots."""
    return charged(*told, by=by, as_of=as_of).table


def drawn(ledger: pd.DataFrame, rows: Told, openings: Sequence[tuple[str, int]] = ()) -> Drawn:
    return lots.draw(ledger, orders.lots(*rows), OFFICE, AS_OF, orders.lot_openings(*openings))


class CameIn(NamedTuple):
    """The tables of these years: CERTIFICATES, EXPORT_ROWS, AGENCIES, LOT_ROWS and LOT_OPENINGS."""

    certificates: pd.DataFrame
    export_rows: pd.DataFrame
    agencies: pd.DataFrame
    bought: pd.DataFrame
    openings: pd.DataFrame


def came_in(given: Years) -> CameIn:
    return CameIn(
        *orders.tables(given.told), orders.agencies(*given.agencies), orders.lots(*given.lots), orders.lot_openings(*given.openings)
    )


def account(given: Years, as_of: dt.date = AS_OF, tables: CameIn | None = None) -> Accounts:
    """The books of these years as of a day, by the stages of a run that move money, in their order; `tables` are those of the years."""
    found = tables or came_in(given)
    charges = chargeback.ledger(found.certificates, found.export_rows, found.agencies, OFFICE, as_of)
    return settle(given, charges, found, as_of)


def settle(given: Years, charges: Charged, tables: CameIn, as_of: dt.date = AS_OF) -> Accounts:
    """The books of these years from what they are `charges`."""
    entries = adjustments(given.decided, charges.table)
    decided = chargeback.adjust(charges.table, entries, tables.agencies, set(tables.export_rows["order_id"]), OFFICE, as_of)
    return Accounts(charges, decided, lots.draw(decided.table, tables.bought, OFFICE, as_of, tables.openings))


def adjustments(decided: Told, ledger: pd.DataFrame) -> pd.DataFrame:
    """ADJUSTMENTS of these decisions, each about the entry that its `entry_at` names."""
    names = sorted(ledger["entry_id"])
    rows = [dict(row) for row in decided]
    for row in rows:
        place = row.pop("entry_at")
        if place is not None and place < len(names):
            row |= {"ledger_entry": names[place], "order_id": ""}
    return ADJUSTMENTS.frame(rows)


def cents_by(frame: pd.DataFrame, *keys: str) -> dict[Any, int]:
    """The cents of LEDGER or INVOICES by some of its columns, or by `fiscal_year`; what comes to nothing is left out."""
    columns = [[int(period[2:6]) for period in frame["period"]] if key == "fiscal_year" else frame[key].tolist() for key in keys]
    sums = Counter[Any]()
    for key, cents in zip(zip(*columns, strict=True) if len(columns) > 1 else columns[0], frame["amount_cents"].tolist(), strict=True):
        sums[key] += cents
    return {key: cents for key, cents in sums.items() if cents}
