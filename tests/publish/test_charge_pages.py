"""The pages of charges: every table of a year has the ledger's total, an unfinished month is told as such, examples are real orders."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import contracts, encumbrances
from pipeline.contracts import Books
from pipeline.publish import downloads, journal_file
from pipeline.publish.pages import agencies, charge_rules, charge_sums, charge_years, chargeback, estimates, rates
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip, Grid, Noted
from pipeline.settings import Rate, Settings
from tests.publish import site_reader
from tests.publish.bookkeeping import AGENCIES, AS_OF, SETTINGS, books, entry, invoices
from tests.publish.built import STAMP, build

OCTOBER = {"period": "FY2027-P04", "service_on": dt.date(2026, 10, 5)}
JUNE = {"period": "FY2026-P12", "service_on": dt.date(2026, 6, 10), "rate_fiscal_year": 2026}
# Two fiscal years, two agencies, both tiers; order 88010001 with a reissue, a dearer tier and a credit; a decision about no tier; an heir.
LINES = [
    entry(1, **JUNE),
    entry(2, order_id="88010001", amount_cents=0, tier="premium", rate_cents=54200, reason="reissue within the paid term", **OCTOBER),
    entry(3, order_id="88010001", kind="adjustment", tier="premium", amount_cents=32081, rate_cents=54200, amends=f"{1:032x}",
          reason="542.00 − 221.19: upgrade of the order charged in June 2026 (FY2026-P12)", **OCTOBER),
    entry(4, tier="premium", amount_cents=54200, rate_cents=54200, agency="DEP", billed_to="DEP", account_id="DEP-1200"),
    entry(5, order_id="88010004", kind="credit", tier="premium", amount_cents=-54200, rate_cents=54200, agency="DEP", billed_to="DEP",
          account_id="DEP-1200", reverses=f"{4:032x}", service_on=dt.date(2026, 11, 20), reason="revoked within the refund days"),
    entry(6, order_id="", kind="adjustment", tier="", amount_cents=-5000, rate_cents=None, adjustment="D-1", decision="waiver",
          approved_by="Nora Vale", approved_on=dt.date(2026, 11, 3), reason="goodwill"),
    entry(7, agency="RMV", **OCTOBER),
    entry(8, period="FY2026-P10", service_on=dt.date(2026, 4, 2), agency="DEP", billed_to="DEP", account_id="DEP-1200"),
]  # fmt: skip


def edition(lines: list[dict[str, Any]], asked: Settings = SETTINGS, profile: Any = "internal", **tables: pd.DataFrame) -> Edition:
    return Edition(books(lines, **tables), asked, STAMP, profile)


def cents(text: object) -> int:
    """`1,234.56` or `−221.19` as cents."""
    return int(str(text).replace("−", "-").replace(",", "").replace(".", ""))


def column(grid: Grid, head: str) -> list[Any]:
    place = [one.title for one in grid.columns].index(head)
    return [row[place] for row in grid.rows]


def of_year(made: Edition, year: int) -> dict[str, Any]:
    return next(page for page in charge_years.pages(made) if page.path == f"charges/FY{year}.md").view


@pytest.mark.parametrize("year", [2026, 2027])
def test_every_table_of_a_year_adds_up_to_the_ledger_of_that_year(year: int) -> None:
    view = of_year(edition(LINES), year)
    posted = sum(int(line["amount_cents"]) for line in LINES if str(line["period"]).startswith(f"FY{year}"))
    for name in ("months", "tiers", "agencies", "matrix"):
        grid = view[name]
        assert posted == sum(map(cents, column(grid, "Total, $"))), name
        assert posted == cents(grid.total[[head.title for head in grid.columns].index("Total, $")]), name
    for row in view["months"].rows:
        assert cents(row[-1]) == sum(map(cents, row[2:-1]))
    for row in view["matrix"].rows:
        assert cents(row[1]) == sum(map(cents, row[2:]))
    assert f"${posted / 100:,.2f}" in view["ties"]


SPREAD = st.fixed_dictionaries(
    {
        "period": st.sampled_from(["FY2026-P11", "FY2026-P12", "FY2026-P13", "FY2027-P01", "FY2027-P05"]),
        "kind": st.sampled_from(["charge", "credit", "adjustment", "memo"]),
        "tier": st.sampled_from(["standard", "premium", "retired"]),
        "amount_cents": st.integers(-60_000, 60_000),
        "billed_to": st.sampled_from(["DOT", "DEP", "RMV"]),
    }
)


@settings(max_examples=25)  # each makes whole books
@given(st.lists(SPREAD, min_size=1, max_size=12))
def test_whatever_is_posted_each_table_adds_up_to_the_cent(spread: list[dict[str, Any]]) -> None:
    made = edition([entry(number, **line) for number, line in enumerate(spread, 1)])
    ledger = made.books.ledger
    months = charge_sums.months(made, ledger)
    grids = (
        charge_sums.by_month(made, ledger, months, ""),
        charge_sums.by_tier(made, ledger, ""),
        charge_sums.by_agency(made, ledger, "", ""),
        charge_sums.by_agency_and_month(made, ledger, months, "", ""),
        chargeback.by_year(made),
    )
    posted = sum(line["amount_cents"] for line in spread)
    for grid in grids:
        place = [head.title for head in grid.columns].index("Total, $")
        assert [posted, posted] == [cents(grid.total[place]), sum(cents(row[place]) for row in grid.rows)], grid.columns[0].title


def test_a_year_shows_its_own_months_only() -> None:
    """April to June of the year that has ended; of the one that runs, July to the month of the data."""
    made = edition(LINES)
    assert ["FY2026-P12", "FY2026-P11", "FY2026-P10"] == [str(month)[-11:-1] for month in column(of_year(made, 2026)["months"], "Month")]
    assert 5 == len(of_year(made, 2027)["months"].rows)
    assert ["Jul 2026", "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026"] == [one.title for one in of_year(made, 2027)["matrix"].columns[2:]]
    assert "unfinished" not in str(of_year(made, 2026)["chart_view"])


def test_a_decision_about_no_tier_has_a_row_of_its_own_among_the_tiers() -> None:
    assert ["standard", "premium", "no tier"] == column(of_year(edition(LINES), 2027)["tiers"], "Tier")
    assert ["standard", "premium"] == column(of_year(edition(LINES[:1]), 2026)["tiers"], "Tier")


def test_a_tier_that_the_settings_no_longer_have_keeps_its_column() -> None:
    made = edition([entry(1), entry(2, tier="wildcard", amount_cents=90000)])
    heads = [head.title for head in of_year(made, 2027)["months"].columns]
    assert ["Standard, $", "Premium, $", "Wildcard, $", "Credits, $", "Adjustments, $", "Total, $"] == heads[2:]


def test_a_month_without_a_charge_stands_between_its_neighbours() -> None:
    made = edition([entry(1, period="FY2027-P01", service_on=dt.date(2026, 7, 2)), entry(2)])
    months = charge_sums.by_month(made, made.books.ledger, charge_sums.months(made, made.books.ledger), "months")
    assert ["0.00", "0.00", "0.00"] == column(months, "Total, $")[1:4]
    assert ["no invoice", "no invoice", "no invoice"] == column(months, "State")[1:4]
    chart = charge_sums.chart(made, made.books.ledger, charge_sums.months(made, made.books.ledger), "charges")
    assert chart
    assert 5 == len(chart.table.rows if chart.table else ())


def test_a_month_that_has_not_ended_is_drawn_and_told_as_unfinished_and_is_never_the_dearest() -> None:
    made = edition([entry(1, **OCTOBER), entry(2, amount_cents=99900)])
    chart = charge_sums.chart(made, made.books.ledger, charge_sums.months(made, made.books.ledger), "charges")
    assert chart
    assert "October 2026: $221.19" == chart.title
    assert ("November 2026 until 23 November only", "unfinished") == (chart.legend[-1].name, chart.legend[-1].style)
    for drawing in chart.drawings:
        assert [False, True] == ["unfinished" in bar.style for bar in drawing.bars]
    assert (
        Chip("until 2026-11-23", "near")
        == column(charge_sums.by_month(made, made.books.ledger, charge_sums.months(made, made.books.ledger), ""), "State")[0]
    )


def test_late_items_of_june_stand_behind_june() -> None:
    made = edition([entry(1, **JUNE), entry(2, period="FY2026-P13", service_on=dt.date(2026, 6, 20))])
    titles = column(of_year(made, 2026)["months"], "Month")
    assert "June 2026, late items (FY2026-P13)" in titles
    assert titles.index("June 2026, late items (FY2026-P13)") < titles.index("June 2026 (FY2026-P12)")


def test_a_closed_month_is_told_from_a_draft() -> None:
    lines = [entry(1, **OCTOBER), entry(2)]
    issued = pd.concat([invoices(lines[:1], status="closed", invoice_no="CRT-FY2027-P04-DOT-001"), invoices(lines[1:])], ignore_index=True)
    made = edition(lines, invoices=issued)
    states = column(charge_sums.by_month(made, made.books.ledger, charge_sums.months(made, made.books.ledger), ""), "State")
    assert [Chip("until 2026-11-23", "near"), Chip("closed", "met")] == states
    assert "1 invoice, $221.19, is a draft: it gets its number and its day of payment when" in charge_sums.drafts(made, issued)
    assert "" == charge_sums.drafts(made, issued.iloc[:1])


def test_a_draft_on_which_nothing_is_to_pay_gets_no_day_of_payment() -> None:
    made = edition([entry(1), entry(2, amount_cents=0), entry(3, amount_cents=-22_119)])
    bills = [invoices([line]) for line in (entry(1), entry(2, amount_cents=0), entry(3, amount_cents=-22_119))]
    assert "1 invoice, $0.00, is a draft: it gets its number when finance closes its month." == charge_sums.drafts(made, bills[1])
    every = "3 invoices, $0.00 in all, are drafts, all of them of the month that has not ended: they get their numbers, and 1 of them, on "
    assert charge_sums.drafts(made, pd.concat(bills)).startswith(f"{every}which there is something to pay, its day of payment when")


def test_decisions_that_move_no_amount_are_told_beside_the_charges() -> None:
    held = contracts.NOT_POSTED.frame([{"id": "X-1", "amount_cents": 7_500, "state": "waits", "agency": "DOT", "source": 1}])
    pages = [next(chargeback.pages(edition([entry(1)], profile=profile, not_posted=held))).view for profile in ("internal", "public")]
    assert ["1 decision of $75.00 is not posted", ""] == [view["not_posted"] for view in pages]


def test_charges_by_agency_compare_the_same_span_of_both_years() -> None:
    """What was charged in December last year is no part of a comparison with this year to November."""
    last = {"period": "FY2026-P05", "service_on": dt.date(2025, 11, 23)}
    after = {"period": "FY2026-P05", "service_on": dt.date(2025, 11, 24)}
    grid = chargeback.by_agency(edition([entry(1), entry(2, **last), entry(3, **after)]))
    assert [["221.19", "221.19", "442.38"]] == [row[2:5] for row in grid.rows]


def test_what_a_correction_takes_back_is_no_order_any_more() -> None:
    """An order of DOT that was DEP's, with a free reissue: taken back and billed anew, it is one order and one reissue as before."""
    free = {"order_id": "88010001", "amount_cents": 0}
    mended = {"order_id": "88010001", "class": "correction"}
    heir = mended | {"agency": "DEP", "billed_to": "DEP", "account_id": "DEP-1200"}
    lines = [
        entry(1, **OCTOBER),
        entry(2, **free | OCTOBER),
        entry(3, amount_cents=-22119, takes_back=f"{1:032x}", **mended),
        entry(4, takes_back=f"{2:032x}", **mended | {"amount_cents": 0}),
        entry(5, rebills=f"{1:032x}", **heir),
        entry(6, rebills=f"{2:032x}", **heir | {"amount_cents": 0}),
    ]
    made = edition(lines)
    assert ["standard", "1", "1", "221.19", "0.00", "0.00", "221.19"] == of_year(made, 2027)["tiers"].rows[0]
    assert "$221.19 was charged to 2 agencies for 1 order" in of_year(made, 2027)["sentence"]
    total, standard, *_ = of_year(made, 2027)["figures"]
    assert ("$221.19", "$221.19", "1 order, before credits and adjustments") == (total.value, standard.value, standard.basis)
    assert ["1", "0"] == column(next(rates.pages(made)).view["card"], "Orders charged")[1:]


