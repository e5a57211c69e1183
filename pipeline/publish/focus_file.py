"""The charges in the columns of FOCUS 1.2 (FinOps Open Cost and Usage Specification), a file a fiscal year, where `[exports] focus` is set.

For an office whose agencies load bills of all their providers into one tool. Names, levels and rules are those of version 1.2, June 2025
(facts/chargeback-and-excel.md §1.1); columns that begin with `x_` are ours, as the specification allows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.chargeback import in_invoice_order
from pipeline.contracts import Books
from pipeline.publish.line_notes import notes
from pipeline.publish.tables import csv_rows, formula_safe
from pipeline.settings import Settings

Level = Literal["mandatory", "recommended", "conditional", "our own"]


@dataclass(frozen=True, slots=True)
class FocusColumn:
    """One column: its name, how far the specification asks for it, what certledger writes, and whether that is text from the data."""

    name: str
    level: Level
    says: str
    text: bool = False


_OFFICE = "The office, as [organization] name calls it."
_NO_DISCOUNT = "As BilledCost: there are no discounts and no payments in advance."
COLUMNS = (
    FocusColumn("BilledCost", "mandatory", "What the entry bills, in dollars. By InvoiceId it adds up to the invoice to the cent."),
    FocusColumn("BillingAccountId", "mandatory", "The account that is billed; the agency's code where it has none.", text=True),
    FocusColumn("BillingAccountName", "mandatory", "The agency that is billed, with that account.", text=True),
    FocusColumn("BillingCurrency", "mandatory", "Always USD."),
    FocusColumn("BillingPeriodEnd", "mandatory", "The day after the month of posting: the end is exclusive."),
    FocusColumn("BillingPeriodStart", "mandatory", "The first day of the month of posting: the start is inclusive."),
    FocusColumn(
        "ChargeCategory",
        "mandatory",
        "Purchase: an order at its rate, a reissue at 0.00, or either taken back. Credit: a waiver or credit that somebody decided. "
        "Adjustment: all else, such as an upgrade.",
    ),
    FocusColumn(
        "ChargeClass",
        "mandatory",
        "Correction where the entry corrects a line of an issued invoice, or takes back a charge of an earlier month that was invoiced; "
        "else empty.",
    ),
    FocusColumn("ChargeDescription", "mandatory", "The note that stands on the invoice.", text=True),
    FocusColumn("ChargeFrequency", "recommended", "Always One-Time: an order is charged once a term."),
    FocusColumn("ChargePeriodEnd", "mandatory", "The day after ChargePeriodStart: the end is exclusive."),
    FocusColumn(
        "ChargePeriodStart", "mandatory", "The day of service, credit or approval. Of late items it lies before the billing period."
    ),
    FocusColumn("ContractedCost", "mandatory", _NO_DISCOUNT),
    FocusColumn("EffectiveCost", "mandatory", f"{_NO_DISCOUNT} What a unit costs the office is x_UnitCost."),
    FocusColumn("InvoiceId", "recommended", "The invoice; empty while the month is a draft.", text=True),
    FocusColumn("InvoiceIssuerName", "mandatory", _OFFICE, text=True),
    FocusColumn("ListCost", "mandatory", "ListUnitPrice times PricingQuantity; where these are empty, as BilledCost."),
    FocusColumn("ListUnitPrice", "conditional", "The rate in force on the day of service; empty unless ChargeCategory is Purchase."),
    FocusColumn(
        "PricingQuantity", "mandatory", "Purchases only: 1 order; 0 for a reissue within the term; -1 where an order is taken back."
    ),
    FocusColumn("PricingUnit", "mandatory", "Orders, of a purchase; else empty."),
    FocusColumn("ProviderName", "mandatory", _OFFICE, text=True),
    FocusColumn("PublisherName", "mandatory", _OFFICE, text=True),
    FocusColumn("ResourceId", "conditional", "The order; the certificate's fingerprint or key where it has no order number.", text=True),
    FocusColumn("ResourceName", "conditional", "The common name of the certificate.", text=True),
    FocusColumn("ResourceType", "conditional", "Certificate order, or Certificate where it has no order number."),
    FocusColumn("ServiceCategory", "mandatory", "Always Security."),
    FocusColumn("ServiceName", "mandatory", "Always Server certificates."),
    FocusColumn("ServiceSubcategory", "recommended", "Always Credentials."),
    FocusColumn("SkuId", "conditional", "The tier.", text=True),
    FocusColumn("SkuMeter", "conditional", "Certificate orders, where there is a tier."),
    FocusColumn("SkuPriceDetails", "conditional", "Always empty: a tier has no properties beside its name."),
    FocusColumn("SkuPriceId", "conditional", "The tier: each has one price at a time.", text=True),
    FocusColumn(
        "SubAccountId", "conditional", "The agency on the day of service; it may have merged into the one that is billed.", text=True
    ),
    FocusColumn("SubAccountName", "conditional", "The name of that agency.", text=True),
    FocusColumn("x_EntryId", "our own", "The entry of the ledger.", text=True),
    FocusColumn("x_Kind", "our own", "charge, credit or adjustment, as in the ledger."),
    FocusColumn("x_Class", "our own", "late or correction, as in the ledger; else empty."),
    FocusColumn("x_RequestId", "our own", "The request that asked for it, where known.", text=True),
    FocusColumn("x_Document", "our own", "Letter or ticket that proves a decision.", text=True),
    FocusColumn(
        "x_UnitCost", "our own", "What the unit that was drawn from a lot cost the office, in dollars; empty where none was drawn."
    ),
)
_TEXT = frozenset(column.name for column in COLUMNS if column.text)
_GRANTED = ("waiver", "credit")


def focus_path(fiscal_year: int) -> str:
    """Where the file of a fiscal year lies below the run folder."""
    return f"finance/focus-{fiscal_year}.csv"


def fiscal_years(books: Books) -> list[int]:
    """The fiscal years that have something to export, ascending."""
    return sorted({int(period[2:6]) for period in _billing(books.ledger)["period"].unique()})


def write(books: Books, settings: Settings, folder: Path) -> list[Path]:
    """Write the file of each fiscal year below the run folder and return the paths, oldest first; none unless `[exports] focus` is set.

    UTF-8 with a header, one row for each entry of the ledger but memos, which bill nothing. What the specification calls null is an
    empty cell. Text that a spreadsheet could take for a formula gets a `'` in front; numbers never do. The same books give the same bytes.
    """
    if not settings.exports.focus:
        return []
    cells, years = focus_rows(books, settings), _billing(books.ledger)["period"].str.slice(2, 6).astype("int64").tolist()
    paths = []
    for fiscal_year in fiscal_years(books):
        path = folder / focus_path(fiscal_year)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            rows = csv_rows(stream)
            rows.writerow(cells)
            rows.writerows(row for row, year in zip(zip(*cells.values(), strict=True), years, strict=True) if year == fiscal_year)
        paths.append(path)
    return paths


def focus_rows(books: Books, settings: Settings) -> dict[str, list[str]]:
    """The cells of each column of `COLUMNS`, in the order of the invoices: text ready to be written, '' for null."""
    starts, office = settings.organization.fiscal_year_starts, settings.organization.name
    ledger = _billing(books.ledger)
    billed = _dollars(ledger["amount_cents"])
    quantities = _quantities(ledger)
    bought = [bool(quantity) for quantity in quantities]
    orders, names = ledger["order_id"], _agency_names(books.agencies)
    account = ledger["account_id"].where(ledger["account_id"] != "", ledger["billed_to"])
    has_resource, has_tier = (orders != "") | (ledger["certificate"] != ""), ledger["tier"] != ""
    payers = zip(ledger["billed_to"].tolist(), account.tolist(), strict=True)
    months = {period: _month(period, starts) for period in ledger["period"].unique()}
    told = dict(zip(books.ledger["entry_id"].tolist(), notes(books.ledger, starts), strict=True))
    columns: dict[str, Sequence[str] | str | pd.Series[Any]] = {
        "BilledCost": billed,
        "BillingAccountId": account,
        "BillingAccountName": [f"{names.get(agency, agency)} ({its})" for agency, its in payers],
        "BillingCurrency": "USD",
        "BillingPeriodEnd": [months[period][1] for period in ledger["period"].tolist()],
        "BillingPeriodStart": [months[period][0] for period in ledger["period"].tolist()],
        "ChargeCategory": _categories(ledger, bought),
        "ChargeClass": _classes(ledger, books.ledger),
        "ChargeDescription": [told[entry] for entry in ledger["entry_id"].tolist()],
        "ChargeFrequency": "One-Time",
        "ChargePeriodEnd": _midnights(ledger["service_on"] + pd.Timedelta(days=1)),
        "ChargePeriodStart": _midnights(ledger["service_on"]),
        "ContractedCost": billed,
        "EffectiveCost": billed,
        "InvoiceId": ledger["invoice_no"],
        "InvoiceIssuerName": office,
        "ListCost": billed,
        "ListUnitPrice": [rate if is_bought else "" for rate, is_bought in zip(_dollars(ledger["rate_cents"]), bought, strict=True)],
        "PricingQuantity": quantities,
        "PricingUnit": ["Orders" if is_bought else "" for is_bought in bought],
        "ProviderName": office,
        "PublisherName": office,
        "ResourceId": orders.where(orders != "", ledger["certificate"]),
        "ResourceName": ledger["common_name"].where(has_resource, ""),
        "ResourceType": np.select([orders != "", has_resource], ["Certificate order", "Certificate"], "").tolist(),
        "ServiceCategory": "Security",
        "ServiceName": "Server certificates",
        "ServiceSubcategory": "Credentials",
        "SkuId": ledger["tier"],
        "SkuMeter": np.where(has_tier, "Certificate orders", "").tolist(),
        "SkuPriceDetails": "",
        "SkuPriceId": ledger["tier"],
        "SubAccountId": ledger["agency"],
        "SubAccountName": [names.get(agency, agency) for agency in ledger["agency"].tolist()],
        "x_EntryId": ledger["entry_id"],
        "x_Kind": ledger["kind"],
        "x_Class": ledger["class"],
        "x_RequestId": ledger["request_id"],
        "x_Document": ledger["document"],
        "x_UnitCost": _dollars(ledger["unit_cost_cents"]),
    }
    return {column.name: _cells(column.name, columns[column.name], len(ledger)) for column in COLUMNS}


def _billing(ledger: pd.DataFrame) -> pd.DataFrame:
    """The entries that are exported, in the order of the invoices."""
    return in_invoice_order(ledger[ledger["kind"] != "memo"])


def _cells(name: str, values: Sequence[str] | str | pd.Series[Any], rows: int) -> list[str]:
    cells = [values] * rows if isinstance(values, str) else list(values)
    return [formula_safe(cell) for cell in cells] if name in _TEXT else cells


def _quantities(ledger: pd.DataFrame) -> list[str]:
    """How many orders an entry buys at its rate; '' where it is no purchase at a rate, so that price times quantity is always the cost."""
    wanted = ("kind", "decision", "tier", "rate_cents", "amount_cents")
    quantities = []
    for kind, decision, tier, rate, cents in zip(*(ledger[name].tolist() for name in wanted), strict=True):
        at_rate = kind in ("charge", "credit") and not decision and tier and not pd.isna(rate) and abs(cents) in (0, rate)
        quantities.append(str((cents > 0) - (cents < 0)) if at_rate else "")
    return quantities


def _categories(ledger: pd.DataFrame, bought: Sequence[bool]) -> list[str]:
    granted = ledger["decision"].isin(_GRANTED).tolist()
    return [
        "Purchase" if is_bought else "Credit" if is_granted else "Adjustment" for is_bought, is_granted in zip(bought, granted, strict=True)
    ]


def _classes(ledger: pd.DataFrame, whole: pd.DataFrame) -> list[str]:
    """Correction for what corrects an invoiced line, and for a credit whose charge stands on the invoice of an earlier month."""
    taken = whole.set_index("entry_id").reindex(ledger["reverses"])
    invoiced_before = (taken["invoice_no"].fillna("") != "").to_numpy() & (
        taken["period"].fillna("").to_numpy() < ledger["period"].to_numpy()
    )
    corrects = (ledger["class"] == "correction").to_numpy() | invoiced_before
    return ["Correction" if one else "" for one in corrects.tolist()]


def _agency_names(agencies: pd.DataFrame) -> dict[str, str]:
    """The latest name of each agency code."""
    latest = agencies.sort_values("valid_from", na_position="first", kind="stable")
    return {code: name for code, name in zip(latest["agency"].tolist(), latest["name"].tolist(), strict=True) if name}


def _month(period: str, starts: int) -> tuple[str, str]:
    """First instant of the period, and first instant after it."""
    after = calendar.period_last_day(period, starts) + dt.timedelta(days=1)
    return f"{calendar.period_first_day(period, starts)}T00:00:00Z", f"{after}T00:00:00Z"


def _midnights(days: pd.Series[Any]) -> list[str]:
    return [f"{day:%Y-%m-%d}T00:00:00Z" for day in days.tolist()]


def _dollars(cents: pd.Series[Any]) -> list[str]:
    """Cents as dollars with two decimals, a minus sign in front of what is negative; '' where missing."""
    return ["" if pd.isna(one) else f"{'-' if one < 0 else ''}{abs(one) // 100}.{abs(one) % 100:02d}" for one in cents.tolist()]
