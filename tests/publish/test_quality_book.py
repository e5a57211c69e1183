"""The workbook of data quality, re-opened with openpyxl as its reader sees it."""

from __future__ import annotations

import functools
import itertools
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline import contracts
from pipeline.contracts import Books, ContractError
from pipeline.findings import CODES
from pipeline.publish import workbooks
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks import quality_sheets
from pipeline.publish.workbooks.totals import QUALITY_PATH
from tests.publish import bookkeeping, recalculation
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS
from tests.publish.test_workbooks import SMALLEST_PRINT, printed_points

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")
SHEETS = ["What to do", "Findings", "Quarantined rows", "By file and code", "Reconciliation", "Sources", "Files", "About"]
EXPORT, LOG = "inbox/exports/orders-2026-11.csv", "inbox/requests/log.xlsx"


def finding(code: str, **changes: Any) -> dict[str, Any]:
    """A finding of `code` as its vocabulary grades it, in the export, less what `changes` says."""
    declared = CODES[code]
    row = {"code": code, "severity": declared.severity, "action": declared.action, "file": EXPORT, "row": 0}
    row |= {"reason": f"Something about {code}."}
    return row | changes


FOUND = [
    finding("bad-date", row=7, column="valid_to", value="31.02.2026"),
    finding("bad-date", row=9, column="valid_to", value="soon"),
    finding("bad-number", row=9, column="amount", value="=1+1"),
    finding("bad-value", row=3, file=LOG, sheet="Log", column="status", value="nearly"),
    finding("duplicate-row", row=4),
    finding("unassigned-requests", file=LOG),
    finding("weak-match", file=""),
]
INPUTS = [
    {"file": EXPORT, "kind": "certificates", "bytes": 9, "rows_read": 40, "rows_accepted": 38, "rows_quarantined": 2,
     "layout": "digicert-order-report", "taken_on": "2026-11-20", "newest_on": "2026-11-19"},
    {"file": LOG, "kind": "requests", "bytes": 9, "rows_read": 5, "rows_accepted": 4, "rows_quarantined": 1, "layout": "jira"},
]  # fmt: skip


SOURCES = [
    {"kind": "certificates", "layout": "digicert-order-report", "series": "inbox/exports/orders-*.csv", "files": 1, "newest_file": EXPORT,
     "rows_read": 40, "rows_accepted": 38, "rows_quarantined": 2, "taken_on": "2026-11-20", "newest_on": "2026-11-19", "age_days": 3,
     "usual_days": 30, "limit_days": 40, "freshness": "fresh", "rows_before": 35, "drift": "more"},
    {"kind": "requests", "layout": "jira", "series": LOG, "files": 1, "newest_file": LOG, "rows_read": 5, "rows_accepted": 4,
     "rows_quarantined": 1, "limit_days": 40, "age_days": 60, "taken_on": "2026-09-24", "freshness": "stale", "drift": "new"},
]  # fmt: skip


def books(found: list[dict[str, Any]] = FOUND, inputs: list[dict[str, Any]] = INPUTS) -> Books:
    tables = {"findings": contracts.FINDINGS.frame(found), "inputs": contracts.INPUTS.frame(inputs)}
    return bookkeeping.books([], **tables, sources=contracts.SOURCES.frame(SOURCES if inputs else []))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("quality")
    workbooks.write_quality(books(), SETTINGS, STAMP, made)
    return made


@functools.cache
def shown(path: Path, sheet: str) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path, data_only=True)[sheet].iter_rows(values_only=True))


def table(path: Path, sheet: str, head: str) -> list[dict[str, Any]]:
    """The rows below the header that begins with `head`, up to the total or an empty row."""
    grid = shown(path, sheet)
    start = next(number for number, row in enumerate(grid) if row[0] == head)
    rows = itertools.takewhile(lambda row: any(row) and row[0] != "Total", grid[start + 1 :])
    return [dict(zip(grid[start], row, strict=True)) for row in rows]


def test_its_sheets_stand_in_the_order_of_a_reader(folder: Path) -> None:
    assert SHEETS == openpyxl.load_workbook(folder / QUALITY_PATH).sheetnames