def test_the_rates_page_says_what_is_not_set_yet_and_what_goes_on() -> None:
    """SETTINGS set standard for FY2028 and leave premium as it is."""
    view = next(rates.pages(edition([entry(1)]))).view
    this, following, last = view["years"]
    assert "" == this["said"] == last["said"]
    assert "The rate of premium for the year that begins on 1 July 2027, in 220 days, is not set yet." in following["said"]
    rows = {(row[0], row[1]): row[4] for row in following["grid"].rows}
    assert {
        ("standard", "230.00"): "of 2027-07-01",
        ("premium", "542.00"): Noted("of 2024-07-01", "goes on until a new line is set", "near"),
    } == rows
    assert [("standard", "2025-07-01", "2026-06-30"), ("premium", "2025-07-01", "2026-06-30")] == [
        (row[0], row[2], row[3]) for row in last["grid"].rows
    ]


def test_the_rate_card_tells_each_line_its_change_its_age_and_what_it_priced() -> None:
    made = edition([entry(1), entry(2, amount_cents=0), entry(3, tier="premium", amount_cents=54200)])
    view = next(rates.pages(made)).view
    assert [
        ["standard", "230.00", "2027-07-01", "next line", "+8.81, +4.0 %", "begins in 220 days", "0"],
        ["standard", "221.19", "2024-07-01", "2027-06-30", "first line", Noted("875 days", "over two years", "near"), "1"],
        ["premium", "542.00", "2024-07-01", "next line", "first line", Noted("875 days", "over two years", "near"), "1"],
    ] == view["card"].rows
    assert (
        "Older than two years: the rate of standard, in force since 1 July 2024; and that of premium, in force since 1 July 2024. "
        "They have to be reviewed; a review may find that they stay as they are."
    ) == view["too_old"]


