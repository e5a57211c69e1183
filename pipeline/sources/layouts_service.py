"""Layouts of what the service desk and the purchasers keep: requests, pauses, lots and outages."""

from __future__ import annotations

from dataclasses import replace

from pipeline.contracts import REQUEST_KINDS, STATUSES
from pipeline.sources.dates import DAY_MONTH_DASH, DAY_MONTH_DOT, DAY_MONTH_SLASH, DAY_NAME_YEAR, ISO, MONTH_DAY_DASH, MONTH_DAY_SLASH
from pipeline.sources.layouts import Layout, canonical

# Catalogue items and request types as ticket systems word them; hyphens and underscores are read as spaces.
KIND_WORDS = {kind.replace("-", " "): kind for kind in REQUEST_KINDS} | {
    "new certificate": "new", "certificate request": "new", "request a certificate": "new", "request a new certificate": "new",
    "renewal": "renew", "renew certificate": "renew", "renew a certificate": "renew", "certificate renewal": "renew",
    "reissue certificate": "reissue", "reissue a certificate": "reissue", "certificate reissue": "reissue",
    "revocation": "revoke", "revoke certificate": "revoke", "revoke a certificate": "revoke", "certificate revocation": "revoke",
    "challenge phrase": "change-challenge-phrase", "change of challenge phrase": "change-challenge-phrase",
    "change administrator e mail": "change-contact", "change administrator email": "change-contact", "change of contact": "change-contact",
    "help with a certificate": "issue", "help with a current certificate": "issue", "certificate issue": "issue",
    "certificate problem": "issue", "incident": "issue",
}  # fmt: skip
_STATUS_WORDS = {status: status for status in STATUSES} | {"canceled": "cancelled"}

REQUESTS = replace(
    canonical(
        "requests",
        "requests",
        "request_rows",
        "request_id kind agency tier? order_id? submitted_at first_response_at? completed_at? status contact_email? summary?",
        words={"status": _STATUS_WORDS, "kind": KIND_WORDS},
    ),
    required=("request_id", "submitted_at", "status"),
)

# An event log: many rows a number. The agency and the catalogue item are columns that an office adds; `category` is read where its
# words are known. The stamps are in the format of the user's profile, hence the list.
SERVICENOW_INCIDENTS = Layout(
    "servicenow-incident",
    "requests",
    "request_events",
    columns={
        "request_id": ("number",),
        "status": ("incident_state",),
        "at": ("sys_updated_at",),
        "opened_at": ("opened_at",),
        "resolved_at": ("resolved_at",),
        "closed_at": ("closed_at",),
        "kind": ("cat_item", "category"),
        "agency": ("u_department",),
        "tier": ("u_tier",),
        "order_id": ("u_order_id",),
        "sequence": ("sys_mod_count",),
    },
    needs=("number", "incident_state", "opened_at", "sys_updated_at", "resolved_at", "closed_at"),
    required=("request_id", "status", "at"),
    dates=(ISO, DAY_MONTH_DASH, MONTH_DAY_DASH, DAY_MONTH_SLASH, MONTH_DAY_SLASH, DAY_MONTH_DOT),
    missing=frozenset({"?"}),
    words={
        "kind": KIND_WORDS,
        "status": {
            "new": "open", "active": "open", "in progress": "open", "on hold": "paused", "awaiting user info": "paused",
            "awaiting problem": "paused", "awaiting vendor": "paused", "awaiting evidence": "paused", "awaiting change": "paused",
            "awaiting caller": "paused", "resolved": "resolved", "closed": "completed", "canceled": "cancelled", "cancelled": "cancelled",
        },
    },
)  # fmt: skip

# One row a request. Statuses are named by each project; where the name is not known, Jira's own status category decides.
JIRA = Layout(
    "jira",
    "requests",
    "request_rows",
    columns={
        "request_id": ("Issue key",),
        "kind": ("Custom field (Request Type)",),
        "agency": ("Custom field (Department)",),
        "submitted_at": ("Created",),
        "completed_at": ("Resolved",),
        "status": ("Status",),
        "status_category": ("Status Category",),
    },
    needs=("Issue key", "Status", "Created", "Resolved"),
    required=("request_id", "submitted_at", "status"),
    dates=(DAY_NAME_YEAR,),
    words={
        "kind": KIND_WORDS,
        "status": {
            "open": "open", "to do": "open", "new": "open", "in progress": "open", "work in progress": "open", "reopened": "open",
            "waiting for support": "open", "in review": "open", "waiting for approval": "open", "escalated": "open",
            "waiting for customer": "paused", "pending": "paused", "on hold": "paused",
            "resolved": "completed", "done": "completed", "closed": "completed", "completed": "completed",
            "canceled": "cancelled", "cancelled": "cancelled", "declined": "rejected", "rejected": "rejected", "duplicate": "duplicate",
        },
        "status_category": {"to do": "open", "in progress": "open", "done": "completed"},
    },
    repeats=True,
)  # fmt: skip

PAUSES = canonical("pauses", "pauses", "pause_rows", "request_id paused_at resumed_at?")

LOTS = canonical(
    "lots",
    "lots",
    "lot_rows",
    "lot_id tier purchased_on quantity total_cost units_expire_on? vendor? po_number? returns_on_refund? vendor_remaining? "
    "vendor_remaining_on?",
)

OUTAGES = canonical(
    "outages",
    "outages",
    "outage_rows",
    "service began_at ended_at? kind announced_at? note?",
    words={"kind": {word: word for word in ("full", "partial", "planned", "unmonitored")}},
)

LAYOUTS = (REQUESTS, SERVICENOW_INCIDENTS, JIRA, PAUSES, LOTS, OUTAGES)
