"""One export of each layout, written from its literal header (facts/certificate-systems §3), and the same export damaged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.sources.offices import CERTIFICATES, certificate, labels, table
from tests.sources.test_layouts import CERTUTIL, DIGICERT, JIRA, SERVICENOW, digicert, event, issue

TEMPLATE = labels(
    "valid_to,root_issuer,subject_common_name,valid_from,state,fingerprint,fingerprint_algorithm,issuer,issuer_common_name,"
    "issuer_distinguished_name,serial_number,signature_algorithm,subject_alternative_name,subject_country,subject_distinguished_name,"
    "subject_email,subject_locality,subject_organization,subject_organizational_unit,subject_state,version,key_size,is_ca"
)
RITM = labels(
    "number,cat_item,stage,request,requested_for,request.opened_by,due_date,quantity,assignment_group,opened_at,sys_mod_count,"
    "sys_updated_on,assigned_to,cmdb_ci,closed_at,closed_by,comments_and_work_notes,sys_created_on,u_department,description,"
    "calendar_duration,business_duration,estimated_delivery,escalation,state,price,recurring_price,approval"
)
REMEDY = labels(
    "Assigned Group*+,Case Type*,Incident ID*+\t,Reported Date+,Last Resolved Date,Assignee+,Priority*,Status*\t,SLM Real Time Status\t,"
    "Summary*\t,Notes,Resolution,Resolution Categorization Tier 1,Resolution Categorization Tier 2,Resolution Categorization Tier 3\t,"
    "Re-Opened Date,Product Categorization Tier 1,Product Categorization Tier 2,Product Categorization Tier 3,Impact Start Date/Time+,"
    "Impact Stop Date/Time+,First Name+,Last Name+,Status Reason,Last Modified Date"
)
BPI = labels("caseid,task,user,end_timestamp")
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/"


def of(header: Sequence[str], **cells: str) -> list[str]:
    """A row by its labels, `_` for anything else than letters; the others are empty."""
    plain = ["".join(letter if letter.isalnum() else "_" for letter in label).strip("_").lower() for label in header]
    assert not set(cells) - set(plain), set(cells) - set(plain)
    return [cells.get(name, "") for name in plain]


def acm(**fields: Any) -> dict[str, Any]:
    """An entry of `aws acm list-certificates`, as the first version of the command line writes it."""
    return {
        "CertificateArn": f"{ARN}1", "DomainName": "www.example.gov",
        "SubjectAlternativeNameSummaries": ["www.example.gov", "example.gov"], "HasAdditionalSubjectAlternativeNames": False,
        "Status": "ISSUED", "Type": "AMAZON_ISSUED", "KeyAlgorithm": "RSA-2048", "KeyUsages": [], "ExtendedKeyUsages": [],
        "ExportOption": "DISABLED", "InUse": True, "Exported": False, "RenewalEligibility": "ELIGIBLE",
        "NotBefore": 1767139200.0, "NotAfter": 1801267199.0, "CreatedAt": 1767208919.133, "IssuedAt": 1767208933.283, **fields,
    }  # fmt: skip


def acm_list(*entries: dict[str, Any]) -> str:
    return json.dumps({"CertificateSummaryList": entries}, indent=4)


def crtsh(**fields: Any) -> dict[str, Any]:
    """An entry of the JSON of crt.sh."""
    return {
        "issuer_ca_id": 16418, "issuer_name": "C=US, O=Let's Encrypt, CN=Let's Encrypt Authority X3", "common_name": "www.example.gov",
        "name_value": "example.gov\nwww.example.gov", "id": 1, "entry_timestamp": "2026-03-07T00:14:48.255",
        "not_before": "2026-03-06T23:14:48", "not_after": "2026-06-04T23:14:48",
        "serial_number": "03b5914e5f28724457a5a51ad2c494d040f6", "result_count": 2, **fields,
    }  # fmt: skip


CERTBOT = """Saving debug log to /var/log/letsencrypt/letsencrypt.log

- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
Found the following certs:
  Certificate Name: example.gov
    Serial Number: 3b5914e5f28724457a5a51ad2c494d040f6
    Key Type: ECDSA
    Identifiers: example.gov www.example.gov
    Expiry Date: 2027-02-19 19:53:00+00:00 (VALID: 88 days)
    Certificate Path: /etc/letsencrypt/live/example.gov/fullchain.pem
    Private Key Path: /etc/letsencrypt/live/example.gov/privkey.pem
  Certificate Name: old.example.gov-0001
    Domains: old.example.gov, older.example.gov
    Expiry Date: 2026-02-19 19:53:00+00:00 (INVALID: EXPIRED)
    Certificate Path: /etc/letsencrypt/live/old.example.gov-0001/fullchain.pem
    Private Key Path: /etc/letsencrypt/live/old.example.gov-0001/privkey.pem
- - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -
"""
ORDER = {
    "id": 556729, "certificate": {"common_name": "www.example.gov", "dns_names": ["www.example.gov", "example.gov"],
    "valid_till": "2027-08-19", "signature_hash": "sha256", "days_remaining": 269}, "status": "issued",
    "date_created": "2026-08-19T18:16:07+00:00", "container": {"id": 5, "name": "Lighthouse Svcs"},
    "product": {"name_id": "ssl_plus", "name": "SSL Plus", "type": "ssl_certificate"},
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An export: its path below the inbox, its text, how many rows it has, something that one of its typed rows holds; and the damaged
    copy with the codes of its quarantined rows."""

    path: str
    whole: str
    rows: int
    holds: tuple[str, object]
    damaged: str
    codes: tuple[str, ...]


def _csv(path: str, header: Sequence[str], row: list[str], holds: tuple[str, object], bad: list[str], *codes: str) -> Case:
    """A table with one good row, and the same with a bad row and one that is cut off."""
    return Case(path, table(header, [row]), 1, holds, table(header, [row, bad, row[:-1]]), (*codes, "missing-cell"))


def _json(path: str, entries: list[dict[str, Any]], key: str, holds: tuple[str, object], bad: dict[str, Any], *codes: str) -> Case:
    """A list of `entries` (below `key`, if any), and the same with a bad entry and one that is no object."""

    def text(found: list[Any]) -> str:
        return json.dumps({key: found} if key else found)

    return Case(path, text(entries), len(entries), holds, text([*entries, bad, 7]), (*codes, "not-a-record"))


_RITM_ROW = of(RITM, number="RITM0010048", cat_item="New certificate", opened_at="2026-10-01 09:00:00", closed_at="2026-10-05 10:00:00",
               state="Closed Complete", u_department="Department of Lighthouses")  # fmt: skip
_RITM_BAD = of(RITM, number="RITM0010049", opened_at="yesterday", state="Open")
_REMEDY_ROW = of(REMEDY, incident_id="INC000000000026", reported_date="11/23/2026 9:14:05 AM",
                 last_resolved_date="1970-01-01 10:00:00", status="Assigned")  # fmt: skip
_REMEDY_BAD = of(REMEDY, incident_id="INC000000000027", reported_date="1970-01-01 10:00:00", status="New")
_TEMPLATE_ROW = of(TEMPLATE, valid_to="2027-05-01 12:00:00", valid_from="2026-05-01 12:00:00", subject_common_name="www.example.gov",
                   state="installed", fingerprint=" ".join(["AB"] * 32), fingerprint_algorithm="SHA-256", serial_number="03 9A FF",
                   issuer_distinguished_name="CN=Sample CA,O=Sample", subject_alternative_name="www.example.gov,example.gov",
                   is_ca="FALSE")  # fmt: skip
_TEMPLATE_BAD = of(TEMPLATE, valid_to="2027-05-01 12:00:00", subject_common_name="x.example.gov", state="lost", serial_number="04")