def test_what_to_do_lists_each_code_once_gravest_first_with_its_remedy(folder: Path) -> None:
    rows = table(folder / QUALITY_PATH, "What to do", "Severity")
    expected = [("error", "bad-date", 2, 1), ("error", "bad-number", 1, 1), ("error", "bad-value", 1, 1), ("warning", "weak-match", 1, 1)]
    expected += [("note", "duplicate-row", 1, 1), ("note", "unassigned-requests", 1, 1)]
    assert expected == [(row["Severity"], row["Code"], row["Findings"], row["Files"]) for row in rows]
    assert [(CODES[row["Code"]].title, CODES[row["Code"]].remedy) for row in rows] == [(row["Finding"], row["What to do"]) for row in rows]


def test_the_budget_stands_in_numbers_the_fullest_kind_first(folder: Path) -> None:
    rows = table(folder / QUALITY_PATH, "What to do", "Input")
    expected = [
        ("Request logs", "✕ too many set aside to publish", 0.2, 1, 5),
        ("Certificate exports", "◐ above the warning limit", 0.05, 2, 40),
    ]
    columns = ("Input", "How it stands", "Share set aside", "Set aside", "Rows read")
    assert expected == [tuple(row[column] for column in columns) for row in rows]
    assert {"warns above 2 %, publishes nothing above 10 %"} == {row["Limits"] for row in rows}


def test_the_first_sheet_says_that_nothing_new_came_and_what_is_gone(folder: Path, tmp_path: Path) -> None:
    said = [str(row[0]) for row in shown(folder / QUALITY_PATH, "What to do")]
    assert "Nothing new has come from 1 source: see the sheet Sources." in said
    gone = SOURCES[0] | {"files": 0, "rows_read": 0, "rows_accepted": 0, "rows_quarantined": 0, "freshness": "gone", "drift": "gone"}
    made = bookkeeping.books([], sources=contracts.SOURCES.frame([gone]))
    path = workbooks.write_quality(made, SETTINGS, STAMP, tmp_path)
    assert "1 source of the run before has no rows any more: see the sheet Sources." in [str(row[0]) for row in shown(path, "What to do")]


