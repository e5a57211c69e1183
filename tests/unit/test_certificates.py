"""The inventory: every certificate once, the right file with the right row, and what took over from what."""

from __future__ import annotations

import datetime as dt
import time

import pandas as pd
import pytest

from pipeline.certificates import contacts_told_once, inventory
from pipeline.contracts import AGENCIES, ALIASES, CERTIFICATE_BLOCKS, CERTIFICATES, EXPORT_ROWS
from pipeline.findings import Finding
from pipeline.issuers import issuer_key
from pipeline.settings import Settings
from pipeline.x509_facts import read
from tests.issued import at, certificate, der, pem

AS_OF = dt.date(2026, 11, 23)
DIRECTORY = AGENCIES.frame([{"agency": "DOT", "name": "Transport"}, {"agency": "DOR", "name": "Revenue"}])
NO_ALIASES = ALIASES.empty()
BEGINS, ENDS = at(2026, 11, 2), at(2027, 11, 2, 23, 59, 59)


def row(source, **facts):
    """A billing row of Transport for one host, with day dates, unless `facts` say otherwise."""
    usual = {
        "source": source,
        "role": "billing",
        "order_id": f"O{source}",
        "serial": f"{source:04x}",
        "common_name": "www.example.gov",
        "issuer": "Geo CA 2",
        "issued_on": dt.date(2026, 11, 2),
        "valid_from": BEGINS,
        "valid_to": ENDS,
        "dates_only": True,
        "product": "standard",
        "agency_text": "DOT",
        "agency_match": "code",
        "contact_email": "web@example.gov",
    }
    return usual | facts


def block(source, names=("www.example.gov",), serial=1, begins=BEGINS, ends=ENDS):
    found = dict(read(der(certificate(names, serial, begins=begins, ends=ends)))[0])
    del found["label"]
    return found | {"source": source}


def stage(rows=(), blocks=(), as_of=AS_OF, directory=DIRECTORY):
    return inventory(EXPORT_ROWS.frame(rows), CERTIFICATE_BLOCKS.frame(blocks), directory, NO_ALIASES, Settings(), as_of)


def found_codes(result):
    return sorted(finding.code for finding in result.findings)


def only(result):
    (found,) = result.table.to_dict("records")
    return found


@pytest.mark.parametrize("role", ["inventory", "billing"])
def test_a_row_of_two_certificates_is_told_and_an_inventory_puts_the_file_of_one_to_no_other_order(role):
    """It gives the fingerprint of A and the serial of B: the line of B's order must not get A's host name unseen."""
    a, b = block(11, ("a.example.gov",), 0xA1), block(12, ("b.example.gov",), 0xB2)
    orders = [row(1, serial="00a1", common_name="a.example.gov"), row(2, serial="00b2", common_name="b.example.gov")]
    wrong = row(3, role=role, order_id="", serial="00b2", common_name="a.example.gov", fingerprint_sha256=a["fingerprint_sha256"])
    result = stage([*orders, wrong], [a, b])
    if role == "inventory":
        assert "b.example.gov" == result.table.set_index("order_id").loc["O2", "common_name"]
    told = [(one.severity, one.source) for one in result.findings if one.code == "fingerprint-differs"]
    assert [("warning", 3)] == told


def test_nothing_in_nothing_out():
    result = stage()
    assert [] == result.table.to_dict("records")
    assert CERTIFICATES.names == list(result.table.columns)
    assert () == result.findings


def test_an_export_row_alone():
    found = only(stage([row(7, revoked_on=None, server_software="Apache")]))
    expected = {
        "certificate": "geo-ca-2:7",
        "fingerprint_sha256": "",
        "serial": "0007",
        "issuer": "Geo CA 2",
        "tier": "standard",
        "agency": "DOT",
        "order_id": "O7",
        "server_software": "Apache",
        "status": "active",
        "days_left": 344,
        "parse_status": "none",
        "matched": "none",
        "source": 7,
        "role": "billing",
        "service_on": pd.Timestamp("2026-11-02"),
        "names": "www.example.gov",
    }
    assert expected == {name: found[name] for name in expected}
    assert pd.isna(found["pem_source"])


