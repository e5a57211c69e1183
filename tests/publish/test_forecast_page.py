"""The page of the forecast: its figures are those of the tables, and it says what it does not know."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from pipeline import forecast
from pipeline.contracts import LINTS, LOTS, RENEWALS, REQUESTS
from pipeline.publish import words
from pipeline.publish.pages import forecast as page
from pipeline.publish.pages.edition import Edition
from tests import orders
from tests.publish.bookkeeping import AS_OF, SETTINGS, books
from tests.publish.built import STAMP


def edition(sites: int, requests: tuple[dict[str, Any], ...] = (), profile: str = "internal") -> Edition:
    """The books of so many certificates that were issued on 2026-07-01 for 199 days, each with an order."""
    told = [
        orders.certificate(
            number,
            "2026-07-01",
            order_id=f"O{number}",
            status="active",
            trust="public",
            valid_to=pd.Timestamp("2027-01-15T23:59:59Z"),
            days_left=(dt.date(2027, 1, 15) - AS_OF).days,
        )
        for number in range(sites)
    ]
    certificates, rows = orders.tables(told)
    logged = orders._frame(REQUESTS, requests)
    found = forecast.forecast(certificates, RENEWALS.empty(), LINTS.empty(), logged, LOTS.empty(), orders.came_in(rows), SETTINGS, AS_OF)
    tables = {"forecast": found.table, "workload": found.workload, "units_needed": found.units_needed}
    made = books([], certificates=certificates, readiness=found.readiness, habits=found.habits, **tables)
    return Edition(made, SETTINGS, STAMP, profile)  # type: ignore[arg-type]


def cells(grid: Any, row: str) -> list[str]:
    """The texts of the first row of a table that begins with `row`."""
    found = next(cells for cells in grid.rows if getattr(cells[0], "text", cells[0]) == row)
    return [getattr(cell, "text", cell) for cell in found]


@pytest.fixture(scope="module")
def made() -> Edition:
    return edition(12)


@pytest.fixture(scope="module")
def view(made: Edition) -> dict[str, Any]:
    return next(page.pages(made)).view


def test_a_year_says_what_the_table_says(made: Edition, view: dict[str, Any]) -> None:
    table = made.books.forecast
    of_year = table[(table["month"] >= "2029-07") & (table["month"] <= "2030-06")]
    issued, cents = int(of_year["issuances"].sum()), int(of_year["amount_cents"].sum())
    assert ["FY2030", f"{issued:,}", "too few names", f"{issued:,}"] == cells(view["years"], "FY2030")[:4]
    assert words.amount(cents) == cells(view["years"], "FY2030")[-1]
    assert issued > 100


def test_a_year_that_the_months_do_not_fill_says_so(view: dict[str, Any]) -> None:
    first, last = view["years"].rows[0][0], view["years"].rows[-1][0]
    assert ("FY2027", "from 24 November on") == (first.text, first.remark)
    assert ("FY2032", "its first months") == (last.text, last.remark)


def test_each_basis_says_what_a_unit_may_cost(made: Edition, view: dict[str, Any]) -> None:
    table = made.books.forecast
    of_year = table[(table["month"] >= "2029-07") & (table["month"] <= "2030-06")]
    cents, units = int(of_year["per_day_cents"].sum()), int(of_year["issuances"].sum())
    rows = [row for row in view["bases"].rows if row[0] == "FY2030"]
    assert ["FY2030", "per certificate and day", words.amount(cents), f"{units:,}", words.amount(cents // units)] == rows[2]


def test_the_sentence_tells_how_many_times_as_many(made: Edition, view: dict[str, Any]) -> None:
    # none was issued in FY2026, so there is nothing to compare with; no log tells the pace of the desk
    assert view["sentence"].startswith(
        "Because public certificates may live for fewer and fewer days, the 12 certificates in force will ask for "
    )
    assert view["sentence"].endswith("new ones in fiscal year 2031.")
    assert "its pace is not known" in view["work"].empty
    assert [] == view["work"].rows


def test_the_month_in_which_the_promise_breaks_is_told() -> None:
    asked = {"kind": "renew", "status": "completed", "reopen_count": 0}
    log = tuple(
        {"request_id": f"R{number}", "source": number, **asked}
        | {"submitted_at": pd.Timestamp("2026-07-01T15:00Z"), "completed_at": pd.Timestamp("2026-07-02T15:00Z")}
        for number in range(12)
    )
    view = next(page.pages(edition(12, log))).view
    # 12 requests for 12 certificates were closed in a year: the next 12 at once are too many
    assert "can no longer keep its promise of 5 business days from December 2026 on" in view["sentence"]
    assert "broken" == cells(view["work"], "FY2028")[5]


def test_the_public_edition_names_no_agency_and_no_lot() -> None:
    view = next(page.pages(edition(12, profile="public"))).view
    assert (None, None) == (view["agencies"], view["units"])


def test_without_certificates_the_page_says_that_nothing_is_to_renew() -> None:
    view = next(page.pages(edition(0))).view
    assert "No certificate is in force, so nothing will have to be renewed." == view["sentence"]
    assert ([], None) == (view["figures"], view["chart_view"])
