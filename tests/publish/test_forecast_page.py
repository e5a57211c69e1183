"""The page of the forecast: its figures are those of the tables, and it says what it does not know."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from pipeline import forecast
from pipeline.contracts import BASES, LINTS, LOTS, PRICES, READINESS, RENEWALS, REQUESTS, WORKLOAD
from pipeline.publish import lots_left, words, workbooks
from pipeline.publish.pages import forecast as page
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.forecast_money import assumed, not_priced, price_grid, unit_grid
from pipeline.publish.pages.forecast_readiness import first_steps, readiness_grid
from pipeline.publish.pages.forecast_years import Year, of_years
from pipeline.settings import Rate, Scenario, Settings
from tests import orders
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, SETTINGS, books
from tests.publish.built import STAMP


def edition(
    sites: int, requests: tuple[dict[str, Any], ...] = (), profile: str = "internal", by: Settings = SETTINGS, untiered: int = 0
) -> Edition:
    """The books of so many certificates that were issued on 2026-07-01 for 199 days, each with an order; `untiered` of them without tier
    and agency."""
    told = [
        orders.certificate(
            number,
            "2026-07-01",
            order_id=f"O{number}",
            status="active",
            trust="public",
            valid_to=pd.Timestamp("2027-01-15T23:59:59Z"),
            days_left=(dt.date(2027, 1, 15) - AS_OF).days,
            **({"tier": "", "agency": ""} if number < untiered else {}),
        )
        for number in range(sites)
    ]
    certificates, rows = orders.tables(told)
    logged = orders._frame(REQUESTS, requests)
    found = forecast.forecast(certificates, RENEWALS.empty(), LINTS.empty(), logged, LOTS.empty(), orders.came_in(rows), by, AS_OF)
    tables = {"forecast": found.table, "workload": found.workload, "units_needed": found.units_needed, "prices": found.prices}
    tables["paid_before"] = found.paid_before
    made = books([], certificates=certificates, readiness=found.readiness, scenarios=found.scenarios, habits=found.habits, **tables)
    return Edition(made, by, STAMP, profile)  # type: ignore[arg-type]


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
    assert ["FY2030", f"{issued:,}", "too few names", "too few names", "0", f"{issued:,}"] == cells(view["years"], "FY2030")[:6]
    assert words.amount(cents) == cells(view["years"], "FY2030")[-1]
    assert issued > 100


def test_a_year_that_the_months_do_not_fill_says_so(view: dict[str, Any]) -> None:
    first, last = view["years"].rows[0][0], view["years"].rows[-1][0]
    assert ("FY2027", "from 24 November on") == (first.text, first.remark)
    assert ("FY2032", "its first months") == (last.text, last.remark)


def test_each_basis_stands_beside_the_others(made: Edition, view: dict[str, Any]) -> None:
    table = made.books.forecast
    of_year = table[(table["month"] >= "2029-07") & (table["month"] <= "2030-06")]
    sums = [words.amount(int(of_year[name].sum())) for name in ("amount_cents", "per_certificate_cents", "per_day_cents")]
    assert ["FY2030", *sums] == cells(view["bases"], "FY2030")
    # the rate is $230.00 in FY2030, and nobody bought a lot
    priced = [row[1:] for row in view["prices"].rows if (row[0].text, row[0].remark) == ("FY2030", "standard")]
    rest = ["230.00", "no lot", "230.00", "no lot", "not known"]
    assert [[f"per {basis}", *rest] for basis in ("order", "certificate", "certificate and day")] == priced


def test_a_year_is_priced_at_its_own_rates_and_a_tier_of_which_nothing_is_charged_is_told_in_a_sentence() -> None:
    # standard costs $221.19 until 30 June 2027, then $230.00, and here $300.00 from 1 January 2029 on
    rates = (*SETTINGS.rate, Rate(tier="standard", amount=Decimal("300.00"), since=dt.date(2029, 1, 1)))
    tiers = {**SETTINGS.tiers, "gold": ()}
    made = edition(12, by=SETTINGS.model_copy(update={"rate": rates, "tiers": tiers}))
    told = {row[0].text: row[2] for row in price_grid(made).rows}
    assert ("230.00", "300.00") == (told["FY2028"], told["FY2030"])
    assert ("300.00", "230.00 until 31 December 2028") == (told["FY2029"].text, told["FY2029"].remark)
    assert "Nothing is charged of premium (no certificate in force), gold (no rate)." == not_priced(made)
    nothing = edition(0)
    assert ([], [], "") == (price_grid(nothing).rows, unit_grid(nothing).rows, not_priced(nothing))


def test_a_basis_pays_where_it_brings_in_its_cost_at_least() -> None:
    price = {"fiscal_year": 2030, "tier": "standard", "charged_cents": 10_000, "sold": 1, "units": 1, "office_cost_cents": 0}
    rows = [
        price | {"basis": basis, "cost_basis": "full cost", "cost_cents": cost}
        for basis, cost in zip(BASES, (10_000, 10_001), strict=False)
    ]
    made = Edition(books([], prices=PRICES.frame(rows)), SETTINGS, STAMP, "internal")
    assert ["pays", "does not pay"] == [row[-1].text for row in price_grid(made).rows]


def test_lots_to_buy_stand_beside_the_verdict_of_the_page_lots(view: dict[str, Any]) -> None:
    of = {(row[0].text, row[0].remark, row[1]): row for row in view["units"].rows}
    # each of the twelve is bought anew in June 2027, before its year ends on 30 June
    assert ("12", "June 2027", "2027-05-02") == (
        *of["FY2027", "standard", "per order"][4:7:2],
        of["FY2027", "standard", "per order"][-1].text,
    )
    later = of["FY2031", "standard", "per order"]
    # an order takes 30 days
    assert ("12", "January 2031", "2030-12-02") == (later[4], later[6], later[-1].text)


def test_units_are_ordered_on_the_earlier_of_the_days_that_the_forecast_and_the_lots_tell() -> None:
    verdict = dt.date(2027, 4, 5)
    assert dt.date(2027, 1, 30) == lots_left.order_on("2027-03", verdict, 30)
    assert verdict == lots_left.order_on("2027-06", verdict, 30) == lots_left.order_on("", verdict, 30)
    assert (dt.date(2027, 2, 1), None) == (lots_left.order_on("2027-03", None, 28), lots_left.order_on("", None, 28))


def test_each_agency_is_told_what_each_basis_would_charge_it(made: Edition, view: dict[str, Any]) -> None:
    first, last = (cells(view["bases"], year)[1:] for year in ("FY2028", "FY2031"))
    assert [["PARKS", "0", *first, *last]] == [[getattr(cell, "text", cell) for cell in row] for row in view["agency_money"].rows]
    assert ["Total", "0", *first, *last] == view["agency_money"].total


def test_the_chart_says_in_its_title_how_far_the_quarters_climb(made: Edition, view: dict[str, Any]) -> None:
    months = made.books.forecast.groupby("month")["issuances"].sum()
    quarters = [int(months[f"{year}-{first:02d}" : f"{year}-{first + 2:02d}"].sum()) for year in range(2027, 2032) for first in (1, 4, 7)]
    # the quarter that has begun and the one that the 60 months cut are left out; the limits of the Web fall in two of the others
    shown = [row[0] for row in view["chart_view"].table.rows]
    assert ("Q3 FY27", "Q1 FY32", 19) == (shown[0], shown[-1], len(shown))
    assert ["1: 100 days at most from 15 March 2027 on.", "2: 47 days at most from 15 March 2029 on."] == view["marks"]
    assert f"Certificates to issue climb from 12 to at most {max(quarters)} a fiscal quarter" == view["chart_view"].title


def test_every_month_says_what_expires_and_what_is_to_be_issued(made: Edition, view: dict[str, Any]) -> None:
    table = made.books.forecast.groupby("month")[["expiring", "issuances"]].sum()
    shown = {row[0]: row[1:3] for row in view["months"].rows}
    assert {words.month(month): [f"{row.expiring}", f"{row.issuances}"] for month, row in table.iterrows()} == shown
    assert 61 == len(shown)


def test_a_scenario_says_what_it_changes_and_from_when_on() -> None:
    since = dt.date(2027, 7, 1)
    told = (
        Scenario(name="both", since=since, automate=Decimal("0.95"), consolidate=Decimal("0.2"), basis="per-certificate"),
        Scenario(name="later", since=since, basis="per-certificate-day", basis_since=dt.date(2028, 7, 1)),
        Scenario(name="none", since=since),
    )
    assert [
        "both: from July 2027 on 95 % of what somebody asks for renews itself and 20 % of the certificates are merged into others; "
        "charged per certificate from July 2027 on.",
        "later: charged per certificate and day from July 2028 on.",
        "none: nothing is changed.",
    ] == assumed(told, dt.date(2031, 11, 30))


def test_a_month_of_a_scenario_counts_whole_and_what_comes_after_the_forecast_is_said_to() -> None:
    told = (
        Scenario(name="mid", since=dt.date(2028, 1, 15), automate=Decimal("0.5")),
        Scenario(name="never", since=dt.date(2031, 12, 1), automate=Decimal(1)),
        Scenario(name="half", since=dt.date(2027, 7, 1), basis="per-certificate", basis_since=dt.date(2032, 1, 1)),
    )
    too_late = "begins after the last month of this forecast, November 2031, so nothing of it is seen here."
    assert [
        "mid: from January 2028 on (all of it, though the scenario says 15 January 2028) 50 % of what somebody asks for renews itself.",
        f"never: from December 2031 on 100 % of what somebody asks for renews itself. It {too_late}",
        f"half: charged per certificate from January 2032 on. The other basis {too_late}",
    ] == assumed(told, dt.date(2031, 11, 30))


def test_what_to_do_first_begins_with_what_is_broken_and_goes_on_to_what_saves_most() -> None:
    rows = [
        {"agency": "PARKS", "place": 1, "sites": 9, "automated": 1, "last_year_by_hand": 60.0, "without_contact": 2},
        {"agency": "", "place": 2, "sites": 5, "last_year_by_hand": 30.0, "without_contact": 1},
        {"agency": "ROADS", "place": 3, "sites": 1, "last_year_by_hand": 10.0, "weak_keys": 1, "for_clients": 1},
        {"agency": "WATER", "place": 4, "sites": 1, "automated": 1, "last_year_by_hand": 0.0},
    ]
    whole = {column.name: 0 for column in READINESS.columns if column.kind == "whole"}
    made = Edition(books([], readiness=READINESS.frame([whole | row for row in rows])), SETTINGS, STAMP, "internal")
    assert [
        "Have 1 certificate reissued with another key, for the key or the signature is weak: ROADS (1).",
        "Find somebody to tell of 3 certificates without a contact address: PARKS (2), no agency known (1).",
        "Find out whether anybody uses 1 certificate for a client too (clientAuth), for public authorities give that up: ROADS (1).",
        "Automate the renewal of 8 certificates of PARKS: in the last year of the forecast 60 fewer are asked for (60 % of all that are).",
        "Automate the renewal of 5 certificates of no agency known, once it is found out whose they are: in the last year of the forecast "
        "30 fewer are asked for (90 % of all that are, with those above).",
        "Automate the renewal of 1 certificate of ROADS: in the last year of the forecast 10 fewer are asked for (100 % of all that are, "
        "with those above).",
    ] == first_steps(made)


def test_a_key_of_two_agencies_is_to_be_made_anew_as_the_page_of_rule_breaks_says() -> None:
    told = [orders.certificate(number, "2026-07-01", status="active", agency=code) for number, code in enumerate(("DEP", "RMV", "DOT"), 1)]
    certificates, _ = orders.tables(told)
    names = certificates["certificate"].tolist()
    lints = LINTS.frame([{"certificate": name, "lint": "key-of-two-agencies", "severity": "error", "applies": "any"} for name in names])
    made = Edition(books([], certificates=certificates, lints=lints, readiness=READINESS.empty()), SETTINGS, STAMP, "internal")
    # RMV became part of DOT
    expected = "Have 3 certificates reissued, each with a key of its agency alone, for two agencies hold one key: DOT (2), DEP (1)."
    assert [expected] == first_steps(made)


def test_the_card_of_the_last_year_tells_the_whole_range() -> None:
    year = Year(2031, True, 2000, 0, 2000, 1545.0, 2069.0, 2200.0, 9, 1.0, 0, 0, 0, 0)
    expected = (
        "if each of today's goes on; 1,545 to 2,069 if names are given up as in the last year and none is new, 2,200 if as many come new"
    )
    assert page._range(year) == f"{expected} as then, too"


THE_FIVE = "With these (71 % of all that are) the desk"


@pytest.mark.parametrize(
    ("kept", "broken_until", "told"),
    [
        (True, ["2026-12"] * 7, "The desk keeps its promise throughout the forecast at last year's pace even without this; with it, "),
        (False, ["2026-12", "2027-03", "", "", "", "", ""], f"{THE_FIVE} keeps its promise throughout the forecast at last year's pace."),
        (
            False,
            [*["2026-12"] * 4, "2027-05", "2029-07", ""],
            f"{THE_FIVE}'s promise breaks in May 2027 instead of December 2026 at last year's pace. It is kept if the next 2 rows of the "
            "table of agencies, up to A7, renew themselves too.",
        ),
        (
            False,
            ["2026-12"] * 7,
            f"{THE_FIVE}'s promise breaks in December 2026 at last year's pace. It breaks even if every certificate renews itself: the "
            "desk needs more hands as well.",
        ),
    ],
)
def test_the_steps_say_how_far_they_bring_the_desk(kept: bool, broken_until: list[str], told: str) -> None:
    whole = {column.name: 0 for column in READINESS.columns if column.kind == "whole"}
    rows = [
        whole | {"agency": f"A{place}", "place": place, "sites": 1, "last_year": 12, "last_year_by_hand": 10.0, "breaks_in": month}
        for place, month in enumerate(broken_until, 1)
    ]
    desk = {"month": "2026-12", "business_days": 20, "promised_days": 5, "promise_holds": kept}
    work = WORKLOAD.frame([desk | {column.name: 0.0 for column in WORKLOAD.columns if column.name not in desk and column.kind == "number"}])
    made = Edition(books([], readiness=READINESS.frame(rows), workload=work), SETTINGS, STAMP, "internal")
    assert first_steps(made)[-1].startswith(told)
    # the table says the same month in the row of the last agency that is told, and how many are asked for
    fifth = readiness_grid(made).rows[4]
    assert (words.short_month(broken_until[4]) if broken_until[4] else "never") == fifth[-1]
    assert ("12", "10 asked for") == (fifth[4].text, fifth[4].remark)


def test_the_sentence_tells_work_and_money(made: Edition, view: dict[str, Any]) -> None:
    # none was issued or charged in FY2026, so there is nothing to compare with; no log tells the pace of the desk
    table = made.books.forecast
    of_year = table[(table["month"] >= "2030-07") & (table["month"] <= "2031-06")]
    issued = int(of_year["issuances"].sum())
    assert f"Keeping today's 12 certificates means issuing {issued} in FY2031, while the bill by order is $2,760." == view["sentence"]
    assert "" == view["promise"]
    assert "its pace is not known" in view["work"].empty
    assert [] == view["work"].rows


@pytest.mark.parametrize(
    ("before", "then", "told"),
    [
        (0, 100_000, "is $1,000"),
        (100_000, 109_949, "stays near that of FY2026, $1,099 after $1,000"),
        (100_000, 120_050, "rises from $1,000 to $1,201 (FY2028: so much)"),
        (100_000, 80_000, "falls from $1,000 to $800 (FY2028: so much)"),
    ],
)
def test_the_bill_is_told_beside_that_of_the_last_year(before: int, then: int, told: str) -> None:
    assert told == page._bill(before, then, 2026, " (FY2028: so much)")


def test_a_bill_that_moves_is_told_of_the_first_whole_year_too(made: Edition) -> None:
    years = of_years(made)
    first, peak = (next(year for year in order if year.whole) for order in (years, years[::-1]))
    assert first.year < peak.year
    told = f" (FY{first.year}, with today's certificates: ${(first.amount_cents + 50) // 100:,})"
    assert told == page._at_first(years, peak)
    assert "" == page._at_first(years, first)


def test_the_month_in_which_the_promise_breaks_is_told() -> None:
    asked = {"kind": "renew", "status": "completed", "reopen_count": 0}
    log = tuple(
        {"request_id": f"R{number}", "source": number, **asked}
        | {"submitted_at": pd.Timestamp("2026-07-01T15:00Z"), "completed_at": pd.Timestamp("2026-07-02T15:00Z")}
        for number in range(12)
    )
    view = next(page.pages(edition(12, log))).view
    # 12 requests for 12 certificates were closed in a year: the next 12 at once are too many
    assert (
        "At last year's pace of the desk (0.0 closed a business day) the promise of 5 business days breaks in December 2026, and in "
        "July 2029 at that of its busiest month, July 2026 (0.5 a day). That is what it closed, not what it could close."
    ) == view["promise"]
    assert "broken" == cells(view["work"], "FY2028")[5]


def test_what_is_paid_beyond_a_switch_stands_beside_what_is_charged_in_page_and_sheet(workbook: Path) -> None:
    change = Scenario(name="by the day", since=dt.date(2027, 7, 1), basis="per-certificate-day", basis_since=dt.date(2029, 1, 1))
    made = edition(12, by=SETTINGS.model_copy(update={"scenario": (change,)}))
    told = made.books.scenarios.set_index(["scenario", "fiscal_year"]).loc[("by the day", 2029)]
    row = next(row for row in next(page.pages(made)).view["scenarios"].rows if (row[0].text, row[0].remark) == ("FY2029", "by the day"))
    assert (words.amount(told["charged_cents"]), f"{words.amount(told['paid_cents'])} paid before") == (row[5].text, row[5].remark)
    shown = [row[:8] for row in openpyxl.load_workbook(workbook, data_only=True)["Scenarios"].iter_rows(values_only=True)]
    of_2029 = next(row for row in shown if row[:2] == ("by the day", "FY2029"))
    assert (told["charged_cents"] / 100, told["paid_cents"] / 100) == (of_2029[5], of_2029[7])
    assert told["paid_cents"] > 0
    # the whole month of 15 July 2027 and that of its basis
    assert [dt.date(2027, 7, 1)] * 2 == [cell.date() for cell in next(row for row in shown if row[0] == "half")[6:8]]


def test_what_the_last_year_does_not_show_is_called_an_assumption() -> None:
    # the twelve were issued in the last year, and no request is logged
    told = next(page.pages(edition(12))).view["rests_on"]
    assert (
        "No request for a certificate came in the last year: each certificate to come is taken to need one request, which nothing shows."
    ) in told


def test_it_says_what_becomes_of_orders_and_what_that_rests_on(made: Edition) -> None:
    def told(**habits: Any) -> list[str]:
        books = dataclasses.replace(made.books, habits=made.books.habits.assign(**habits))
        view = next(page.pages(dataclasses.replace(made, books=books))).view
        return [line for line in view["rests_on"] if "order" in line]

    shown = "unless its own renewals show another way."
    then = "Where a certificate has to be renewed a few days before that, its order is bought anew then; free reissues end with the plan."
    why = "the 365 of its plan less those 30"
    assert [f"An order is taken to be bought anew 335 days after it was charged, {why}, {shown}", then] == told()
    seen_ = f"An order is taken to be bought anew 309 days after it was charged, as most were, {shown}"
    assert [seen_, then] == told(bought_anew_days=309)
    seen = {"billed_renewals": 156, "new_numbers": 114, "new_number_days": 351.0}
    assert [
        "Of 156 billed renewals in the last year 114 came under a new order number, charged 351 days (median) after the order before it.",
        f"Each certificate is taken to be an order of its own, {shown}",
    ] == told(**seen, usual_way="each bought")
    assert [
        "Of 1 billed renewal in the last year none came under a new order number.",
        f"An order is taken to keep its number, {shown}",
    ] == told(billed_renewals=1, usual_way="number kept")


def test_it_says_which_certificates_are_charged_whenever_they_are_renewed_and_whose_they_are(made: Edition) -> None:
    def told(without: int, alone: int, profile: str = "internal") -> list[str]:
        habits = made.books.habits.assign(each_bought=without + alone, without_order=without)
        of_each = dataclasses.replace(made.books, habits=habits, readiness=made.books.readiness.assign(each_bought=without + alone))
        edition_ = dataclasses.replace(made, books=of_each, profile=profile)
        return [line for line in next(page.pages(edition_)).view["rests_on"] if "whenever" in line]

    number = "without an order number, for each that follows is an order of its own"
    before = "bought alone before, each time with a new order"
    assert [] == told(0, 0)
    assert [f"1 certificate is charged whenever it is renewed (PARKS 1): 1 certificate {number}."] == told(1, 0)
    assert [f"5 certificates are charged whenever they are renewed: 2 certificates {number}; 3 certificates {before}."] == told(
        2, 3, "public"
    )


def test_the_public_edition_names_no_agency_and_no_lot() -> None:
    view = next(page.pages(edition(12, profile="public"))).view
    assert [None] * 4 == [view[name] for name in ("agencies", "units", "prices", "agency_money")]
    assert [] == view["first_steps"]


def test_without_certificates_the_page_says_that_nothing_is_to_renew() -> None:
    view = next(page.pages(edition(0))).view
    assert "No certificate is in force, so nothing will have to be renewed." == view["sentence"]
    assert ([], None) == (view["figures"], view["chart_view"])


def test_a_scenario_stands_beside_the_forecast_as_it_is() -> None:
    by = SETTINGS.model_copy(update={"scenario": (Scenario(name="half", since=dt.date(2027, 7, 1), consolidate=Decimal("0.5")),)})
    made = edition(12, by=by)
    rows = [row for row in next(page.pages(made)).view["scenarios"].rows if row[0].text == "FY2030"]
    assert ["as it is", "half"] == [row[0].remark for row in rows]
    whole, half = (float(row[1].replace(",", "")) for row in rows)
    assert (whole, "order") == (2 * half, rows[1][4])
    # no log tells the pace of the desk; of the 12 units of FY2030 a twentieth is left, six tenths of one
    assert {"not known"} == {row[-1] for row in rows}
    few = Scenario(name="few", since=dt.date(2027, 7, 1), consolidate=Decimal("0.95"))
    made_of_few = edition(12, by=SETTINGS.model_copy(update={"scenario": (few,)}))
    assert "0.6" == [row for row in next(page.pages(made_of_few)).view["scenarios"].rows if row[0].text == "FY2030"][1][3]
    assert ["half: from July 2027 on 50 % of the certificates are merged into others."] == next(page.pages(made)).view["assumed"]
    assert next(page.pages(edition(12))).view["scenarios"] is None


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the year of two scenarios, and of a certificate without a tier beside the twelve."""
    changes = (
        Scenario(name="half", since=dt.date(2027, 7, 15), consolidate=Decimal("0.5"), automate=Decimal("0.2")),
        Scenario(name="by the day", since=dt.date(2027, 7, 1), basis="per-certificate-day", basis_since=dt.date(2029, 1, 1)),
        Scenario(name="each", since=dt.date(2028, 1, 1), consolidate=Decimal("0.25"), basis="per-certificate"),
    )
    by = SETTINGS.model_copy(update={"scenario": changes})
    made = edition(13, by=by, untiered=1).books
    # a unit costs a third of $500.00, and the tier $475.00 a year beside it
    cost = made.prices["units"] * 50_000 / 3 + 47_500
    priced = made.prices.assign(office_cost_cents=47_500, cost_basis="full cost", cost_cents=cost.round().astype("Int64"))
    of_year = bookkeeping.books(
        [bookkeeping.entry(1)],
        forecast=made.forecast,
        scenarios=made.scenarios,
        paid_before=made.paid_before,
        prices=priced,
        units_needed=made.units_needed,
    )
    *_, path = workbooks.years(of_year, by, bookkeeping.RUN_ID, AS_OF, tmp_path_factory.mktemp("year"))
    return path