def test_a_file_alone_is_in_the_inventory_without_agency():
    found = only(stage(blocks=[block(5, serial=0xAB)]))
    expected = {
        "serial": "ab",
        "issuer": "Geo CA 2",
        "agency": "",
        "tier": "",
        "role": "file",
        "source": 5,
        "pem_source": 5,
        "matched": "none",
        "parse_status": "ok",
        "status": "active",
        "key_type": "EC",
        "key_bits": 256,
        "service_on": pd.Timestamp("2026-11-02"),
    }
    assert expected == {name: found[name] for name in expected}
    assert found["fingerprint_sha256"] == found["certificate"]


def test_a_file_that_cannot_be_read_is_in_the_inventory():
    failed = {"source": 3, "parse_status": "failed", "fingerprint_sha256": "f" * 64, "parse_reason": "cut off"}
    found = only(stage(blocks=[failed]))
    assert ("f" * 64, "failed", "", "file") == tuple(found[name] for name in ("certificate", "parse_status", "status", "role"))
    assert pd.isna(found["days_left"])


def test_a_file_that_can_be_read_in_part_is_said():
    (finding,) = stage(
        blocks=[block(3) | {"parse_status": "partial", "parse_reason": "basic constraints: the value has the wrong type"}]
    ).findings
    assert ("partly-read-certificate", 3) == (finding.code, finding.source)
    assert "basic constraints" in finding.reason


@pytest.mark.parametrize("status", ["pending", "rejected", "canceled"])
def test_orders_that_came_to_nothing_are_no_certificates(status):
    assert stage([row(1, status=status)]).table.empty


@pytest.mark.parametrize(
    ("how", "facts"),
    [
        ("fingerprint", {"fingerprint_sha256": "ours", "serial": "99", "issuer": "Another"}),
        ("serial", {"serial": "0001", "valid_to": at(2029, 1, 1)}),
        ("serial", {"serial": "01", "issuer": "CN=Geo CA 2, O=Geo"}),
        ("serial-date", {"serial": "01", "issuer": "GeoTrust"}),
        ("serial-date", {"serial": "01", "issuer": "", "dates_only": False}),
        ("names", {"serial": ""}),
        ("names", {"serial": "", "common_name": "x", "subject_alternative_names": "www.example.gov"}),
        ("none", {"serial": "", "common_name": "other.example.gov"}),
        ("none", {"serial": "77"}),
        ("none", {"serial": "01", "issuer": "GeoTrust", "valid_to": at(2027, 12, 1)}),
        ("none", {"serial": "", "valid_to": at(2027, 11, 3)}),
        ("none", {"serial": "", "fingerprint_sha256": "e" * 64}),
        ("none", {"serial": "01", "fingerprint_sha256": "e" * 64}),
    ],
)
def test_join_takes_the_strongest_evidence_there_is(how, facts):
    file = block(2)
    if facts.get("fingerprint_sha256") == "ours":
        facts = facts | {"fingerprint_sha256": file["fingerprint_sha256"]}
    result = stage([row(1, **facts)], [file])
    assert how == result.table.set_index("source").loc[1, "matched"]
    assert (2 if how == "none" else 1) == len(result.table)
    assert ("weak-match" in found_codes(result)) == (how == "names")


def test_two_rows_with_the_names_and_dates_of_one_file_are_not_guessed_at():
    result = stage([row(1, serial=""), row(2, serial="")], [block(3)])
    assert ["none"] * 3 == result.table["matched"].tolist()


def test_the_file_decides_on_facts_and_the_export_on_money():
    file = block(2, names=("www.example.gov", "api.example.gov"), ends=at(2027, 10, 1))
    told = row(1, serial="01", subject_alternative_names="www.example.gov", issuer="CN=GEO CA 2")
    result = stage([told], [file])
    found = only(result)
    expected = {
        "certificate": file["fingerprint_sha256"],
        "subject_alternative_names": "api.example.gov www.example.gov",
        "names": "api.example.gov www.example.gov",
        "issuer": "Geo CA 2",
        "valid_to": pd.Timestamp(2027, 10, 1, tz="UTC"),
        "agency": "DOT",
        "order_id": "O1",
        "source": 1,
        "pem_source": 2,
    }
    assert expected == {name: found[name] for name in expected}
    assert ["dates-differ", "names-differ"] == found_codes(result)
    reasons = [finding.reason for finding in result.findings]
    assert "valid_to is 2027-11-02 here and 2027-10-01 in the certificate; 2027-10-01 was taken." == reasons[0]
    assert "The names differ: only the certificate has api.example.gov." == reasons[1]


