"""Requests on disk: the old ticket system's event log (ServiceNow), the new one's list (Jira), one agency's own, and the pauses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from pipeline.sample import dirt, tables
from pipeline.sample.tables import Rows
from pipeline.sample.tickets import Ticket

_SERVICENOW = (
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "caller_id",
    "opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at", "contact_type", "location",
    "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority", "assignment_group", "assigned_to",
    "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by",
    "resolved_at", "closed_at", "u_department", "u_order_id",
)  # fmt: skip
_JIRA = (
    "Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key", "Project name", "Project type", "Project lead",
    "Project lead id", "Project description", "Priority", "Resolution", "Assignee", "Assignee Id", "Reporter", "Reporter Id",
    "Creator", "Creator Id", "Created", "Updated", "Last Viewed", "Resolved", "Due date", "Votes", "Description", "Environment",
    "Watchers", "Watchers", "Watchers Id", "Watchers Id", "Original estimate", "Remaining Estimate", "Time Spent", "Work Ratio",
    "Custom field (Approvals)", "Custom field (Department)", "Custom field (Order ID)", "Custom field (Request Type)",
    "Custom field (Contact email)", "Satisfaction rating",
    "Custom field (Time to first response)", "Custom field (Time to resolution)", "Comment", "Comment", "Parent", "Parent key",
    "Parent summary", "Status Category", "Status Category Changed",
)  # fmt: skip
_CANONICAL = (
    "request_id", "kind", "agency", "tier", "order_id", "submitted_at", "first_response_at", "completed_at", "status", "contact_email",
    "summary",
)  # fmt: skip
_KINDS = {
    "new": "New certificate", "renew": "Renew certificate", "reissue": "Reissue certificate", "revoke": "Revoke certificate",
    "change-challenge-phrase": "Change challenge phrase", "change-contact": "Change contact", "issue": "Certificate problem",
}  # fmt: skip
_JIRA_STATES = {
    "paused": "Waiting for customer", "completed": "Resolved", "cancelled": "Canceled", "rejected": "Declined", "duplicate": "Duplicate",
}  # fmt: skip
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNKNOWN = "?"
# One request in so many of the old system has a category that nobody knows any more, or no department.
_ODD_CATEGORY = 90
_NO_DEPARTMENT = 110


def write(folder: Path, by_system: dict[str, list[Ticket]], times: int) -> int:
    """Write the files below `folder` and return how many dirty rows they hold."""
    old, new, handwritten = by_system["servicenow"], by_system["jira"], by_system["handwritten"]
    events = [row for place, ticket in enumerate(old) for row in _events(ticket, place)]
    events, dirty_events = dirt.soil(events, _dirt_of_events(), range(len(events)), 5 * times)
    finished = [place for place, ticket in enumerate(new) if ticket.status == "completed"]
    issues, dirty_issues = dirt.soil([_issue(ticket) for ticket in new], _dirt_of_issues(), finished, times)
    tables.write(folder / "servicenow-incidents-fy2026.csv", _SERVICENOW, events)
    tables.write(folder / "jira-requests-2026-11.csv", _JIRA, issues)
    tables.write(folder / "requests.csv", _CANONICAL, [_canonical(ticket, place % 6 == 3) for place, ticket in enumerate(handwritten)])
    tables.write(folder / "pauses.csv", ("request_id", "paused_at", "resumed_at"), _pauses((*new, *handwritten)))
    return dirty_events + dirty_issues


def _dirt_of_events() -> tuple[dirt.Kind, ...]:
    updated = _SERVICENOW.index("sys_updated_at")
    return (
        dirt.twice,
        dirt.without_last_cell,
        dirt.twice,
        dirt.writing(updated, "31-02-2026 09:15"),
        dirt.twice,
        dirt.with_control_character(_SERVICENOW.index("caller_id")),
        dirt.twice,
        dirt.with_extra_cell,
    )


def _dirt_of_issues() -> tuple[dirt.Kind, ...]:
    created, resolved = _JIRA.index("Created"), _JIRA.index("Resolved")
    department, kind = _JIRA.index("Custom field (Department)"), _JIRA.index("Custom field (Request Type)")
    return (
        dirt.twice,
        dirt.writing(resolved, "01/Jun/26 9:00 AM"),
        dirt.writing(department, "Lighthouse Dept"),
        dirt.without_last_cell,
        dirt.writing(kind, "Access request"),
        dirt.writing(resolved, ""),
        dirt.writing(created, "31/Feb/26 9:00 AM"),
        dirt.twice,
        dirt.twice_with_other(department, "Office of Maps and Bounds"),
        dirt.writing(resolved, "14/Dec/26 9:05 AM"),
        dirt.with_control_character(_JIRA.index("Reporter")),
        dirt.with_extra_cell,
    )


def _events(ticket: Ticket, place: int) -> Rows:
    """A row for each thing that happened to a ticket, in order of time; times to the minute, the day first."""
    last = ticket.resolved_again or ticket.resolved
    cells = dict.fromkeys(_SERVICENOW, _UNKNOWN) | {
        "number": ticket.number,
        "reassignment_count": "0",
        "made_sla": "TRUE",
        "caller_id": f"Caller {1000 + place % 877}",
        "opened_by": "Opened by 4",
        "opened_at": _day_first(ticket.submitted),
        "sys_created_by": "Created by 4",
        "sys_created_at": _day_first(ticket.submitted),
        "contact_type": "Self-service",
        "category": "Password reset" if place % _ODD_CATEGORY == 41 else _KINDS[ticket.kind],
        "impact": "2 - Medium",
        "urgency": "2 - Medium",
        "priority": "3 - Moderate",
        "assignment_group": "Certificates",
        "assigned_to": f"Resolver {place % 3 + 1}",
        "notify": "Do Not Notify",
        "resolved_at": _day_first(last),
        "closed_at": _day_first(ticket.closed),
        "u_department": _UNKNOWN if place % _NO_DEPARTMENT == 17 else ticket.agency.code,
        "u_order_id": _order_number(ticket) or _UNKNOWN,
    }
    rows = []
    for count, (moment, state) in enumerate(_history(ticket)):
        reopened = ticket.reopened is not None and moment >= ticket.reopened
        event = cells | {
            "incident_state": state,
            "active": "FALSE" if state in {"Closed", "Canceled"} else "TRUE",
            "reopen_count": "1" if reopened else "0",
            "sys_mod_count": str(count),
            "sys_updated_by": f"Updated by {place % 5 + 1}",
            "sys_updated_at": _day_first(moment),
        }
        rows.append([event[name] for name in _SERVICENOW])
    return rows


def _history(ticket: Ticket) -> list[tuple[dt.datetime, str]]:
    happened: list[tuple[dt.datetime | None, str]] = [(ticket.submitted, "New"), (ticket.first_response, "Active")]
    for start, end in ticket.pauses:
        happened += [(start, "Awaiting User Info"), (end, "Active")]
    happened += [(ticket.resolved, "Resolved"), (ticket.reopened, "Active"), (ticket.resolved_again, "Resolved")]
    happened.append((ticket.closed, "Closed" if ticket.resolved else "Canceled"))
    return [(moment, state) for moment, state in happened if moment is not None]


def _issue(ticket: Ticket) -> list[str]:
    status = _JIRA_STATES.get(ticket.status, "In Progress" if ticket.first_response else "Waiting for support")
    done = ticket.resolved or ticket.closed
    latest = max(filter(None, (ticket.submitted, ticket.first_response, done, *chain.from_iterable(ticket.pauses))))
    person = f"{ticket.contact.first} {ticket.contact.last}"
    category = {"Waiting for support": "To Do", "In Progress": "In Progress", "Waiting for customer": "In Progress"}.get(status, "Done")
    cells = {
        "Summary": f"{_KINDS[ticket.kind]}: {ticket.about}",
        "Issue key": ticket.number,
        "Issue id": str(20_000 + int(ticket.number.rpartition("-")[2])),
        "Issue Type": "Service Request",
        "Status": status,
        "Project key": "CERT",
        "Project name": "Certificates (sample)",
        "Project type": "service_desk",
        "Priority": "Medium",
        "Resolution": "Done" if category == "Done" else "",
        "Reporter": person,
        "Creator": person,
        "Created": _named_month(ticket.submitted),
        "Updated": _named_month(latest),
        "Resolved": _named_month(done),
        "Votes": "0",
        "Watchers": ticket.contact.email,
        "Custom field (Department)": ticket.agency.name,
        "Custom field (Order ID)": _order_number(ticket),
        "Custom field (Contact email)": ticket.contact.email,
        "Custom field (Request Type)": _KINDS[ticket.kind],
        "Status Category": category,
        "Status Category Changed": _named_month(latest),
    }
    return [cells.get(name, "") for name in _JIRA]


def _order_number(ticket: Ticket) -> str:
    return ticket.written_order or (ticket.order.order_id if ticket.order else "")


def _canonical(ticket: Ticket, days_only: bool) -> list[str]:
    """A row of the list that one agency's administrator keeps by hand, now and then without the time of day."""
    done = ticket.resolved or ticket.closed
    cells = {
        "request_id": ticket.number,
        "kind": ticket.kind,
        "agency": ticket.agency.code,
        "tier": ticket.tier,
        "order_id": _order_number(ticket),
        "submitted_at": _iso(ticket.submitted, days_only),
        "first_response_at": _iso(ticket.first_response, days_only),
        "completed_at": _iso(done, days_only),
        "status": ticket.status,
        "contact_email": ticket.contact.email,
        "summary": f"{_KINDS[ticket.kind]} for {ticket.about}",
    }
    return [cells[name] for name in _CANONICAL]


def _pauses(tickets: Sequence[Ticket]) -> Rows:
    """The waits of the tickets whose system writes no history, and one for a number that nobody gave out."""
    rows = [[ticket.number, _iso(start), _iso(end)] for ticket in tickets for start, end in ticket.pauses]
    return [*rows, ["CERT-99999", "2026-09-01T10:00:00", "2026-09-02T10:00:00"]]


def _day_first(moment: dt.datetime | None) -> str:
    return f"{moment:%d-%m-%Y %H:%M}" if moment else _UNKNOWN


def _named_month(moment: dt.datetime | None) -> str:
    if moment is None:
        return ""
    half = "AM" if moment.hour < 12 else "PM"
    return f"{moment.day:02d}/{_MONTHS[moment.month - 1]}/{moment:%y} {moment.hour % 12 or 12}:{moment.minute:02d} {half}"


def _iso(moment: dt.datetime | None, day_only: bool = False) -> str:
    if moment is None:
        return ""
    return moment.date().isoformat() if day_only else moment.isoformat(timespec="seconds")
