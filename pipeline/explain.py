"""From any name in the books to the rows behind it: invoice, ledger entry, order, request, certificate or serial -> sources.

Pure: tables in, hits and lines of text out. What stands in the rows themselves is `sources.literal`'s to tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.chargeback import in_invoice_order
from pipeline.money import dollars

_SHORTEST_BEGINNING = 8


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
            "agency", "billed_to", "order_id", "common_name", "lot_id", "reason", "reverses", "amends", "workbook",
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
    """Every row that `name` stands for, invoices first, and the ledger entries of each certificate found; empty when there is none.

    Names are compared without case; a serial may be written with colons, spaces and leading zeros. A ledger entry or a certificate may
    be named by its first eight digits or more. An invoice is named by its number or, while a draft, by `PERIOD-AGENCY`.
    """
    wanted = name.strip().casefold()
    if not wanted:
        return []
    tables = {**tables, "ledger": _with_workbooks(tables["ledger"], tables["invoices"])}
    found = {table: _named(tables[table], names, wanted) for table, (names, _) in _SHOWN.items()}
    certificates = tables["certificates"].loc[found["certificates"], "certificate"]
    found["ledger"] |= tables["ledger"]["certificate"].isin(certificates)
    hits = _invoices(wanted, tables)
    billed = {hit.facts["entry_id"] for hit in hits if hit.table == "ledger"}
    for table, (_, shown) in _SHOWN.items():
        rows = tables[table][found[table]].to_dict("records")
        hits.extend(_hit(table, row, shown) for row in rows if row.get("entry_id") not in billed)
    return hits


def _named(frame: pd.DataFrame, columns: Sequence[str], wanted: str) -> pd.Series[bool]:
    """Which rows of `frame` have the name `wanted` (lower case) in one of `columns`."""
    match = pd.Series(False, index=frame.index)
    for column in columns:
        folded = frame[column].str.casefold()
        match |= folded == wanted
        if column == "serial" and (serial := _bare_serial(wanted)):
            match |= folded.str.lstrip("0") == serial
        if column in ("entry_id", "certificate") and len(wanted) >= _SHORTEST_BEGINNING:
            match |= folded.str.replace(r"^.*:", "", regex=True).str.startswith(wanted)
    return match


def _bare_serial(wanted: str) -> str:
    """A serial as serials are compared: without marks and leading zeros."""
    return wanted.replace(":", "").replace(" ", "").removeprefix("0x").lstrip("0")


def _with_workbooks(ledger: pd.DataFrame, invoices: pd.DataFrame) -> pd.DataFrame:
    """`ledger` with the `workbook` of the invoice that each entry stands on, '' where it stands on none."""
    booked = invoices[["period", "agency", "account_id", "workbook"]].rename(columns={"agency": "billed_to"})
    placed = ledger.merge(booked, on=["period", "billed_to", "account_id"], how="left", validate="many_to_one")
    return placed.fillna({"workbook": ""})


def _invoices(wanted: str, tables: Mapping[str, pd.DataFrame]) -> list[Hit]:
    invoices, ledger = tables["invoices"], tables["ledger"]
    drafts = (invoices["period"] + "-" + invoices["agency"]).str.casefold()
    match = (drafts == wanted) | (invoices["invoice_no"].str.casefold() == wanted)
    hits = []
    for row in invoices[match].to_dict("records"):
        of_it = (ledger["period"] == row["period"]) & (ledger["billed_to"] == row["agency"]) & (ledger["account_id"] == row["account_id"])
        shown = ("period", "agency", "account_id", "status", "lines", "amount_cents", "workbook")
        hits.append(_hit("invoices", row, shown))
        hits.extend(_hit("ledger", line, _SHOWN["ledger"][1]) for line in in_invoice_order(ledger[of_it]).to_dict("records"))
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
        return dollars(int(str(value)))
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
    sentences = found[["severity", "action", "reason", "accepted"]].itertuples(index=False)
    return [f"{severity}, {action}: {' '.join(filter(None, (reason, accepted)))}" for severity, action, reason, accepted in sentences]
