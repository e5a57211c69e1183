"""Laws: read by the column, a text tells the same as read row by row by the strict reader; dates read at once are the dates read one by
one; and a column of texts is its texts."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.settings import Settings, Source
from pipeline.sources import dates, delimited, iso_dates, plain_text, recognition, sheet_files, sheets, text_rows
from pipeline.sources.dates import ISO
from pipeline.sources.delimited import DelimitedText
from pipeline.sources.layouts import Layout
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.sheets import Sheet
from pipeline.sources.text_column import TEXT, TextColumn
from pipeline.sources.typed_rows import TABLES

Plain = Layout(
    "plain", "requests", "request_rows", columns={"one": ("one",), "two": ("two", "three"), "three": ("three",)}, needs=("one",),
    missing=frozenset({"?", "none"}), values={"three": {"Left": "links", "gone": ""}},
)  # fmt: skip
WithTrailers = dataclasses.replace(Plain, trailers=(r"\d+ Rows", "-{3}"))
LABELS = ("one", " Two ", "three", "", "four")
WORDS_OF_ROWS = (
    "Total",
    "sub-total:",
    "GRAND TOTALS ",
    "Sum",
    "totals",
    "two ",
    "\u017fum",
    "3 Rows",
    "---",
    "one",
    "ONE ",
    "two",
    "?",
    "NONE",
    "left",
    "gone",
    "=1+1",
)
MARKS = ("\x00", "\x1a", "\x7f", "\x85", "\u202e", "\u2067", "\ufffe", "\ue000", "\t", "a\tb")
PLAIN_CELLS = ("", " ", "\u00a0", "\u3000", "x", "é", "\u200bz\ufeff", "a" * 300, "日本")
CELL = st.one_of(st.sampled_from(WORDS_OF_ROWS + MARKS + PLAIN_CELLS), st.text(max_size=4), st.text('",;ab \n\r\u00a0é', max_size=6))
LINE_END = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])


@st.composite
def texts(draw: st.DrawFn) -> DelimitedText:
    """Delimited text, mostly as programs write it: some of it with quotes, blank lines and line ends where none should be."""
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|", "a", "é"]))
    width = draw(st.integers(1, 5))
    line_end = draw(LINE_END)
    before = draw(st.lists(st.sampled_from(["", "a title", "one,two"]), max_size=2))
    header = [*LABELS[:width]]
    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=8))
    lines = [*before, delimiter.join(header)]
    for cells in rows:
        shape = draw(st.sampled_from(["right"] * 8 + ["short", "long", "header", "blank"]))
        cells = {"short": cells[:-1], "long": [*cells, "more"], "header": header, "blank": []}.get(shape, cells)
        careful = draw(st.sampled_from([True] * 9 + [False]))
        lines.append(delimiter.join(_written(cell, delimiter, always=draw(st.booleans())) if careful else cell for cell in cells))
    ends = [line_end if draw(st.sampled_from([True] * 9 + [False])) else draw(LINE_END) for _ in lines]
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return DelimitedText(text[: len(text) - draw(st.integers(0, 2))], delimiter, len(before) + 1)


def _written(cell: str, delimiter: str, *, always: bool) -> str:
    return '"' + cell.replace('"', '""') + '"' if always or any(mark in cell for mark in (delimiter, '"', "\r", "\n")) else cell


def _told(source: DelimitedText, layout: Layout, *, by_column: bool) -> Any:
    """What `take` makes of a text, or why it is refused, in a form that can be compared."""
    try:
        sheet = Sheet("", *delimited.table(source), delimited=source if by_column else None)
        taken = text_rows.take("requests/x.csv", sheet, layout)
    except Refused as refused:
        return refused.finding("requests/x.csv")
    columns = {name: (column.each(), column.words()) for name, column in taken.columns.items()}
    return taken.rows.tolist(), columns, taken.labels, taken.rows_read, taken.findings, taken.set_aside


@settings(max_examples=5 * settings.default.max_examples)
@given(texts(), st.sampled_from([Plain, WithTrailers]))
@example(DelimitedText("one,two\n1,2\none, Two\nONE ,two\nTotal,2\n", ","), Plain)
@example(DelimitedText('one,two\n"a""b","c\n d"\n', ","), Plain)
@example(DelimitedText('one\n"x"\r\n\r\n\ry\n"Total"', ","), Plain)
@example(DelimitedText(',two\n,"\nTotal"\n,two\n, total\n', ","), Plain)
@example(DelimitedText("one,two,\n1,2,\n3,4,5\n" + "x" * 131_073 + ",,", ","), Plain)
@example(DelimitedText("one,two,\n" + "x" * 131_073 + ",,\n3,4,5\n", ","), Plain)
def test_by_the_column_or_by_the_row_is_the_same(source: DelimitedText, layout: Layout) -> None:
    assert _told(source, layout, by_column=False) == _told(source, layout, by_column=True)


def test_most_texts_are_read_by_the_column() -> None:
    whole = 'one,two\n"a ""b""","c\n d"\r\n\x00,\n"Total",1\n\r\ny,z,"w"\n'
    assert [1, 1, 1, 0] == [
        plain_text.scanned(DelimitedText(text, ","), 2) is not None
        for text in ("one,two\n1,2", whole, whole.replace("\n", "\r"), whole + 'a "b" c,d\n')
    ]


