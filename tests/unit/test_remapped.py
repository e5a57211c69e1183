"""Words of closed rows that mean something else today: an agency or a tier under which closed lines would be billed anew."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from pipeline.chargeback import remapped
from pipeline.contracts import CLOSED_ROWS, EXPORT_ROWS, LEDGER, Closed
from pipeline.findings import Finding
from tests.orders import PREMIUM, STANDARD, certificate, charged, close, day, posted, tables

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


def line(entry_id: str, tier: str, cents: int, source: int, **facts: Any) -> dict[str, Any]:
    told = {"entry_id": entry_id, "period": "FY2027-P03", "service_on": day("2026-09-01"), "kind": "charge", "agency": "PARKS"}
    return {**told, "billed_to": "PARKS", "tier": tier, "amount_cents": cents, "source": source, **facts}


def kept(*lines: dict[str, Any], cells: str = "Secure Site") -> Closed:
    """A closed month of these lines, each of a row that had a number, a product and a host."""
    rows = [{"entry_id": one["entry_id"], "row": 2, "cells": json.dumps(["0001", cells, "a.example.gov"])} for one in lines]
    return Closed(ledger=LEDGER.frame(lines), rows=CLOSED_ROWS.frame(rows))


def export_rows(*products: str) -> pd.DataFrame:
    """EXPORT_ROWS that name these products, their sources 1, 2, ..."""
    common = {"role": "billing", "status": "issued"}
    return EXPORT_ROWS.frame({**common, "source": source, "product": product} for source, product in enumerate(products, 1))


def beside(closed: Closed, *anew: dict[str, Any], products: tuple[str, ...] = ("Secure Site", "Secure Site", "Wildcard")) -> list[Finding]:
    """What is said when `anew` is posted beside the closed lines."""
    posted = pd.concat([closed.ledger, LEDGER.frame(anew)], ignore_index=True)
    return list(remapped(posted, closed, export_rows(*products)))


WAS = line("C1", "standard", STANDARD, 1)
NOW = line("N1", "premium", PREMIUM, 1, rebills="C1")


def test_a_product_that_means_another_tier_is_told_with_both_amounts() -> None:
    reason = (
        "Secure Site means tier premium today and meant standard when its months were closed, so 1 closed line of $221.00 would be "
        f"billed anew with $542.00. {ALONE}[tiers] of certledger.toml or data/entries/aliases.csv changed."
    )
    finding = Finding("product-means-another-tier", reason, value="Secure Site", column="product", source=1)
    assert [finding] == beside(kept(WAS), NOW)


def test_lines_of_one_product_and_move_are_one_finding_and_other_ones_their_own() -> None:
    lines = [
        line("C1", "standard", STANDARD, 2),
        line("C2", "standard", STANDARD, 1),
        line("C3", "premium", PREMIUM, 3),
    ]
    closed = kept(*lines)
    cells = closed.rows.assign(cells=[json.dumps([name]) for name in ("Secure Site", "Secure Site", "Wildcard")])
    anew = [
        line("N1", "premium", PREMIUM, 2, rebills="C1"),
        line("N2", "premium", PREMIUM - 100, 1, rebills="C2"),
        line("N3", "standard", STANDARD, 3, rebills="C3"),
    ]
    closed = Closed(ledger=closed.ledger, rows=cells)
    found = beside(closed, *anew)
    assert [("Secure Site", 1), ("Wildcard", 3)] == [(one.value, one.source) for one in found]
    assert "so 2 closed lines of $442.00 would be billed anew with $1,083.00." in found[0].reason
    assert "so 1 closed line of $542.00 would be billed anew with $221.00." in found[1].reason


def test_one_product_that_moved_two_ways_is_told_of_both() -> None:
    lines = [line("C1", "standard", STANDARD, 1), line("C2", "basic", 100, 2)]
    anew = [line("N1", "premium", PREMIUM, 1, rebills="C1"), line("N2", "premium", PREMIUM, 2, rebills="C2")]
    found = beside(kept(*lines), *anew)
    assert ["basic", "standard"] == [one.reason.partition(" meant ")[2].partition(" when ")[0] for one in found]


@pytest.mark.parametrize("cells", ["secure  SITE", " Secure Site "])
def test_case_and_blanks_make_no_other_product(cells: str) -> None:
    assert ["Secure Site"] == [one.value for one in beside(kept(WAS, cells=cells), NOW)]


@pytest.mark.parametrize(
    ("closed", "anew"),
    [
        (kept(WAS, cells="Wildcard"), NOW),
        (kept(WAS), NOW | {"tier": "standard"}),
        (kept(WAS), NOW | {"tier": ""}),
        (kept(WAS | {"tier": ""}), NOW),
        (kept(WAS), NOW | {"rebills": ""}),
        (kept(WAS), NOW | {"source": 9}),
    ],
    ids=["the row named another product", "the same tier", "no tier now", "no tier then", "a new charge", "no row any more"],
)
def test_what_is_no_fault_of_the_settings_is_not_told(closed: Closed, anew: dict[str, Any]) -> None:
    assert [] == beside(closed, anew)


def test_a_row_without_a_product_or_without_its_copy_tells_nothing() -> None:
    assert [] == beside(kept(WAS, cells=""), NOW, products=("",))
    month = kept(WAS)
    assert [] == beside(Closed(ledger=month.ledger, rows=CLOSED_ROWS.empty()), NOW)


def test_a_correction_that_was_closed_itself_is_not_told_again() -> None:
    assert [] == beside(kept(WAS, NOW))