@pytest.mark.parametrize(
    ("written", "dates_only", "codes"),
    [
        (at(2027, 11, 2, 23, 59, 59), True, []),
        (at(2027, 11, 2, 12), False, []),
        (at(2027, 11, 2, 12, 0, 59), False, []),
        (at(2027, 11, 2, 12, 1), False, ["dates-differ"]),
        (at(2027, 11, 3, 23, 59, 59), True, ["dates-differ"]),
    ],
)
def test_days_are_compared_where_only_days_are_written(written, dates_only, codes):
    told = row(1, serial="01", valid_to=written, dates_only=dates_only)
    assert codes == found_codes(stage([told], [block(2, ends=at(2027, 11, 2, 12))]))


@pytest.mark.parametrize(
    ("names", "common_name", "codes"),
    [
        ("", "WWW.example.gov", []),
        ("api.example.gov", "www.example.gov", []),
        ("api.example.gov www.example.gov", "", []),
        ("", "old.example.gov", ["names-differ"]),
        ("www.example.gov", "www.example.gov", ["names-differ"]),
        ("", "", []),
    ],
)
def test_names_are_compared_as_exports_write_them(names, common_name, codes):
    told = row(1, serial="01", subject_alternative_names=names, common_name=common_name)
    assert codes == found_codes(stage([told], [block(2, names=("www.example.gov", "api.example.gov"))]))


def test_one_certificate_in_many_files_is_one_row_at_its_first_place():
    found = only(stage(blocks=[block(9), block(4) | {"fingerprint_sha256": "a" * 64}, block(6) | {"fingerprint_sha256": "a" * 64}][1:]))
    assert 4 == found["pem_source"]


def test_billing_and_inventory_rows_of_one_certificate_fold():
    inventory_row = row(
        1,
        role="inventory",
        serial="07",
        order_id="REQ-9",
        agency_text="DOR",
        product="",
        contact_email="other@example.gov",
        server_software="nginx",
        fingerprint_sha256="c" * 64,
        status="revoked",
        revoked_on=dt.date(2026, 11, 20),
        issuer="CN=Geo CA 2",
        subject_alternative_names="www.example.gov",
    )
    found = only(stage([inventory_row, row(7)]))
    expected = {
        "certificate": "c" * 64,
        "role": "billing",
        "agency": "DOT",
        "order_id": "O7",
        "contact_email": "web@example.gov",
        "server_software": "nginx",
        "status": "revoked",
        "revoked_on": pd.Timestamp("2026-11-20"),
        "source": 7,
        "issuer": "Geo CA 2",
    }
    assert expected == {name: found[name] for name in expected}


def test_a_list_without_orders_takes_the_order_off_no_certificate():
    result = stage([row(1), row(2, serial="0001", order_id="", issued_on=dt.date(2026, 10, 1))])
    assert ["O1"] == result.table["order_id"].tolist()


def test_an_inventory_that_knows_an_earlier_issue_decides_on_nothing_that_is_paid():
    listed = row(1, role="inventory", serial="07", order_id="", product="premium", agency_text="DOR", issued_on=dt.date(2026, 9, 1))
    found = only(stage([listed, row(7)]))
    expected = ("billing", "DOT", "standard", "O7", 7, pd.Timestamp("2026-11-02"))
    assert expected == tuple(found[name] for name in ("role", "agency", "tier", "order_id", "source", "service_on"))


def test_an_inventory_shows_a_revocation_and_says_that_no_credit_follows():
    listed = row(9, role="inventory", serial="07", status="revoked", revoked_on=dt.date(2026, 11, 20))
    result = stage([row(7), listed])
    found = only(result)
    assert ("revoked", "inventory", pd.Timestamp("2026-11-20")) == (found["status"], found["revoked_by"], found["revoked_on"])
    (finding,) = result.findings
    assert ("revoked-elsewhere", 9) == (finding.code, finding.source)
    assert "is revoked here, on 2026-11-20, and no billing export says so" in finding.reason


