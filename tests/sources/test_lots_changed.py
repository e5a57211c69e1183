"""Several lists of lots: what a newer one says otherwise of a lot is told."""

from __future__ import annotations

import pytest

from tests.sources.offices import Office

HEADER = "lot_id,tier,purchased_on,quantity,total_cost\n"
ROW = "S-1,standard,2026-06-01,3,500.00\n"


@pytest.mark.parametrize(
    ("newer", "column", "words"),
    [
        ("S-1,standard,2026-06-01,3,510.00\n", "total_cost", "with total_cost $500.00, this one with $510.00"),
        ("S-1,standard,2026-06-01,4,500.00\n", "quantity", "with quantity 3, this one with 4"),
        ("S-1,premium,2026-06-01,3,500.00\n", "tier", "with tier standard, this one with premium"),
        ("S-1,standard,2026-06-02,3,500.00\n", "purchased_on", "with purchased_on 2026-06-01, this one with 2026-06-02"),
        (ROW, "", ""),
    ],
)
def test_a_lot_that_a_newer_list_gives_otherwise_is_told(office: Office, newer: str, column: str, words: str) -> None:
    office.put("inbox/lots/lots-2026-10-01.csv", HEADER + ROW)
    office.put("inbox/lots/lots-2026-11-01.csv", HEADER + newer)
    found = [finding for finding in office.read().findings if finding.code == "lot-changed"]
    assert ([column] if column else []) == [finding.column for finding in found]
    assert all(words in finding.reason for finding in found)
