"""What `certbot certificates` prints, in its three forms."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.sources.exports import CERTBOT, crtsh
from tests.sources.offices import Office, codes, counts
from tests.sources.test_layouts import JIRA, issue, table

FILE = "inbox/exports/certbot.txt"


def test_entries_are_certificates_at_the_line_of_their_name(office: Office) -> None:
    office.put(FILE, CERTBOT)
    read = office.read()
    new, old = read.export_rows.to_dict("records")
    assert ("03b5914e5f28724457a5a51ad2c494d040f6", "example.gov www.example.gov", "issued") == (
        new["serial"], new["subject_alternative_names"], new["status"],
    )  # fmt: skip
    assert pd.Timestamp("2027-02-19T19:53:00Z") == new["valid_to"]
    assert ("", "", "old.example.gov older.example.gov", "expired") == (
        old["serial"], old["common_name"], old["subject_alternative_names"], old["status"],
    )  # fmt: skip
    assert [5, 12] == read.places["row"].tolist()
    assert [] == codes(read)


@pytest.mark.parametrize("names", ["Domains: example.gov www.example.gov", "Domains: example.gov, www.example.gov"])
def test_older_forms_name_domains(office: Office, names: str) -> None:
    office.put(FILE, CERTBOT.replace("Identifiers: example.gov www.example.gov", names))
    assert "example.gov www.example.gov" == office.read().export_rows["subject_alternative_names"][0]


@pytest.mark.parametrize(
    ("shown", "status"),
    [
        ("VALID: 1 day", "issued"),
        ("VALID: 3 hour(s)", "issued"),
        ("INVALID: TEST_CERT", "issued"),
        ("INVALID: REVOKED", "revoked"),
        ("INVALID: TEST_CERT, EXPIRED", "expired"),
    ],
)
def test_the_state_is_read_without_the_days_that_were_left(office: Office, shown: str, status: str) -> None:
    office.put(FILE, CERTBOT.replace("VALID: 88 days", shown))
    assert status == office.read().export_rows["status"][0]


def test_an_entry_can_be_shown_as_it_stands(office: Office) -> None:
    office.put(FILE, CERTBOT)
    first, gone = office.shown(office.look_back(), (FILE, "", 5), (FILE, "", 6))
    assert ("example.gov", "VALID") == (first["Certificate Name"], first["State"])
    assert {} == gone


def test_every_line_is_accounted_for(office: Office) -> None:
    office.put(FILE, CERTBOT + "\nThe following renewal configurations were invalid:\n  /etc/letsencrypt/renewal/x.conf\nhello\n")
    read = office.read()
    assert [("not-a-record", 20), ("not-a-record", 21)] == codes(read)
    assert (4, 2, 2) == counts(read, FILE)


def test_an_entry_with_one_field_twice_or_without_its_end_is_set_aside(office: Office) -> None:
    twice = CERTBOT.replace("    Key Type: ECDSA\n", "    Serial Number: 05\n")
    office.put(FILE, twice.replace("    Expiry Date: 2026-02-19 19:53:00+00:00 (INVALID: EXPIRED)\n", ""))
    read = office.read()
    assert {("not-a-record", 5), ("missing-value", 12)} == set(codes(read))
    assert (2, 0, 2) == counts(read, FILE)


def test_a_server_without_certificates_is_an_empty_list(office: Office) -> None:
    office.put(FILE, "- - - -\nNo certificates found.\n- - - -\n")
    assert (0, 0, 0) == counts(office.read(), FILE)


def test_a_ticket_that_quotes_certbot_stays_a_ticket(office: Office) -> None:
    office.put("inbox/requests/jira.csv", table(JIRA, [issue(Description=CERTBOT)]))
    assert ["CERT-1"] == office.read().request_rows["request_id"].tolist()


def test_crtsh_and_certbot_spell_one_serial_differently_and_mean_one(office: Office) -> None:
    office.put(FILE, CERTBOT)
    office.put("inbox/exports/crtsh.json", json.dumps([crtsh()]))
    assert {"03b5914e5f28724457a5a51ad2c494d040f6", ""} == set(office.read().export_rows["serial"])


def test_certbot_text_may_be_named_as_such(office: Office) -> None:
    office.put(FILE, CERTBOT)
    assert 2 == len(office.read(source=[{"files": "exports/certbot.txt", "format": "certbot"}]).export_rows)
    assert "looks like certbot" in office.refusal(source=[{"files": "exports/certbot.txt", "format": "json"}]).reason