@pytest.mark.parametrize(("day", "said"), [(dt.date(2024, 11, 23), False), (dt.date(2024, 11, 22), True)])
def test_a_rate_is_old_on_the_day_after_its_second_year(day: dt.date, said: bool) -> None:
    """730 days before 2026-11-23 is 2024-11-23."""
    young = SETTINGS.model_copy(update={"rate": (Rate(tier="standard", amount=Decimal("221.19"), since=day),)})
    assert said is bool(next(rates.pages(edition([], young))).view["too_old"])


def test_examples_show_every_kind_of_line_that_the_books_have_with_the_fewest_orders() -> None:
    view = next(charge_rules.pages(edition(LINES))).view
    first, heir, credit = view["examples"]
    assert ("order", "reissue", "upgrade") == first.shows
    assert "A new order, a free reissue and a dearer tier: order 88010001 of DOT" == first.title
    assert [22119, 0, 32081] == [cents(row[3]) for row in first.grid.rows]
    assert 54200 == cents(first.grid.total[3])
    assert "The rate of standard of $221.19, in force since 2024-07-01. Paid for 365 days, until 2027-06-09." == first.grid.rows[0][2]
    assert "Issued 117 days after 2026-06-10, within the 365 days that are paid: nothing." == first.grid.rows[1][2]
    assert (("credit",), "0.00") == (credit.shows, credit.grid.total[3])
    assert ("successor",) == heir.shows
    assert "Invoiced to DOT, which stands in the place of RMV." in heir.grid.rows[0][2]
    assert {"order", "reissue", "upgrade", "credit", "successor"} == set(view["example_of"])


