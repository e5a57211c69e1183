"""Each layout on a file written from its literal header, and on a damaged copy of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.sources.offices import CERTIFICATES, Office, certificate, certificates, codes, counts, labels, table

DIGICERT = labels(
    "order_id,customer_order_id,date_created,container_id,container_name,status,user_id,organization_id,organization_name,"
    "organization_address_1,organization_address_2,organization_city,organization_state,organization_country,organization_unit,"
    "tech_first_name,tech_last_name,tech_email,tech_title,tech_telephone,server_type,issuing_ca,agreement_id,validity_years,"
    "signature_hash,dcv_method,common_name,plus_feature,dns_names,product_id,product_name_id,product_name,product_type,email,csr,"
    "valid_from,valid_till,certificate_tracker_id,is_renewed,renewed_order_id,receipt_id,disable_issuance_email,pay_type,"
    "is_out_of_contract,disable_renewal_notifications,additional_emails,auto_renew,custom_renewal_message,thumbprint,serial_number,"
    "account_id,user_first_name,user_last_name"
)
SERVICENOW = labels(
    "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_by,opened_at,sys_created_by,"
    "sys_created_at,sys_updated_by,sys_updated_at,contact_type,location,category,subcategory,u_symptom,cmdb_ci,impact,urgency,priority,"
    "assignment_group,assigned_to,knowledge,u_priority_confirmation,notify,problem_id,rfc,vendor,caused_by,closed_code,resolved_by,"
    "resolved_at,closed_at"
)
JIRA = labels(
    "Summary,Issue key,Issue id,Issue Type,Status,Project key,Created,Updated,Last Viewed,Resolved,Due date,Votes,Description,Watchers,"
    "Watchers,Watchers Id,Watchers Id,Custom field (Approvals),Custom field (Department),Custom field (Request Type),Comment,Comment,"
    "Status Category,Status Category Changed"
)


def digicert(**cells: str) -> list[str]:
    usual = {
        "order_id": "123456", "date_created": "2026-09-30 10:15:33", "container_name": "Lighthouse Svcs", "status": "issued",
        "issuing_ca": "Sample TLS CA", "common_name": "example.com", "dns_names": "www.example.com,example.com",
        "product_name_id": "ssl_plus", "product_name": "Standard SSL", "tech_email": "ada@example.gov",
        "csr": "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\nBBBB\n-----END CERTIFICATE REQUEST-----", "valid_from": "2026-10-01",
        "valid_till": "2027-04-17", "thumbprint": "AB" * 20, "serial_number": "0A1B2C",
    }  # fmt: skip
    return [{**usual, **cells}.get(name, "") for name in DIGICERT]


def event(**cells: str) -> list[str]:
    usual = dict.fromkeys(SERVICENOW, "?") | {
        "number": "INC0000045", "incident_state": "New", "opened_at": "29-02-2016 01:16", "sys_updated_at": "29-02-2016 01:23",
        "category": "Category 55", "sys_mod_count": "0",
    }  # fmt: skip
    return [{**usual, **cells}[name] for name in SERVICENOW]


def issue(**cells: str) -> list[str]:
    usual = {
        "Summary": "Renew", "Issue key": "CERT-1", "Status": "Resolved", "Created": "25/Feb/26 10:17 PM", "Resolved": "02/Mar/26 9:05 AM",
        "Custom field (Department)": "Department of Lighthouses", "Custom field (Request Type)": "Renew certificate",
        "Status Category": "Done", "Description": "one\ntwo",
    }  # fmt: skip
    return [{**usual, **cells}.get(name, "") for name in JIRA]


def test_canonical_certificates_become_typed_rows(office: Office) -> None:
    office.put("inbox/exports/2026-10.csv", certificates(certificate(serial_number="0x0A:1B", subject_alternative_names="B.gov, a.gov")))
    (row,) = office.read().export_rows.to_dict("records")
    assert ("billing", "0a1b", "a.gov b.gov", "DLH", "name", "standard") == (
        row["role"], row["serial"], row["subject_alternative_names"], row["agency_text"], row["agency_match"], row["product"],
    )  # fmt: skip
    assert pd.Timestamp("2026-10-01T00:00:00Z") == row["valid_from"]
    assert pd.Timestamp("2027-04-18T23:59:59Z") == row["valid_to"]
    assert row["dates_only"]


def test_canonical_certificates_damaged(office: Office) -> None:
    rows = [
        certificate(),
        certificate(serial_number=""),
        certificate(serial_number="", status="pending", order_id="7"),
        certificate(serial_number="02", valid_to="2026-09-01"),
        certificate(serial_number="03", status="lost"),
        certificate(serial_number="04", agency="", tier=""),
        certificate(serial_number="05", sha256_fingerprint="ab" * 20),
    ]
    office.put("inbox/exports/a.csv", certificates(*rows))
    read = office.read()
    assert [("bad-value", 6), ("missing-value", 3), ("ends-before-it-begins", 5), ("bad-value", 8)] == codes(read)
    assert (7, 3, 4) == counts(read, "inbox/exports/a.csv")
    assert ["", "0a1b", "04"] == sorted(read.export_rows["serial"], key=lambda serial: ["", "0a1b", "04"].index(serial))


def test_the_order_report_is_read_without_its_csr(office: Office) -> None:
    canceled = digicert(order_id="3", serial_number="", valid_from="", valid_till="", status="canceled")
    rows = [digicert(), digicert(order_id="2", serial_number="0B", status="reissue_pending"), canceled]
    office.put("inbox/exports/orders-2026-10.csv", table(DIGICERT, rows))
    read = office.read()
    first = read.export_rows.iloc[0]
    assert ("123456", "0a1b2c", "example.com www.example.com", "Lighthouse Svcs", "division", "ssl_plus", "ada@example.gov") == (
        first.order_id, first.serial, first.subject_alternative_names, first.agency_text, first.agency_match, first["product"],
        first.contact_email,
    )  # fmt: skip
    assert "" == first.fingerprint_sha256, "the thumbprint is SHA-1"
    assert pd.isna(first.issued_on), "the order's day is not the day of issue"
    assert ["issued", "issued", "canceled"] == read.export_rows["status"].tolist()
    assert [2, 6, 10] == read.places["row"].tolist(), "rows are physical lines: the csr takes three more"


def test_the_order_report_damaged(office: Office) -> None:
    rows = [digicert(), digicert(serial_number="1.23457E+35"), digicert(serial_number="0C", valid_till="2026-02-31"), digicert()[:-1]]
    office.put("inbox/exports/orders.csv", table(DIGICERT, rows))
    read = office.read()
    assert {("excel-serial", 6), ("bad-date", 10), ("missing-cell", 14)} == set(codes(read))
    assert (4, 1, 3) == counts(read, "inbox/exports/orders.csv")


CERTUTIL = """"Issued Common Name","Serial Number","Certificate Effective Date","Certificate Expiration Date","Request Disposition"
"gauges.example.gov","61000000a1","3/4/2026 2:00 PM","3/4/2027 2:00 PM","20 -- Issued"
"EMPTY","EMPTY","EMPTY","EMPTY","9 -- Under Submission"
"old.example.gov","61000000a2","3/14/2025 9:00 AM","3/14/2026 9:00 AM","21 -- Revoked"

