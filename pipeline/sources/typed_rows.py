"""Rows of text to the typed rows of each table of the inbox: what a column of a layout becomes, and which cells it may not lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline import rates
from pipeline.contracts import ALIASES, DTYPES, Table
from pipeline.contracts.inbox import EXPORT_ROWS, LOT_ROWS, OUTAGE_ROWS, PAUSE_ROWS, REQUEST_EVENTS, REQUEST_ROWS
from pipeline.mail_addresses import addresses_in, as_contact, is_address
from pipeline.settings import Settings
from pipeline.sources import cells, key_words
from pipeline.sources.layouts import Layout
from pipeline.sources.typed_columns import TypedColumns

# The rows without `source`, and days that the rows speak of, for the age of the file.
Typed = tuple[dict[str, Any], list["pd.Series[Any]"]]
Builder = Callable[[TypedColumns, Layout, Settings], Typed]

DATE_COLUMNS = (
    "seen_on", "issued_on", "valid_from", "valid_to", "revoked_on", "submitted_at", "first_response_at", "completed_at", "at", "opened_at",
    "resolved_at", "closed_at", "paused_at", "resumed_at", "purchased_on", "units_expire_on", "vendor_remaining_on", "began_at", "ended_at",
    "announced_at", "date", "on", "until", "approved_on",
)  # fmt: skip
# Only these states are certificates; an order that waits or was turned down has no serial yet.
_CERTIFICATES = ("", "issued", "revoked", "expired")
_SHOWN_WORDS = 5
_NO_ALIASES = ALIASES.empty()


def certificates(columns: TypedColumns, layout: Layout, settings: Settings) -> Typed:
    """`EXPORT_ROWS`: a bare valid_to covers the whole of that day in UTC; dates as written are never shifted."""
    status = columns.words("status", layout.words.get("status", {}))
    columns.require(layout.required, status.isin(_CERTIFICATES).to_numpy(dtype=bool))
    valid_from, bare_from = columns.instants("valid_from", "first-second")
    valid_to, bare_to = columns.instants("valid_to", "last-second")
    columns.not_before(valid_from, valid_to, "valid_to")
    _judge_fingerprints(columns)
    _tell_of_missing_names(columns)
    issued_on, revoked_on, valid_from_on = columns.days("issued_on"), columns.days("revoked_on"), columns.days("valid_from")
    data = {
        "role": _constant(columns, layout.role, "str"),
        "order_id": columns.text("order_id"),
        "serial": columns.each("serial_number", cells.serial, "", "str"),
        "common_name": columns.each("common_name", cells.common_name, "", "str"),
        "subject_alternative_names": columns.each("subject_alternative_names", cells.names, "", "str"),
        "issuer": columns.text("issuer"),
        "issued_on": issued_on,
        "valid_from_on": valid_from_on,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "dates_only": pd.Series(bare_from | bare_to, dtype="bool"),
        "product": columns.text("tier"),
        "agency_text": columns.text("agency"),
        "agency_match": _constant(columns, layout.agency_match, "str"),
        "contact_email": contact(columns, "contact_email"),
        "server_software": columns.text("server_software"),
        "status": status,
        "revoked_on": revoked_on,
        "revocation_reason": columns.text("revocation_reason"),
        "fingerprint_sha256": columns.each("sha256_fingerprint", cells.fingerprint, "", "str"),
        **key_words.typed(columns),
    }
    return data, [issued_on, revoked_on, valid_from_on, columns.days("seen_on")]


def contact(columns: TypedColumns, name: str) -> pd.Series[Any]:
    """The column as contacts, each one e-mail address or several (`mail_addresses.addresses_in`), joined by a comma and a space.

    A cell that holds anything else is told of and taken for none, all of it, and its row stays.
    """
    _only(columns, name, lambda text: bool(addresses_in(text)), "This is no e-mail address and no list of them, so nobody is written to.")
    return columns.each(name, lambda text: as_contact(addresses_in(text)), "", "str")


def one_address(columns: TypedColumns, name: str) -> pd.Series[Any]:
    """The column as e-mail addresses, one a cell; what is not one address is told of and taken for none, and its row stays."""
    _only(columns, name, is_address, "This is not one e-mail address, so nobody is written to.")
    return columns.text(name)


def _only(columns: TypedColumns, name: str, is_right: Callable[[str], bool], reason: str) -> None:
    """`bad-email` for each filled cell that is not right, which is taken for empty."""
    written = columns.column(name)
    wrong = written.where(np.array([text != "" and not is_right(text) for text in written.words()], dtype=bool))
    columns.remark(wrong, "bad-email", reason, name, "kept")
    columns.disregard(name, wrong)


def _judge_fingerprints(columns: TypedColumns) -> None:
    """Where the export names the algorithm of a fingerprint, only SHA-256 is one; an unnamed one must be of its length."""
    algorithms = columns.column("fingerprint_algorithm")
    other = [text != "" and cells.word(text).replace(" ", "") != "sha256" for text in algorithms.words()]
    columns.disregard("sha256_fingerprint", algorithms.where(np.array(other, dtype=bool)))


def _tell_of_missing_names(columns: TypedColumns) -> None:
    """`names-cut-short` for each row that says of itself that it gives only some of the names."""
    cut = columns.each("names_cut_short", cells.flag, False, "bool").to_numpy(dtype=bool)
    columns.remark(cut, "names-cut-short", "The system lists only some of this certificate's names.", "subject_alternative_names", "kept")


def requests(columns: TypedColumns, layout: Layout, settings: Settings) -> Typed:
    """`REQUEST_ROWS` of a log with one row a request; a bare date is local midnight of that day and marked in `dates_only`."""
    columns.require(layout.required)
    submitted, bare_submitted = columns.instants("submitted_at", "local")
    responded, _ = columns.instants("first_response_at", "local")
    completed, bare_completed = columns.instants("completed_at", "local")
    data = {
        "request_id": columns.text("request_id"),
        **_asked(columns, layout),
        "submitted_at": submitted,
        "first_response_at": responded,
        "completed_at": completed,
        "reopened_at": _constant(columns, pd.NaT, DTYPES["instant"]),
        "reopen_count": _constant(columns, 0, "int64"),
        "status": _request_status(columns, layout),
        "dates_only": pd.Series(bare_submitted | bare_completed, dtype="bool"),
        "completed_by_closing": _constant(columns, False, "bool"),
    }
    return data, [submitted, responded, completed]


def request_events(columns: TypedColumns, layout: Layout, settings: Settings) -> Typed:
    """`REQUEST_EVENTS` of a log with many rows a request."""
    columns.require(layout.required)
    stamps = {name: columns.instants(name, "local")[0] for name in ("at", "opened_at", "resolved_at", "closed_at")}
    data = {
        "request_id": columns.text("request_id"),
        "status": columns.words("status", layout.words["status"], empty="open"),
        **stamps,
        **_asked(columns, layout),
        "sequence": columns.each("sequence", cells.ordinal, "", "str"),
    }
    return data, list(stamps.values())


def pauses(columns: TypedColumns, layout: Layout, settings: Settings) -> Typed:
    """`PAUSE_ROWS`."""
    columns.require(layout.required)
    paused, resumed = columns.instants("paused_at", "local")[0], columns.instants("resumed_at", "local")[0]
    columns.not_before(paused, resumed, "resumed_at")
    return {"request_id": columns.text("request_id"), "paused_at": paused, "resumed_at": resumed}, [paused, resumed]


def lots(columns: TypedColumns, layout: Layout, settings: Settings, aliases: pd.DataFrame = _NO_ALIASES) -> Typed:
    """`LOT_ROWS`: money in cents, the tier by its own name, a product name of `[tiers]` or an alias on the day of purchase."""
    columns.require(layout.required)
    purchased, expire = columns.days("purchased_on"), columns.days("units_expire_on")
    columns.not_before(purchased, expire, "units_expire_on")
    counted = columns.days("vendor_remaining_on")
    tier = rates.tier_of(columns.text("tier"), settings.tiers, aliases, purchased)
    unknown = f"No tier of certledger.toml or aliases.csv has this name; there are {', '.join(settings.tiers)}."
    columns.set_aside(columns.column("tier").filled() & (tier == "").to_numpy(dtype=bool), "unknown-tier", unknown, "tier")
    data = {
        "lot_id": columns.text("lot_id"),
        "tier": tier,
        "purchased_on": purchased,
        "quantity": columns.each("quantity", cells.units, 0, "int64"),
        "total_cost_cents": columns.each("total_cost", cells.cents, 0, "int64"),
        "units_expire_on": expire,
        "vendor": columns.text("vendor"),
        "po_number": columns.text("po_number"),
        "returns_on_refund": columns.each("returns_on_refund", cells.flag, False, "bool"),
        "vendor_remaining": columns.count("vendor_remaining"),
        "vendor_remaining_on": counted,
    }
    return data, [purchased, counted]


def outages(columns: TypedColumns, layout: Layout, settings: Settings) -> Typed:
    """`OUTAGE_ROWS`."""
    columns.require(layout.required)
    began, ended = columns.instants("began_at", "local")[0], columns.instants("ended_at", "local")[0]
    columns.not_before(began, ended, "ended_at")
    announced = columns.instants("announced_at", "local")[0]
    data = {
        "service": columns.text("service"),
        "began_at": began,
        "ended_at": ended,
        "kind": columns.words("kind", layout.words["kind"], empty="full"),
        "announced_at": announced,
        "note": columns.text("note"),
    }
    return data, [began, ended, announced]


TABLES: dict[str, tuple[Table, Builder]] = {
    "export_rows": (EXPORT_ROWS, certificates),
    "request_rows": (REQUEST_ROWS, requests),
    "request_events": (REQUEST_EVENTS, request_events),
    "pause_rows": (PAUSE_ROWS, pauses),
    "lot_rows": (LOT_ROWS, lots),
    "outage_rows": (OUTAGE_ROWS, outages),
}


def newest_day(stamps: list[pd.Series[Any]], rows: int, zone: ZoneInfo) -> pd.Series[Any]:
    """For each of `rows` rows the newest day among its stamps (days, or instants taken as local days); NaT without any."""
    newest = np.full(rows, np.datetime64("NaT", "us"))
    for stamp in stamps:
        days = stamp.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize() if isinstance(stamp.dtype, pd.DatetimeTZDtype) else stamp
        newest = np.fmax(newest, days.to_numpy(dtype="datetime64[us]"))
    return pd.Series(newest)


def _constant(columns: TypedColumns, value: Any, dtype: str) -> pd.Series[Any]:
    return pd.Series(value, index=pd.RangeIndex(len(columns)), dtype=dtype)


def _asked(columns: TypedColumns, layout: Layout) -> dict[str, Any]:
    """What was asked, by whom, for what: the columns that both tables of requests have."""
    if not columns.has("agency") and len(columns):
        columns.note("unassigned-requests", f"The log has no column for the agency, so its {len(columns):,} rows name nobody.", "agency")
    kind, kind_text = _request_kind(columns, layout)
    return {
        "kind": kind,
        "kind_text": kind_text,
        "agency_text": columns.text("agency"),
        "agency_match": _constant(columns, layout.agency_match, "str"),
        "product": columns.text("tier"),
        "order_id": columns.text("order_id"),
        "has_agency_column": _constant(columns, columns.has("agency"), "bool"),
        "contact_email": contact(columns, "contact_email"),
    }


def _request_kind(columns: TypedColumns, layout: Layout) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """The kind of request, and its word where that is not known.

    What is not known is trouble with a current certificate, `issue`, and one finding a word says so; one more counts the empty cells.
    Where no word of the column is known it holds something else than kinds, and one finding says that.
    """
    known = {cells.word(word): kind for word, kind in layout.words["kind"].items()}
    column = columns.column("kind")
    words, rows = column.words(), column.counts()
    kinds = [known.get(cells.word(text), "") for text in words]
    unknown = {text: count for text, kind, count in zip(words, kinds, rows, strict=True) if text and not kind}
    if unknown and not any(kinds):
        shown = ", ".join(f"'{text[:30]}'" for text in sorted(unknown)[:_SHOWN_WORDS])
        reason = f"None of its {len(unknown)} words is a kind of request; all {len(columns)} rows are read as 'issue'. It holds {shown}."
        columns.note("unknown-kind", reason, "kind")
    else:
        for text, count in unknown.items():
            columns.note("unknown-kind", f"Rows with this word, all read as 'issue': {count:,}.", "kind", value=text)
        if columns.has("kind") and (empty := sum(count for text, count in zip(words, rows, strict=True) if not text)):
            columns.note("unknown-kind", f"Rows that name no kind, all read as 'issue': {empty:,}.", "kind")
    as_written = column.renamed(lambda text: "" if cells.word(text) in known else text)
    return column.renamed(lambda text: known.get(cells.word(text), "issue")).series(), as_written.series()


def _request_status(columns: TypedColumns, layout: Layout) -> pd.Series[Any]:
    """The state in our words; where a project's own word is not known, its category decides."""
    words = layout.words["status"]
    if not columns.has("status_category"):
        return columns.words("status", words)
    categories = layout.words["status_category"]
    named = columns.column("status").renamed(lambda text: words.get(cells.word(text), ""))
    decided = columns.column("status_category").renamed(lambda text: categories.get(cells.word(text), ""))
    status = named.or_else(decided)
    columns.set_aside(~status.filled(), "bad-value", f"The words known here are {', '.join(words)}.", "status")
    return status.renamed(lambda text: text or "open").series()