def test_examples_are_the_same_whatever_the_order_of_the_ledger() -> None:
    told = [[one.grid for one in next(charge_rules.pages(edition(lines))).view["examples"]] for lines in (LINES, LINES[::-1])]
    assert told[0] == told[1]


def test_late_items_and_corrections_are_examples_too_where_there_are_any() -> None:
    lines = [
        entry(1, **OCTOBER),
        entry(2, **{"class": "late"}),
        entry(3, order_id="88010001", amount_cents=-22119, **{"class": "correction"}),
    ]
    lines += [entry(4, order_id="88010001", agency="DEP", billed_to="DEP", rebills=f"{1:032x}", **{"class": "correction"})]
    found = next(charge_rules.pages(edition(lines))).view["examples"]
    shows = [one.shows for one in found]
    mended = next(one.grid for one in found if "correction" in one.shows)
    assert [22119, 22119, -22119] == sorted((cents(row[3]) for row in mended.rows), reverse=True)
    assert any("Invoiced to DEP." in str(row[2]) for row in mended.rows)
    assert {"order", "late", "correction"} <= {name for shown in shows for name in shown}


@pytest.fixture(scope="module")
def made() -> Books:
    estimated = contracts.ESTIMATES.frame(
        {"agency": "DOT", "fiscal_year": 2027, "amount_cents": 60000, "document": "IE-7", "source": 1} for _ in "1"
    )
    told = encumbrances.against_actual(contracts.LEDGER.frame(LINES), estimated, contracts.AGENCIES.frame(AGENCIES), SETTINGS, AS_OF)
    file = {
        "file": "inbox/exports/2026-11.csv",
        "kind": "certificates",
        "rows_read": 8,
        "rows_accepted": 8,
        "rows_quarantined": 0,
        "bytes": 1,
        "taken_on": AS_OF,
    }
    return books(LINES, encumbrances=told.table, inputs=contracts.INPUTS.frame([file]))


