"""From any name in the books to the rows behind it: invoice, ledger entry, order, request, certificate or serial -> sources.

Pure: tables in, hits and lines of text out. What stands in the rows themselves is `sources.literal`'s to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a published table that the name stands for, as `column: text`, and the sources behind it."""

    table: str
    title: str
    facts: dict[str, str]
    sources: tuple[int, ...]


# Table -> (columns a name may stand in, columns shown). The invoice is found by period and agency, see `_invoice_names`.
_SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ledger": (
        ("entry_id", "order_id", "certificate", "request_id"),
        (
            "entry_id", "period", "service_on", "kind", "tier", "amount_cents",
            "agency", "billed_to", "order_id", "common_name", "lot_id", "reason",
        ),
    ),
    "certificates": (
        ("certificate", "serial", "order_id", "fingerprint_sha256", "common_name"),
        ("common_name", "serial", "issuer", "valid_from", "valid_to", "agency", "tier", "order_id", "status", "matched", "certificate"),
    ),
    "requests": (
        ("request_id", "order_id"),
        (
            "request_id", "kind", "agency", "submitted_at", "completed_at", "status", "due_on", "verdict",
            "business_days", "business_seconds", "paused_seconds", "order_id",
        ),
    ),
}  # fmt: skip


def find(name: str, tables: Mapping[str, pd.DataFrame]) -> list[Hit]:
    """Every row that `name` stands for, invoices first; an empty list when nothing has that name.

    Names are compared without case; a serial may be written with colons or spaces. A ledger entry may be named by its
    first eight characters. An invoice is named by its number or, while a draft, by `PERIOD-AGENCY`.
    """
    wanted = name.strip().casefold()
    hits = _invoices(wanted, tables)
    serial = wanted.replace(":", "").replace(" ", "").removeprefix("0x")
    for table, (names, shown) in _SHOWN.items():
        frame = tables[table]
        match = pd.Series(False, index=frame.index)
        for column in names:
            folded = frame[column].str.casefold()
            match |= (folded == wanted) | ((folded == serial) if column == "serial" else False)
            if column == "entry_id" and len(wanted) >= 8:
                match |= folded.str.startswith(wanted)
        hits.extend(_hit(table, row, shown) for row in frame[match & (wanted != "")].to_dict("records"))
    return hits


def _invoices(wanted: str, tables: Mapping[str, pd.DataFrame]) -> list[Hit]:
    invoices, ledger = tables["invoices"], tables["ledger"]
    drafts = (invoices["period"] + "-" + invoices["agency"]).str.casefold()
    match = (drafts == wanted) | ((invoices["invoice_no"].str.casefold() == wanted) & (wanted != ""))
    hits = []
    for row in invoices[match].to_dict("records"):
        of_it = (ledger["period"] == row["period"]) & (ledger["billed_to"] == row["agency"]) & (ledger["account_id"] == row["account_id"])
        shown = ("period", "agency", "account_id", "status", "lines", "amount_cents", "workbook")
        hits.append(_hit("invoices", row, shown))
        lines = ledger[of_it].sort_values(["service_on", "entry_id"])
        hits.extend(_hit("ledger", line, _SHOWN["ledger"][1]) for line in lines.to_dict("records"))
    return hits


def _hit(table: str, row: Mapping[Any, Any], shown: tuple[str, ...]) -> Hit:
    facts = {name: _text(name, row[name]) for name in shown}
    sources = [row[name] for name in ("source", "pem_source") if name in row and not pd.isna(row[name])]
    title = {"invoices": "Invoice", "ledger": "Ledger entry", "certificates": "Certificate", "requests": "Request"}[table]
    return Hit(table, title, {name: text for name, text in facts.items() if text}, tuple(int(source) for source in sources))


def _text(name: str, value: Any) -> str:
    if pd.isna(value):
        return ""
    if name.endswith("_seconds"):
        minutes = int(value) // 60
        return f"{minutes // 60:,} h {minutes % 60:02d} min of desk time"
    if name.endswith("_days"):
        return str(int(value))
    if name.endswith("_cents"):
        cents = int(str(value))
        return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.strftime("%Y-%m-%d")
    return str(value)


def places(hit: Hit, tables: Mapping[str, pd.DataFrame]) -> list[tuple[str, str, int]]:
    """File, sheet and row of each source behind `hit`, in order."""
    found = tables["places"][tables["places"]["source"].isin(hit.sources)]
    return [(str(file), str(sheet), int(row)) for file, sheet, row in zip(found["file"], found["sheet"], found["row"], strict=True)]


def findings_at(place: tuple[str, str, int], tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """What was found wrong with the row at `place`, a sentence each."""
    findings = tables["findings"]
    file, sheet, row = place
    found = findings[(findings["file"] == file) & (findings["sheet"] == sheet) & (findings["row"] == row)]
    sentences = found[["severity", "action", "reason"]].itertuples(index=False)
    return [f"{severity}, {action}: {reason}" for severity, action, reason in sentences]