@pytest.mark.parametrize(
    "listed",
    [
        {"status": "revoked", "revoked_on": dt.date(2026, 12, 20)},
        {"status": "issued", "revoked_on": None},
    ],
)
def test_a_revocation_that_an_inventory_does_not_tell_yet_is_none(listed):
    result = stage([row(7), row(9, role="inventory", serial="07", **listed)])
    assert "active" == only(result)["status"]
    assert "revoked-elsewhere" not in found_codes(result)


def test_the_day_of_a_revocation_is_that_of_the_side_that_is_billed():
    told = row(7, status="revoked")
    result = stage([told, row(9, role="inventory", serial="07", status="revoked", revoked_on=dt.date(2026, 11, 20))])
    found = only(result)
    assert ("revoked", "billing", True) == (found["status"], found["revoked_by"], pd.isna(found["revoked_on"]))
    assert [] == found_codes(result)


def test_a_certificate_of_an_inventory_alone_has_its_days():
    found = only(stage([row(9, role="inventory", status="revoked", revoked_on=dt.date(2026, 11, 20))]))
    expected = ("inventory", pd.Timestamp("2026-11-20"), pd.Timestamp("2026-11-02"))
    assert expected == (found["revoked_by"], found["revoked_on"], found["service_on"])


def test_an_inventory_makes_one_certificate_of_no_two_billing_rows():
    """Each of the two is an order that somebody paid for; that a third list takes them for one is not for us to settle."""
    by_fingerprint, by_serial = row(1, serial="", fingerprint_sha256="c" * 64), row(2, serial="07")
    listed = row(9, role="inventory", serial="07", fingerprint_sha256="c" * 64)
    table = stage([by_fingerprint, by_serial, listed]).table
    assert [("O1", "c" * 64), ("O2", "")] == sorted(zip(table["order_id"], table["fingerprint_sha256"], strict=True))


def test_findings_about_dates_and_names_are_about_their_own_certificate():
    """Three certificates, each told of by two rows; only the second pair disagrees, and in the dates of the second row only."""
    rows = [row(1, serial="03"), row(2, serial="02"), row(3, serial="01")]
    others = [row(n + 10, role="inventory", serial=f"0{4 - n}") for n in (1, 2, 3)]
    others[1]["valid_to"] = at(2027, 10, 2, 23, 59, 59)
    others[1]["common_name"] = "other.example.gov"
    found = stage([*rows, *others]).findings
    assert [("dates-differ", 12, "2027-10-02"), ("names-differ", 12, "other.example.gov")] == [
        (finding.code, finding.source, finding.value) for finding in found
    ]


def test_rows_with_different_fingerprints_are_different_certificates():
    result = stage([row(1, serial="01", fingerprint_sha256="a" * 64), row(2, serial="01", fingerprint_sha256="b" * 64)])
    assert ["a" * 64, "b" * 64] == sorted(result.table["certificate"])


def test_two_orders_for_one_certificate_are_said():
    result = stage([row(1, serial="01"), row(2, serial="01")])
    assert "O1" == only(result)["order_id"]
    (finding,) = result.findings
    assert ("conflicting-rows", "kept", 2, "O2") == (finding.code, finding.action, finding.source, finding.value)


def test_two_payers_or_tiers_for_one_certificate_are_said():
    in_force = row(1, serial="01", order_id="A")
    other = row(2, serial="01", order_id="A", agency_text="DOR", product="premium", issued_on=dt.date(2026, 11, 3))
    result = stage([other, in_force])
    assert ("DOT", "standard") == (only(result)["agency"], only(result)["tier"])
    assert [("agency", "DOR", 2), ("tier", "premium", 2)] == [(one.column, one.value, one.source) for one in result.findings]
    assert "The agency is 'DOR' here and 'DOT' in the row that is charged; 'DOT' was taken." == result.findings[0].reason


def test_two_words_for_one_payer_and_a_row_without_words_contradict_nothing():
    same = row(2, serial="01", order_id="O1", agency_text="transport", agency_match="name", product=" Standard ")
    silent = row(3, serial="01", order_id="O1", agency_text="", product="")
    assert [] == found_codes(stage([row(1, serial="01"), same, silent]))


