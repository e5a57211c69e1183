"""The first sheet of the workbook of certificates, made to be printed: how many there are, what ends when, and what expired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.contracts import Books
from pipeline.publish import in_force, rule_breaks
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute
from pipeline.publish.workbooks.totals import CERTIFICATES_NAME, IN_FORCE_NAME, RULE_BREAKS_NAME
from pipeline.settings import Settings

SHEET = "Summary"
_WIDTHS = (30, 16, 20, 68)
# In the order of a life, as the table `certificates` calls them: what it is called here, and what it means.
_STATES = (
    ("active", "In force", "Valid, and no later certificate has taken over."),
    ("not-yet-valid", "Not yet valid", "Issued, but it begins later."),
    ("superseded", "Superseded", "Still valid, but a later certificate has taken over."),
    ("expired", "Expired", "Its last second is over."),
    ("revoked", "Revoked", "Taken back by its issuer."),
    ("", "Dates cannot be read", "Neither the export nor the file tells when it ends."),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a small table: its name, its count, how many of these are of the kind that the third column counts, and what it means."""

    name: str
    number: int
    of_these: int | None
    meaning: str
    look: str = ""


def write_summary(book: Workbook, books: Books, settings: Settings, as_of: dt.date) -> None:
    """Title, a sentence, certificates by state, what has to be renewed by when, and how many rules are broken."""
    sheet = book.sheet(SHEET)
    sheet.raw.hide_gridlines(2)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    servers = books.certificates[~books.certificates["is_ca"]]
    due, over = in_force.to_renew(books, as_of), in_force.lapses(books, as_of)
    row = _write_opening(sheet, sheet.banner(), in_force.sentence(due, over), servers)
    row = _write_states(sheet, row, servers, in_force.of_retired_hosts(servers, books, as_of))
    row = _write_ending(sheet, row + 1, due)
    row = _write_lapsed(sheet, row + 1, over)
    _write_rule_breaks(sheet, row + 1, rule_breaks.in_use_or_to_come(books, as_of))


def _write_opening(sheet: Sheet, row: int, sentence: str, servers: pd.DataFrame) -> int:
    book, current = sheet.book, in_force.certificates(servers)
    sheet.raw.set_row(row, 30)
    sheet.text(row, 0, "Certificates: what has to be done", book.style("title"))
    sheet.text(row + 1, 0, sentence, book.style("bold"))
    sheet.text(row + 2, 0, in_force.known_keys(current), book.style("muted"))
    sheet.text(row + 3, 0, in_force.post_quantum(current), book.style("muted"))
    return row + 5


def _write_states(sheet: Sheet, row: int, servers: pd.DataFrame, retired: pd.Series[Any]) -> int:
    """The states by dates; how many of each the sheet Inventory calls `host retired` stands beside them, so that its filter adds up."""
    lines = []
    for status, name, meaning in _STATES:
        of_it = servers["status"] == status
        lines.append(_Line(name, int(of_it.sum()), int((of_it & retired).sum()), meaning))
    after = _write_lines(sheet, row, ("State", "Certificates", "Of these, host retired", "What it means"), lines, totals=True)
    sheet.book.name_cell(IN_FORCE_NAME, sheet.name, row + 1, 1)
    sheet.book.name_cell(CERTIFICATES_NAME, sheet.name, after - 1, 1)
    return after


def _write_ending(sheet: Sheet, row: int, due: pd.DataFrame) -> int:
    lines = []
    for first, last in in_force.spans():
        found = in_force.ending(due, last, after=first - 1)
        alone = int((found["contact_email"] == "").sum())
        name = f"Within {last} days" if first == 0 else f"In {first} to {last} days"
        lines.append(_Line(name, len(found), alone, _to_do(last, len(found)), "missed" if first == 0 and len(found) else ""))
    return _write_lines(sheet, row, ("In force, and ends", "Certificates", "Without a contact", "What to do"), lines, totals=True)


def _to_do(last: int, found: int) -> str:
    if not found:
        return "Nothing."
    return "Renew today." if last == in_force.SPANS[0] else "Renew now." if last == in_force.SPANS[1] else "Plan the renewal."


def _write_lapsed(sheet: Sheet, row: int, over: pd.DataFrame) -> int:
    alone = int((over["contact_email"] == "").sum())
    to_do = "Renew today, or say in data/entries/hosts.csv that the host is retired." if len(over) else "Nothing."
    line = _Line("Expired without a successor", len(over), alone, to_do, "missed" if len(over) else "")
    return _write_lines(sheet, row, ("Over, and nothing took over", "Certificates", "Without a contact", "What to do"), [line])


def _write_rule_breaks(sheet: Sheet, row: int, found: pd.DataFrame) -> None:
    """How many rules are broken by grade: one certificate may break several."""
    looks = {"error": "missed", "warning": "near", "note": ""}
    lines = []
    for severity in rule_breaks.GRAVEST_FIRST:
        number = int((found["severity"] == severity).sum())
        lines.append(_Line(severity, number, None, rule_breaks.BY_WHEN[severity], looks[severity] if number else ""))
    after = _write_lines(sheet, row, ("Rules broken, by grade", "Rule breaks", "", "By when"), lines, totals=True)
    sheet.book.name_cell(RULE_BREAKS_NAME, sheet.name, after - 1, 1)


def _write_lines(sheet: Sheet, top: int, titles: Sequence[str], lines: Sequence[_Line], *, totals: bool = False) -> int:
    """A table of lines below its head, with a row of totals where wanted; returns the row after it."""
    book = sheet.book
    sheet.raw.set_row(top, 20)
    for col, title in enumerate(titles):
        sheet.text(top, col, title, book.style("head", "wrapped", *(("right",) if col in (1, 2) else ())))
    for row, line in enumerate(lines, top + 1):
        look = (line.look,) if line.look else ()
        sheet.text(row, 0, line.name, book.style("row", "text"))
        sheet.number(row, 1, line.number, book.style("row", "whole", *look))
        if line.of_these is None:
            sheet.blank(row, 2, book.style("row"))
        else:
            sheet.number(row, 2, line.of_these, book.style("row", "whole"))
        sheet.text(row, 3, line.meaning, book.style("row", "wrapped"))
        sheet.fit_row(row, [(line.meaning, _WIDTHS[3])], least=17)
    row = top + len(lines) + 1
    if totals:
        _write_total(sheet, row, top + 1, lines)
    return row + totals


def _write_total(sheet: Sheet, row: int, first: int, lines: Sequence[_Line]) -> None:
    book = sheet.book
    for col in range(len(_WIDTHS)):
        sheet.blank(row, col, book.style("total"))
    sheet.text(row, 0, "Total", book.style("total", "text"))
    alone = [line.of_these for line in lines if line.of_these is not None]
    for col, number in ((1, sum(line.number for line in lines)), *(((2, sum(alone)),) if alone else ())):
        down = f"=SUM({absolute(first, col)}:{absolute(row - 1, col)})"
        sheet.formula(row, col, down, number, book.style("total", "whole"))