def test_the_sheet_of_scenarios_reckons_what_the_table_says(workbook: Path) -> None:
    by = [row[:7] for row in openpyxl.load_workbook(workbook, data_only=True)["Scenarios"].iter_rows(values_only=True)]
    made = next(index for index, row in enumerate(by) if row[1] == "Fiscal year")
    of_2030 = {row[0]: row[2:] for row in by[made:] if row[1] == "FY2030" and isinstance(row[0], str)}
    assert ["as it is", "half", "by the day", "each", "your own"] == list(of_2030)
    assert of_2030["as it is"] == of_2030["your own"] == (155, 155, 12, 2760.0, 0)
    assert (77.5, 62, 6, 1380.0, -1380.0) == of_2030["half"]
    assert (155, 155, 12) == of_2030["by the day"][:3]
    assert (116.25, 116.25, 108, 24840.0, 22080.0) == of_2030["each"]


def test_the_sheet_of_prices_says_what_would_pay(workbook: Path) -> None:
    shown = {row[:3]: row[3:12] for row in openpyxl.load_workbook(workbook, data_only=True)["Prices"].iter_rows(values_only=True)}
    # 12 orders at $230.00 a year, for which 12 units are drawn
    assert (2760, 12, 12, 2760, 2475, 206.25, 190.41, 285, "pays") == shown["FY2030", "standard", "Per order"]
    assert "pays" == shown["FY2030", "standard", "Per certificate"][-1]


