"""Layouts of ticket systems: lists with one row a request, and logs with one row an event. Headers are literal, from
facts/certificate-systems §3.14; where none was found the user maps the columns in a [[source]]."""

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
        "order_id": ("Custom field (Order ID)",),
        "contact_email": ("Custom field (Contact email)",),
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

# Requested items of the service catalogue, by the names of their fields: one row a request. The system closes an item as incomplete
# where nobody fulfilled it, and as skipped where nobody wanted it any more.
SERVICENOW_ITEMS = Layout(
    "servicenow-ritm",
    "requests",
    "request_rows",
    columns={
        "request_id": ("number",),
        "kind": ("cat_item",),
        "agency": ("u_department",),
        "tier": ("u_tier",),
        "order_id": ("u_order_id",),
        "submitted_at": ("opened_at", "sys_created_on"),
        "completed_at": ("closed_at",),
        "status": ("state",),
    },
    needs=("number", "cat_item", "opened_at", "closed_at", "state"),
    required=("request_id", "submitted_at", "status"),
    dates=(ISO, DAY_MONTH_DASH, DAY_MONTH_SLASH, MONTH_DAY_SLASH),
    words={
        "kind": KIND_WORDS,
        "status": {
            "pending": "paused", "open": "open", "work in progress": "open", "closed complete": "completed",
            "closed incomplete": "rejected", "closed skipped": "cancelled",
        },
    },
    records="result",
)  # fmt: skip

# The marks behind the labels are part of them. An empty date shows as the first second of 1970 in the server's zone. The report gives
# the last resolution only, so a request that was reopened counts to there.
REMEDY = Layout(
    "remedy-itsm",
    "requests",
    "request_rows",
    columns={
        "request_id": ("Incident ID*+",),
        "agency": ("Department",),
        "submitted_at": ("Reported Date+",),
        "completed_at": ("Last Resolved Date",),
        "status": ("Status*",),
    },
    needs=("Incident ID*+", "Reported Date+", "Last Resolved Date", "Status*"),
    required=("request_id", "submitted_at", "status"),
    dates=(ISO, MONTH_DAY_SLASH, DAY_MONTH_SLASH),
    epoch_is_missing=True,
    words={
        "kind": KIND_WORDS,
        "status": {
            "new": "open", "assigned": "open", "in progress": "open", "pending": "paused", "resolved": "completed",
            "closed": "completed", "cancelled": "cancelled",
        },
    },
)  # fmt: skip

# One row an event and nothing but what is needed. Every wait pauses the clock, as in facts/service-levels §6.
EVENT_LOG = Layout(
    "event-log",
    "requests",
    "request_events",
    columns={
        "request_id": ("case",),
        "status": ("activity",),
        "at": ("timestamp",),
        "kind": ("kind",),
        "agency": ("agency",),
        "tier": ("tier",),
        "order_id": ("order_id",),
    },
    needs=("case", "activity", "timestamp"),
    required=("request_id", "status", "at"),
    words={
        "kind": KIND_WORDS,
        "status": {
            "open": "open", "opened": "open", "new": "open", "assigned": "open", "in progress": "open", "reopened": "open",
            "accepted+in progress": "open", "accepted+assigned": "open", "queued+awaiting assignment": "open",
            "unmatched+unmatched": "open",
            "paused": "paused", "waiting": "paused", "on hold": "paused", "accepted+wait": "paused", "accepted+wait - user": "paused",
            "accepted+wait - customer": "paused", "accepted+wait - vendor": "paused", "accepted+wait - implementation": "paused",
            "resolved": "resolved", "completed+resolved": "resolved", "completed+in call": "resolved",
            "closed": "completed", "completed": "completed", "completed+closed": "completed",
            "cancelled": "cancelled", "canceled": "cancelled", "completed+cancelled": "cancelled",
            "rejected": "rejected", "duplicate": "duplicate",
        },
    },
)  # fmt: skip

# The same with the labels of the public log of a service desk (BPI Challenge 2013), where an activity is status and sub-status.
EVENT_LOG_BPI = replace(
    EVENT_LOG,
    name="event-log-bpi",
    columns={"request_id": ("caseid",), "status": ("task",), "at": ("end_timestamp",)},
    needs=("caseid", "task", "end_timestamp"),
)

LAYOUTS = (REQUESTS, SERVICENOW_INCIDENTS, SERVICENOW_ITEMS, JIRA, REMEDY, EVENT_LOG, EVENT_LOG_BPI)
