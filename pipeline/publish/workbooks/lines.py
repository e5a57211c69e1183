"""The ledger as people read it: each entry with its certificate, its place in the source files and a note in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from pipeline.chargeback import in_invoice_order
from pipeline.contracts import Books
from pipeline.findings import counted
from pipeline.publish import words
from pipeline.publish.line_notes import notes
from pipeline.publish.workbooks.cells import day_number
from pipeline.publish.workbooks.grid import Field
from pipeline.settings import Settings

NO_TIER = "no tier"
ACCOUNT = ["billed_to", "account_id", "period"]
ROW_OR_LINE = "Row of a worksheet, or line of a text file: the row that Excel shows is smaller where cells hold line ends."
_NOT_A_FILE = "no certificate file"
_NO_UNIT = "no unit drawn"
_UNIT_KEPT = "unit not given back"


@dataclass(frozen=True, slots=True)
class Lines:
    """Ledger entries in invoice order, as equally long lists by column: what a workbook writes, cell by cell."""

    columns: dict[str, list[Any]]

    def __len__(self) -> int:
        return len(self.columns["entry_id"])

    def __getitem__(self, column: str) -> list[Any]:
        return self.columns[column]

    def slice(self, rows: slice) -> Lines:
        """The lines of a run of rows."""
        return Lines({name: values[rows] for name, values in self.columns.items()})

    def where(self, wanted: Sequence[bool]) -> Lines:
        """The lines that are wanted, in their order."""
        return Lines({name: list(compress(values, wanted)) for name, values in self.columns.items()})

    @property
    def total_cents(self) -> int:
        """The exact sum of the lines."""
        return sum(self["amount_cents"])


def read_lines(books: Books, settings: Settings) -> Lines:
    """All ledger entries, as `chargeback.in_invoice_order` sorts them."""
    ledger = in_invoice_order(books.ledger)
    certificates = books.certificates.set_index("certificate").reindex(ledger["certificate"]).reset_index(drop=True)
    rows = {entry_id: row for row, entry_id in enumerate(ledger["entry_id"].tolist())}
    other_names = certificates["subject_alternative_names"].fillna("").tolist()
    rates, since = optional(ledger["rate_cents"]), _rates_since(ledger, settings)
    return Lines(
        {
            **{name: ledger[name].tolist() for name in ("entry_id", *ACCOUNT, "agency", "order_id", "tier", "kind", "class")},
            **{name: ledger[name].tolist() for name in ("request_id", "lot_id", "invoice_no", "amount_cents")},
            **{name: ledger[name].tolist() for name in ("adjustment", "decision", "reason", "approved_by", "document")},
            "approved_on": day_numbers(ledger["approved_on"]),
            "memo_cents": optional(ledger["memo_cents"]),
            "service_on": day_numbers(ledger["service_on"]),
            "rate_cents": rates,
            "unit_cost_cents": optional(ledger["unit_cost_cents"]),
            "serial": certificates["serial"].fillna("").tolist(),
            "other_names": other_names,
            "host": [words.host_name(*of_it) for of_it in zip(ledger["common_name"].tolist(), other_names, strict=True)],
            "note": notes(ledger, settings.organization.fiscal_year_starts),
            "rate_since": since,
            "rate_taken_off": _rates_taken_off(ledger, rows, since, rates),
            "no_unit": _no_unit(ledger, rows),
            **_places(books.places, ledger["source"], ("file", "sheet", "row")),
            **_places(books.places, certificates["pem_source"], ("certificate_file", "certificate_sheet", "certificate_block")),
        }
    )


def by_invoice(lines: Lines) -> dict[tuple[str, str, str], slice]:
    """Where the lines of each invoice lie, by (agency billed, account, period)."""
    keys = list(zip(*(lines[name] for name in ACCOUNT), strict=True))
    starts = [row for row, key in enumerate(keys) if row == 0 or key != keys[row - 1]]
    return {keys[start]: slice(start, end) for start, end in zip(starts, [*starts, len(keys)][1:], strict=True)}


def charge_fields(lines: Lines) -> list[Field]:
    """The columns that say what was charged, on the invoice's lines and the year's detail; they fit a printed page."""
    return [
        Field("Service day", "day", lines["service_on"]),
        Field("Order", "wrapped", lines["order_id"], absent="no order number", widest=22),
        Field("Common name", "wrapped", lines["host"], absent="no common name", widest=36),
        Field("Tier", "wrapped", [tier or NO_TIER for tier in lines["tier"]], widest=14),
        Field("Kind", "text", lines["kind"]),
        Field("Note", "wrapped", lines["note"], absent="none"),
        Field("Rate", "money", lines["rate_cents"], absent="no rate"),
        Field("Amount", "money", lines["amount_cents"], total=True),
    ]


def identity_fields(lines: Lines) -> list[Field]:
    """The columns that name the request and the certificate exactly; too long to print."""
    return [
        Field("Request", "text", lines["request_id"], absent="not linked"),
        Field("Serial", "mono", lines["serial"], absent="not in the export"),
        Field("Other names", "text", lines["other_names"], absent="none", widest=30),
    ]


def decision_fields(lines: Lines) -> list[Field]:
    """The columns that say who changed an amount and why; a change without a name follows from the rules."""
    return [
        Field("What", "text", [decision or kind for decision, kind in zip(lines["decision"], lines["kind"], strict=True)]),
        Field("Order", "wrapped", lines["order_id"], absent="no order number", widest=22),
        Field("Common name", "wrapped", lines["host"], absent="no certificate", widest=30),
        Field("Reason", "wrapped", lines["reason"], absent="none", widest=40),
        Field("Approved by", "wrapped", lines["approved_by"], absent="by rule", widest=20),
        Field("Posted on", "day", lines["service_on"]),
        Field("Document", "wrapped", lines["document"], absent="none", widest=18),
        Field("Shown, not billed", "money", lines["memo_cents"], absent="no memo"),
        Field("Amount", "money", lines["amount_cents"], total=True),
    ]


def unit_fields(lines: Lines) -> list[Field]:
    """The columns that say which lot a unit was drawn from and what it cost."""
    return [
        Field("Lot", "text", lines["lot_id"], absent=lines["no_unit"]),
        Field("Unit cost", "money", lines["unit_cost_cents"], absent=lines["no_unit"]),
    ]


def place_fields(lines: Lines) -> list[Field]:
    """The columns that say where in the input files a line comes from."""
    return [
        Field("File", "wrapped", lines["file"], absent="no input row", widest=46),
        Field("Worksheet", "text", [_worksheet(*of) for of in zip(lines["file"], lines["sheet"], strict=True)]),
        Field("Row or line", "whole", lines["row"], absent="none"),
    ]


def source_texts(lines: Lines) -> list[str]:
    """Where each line comes from, as one text; '' where there is no input row.

    `inbox/exports/2026-11.xlsx, sheet Issued, row 17`, or `inbox/exports/2026-11.csv, line 17`.
    """
    places = zip(lines["file"], lines["sheet"], lines["row"], strict=True)
    return [f"{file}, {f'sheet {sheet}, ' if sheet else ''}{counted(file)} {row}" if file else "" for file, sheet, row in places]


def certificate_place_fields(lines: Lines) -> list[Field]:
    """The columns that say in which certificate file, and in which block of it, the certificate itself lies."""
    return [
        Field("Certificate file", "wrapped", lines["certificate_file"], absent=_NOT_A_FILE, widest=46),
        Field("Block", "whole", lines["certificate_block"], absent="none"),
    ]


def day_numbers(days: pd.Series[Any]) -> list[int | None]:
    """Days (datetime64, no zone) as Excel counts them; None where unknown."""
    moments = days.to_numpy(dtype="datetime64[D]")
    numbers = (moments - np.datetime64("1899-12-30", "D")).astype("int64")
    return [None if unknown else number for number, unknown in zip(numbers.tolist(), np.isnat(moments).tolist(), strict=True)]


def optional(values: pd.Series[Any]) -> list[Any]:
    """Numbers that may be missing, as Python numbers and None."""
    return [None if missing else value for value, missing in zip(values.tolist(), values.isna().tolist(), strict=True)]


def _worksheet(file: str, sheet: str) -> str:
    return sheet or ("not a workbook" if file else "none")


def _places(places: pd.DataFrame, sources: pd.Series[Any], names: tuple[str, str, str]) -> dict[str, list[Any]]:
    found = places.set_index("source").reindex(sources.astype("Int64").fillna(-1).astype("int64"))
    file, sheet, row = names
    return {file: found["file"].fillna("").tolist(), sheet: found["sheet"].fillna("").tolist(), row: optional(found["row"].astype("Int64"))}


def _rates_since(ledger: pd.DataFrame, settings: Settings) -> list[int | None]:
    """The first day of the rate-card line that each entry's rate stands in; None where no line has it."""
    since = _rate_line(settings)
    days = [day.date() for day in ledger["service_on"].tolist()]
    wanted = list(zip(ledger["tier"].tolist(), optional(ledger["rate_cents"]), days, strict=True))
    known = {entry: since(*entry) for entry in set(wanted)}
    return [known[entry] for entry in wanted]