def test_a_file_that_arrives_later_joins_no_two_orders():
    rows = [row(1, serial="", order_id="O1"), row(2, serial="", order_id="O2")]
    before, after = stage(rows).table, stage(rows, [block(3)]).table
    assert ["O1", "O2"] == sorted(before["order_id"])
    assert ["", "O1", "O2"] == sorted(after["order_id"])


def test_unknown_agency_and_tier_are_kept_and_said_for_billing_rows_only():
    rows = [
        row(1, agency_text="Atlantis"),
        row(2, product="Gold"),
        row(3, agency_text=""),
        row(4, role="inventory", agency_text="X", product=""),
    ]
    result = stage(rows)
    assert ["unknown-agency", "unknown-agency", "unknown-tier"] == found_codes(result)
    assert {1: "", 2: "DOT", 3: "", 4: ""} == result.table.set_index("source")["agency"].to_dict()
    assert {"error"} == {finding.severity for finding in result.findings}


def test_a_contact_that_is_no_address_is_told_of_once():
    malformed = Finding("bad-email", "This is no e-mail address.", column="contact_email", source=5)
    missing = [Finding("missing-contact", "Nobody is named.", column="contact_email", source=source) for source in (5, 6)]
    assert (malformed, missing[1]) == contacts_told_once((malformed, *missing))


def test_missing_contact_is_said_of_active_certificates():
    rows = [
        row(1, contact_email=""),
        row(2, contact_email="", status="revoked", revoked_on=dt.date(2026, 11, 3), common_name="b.gov"),
        row(3, contact_email="", role="inventory", common_name="c.gov"),
    ]
    (missing,) = stage(rows).findings
    assert ("missing-contact", 1) == (missing.code, missing.source)
    assert ("common_name", rows[0]["common_name"]) == (missing.column, missing.value), "what stood there: the contact is empty"


ZERO_HOUR = at(2026, 11, 24, 5)  # the end of the as-of day in New York


@pytest.mark.parametrize(
    ("status", "days_left", "facts"),
    [
        ("active", 0, {"valid_to": ZERO_HOUR - dt.timedelta(0)}),
        ("expired", 0, {"valid_to": ZERO_HOUR - dt.timedelta(seconds=1)}),
        ("expired", -1, {"valid_to": ZERO_HOUR - dt.timedelta(days=1, seconds=1)}),
        ("active", 7, {"valid_to": at(2026, 12, 1, 4, 59, 59)}),
        ("active", 8, {"valid_to": at(2026, 12, 1, 5)}),
        ("active", 344, {"valid_from": ZERO_HOUR}),
        ("not-yet-valid", 344, {"valid_from": ZERO_HOUR + dt.timedelta(seconds=1)}),
        ("revoked", 344, {"status": "revoked"}),
        ("revoked", 344, {"revoked_on": AS_OF}),
        ("active", 344, {"revoked_on": AS_OF + dt.timedelta(days=1)}),
        ("active", 344, {"status": "expired"}),
        ("revoked", -1, {"status": "revoked", "valid_to": ZERO_HOUR - dt.timedelta(days=1, seconds=1)}),
    ],
)
def test_status_at_the_last_second(status, days_left, facts):
    found = only(stage([row(1, dates_only=False, **facts)]))
    expected_days = 1 if facts.get("valid_to") == ZERO_HOUR else days_left
    assert (status, expected_days) == (found["status"], found["days_left"])


def test_revoked_after_the_as_of_day_is_said():
    assert ["future-stamp"] == found_codes(stage([row(1, status="revoked", revoked_on=dt.date(2026, 12, 1))]))


def life(source, begins, ends, **facts):
    return row(source, valid_from=begins, valid_to=ends, issued_on=begins.date(), dates_only=False, **facts)


def chain(rows, as_of=AS_OF):
    table = stage(rows, as_of=as_of).table
    sources = dict(zip(table["certificate"], table["source"], strict=True))
    links = {row.source: sources.get(row.superseded_by) for row in table.itertuples()}
    backwards = {sources[row.replaces]: row.source for row in table.itertuples() if row.replaces}
    assert backwards == {old: new for old, new in links.items() if new}
    return {old: new for old, new in links.items() if new}


