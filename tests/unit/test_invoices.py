"""Invoices: who pays for a month, what each invoice comes to, and the order of its lines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from pipeline import chargeback
from pipeline.chargeback.billing import billed, days
from pipeline.contracts import INVOICES, LEDGER, PLACES
from tests.orders import agencies, day

USUAL = {"service_on": "2026-09-01", "kind": "charge", "tier": "standard", "period": "FY2027-P03", "source": 1, "amount_cents": 100}


def ledger(*rows: dict[str, Any]) -> pd.DataFrame:
    """LEDGER, one line for each of `rows`, numbered from 0."""
    named = ({"entry_id": f"{place}", **USUAL, "agency": "A", "billed_to": "A", "account_id": "1", **row} for place, row in enumerate(rows))
    return LEDGER.frame(named)


def of_months(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    names = ["period", "agency", "account_id", "lines", "amount_cents", "status", "invoice_no"]
    return list(table[names].itertuples(index=False, name=None))


SPELLS = (
    {"agency": "FERRY", "account_id": "F-1", "valid_to": day("2026-09-30"), "successor": "ROADS"},
    {"agency": "ROADS", "account_id": "R-2", "valid_from": day("2026-10-31")},
    {"agency": "ROADS", "account_id": "R-1", "valid_to": day("2026-10-30")},
    {"agency": "LATER", "account_id": "L-2", "valid_from": day("2027-02-01")},
    {"agency": "LATER", "account_id": "L-1", "valid_from": day("2027-01-01"), "valid_to": day("2027-01-31")},
)


@pytest.mark.parametrize(
    ("agency", "period", "billed_to", "account"),
    [
        ("FERRY", "FY2027-P03", "FERRY", "F-1"),
        ("FERRY", "FY2027-P04", "ROADS", "R-2"),
        ("ROADS", "FY2027-P03", "ROADS", "R-1"),
        ("ROADS", "FY2027-P04", "ROADS", "R-2"),
        ("ROADS", "FY2026-P13", "ROADS", "R-1"),
        ("LATER", "FY2027-P03", "LATER", "L-1"),
        ("NOBODY", "FY2027-P03", "NOBODY", ""),
    ],
)
def test_a_month_is_billed_to_who_is_in_force_on_its_last_day(agency: str, period: str, billed_to: str, account: str) -> None:
    lines = pd.DataFrame({"agency": [agency], "period": [period]}, dtype="str")
    assert [(agency, period, billed_to, account)] == list(billed(lines, agencies(*SPELLS), 7).itertuples(index=False, name=None))


def test_each_line_keeps_its_place_and_gets_its_own_payer() -> None:
    told = [("ROADS", "FY2027-P04"), ("FERRY", "FY2027-P03"), ("ROADS", "FY2027-P04"), ("FERRY", "FY2027-P04")]
    lines = pd.DataFrame(told, columns=["agency", "period"], index=[7, 3, 5, 1], dtype="str")
    found = billed(lines, agencies(*SPELLS), 7)
    assert {7: "R-2", 3: "F-1", 5: "R-2", 1: "R-2"} == found["account_id"].to_dict()
    assert {7: "ROADS", 3: "FERRY", 5: "ROADS", 1: "ROADS"} == found["billed_to"].to_dict()
    assert ["str", "str"] == [str(found[name].dtype) for name in ("billed_to", "account_id")]


def test_a_year_that_starts_in_another_month_ends_its_months_with_it() -> None:
    lines = pd.DataFrame({"agency": ["ROADS", "ROADS"], "period": ["FY2026-P09", "FY2026-P10"]}, dtype="str")
    assert ["R-1", "R-2"] == billed(lines, agencies(*SPELLS), 1)["account_id"].tolist()


def test_days_become_a_column_without_a_zone() -> None:
    told = ["1969-12-31", "1970-01-01", "2027-06-30"]
    found = days([day(text) for text in told])
    assert (told, "datetime64[us]") == (found.dt.strftime("%Y-%m-%d").tolist(), str(found.dtype))


def test_an_invoice_is_the_sum_of_its_lines_by_month_agency_and_account() -> None:
    lines = ledger(
        {"period": "FY2027-P04"},
        {"billed_to": "B", "amount_cents": 250},
        {"account_id": "2", "amount_cents": -40},
        {},
        {"amount_cents": 0},
    )
    assert [
        ("FY2027-P03", "A", "1", 2, 100, "draft", ""),
        ("FY2027-P03", "A", "2", 1, -40, "draft", ""),
        ("FY2027-P03", "B", "1", 1, 250, "draft", ""),
        ("FY2027-P04", "A", "1", 1, 100, "draft", ""),
    ] == of_months(chargeback.invoices(lines))


def test_the_invoices_of_a_closed_month_are_as_they_were_closed() -> None:
    closed = INVOICES.frame(
        [
            {
                "agency": "A",
                "account_id": "1",
                "period": "FY2027-P04",
                "lines": 7,
                "amount_cents": 700,
                "invoice_no": "CRT-1",
                "status": "closed",
                "workbook": "invoices/FY2027-P04/A.xlsx",
                "due_on": day("2026-12-01"),
            }
        ]
    )
    lines = ledger({"period": "FY2027-P05"}, {"period": "FY2027-P04"}, {})
    found = chargeback.invoices(lines, closed)
    assert [
        ("FY2027-P03", "A", "1", 1, 100, "draft", ""),
        ("FY2027-P04", "A", "1", 7, 700, "closed", "CRT-1"),
        ("FY2027-P05", "A", "1", 1, 100, "draft", ""),
    ] == of_months(found)
    assert ["", "2026-12-01", ""] == found["due_on"].dt.strftime("%Y-%m-%d").fillna("").tolist()
    assert [f"invoices/FY2027-P0{month}/A.xlsx" for month in (3, 4, 5)] == found["workbook"].tolist()


def test_a_second_account_has_a_workbook_of_its_own_in_its_month_only() -> None:
    lines = ledger(*({"period": period, "account_id": account} for period in ("FY2027-P03", "FY2027-P04") for account in "123"))
    expected = [f"invoices/FY2027-P0{month}/A{number}.xlsx" for month in (3, 4) for number in ("", "-2", "-3")]
    for rows in (lines, lines.iloc[::-1]):
        found = chargeback.invoices(rows)
        assert (expected, list("123123")) == (found["workbook"].tolist(), found["account_id"].tolist())


def test_lines_stand_by_agency_account_and_month_first() -> None:
    told = [
        {"billed_to": "A", "account_id": "1", "period": "FY2027-P03", "service_on": "2026-09-30"},
        {"billed_to": "A", "account_id": "1", "period": "FY2027-P04", "service_on": "2026-09-20"},
        {"billed_to": "A", "account_id": "2", "period": "FY2027-P03", "service_on": "2026-09-10"},
        {"billed_to": "B", "account_id": "1", "period": "FY2027-P03", "service_on": "2026-09-01"},
    ]
    lines = ledger(*told)
    found = chargeback.in_invoice_order(lines.set_axis([9, 8, 7, 6]).iloc[::-1])
    assert (["0", "1", "2", "3"], [0, 1, 2, 3]) == (found["entry_id"].tolist(), found.index.tolist())
    assert list(lines.columns) == list(found.columns)


def test_the_cents_of_a_file_are_those_of_its_rows() -> None:
    places = PLACES.frame(
        {"source": number, "file": file, "row": 1} for number, file in ((1, "a.csv"), (2, "a.csv"), (3, "b.csv"), (4, "c.csv"))
    )
    lines = ledger({"source": 1}, {"source": 1, "amount_cents": -30}, {"source": 2, "amount_cents": 5}, {"source": 3, "amount_cents": 7})
    assert {"a.csv": 75, "b.csv": 7} == chargeback.cents_by_file(lines, places)
