"""Sheets of the year workbook that people judge by: estimates, tiers, and no warnings of Excel about what is meant."""

from __future__ import annotations

import datetime as dt
import itertools
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from pipeline import contracts, encumbrances
from pipeline.contracts import Books
from pipeline.publish import workbooks
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AGENCIES, AS_OF, RUN_ID, SETTINGS, entry


def year(folder: Path, books: Books) -> Path:
    *_, path = workbooks.years(books, SETTINGS, RUN_ID, AS_OF, folder)
    return path


def rows(path: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    grid = [list(row) for row in openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True)]
    start = next(number for number, row in enumerate(grid) if row[0] == head)
    return [dict(zip(grid[start], row, strict=True)) for row in itertools.takewhile(any, grid[start + 1 :])]


def estimated(*estimates: dict[str, Any]) -> Books:
    """Books of DOT and DEP, billed $442.38 and $221.19 in November 2026, with these estimates."""
    lines = [entry(1), entry(2), entry(3, billed_to="DEP", agency="DEP", account_id="DEP-1200")]
    tables = contracts.ESTIMATES.frame(estimates), contracts.AGENCIES.frame(AGENCIES)
    return bookkeeping.books(lines, encumbrances=encumbrances.against_actual(contracts.LEDGER.frame(lines), *tables, SETTINGS, AS_OF).table)


DOT = {"agency": "DOT", "fiscal_year": 2027, "amount_cents": 100_000, "document": "IE-1", "source": 1}
DEP = DOT | {"agency": "DEP", "amount_cents": 60_000, "document": "", "source": 2}


def test_estimates_say_who_will_be_over_and_by_how_much(tmp_path: Path) -> None:
    path = year(tmp_path, estimated(DOT, DEP))
    dep, dot, total = rows(path, "Estimates", "Code")
    # 146 of the 365 days of the year have passed on 2026-11-23
    assert ["DOT", "Department of Transportation", 1000, 442.38, 557.62, 1105.95, "✕ over by $105.95", "IE-1"] == list(dot.values())
    assert ["DEP", "Environmental Protection", 600, 221.19, 378.81, 552.98, "✓ within", "none named"] == list(dep.values())
    assert ["Total", None, 1600, 663.57, 936.43, 1658.93, None, None] == list(total.values())
    assert [] == [what for what, value, right in recalculation.formulas(path) if value != right]


def test_what_is_left_has_no_total_where_an_estimate_is_missing(tmp_path: Path) -> None:
    dep, _, total = rows(year(tmp_path, estimated(DOT)), "Estimates", "Code")
    assert ("no estimate", "no estimate", "not known") == (dep["Set aside"], dep["Left"], dep["At year end"])
    assert (1000, 663.57, None, 1658.93) == tuple(total[name] for name in ("Set aside", "Billed", "Left", "At this pace"))


def test_a_tier_of_which_nothing_was_billed_has_no_columns(tmp_path: Path) -> None:
    memo = {
        "kind": "memo",
        "decision": "memo",
        "adjustment": "D-1",
        "amount_cents": 0,
        "memo_cents": 54_200,
        "tier": "",
        "rate_cents": None,
    }
    path = year(tmp_path, bookkeeping.books([entry(1), entry(2, **memo)]))
    titles = [title.replace("\n", " ") for title in rows(path, "By tier", "Month")[0]]
    assert [] == [title for title in titles if "no tier" in title or "premium" in title]
    assert "standard charged" in titles
    only_free = year(tmp_path / "free", bookkeeping.books([entry(1, amount_cents=0)]))
    assert "standard\ncharged" in rows(only_free, "By tier", "Month")[0]


def test_excel_marks_no_cell_that_is_as_it_is_meant(tmp_path: Path) -> None:
    path = year(tmp_path, bookkeeping.books([entry(1)]))
    with zipfile.ZipFile(path) as package:
        sheets = {name: package.read(name).decode() for name in package.namelist() if name.startswith("xl/worksheets/sheet")}
    quiet = '<ignoredError sqref="A1:XFD1048576" numberStoredAsText="1"/>'
    assert len(sheets) >= 10
    assert [] == [name for name, sheet in sheets.items() if quiet not in sheet]
    assert {"xl/worksheets/sheet2.xml"} == {name for name, sheet in sheets.items() if 'formulaRange="1"' in sheet}


def test_a_chart_of_the_summary_says_who_was_charged_most_in_its_title_and_its_alt_text(tmp_path: Path) -> None:
    path = year(tmp_path, estimated())
    with zipfile.ZipFile(path) as package:
        chart, drawing = (package.read(f"xl/{name}1.xml").decode() for name in ("charts/chart", "drawings/drawing"))
    assert "FY2027: Department of Transportation was charged most, 67 % of all" in chart
    told = "The largest: Department of Transportation $442.38, Environmental Protection $221.19. The table has all."
    assert f'descr="Bars, one an agency: net dollars of FY2027, after credits and adjustments. {told}"' in drawing
    shown = [value.split("</c:v>")[0] for value in chart.split("<c:v>")[1:]]
    assert ["Environmental Protection", "Department of Transportation", "221.19", "442.38"] == [
        value for value in shown if value != "Total"
    ]
    printed = range_boundaries(openpyxl.load_workbook(path)["Summary"].print_area.split("!")[1].replace("$", ""))
    starts_below = int(drawing.split("<xdr:row>")[1].split("<")[0])
    assert printed[3] <= starts_below, "the chart stays off the paper"


@pytest.mark.parametrize(
    ("closed", "said"),
    [
        ([], "No month of it is closed: the amounts are drafts and may still change."),
        (["FY2027-P04"], "Closed until October 2026 (FY2027-P04); the amounts of later months are drafts and may still change."),
        (["FY2027-P04", "FY2027-P05"], "Every month with a charge is closed: these amounts no longer change."),
    ],
)
def test_the_summary_says_how_far_the_year_is_closed(tmp_path: Path, closed: list[str], said: str) -> None:
    lines = [entry(1), entry(2, period="FY2027-P04", service_on=dt.date(2026, 10, 5))]
    invoices = bookkeeping.invoices(lines)
    invoices["status"] = ["closed" if period in closed else "draft" for period in invoices["period"]]
    sheet = openpyxl.load_workbook(year(tmp_path, bookkeeping.books(lines, invoices=invoices)))["Summary"]
    assert said in [cell.value for row in sheet.iter_rows() for cell in row]
