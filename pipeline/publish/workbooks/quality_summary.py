"""The first sheet of the data-quality workbook, made to be printed: what came in, what was set aside, and what to do, gravest first."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contracts import Books
from pipeline.publish import quarantine, words
from pipeline.publish.parts import State
from pipeline.publish.quarantine import CodeCount, Standing
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute
from pipeline.publish.workbooks.totals import FINDINGS_NAME, QUARANTINED_NAME
from pipeline.settings import Settings

SHEET = "What to do"
_WIDTHS = (20, 40, 26, 12, 12, 58)
_LAST = len(_WIDTHS) - 1
_RIGHT = {3, 4}
_STATE_LOOK: dict[State, str] = {"met": "met", "near": "near", "missed": "missed", "plain": "muted"}
_SEVERITY_LOOK = {"error": "missed", "warning": "near", "note": "muted"}


def write_what_to_do(book: Workbook, books: Books, settings: Settings) -> None:
    """Title, one sentence, the budget by kind of input, and each kind of finding with its count and remedy."""
    sheet = book.sheet(SHEET)
    sheet.raw.hide_gridlines(2)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    codes = quarantine.by_code(books.findings)
    row = _write_opening(sheet, sheet.banner(), books, codes)
    row = _write_budget(sheet, row, quarantine.standings(books, settings.quality), settings)
    _write_codes(sheet, row + 1, codes)


def _write_opening(sheet: Sheet, row: int, books: Books, codes: Sequence[CodeCount]) -> int:
    book = sheet.book
    sheet.raw.set_row(row, 30)
    sheet.text(row, 0, "Data quality: what to do", book.style("title"))
    sheet.text(row + 1, 0, quarantine.opening(books.inputs), book.style("bold"))
    counts = {severity: sum(one.findings for one in codes if one.severity == severity) for severity in quarantine.GRAVEST_FIRST}
    told = ", ".join(words.count(counts[severity], severity) for severity in counts)
    sheet.text(row + 2, 0, f"Findings: {told}. Each stands on the sheet Findings with its file and row.", book.style("muted"))
    sources = quarantine.sources_sentence(books.sources)
    if sources:
        sheet.text(row + 3, 0, sources, book.style("near"))
    return row + (5 if sources else 4)


def _write_budget(sheet: Sheet, row: int, standings: Sequence[Standing], settings: Settings) -> int:
    """Each kind of input against the limits, the fullest first; the row of totals names the cell of quarantined rows."""
    book = sheet.book
    _write_head(sheet, row, ("Input", "How it stands", "Share set aside", "Set aside", "Rows read", "Limits"))
    limits = settings.quality
    first = row + 1
    for row, one in enumerate(standings, first):
        sheet.text(row, 0, quarantine.kind_name(one.kind).capitalize(), book.style("row", "text"))
        sheet.text(row, 1, f"{words.SIGNS[one.state]} {one.word}".strip(), book.style("row", "text", _STATE_LOOK[one.state]))
        sheet.number(row, 2, float(one.share), book.style("row", "share"))
        sheet.number(row, 3, one.quarantined, book.style("row", "whole"))
        sheet.number(row, 4, one.read, book.style("row", "whole"))
        sheet.text(row, 5, quarantine.limits_of_a_kind(limits), book.style("row", "text", "muted"))
    row = first + len(standings)
    if not standings:
        sheet.text(first, 0, "No file has come in yet.", book.style("muted"))
        row += 1
    _write_sum(sheet, row, (first, row - 1), {3: sum(one.quarantined for one in standings), 4: sum(one.read for one in standings)})
    book.name_cell(QUARANTINED_NAME, sheet.name, row, 3)
    return row + 1


def _write_codes(sheet: Sheet, row: int, codes: Sequence[CodeCount]) -> None:
    """Each kind of finding; the row of totals names the cell that counts all findings."""
    book = sheet.book
    _write_head(sheet, row, ("Severity", "Finding", "Code", "Findings", "Files", "What to do"))
    sheet.raw.repeat_rows(row)
    first = row + 1
    for row, one in enumerate(codes, first):
        sheet.text(row, 0, one.severity, book.style("row", "text", _SEVERITY_LOOK[one.severity]))
        sheet.text(row, 1, one.title, book.style("row", "wrapped"))
        sheet.text(row, 2, one.code, book.style("row", "wrapped", "muted"))
        sheet.number(row, 3, one.findings, book.style("row", "whole"))
        sheet.number(row, 4, one.files, book.style("row", "whole"))
        sheet.text(row, 5, one.remedy, book.style("row", "wrapped"))
        sheet.fit_row(row, [(one.title, _WIDTHS[1]), (one.code, _WIDTHS[2]), (one.remedy, _WIDTHS[5])], least=17)
    row = first + len(codes)
    if not codes:
        sheet.text(first, 0, "Nothing was found to be wrong with the input.", book.style("muted"))
        row += 1
    _write_sum(sheet, row, (first, row - 1), {3: sum(one.findings for one in codes)})
    book.name_cell(FINDINGS_NAME, sheet.name, row, 3)


def _write_head(sheet: Sheet, row: int, titles: Sequence[str]) -> None:
    sheet.fit_row(row, list(zip(titles, _WIDTHS, strict=True)), least=20)
    for col, title in enumerate(titles):
        right = ("right",) if col in _RIGHT or title.startswith("Share") else ()
        sheet.text(row, col, title, sheet.book.style("head", "wrapped", *right))


def _write_sum(sheet: Sheet, row: int, rows: tuple[int, int], sums: dict[int, int]) -> None:
    book, (first, last) = sheet.book, rows
    for col in range(_LAST + 1):
        sheet.blank(row, col, book.style("total"))
    sheet.text(row, 0, "Total", book.style("total", "text"))
    for col, number in sums.items():
        down = f"=SUM({absolute(first, col)}:{absolute(last, col)})"
        sheet.formula(row, col, down, number, book.style("total", "whole"))
