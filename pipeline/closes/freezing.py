"""A month as it is frozen: its tables, and what close.json says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.closes import frozen
from pipeline.closes.numbering import numbered, on_invoices
from pipeline.closes.register import register
from pipeline.contracts import CLOSED_LINES, CLOSED_LOTS, CLOSED_MEASURES, CLOSED_RATES, Books, Closed
from pipeline.entries.acceptance import Entry
from pipeline.handovers import handovers
from pipeline.settings import Settings

_OPENED = ["tier", "fiscal_year", "amount_cents"]
_DIGITS = 6  # of the ends of intervals, behind the point


@dataclass(frozen=True, slots=True)
class Close:
    """A close: the period, its frozen tables by file name (`frozen.TABLES`), what close.json says, and the period closed before it with
    the SHA-256 of its SHA256SUMS, both empty for the first."""

    period: str
    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]
    before: str = ""
    before_sums: str = ""

    def with_tables(self, told: Mapping[str, pd.DataFrame]) -> Close:
        """The same close with these tables, by file name, in the place of those that were drawn up with it."""
        checked = {name: frozen.TABLES[name].check(table) for name, table in told.items()}
        rows = self.facts["rows"] | {name: len(table) for name, table in checked.items()}
        return replace(self, tables={**self.tables, **checked}, facts={**self.facts, "rows": rows})


def freeze(
    books: Books,
    settings: Settings,
    period: str,
    by: str,
    as_of: dt.date,
    closed: Closed,
    rows: pd.DataFrame,
    version: str,
    accepted: Sequence[Entry] = (),
) -> Close:
    """`period` of `books` as it is frozen after the months in `closed`; nothing is judged here, see `due`.

    `rows` are CLOSED_ROWS of the lines of the period, in any order; `by` is who closes, `version` the program's. Pure, so that months may
    be closed one after the other from books that were prepared once. What the invoices say beside the ledger is not told yet: the tables
    for it are empty (`Close.with_tables`).
    """
    invoices = numbered(books.invoices, period, settings, as_of)
    ledger = on_invoices(books.ledger[books.ledger["period"] == period], invoices)
    ledger = ledger.assign(source=frozen.lines(len(ledger)))
    tables = {
        "ledger.csv": ledger,
        "invoices.csv": invoices,
        "lots.csv": _lots(books, closed, ledger),
        "lines.csv": _lines(ledger, books.certificates),
        "measures.csv": _measures(books.measures, period, settings),
        "rows.csv": rows.set_index("entry_id").loc[ledger["entry_id"].tolist()].reset_index(),
        "files.csv": books.inputs[~books.inputs["kind"].isin(["closed", "notices"])],
        "rates.csv": CLOSED_RATES.frame(
            {"tier": rate.tier, "since": rate.since, "rate_cents": rate.cents}
            for rate in sorted(settings.rate, key=lambda rate: (rate.tier, rate.since))
        ),
        "register.csv": register(books.ledger, invoices, period),
    }
    tables |= {name: table.empty() for name, table in frozen.TABLES.items() if name not in tables}
    checked = {name: table.check(tables[name]) for name, table in frozen.TABLES.items()}
    last = closed.periods.iloc[-1] if len(closed.periods) else None
    before = {"period": str(last["period"]), "sums": str(last["sums"])} if last is not None else None
    facts = {
        "period": period,
        "turn": len(closed.periods) + 1,
        "closed_by": by,
        "closed_on": as_of.isoformat(),
        "certledger": version,
        "close_before": before,
        "settings": _settings(settings),
        "recovery_openings": [
            {"tier": tier, "fiscal_year": year, "amount_cents": cents}
            for tier, year, cents in sorted(books.recovery_openings[_OPENED].itertuples(index=False, name=None))
        ],
        "totals": {"amount_cents": int(ledger["amount_cents"].sum())},
        "rows": {name: len(frame) for name, frame in checked.items()},
        "accepted": [
            {"code": one.code, "file": one.file, "key": one.key, "until": one.until.isoformat(), "by": one.by, "reason": one.reason}
            for one in accepted
        ],
    }
    return Close(period, checked, facts, *(before["period"], before["sums"]) if before else ())


def _lines(ledger: pd.DataFrame, certificates: pd.DataFrame) -> pd.DataFrame:
    serials = dict(zip(certificates["certificate"], certificates["serial"], strict=True))
    return CLOSED_LINES.frame(
        {"entry_id": entry, "serial": serials.get(certificate, "")}
        for entry, certificate in zip(ledger["entry_id"], ledger["certificate"], strict=True)
    )


def _measures(measures: pd.DataFrame, period: str, settings: Settings) -> pd.DataFrame:
    """The figures of the month, and of the quarter and the year that end with it; none of a P13, whose month is P12.

    Of an agency only what rests on something: a close of 150 agencies need not hold thousands of noughts. The office's stand there. The
    ends of intervals are kept to six digits behind the point: no page shows more, and nothing is compared with them. Values are kept whole.
    """
    ended = calendar.ends_with(period, settings.organization.fiscal_year_starts)
    nothing = (measures["dimension"] == "agency") & (measures["n"] == 0)
    return CLOSED_MEASURES.check(measures[measures["period"].isin(ended) & ~nothing].round({"low": _DIGITS, "high": _DIGITS}))


def _lots(books: Books, closed: Closed, ledger: pd.DataFrame) -> pd.DataFrame:
    """CLOSED_LOTS after this close: a lot that was drawn from stays as an earlier close had it, the others are as their file tells them.

    Units count as drawn as in LOTS: by entries of this close or an earlier one, and before these books begin.
    """
    drawing = pd.concat([closed.ledger, ledger], ignore_index=True)
    # A charge draws, and so do the line that takes a credit back and the one that takes back a swap by a unit of the cheaper lot.
    lot_of = dict(zip(drawing["entry_id"], drawing["lot_id"], strict=True))
    swaps_back = (drawing["kind"] == "adjustment") & (drawing["lot_id"] != drawing["takes_back"].map(lot_of))
    drew_one = ((drawing["kind"] != "credit") == (drawing["takes_back"] == "")) | ((drawing["takes_back"] != "") & swaps_back)
    drew_one &= drawing["lot_id"] != ""
    drew_one &= ~drawing["entry_id"].isin(list(handovers(drawing)))
    units = drawing.loc[drew_one, "lot_id"].value_counts()
    before = dict(zip(books.lots["lot_id"], books.lots["drawn_before"], strict=True))
    known: list[dict[Any, Any]] = books.lot_rows.to_dict("records")
    told = {lot["lot_id"]: {**lot, "drawn_before": before.get(lot["lot_id"], 0)} for lot in known}
    stands = {lot["lot_id"]: lot for lot in closed.lots_drawn_from.to_dict("records")}
    lots = sorted((told | stands).items())
    return CLOSED_LOTS.frame(
        {**lot, "drawn": lot["drawn_before"] + int(units.get(lot_id, 0)), "source": line}
        for line, (lot_id, lot) in enumerate(lots, start=frozen.FIRST_LINE)
    )


def _settings(settings: Settings) -> dict[str, Any]:
    """What of the settings stands on invoices or decides their amounts."""
    office, charges = settings.organization, settings.charges
    return {
        "organization": office.name,
        "timezone": office.timezone,
        "fiscal_year_starts": office.fiscal_year_starts,
        "service_owner": office.service_owner,
        "sample": office.sample,
        "begin": charges.begin.isoformat() if charges.begin else "",
        "term_days": charges.term_days,
        "refund_days": charges.refund_days,
        "invoice_prefix": charges.invoice_prefix,
        "payment_days": charges.payment_days,
    }