CASES: dict[str, Case] = {
    "certificates": _csv("exports/a.csv", CERTIFICATES, certificate(), ("serial", "0a1b"), certificate(valid_to="soon"), "bad-date"),
    "digicert-order-report": _csv(
        "exports/a.csv", DIGICERT, digicert(), ("agency_match", "division"), digicert(serial_number="1.2E+35"), "excel-serial"
    ),
    "digicert-order-list": _json(
        "exports/a.json", [ORDER], "orders", ("agency_text", "Lighthouse Svcs"), {**ORDER, "id": None}, "missing-value"
    ),
    "adcs-certutil": Case(
        "exports/a.csv", CERTUTIL, 3, ("role", "inventory"), CERTUTIL.replace("3/14/2026 9:00 AM", "14. März"), ("bad-date",)
    ),
    "acm": Case(
        "exports/a.json",
        acm_list(acm(), acm(CertificateArn=f"{ARN}2", Status="PENDING_VALIDATION", NotBefore=None, NotAfter=None, IssuedAt=None)),
        2,
        ("order_id", f"{ARN}1"),
        acm_list(acm(), acm(CertificateArn=f"{ARN}2", NotAfter=None), acm(CertificateArn=f"{ARN}3", NotBefore="lately")),
        ("missing-value", "bad-date"),
    ),
    "crtsh": _json(
        "exports/a.json", [crtsh()], "", ("serial", "03b5914e5f28724457a5a51ad2c494d040f6"), crtsh(serial_number="pre"), "bad-serial"
    ),
    "certbot": Case(
        "exports/a.txt",
        CERTBOT,
        2,
        ("serial", "03b5914e5f28724457a5a51ad2c494d040f6"),
        CERTBOT.replace("EXPIRED", "LOST") + "The following renewal configurations were invalid:\n  /etc/letsencrypt/renewal/x.conf\n",
        ("bad-value", "not-a-record"),
    ),
    "servicenow-certificates": _csv("exports/a.csv", TEMPLATE, _TEMPLATE_ROW, ("serial", "039aff"), _TEMPLATE_BAD, "bad-value"),
    "requests": _csv(
        "requests/a.csv",
        labels("request_id,kind,agency,submitted_at,completed_at,status"),
        labels("R1,new,DLH,2026-10-01T09:00:00Z,,open"),
        ("kind", "new"),
        labels("R2,new,DLH,2026-10-01,,asleep"),
        "bad-value",
    ),
    "servicenow-incident": _csv(
        "requests/a.csv", SERVICENOW, event(), ("request_id", "INC0000045"), event(incident_state="-100"), "bad-value"
    ),
    "servicenow-ritm": _csv("requests/a.csv", RITM, _RITM_ROW, ("status", "completed"), _RITM_BAD, "bad-date"),
    "jira": _csv("requests/a.csv", JIRA, issue(), ("kind", "renew"), issue(Created="?"), "bad-date"),
    "remedy-itsm": _csv("requests/a.csv", REMEDY, _REMEDY_ROW, ("request_id", "INC000000000026"), _REMEDY_BAD, "missing-value"),
    "event-log": _csv(
        "requests/a.csv",
        labels("case,activity,timestamp"),
        labels("17,in progress,2026-10-01T09:00:00"),
        ("status", "open"),
        labels("17,asleep,2026-10-01T10:00:00"),
        "bad-value",
    ),
    "event-log-bpi": _csv(
        "requests/a.csv",
        BPI,
        labels("17,Accepted+Wait - User,Ada,2026-10-01T09:00:00.000000"),
        ("status", "paused"),
        labels("17,Completed+Closed,Ada,2026-13-01T09:00:00.000000"),
        "bad-date",
    ),
    "pauses": _csv(
        "requests/a.csv",
        labels("request_id,paused_at,resumed_at"),
        labels("R1,2026-10-01T09:00,2026-10-02T09:00"),
        ("request_id", "R1"),
        labels("R1,2026-10-02T09:00,2026-10-01T09:00"),
        "ends-before-it-begins",
    ),
    "lots": _csv(
        "lots/a.csv",
        labels("lot_id,tier,purchased_on,quantity,total_cost"),
        labels("L1,premium,2026-07-01,9,1.00"),
        ("quantity", 9),
        labels("L2,premium,2026-07-01,9,five"),
        "bad-number",
    ),
    "outages": _csv(
        "outages/a.csv",
        labels("service,began_at,ended_at,kind"),
        labels("Portal,2026-10-03T01:00,,full"),
        ("kind", "full"),
        labels("Portal,2026-10-04T01:00,,melted"),
        "bad-value",
    ),
}