def test_every_finding_has_its_place_and_no_value_becomes_a_formula(folder: Path) -> None:
    rows = table(folder / QUALITY_PATH, "Findings", "Severity")
    assert len(FOUND) == len(rows)
    hostile = next(row for row in rows if row["Code"] == "bad-number")
    place = (hostile["File"], hostile["Row or\nline"], hostile["Column"], hostile["Value, as read"], hostile["Done with it"])
    assert (EXPORT, 9, "amount", "=1+1", "quarantined") == place
    live = openpyxl.load_workbook(folder / QUALITY_PATH)["Findings"]
    assert [] == [cell.coordinate for row in live.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_quarantined_row_stands_once_with_all_that_is_wrong_with_it(folder: Path) -> None:
    rows = table(folder / QUALITY_PATH, "Quarantined rows", "File")
    assert [(EXPORT, 7), (EXPORT, 9), (LOG, 3)] == [(row["File"], row["Row or\nline"]) for row in rows]
    assert ("bad-date\nbad-number", "valid_to\namount", "soon\n=1+1") == tuple(
        rows[1][name] for name in ("Code", "Column", "Value, as read")
    )


def test_only_an_empty_cell_that_is_named_held_nothing(tmp_path: Path) -> None:
    """Of a row that is too long, or a whole file, the file says what stands there."""
    found = [finding("missing-value", row=5, column="serial", value=""), finding("extra-cell", row=6), finding("stale-source")]
    path = workbooks.write_quality(books(found), SETTINGS, STAMP, tmp_path)
    expected = {"missing-value": "nothing", "extra-cell": "see the file", "stale-source": "see the file"}
    assert expected == {row["Code"]: row["Value, as read"] for row in table(path, "Findings", "Severity")}
    assert ["nothing", "see the file"] == [row["Value, as read"] for row in table(path, "Quarantined rows", "File")]


def test_files_by_code_add_up_both_ways(folder: Path) -> None:
    rows = table(folder / QUALITY_PATH, "By file and code", "File")
    assert [(EXPORT, 4), (LOG, 2), ("no one file", 1)] == [(row["File"], row["All"]) for row in rows]
    assert all(row["All"] == sum(count or 0 for title, count in row.items() if title not in ("File", "All")) for row in rows)


def test_sources_say_how_old_they_are_and_what_changed_those_to_look_at_first(folder: Path) -> None:
    rows = table(folder / QUALITY_PATH, "Sources", "Source")
    columns = ("Source", "Freshness", "Age in\ndays", "Usually\nevery", "Stale\nafter", "Run before", "Change", "Newest file")
    assert [
        (LOG, "✕ stale", 60, "unknown", 40, "not there", "unknown", LOG),
        ("inbox/exports/orders-*.csv", "✓ fresh", 3, 30, 40, 35, 5, EXPORT),
    ] == [tuple(row[column] for column in columns) for row in rows]


def test_every_sheet_stays_large_enough_to_read_on_letter_paper(tmp_path: Path) -> None:
    long = "a-very-long-name-of-a-server.of.some.agency.example.gov"
    found = finding("completed-without-time", file=f"inbox/requests/{long}.csv", row=99_999, column=long, value=long, reason=long * 3)
    found |= {"action": "quarantined", "sheet": long}
    source = SOURCES[0] | {
        "series": f"inbox/exports/{long}-*.csv",
        "rows_read": 1_000_000,
        "rows_accepted": 1_000_000,
        "rows_before": 999_999,
    }
    tables = {"findings": contracts.FINDINGS.frame([found]), "sources": contracts.SOURCES.frame([source])}
    made = bookkeeping.books([], **tables, inputs=contracts.INPUTS.frame([INPUTS[0] | {"file": f"inbox/exports/{long}.csv"}]))
    path = workbooks.write_quality(made, SETTINGS, STAMP, tmp_path)
    assert [] == [sheet.title for sheet in openpyxl.load_workbook(path) if printed_points(sheet) < SMALLEST_PRINT]


def test_every_formula_shows_what_it_works_out_to(folder: Path) -> None:
    assert [] == [what for what, value, right in recalculation.formulas(folder / QUALITY_PATH) if value != right]


def test_the_workbook_counts_what_the_tables_hold(folder: Path) -> None:
    assert [(7, 7), (3, 3)] == [(check.left, check.right) for check in workbooks.quality_ties(books(), folder)]


def test_a_workbook_that_lacks_a_finding_is_not_published(folder: Path) -> None:
    more = books([*FOUND, finding("footer", row=41)])
    assert ["findings counted in data-quality.xlsx = findings"] == [
        check.name for check in workbooks.quality_ties(more, folder) if not check.holds
    ]


def test_a_workbook_without_its_counts_is_refused(folder: Path, tmp_path: Path) -> None:
    emptied = openpyxl.load_workbook(folder / QUALITY_PATH)
    emptied.save(tmp_path / QUALITY_PATH)
    with pytest.raises(ContractError, match="no count"):
        workbooks.quality_ties(books(), tmp_path)


def test_the_same_books_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = workbooks.write_quality(books(), SETTINGS, STAMP, tmp_path)
    assert (folder / QUALITY_PATH).read_bytes() == again.read_bytes()


def test_a_clean_run_says_so_on_every_sheet(tmp_path: Path) -> None:
    path = workbooks.write_quality(books([], []), SETTINGS, STAMP, tmp_path)
    said = {sheet: "\n".join(str(cell) for row in shown(path, sheet) for cell in row if cell) for sheet in SHEETS}
    assert "No file has come in yet." in said["What to do"]
    assert "Nothing was found to be wrong with the input." in said["Findings"]
    assert "No row was set aside: every row that came in was used." in said["Quarantined rows"]
    assert [(0, 0), (0, 0)] == [(check.left, check.right) for check in workbooks.quality_ties(books([], []), tmp_path)]


def test_of_too_many_findings_the_gravest_are_listed_and_all_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 30
    monkeypatch.setattr(quality_sheets, "MOST_ROWS", most)
    many = [finding("footer", row=row) for row in range(1, most + 1)]
    made = books([*many, finding("bad-date", row=most + 1)], [INPUTS[0] | {"rows_read": most + 1, "rows_accepted": 0}])
    path = workbooks.write_quality(made, SETTINGS, STAMP, tmp_path)
    with zipfile.ZipFile(path) as package:
        sheet = package.read("xl/worksheets/sheet2.xml").decode()
    beside_them = 3  # the sample label, the note, the header
    assert most + beside_them == sheet.count("<row ")
    assert all(check.holds for check in workbooks.quality_ties(made, tmp_path))
