"""The office's own lists: data/reference (rarely changed) and data/entries (what people decided). CSV, or XLSX of the same name.

A reference file with a bad row is refused as a whole, for every run depends on it: a holiday that cannot be read would be a working
day. Of data/entries each row is checked for itself; but a correction that cannot be read is one that is not in force, so that file is
refused like a reference file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import hosts
from pipeline.calendar.business_time import FIRST_YEAR, LAST_YEAR
from pipeline.contracts import Table
from pipeline.contracts.entries import (
    ACCEPTED,
    ACCOUNTS,
    ADJUSTMENTS,
    ALIASES,
    CORRECTIONS,
    COSTS,
    ESTIMATES,
    HOSTS,
    LOT_OPENINGS,
    RECOVERY_OPENINGS,
)
from pipeline.contracts.inbox import AGENCIES, CLOSED_DAYS, EXTRA_CLOSURES, NOTES, SERVER_SOFTWARE
from pipeline.findings import Finding
from pipeline.settings import Settings
from pipeline.sources import agency_list, cells, entry_cells, raw_files, sheet_files
from pipeline.sources.layouts import Layout, canonical
from pipeline.sources.limits import SHEET_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.recognition import NO_OVERRIDE
from pipeline.sources.typed_columns import TypedColumns
from pipeline.sources.typed_rows import Builder, Typed, one_address

_EARLIEST_YEAR, _LATEST_YEAR = 1990, 2100
_CONTACTS = ("billing_contact", "security_contact")
_CLOCK = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d", re.ASCII)
# How an amount is read where it is not one without a sign.
_AMOUNTS = {RECOVERY_OPENINGS.name: entry_cells.signed, ADJUSTMENTS.name: entry_cells.decided}


def _no_holiday(what: str, file: str) -> Finding:
    reason = f"{what}: no holiday is counted, and desk time reaches from {FIRST_YEAR} to {LAST_YEAR}."
    return Finding("bad-reference", reason, file=file, severity="warning", action="assumed")


_MISSING = {
    "reference/agencies": Finding("bad-reference", "The file is missing; without it nobody can be charged.", file="reference/agencies.csv"),
    "reference/closed_days": _no_holiday("The file is missing", "reference/closed_days.csv"),
}


def _of_contract(name: str, kind: str, table: Table, columns: str) -> tuple[Layout, Table]:
    """The layout of a list and its contract; `amount` of the file is `amount_cents` of the contract."""
    words = {column.name: {value: value for value in column.values} for column in table.columns if column.values}
    layout = canonical(name, kind, table.name, columns, words)
    in_cents = {column.name.removesuffix("_cents"): column.name for column in table.columns if column.kind == "cents"}
    labels = {in_cents.get(column, column): label for column, label in layout.columns.items()}
    return replace(layout, columns=labels, required=tuple(in_cents.get(column, column) for column in layout.required)), table


_LISTS: tuple[tuple[Layout, Table], ...] = (
    _of_contract(
        "agencies",
        "reference",
        AGENCIES,
        "agency name secretariat? account_id? billing_contact? security_contact? valid_from? valid_to? successor?",
    ),
    _of_contract("closed_days", "reference", CLOSED_DAYS, "date name rule? source?"),
    _of_contract("extra_closures", "reference", EXTRA_CLOSURES, "date opens? closes? reason"),
    _of_contract("server_software", "reference", SERVER_SOFTWARE, "name vendor? note? match?"),
    _of_contract("aliases", "entries", ALIASES, "kind match value means valid_from? valid_to? by? on?"),
    _of_contract("corrections", "entries", CORRECTIONS, "key column value reason by on"),
    _of_contract("accepted", "entries", ACCEPTED, "code file? key? until by reason"),
    _of_contract("hosts", "entries", HOSTS, "host state since by note?"),
    _of_contract(
        "adjustments",
        "entries",
        ADJUSTMENTS,
        "id agency order_id? ledger_entry? kind amount reason approved_by? approved_on? document?",
    ),
    _of_contract("accounts", "entries", ACCOUNTS, "account_id fund sub_fund department unit appropriation object valid_from valid_to?"),
    _of_contract("estimates", "entries", ESTIMATES, "agency fiscal_year amount document?"),
    _of_contract("costs", "entries", COSTS, "fiscal_year tier kind amount note?"),
    _of_contract("recovery_openings", "entries", RECOVERY_OPENINGS, "tier fiscal_year amount"),
    _of_contract("lot_openings", "entries", LOT_OPENINGS, "lot_id units_left"),
    _of_contract("notes", "entries", NOTES, "on until? measure? agency? text by"),
)


@dataclass(frozen=True, slots=True)
class Lists:
    """The office's lists by table name, each as its contract says, what was read of each file, the findings about them and where the
    files lie."""

    tables: Mapping[str, pd.DataFrame]
    readings: tuple[Reading, ...]
    findings: tuple[Finding, ...]
    files: tuple[Path, ...]

    def placed(self) -> dict[str, pd.DataFrame]:
        """The tables, the rows of data/entries with the places that their readings were given."""
        sources = {reading.table: reading.sources for reading in self.readings if reading.kind == "entries"}
        return {
            name: table.assign(source=pd.array(sources[name], dtype="Int64")) if name in sources and "source" in table else table
            for name, table in self.tables.items()
        }


def _of_a_list(refused: Refused) -> Refused:
    """A list has one layout, and no `[[source]]` can map its columns: what is wrong is the file."""
    return Refused("bad-reference", refused.reason) if refused.code == "unknown-layout" else refused


def read(data_folder: Path, settings: Settings) -> Lists:
    """Read every list; one that is missing is empty, and `agencies.csv` may not be missing."""
    tables = {table.name: table.empty() for _, table in _LISTS}
    readings: list[Reading] = []
    findings: list[Finding] = []
    seen: set[str] = set()
    by_place = {f"{layout.kind}/{layout.name}": (layout, table) for layout, table in _LISTS}
    files = [*raw_files.listing(data_folder, "reference"), *raw_files.listing(data_folder, "entries")]
    for listed in files:
        place = listed.path.removesuffix(listed.extension)
        known = by_place.get(place) if listed.extension in (".csv", ".xlsx") and place not in seen else None
        try:
            reading = _list_rows(listed, *known, settings) if known else _skipped(listed, place, place in seen)
        except Refused as refused:
            findings.append(_of_a_list(refused).finding(listed.path))
            continue
        finally:
            seen.add(place)
        readings.append(reading)
        findings.extend(reading.findings)
        if known:
            tables[reading.table] = known[1].check(reading.frame)
    findings.extend(entry_cells.contradictions(readings, set(tables["agencies"]["agency"]), settings.tiers))
    findings.extend(finding for place, finding in _MISSING.items() if place not in seen)
    return Lists(tables, tuple(readings), tuple(findings), tuple(listed.location for listed in files))


def _list_rows(listed: Listed, layout: Layout, table: Table, settings: Settings) -> Reading:
    raw = raw_files.read(listed, SHEET_LIMIT)
    builders: dict[str, Builder] = {table.name: lambda columns, layout, _: _typed(columns, layout, table)}
    reading = sheet_files.read(raw, (layout,), NO_OVERRIDE, settings, builders)
    _one_row_a_key(reading, table)
    bad = next((finding for finding in reading.findings if finding.action == "quarantined"), None)
    if bad is not None and (layout.kind == "reference" or table is CORRECTIONS):
        raise Refused("bad-reference", bad.reason, value=bad.value, column=bad.column, row=bad.row, sheet=bad.sheet)
    if table is AGENCIES:
        agency_list.check(reading)
    if table is CLOSED_DAYS:
        _check_years(reading)
    return reading


def _check_years(reading: Reading) -> None:
    """The closed days are what desk time reaches by: a year that nobody can mean is refused, and a file without a day is told of."""
    years = reading.frame["date"].dt.year
    for position in np.flatnonzero((years < _EARLIEST_YEAR) | (years > _LATEST_YEAR))[:1]:
        reason = f"Desk time is reckoned from {_EARLIEST_YEAR} to {_LATEST_YEAR}; this day lies in {years.iloc[position]}."
        raise Refused("bad-reference", reason, column="date", row=int(reading.rows[position]), sheet=reading.sheet)
    if reading.frame.empty:
        reading.findings.append(_no_holiday("The file names no day", reading.path))


def _typed(columns: TypedColumns, layout: Layout, table: Table) -> Typed:
    """The columns as the contract declares them: days, words of a list, money, times of day, text."""
    columns.require(layout.required)
    data = {}
    for column in table.columns:
        if column.kind == "day":
            data[column.name] = columns.days(column.name)
        elif column.values:
            data[column.name] = columns.words(column.name, layout.words[column.name], empty=column.values[0])
        elif column.kind == "cents":
            data[column.name] = columns.each(column.name, _AMOUNTS.get(table.name, entry_cells.amount), 0, "int64")
        elif column.name == "fiscal_year":
            data[column.name] = columns.each(column.name, entry_cells.fiscal_year, 0, "int64")
        elif column.kind == "whole":
            data[column.name] = columns.each(column.name, cells.whole, 0, "int64")
        elif column.kind == "count":  # the place of the row, which is not known before all files are read
            data[column.name] = pd.Series(pd.NA, index=range(len(columns)), dtype="Int64")
        elif layout.kind == "entries":
            data[column.name] = pd.Series([entry_cells.exact(cell) for cell in columns.written(column.name)], dtype="str")
        else:
            data[column.name] = columns.text(column.name)
    entry_cells.check(columns, table)
    if table is HOSTS:
        data["host"] = data["host"].map(hosts.plain).astype("str")
    for name in _CONTACTS:
        if name in data:
            data[name] = one_address(columns, name)
    if "valid_to" in data:
        columns.not_before(data["valid_from"], data["valid_to"], "valid_to")
    for name in ("opens", "closes"):
        written = columns.column(name)
        wrong = np.array([bool(text) and not _CLOCK.fullmatch(text) for text in written.words()], dtype=bool)
        columns.set_aside(written.where(wrong), "bad-value", "A time of day is written like 12:00.", name)
    return data, [data[column.name] for column in table.columns if column.kind == "day"]


def _one_row_a_key(reading: Reading, table: Table) -> None:
    """Of rows that are alike in every cell the first counts; then every row whose key stands twice is set aside."""
    if not table.key:
        return
    _count_once(reading)
    repeated = reading.frame.duplicated(subset=list(table.key), keep=False).to_numpy(dtype=bool)
    for position in np.flatnonzero(repeated):
        value = " ".join(str(reading.frame[name].iloc[position]) for name in table.key)
        reason = f"Another row has the same {', '.join(table.key)} and says otherwise."
        row = int(reading.rows[position])
        reading.findings.append(Finding("conflicting-rows", reason, value=value, file=reading.path, sheet=reading.sheet, row=row))
    reading.drop(repeated)


def _count_once(reading: Reading) -> None:
    """Set aside each row that says the same as an earlier one: pasted twice, it counts once (DESIGN §4)."""
    again = reading.frame.drop(columns="source", errors="ignore").duplicated(keep="first").to_numpy(dtype=bool)
    for position in np.flatnonzero(again):
        reason, row = "An earlier row of this file says the same; it counts once.", int(reading.rows[position])
        found = Finding("duplicate-row", reason, file=reading.path, sheet=reading.sheet, row=row, action="quarantined")
        reading.findings.append(found)
    reading.drop(again)


def _skipped(listed: Listed, place: str, is_second: bool) -> Reading:
    raw = raw_files.read(listed, SHEET_LIMIT)
    folder, _, name = place.partition("/")
    known = [layout.name for layout, _ in _LISTS if layout.kind == folder]
    if is_second:
        reason = f"Another file of the name {name} is read; of two the first counts, and this one is not read."
    else:
        reason = f"No list of this name is read; known in data/{folder} are {', '.join(known)}, as .csv or .xlsx."
    note = Finding("skipped-file", reason, file=listed.path)
    return Reading(listed.path, "skipped", raw.sha256, len(raw.data), findings=[note])
