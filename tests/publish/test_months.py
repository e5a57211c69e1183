"""Monthly reports: a draft until the close, then the figures of the close with those of today beside them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from typing import Any

import pandas as pd
import pytest

from pipeline.contracts import CLOSED_MEASURES, CLOSED_PERIODS, MEASURES, NOTES, RESTATED, Closed
from pipeline.publish.pages import home, months
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Page
from tests.publish.bookkeeping import SETTINGS, books, entry
from tests.publish.built import STAMP


def measure(period: str, met: int, n: int, name: str = "on-time-completion", **changes: Any) -> dict[str, Any]:
    share = met / n
    told = {"measure": name, "period": period, "dimension": "office", "member": "", "value": share, "unit": "share", "n": n, "met": met}
    return told | {"low": share - 0.05, "high": min(share + 0.05, 1.0), "target": 0.95, "verdict": "uncertain"} | changes


RECEIVED = {"unit": "requests", "low": math.nan, "high": math.nan, "target": math.nan, "verdict": ""}


def editions(profile: str = "internal") -> Edition:
    """October was closed with 47 of 50 on time, and is 46 of 50 now; September is closed and unchanged; November runs."""
    now = [
        measure("2026-09", 40, 40),
        measure("2026-10", 46, 50),
        measure("2026-11", 9, 10),
        *(measure(month, 1, 1, "requests-received", value=50.0, **RECEIVED) | {"n": 50} for month in ("2026-09", "2026-10", "2026-11")),
    ]
    frozen = [measure("2026-09", 40, 40), measure("2026-10", 47, 50)]
    frozen.append(measure("2026-10", 1, 1, "requests-received", value=48.0, **RECEIVED) | {"n": 48})
    closed = [
        {"period": period, "turn": turn, "closed_on": dt.date(2026, month, 5), "closed_by": "M. Sample", "sums": f"{turn:064x}"}
        for turn, (period, month) in enumerate((("FY2027-P03", 10), ("FY2027-P04", 11)), start=1)
    ]
    restated = {
        "measure": "on-time-completion", "period": "2026-10", "dimension": "office", "unit": "share", "first_published": "FY2027-P04",
        "first_value": 0.94, "first_n": 50, "first_met": 47, "value": 0.92, "n": 50, "met": 46, "why": "1 request came late",
    }  # fmt: skip
    made = books(
        [entry(1, period="FY2027-P04", service_on=dt.date(2026, 10, 2)), entry(2), entry(3, amount_cents=-5_000, kind="credit")],
        measures=MEASURES.frame(now),
        restated=RESTATED.frame([restated]),
        closed=Closed(periods=CLOSED_PERIODS.frame(closed), measures=CLOSED_MEASURES.frame(frozen)),
    )
    return Edition(made, SETTINGS, STAMP, profile)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def reports() -> dict[str, Page]:
    return {page.path: page for page in months.pages(editions())}


def text(cell: Any) -> str:
    return str(getattr(cell, "text", cell))


def test_there_is_a_report_for_each_month_and_a_list_of_them(reports: dict[str, Page]) -> None:
    assert ["reports.md", *(f"reports/2026-{month}/index.md" for month in ("09", "10", "11"))] == list(reports)
    listed = [[text(cell) for cell in row] for row in reports["reports.md"].view["months"].rows]
    assert ["November 2026", "draft", "90.0 %", "50", "171.19"] == listed[0]
    assert ["October 2026", "closed", "94.0 %", "48", "221.19"] == listed[1]
    assert "3 months: 2 closed, 1 still a draft." == reports["reports.md"].view["sentence"]


def test_a_closed_month_keeps_the_figure_of_its_close_and_shows_what_reads_otherwise(reports: dict[str, Page]) -> None:
    view = reports["reports/2026-10/index.md"].view
    assert view["sentence"].startswith("October 2026 was closed on 5 November 2026 by M. Sample (FY2027-P04)")
    kept = view["measures"].rows[0]
    assert ("Completed on time", "94.0 %", "95.0 %", "undecided", "92.0 %") == tuple(text(cell) for cell in kept)
    assert "47 of the 50 requests due" in kept[0].remark
    assert ["of 50", "+2 requests"] == [row[-1].remark for row in view["measures"].rows]  # what a share rests on; how a count changed
    assert "1 request came late" == text(view["restated"].grid.rows[0][-1])


def test_what_reads_as_it_was_closed_says_so(reports: dict[str, Page]) -> None:
    view = reports["reports/2026-09/index.md"].view
    assert ("100.0 %", "as closed") == (text(view["measures"].rows[0][1]), text(view["measures"].rows[0][-1]))
    assert view["restated"] is None


def test_a_draft_says_that_it_is_one_and_shows_the_figures_of_today(reports: dict[str, Page]) -> None:
    view = reports["reports/2026-11/index.md"].view
    assert "Draft: November 2026 is not over; its figures reach to 23 November 2026." == view["sentence"]
    assert ("Figure", "Target", "Verdict") == tuple(head.title for head in view["measures"].columns[1:])
    assert (None, "171.19") == (view["package"], text(view["money"].total[-1]))


def test_the_public_report_names_no_agency_and_nobody_who_closed_it() -> None:
    public = {page.path: page for page in months.pages(editions("public"))}["reports/2026-10/index.md"].view
    assert (None, None) == (public["agencies"], public["package"])
    assert "M. Sample" not in public["sentence"]


def test_without_books_the_list_is_empty() -> None:
    empty = list(months.pages(Edition(books([]), SETTINGS, STAMP, "internal")))
    assert (["reports.md"], "Nothing was charged or measured yet.") == ([page.path for page in empty], empty[0].view["sentence"])


def test_a_month_that_is_not_over_is_not_judged(reports: dict[str, Page]) -> None:
    view = reports["reports/2026-11/index.md"].view
    assert ("90.0 %", "95.0 %", "month not over") == tuple(view["measures"].rows[0][1:4])
    assert "In November 2026 so far" in view["measures"].rows[0][0].remark
    assert [("month not over", "plain"), ("", "plain")] == [(card.word, card.state) for card in view["figures"][:2]]


def test_what_nine_in_ten_wait_is_not_told_of_fewer_than_ten() -> None:
    answer = {"unit": "hours", "low": math.nan, "high": math.nan, "target": math.nan, "verdict": "", "value": 1.5}
    figures = [measure("2026-10", 1, 1, "first-response-p90", **answer) | {"n": n} for n in (5,)]
    figures += [measure("2026-10", 1, 1, "completion-time-p90", **answer) | {"n": 50, "value": math.nan, "unit": "business days"}]
    made = Edition(books([entry(1, period="FY2027-P04")], measures=MEASURES.frame(figures)), SETTINGS, STAMP, "internal")
    view = next(page for page in months.pages(made) if page.path == "reports/2026-10/index.md").view
    told = {row[0].text: (row[1], row[0].remark) for row in view["measures"].rows}
    assert ("too few (5)", "In October 2026, 5 requests are too few to tell what nine in ten wait.") == told[
        "Time to the first answer, nine in ten"
    ]
    assert ("not known yet", "In October 2026, too many of the 50 requests have not ended yet to tell.") == told[
        "Time to completion, nine in ten"
    ]


def test_what_no_log_tells_has_no_figure_and_why_lapses_are_undecided_is_said() -> None:
    none = {"n": 0, "low": math.nan, "high": math.nan, "met": pd.NA}
    lapses = {"unit": "certificates", "value": 0.0, "low": math.nan, "high": math.nan, "target": 0.0, "verdict": "uncertain"}
    figures = [
        measure("2026-10", 1, 1, "reopen-rate", verdict="", value=math.nan) | none,
        measure("2026-11", 1, 1, "reopen-rate", verdict="", value=math.nan) | none,
        measure("2026-10", 1, 1, "lapses", **lapses) | {"n": 0},
    ]
    made = Edition(books([entry(1, period="FY2027-P04"), entry(2)], measures=MEASURES.frame(figures)), SETTINGS, STAMP, "internal")
    views = {page.path: page.view for page in months.pages(made)}
    told = {row[0].text: row for row in views["reports/2026-10/index.md"]["measures"].rows}
    assert ["no figure", "95.0 %", "no figure"] == told["Reopened"][1:4]
    assert ["no figure", "95.0 %", "no figure"] == views["reports/2026-11/index.md"]["measures"].rows[0][1:4]
    assert told["Lapses"][0].remark.startswith(
        "In October 2026, 0 certificates are known to have ended with a host still in service and no renewal in place. Undecided: nobody"
    )
    assert "undecided: hosts are unaccounted for" in [card.word for card in views["reports/2026-10/index.md"]["figures"]]


def test_the_remarks_that_touch_a_month_stand_on_its_report_and_nowhere_in_public() -> None:
    remarks = [
        {
            "on": dt.date(2026, 9, 28),
            "until": dt.date(2026, 10, 2),
            "measure": "on-time-completion",
            "text": "Two of four were ill.",
            "by": "M. Sample",
        },
        {"on": dt.date(2026, 11, 3), "measure": "on-time-completion", "text": "A new form."},
        {"on": dt.date(2026, 10, 3), "measure": "no-such-measure", "text": "Of another page."},
    ]
    for profile, told in (
        ("internal", {"2026-09": ["Two of four were ill."], "2026-10": ["Two of four were ill."], "2026-11": ["A new form."]}),
        ("public", {}),
    ):
        edition = editions(profile)
        made = dataclasses.replace(edition, books=dataclasses.replace(edition.books, notes=NOTES.frame(remarks)))
        found = {page.path.split("/")[1]: page.view["notes"] for page in months.pages(made) if page.path.count("/") == 2}
        assert told == {month: [text(row[2]) for row in grid.rows] for month, grid in found.items() if grid is not None}


def test_home_tells_the_year_to_date_beside_the_last_month() -> None:
    figures = [measure("2026-10", 97, 100, verdict="met"), measure("FY2027-YTD", 88, 100, verdict="missed")]
    front = next(home.pages(Edition(books([], measures=MEASURES.frame(figures)), SETTINGS, STAMP, "internal"))).view
    card = front["figures"][0]
    assert ("97.0 %", "target met", "of 100 requests; FY2027 to date 88.0 % of 100, target missed") == (card.value, card.word, card.basis)