@pytest.fixture(scope="module")
def internal(made: Books, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = build(made, tmp_path_factory.mktemp("charges"))
    run = tmp_path_factory.mktemp("run")
    journal_file.write(made, run)
    downloads.copy(run, out)
    return out


def test_no_link_of_the_charge_pages_is_dead_and_the_journal_can_be_downloaded(internal: Path) -> None:
    left_out = (".xlsx", ".sqlite", ".zip", "/tables/")  # of a whole run, which these books are not
    dead = [link for link in site_reader.dead_links(internal) if not any(part in link for part in left_out)]
    assert [] == dead
    assert (internal / "downloads/finance/journal-2027.csv").is_file()


def test_each_line_of_an_example_leads_to_its_trace_and_to_its_row(internal: Path) -> None:
    links = site_reader.BuiltPage(internal / "charge-rules.html").attributes("href")
    for number in (1, 2, 3):
        assert f"trace/DOT.html#entry-{number:032x}" in links
        assert f"trace/~file-exports~2f~2026-11~2e~csv.html#row-{number + 1}" in links


@pytest.mark.parametrize(
    "path",
    ["chargeback.html", "charges/FY2026.html", "charges/FY2027.html", "charge-rules.html", "rates.html", "estimates.html", "recovery.html"],
)
def test_every_table_of_figures_has_scopes_and_can_be_reached_from_the_keyboard(internal: Path, path: str) -> None:
    page = site_reader.BuiltPage(internal / path)
    tables = [attrs for tag, attrs in page.tags if tag == "table"]
    regions = [attrs for tag, attrs in page.tags if tag == "div" and "scroll" in attrs.get("class", "").split()]
    assert len(tables) == len(regions) > 0
    assert [] == [attrs for tag, attrs in page.tags if tag == "th" and attrs.get("scope") not in ("col", "row")]
    assert [] == [attrs for attrs in regions if (attrs["tabindex"], attrs["role"]) != ("0", "region") or not attrs["aria-label"]]
    assert [] == [attrs for attrs in tables if "sums" not in attrs["class"].split()]
    assert [] == [attrs for tag, attrs in page.tags if tag == "td" and not attrs.get("data-head")]


def test_the_public_pages_of_charges_name_no_agency_no_order_and_no_person(made: Books, tmp_path: Path) -> None:
    out = build(made, tmp_path, "public")
    assert not (out / "estimates.html").exists()
    for path in ("chargeback.html", "charges/FY2027.html", "charge-rules.html", "rates.html"):
        text = (out / path).read_text(encoding="utf-8")
        assert [] == [name for name in ("DOT", "DEP", "RMV", "8801", "Nora Vale", "inbox", "example.gov", "downloads/") if name in text], (
            path
        )
    page = site_reader.BuiltPage(out / "charge-rules.html")
    assert "Revoked 18 days after 2026-11-02: the exact amount is taken back." in page.text
    assert [] == site_reader.dead_links(out)


def test_who_will_exceed_an_estimate_is_named_with_the_day_on_which_it_is_used_up(made: Books) -> None:
    """$492.00 in 146 days of 365 make $1,230.00 a year; $600.00 last 178.05 days, so the last cent goes on the 179th, 26 December."""
    view = next(estimates.pages(Edition(made, SETTINGS, STAMP, "internal"))).view
    assert "1 of 1 agency with an estimate will exceed it, by $630.00 together." in view["sentence"]
    grid = view["years"][0]["grid"]
    assert "Fiscal year 2027" == view["years"][0]["title"]
    dot, dep = grid.rows
    assert ["600.00", "492.00", "1", "108.00", "1,230.00", Chip("used up 2026-12-26", "near")] == dot[2:]
    assert ["no estimate", "0.00", "1", "", "0.00", Chip("no estimate")] == dep[2:]
    assert "DOT will exceed what it set aside most: 205 % of $600.00 at this pace" == view["chart_view"].title


def test_estimates_of_merged_agencies_and_lines_that_count_for_nothing_are_named(made: Books) -> None:
    estimated = [{"agency": code, "fiscal_year": 2027, "amount_cents": 60_000, "document": "", "source": 1} for code in ("DOT", "RMV")]
    told = encumbrances.against_actual(
        contracts.LEDGER.frame(LINES), contracts.ESTIMATES.frame(estimated), contracts.AGENCIES.frame(AGENCIES), SETTINGS, AS_OF
    )
    slip = {"code": "entry-not-counted", "severity": "warning", "file": "entries/estimates.csv", "row": 4, "value": "XYZ", "action": "kept"}
    found = contracts.FINDINGS.frame([slip | {"reason": "No agency has the code XYZ."}, slip | {"file": "entries/notes.csv"}])
    tables = {"encumbrances": told.table, "findings": found}
    view = next(estimates.pages(Edition(dataclasses.replace(made, **tables), SETTINGS, STAMP, "internal"))).view
    names = {row[0].text: row[1] for row in view["years"][0]["grid"].rows}
    assert "merged into DOT, which is billed instead" == names["RMV"].remark
    assert "RMV, merged into it, set aside $600.00 more" == names["DOT"].remark
    assert [["4", "XYZ", "No agency has the code XYZ."]] == view["set_aside"].rows
    assert next(estimates.pages(Edition(made, SETTINGS, STAMP, "internal"))).view["set_aside"] is None


def test_an_agency_reads_its_estimate_and_its_charges_in_words(made: Books) -> None:
    view = {page.path: page.view for page in agencies.pages(Edition(made, SETTINGS, STAMP, "internal"))}
    assert [
        "For FY2027, DOT set aside $600.00 (IE-7). $492.00 of it is billed so far, $108.00 is left.",
        "At the pace of the year until 23 November 2026 it comes to $1,230.00, $630.00 more than was set aside.",
    ] == view["agencies/DOT.md"]["budget"]
    assert ["$0.00 is billed for FY2027 so far. No estimate of DEP is entered for it: add one in data/entries/estimates.csv."] == view[
        "agencies/DEP.md"
    ]["budget"]
    assert [49200, 22119] == [
        sum(cents(total) for month, total in zip(column(grid, "Month"), column(grid, "Total, $"), strict=True) if year in month)
        for grid in [view["agencies/DOT.md"]["months"]]
        for year in ("FY2027", "FY2026")
    ]
    assert [] == view["agencies/RMV.md"]["budget"]