def test_the_sheets_mark_the_years_that_are_cut(workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook, data_only=True)
    marked = {"FY2027 from 24 Nov", "FY2032, 5 months"}
    for name, col in (("Forecast", 0), ("Forecast by agency", 1), ("Scenarios", 1), ("Lots to buy", 0)):
        assert marked <= {row[col] for row in book[name].iter_rows(values_only=True)}, name


def test_the_months_of_the_scenarios_keep_their_head_on_every_printed_page(workbook: Path) -> None:
    sheet = openpyxl.load_workbook(workbook)["Scenarios"]
    head = next(row[0].row for row in sheet.iter_rows() if row[0].value == "Month until")
    assert f"${head}:${head}" == sheet.print_title_rows


def test_every_formula_of_the_forecast_gives_what_its_cell_shows(workbook: Path) -> None:
    assert [] == [what for what, value, right in recalculation.formulas(workbook) if value != right]


def test_what_finance_turns_is_shaded_and_bounded(workbook: Path) -> None:
    book = openpyxl.load_workbook(workbook)
    bounds = {
        name: sorted(rule.type for rule in book[name].data_validations.dataValidation) for name in ("Forecast", "Scenarios", "Prices")
    }
    # two shares and the rates of two tiers; two days, two shares and the basis; the rate and two costs of the tier that is charged
    assert {"Forecast": ["decimal"] * 4, "Scenarios": ["date", "date", "decimal", "decimal", "list"], "Prices": ["decimal"] * 3} == bounds
    assert "FFFFF7D6" == book["Scenarios"]["B5"].fill.fgColor.rgb


