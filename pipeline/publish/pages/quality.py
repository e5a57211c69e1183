"""Data quality: what was wrong with the input, where it stands and what to do, and that no row was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipeline.findings import CODES, counted
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, download, rows_of
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, Page, State

_SHOWN = 200
_GRAVITY: dict[str, State] = {"error": "missed", "warning": "near", "note": "plain"}
_RANK = {"error": 0, "warning": 1, "note": 2}


def pages(edition: Edition) -> Iterator[Page]:
    """The page of data quality."""
    findings = edition.books.findings
    ordered = findings.iloc[findings["severity"].map(_RANK).argsort(kind="stable")]
    yield Page(
        "quality.md",
        "pages/quality.md.j2",
        "Data quality",
        {
            "sentence": _sentence(edition),
            "figures": _figures(edition),
            "codes": _codes(edition),
            "files": _files(edition),
            "inputs": _inputs(edition),
            "findings": Grid(
                "Findings, errors first",
                (
                    Head("Grade", "short"),
                    Head("Finding"),
                    Head("Where", "path"),
                    Head("Column", "code"),
                    Head("What stood there", "code"),
                    Head("What is wrong"),
                    Head("Done with it"),
                ),
                [_finding(row) for row in rows_of(ordered.iloc[:_SHOWN])],
                "Nothing was found to be wrong with the input.",
                things=True,
            ),
            "left_out": max(len(findings) - _SHOWN, 0),
            "all_findings": download("", "tables/findings.csv", "findings.csv"),
            "all_inputs": download("", "tables/inputs.csv", "inputs.csv"),
        },
    )


def _sentence(edition: Edition) -> str:
    inputs = edition.books.inputs
    if inputs.empty:
        return "No file has come in yet."
    read, quarantined = int(inputs["rows_read"].sum()), int(inputs["rows_quarantined"].sum())
    share = f" ({words.percent(quarantined / read)})" if read else ""
    return (
        f"Of {words.count(read, 'row')} and certificate blocks in {words.count(len(inputs), 'file')}, {quarantined:,}{share} "
        "were set aside and not used; every one of them is listed below, with the reason."
    )


def _figures(edition: Edition) -> list[Figure]:
    inputs, findings = edition.books.inputs, edition.books.findings
    read, accepted, quarantined = (int(inputs[name].sum()) for name in ("rows_read", "rows_accepted", "rows_quarantined"))
    lost = read - accepted - quarantined
    return [
        Figure("Rows read", words.count(read), basis=words.count(len(inputs), "file")),
        Figure("Rows accepted", words.count(accepted), basis=words.percent(accepted / read) if read else ""),
        Figure("Rows quarantined", words.count(quarantined), basis=words.percent(quarantined / read) if read else ""),
        Figure(
            "Rows lost", words.count(lost), state="missed" if lost else "met", word="look into it" if lost else "every row is accounted for"
        ),
        Figure("Errors", words.count(int((findings["severity"] == "error").sum())), basis="findings"),
        Figure("Warnings and notes", words.count(int((findings["severity"] != "error").sum())), basis="findings"),
    ]


def _codes(edition: Edition) -> Grid:
    counts = Counter(zip(edition.books.findings["severity"], edition.books.findings["code"], strict=True))
    ordered = sorted(counts, key=lambda kind: (_RANK[kind[0]], -counts[kind], kind[1]))
    rows: list[list[Cell]] = [
        [
            Noted(code, CODES[code].title),
            Chip(severity, _GRAVITY[severity]),
            words.count(counts[severity, code]),
            CODES[code].remedy,
        ]
        for severity, code in ordered
    ]
    columns: tuple[Head, ...] = (Head("Finding"), Head("Grade", "short"), Head("How many", "number"), Head("What to do"))
    return Grid("Findings by kind, gravest first", columns, rows, "Nothing was found to be wrong with the input.", things=True)


def _files(edition: Edition) -> Grid:
    findings = edition.books.findings
    counts = findings.groupby(["file", "severity"]).size().unstack(fill_value=0).reindex(columns=list(_RANK), fill_value=0)
    counts = counts.sort_values(list(_RANK), ascending=False, kind="stable")
    rows: list[list[Cell]] = [
        [file or "no single file", *(words.count(int(number)) for number in numbers)]
        for file, numbers in zip(counts.index, counts.to_numpy(), strict=True)
    ]
    columns: tuple[Head, ...] = (Head("File", "code"), Head("Errors", "number"), Head("Warnings", "number"), Head("Notes", "number"))
    return Grid("Findings by file", columns, rows, "Nothing was found to be wrong with the input.", things=True, captioned=False)


def _inputs(edition: Edition) -> Grid:
    inputs = edition.books.inputs.sort_values(["kind", "file"], kind="stable")
    rows: list[list[Cell]] = [
        [
            row.file,
            row.kind,
            row.layout or "none needed",
            words.count(row.rows_read),
            words.count(row.rows_accepted),
            words.count(row.rows_quarantined),
            words.day(row.newest_on, "no date in it"),
        ]
        for row in rows_of(inputs)
    ]
    columns: tuple[Head, ...] = (
        Head("File", "code"),
        Head("Kind"),
        Head("Layout"),
        Head("Rows read", "number"),
        Head("Accepted", "number"),
    )
    columns += (Head("Quarantined", "number"), Head("Newest day in it", "date"))
    sums = [words.count(int(inputs[name].sum())) for name in ("rows_read", "rows_accepted", "rows_quarantined")]
    return Grid(
        "Input files: rows read = accepted + quarantined",
        columns,
        rows,
        "No file has come in yet.",
        ["Total", "", "", *sums, ""] if rows else [],
        things=True,
    )


def _finding(row: object) -> list[Cell]:
    found = dict(row._asdict())  # type: ignore[attr-defined]
    place = str(found["file"]) or "no single file"
    inside = ", ".join(part for part in (str(found["sheet"]), f"{counted(place)} {found['row']}" if found["row"] else "") if part)
    return [
        Chip(str(found["severity"]), _GRAVITY[str(found["severity"])]),
        str(found["code"]),
        Noted(place, inside) if inside else place,
        str(found["column"]) or "whole row",
        str(found["value"]) or "nothing",
        Noted(str(found["reason"]), str(found["accepted"])) if found["accepted"] else str(found["reason"]),
        str(found["action"]),
    ]