def test_renewal_of_the_same_names_and_agency():
    old, new = life(1, at(2025, 11, 1), at(2026, 12, 1)), life(2, at(2026, 11, 1), at(2027, 12, 1))
    assert {1: 2} == chain([old, new])
    table = stage([old, new]).table.set_index("source")
    assert {1: "superseded", 2: "active"} == table["status"].to_dict()
    assert {} == chain([old, new | {"agency_text": "DOR"}])
    assert {} == chain([old, new | {"common_name": "api.example.gov"}])
    assert {} == chain([old, new | {"status": "revoked"}])
    assert {} == chain([old, new | {"valid_to": at(2026, 12, 1)}])
    assert {} == chain([old, new | {"valid_from": at(2025, 11, 1)}])


def test_reissue_of_one_order_replaces_with_the_same_end_and_other_names():
    old = life(1, at(2026, 5, 1), at(2027, 5, 1), order_id="77")
    new = life(2, at(2026, 8, 1), at(2027, 5, 1), order_id="77", common_name="new.example.gov")
    assert {1: 2} == chain([old, new])
    assert {} == chain([old, new | {"role": "inventory"}])


def test_each_replaces_one_and_is_replaced_by_one_earliest_expiry_first():
    late, early = life(1, at(2026, 1, 1), at(2026, 12, 20)), life(2, at(2026, 1, 2), at(2026, 12, 1))
    first, second = life(3, at(2026, 11, 1), at(2026, 12, 25)), life(4, at(2026, 11, 2), at(2026, 12, 22))
    assert {2: 3, 1: 4} == chain([late, early, first, second])
    assert {2: 3} == chain([late, early, first])


def test_the_old_one_serves_until_its_successor_is_valid():
    old, new = life(1, at(2025, 12, 1), at(2026, 12, 1)), life(2, at(2026, 11, 29), at(2027, 12, 1))
    table = stage([old, new]).table.set_index("source")
    assert {1: "active", 2: "not-yet-valid"} == table["status"].to_dict()
    assert table.loc[2, "certificate"] == table.loc[1, "superseded_by"]


def test_without_agency_only_one_issuer_renews_by_name():
    old = life(1, at(2025, 11, 1), at(2026, 12, 1), role="inventory", agency_text="", order_id="")
    new = life(2, at(2026, 11, 1), at(2027, 12, 1), role="inventory", agency_text="", order_id="")
    assert {1: 2} == chain([old, new])
    assert {} == chain([old, new | {"issuer": "Other CA"}])
    assert {1: 2} == chain([old | {"issuer": "CN=Geo CA 2,O=Geo"}, new | {"issuer": "Geo CA 2"}])


def test_without_agency_an_unknown_issuer_is_that_of_the_others_of_its_names_if_there_is_one():
    alone = {"role": "inventory", "agency_text": "", "order_id": ""}
    old, new = life(1, at(2025, 11, 1), at(2026, 12, 1), **alone), life(2, at(2026, 11, 1), at(2027, 12, 1), **alone)
    assert {1: 2} == chain([old, new | {"issuer": ""}])
    assert {1: 2} == chain([old | {"issuer": ""}, new])
    assert {1: 2} == chain([old | {"issuer": ""}, new | {"issuer": ""}])
    other = life(3, at(2026, 1, 1), at(2026, 12, 15), **alone | {"issuer": "Other CA"})
    assert {} == chain([old, new | {"issuer": ""}, other])
    assert {} == chain([old, new | {"issuer": "", "role": "billing"}])


def test_after_a_merger_the_successor_renews_what_the_merged_agency_had():
    last_day = dt.date(2026, 10, 14)
    tides = {"agency": "OTR", "name": "Tides", "valid_to": last_day, "successor": "DLH"}
    merged = AGENCIES.frame([tides, {"agency": "DLH", "name": "Lights"}])
    old = life(1, at(2025, 11, 18), at(2026, 11, 18), agency_text="OTR")
    new = life(2, at(2026, 11, 4), at(2027, 5, 22), agency_text="DLH")
    found = stage([old, new], directory=merged).table.set_index("source")
    assert {1: "OTR", 2: "DLH"} == found["agency"].to_dict()
    assert found.loc[2, "certificate"] == found.loc[1, "superseded_by"]
    early = new | {"valid_from": at(2026, 10, 1), "issued_on": dt.date(2026, 10, 1)}
    assert {""} == set(stage([old, early], directory=merged, as_of=last_day).table["superseded_by"])