def _rates_taken_off(
    ledger: pd.DataFrame, rows: dict[str, int], since: list[int | None], rates: list[int | None]
) -> list[tuple[str, int | None, int | None] | None]:
    """For each adjustment that upgrades a charge of this ledger, the rate-card line of that charge: tier, first day and cents."""
    tiers, amounts = ledger["tier"].tolist(), ledger["amount_cents"].tolist()
    charges = [rows.get(entry_id) if entry_id else None for entry_id in ledger["amends"].tolist()]
    return [None if row is None or not amounts[row] else (tiers[row], since[row], rates[row]) for row in charges]


def _no_unit(ledger: pd.DataFrame, rows: dict[str, int]) -> list[str]:
    """What to say of an entry without a lot: a credit may leave the unit that its charge drew with the office."""
    lots = ledger["lot_id"].tolist()
    taken_back = [rows.get(entry_id) if entry_id else None for entry_id in ledger["reverses"].tolist()]
    return [_NO_UNIT if row is None or not lots[row] else _UNIT_KEPT for row in taken_back]


def _rate_line(settings: Settings) -> Callable[[str, int | None, dt.date], int | None]:
    def since(tier: str, cents: int | None, day: dt.date) -> int | None:
        first_days = [rate.since for rate in settings.rate if rate.tier == tier and rate.cents == cents and rate.since <= day]
        return day_number(max(first_days)) if first_days else None

    return since
