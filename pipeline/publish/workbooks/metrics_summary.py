"""The first sheet of the workbook of measures, made to be printed and mailed: a line a measure, in words and figures."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.publish import measure_words, words
from pipeline.publish.workbooks.cells import Sheet
from pipeline.publish.workbooks.metrics_figures import Figures, Line, Row, kind, number
from pipeline.publish.workbooks.totals import DUE_NAME, MEASURES_NAME
from pipeline.service.attainment import PROMISED

_TITLES = (
    "Measure", "In words", "Figure", "Cases", "Likely range", "Target", "Verdict", "Against the\nmonth before", "Year to date",
    "Same span\nlast year", "First published",
)  # fmt: skip
_WIDTHS = (20, 48, 17, 8, 14, 12, 15, 15, 17, 17, 18)
_RIGHT = (2, 3, 5, 8, 9)
_NO_FIGURE = {True: "no figure", False: "of today only"}
_LOOKS = {"met": "met", "missed": "missed", "uncertain": "near"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows stand on other sheets, for the last lines of the first."""

    measures: int
    requests: int
    outages: int
    ends: int


def write_summary(sheet: Sheet, figures: Figures, counts: Counts) -> None:
    """Title, the sentence on the promise, the lines, and how many rows are behind them."""
    book, row = sheet.book, sheet.banner()
    sheet.raw.hide_gridlines(2)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    sheet.raw.set_row(row, 30)
    sheet.text(row, 0, f"Service levels: {words.month(figures.last_month)}", book.style("title"))
    lines = list(figures.lines())
    promised = next((figures.row(*_key(line)) for line in lines if line.measure.id == PROMISED), None)
    said = (
        measure_words.sentence(lines[0].measure, promised)
        if promised is not None
        else "No request was due yet, so there is nothing to judge."
    )
    sheet.text(row + 1, 0, said, book.style("bold"))
    sheet.text(row + 2, 0, _how_to_read(figures), book.style("muted"))
    top = row + 4
    after = _write_lines(sheet, top, figures, lines)
    sheet.raw.freeze_panes(top + 1, 1)
    sheet.raw.repeat_rows(top)
    _write_counts(sheet, after + 1, counts)


def _how_to_read(figures: Figures) -> str:
    year, before = (measure_words.period(label) for label in _years(figures))
    return (
        f"Of the last month that has ended; what stands open, of {figures.as_of}. Year to date is {year}, and beside it the same days a "
        f"year before, {before}. A verdict is said only where the likely range allows one."
    )


def _years(figures: Figures) -> tuple[str, str]:
    """The names of the fiscal year of the as-of day, so far, and of the same span of the year before."""
    labels = sorted({str(period) for period in figures.own["period"] if str(period).startswith("FY") and "-Q" not in str(period)})
    ends = [label for label in labels if label.endswith("-YTD")]
    year = max(ends or labels, default=f"FY{figures.as_of.year}-YTD")
    return year, f"FY{int(year[2:6]) - 1}{year[6:]}"


def _key(line: Line) -> tuple[str, str, str, str]:
    return line.measure.id, line.dimension, line.member, line.period


def _write_lines(sheet: Sheet, top: int, figures: Figures, lines: list[Line]) -> int:
    """The table below its head; the row after it."""
    book = sheet.book
    sheet.fit_row(top, list(zip(_TITLES, _WIDTHS, strict=True)), least=34)
    for col, title in enumerate(_TITLES):
        sheet.text(top, col, title, book.style("head", "wrapped", *(("right",) if col in _RIGHT else ())))
    for row, line in enumerate(lines, top + 1):
        _write_line(sheet, row, figures, line)
    if not lines:
        sheet.text(top + 1, 0, "Nothing was measured yet.", book.style("muted"))
    return top + 1 + max(len(lines), 1)


