"""The data-quality page: what a service manager and an engineer on call read from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import contracts
from pipeline.contracts import Books
from pipeline.findings import CODES
from pipeline.publish.pages import home, quality
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Chip, Figure, Link, Links, Noted
from pipeline.publish.stamp import RunStamp
from tests.publish import bookkeeping, site_reader
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS
from tests.publish.built import build

EXPORT, LOG = "inbox/exports/orders-2026-11.csv", "inbox/requests/log.csv"
ROWS = {"rows_read": 100, "rows_accepted": 97, "rows_quarantined": 3}
INPUTS = ({"file": EXPORT, "kind": "certificates", "bytes": 9, "layout": "certificates"} | ROWS,)
SOURCE = {
    "kind": "certificates", "layout": "certificates", "series": "inbox/exports/orders-*.csv", "files": 1, "newest_file": EXPORT,
    "taken_on": "2026-11-20", "newest_on": "2026-11-19", "age_days": 3, "limit_days": 40, "freshness": "fresh",
    "rows_before": 90, "drift": "more",
} | ROWS  # fmt: skip


def finding(code: str, row: int, **changes: Any) -> dict[str, Any]:
    declared = CODES[code]
    made = {"code": code, "severity": declared.severity, "action": declared.action, "file": EXPORT, "row": row, "reason": f"Row {row}."}
    return made | changes


def books(found: list[dict[str, Any]], *sources: dict[str, Any]) -> Books:
    tables = {"findings": contracts.FINDINGS.frame(found), "inputs": contracts.INPUTS.frame(INPUTS)}
    return bookkeeping.books([], **tables, sources=contracts.SOURCES.frame(sources or (SOURCE,)))


def view(made: Books, drift: tuple[str, ...] = ()) -> dict[str, Any]:
    stamp = RunStamp(RUN_ID, AS_OF, "0.1.0", accepted_drift=drift)
    return next(quality.pages(Edition(made, SETTINGS, stamp, "internal"))).view


def card(name: str, shown: dict[str, Any]) -> Figure:
    return next(figure for figure in shown["figures"] if figure.name == name)


def test_the_sentence_says_what_came_in_what_was_set_aside_and_what_waits() -> None:
    said = view(books([finding("bad-date", row) for row in (2, 3, 4)]))["sentence"]
    expected = "Of 100 rows and certificate blocks of 1 file, 3 (3.0 %) were set aside and not used."
    assert f"{expected} 3 errors wait for somebody; the first list says what to do." == said


def test_the_sentence_says_what_corrections_move_and_who_entered_them() -> None:
    moved = {"code": "charge-corrected", "less_cents": 54_200, "more_cents": 0, "by": "R. Sample", "source": 1}
    made = replace(books([]), at_stake=contracts.AT_STAKE.frame([moved]))
    assert " $542.00 less is charged because of corrections by R. Sample. " in view(made)["sentence"]


def test_the_sentence_says_what_may_be_charged_twice() -> None:
    stakes = [{"code": code, "more_cents": 22_119, "less_cents": 0, "source": 1} for code in ("charged-twice", "order-spelled-twice")]
    made = replace(books([]), at_stake=contracts.AT_STAKE.frame(stakes))
    assert " $442.38 may be charged twice, in 2 cases. " in view(made)["sentence"]


def test_accepted_rows_and_age_are_told_as_measures_of_all_and_of_the_sources_that_miss_their_target() -> None:
    usual = {"measure": "rows-accepted", "period": "2026-11", "unit": "share", "n": 100, "target": 0.98}
    figures = [
        usual | {"dimension": "office", "value": 0.99, "met": 99, "verdict": "met"},
        usual | {"dimension": "source", "member": "inbox/good.csv", "value": 1.0, "met": 100, "verdict": "met"},
        usual | {"dimension": "source", "member": "inbox/bad.csv", "value": 0.9, "met": 90, "verdict": "missed"},
        usual | {"measure": "data-age", "unit": "days", "dimension": "office", "value": 3.0, "n": 2, "target": None},
    ]
    rows = view(replace(books([]), measures=contracts.MEASURES.frame(figures)))["as_measures"].rows
    assert [
        ("Rows accepted", "all sources but reference lists and closed months", "99.0 %", "100", "98.0 %", Chip("met", "met")),
        ("Rows accepted", "inbox/bad.csv", "90.0 %", "100", "98.0 %", Chip("missed", "missed")),
        ("Age of the data", "all sources", "3 days", "2", "no target", Chip("not judged")),
    ] == [(row[0].text, *row[1:]) for row in rows]


def test_the_card_of_rows_set_aside_names_the_kind_that_used_most_of_its_budget() -> None:
    shown = card("Rows set aside", view(books([finding("bad-date", row) for row in (2, 3, 4)])))
    assert ("3", "certificate exports: 3.0 %, a run warns above 2 %", "above the warning limit") == (shown.value, shown.basis, shown.word)


def test_rows_that_were_never_rows_use_none_of_the_budget() -> None:
    shown = card("Rows set aside", view(books([finding("footer", row) for row in (2, 3, 4)])))
    assert ("3", "none counts against the budget") == (shown.value, shown.word)


@pytest.mark.parametrize(
    ("freshness", "value", "word"),
    [("fresh", "0", "all are fresh"), ("late", "0", "1 source later than usual"), ("stale", "1", "a newer export is wanted")],
)
def test_the_card_of_stale_sources_says_what_is_wanted(freshness: str, value: str, word: str) -> None:
    shown = card("Stale sources", view(books([], SOURCE | {"freshness": freshness})))
    assert (value, word) == (shown.value, shown.word)


def test_home_says_that_a_source_is_stale_though_the_newest_of_its_kind_is_not() -> None:
    made = books([], SOURCE | {"freshness": "stale"}, SOURCE | {"series": "inbox/exports/other-*.csv"})
    made = replace(made, inputs=contracts.INPUTS.frame([INPUTS[0] | {"newest_on": "2026-11-20"}]))
    exports = home.freshness(Edition(made, SETTINGS, RunStamp(RUN_ID, AS_OF, "0.1.0"), "internal")).rows[0]
    assert ["2026-11-20", Chip("3 days ago; 1 of 2 sources is stale", "near")] == exports[2:]


@pytest.mark.parametrize(
    ("freshness", "limit", "expected"),
    [
        (("fresh", "fresh"), 40, Chip("3 days ago, fresh", "met")),
        (("late", "fresh"), 40, Chip("3 days ago; 1 of 2 sources is later than usual", "near")),
        (("late", "stale"), 40, Chip("3 days ago; 1 of 2 sources is stale", "near")),
        (("stale", "stale"), 40, Chip("3 days ago, stale", "missed")),
        (("unlimited", "unlimited"), None, Chip("3 days ago")),
    ],
)
def test_home_judges_a_kind_as_the_finding_does(freshness: tuple[str, str], limit: int | None, expected: Chip) -> None:
    others = ({"series": f"inbox/exports/{number}-*.csv", "freshness": one, "limit_days": limit} for number, one in enumerate(freshness))
    made = books([], *(SOURCE | one for one in others))
    made = replace(made, inputs=contracts.INPUTS.frame([INPUTS[0] | {"newest_on": "2026-11-20"}]))
    shown = next(home.pages(Edition(made, SETTINGS, RunStamp(RUN_ID, AS_OF, "0.1.0"), "internal"))).view
    assert expected == shown["freshness"].rows[0][3]
    assert SETTINGS.quality.stale_after_days == shown["stale_days"]


def test_rows_against_the_run_before_are_counted_over_all_kinds() -> None:
    assert "+10" == card("Against the run before", view(books([]))).value
    assert "first" == card("Against the run before", view(books([], SOURCE | {"rows_before": None, "drift": ""}))).value


def test_closed_months_come_from_no_source_and_are_not_counted_as_rows_that_came_in() -> None:
    """SOURCES knows no row of theirs, neither now nor then."""
    made = books([])
    closed = {"file": "ledger/FY2027-P01/ledger.csv", "kind": "closed", "bytes": 9, "rows_read": 302, "rows_accepted": 302}
    made = replace(made, inputs=contracts.INPUTS.frame([*INPUTS, closed | {"rows_quarantined": 0}]))
    shown = view(made)
    assert "+10" == card("Against the run before", shown).value
    rows = {row[0]: row[2:3] + row[7:9] for row in shown["budget"].rows}
    assert {"Certificate exports": ["100", "90", "+10"], "Closed months": ["302", "not compared", ""]} == rows


def test_accepted_drift_stands_on_the_page() -> None:
    said = "certificates: 100 rows, 300 in the run of 2026-10-31 (66.7% fewer, max_row_drop allows 20%)"
    shown = view(books([], SOURCE | {"rows_before": 300, "drift": "jumped"}), (said,))
    assert ((said,), "missing rows were accepted") == (shown["accepted_drift"], card("Against the run before", shown).word)


def test_the_budget_is_shown_in_numbers_with_where_each_kind_stands() -> None:
    gone = {"kind": "lots", "series": LOG, "files": 0, "freshness": "gone", "rows_before": 5, "drift": "gone", "rows_read": 0}
    rows = view(books([finding("bad-date", row) for row in (2, 3, 4)], SOURCE, SOURCE | gone))["budget"].rows
    expected = ["Certificate exports", Chip("above the warning limit", "near"), "100", "3", "3.0 %", "2 %", "10 %", "90", "+10", "20 %"]
    assert expected == rows[1]
    assert ["Lots", Chip("rows are missing", "missed"), "0", "0"] == rows[0][:4]


def test_each_source_says_how_old_it_is_how_often_it_comes_and_how_many_rows_it_gained_or_lost() -> None:
    gone = {
        "series": "inbox/exports/old-*.csv",
        "files": 0,
        "rows_read": 0,
        "taken_on": None,
        "age_days": None,
        "freshness": "gone",
        "drift": "gone",
    }
    rows = view(books([], SOURCE | {"usual_days": 30}, SOURCE | gone))["sources"].rows
    expected = [
        Noted("inbox/exports/orders-*.csv", "certificate exports"),
        Chip("fresh", "met"),
        Noted("2026-11-20", "3 days ago"),
        "2026-11-19",
    ]
    assert [*expected, "30 days", "40 days", "1", "100", "+10 rows"] == rows[1]
    assert (Chip("no file any more", "missed"), Chip("−90 rows", "missed")) == (rows[0][1], rows[0][-1])


def test_files_by_code_count_every_finding_once() -> None:
    grid = view(books([finding("bad-date", 2), finding("bad-date", 3), finding("footer", 9, file=LOG)]))["matrix"]
    assert ["File", "All", "bad-date", "footer"] == [head.title for head in grid.columns]
    assert [[EXPORT, "2", "2", ""], [LOG, "1", "", "1"]] == grid.rows


def test_a_page_of_ten_thousand_findings_shows_the_first_of_each_code_and_where_the_rest_is(tmp_path: Path) -> None:
    codes = [code for code, declared in CODES.items() if declared.severity == "error"][:20]
    many = [finding(codes[number % len(codes)], number + 2) for number in range(10_000)]
    page = site_reader.BuiltPage(build(books(many), tmp_path) / "quality.html")
    assert len(page.path.read_bytes()) < 600_000
    assert 10 * 20 == sum(len(rows) - 1 for caption, rows in page.tables.items() if caption.endswith(("(error)", "(warning)", "(note)")))
    assert "490 more stand in" in page.text
    assert {"downloads/data-quality.xlsx", "downloads/tables/findings.csv"} <= set(page.attributes("href"))
    anchors = {link[1:] for link in page.attributes("href") if link.startswith(("#error-", "#warning-", "#note-"))}
    assert 20 == len(anchors & set(page.attributes("id")))


def test_only_an_empty_cell_that_is_named_held_nothing() -> None:
    """Of a row that is too long, or a whole file, the file says what stands there."""
    found = [
        finding("missing-value", 5, column="serial"),
        finding("bad-date", 6, column="valid_to", value="soon"),
        finding("extra-cell", 7),
        finding("stale-source", 0),
        finding("weak-match", 0, file=""),
    ]
    groups = view(books(found))["groups"]
    assert {"Value, as read"} == {one.examples.columns[2].title for one in groups}
    expected = {
        "missing-value": "nothing",
        "bad-date": "soon",
        "extra-cell": "see the file",
        "stale-source": "see the file",
        "weak-match": "",
    }
    assert expected == {one.anchor.partition("-")[2]: one.examples.rows[0][2] for one in groups}


def test_the_rows_of_all_files_add_up_to_their_total() -> None:
    many = [INPUTS[0] | {"file": f"inbox/exports/{number:03}.csv", "rows_quarantined": int(number == 130)} for number in range(150)]
    grid = view(replace(books([]), inputs=contracts.INPUTS.frame(many)))["inputs"]
    assert ["Total", "", "", "15,000"] == grid.total[:4]
    assert (150, 15_000) == (len(grid.rows), sum(int(row[3]) for row in grid.rows))
    assert "inbox/exports/130.csv" == grid.rows[0][0], "what was set aside first, for a page carries the first rows only"


def test_a_finding_leads_to_what_became_of_its_row_where_the_row_is_listed() -> None:
    made = books([finding("bad-date", 5), finding("stale-source", 0), finding("weak-match", 0, file="")])
    places = {group.anchor: group.examples.rows[0][0] for group in view(made)["groups"]}
    assert Links((Link(EXPORT, "trace/~file-exports~2f~orders-2026-11~2e~csv.html#row-5"),), "line 5") == places["error-bad-date"]
    assert [EXPORT, "no single file"] == [places["warning-stale-source"], places["warning-weak-match"]]


def test_an_accepted_finding_says_by_whom_and_until_when() -> None:
    told = "Accepted until 2026-12-31 by Nora Vale: a test host"
    (group,) = view(books([finding("missing-contact", 5, severity="note", accepted=told)]))["groups"]
    assert Noted("kept", told) == group.examples.rows[0][-1]


def test_the_card_of_accepted_rows_says_of_what_and_the_journal_of_notices_has_no_budget() -> None:
    """The measure leaves out reference lists and closed months; lines of the journal are no rows that could be set aside."""
    journal = {
        "file": "ledger/notices/2026-11.jsonl",
        "kind": "notices",
        "bytes": 9,
        "rows_read": 0,
        "rows_accepted": 0,
        "rows_quarantined": 0,
    }
    made = replace(books([]), inputs=contracts.INPUTS.frame([*INPUTS, journal]))
    assert "97.0 % of all that was read, also of reference lists and closed months" == card("Rows accepted", view(made)).basis
    assert ["Certificate exports"] == [row[0] for row in view(made)["budget"].rows]
