"""Words of closed rows that mean something else today: an agency or a tier under which closed lines would be billed anew."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pipeline.chargeback import remapped
from pipeline.contracts import CLOSED_ROWS, Closed
from tests.orders import certificate, charged, close, posted, tables

TOLD = [certificate(1, "2026-09-01", order_id="A"), certificate(2, "2026-09-02", order_id="B")]
ALONE = "The rows read as they did then: "


def closed() -> Closed:
    """September with both orders closed, their rows as they were read."""
    found = close(charged(*TOLD).table, "FY2027-P03")
    rows = ({"entry_id": entry, "cells": json.dumps(["0001", " PARKS ", "standard"]), "row": 2} for entry in found.ledger["entry_id"])
    return replace(found, rows=CLOSED_ROWS.frame(rows))


def said(*told: dict[str, Any]) -> list[tuple[str, str | None, str, str, str, int]]:
    written, months = [{"product": "standard", **row} for row in told], closed()
    found = remapped(posted(written, months).table, months, tables(written)[1])
    return [(one.code, one.severity, one.reason, one.value, one.column, one.source) for one in found]


def test_a_name_that_means_another_agency_than_closed_lines_were_billed_to_is_an_error_with_its_dollars() -> None:
    reason = (
        "Parks means agency ROADS today and meant PARKS when its months were closed, so 2 closed lines of $442.00 would be billed anew "
        f"with $442.00. {ALONE}data/reference/agencies.csv or data/entries/aliases.csv changed."
    )
    assert [("agency-code-means-another", "error", reason, "Parks", "agency", 1)] == said(*({**row, "agency": "ROADS"} for row in TOLD))


@pytest.mark.parametrize("row", [{}, {"agency": "ROADS", "agency_text": "Roads"}, {"agency": "ROADS", "agency_text": ""}])
def test_a_row_that_reads_otherwise_or_as_it_did_is_no_fault_of_the_lists(row: dict[str, str]) -> None:
    assert [] == said({**TOLD[0], **row}, TOLD[1])


def test_a_product_that_means_another_tier_is_told_apart_from_the_agency() -> None:
    assert ["product-means-another-tier"] == [one[0] for one in said({**TOLD[0], "tier": "premium"}, TOLD[1])]
