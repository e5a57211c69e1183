"""Orders for the tests of the money: certificates and the export rows they came from, told in a few words each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import chargeback, contracts
from pipeline.chargeback import Adjusted, Charged, Posted
from pipeline.contracts import (
    ACCOUNTS,
    ADJUSTMENTS,
    AGENCIES,
    CERTIFICATES,
    CLOSED_LINES,
    CLOSED_LOTS,
    CLOSED_PERIODS,
    COSTS,
    DTYPES,
    ESTIMATES,
    EXPORT_ROWS,
    LOT_OPENINGS,
    LOT_ROWS,
    RECOVERY_OPENINGS,
    Closed,
    Inbox,
    Table,
)
from pipeline.settings import Settings

AS_OF = dt.date(2026, 11, 23)
FILE = "inbox/exports/a.csv"
_COUNTS = ("bytes", "rows_read", "rows_accepted", "rows_quarantined")
STANDARD, PREMIUM = 22_100, 54_200
SETTINGS: dict[str, Any] = {
    "rate": [
        {"tier": "standard", "amount": 221, "since": dt.date(2024, 7, 1)},
        {"tier": "premium", "amount": 542, "since": dt.date(2024, 7, 1)},
    ],
    "charges": {"begin": dt.date(2025, 7, 1)},
}


def settings(**sections: Any) -> Settings:
    """Settings with standard at $221.00 and premium at $542.00 since 2024-07-01, begun on 2025-07-01, unless `sections` say otherwise."""
    return Settings.model_validate({**SETTINGS, **sections})


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def agencies(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """AGENCIES; by default Parks, Roads and Water with an account each."""
    usual = [{"agency": code, "name": code.title(), "account_id": f"{code}-1"} for code in ("PARKS", "ROADS", "WATER")]
    return _frame(AGENCIES, rows or usual)


def certificate(number: int, on: str | dt.date | None, **facts: Any) -> dict[str, Any]:
    """One certificate of a billing export: `number` gives it serial, names and source; `facts` say what is different.

    Facts that end in `_in_file` are what a certificate file said of it: they win in the inventory, never in the export row.
    """
    service_on = day(on) if isinstance(on, str) else on
    begins = service_on or day("2026-01-01")
    told = {
        "source": number,
        "role": "billing",
        "serial": f"{number:04x}",
        "issuer": "Example CA",
        "common_name": f"host{number}.example.gov",
        "subject_alternative_names": f"host{number}.example.gov",
        "agency": "PARKS",
        "agency_text": "Parks",
        "tier": "standard",
        "order_id": "",
        "service_on": service_on,
        "valid_from": pd.Timestamp(begins, tz="UTC"),
        "valid_to": pd.Timestamp(begins, tz="UTC") + pd.Timedelta(days=397),
    }
    return {**told, **facts}


def tables(told: Sequence[Mapping[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The inventory (CERTIFICATES) and the export rows (EXPORT_ROWS) of the certificates that were `told`."""
    inventory = [
        {
            "certificate": f"{facts.get('issuer_in_file', facts['issuer'])}/{facts['serial']}/{facts['source']}",
            "status": "revoked" if facts.get("revoked_on") else "active",
            "revoked_by": facts["role"] if facts.get("revoked_on") or facts.get("status") == "revoked" else "",
            "parse_status": "none",
            "matched": "none",
            "names": facts["subject_alternative_names"],
            **facts,
            **{name.removesuffix("_in_file"): value for name, value in facts.items() if name.endswith("_in_file")},
        }
        for facts in told
    ]
    written = [{"issued_on": facts["service_on"], **facts, "status": "issued"} for facts in told if facts["role"] != "file"]
    return _frame(CERTIFICATES, inventory), _frame(EXPORT_ROWS, written)


