"""The ledger as people read it: each entry with its certificate, its place in the source files and a note in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd

from pipeline.chargeback import in_invoice_order
from pipeline.findings import counted
from pipeline.publish import words
from pipeline.publish.line_notes import why
from pipeline.publish.workbooks.grid import Field

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


def lines_of(ledger: pd.DataFrame, facts: pd.DataFrame) -> Lines:
    """The entries of `ledger` (LEDGER), as `chargeback.in_invoice_order` sorts them, with what `facts` (CLOSED_LINES) say of each.

    `ledger` holds the entries that its credits take back; without them it cannot be said whether a unit was given back.
    """
    ledger = in_invoice_order(ledger)
    facts = facts.set_index("entry_id").loc[ledger["entry_id"]]
    days = ("issued_on", "rate_since", "rate_until", "base_since", "base_until")
    return Lines(
        {
            **{name: ledger[name].tolist() for name in ("entry_id", *ACCOUNT, "agency", "order_id", "tier", "kind", "class")},
            **{name: ledger[name].tolist() for name in ("request_id", "lot_id", "invoice_no", "amount_cents", "corrected_invoice")},
            **{name: ledger[name].tolist() for name in ("adjustment", "decision", "reason", "approved_by", "document", "rebills")},
            "approved_on": day_numbers(ledger["approved_on"]),
            "memo_cents": optional(ledger["memo_cents"]),
            "service_on": day_numbers(ledger["service_on"]),
            "rate_cents": optional(ledger["rate_cents"]),
            "unit_cost_cents": optional(ledger["unit_cost_cents"]),
            "no_unit": _no_unit(ledger),
            **{name: facts[name].tolist() for name in ("serial", "host", "other_names", "requester", "note", "base_tier")},
            **{name: facts[name].tolist() for name in ("file", "sheet", "certificate_file")},
            **{name: optional(facts[name]) for name in ("row", "certificate_block", "base_cents")},
            **{name: day_numbers(facts[name]) for name in days},
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
        Field("Issued", "day", lines["issued_on"], absent="no certificate"),
        Field("Class", "text", lines["class"], absent="regular"),
        Field("Request", "text", lines["request_id"], absent="not linked"),
        Field("Requester", "text", lines["requester"], absent="not in the log"),
        Field("Serial", "mono", lines["serial"], absent="not in the export"),
        Field("Other names", "text", lines["other_names"], absent="none", widest=30),
    ]


def decision_fields(lines: Lines) -> list[Field]:
    """The columns that say who changed an amount and why; a change without a name follows from the rules."""
    return [
        Field("What", "wrapped", _what(lines), widest=18),
        Field("Order", "wrapped", lines["order_id"], absent="no order number", widest=22),
        Field("Common name", "wrapped", lines["host"], absent="no certificate", widest=30),
        Field("Reason", "wrapped", _reasons(lines), absent="none", widest=40),
        Field("Approved by", "wrapped", lines["approved_by"], absent="by rule", widest=20),
        Field("Service day", "day", lines["service_on"]),
        Field("Corrects", "wrapped", lines["corrected_invoice"], absent="no invoice", widest=26),
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
        Field("Worksheet", "text", [worksheet(*of) for of in zip(lines["file"], lines["sheet"], strict=True)]),
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


def _what(lines: Lines) -> list[str]:
    """`late charge`, `correcting credit`, or what somebody decided, else the kind."""
    groups = {"late": "late ", "correction": "correcting "}
    columns = zip(lines["class"], lines["decision"], lines["kind"], strict=True)
    return [f"{groups.get(group, '')}{decision or kind}" for group, decision, kind in columns]


def _reasons(lines: Lines) -> list[str]:
    """Why, of a late item its month first, of a line that is billed anew the invoice that billed it before."""
    columns = zip(lines["class"], lines["service_on"], lines["reason"], lines["rebills"], lines["corrected_invoice"], strict=True)
    return [_reason(*of_line) for of_line in columns]


def _reason(group: str, day: int, reason: str, rebills: str, corrected_invoice: str) -> str:
    if rebills:
        anew = f"bills anew what {corrected_invoice or 'an earlier invoice'} billed"
        rest = why(reason, rebills, corrected_invoice)
        return f"{anew}: {rest}" if rest else anew
    return f"of {_month(day)}, which was closed before; {reason}" if group == "late" else reason


def _month(number: int) -> str:
    return words.month(f"{np.datetime64('1899-12-30', 'D') + np.timedelta64(number, 'D')}"[:7])


def worksheet(file: str, sheet: str) -> str:
    """The worksheet of a place, or why there is none."""
    return sheet or ("not a workbook" if file else "none")


def _no_unit(ledger: pd.DataFrame) -> list[str]:
    """What to say of an entry without a lot: a credit may leave the unit that its charge drew with the office."""
    rows = {entry_id: row for row, entry_id in enumerate(ledger["entry_id"].tolist())}
    lots = ledger["lot_id"].tolist()
    taken_back = [rows.get(entry_id) if entry_id else None for entry_id in ledger["reverses"].tolist()]
    return [_NO_UNIT if row is None or not lots[row] else _UNIT_KEPT for row in taken_back]
