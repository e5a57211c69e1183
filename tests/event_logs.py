"""Two event logs as ticket systems write them, made up: the headers are those of real exports, each case is there for one thing."""

from __future__ import annotations

import csv
import io

SERVICENOW_HEADER = [
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id", "opened_by",
    "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location", "category",
    "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group", "assigned_to", "knowledge",
    "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by", "resolved_at",
    "closed_at",
]  # fmt: skip
_USUAL = {
    "active": "TRUE", "reassignment_count": "0", "made_sla": "TRUE", "caller_id": "Caller 7", "opened_by": "Opened by  3",
    "sys_created_by": "?", "sys_created_at": "?", "sys_updated_by": "Updated by 12", "contact_type": "Phone", "location": "Location 9",
    "category": "Category 4", "subcategory": "?", "u_symptom": "?", "cmdb_ci": "?", "impact": "2 - Medium", "urgency": "2 - Medium",
    "priority": "3 - Moderate", "assignment_group": "Group 5", "assigned_to": "?", "knowledge": "FALSE",
    "u_priority_confirmation": "FALSE", "notify": "Do Not Notify", "problem_id": "?", "rfc": "?", "vendor": "?", "caused_by": "?",
    "closed_code": "code 5", "resolved_by": "?",
}  # fmt: skip

# number, opened, resolved, closed, then (state, updated) of each event.
_INCIDENTS: tuple[tuple[str, str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("INC0100001", "02-03-2026 09:10", "03-03-2026 10:00", "08-03-2026 10:00",
     (("New", "02-03-2026 09:12"), ("Active", "02-03-2026 11:00"), ("Resolved", "03-03-2026 10:00"), ("Closed", "08-03-2026 10:00"))),
    # waits for its caller over a weekend
    ("INC0100002", "05-03-2026 08:00", "12-03-2026 09:30", "17-03-2026 10:07",
     (("New", "05-03-2026 08:02"), ("Awaiting User Info", "05-03-2026 15:00"), ("Active", "10-03-2026 09:00"),
      ("Resolved", "12-03-2026 09:30"), ("Closed", "17-03-2026 10:07"))),
    # opened again after it was resolved
    ("INC0100003", "09-03-2026 13:00", "10-03-2026 13:00", "20-03-2026 13:00",
     (("New", "09-03-2026 13:05"), ("Resolved", "10-03-2026 13:00"), ("Active", "11-03-2026 08:15"), ("Resolved", "13-03-2026 16:00"),
      ("Closed", "20-03-2026 13:00"))),
    # closed without ever having been resolved
    ("INC0100004", "16-03-2026 10:00", "?", "18-03-2026 12:00", (("New", "16-03-2026 10:01"), ("Closed", "18-03-2026 12:00"))),
    # two events in one minute, and one in the hour that the clocks skip
    ("INC0100005", "06-03-2026 16:00", "09-03-2026 08:00", "14-03-2026 08:00",
     (("New", "06-03-2026 16:00"), ("Active", "06-03-2026 16:00"), ("Awaiting Vendor", "08-03-2026 02:30"), ("Active", "09-03-2026 07:00"),
      ("Resolved", "09-03-2026 08:00"), ("Closed", "14-03-2026 08:00"))),
)  # fmt: skip

# case, then (activity, time) of each event.
_CASES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("0", (("Accepted+In Progress", "2026-03-02T09:10:11.000000"), ("Queued+Awaiting Assignment", "2026-03-02T11:00:00.000000"),
           ("Accepted+In Progress", "2026-03-03T08:00:00.000000"), ("Completed+Resolved", "2026-03-03T10:00:00.000000"),
           ("Completed+Closed", "2026-03-08T10:00:00.000000"))),
    ("1", (("Accepted+In Progress", "2026-03-05T08:00:00.000000"), ("Accepted+Wait - User", "2026-03-05T15:00:00.000000"),
           ("Accepted+In Progress", "2026-03-10T09:00:00.000000"), ("Completed+In Call", "2026-03-10T09:30:00.000000"))),
    ("2", (("Accepted+In Progress", "2026-03-09T13:00:00.000000"), ("Completed+Resolved", "2026-03-10T13:00:00.000000"),
           ("Accepted+In Progress", "2026-03-11T08:15:00.000000"), ("Completed+Closed", "2026-03-20T13:00:00.000000"))),
    ("3", (("Accepted+Assigned", "2026-03-16T10:00:00.000000"), ("Completed+Cancelled", "2026-03-16T10:05:00.000000"))),
)  # fmt: skip


def _text(header: list[str], rows: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
    return buffer.getvalue()


def servicenow() -> str:
    """22 events of 5 incidents, in the form in which ServiceNow exports the history of its incidents; day first, `?` for empty."""
    rows = []
    for number, opened, resolved, closed, events in _INCIDENTS:
        for change, (state, updated) in enumerate(events):
            told = {
                "number": number, "incident_state": state, "opened_at": opened, "resolved_at": resolved, "closed_at": closed,
                "sys_updated_at": updated, "sys_mod_count": str(change), "reopen_count": "0",
            }  # fmt: skip
            rows.append([{**_USUAL, **told}[label] for label in SERVICENOW_HEADER])
    return _text(SERVICENOW_HEADER, rows)


def plain() -> str:
    """15 events of 4 cases, a case, an activity and a time a row, as research logs have them."""
    rows = [[case, activity, "Frederic", at] for case, events in _CASES for activity, at in events]
    return _text(["caseid", "task", "user", "end_timestamp"], rows)
