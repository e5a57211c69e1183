"""Rows without a serial: a cloud inventory or an order list tells of a certificate that another export names in full."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from pipeline.certificates import inventory
from pipeline.contracts import AGENCIES, ALIASES, CERTIFICATE_BLOCKS, EXPORT_ROWS
from pipeline.settings import Settings
from tests.unit.test_certificates import AS_OF, BEGINS, ENDS, row

CLOUD = {"role": "inventory", "serial": "", "issuer": "", "product": "", "agency_text": "", "contact_email": ""}
LISTED = {"serial": "", "issuer": "", "issued_on": None, "valid_from": None}


def taken(*rows):
    """The inventory's table of these export rows, and its weak-match findings by source."""
    agencies = AGENCIES.frame([{"agency": "DOT", "name": "Transport"}])
    stage = inventory(EXPORT_ROWS.frame(rows), CERTIFICATE_BLOCKS.empty(), agencies, ALIASES.empty(), Settings(), AS_OF)
    return stage.table, [finding.source for finding in stage.findings if finding.code == "weak-match"]


def test_a_cloud_row_is_of_the_certificate_with_its_names_and_dates():
    table, weak = taken(row(1), row(2, **CLOUD, valid_from=BEGINS + dt.timedelta(hours=3)))
    assert [("billing", 1)] == list(zip(table["role"], table["source"], strict=True))
    assert [2] == weak


@pytest.mark.parametrize(
    "differs",
    [
        {"common_name": "mail.example.gov"},
        {"subject_alternative_names": "www.example.gov x.example.gov"},
        {"valid_to": ENDS + dt.timedelta(days=1)},
        {"valid_from": BEGINS + dt.timedelta(days=1)},
        {"fingerprint_sha256": "ab" * 32},
        {"serial": "99"},
    ],
)
def test_what_differs_is_another_certificate(differs):
    table, weak = taken(row(1), row(2, **{**CLOUD, **differs}))
    assert (2, []) == (len(table), weak)


def test_where_several_fit_the_row_stays_by_itself():
    table, weak = taken(row(1), row(2), row(3, **CLOUD))
    assert (3, []) == (len(table), weak)


def test_a_row_of_an_order_list_is_of_the_certificate_of_its_order():
    table, weak = taken(row(1, order_id="A"), row(2, order_id="B"), row(3, order_id="B", **LISTED))
    assert ({1, 2}, [3]) == (set(table["source"]), weak)
    table, weak = taken(row(1, order_id="A"), row(3, order_id="B", **LISTED))
    assert (2, []) == (len(table), weak), "another order is another certificate"


def test_a_certificate_of_an_inventory_keeps_no_row_of_an_order_list_from_its_certificate():
    beside = row(2, role="inventory", serial="99")
    table, weak = taken(row(1, order_id="A"), beside, row(3, order_id="A", **LISTED))
    assert ({1, 2}, [3]) == (set(table["source"]), weak)


def test_a_billing_row_with_a_first_day_is_charged_by_itself():
    table, weak = taken(row(1), row(2, serial="", order_id="other"))
    assert (2, []) == (len(table), weak)


def test_an_order_list_alone_is_in_the_inventory_without_a_day_of_service():
    table, _ = taken(row(1, **LISTED))
    assert [True] == table["service_on"].isna().tolist()
    assert pd.Timestamp(ENDS) == table["valid_to"][0]
