"""The charges in the columns of FOCUS 1.2: names, rules of the specification, and the sum that must be the invoice."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contracts import LEDGER, Books
from pipeline.publish import focus_file
from pipeline.publish.tables import FORMULA_STARTS
from pipeline.settings import Exports, Settings
from tests.publish import bookkeeping, built, site_reader
from tests.publish.bookkeeping import SETTINGS, entry

NO_ENTRIES = bookkeeping.books([])
ON = SETTINGS.model_copy(update={"exports": Exports(focus=True)})
# From the specification, version 1.2: what must, and what is recommended to, be present in every dataset.
MANDATORY = [
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
]  # fmt: skip
RECOMMENDED = ["ChargeFrequency", "InvoiceId", "ServiceSubcategory"]
# What must be present because the office publishes a rate card of unit prices, bills orders and agencies, and types its resources.
CONDITIONAL = [
    "ListUnitPrice", "ResourceId", "ResourceName", "ResourceType", "SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId",
    "SubAccountName",
]  # fmt: skip
NEVER_NULL = set(MANDATORY) - {"ChargeClass", "PricingQuantity", "PricingUnit"}
PREMIUM = {"tier": "premium", "rate_cents": 54200, "amount_cents": 54200}
UPGRADE = PREMIUM | {"kind": "adjustment", "amount_cents": 32081, "reason": "542.00 − 221.19: upgrade"}
WAIVER = {
    "kind": "adjustment",
    "decision": "waiver",
    "adjustment": "D-1",
    "amount_cents": -5000,
    "approved_by": "R. Roe",
    "document": "L-7",
}
CREDIT = {"kind": "credit", "amount_cents": -22119, "service_on": dt.date(2026, 11, 12)}


def written(folder: Path, books: Books, fiscal_year: int = 2027) -> list[dict[str, str]]:
    focus_file.write(books, ON, folder)
    with (folder / f"finance/focus-{fiscal_year}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def only(row: dict[str, str], *names: str) -> tuple[str, ...]:
    return tuple(row[name] for name in names)


def test_the_columns_are_those_of_the_specification_in_order_and_ours_come_last() -> None:
    by_level = defaultdict(list)
    for column in focus_file.COLUMNS:
        by_level[column.level].append(column.name)
    assert {"mandatory": MANDATORY, "recommended": RECOMMENDED, "conditional": CONDITIONAL} == {
        level: names for level, names in by_level.items() if level != "our own"
    }
    names = [column.name for column in focus_file.COLUMNS]
    theirs = [name for name in names if not name.startswith("x_")]
    assert [*sorted(theirs), *by_level["our own"]] == names
    assert [] == [name for name in by_level["our own"] if not name.startswith("x_")]


def test_an_order_is_one_row_that_says_who_pays_what_for_what(tmp_path: Path) -> None:
    (row,) = written(tmp_path, bookkeeping.books([entry(1, unit_cost_cents=17450, lot_id="L", request_id="REQ1")]))
    assert {
        "BilledCost": "221.19",
        "BillingAccountId": "DOT-4710",
        "BillingAccountName": "Department of Transportation (DOT-4710)",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-12-01T00:00:00Z",
        "BillingPeriodStart": "2026-11-01T00:00:00Z",
        "ChargeCategory": "Purchase",
        "ChargeClass": "",
        "ChargeDescription": "new order",
        "ChargeFrequency": "One-Time",
        "ChargePeriodEnd": "2026-11-03T00:00:00Z",
        "ChargePeriodStart": "2026-11-02T00:00:00Z",
        "ContractedCost": "221.19",
        "EffectiveCost": "221.19",
        "InvoiceId": "",
        "InvoiceIssuerName": "Commonwealth IT",
        "ListCost": "221.19",
        "ListUnitPrice": "221.19",
        "PricingQuantity": "1",
        "PricingUnit": "Orders",
        "ProviderName": "Commonwealth IT",
        "PublisherName": "Commonwealth IT",
        "ResourceId": "88010001",
        "ResourceName": "app1.dot.example.gov",
        "ResourceType": "Certificate order",
        "ServiceCategory": "Security",
        "ServiceName": "Server certificates",
        "ServiceSubcategory": "Credentials",
        "SkuId": "standard",
        "SkuMeter": "Certificate orders",
        "SkuPriceDetails": "",
        "SkuPriceId": "standard",
        "SubAccountId": "DOT",
        "SubAccountName": "Department of Transportation",
        "x_EntryId": f"{1:032x}",
        "x_Kind": "charge",
        "x_Class": "",
        "x_RequestId": "REQ1",
        "x_Document": "",
        "x_UnitCost": "174.50",
    } == row


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (PREMIUM, ("Purchase", "542.00", "542.00", "1", "Orders", "premium")),
        ({"amount_cents": 0}, ("Purchase", "0.00", "221.19", "0", "Orders", "standard")),
        (CREDIT, ("Purchase", "-221.19", "221.19", "-1", "Orders", "standard")),
        (UPGRADE, ("Adjustment", "320.81", "", "", "", "premium")),
        (WAIVER, ("Credit", "-50.00", "", "", "", "standard")),
        (WAIVER | {"decision": "charge", "amount_cents": 5}, ("Adjustment", "0.05", "", "", "", "standard")),
        ({"tier": "", "rate_cents": None}, ("Adjustment", "221.19", "", "", "", "")),
    ],
)
def test_each_kind_of_entry_has_its_category_and_price_times_quantity_is_the_cost(
    tmp_path: Path, changes: dict[str, Any], expected: tuple[str, ...]
) -> None:
    (row,) = written(tmp_path, bookkeeping.books([entry(1, **changes)]))
    assert expected == only(row, "ChargeCategory", "ListCost", "ListUnitPrice", "PricingQuantity", "PricingUnit", "SkuId")


def test_a_memo_bills_nothing_and_is_left_out(tmp_path: Path) -> None:
    memo = entry(2, kind="memo", decision="memo", amount_cents=0, memo_cents=54200)
    assert [f"{1:032x}"] == [row["x_EntryId"] for row in written(tmp_path, bookkeeping.books([entry(1), memo]))]


def test_correction_is_what_corrects_or_takes_back_an_invoiced_line(tmp_path: Path) -> None:
    october = {"period": "FY2027-P04", "service_on": dt.date(2026, 10, 5), "invoice_no": "CRT-FY2027-P04-DOT-001"}
    draft = {"period": "FY2027-P04", "service_on": dt.date(2026, 10, 6)}
    rows = written(
        tmp_path,
        bookkeeping.books(
            [
                entry(1, **october),
                entry(2, **CREDIT, reverses=f"{1:032x}"),
                entry(3, **draft),
                entry(4, **CREDIT, reverses=f"{3:032x}"),
                entry(5, **{"class": "correction"}, takes_back=f"{1:032x}", amount_cents=-22119),
                entry(6, **{"class": "late"}, service_on=dt.date(2026, 10, 9)),
                entry(7),
                entry(8, **CREDIT, reverses=f"{7:032x}"),
            ]
        ),
    )
    classes = {int(row["x_EntryId"], 16): (row["ChargeClass"], row["x_Class"]) for row in rows}
    corrected, regular = ("Correction", ""), ("", "")
    assert {
        1: regular,
        2: corrected,
        3: regular,
        4: regular,
        5: ("Correction", "correction"),
        6: ("", "late"),
        7: regular,
        8: regular,
    } == classes


def test_what_is_posted_late_was_charged_in_its_own_month(tmp_path: Path) -> None:
    line = entry(1, period="FY2027-P06", service_on=dt.date(2026, 11, 30))
    (row,) = written(tmp_path, bookkeeping.books([line]))
    names = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
    assert ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z") == only(row, *names)


def test_a_merged_agency_is_a_sub_account_of_the_one_that_pays(tmp_path: Path) -> None:
    (row,) = written(tmp_path, bookkeeping.books([entry(1, agency="RMV")]))
    names = ("BillingAccountId", "SubAccountId", "SubAccountName")
    assert ("DOT-4710", "RMV", "Registry of Motor Vehicles") == only(row, *names)


def test_without_account_name_or_order_nothing_that_must_be_there_is_missing(tmp_path: Path) -> None:
    rows = written(tmp_path, bookkeeping.books([entry(1, billed_to="XYZ", agency="XYZ", account_id="", order_id="", common_name="")]))
    names = ("BillingAccountId", "BillingAccountName", "SubAccountName", "ResourceId", "ResourceType")
    assert [("XYZ", "XYZ (XYZ)", "XYZ", f"{1:064x}", "Certificate")] == [only(row, *names) for row in rows]


def test_each_fiscal_year_has_its_file_and_none_unless_it_is_asked_for(tmp_path: Path) -> None:
    books = bookkeeping.books([entry(1), entry(2, period="FY2026-P12", service_on=dt.date(2026, 6, 5))])
    assert [] == focus_file.write(books, SETTINGS, tmp_path)
    assert [] == list(tmp_path.iterdir())
    paths = focus_file.write(books, ON, tmp_path)
    assert ["finance/focus-2026.csv", "finance/focus-2027.csv"] == [path.relative_to(tmp_path).as_posix() for path in paths]
    assert [f"{2:032x}"] == [row["x_EntryId"] for row in written(tmp_path, books, 2026)]


def test_only_text_from_the_data_is_guarded_and_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    hostile = dict.fromkeys(("order_id", "common_name", "request_id", "document", "reason", "account_id", "invoice_no"), "=1+1")
    (row,) = written(tmp_path, bookkeeping.books([entry(1, **(CREDIT | hostile))]))
    text = {column.name for column in focus_file.COLUMNS if column.text}
    assert [] == [name for name in text if row[name][:1] in FORMULA_STARTS]
    assert "'=1+1" == row["ResourceId"] == row["InvoiceId"] == row["BillingAccountId"] == row["x_Document"]
    assert ("-221.19", "-1") == only(row, "BilledCost", "PricingQuantity")


@pytest.mark.slow
@pytest.mark.parametrize(("settings", "state", "linked"), [(ON, "on", ["../downloads/finance/focus-2027.csv"]), (SETTINGS, "off", [])])
def test_the_page_of_the_year_links_its_file_and_the_reference_explains_each_column(
    tmp_path: Path, settings: Settings, state: str, linked: list[str]
) -> None:
    site = built.build(bookkeeping.books([entry(1)]), tmp_path, settings=settings)
    charges, reference = (site_reader.BuiltPage(site / name) for name in ("charges/FY2027.html", "reference/focus.html"))
    assert linked == [link for link in charges.attributes("href") if "focus-" in link]
    assert f"In this edition it is {state}." in reference.text
    assert [column.name for column in focus_file.COLUMNS] == reference.column("Columns of the FOCUS files", "Column")


entries = st.fixed_dictionaries(
    {
        "period": st.sampled_from(["FY2026-P12", "FY2026-P13", "FY2027-P01", "FY2027-P05"]),
        "billed_to": st.sampled_from(["DOT", "DEP"]),
        "kind": st.sampled_from(["charge", "credit", "adjustment", "memo"]),
        "class": st.sampled_from(["", "late", "correction"]),
        "decision": st.sampled_from(["", "waiver", "credit", "charge"]),
        "tier": st.sampled_from(["standard", "premium", ""]),
        "rate_cents": st.sampled_from([22119, 54200, None]),
        "amount_cents": st.sampled_from([0, 22119, -22119, 54200, 32081, -1, 5]),
        "closed": st.booleans(),
    }
)


@pytest.mark.slow
@given(st.lists(entries, max_size=12))
def test_whatever_is_posted_the_rules_of_the_specification_hold_and_each_invoice_is_its_sum(
    told: list[dict[str, Any]],
) -> None:
    lines = []
    for number, facts in enumerate(told, 1):
        closed = facts.pop("closed")
        account, billed = f"{facts['billed_to']}-1", facts["kind"] != "memo"
        invoice = f"CRT-{facts['period']}-{facts['billed_to']}" if closed else ""
        amount = facts["amount_cents"] if billed else 0
        lines.append(entry(number, **(facts | {"account_id": account, "invoice_no": invoice, "amount_cents": amount})))
    cells = focus_file.focus_rows(replace(NO_ENTRIES, ledger=LEDGER.frame(lines)), ON)
    rows = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    assert sorted(line["entry_id"] for line in lines if line["kind"] != "memo") == sorted(row["x_EntryId"] for row in rows)
    billed_cents: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        billed_cents[line["invoice_no"]] += line["amount_cents"]
    summed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        summed[row["InvoiceId"]] += Decimal(row["BilledCost"])
        assert [] == [name for name in NEVER_NULL if not row[name]]
        assert row["ChargeCategory"] in ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
        assert row["ChargeClass"] in ("", "Correction")
        assert row["BillingPeriodStart"] < row["BillingPeriodEnd"]
        assert row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        priced = [row[name] != "" for name in ("ListUnitPrice", "PricingQuantity", "PricingUnit")]
        assert [row["ChargeCategory"] == "Purchase"] * 3 == priced
        if row["ListUnitPrice"]:
            assert Decimal(row["ListCost"]) == Decimal(row["ListUnitPrice"]) * Decimal(row["PricingQuantity"])
            assert row["SkuId"]
        else:
            assert row["BilledCost"] == row["ListCost"]
        assert bool(row["SkuId"]) == bool(row["SkuPriceId"]) == bool(row["SkuMeter"])
        assert bool(row["ResourceId"]) == bool(row["ResourceType"])
    wanted = {invoice: Decimal(cents) / 100 for invoice, cents in billed_cents.items() if invoice in summed}
    assert wanted == dict(summed)
    assert [] == [invoice for invoice, cents in billed_cents.items() if cents and invoice not in summed]