@given(texts(), st.sampled_from([1, 2, 5]))
def test_where_a_scan_pauses_makes_no_difference(source: DelimitedText, chunk: int) -> None:
    try:
        width = len(delimited.table(source)[0])
    except Refused:
        return
    scans = [plain_text.scanned(source, width, size) for size in (chunk, 2**20)]
    one, other = [scan and [np.asarray(value).tolist() for value in dataclasses.astuple(scan)] for scan in scans]
    assert one == other


STAMP = st.one_of(
    st.sampled_from(["", "2026-03-08 02:30", "2026-11-01T01:30:00", "9999-12-31", "2026-02-30", "yesterday", "2026-11-02 9:00 PM"]),
    st.datetimes().map(lambda when: when.isoformat(" ", "seconds")),
    st.from_regex(r"(19|20|18)\d\d-[01]\d-[0-3]\d([T ][012]\d:[0-6]\d(:[0-6]\d)?(Z|z|[+-][01]\d:[0-6]\d|\.\d{1,3})?)?", fullmatch=True),
    st.from_regex(ISO.pattern, fullmatch=True),
    st.text("0123456789-:TZ+ .", max_size=25),
)
DIRTY = st.builds(
    lambda stamp, at, mark: stamp[:at] + mark + stamp[at + 1 :],
    STAMP,
    st.integers(0, 24),
    st.sampled_from(["é", "/", ":", "-", " ", "٣", "0"]),
)


@given(st.lists(st.one_of(STAMP, DIRTY), max_size=20))
def test_dates_read_at_once_are_the_dates_read_one_by_one(written: list[str]) -> None:
    moments = dates.read(ISO, pa.array(written, type=TEXT))
    expected = [ISO.read(text) for text in written]
    assert [moment and moment.when for moment in expected] == moments.when.tolist()
    assert [moment and moment.offset for moment in expected] == moments.offset.tolist()
    assert [moment is not None and moment.has_time for moment in expected] == moments.has_time.tolist()


def test_the_usual_shapes_are_read_at_once() -> None:
    usual = ["2026-11-02", "2026-11-02 14:00", "2026-11-02T14:00:00Z", "2026-11-02 14:00:00-05:00", "2028-02-29T14:00+14:00"]
    unusual = ["2026-11-2", "2027-02-29", "1899-12-31", "2026-11-02 24:00", "2026-11-02 14:00:60", "2026-11-02 14:00+15:00", "é026-11-02"]
    assert [False] * 5 + [True] * 7 == np.isnat(iso_dates.read(pa.array([*usual, *unusual], type=TEXT)).when).tolist()


@given(st.lists(st.sampled_from(["", "a", "b ", " b", "c"]), max_size=8), st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_column_of_texts_is_its_texts(written: list[str], flags: list[bool]) -> None:
    column = TextColumn.of_list(written)
    where = np.array(flags[: len(written)], dtype=bool)
    other = [text.upper() for text in reversed(written)]
    stripped = [text.strip() for text in written]
    assert written == column.each() == column.series().tolist()
    assert list(dict.fromkeys(written)) == column.words()
    assert list(dict.fromkeys(stripped)) == column.trimmed(" ").words()
    assert stripped == column.trimmed(" ").each() == column.renamed(str.strip).each()
    assert ["" if flag else text for text, flag in zip(written, where, strict=True)] == column.emptied(where).each()
    assert [one or two for one, two in zip(written, other, strict=True)] == column.or_else(TextColumn.of_list(other)).each()
    assert [written.index(text) for text in column.words()] == column.first_rows().tolist()
    assert [written.count(text) for text in column.words()] == column.counts()


REQUESTS = ("request_id", "kind", "agency", "submitted_at", "first_response_at", "completed_at", "status", "contact_email")
WORDS = st.sampled_from(["", "new", "Renewal", "teleport", "open", "Completed", "melted", " DLH ", 'a,"b"', "two\nlines", "\x07"])


@given(st.lists(st.lists(st.one_of(STAMP, WORDS), min_size=8, max_size=8), max_size=8))
def test_typed_rows_are_the_same_by_the_column_or_by_the_row(rows: list[list[str]]) -> None:
    lines = [",".join(_written(cell, ",", always=False) for cell in cells) for cells in [REQUESTS, *rows]]
    raw = RawFile("inbox/requests/x.csv", "\n".join(lines).encode(), "")
    source, builders = Source(files="*"), {name: builder for name, (_, builder) in TABLES.items()}
    found = []
    for by_column in (True, False):
        (sheet,) = sheets.read(raw, source)
        sheet.delimited = sheet.delimited if by_column else None
        chosen = sheet_files.chosen_sheet([sheet], recognition.candidates("requests", source), source)
        reading = sheet_files.of_sheet(raw, *chosen, source, Settings(), builders)
        found.append((str(reading.frame.to_dict()), reading.rows.tolist(), reading.newest.tolist(), reading.findings, reading.set_aside))
    assert found[0] == found[1]
