"""Data: everything of the run that can be taken away, with what it is for: the database, the workbooks, the tables."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import addresses
from pipeline.contracts import PUBLISHED
from pipeline.publish import journal_file, words
from pipeline.publish.pages import reference
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.parts import Cell, Grid, Head, Link, Links, Page

_BOOKS = (
    ("metrics.xlsx", "Service levels: every measure with its months, charts, definitions and the rows behind it, for directors"),
    ("budget-hearing.xlsx", "Ten measures and the money: two years past, this one, the next with shorter lives, a sentence each"),
    ("certificates.xlsx", "Certificates, rule breaks, keys and issuers, for the security office"),
    ("data-quality.xlsx", "Every finding with its place and what to do, rows in and out, reconciliation"),
    ("to-answer.xlsx", "The questions that only a person can answer; fill in, save, hand back"),
)


def pages(edition: Edition) -> Iterator[Page]:
    """The page of downloads; internal, for the files hold everything."""
    frames = edition.books.published()
    rows = sum(len(frame) for frame in frames.values())
    yield Page(
        "data.md",
        "pages/data.md.j2",
        "Data to take away",
        {
            "sentence": f"All of the books of {words.long_day(edition.today)}: {words.count(len(frames), 'table')} with "
            f"{words.count(rows, 'row')}, as one database, as workbooks and as plain tables.",
            "database": download("", addresses.SQLITE, addresses.SQLITE),
            "workbooks": _workbooks(edition),
            "tables": _tables(edition),
        },
    )


def _workbooks(edition: Edition) -> Grid:
    years = sorted({str(period)[:6] for period in edition.books.ledger["period"].unique()}, reverse=True)
    charges = "summary, lines, journal, lots, recovery, checks"
    listed = [(f"finance/{year}.xlsx", f"Charges of fiscal year {year[2:]}: {charges}") for year in years]
    listed += [
        (journal_file.journal_path(int(year[2:])), f"Journal of fiscal year {year[2:]}, for the state's accounting") for year in years
    ]
    rows: list[list[Cell]] = [[download("", path, path.rpartition("/")[2]), said] for path, said in (*listed, *_BOOKS)]
    return Grid("Workbooks and journals", (Head("File", "name"), Head("What it holds")), rows, "", things=True, captioned=False)


def _tables(edition: Edition) -> Grid:
    frames = edition.books.published()
    rows: list[list[Cell]] = [
        [
            Link(table.name, reference.address_of(table)),
            table.row,
            words.count(len(frames[table.name])),
            Links(tuple(download("", f"tables/{table.name}.{kind}", f"{table.name}.{kind}") for kind in ("csv", "parquet", "json"))),
        ]
        for table in PUBLISHED
    ]
    heads: tuple[Head, ...] = (Head("Table", "name"), Head("One row is"), Head("Rows", "number"), Head("Files"))
    return Grid("Tables of this run", heads, rows, "", things=True, captioned=False)