def test_a_long_chain_of_renewals_is_quick():
    rows = [
        life(number, at(2020, 1, 1) + dt.timedelta(hours=number), at(2021, 1, 1) + dt.timedelta(hours=number)) for number in range(1, 3001)
    ]
    began = time.process_time()
    links = chain([one | {"order_id": ""} for one in rows])
    assert {number: number + 1 for number in range(1, 3000)} == links
    assert time.process_time() - began < 10


def test_sorted_by_agency_name_start_and_certificate_whatever_came_first():
    rows = [
        row(1, common_name="b.gov"),
        row(2, agency_text="DOR"),
        row(3, common_name="a.gov"),
        row(4, common_name="a.gov", valid_from=at(2026, 1, 1)),
    ]
    assert [2, 4, 3, 1] == stage(rows).table["source"].tolist()


def test_it_is_known_of_which_certificate_each_export_row_tells():
    billing, cloud = row(1, serial="01"), row(2, serial="01", role="inventory", order_id="", agency_text="", product="")
    found = stage([cloud, row(3), billing], [block(9)])
    (both,) = found.table.loc[found.table["source"] == 1, "certificate"]
    assert [both, both, "geo-ca-2:3"] == found.told_by.set_index("source").loc[[1, 2, 3], "certificate"].tolist()


@pytest.mark.parametrize(
    "issuer",
    [
        "Geo CA 2",
        "geo  ca 2",
        "CN=Geo CA 2,O=Geo\\, Trust,C=US",
        "C=US, O=Geo, CN=Geo CA 2",
        "/C=US/O=Geo/CN=Geo CA 2",
        'CN="Geo CA 2", O=X',
    ],
)
def test_one_issuer_however_it_is_written(issuer):
    assert "geo-ca-2" == issuer_key(issuer)


def test_the_first_and_the_last_year_do_not_break_the_day():
    facts = {"dates_only": False, "valid_from": at(1, 1, 1), "valid_to": at(9999, 12, 31, 23, 59, 59)}
    result = stage([row(1, serial="01", **facts)], [block(2, begins=at(1950, 1, 1), ends=at(9999, 12, 31, 23, 59, 59))])
    assert ["dates-differ"] == found_codes(result)
    assert "active" == only(result)["status"]


def test_files_are_read_as_they_came():
    bundle = pem(certificate(("a.gov",), 1)) + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    rows = [{name: value for name, value in one.items() if name != "label"} | {"source": n} for n, one in enumerate(read(bundle))]
    assert ["failed", "ok"] == sorted(stage(blocks=rows).table["parse_status"])


def key_findings(**told):
    found = stage([row(1, serial="01", **told)], [block(5)])
    return [(one.column, one.value, one.reason) for one in found.findings if one.code == "key-differs"]


def test_another_key_size_than_the_files_is_said_and_the_file_is_believed():
    said = "The key is EC 384 here and EC 256 in the certificate; EC 256 was taken."
    assert [("key_bits", "EC 384", said)] == key_findings(key_type="EC", key_bits=384)
    assert [("key_bits", "384 bits", said.replace("EC 384", "384 bits"))] == key_findings(key_bits=384)
    assert [("key_type", "RSA", "The key is RSA here and EC 256 in the certificate; EC 256 was taken.")] == key_findings(key_type="RSA")


@pytest.mark.parametrize("told", [{}, {"key_type": "EC"}, {"key_bits": 256}, {"key_type": "EC", "key_bits": 256}])
def test_an_equal_key_or_none_is_no_disagreement(told):
    assert [] == key_findings(**told)


def test_without_a_file_there_is_no_key_to_compare_with():
    assert [] == [one for one in stage([row(1, key_type="RSA", key_bits=1024)]).findings if one.code == "key-differs"]


def test_what_stands_in_a_cell_is_told_without_a_key_and_cut():
    key = row(1, serial="01", order_id="A", product="-----BEGIN RSA PRIVATE KEY-----MIIEow")
    long = row(2, serial="02", order_id="B", agency_text="x" * 5_000)
    told = {finding.code: finding.reason for finding in stage([key, long]).findings}
    assert told["unknown-tier"].startswith("No tier is meant by '(private key, not shown)'. ")
    assert f"is meant by '{'x' * 79}…' on 2026-" in told["unknown-agency"]
