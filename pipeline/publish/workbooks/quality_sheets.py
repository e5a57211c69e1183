"""The sheets of the data-quality workbook that list: findings, rows set aside, files by code, sources and the files that were read."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.contracts import Books
from pipeline.findings import CODES
from pipeline.publish import quarantine, words
from pipeline.publish.quarantine import FRESHNESS
from pipeline.publish.workbooks.cells import Workbook
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.publish.workbooks.lines import ROW_OR_LINE, day_numbers, optional
from pipeline.settings import Settings

FINDINGS_SHEET = "Findings"
# A longer list helps nobody who reads it in Excel, and the table findings.csv has them all.
MOST_ROWS = 20_000
_MOST_PRINTED_CODES = 10
_WHOLE_FILE = "whole file"


def write_findings(book: Workbook, books: Books, _: Settings) -> None:
    """Every finding with its place, gravest first; of more than `MOST_ROWS` the gravest, and a note where the rest is."""
    ranked = quarantine.worst_first(books.findings).iloc[:MOST_ROWS]
    codes = ranked["code"].tolist()
    write_grid(
        book.sheet(FINDINGS_SHEET),
        "QualityFindings",
        [
            Field("Severity", "text", ranked["severity"].tolist()),
            Field("Finding", "wrapped", [CODES[code].title for code in codes], widest=26),
            Field("File", "wrapped", ranked["file"].tolist(), absent="no one file", widest=28),
            Field("Row or\nline", "whole", _rows(ranked), absent=_WHOLE_FILE),
            Field("Column", "wrapped", ranked["column"].tolist(), absent="whole row", widest=18),
            Field("Value, as read", "wrapped", _values(ranked, "value", "column"), widest=24),
            Field("What is wrong", "wrapped", ranked["reason"].tolist(), widest=41),
            Field("What to do", "wrapped", [CODES[code].remedy for code in codes], widest=35),
            Field("Done with it", "text", ranked["action"].tolist()),
        ],
        not_printed=[
            Field("Code", "text", codes),
            Field("Worksheet", "wrapped", ranked["sheet"].tolist(), absent="none", widest=20),
            Field("Accepted", "wrapped", ranked["accepted"].tolist(), absent="no", widest=44),
        ],
        about="Every finding of this run, gravest first: where it is, what is wrong, what to do and what was done.",
        note=_note(len(books.findings)),
        empty="Nothing was found to be wrong with the input.",
    )


def write_set_aside(book: Workbook, books: Books, _: Settings) -> None:
    """Each row of an input that was quarantined, once, with all that is wrong with it."""
    every = quarantine.rows_set_aside(books.findings)
    rows = every.iloc[:MOST_ROWS]
    write_grid(
        book.sheet("Quarantined rows"),
        "QuarantinedRows",
        [
            Field("File", "wrapped", rows["file"].tolist(), widest=34),
            Field("Worksheet", "wrapped", rows["sheet"].tolist(), absent="none", widest=16),
            Field("Row or\nline", "whole", _rows(rows)),
            Field("Code", "wrapped", rows["codes"].tolist(), widest=24),
            Field("Column", "wrapped", rows["columns"].tolist(), absent="whole row", widest=18),
            Field("Value, as read", "wrapped", _values(rows, "values", "columns"), widest=26),
            Field("What is wrong", "wrapped", rows["reasons"].tolist(), widest=46),
            Field("What to do", "wrapped", rows["remedies"].tolist(), widest=40),
        ],
        about="Each row that was set aside and not used, with everything that is wrong with it.",
        note=_note(len(every)),
        empty="No row was set aside: every row that came in was used.",
    )


def write_by_file(book: Workbook, books: Books, _: Settings) -> None:
    """How many findings of each code each file has: files with the most first, codes gravest first."""
    findings = books.findings
    codes = [one.code for one in quarantine.by_code(findings)]
    codes = list(dict.fromkeys(codes))
    counts = findings.groupby(["file", "code"]).size().unstack(fill_value=0).reindex(columns=codes, fill_value=0)
    totals = counts.sum(axis=1)
    counts = counts.loc[totals.sort_values(ascending=False, kind="stable").index]
    columns = [Field(code.replace("-", "-\n"), "whole", _counted(counts[code]), total=True) for code in codes]
    write_grid(
        book.sheet("By file and code"),
        "FindingsByFile",
        [
            Field("File", "wrapped", counts.index.tolist(), absent="no one file", widest=44),
            Field("All", "whole", counts.sum(axis=1).astype("int64").tolist(), total=True),
            *columns[:_MOST_PRINTED_CODES],
        ],
        not_printed=columns[_MOST_PRINTED_CODES:],
        about="How many findings of each code each file has.",
        plain=True,
        note="One row a file, one column a code; an empty cell means none. What a code means stands on the sheet What to do.",
        empty="Nothing was found to be wrong with the input.",
    )


def write_sources(book: Workbook, books: Books, _: Settings) -> None:
    """Each source: how fresh it is, and its rows in, out and against the run before; what needs a look first."""
    order = {freshness: number for number, freshness in enumerate(FRESHNESS)}
    found = books.sources.iloc[books.sources["freshness"].map(order).argsort(kind="stable")]
    write_grid(
        book.sheet("Sources"),
        "Sources",
        [
            Field("Source", "wrapped", found["series"].tolist(), widest=40),
            Field("Kind", "wrapped", [quarantine.kind_name(kind) for kind in found["kind"]], widest=20),
            Field("Freshness", "wrapped", [_freshness(said) for said in found["freshness"]], widest=18),
            Field("Newest\nfile of", "day", day_numbers(found["taken_on"]), absent="not known"),
            Field("Age in\ndays", "whole", optional(found["age_days"]), absent="not known"),
            Field("Usually\nevery", "whole", optional(found["usual_days"]), absent="unknown"),
            Field("Stale\nafter", "whole", optional(found["limit_days"]), absent="never"),
            Field("Rows read", "whole", found["rows_read"].tolist(), total=True),
            Field("Accepted", "whole", found["rows_accepted"].tolist(), total=True),
            Field("Quarantined", "whole", found["rows_quarantined"].tolist(), total=True),
            Field("Run before", "whole", optional(found["rows_before"]), absent="not there", total=True),
            Field("Change", "whole", [_change(row) for row in found.itertuples()], absent="unknown", total=True),
        ],
        not_printed=[
            Field("Against the run before", "text", found["drift"].tolist(), absent="no run before"),
            Field("Layout", "text", found["layout"].tolist(), absent="none needed"),
            Field("Files", "whole", found["files"].tolist(), total=True),
            Field("Newest file", "text", found["newest_file"].tolist(), widest=70),
            Field("Newest day\nin it", "day", day_numbers(found["newest_on"]), absent="no date in it"),
        ],
        about="Each source, what needs a look first: how fresh it is, and its rows in and out.",
        note="A source is the files whose names differ in dates only. Usually every and stale after are days.",
        empty="No file has come in yet.",
    )


def write_files(book: Workbook, books: Books, _: Settings) -> None:
    """Each file that was read: its rows in and out, and the day it speaks of."""
    inputs = books.inputs.sort_values(["kind", "file"], kind="stable").iloc[:MOST_ROWS]
    write_grid(
        book.sheet("Files"),
        "SourceFiles",
        [
            Field("File", "wrapped", inputs["file"].tolist(), widest=52),
            Field("Kind", "text", [quarantine.kind_name(kind) for kind in inputs["kind"]]),
            Field("Layout", "text", inputs["layout"].tolist(), absent="none needed"),
            Field("Rows read", "whole", inputs["rows_read"].tolist(), total=True),
            Field("Accepted", "whole", inputs["rows_accepted"].tolist(), total=True),
            Field("Quarantined", "whole", inputs["rows_quarantined"].tolist(), total=True),
            Field("Taken on", "day", day_numbers(inputs["taken_on"]), absent="not known"),
            Field("Newest day\nin it", "day", day_numbers(inputs["newest_on"]), absent="no date in it"),
        ],
        about="Each file that was read, with its rows in and out.",
        note="" if len(books.inputs) <= MOST_ROWS else f"The first {MOST_ROWS:,} of {len(books.inputs):,}; all are in tables/inputs.csv.",
        empty="No file has come in yet.",
    )


def _freshness(said: str) -> str:
    state, word = FRESHNESS[said]
    return f"{words.SIGNS[state]} {word}".strip()


def _change(row: Any) -> int | None:
    return None if pd.isna(row.rows_before) else row.rows_read - int(row.rows_before)


def _rows(frame: pd.DataFrame) -> list[int | None]:
    return [row or None for row in frame["row"].tolist()]


def _values(frame: pd.DataFrame, values: str, columns: str) -> list[str]:
    return [quarantine.value_or_why_not(*cells) for cells in zip(frame[values], frame[columns], frame["file"], strict=True)]


def _counted(counts: pd.Series[int]) -> list[int | None]:
    return [count or None for count in counts.astype("int64").tolist()]


def _note(found: int) -> str:
    if found <= MOST_ROWS:
        return ROW_OR_LINE
    return f"The first {MOST_ROWS:,} of {found:,}, gravest first; all of them are in tables/findings.csv."