def test_the_sheet_says_what_stands_in_none_of_its_rows(workbook: Path) -> None:
    told = [row[0] for row in openpyxl.load_workbook(workbook)["Forecast"].iter_rows(max_row=5, values_only=True)]
    not_here = (
        "Not in these rows: 42 certificates to issue without a tier or a rate, or known from an inventory or a certificate file only: "
        "they are charged to nobody."
    )
    assert not_here in told


def test_the_sheet_by_agency_adds_up_to_the_forecast(made: Edition, workbook: Path) -> None:
    rows = list(openpyxl.load_workbook(workbook, data_only=True)["Forecast by agency"].iter_rows(values_only=True))
    total = next(row for row in rows if row[0] == "Total")
    assert [made.books.forecast[name].sum() / 100 for name in ("amount_cents", "per_certificate_cents", "per_day_cents")] == list(
        total[5:8]
    )


def test_the_sheet_of_the_year_has_the_figures_of_the_table_and_columns_that_follow_its_inputs(made: Edition, tmp_path: Path) -> None:
    *_, path = workbooks.years(
        bookkeeping.books([bookkeeping.entry(1)], forecast=made.books.forecast), SETTINGS, bookkeeping.RUN_ID, AS_OF, tmp_path
    )
    sheet = openpyxl.load_workbook(path, data_only=True)["Forecast"]
    rows = {(row[0], row[1]): row for row in sheet.iter_rows(values_only=True)}
    table = made.books.forecast
    of_year = table[(table["month"] >= "2029-07") & (table["month"] <= "2030-06")]
    shown = rows["FY2030", "standard"]
    assert (of_year["issuances"].sum(), of_year["amount_cents"].sum() / 100) == (shown[2], shown[5])
    assert shown[2:4] + shown[5:8] == shown[8:13]
    assert table["per_day_cents"].sum() / 100 == pytest.approx(rows["Total", None][12])
    assert [] == [what for what, value, right in recalculation.formulas(path) if value != right]


def test_where_it_counts_otherwise_than_what_is_in_force_it_says_why(made: Edition, view: dict[str, Any]) -> None:
    assert "" == view["in_force"]
    fewer = made.books.readiness.assign(sites=made.books.readiness["sites"] - [1, *[0] * (len(made.books.readiness) - 1)])
    told = Edition(dataclasses.replace(made.books, readiness=fewer), made.settings, STAMP, "internal")
    assert next(page.pages(told)).view["in_force"].startswith("12 certificates are in force, and 11 go on: a certificate and its reissue,")
