"""What may be corrected, how a value is written, and which cells of a typed row it stands for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.contracts import REQUEST_KINDS, STATUSES
from pipeline.contracts.entries import KIND_KEY
from pipeline.mail_addresses import addresses_in, as_contact

_CERTIFICATE_STATUSES = ("issued", "revoked", "expired", "pending", "rejected", "canceled")
_DAYS = ("issued_on", "revoked_on")
_INSTANTS = ("valid_from", "valid_to", "submitted_at", "first_response_at", "completed_at")
_TEXTS = ("order_id", "server_software")
# Table of the inbox -> the columns of its rows that may be corrected. The times of an event log are those of its events.
CORRECTABLE: dict[str, tuple[str, ...]] = {
    "export_rows": (
        "agency", "tier", "order_id", "contact_email", "issued_on", "valid_from", "valid_to", "status", "revoked_on", "server_software",
    ),
    "request_rows": (
        "kind", "agency", "tier", "order_id", "contact_email", "submitted_at", "first_response_at", "completed_at", "status",
    ),
    "request_events": ("kind", "agency", "tier", "order_id", "contact_email"),
}  # fmt: skip
COLUMNS = tuple(dict.fromkeys(column for columns in CORRECTABLE.values() for column in columns))

_MONEY = re.compile(r"amount|cents|cost|price|rate|total|dollar", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def column_refusal(column: str) -> str:
    """Why `column` cannot be corrected; "" where it can."""
    if column in COLUMNS:
        return ""
    if _MONEY.search(column):
        return f"Money is never corrected here ('{column}'): amounts follow from the rate card, lots and orders."
    return f"'{column}' cannot be corrected; what can be are {', '.join(COLUMNS)}."


def value_refusal(key: str, column: str, value: str, codes: Collection[str], tiers: Collection[str]) -> str:
    """Why `value` cannot stand in `column`, which can be corrected; "" where it can. `codes` are the agency codes, `tiers` the tiers."""
    if key.casefold().startswith(KIND_KEY) and column != "kind":
        return f"A key that begins with {KIND_KEY} names a kind of request; only the column kind can be corrected by it."
    allowed: dict[str, Collection[str]] = {
        "agency": codes,
        "tier": tiers,
        "kind": REQUEST_KINDS,
        "status": tuple(dict.fromkeys((*_CERTIFICATE_STATUSES, *STATUSES))),
    }
    if column in allowed and value not in allowed[column]:
        known = "one of data/reference/agencies.csv" if column == "agency" else ", ".join(allowed[column])
        return f"'{value}' is no {column}; it must be {known}."
    if column == "contact_email" and not addresses_in(value):
        return f"'{value}' is no e-mail address and no list of them."
    if column in (*_DAYS, *_INSTANTS) and _moment(value, bare=column in _DAYS) is None:
        return f"'{value}' is no date; write 2026-11-02" + ("." if column in _DAYS else " or 2026-11-02T09:30:00-05:00.")
    return ""


def cells(table: str, column: str, value: str, zone: ZoneInfo) -> dict[str, Any] | None:
    """The cells of a row of `table` that `value` in `column` stands for; None where such a row has no such column or word.

    Days without a time mean what they mean in an export: the first and the last second of a validity in UTC, local midnight of a
    request. A time without a zone is local to `zone`.
    """
    if column not in CORRECTABLE[table]:
        return None
    if column == "agency":
        named = {"agency_text": value, "agency_match": "code"}
        return named if table == "export_rows" else {**named, "has_agency_column": True}
    if column == "tier":
        return {"product": value}
    if column == "kind":
        return {"kind": value, "kind_text": ""}
    if column == "status":
        return {"status": value} if value in (_CERTIFICATE_STATUSES if table == "export_rows" else STATUSES) else None
    if column == "contact_email":
        return {column: as_contact(addresses_in(value))}
    if column in _TEXTS:
        return {column: value}
    return _dated(column, value, zone)


def _dated(column: str, value: str, zone: ZoneInfo) -> dict[str, Any]:
    moment = _moment(value, bare=column in _DAYS)
    if moment is None:
        raise ValueError(f"{column} was corrected to {value!r}, which should have been refused when it was read")
    day = pd.Timestamp(moment.date()).as_unit("us")
    if column in _DAYS:
        return {column: day}
    bare = len(value) == len("2026-11-02")
    if bare and column == "valid_to":
        moment += dt.timedelta(days=1, seconds=-1)
    in_utc = bare and column in ("valid_from", "valid_to")
    local = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC if in_utc else zone)
    found: dict[str, Any] = {column: pd.Timestamp(local.astimezone(dt.UTC)).as_unit("us")}
    if bare and column != "first_response_at":
        found["dates_only"] = True
    if column == "valid_from":
        found["valid_from_on"] = day
    if column == "completed_at":
        found["completed_by_closing"] = False
    return found


def _moment(text: str, *, bare: bool) -> dt.datetime | None:
    """The date, and time if any, that is written; None where it is none, or has a time where only a day may stand."""
    if not (_DAY if bare else _INSTANT).fullmatch(text):
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None