def _frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows in the columns of `table`, unchecked: checks would take most of the time of the laws."""
    unknown = {"text": "", "flag": False}
    told = set().union(*rows)
    blank = functools.cache(lambda kind: pd.array([unknown.get(kind)] * len(rows), dtype=DTYPES[kind]))
    cells = {}
    for column in table.columns:
        values = [row.get(column.name, unknown.get(column.kind)) for row in rows] if column.name in told else None
        cells[column.name] = blank(column.kind).copy() if values is None else pd.array(values, dtype=DTYPES[column.kind])
    return pd.DataFrame(cells, copy=False)


def charged(*told: Mapping[str, Any], by: Settings | None = None, to: pd.DataFrame | None = None, as_of: dt.date = AS_OF) -> Charged:
    """The ledger of the certificates that were `told`."""
    certificates, export_rows = tables(told)
    return chargeback.ledger(certificates, export_rows, agencies() if to is None else to, by or settings(), as_of)


def came_in(export_rows: pd.DataFrame, closed: Closed | None = None) -> Inbox:
    """What came in: these rows, all of one file that was taken on the as-of day, and the usual agencies."""
    known = {
        "export_rows": export_rows,
        "agencies": agencies(),
        "places": contracts.PLACES.frame({"source": number, "file": FILE, "row": number + 1} for number in range(1, 40)),
        "inputs": contracts.INPUTS.frame(
            [
                {
                    "file": FILE,
                    "kind": "certificates",
                    "bytes": 1,
                    "rows_read": 0,
                    "rows_accepted": 0,
                    "rows_quarantined": 0,
                    "taken_on": AS_OF,
                }
            ]
        ),
    }
    names = {field.name for field in dataclasses.fields(Inbox)} - {*known, "findings", "closed"}
    empty: dict[str, Any] = {name: getattr(contracts, name.upper()).empty() for name in names}
    return Inbox(**empty, **known, closed=closed or Closed())


def became(
    certificates: pd.DataFrame,
    export_rows: pd.DataFrame,
    charged: Charged,
    ledger: pd.DataFrame | None = None,
    by: Settings | None = None,
    closed: Closed | None = None,
) -> pd.DataFrame:
    """What became of each order of these certificates (CERTIFICATES) and rows (EXPORT_ROWS), as they were `charged`."""
    lines = charged.table if ledger is None else ledger
    return chargeback.billed_orders(lines, certificates, charged.one_order, came_in(export_rows, closed), by or settings(), AS_OF)


def lot(lot_id: str, purchased_on: str, quantity: int, total_cost_cents: int, **facts: Any) -> dict[str, Any]:
    """One lot of standard units that never expire and are not taken back, unless `facts` say otherwise."""
    bought = {"lot_id": lot_id, "tier": "standard", "purchased_on": day(purchased_on), "quantity": quantity, "source": 900}
    return {**bought, "total_cost_cents": total_cost_cents, **facts}


def lot_openings(*rows: tuple[str, int]) -> pd.DataFrame:
    """LOT_OPENINGS: lot and units left; their lines are 950, 951, ..."""
    told = ({"lot_id": lot_id, "units_left": left, "source": source} for source, (lot_id, left) in enumerate(rows, start=950))
    return _frame(LOT_OPENINGS, list(told))


def costs(*rows: tuple[int, str, int]) -> pd.DataFrame:
    """COSTS: fiscal year, tier and cents; their lines are 960, 961, ..."""
    told = (
        {"fiscal_year": year, "tier": tier, "kind": f"kind {source}", "amount_cents": cents, "source": source}
        for source, (year, tier, cents) in enumerate(rows, start=960)
    )
    return _frame(COSTS, list(told))


def recovery_openings(*rows: tuple[str, int, int]) -> pd.DataFrame:
    """RECOVERY_OPENINGS: tier, fiscal year and cents; their lines are 970, 971, ..."""
    told = (
        {"tier": tier, "fiscal_year": year, "amount_cents": cents, "source": source}
        for source, (tier, year, cents) in enumerate(rows, start=970)
    )
    return _frame(RECOVERY_OPENINGS, list(told))


def accounts(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    """ACCOUNTS: account, first and last day; its unit is the account's first letter and the first year."""
    fields = {"fund": "0010", "sub_fund": "0000", "department": "ITD", "appropriation": "1790-0200", "object": "U12"}
    told = [
        {"account_id": account, "valid_from": day(since), "valid_to": until and day(until), "unit": f"{account[0]}{since[:4]}", **fields}
        for account, since, until in rows
    ]
    return _frame(ACCOUNTS, told)


def estimates(*rows: tuple[str, int, int, str]) -> pd.DataFrame:
    """ESTIMATES: agency, fiscal year, cents and document; their lines are 980, 981, ..."""
    names = ("agency", "fiscal_year", "amount_cents", "document")
    return _frame(ESTIMATES, [{**dict(zip(names, row, strict=True)), "source": source} for source, row in enumerate(rows, start=980)])


def lots(*rows: Mapping[str, Any]) -> pd.DataFrame:
    """LOT_ROWS."""
    return _frame(LOT_ROWS, rows)


# Three orders of Parks, the last of them credited, and one certificate of Roads without a number.
CHARGES = (
    certificate(1, "2026-09-01", order_id="A"),
    certificate(2, "2026-09-02", order_id="B", tier="premium"),
    certificate(3, "2026-09-03", order_id="C", revoked_on=day("2026-09-10")),
    certificate(4, "2026-09-04", agency="ROADS"),
)


def decision(number: int, **changes: Any) -> dict[str, Any]:
    """A waiver of $100.00 on order A of Parks, approved on 12 October 2026, less what `changes` says."""
    usual = {"id": f"D-{number}", "agency": "PARKS", "order_id": "A", "kind": "waiver", "amount_cents": 10_000, "reason": "agreed"}
    return {**usual, "approved_by": "R. Roe", "approved_on": day("2026-10-12"), "source": 900 + number, **changes}