def _write_line(sheet: Sheet, row: int, figures: Figures, line: Line) -> None:
    book, measure = sheet.book, line.measure
    found = figures.row(*_key(line))
    several = len(figures.members[measure.id]) > 1
    title = f"{measure.title}, {line.member}" if several else measure.title
    if found is None:
        said: list[tuple[int, str]] = [(0, title), (1, f"In {measure_words.period(line.period)}, there was nothing to measure.")]
        for col in range(len(_WIDTHS)):
            sheet.blank(row, col, book.style("row"))
        for col, text in said:
            sheet.text(row, col, text, book.style("row", "wrapped"))
        return
    sentence = measure_words.sentence(measure, found)
    first = figures.first_published(found)
    verdict = measure_words.verdict(found)
    sheet.text(row, 0, title, book.style("row", "bold", "wrapped"))
    sheet.text(row, 1, sentence, book.style("row", "wrapped"))
    is_of_few = measure_words.is_nine_in_ten_of_few(found)
    value, absent = (float("nan"), "too few") if is_of_few else (found["value"], "not known" if found["n"] else "nothing measured")
    _figure(sheet, row, 2, found, value, absent)
    sheet.number(row, 3, int(found["n"]), book.style("row", "whole"))
    sheet.text(row, 4, _range(found) or "no range", book.style("row", "wrapped", *(() if _range(found) else ("muted",))))
    _figure(sheet, row, 5, found, found["target"], "no target")
    look = (_LOOKS[found["verdict"]],) if verdict[0] in words.SIGNS.values() else ("muted",)
    sheet.text(row, 6, verdict, book.style("row", "wrapped", *look))
    sheet.text(row, 7, _against_month_before(figures, line, found), book.style("row", "wrapped"))
    for col, period in zip((8, 9), _years(figures), strict=True):
        other = figures.row(measure.id, line.dimension, line.member, period)
        _figure(sheet, row, col, found, float("nan") if other is None else other["value"], _NO_FIGURE[line.period == figures.last_month])
    sheet.text(row, 10, first, book.style("row", "wrapped", *(() if first.startswith("first") else ("muted",))))
    texts = [(title, 0), (sentence, 1), (verdict, 6), (first, 10)]
    sheet.fit_row(row, [(text, _WIDTHS[col]) for text, col in texts], least=17)
    if measure.id == PROMISED and line.period == figures.last_month:
        book.name_cell(DUE_NAME, sheet.name, row, 3)


def _figure(sheet: Sheet, row: int, col: int, found: Row, value: float, absent: str) -> None:
    """A figure as a number with its unit; why there is none."""
    known = number(value)
    if known is None:
        sheet.text(row, col, absent, sheet.book.style("row", "right", "muted"))
        return
    of_unit = kind({**found, "value": known})
    look = of_unit if found["unit"] == "share" else f"{of_unit} of {found['unit']}"
    sheet.number(row, col, known, sheet.book.style("row", look))


def _range(found: Row) -> str:
    low, high = (measure_words.quantity(found[end], found["unit"]) for end in ("low", "high"))
    return f"{low.removesuffix(' %') if high.endswith(' %') else low} to {high}" if low and high else ""


def _against_month_before(figures: Figures, line: Line, found: Row) -> str:
    year, month = (int(part) for part in line.period.split("-"))
    label = f"{year - (month == 1)}-{(month - 2) % 12 + 1:02d}"
    if line.period != figures.last_month:
        return "of today only"
    before = figures.row(line.measure.id, line.dimension, line.member, label)
    return measure_words.change(found["value"], float("nan") if before is None else before["value"], found["unit"]) or "no figure"


def _write_counts(sheet: Sheet, row: int, counts: Counts) -> None:
    """How many rows stand behind these figures, each with the sheet that has them."""
    book = sheet.book
    sheet.text(row, 0, "Rows behind these figures", book.style("heading"))
    listed = (
        ("All measures", counts.measures, MEASURES_NAME),
        ("Requests", counts.requests, ""),
        ("Outages", counts.outages, ""),
        ("Ends", counts.ends, ""),
    )
    for at, (name, number_of_rows, cell) in enumerate(listed, row + 1):
        sheet.text(at, 0, f"Sheet {name}", book.style("row", "text"))
        sheet.blank(at, 1, book.style("row"))
        sheet.number(at, 2, number_of_rows, book.style("row", "whole"))
        if cell:
            book.name_cell(cell, sheet.name, at, 2)