CertUtil: -view command completed successfully.

3 Rows
"""


def test_certutil_rows_enrich_and_their_trailer_is_no_row(office: Office) -> None:
    office.put("inbox/exports/adcs.csv", CERTUTIL)
    read = office.read()
    assert [] == codes(read)
    assert (3, 3, 0) == counts(read, "inbox/exports/adcs.csv")
    assert ["inventory"] * 3 == read.export_rows["role"].tolist()
    assert ["issued", "pending", "revoked"] == read.export_rows["status"].tolist()
    assert pd.Timestamp("2026-03-04T19:00:00Z") == read.export_rows["valid_from"][0], "2 PM in Boston"
    assert "" == read.export_rows["common_name"][1], "EMPTY is certutil's word for nothing"


def test_certutil_of_a_server_with_day_first_dates(office: Office) -> None:
    header, first, *_ = CERTUTIL.splitlines()
    second = first.replace("a1", "a3").replace("3/4/2026 2:00 PM", "14/3/2026 14:00").replace("3/4/2027 2:00 PM", "14/3/2027 14:00")
    first = first.replace("3/4/2026 2:00 PM", "4/3/2026 14:00").replace("3/4/2027 2:00 PM", "4/3/2027 14:00")
    office.put("inbox/exports/adcs.csv", f"{header}\n{first}\n{second}\n")
    assert pd.Timestamp("2026-03-04T19:00:00Z") == office.read().export_rows["valid_from"][0]


def test_certutil_damaged(office: Office) -> None:
    office.put("inbox/exports/adcs.csv", CERTUTIL.replace("3/14/2026 9:00 AM", "14. März").replace("61000000a1", "no serial"))
    read = office.read()
    assert {("bad-serial", 2), ("bad-date", 4)} == set(codes(read))
    assert (3, 1, 2) == counts(read, "inbox/exports/adcs.csv")


def test_a_servicenow_log_is_events(office: Office) -> None:
    header = [*SERVICENOW, "u_department", "cat_item"]
    rows = [
        [*event(), "DLH", "New certificate"],
        [*event(incident_state="Awaiting User Info", sys_mod_count="1", sys_updated_at="29-02-2016 08:53"), "?", "Renewal"],
        [*event(incident_state="Closed", sys_mod_count="2", closed_at="05-03-2016 12:00"), "DLH", "Party balloons"],
    ]
    office.put("inbox/requests/log.csv", table(header, rows))
    read = office.read()
    assert ["open", "paused", "completed"] == read.request_events["status"].tolist()
    assert ["new", "renew", "issue"] == read.request_events["kind"].tolist()
    assert ["DLH", "", "DLH"] == read.request_events["agency_text"].tolist()
    assert pd.Timestamp("2016-02-29T06:16:00Z") == read.request_events["opened_at"][0]
    assert [("unknown-kind", 0)] == codes(read)
    assert ["000000000", "000000001", "000000002"] == read.request_events["sequence"].tolist()


def test_a_servicenow_log_without_kinds_is_issue_throughout(office: Office) -> None:
    office.put("inbox/requests/log.csv", table(SERVICENOW, [event(), event(category="Category 9", sys_mod_count="1")]))
    read = office.read()
    assert ["issue", "issue"] == read.request_events["kind"].tolist()
    assert not read.request_events["has_agency_column"].any()
    assert [("unassigned-requests", 0), ("unknown-kind", 0)] == codes(read), "one finding for the whole column, not one a word"


def test_each_log_without_a_column_for_the_agency_is_named(office: Office) -> None:
    office.put("inbox/requests/a.csv", table(SERVICENOW, [event()]))
    office.put("inbox/requests/b.csv", table(SERVICENOW, [event(number="INC2"), event(number="INC3")]))
    office.put("inbox/requests/c.csv", table([*SERVICENOW, "u_department"], [[*event(number="INC4"), ""]]))
    found = [finding for finding in office.read().findings if finding.code == "unassigned-requests"]
    assert ["inbox/requests/a.csv", "inbox/requests/b.csv"] == [finding.file for finding in found]
    assert "2 rows" in found[1].reason


def test_a_servicenow_log_damaged(office: Office) -> None:
    rows = [event(), event(incident_state="-100"), event(number="?"), event(sys_updated_at="31-02-2016 01:23"), [*event(), "more"]]
    office.put("inbox/requests/log.csv", table(SERVICENOW, rows))
    read = office.read()
    of_rows = {("bad-value", 3), ("missing-value", 4), ("bad-date", 5), ("extra-cell", 6)}
    assert of_rows | {("unknown-kind", 0), ("unassigned-requests", 0)} == set(codes(read))
    assert (5, 1, 4) == counts(read, "inbox/requests/log.csv")


def test_a_jira_list_with_its_repeated_columns(office: Office) -> None:
    rows = [issue(), issue(**{"Issue key": "CERT-2", "Status": "Waiting for the moon", "Status Category": "In Progress", "Resolved": ""})]
    office.put("inbox/requests/jira.csv", table(JIRA, rows))
    read = office.read()
    first, second = read.request_rows.to_dict("records")
    assert ("CERT-1", "renew", "Department of Lighthouses", "completed") == (
        first["request_id"], first["kind"], first["agency_text"], first["status"],
    )  # fmt: skip
    assert pd.Timestamp("2026-02-26T03:17:00Z") == first["submitted_at"]
    assert ("open", True) == (second["status"], pd.isna(second["completed_at"])), "Jira's own category decides about other words"
    assert [] == codes(read)


def test_a_jira_list_damaged(office: Office) -> None:
    rows = [
        issue(),
        issue(**{"Issue key": "CERT-2", "Status": "Odd", "Status Category": ""}),
        issue(**{"Issue key": "CERT-3", "Created": "?"}),
    ]
    office.put("inbox/requests/jira.csv", table(JIRA, rows))
    read = office.read()
    assert {("bad-value", 4), ("bad-date", 6)} == set(codes(read))
    assert (3, 1, 2) == counts(read, "inbox/requests/jira.csv")


REQUESTS = "request_id,kind,agency,submitted_at,completed_at,status\n"


def test_canonical_requests(office: Office) -> None:
    office.put(
        "inbox/requests/r.csv",
        REQUESTS
        + "R1,change-challenge-phrase,DLH,2026-10-01T09:00:00-04:00,2026-10-02T21:00:00Z,completed\n"
        + "R2,Teleport,DLH,2026-10-01,,open\n",
    )
    read = office.read()
    first, second = read.request_rows.to_dict("records")
    assert ("change-challenge-phrase", pd.Timestamp("2026-10-01T13:00:00Z"), False) == (
        first["kind"], first["submitted_at"], first["dates_only"],
    )  # fmt: skip
    assert ("issue", pd.Timestamp("2026-10-01T04:00:00Z"), True) == (second["kind"], second["submitted_at"], second["dates_only"])
    assert [("unknown-kind", 0)] == codes(read)


def test_requests_that_name_no_kind_are_read_as_issue_and_counted(office: Office) -> None:
    rows = "R1,new,DLH,2026-10-01,,open\nR2,,DLH,2026-10-01,,open\nR3, ,DLH,2026-10-01,,open\n"
    office.put("inbox/requests/r.csv", REQUESTS + rows)
    read = office.read()
    assert ["new", "issue", "issue"] == read.request_rows["kind"].tolist()
    (finding,) = read.findings
    assert ("unknown-kind", "kind", "Rows that name no kind, all read as 'issue': 2.") == (finding.code, finding.column, finding.reason)


def test_a_log_without_a_column_of_kinds_is_issue_throughout_and_nobody_is_asked(office: Office) -> None:
    office.put("inbox/requests/r.csv", "case,activity,timestamp,agency\nR1,opened,2026-10-01 09:00,DLH\n")
    read = office.read()
    assert (["issue"], []) == (read.request_events["kind"].tolist(), codes(read))


def test_canonical_requests_damaged(office: Office) -> None:
    office.put("inbox/requests/r.csv", REQUESTS + "R1,new,DLH,yesterday,,open\n,new,DLH,2026-10-01,,open\nR3,new,DLH,2026-10-01,,asleep\n")
    read = office.read()
    assert {("bad-date", 2), ("missing-value", 3), ("bad-value", 4)} == set(codes(read))
    assert (3, 0, 3) == counts(read, "inbox/requests/r.csv")


def test_pauses(office: Office) -> None:
    office.put(
        "inbox/requests/pauses.csv",
        "request_id,paused_at,resumed_at\nR1,2026-10-01T09:00,\nR2,2026-10-02T09:00,2026-10-01T09:00\n,2026-10-01T09:00,\n",
    )
    read = office.read()
    assert {("ends-before-it-begins", 3), ("missing-value", 4)} == set(codes(read))
    assert ["R1"] == read.pause_rows["request_id"].tolist()


def test_lots(office: Office) -> None:
    header = "lot_id,tier,purchased_on,quantity,total_cost,units_expire_on,returns_on_refund,vendor_remaining\n"
    office.put("inbox/lots/lots.csv", header + 'L1,STANDARD,2026-07-01,100,"$22,119.00",2027-06-30,yes,40\n')
    (row,) = office.read().lot_rows.to_dict("records")
    assert ("standard", 100, 2_211_900, True, 40) == (
        row["tier"], row["quantity"], row["total_cost_cents"], row["returns_on_refund"], row["vendor_remaining"],
    )  # fmt: skip


@pytest.mark.parametrize("cost", ["-5", "(5.00)", "inf", "nan", "1e3", "1_000", "12.345", "٣", "1,22.00", "", "$", "5 USD"])
def test_no_cost_is_guessed(office: Office, cost: str) -> None:
    office.put(
        "inbox/lots/lots.csv",
        table(("lot_id", "tier", "purchased_on", "quantity", "total_cost"), [("L1", "premium", "2026-07-01", "9", cost)]),
    )
    read = office.read()
    assert (1, 0, 1) == counts(read, "inbox/lots/lots.csv")
    assert {"bad-number", "missing-value"} & {code for code, _ in codes(read)}


def test_the_tier_of_a_lot_is_read_as_that_of_an_order(office: Office) -> None:
    """Case and runs of spaces do not count, and an alias holds on the day of purchase."""
    rows = "L1,Standard  SSL,2026-07-01,1,1.00\nL2,gold,2026-07-01,1,1.00\nL3,gold,2026-06-30,1,1.00\n"
    office.put("inbox/lots/lots.csv", "lot_id,tier,purchased_on,quantity,total_cost\n" + rows)
    office.put("entries/aliases.csv", "kind,match,value,means,valid_from\ntier,product,Gold,premium,2026-07-01\n")
    read = office.read(tiers={"standard": ["standard ssl"], "premium": []})
    assert [("L1", "standard"), ("L2", "premium")] == list(zip(read.lot_rows["lot_id"], read.lot_rows["tier"], strict=True))
    assert [("unknown-tier", 4)] == codes(read)


def test_lots_damaged(office: Office) -> None:
    rows = "L1,gold,2026-07-01,1,1.00,\nL2,standard,2026-07-01,0,1.00,\nL3,standard,2026-07-01,1,1.00,2026-06-30\nL4,standard,,1,1.00,\n"
    office.put("inbox/lots/lots.csv", "lot_id,tier,purchased_on,quantity,total_cost,units_expire_on\n" + rows)
    read = office.read()
    assert {("unknown-tier", 2), ("bad-number", 3), ("ends-before-it-begins", 4), ("missing-value", 5)} == set(codes(read))
    assert (4, 0, 4) == counts(read, "inbox/lots/lots.csv")


def test_outages(office: Office) -> None:
    rows = "Portal,2026-10-03T01:00,2026-10-03T05:00,Full,\nPortal,2026-10-04T01:00,,melted,\n"
    office.put("inbox/outages/o.csv", "service,began_at,ended_at,kind,announced_at\n" + rows)
    read = office.read()
    assert ["full"] == read.outage_rows["kind"].tolist()
    assert [("bad-value", 3)] == codes(read)


def test_a_mapped_layout(office: Office) -> None:
    office.put(
        "inbox/exports/legacy-1.csv",
        "Serial #;Product;Dept;Until;Name\n0A;ssl_plus;DLH;04/18/2027;w.gov\n0B;ssl_plus;DLH;04/19/2027;v.gov\n",
    )
    source = {
        "files": "exports/legacy-*.csv", "kind": "certificates", "delimiter": ";", "date_format": "%m/%d/%Y",
        "columns": {"serial_number": "Serial #", "tier": "Product", "agency": "Dept", "valid_to": "Until", "common_name": "Name"},
    }  # fmt: skip
    read = office.read(source=[source])
    assert ["billing", "billing"] == read.export_rows["role"].tolist()
    assert [pd.Timestamp("2027-04-18T23:59:59Z"), pd.Timestamp("2027-04-19T23:59:59Z")] == read.export_rows["valid_to"].tolist()


def test_a_mapped_layout_without_agency_is_inventory(office: Office) -> None:
    office.put("inbox/exports/x.csv", "Serial #,valid_to\n0A,2027-04-18\n")
    read = office.read(source=[{"files": "exports/x.csv", "columns": {"serial_number": "Serial #"}}])
    assert ["inventory"] == read.export_rows["role"].tolist()


NO_ENCODINGS = ("klingon", "", "undefined", "punycode", "idna", "hex", "rot13", "unicode_escape", "raw-unicode-escape", "a\0b")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"layout": "digicert"}, "names the layout 'digicert'"),
        ({"columns": {"serial": "Serial #"}}, "did you mean serial_number?"),
        ({"columns": {"serial_number": "Serial No"}}, "lacks Serial No (is it 'serial #'?)"),
        ({"format": "json"}, "says that this is JSON"),
        ({"format": "xlsx"}, "says that this is XLSX"),
        ({"columns": {"serial_number": " "}}, "maps the column 'serial_number' to nothing"),
        *(({"encoding": name}, f"the encoding '{name}', which does not exist or is not one of text") for name in NO_ENCODINGS),
    ],
)
def test_a_wrong_override_is_named(office: Office, source: dict[str, object], said: str) -> None:
    office.put("inbox/exports/x.csv", "Serial #,valid_to\n0A,2027-04-18\n")
    assert said.replace("\0", "\N{REPLACEMENT CHARACTER}") in office.refusal(source=[{"files": "exports/*", **source}]).reason


def test_an_unknown_header_names_the_nearest_layout(office: Office) -> None:
    office.put("inbox/exports/x.csv", ",".join(CERTIFICATES).replace("serial_number", "serial_numbr") + "\n")
    refused = office.refusal()
    assert "unknown-layout" == refused.code
    assert "nearest layout is certificates; it lacks serial_number (is it 'serial_numbr'?)" in refused.reason


@pytest.mark.parametrize(("mark", "shown"), [(";", "';'"), ("\t", "a tab"), ("|", "'|'")])
def test_another_delimiter_is_suspected(office: Office, mark: str, shown: str) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate()).replace(",", mark))
    assert f"look separated by {shown}" in office.refusal().reason


def test_the_shared_servicenow_log_comes_in_whole(office: Office) -> None:
    log = Path(__file__).resolve().parents[3] / "shared" / "data" / "requests" / "servicenow_incident_event_log.csv"
    if not log.exists():
        pytest.skip("shared/data is not beside this checkout")
    office.put("inbox/requests/log.csv", log.read_bytes())
    read = office.read()
    assert 5998 == len(read.request_events)
    assert 890 == read.request_events["request_id"].nunique()
    assert {"issue"} == set(read.request_events["kind"])
    assert [("unassigned-requests", 0), ("unknown-kind", 0)] == codes(read)