def adjusted(*decisions: Mapping[str, Any], to: pd.DataFrame | None = None, as_of: dt.date = AS_OF) -> Adjusted:
    """The ledger of `CHARGES` with these decisions."""
    known = agencies() if to is None else to
    ledger = _charges() if to is None and as_of == AS_OF else charged(*CHARGES, to=known, as_of=as_of).table
    return chargeback.adjust(ledger, ADJUSTMENTS.frame(decisions), known, {"A", "B", "C", "OLD"}, settings(), as_of)


@functools.cache
def _charges() -> pd.DataFrame:
    """The ledger of `CHARGES`, made once: the laws ask for it a hundred times."""
    return charged(*CHARGES).table


def close(ledger: pd.DataFrame, period: str, closed: Closed | None = None, lot_table: pd.DataFrame | None = None) -> Closed:
    """The closed months with `period` of `ledger` (LEDGER) closed after them; `lot_table` is LOTS as drawn then."""
    before = closed or Closed()
    of_month = ledger[ledger["period"] == period]
    numbers = [f"CRT-{period}-{agency}-{account}" for agency, account in zip(of_month["billed_to"], of_month["account_id"], strict=True)]
    frozen = of_month.assign(invoice_no=pd.Series(numbers, index=of_month.index, dtype="str"))
    numbered = chargeback.invoices(frozen)
    of_invoices = [f"CRT-{period}-{agency}-{account}" for agency, account in zip(numbered["agency"], numbered["account_id"], strict=True)]
    numbered = numbered.assign(
        status=pd.Series("closed", index=numbered.index, dtype="str"),
        invoice_no=pd.Series(of_invoices, index=numbered.index, dtype="str"),
        due_on=pd.Series(pd.Timestamp("2030-01-01"), index=numbered.index, dtype="datetime64[us]"),
    )
    turn = len(before.periods) + 1
    row = {"period": period, "turn": turn, "closed_on": day("2030-01-01"), "closed_by": "R. Roe", "sums": f"{turn:064x}"}
    names = zip(frozen["entry_id"], frozen["certificate"], strict=True)
    serials = [{"entry_id": entry, "serial": name.split("/")[1] if "/" in name else ""} for entry, name in names]
    return Closed(
        periods=pd.concat([before.periods, CLOSED_PERIODS.frame([row])], ignore_index=True),
        ledger=pd.concat([before.ledger, frozen], ignore_index=True),
        invoices=pd.concat([before.invoices, numbered], ignore_index=True),
        lots=before.lots if lot_table is None else _as_closed(lot_table),
        lines=pd.concat([before.lines, CLOSED_LINES.frame(serials)], ignore_index=True),
    )


def _as_closed(lot_table: pd.DataFrame) -> pd.DataFrame:
    """CLOSED_LOTS of LOTS; the tests' lots take units back by their names: R-..."""
    rows = lot_table.to_dict("records")
    return CLOSED_LOTS.frame({**row, "returns_on_refund": row["lot_id"].startswith("R"), "source": 990} for row in rows)


def posted(
    told: Sequence[Mapping[str, Any]], closed: Closed, to: pd.DataFrame | None = None, as_of: dt.date = AS_OF, by: Settings | None = None
) -> Posted:
    """What the certificates that are `told` now post beside the closed months."""
    known = agencies() if to is None else to
    certificates, export_rows = tables(told)
    charged = chargeback.ledger(certificates, export_rows, known, by or settings(), as_of, closed)
    return chargeback.post(charged.table, closed, certificates, known, 7, from_closed=charged.from_closed)


def decided(
    told: Sequence[Mapping[str, Any]], decisions: Sequence[Mapping[str, Any]], closed: Closed | None = None, as_of: dt.date = AS_OF
) -> tuple[Adjusted, Posted]:
    """What these decisions become beside the closed months, as `accounts` puts it together: the findings, and the ledger as posted."""
    certificates, export_rows = tables(told)
    lines = chargeback.ledger(certificates, export_rows, agencies(), settings(), as_of).table
    on_file = ADJUSTMENTS.frame(decisions)
    beside = (closed or Closed(), certificates, agencies(), 7)
    undecided = chargeback.post(lines, *beside).table
    kept = chargeback.kept_decisions(beside[0], on_file)
    known = {*export_rows["order_id"], *beside[0].ledger["order_id"]}
    found = chargeback.adjust(lines, on_file, agencies(), known, settings(), as_of, undecided, kept)
    return found, chargeback.post(found.table, *beside, {*on_file["id"], *kept["id"]}, from_closed=set(kept["id"]))
