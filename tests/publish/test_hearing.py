"""The budget hearing: past years are the tables', what is ahead is the forecast's, and page and workbook say the same."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline import forecast
from pipeline.contracts import ENCUMBRANCES, LINTS, LOTS, MEASURES, NOTES, RECOVERY, RENEWALS, REQUESTS
from pipeline.publish import words
from pipeline.publish.hearing import Hearing, Line
from pipeline.publish.pages import hearing as page
from pipeline.publish.pages.edition import Edition
from pipeline.publish.workbooks import HEARING_PATH, write_hearing
from tests import orders
from tests.publish.bookkeeping import AS_OF, SETTINGS, books, entry
from tests.publish.built import STAMP

FIGURES = {
    "on-time-completion": ("share", {"FY2026": 0.962, "FY2027-YTD": 0.893}, 0.95),
    "completion-time-p90": ("business days", {"FY2026": 3.5, "FY2027-YTD": 5.7}, math.nan),
    "requests-received": ("requests", {"FY2026": 587.0, "FY2027-YTD": 299.0}, math.nan),
    "lapses": ("certificates", {"FY2026": 3.0, "FY2027-YTD": 2.0}, math.nan),
}


def measure(name: str, unit: str, period: str, value: float, target: float) -> dict[str, Any]:
    low = value - 0.01 if unit == "share" else math.nan
    told = {"measure": name, "period": period, "dimension": "office", "member": "", "value": value, "unit": unit, "n": 100, "met": 90}
    return told | {"low": low, "high": low, "target": target, "verdict": ""}


@pytest.fixture(scope="module")
def hearing() -> Hearing:
    """Two charges of this fiscal year and one of the last, and twelve certificates that go on."""
    told = [
        orders.certificate(
            number,
            "2026-07-01",
            order_id=f"O{number}",
            status="active",
            trust="public",
            valid_to=pd.Timestamp("2027-01-15T23:59:59Z"),
            days_left=53,
        )
        for number in range(12)
    ]
    certificates, rows = orders.tables(told)
    log = [
        {"request_id": f"R{number}", "kind": "renew", "status": "completed", "reopen_count": 0, "source": number}
        | {"submitted_at": pd.Timestamp("2026-07-01T15:00Z"), "completed_at": pd.Timestamp("2026-07-02T15:00Z")}
        for number in range(12)
    ]
    came_in = orders.came_in(rows)
    ahead = forecast.forecast(
        certificates, RENEWALS.empty(), LINTS.empty(), orders._frame(REQUESTS, log), LOTS.empty(), came_in, SETTINGS, AS_OF
    )
    figures = [
        measure(name, unit, period, value, target) for name, (unit, values, target) in FIGURES.items() for period, value in values.items()
    ]
    recovered = {column.name: 0 for column in RECOVERY.columns if column.kind in ("whole", "cents")}
    recovered |= {"tier": "standard", "basis": "certificate cost only", "reserve": "", "carry_forward": ""}
    aside = {"agency": "DOT", "fiscal_year": 2027, "estimate_cents": 90_000, "billed_cents": 0}
    made = books(
        [entry(1, period="FY2026-P12"), entry(2), entry(3)],
        certificates=certificates,
        measures=MEASURES.frame(figures),
        recovery=RECOVERY.frame([recovered | {"fiscal_year": 2026, "cost_cents": 500, "closing_cents": 700}]),
        encumbrances=ENCUMBRANCES.frame([aside]),
        forecast=ahead.table,
        workload=ahead.workload,
    )
    return Hearing(made, SETTINGS, AS_OF)


def line(lines: list[Line], title: str) -> Line:
    return next(one for one in lines if one.title == title)


def test_years_past_are_those_of_the_table_and_what_nobody_foresees_stands_as_to_date(hearing: Hearing) -> None:
    kept = line(hearing.measures(), "Completed on time")
    assert (0.962, 0.893, 0.893, 0.95, True) == (kept.past[1], kept.to_date, kept.projected, kept.target, kept.goes_on)
    assert math.isnan(kept.past[0])
    assert math.isnan(kept.next_year)
    assert "FY2027 to date" in kept.said


def test_what_is_ahead_is_what_the_forecast_and_the_work_say(hearing: Hearing) -> None:
    work, table = hearing.books.workload, hearing.books.forecast
    rest = work[work["month"] <= "2027-06"][["certificate_requests", "other_requests"]].to_numpy().sum()
    received = line(hearing.measures(), "Requests received")
    assert math.floor(299 + rest + 0.5) == received.projected
    issued = line(hearing.measures(), "Certificates issued")
    of_next_year = table[(table["month"] >= "2027-07") & (table["month"] <= "2028-06")]
    assert (12.0, of_next_year["issuances"].sum()) == (issued.to_date, issued.next_year)
    charged = line(hearing.money(), "Charged to agencies")
    assert of_next_year["amount_cents"].sum() == charged.next_year
    assert charged.to_date + table.loc[table["month"] <= "2027-06", "amount_cents"].sum() == charged.projected


def test_the_money_is_the_ledgers_and_its_target_what_agencies_set_aside(hearing: Hearing) -> None:
    ledger = hearing.books.ledger
    of_year = {year: int(ledger.loc[ledger["period"].str[:6] == year, "amount_cents"].sum()) for year in ("FY2026", "FY2027")}
    charged = line(hearing.money(), "Charged to agencies")
    assert (of_year["FY2026"], of_year["FY2027"], 90_000) == (charged.past[1], charged.to_date, charged.target)
    tiers = [line(hearing.money(), f"of it {tier}") for tier in hearing.settings.tiers]
    assert charged.next_year == sum(tier.next_year for tier in tiers)
    left = line(hearing.money(), "Left above the cost of the certificates")
    assert (500.0, of_year["FY2026"] - 500.0) == (line(hearing.money(), "Cost of the certificates").past[1], left.past[1])


def test_the_backlog_says_when_the_promise_breaks(hearing: Hearing) -> None:
    work = hearing.books.workload
    broken = words.month(work.loc[~work["promise_holds"], "month"].iloc[0])
    told = f" At last year's pace of the desk its promise breaks in {broken}: more is asked by then than it closed."
    assert told == hearing._beside("backlog")
    assert "" == Hearing(books([]), SETTINGS, AS_OF)._beside("backlog")


def test_lapses_go_on_at_the_pace_of_the_year(hearing: Hearing) -> None:
    # two in the 146 days from 1 July to 23 November: five in 365
    assert 5.0 == line(hearing.measures(), "Lapses").projected


def test_the_workbook_holds_the_numbers_of_the_page(hearing: Hearing, tmp_path: Path) -> None:
    write_hearing(hearing.books, SETTINGS, STAMP, tmp_path)
    book = openpyxl.load_workbook(tmp_path / HEARING_PATH, data_only=True)
    shown = {row[0].value: [cell.value for cell in row[1:7]] for name in ("Service", "Money") for row in book[name].iter_rows(min_row=2)}
    charged = line(hearing.money(), "Charged to agencies")
    assert [charged.past[1] / 100, charged.to_date / 100] == shown["Charged to agencies"][1:3]
    assert ["no figure", 3.5, 5.7, "as to date", "none set", "not foreseen"] == shown["Time to completion, nine in ten, business days"]
    view = next(page.pages(Edition(hearing.books, SETTINGS, STAMP, "internal"))).view
    assert set(shown) >= {row[0].text for grid in (view["measures"], view["money"]) for row in grid.rows}


def test_an_office_without_anything_gets_an_empty_hearing() -> None:
    empty = Hearing(books([]), SETTINGS, AS_OF)
    assert ["Certificates issued"] == [one.title for one in empty.measures()]
    assert (0.0, 0.0, 0.0) == (empty.money()[0].to_date, empty.money()[0].projected, empty.money()[0].next_year)


def test_the_chart_shows_what_each_year_ahead_is_charged_and_would_be_for_each_certificate(hearing: Hearing) -> None:
    table = hearing.books.forecast
    of_2031 = table[(table["month"] >= "2030-07") & (table["month"] <= "2031-06")]
    billed, each = (words.dollars(int(of_2031[name].sum())) for name in ("amount_cents", "per_certificate_cents"))
    chart = next(page.pages(Edition(hearing.books, SETTINGS, STAMP, "internal"))).view["chart_view"]
    assert f"FY2031: {billed} as billed, {each} if each certificate cost the rate" == chart.title
    assert ["FY2028", "FY2029", "FY2030", "FY2031"] == [row[0] for row in chart.table.rows]
    assert next(page.pages(Edition(books([]), SETTINGS, STAMP, "internal"))).view["chart_view"] is None


def test_a_missed_target_is_told_with_the_newest_remark_of_the_year(hearing: Hearing) -> None:
    figures = hearing.books.measures.assign(verdict="missed")
    told = [
        {"on": dt.date(2026, 5, 3), "measure": "on-time-completion", "text": "Last year's."},
        {"on": dt.date(2026, 6, 3), "until": dt.date(2026, 7, 2), "measure": "on-time-completion", "text": "An old one."},
        {"on": dt.date(2026, 8, 3), "measure": "on-time-completion", "text": "Two of four were ill."},
    ]
    missed = Hearing(dataclasses.replace(hearing.books, measures=figures, notes=NOTES.frame(told)), SETTINGS, AS_OF)
    assert line(missed.measures(), "Completed on time").told.endswith(" The office says: Two of four were ill.")
    assert "The office says" not in line(missed.measures(), "Lapses").told
    assert "The office says" not in line(hearing.measures(), "Completed on time").told
