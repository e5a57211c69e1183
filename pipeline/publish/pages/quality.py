"""Data quality: what was wrong with the input and what to do, code by code, and that no row was lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from pipeline import quality
from pipeline.findings import counted
from pipeline.publish import quarantine, words
from pipeline.publish.pages import answers, quality_sources
from pipeline.publish.pages.edition import Edition, download, rows_of
from pipeline.publish.pages.trace_rows import RowPages
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Links, Noted, Page, State
from pipeline.publish.quarantine import CodeCount

_SHOWN = 200  # findings in all, so that a page with ten thousand stays quick; but of each code at least
_FEWEST_EXAMPLES = 10
_MOST_FILES_NAMED = 5
_GRAVITY: dict[str, State] = {"error": "missed", "warning": "near", "note": "plain"}
_NOTHING = "Nothing was found to be wrong with the input."


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one code and grade: its anchor, how many in which files, what to do, and the first of them."""

    anchor: str
    chip: Chip
    title: str
    counted: str
    remedy: str
    files: str
    examples: Grid
    left_out: int


def pages(edition: Edition) -> Iterator[Page]:
    """The page of data quality."""
    codes = quarantine.by_code(edition.books.findings)
    yield Page(
        "quality.md",
        "pages/quality.md.j2",
        "Data quality",
        {
            "sentence": _sentence(edition, codes),
            "accepted_drift": edition.stamp.accepted_drift,
            "figures": _figures(edition, codes),
            "codes": _codes(codes),
            "answers": answers.view(edition),
            "groups": _groups(edition, codes),
            "matrix": quality_sources.matrix(edition),
            "budget": quality_sources.budget(edition),
            "sources": quality_sources.sources(edition),
            "inputs": quality_sources.inputs(edition),
            "as_measures": quality_sources.as_measures(edition),
            "workbook": download("", "data-quality.xlsx", "data-quality.xlsx"),
            "all_findings": download("", "tables/findings.csv", "findings.csv"),
            "all_inputs": download("", "tables/inputs.csv", "inputs.csv"),
            "all_sources": download("", "tables/sources.csv", "sources.csv"),
        },
    )


def _sentence(edition: Edition, codes: list[CodeCount]) -> str:
    at_stake = "".join(f" {told}." for told in (*quality.twice(edition.books.at_stake), *quality.corrected(edition.books.at_stake)))
    opening = quarantine.opening(edition.books.inputs)
    errors = sum(one.findings for one in codes if one.severity == "error")
    if edition.books.inputs.empty:
        return opening
    if not errors:
        return f"{opening}{at_stake} No error waits for anybody."
    waits = f"{words.count(errors, 'error')} {'waits' if errors == 1 else 'wait'} for somebody"
    return f"{opening}{at_stake} {waits}; the first list says what to do."


def _figures(edition: Edition, codes: list[CodeCount]) -> list[Figure]:
    inputs = edition.books.inputs
    read, accepted, quarantined = (int(inputs[name].sum()) for name in ("rows_read", "rows_accepted", "rows_quarantined"))
    lost = read - accepted - quarantined
    grades = {grade: sum(one.findings for one in codes if one.severity == grade) for grade in quarantine.GRAVEST_FIRST}
    others = f"and {words.count(grades['warning'], 'warning')}, {words.count(grades['note'], 'note')}"
    return [
        Figure("Rows read", words.count(read), basis=words.count(len(inputs), "file")),
        Figure(
            "Rows accepted",
            words.count(accepted),
            basis=f"{words.percent(accepted / read)} of all that was read, also of reference lists and closed months" if read else "",
            state="missed" if lost else "met",
            word=f"{lost:,} are lost: look into it" if lost else "every row is accounted for",
        ),
        quality_sources.set_aside(edition, quarantined),
        Figure("Errors", words.count(grades["error"]), basis=others, state="missed" if grades["error"] else "met",
               word="what to do stands below" if grades["error"] else "nothing to do"),
        quality_sources.stale(edition),
        quality_sources.against_the_run_before(edition),
    ]  # fmt: skip


def address_of(code: str, severity: str) -> str:
    """Where the findings of a code and grade stand, from a page at the root of the site."""
    return f"quality.html#{_anchor(severity, code)}"


def _anchor(severity: str, code: str) -> str:
    return f"{severity}-{code}"


def _codes(codes: list[CodeCount]) -> Grid:
    rows: list[list[Cell]] = [
        [
            Link(one.title, f"#{_anchor(one.severity, one.code)}"),
            Chip(one.severity, _GRAVITY[one.severity]),
            words.count(one.findings),
            words.count(one.files),
            one.remedy,
            one.code,
        ]
        for one in codes
    ]
    columns: tuple[Head, ...] = (Head("Finding"), Head("Grade", "short"), Head("Findings", "number"), Head("In files", "number"))
    columns += (Head("What to do"), Head("Code", "code"))
    return Grid("Findings by kind, gravest first", columns, rows, _NOTHING, things=True, captioned=False)


def _groups(edition: Edition, codes: list[CodeCount]) -> list[Group]:
    """The findings of each code, of which so many are shown that the whole page shows about `_SHOWN`."""
    examples = max(_FEWEST_EXAMPLES, _SHOWN // max(len(codes), 1))
    members = dict(list(edition.books.findings.groupby(["severity", "code"], sort=False)))
    pages_of_rows = edition.shared(RowPages)
    return [_group(one, members[one.severity, one.code], examples, pages_of_rows) for one in codes]


def _group(one: CodeCount, findings: pd.DataFrame, examples: int, pages_of_rows: RowPages) -> Group:
    columns: tuple[Head, ...] = (Head("Where", "path"), Head("Column", "code"), Head("Value, as read", "code"), Head("What is wrong"))
    columns += (Head("Done with it"),)
    said = words.count(one.findings, "finding")
    said = f"{said} in {words.count(one.files, 'file')}" if one.files > 1 else said
    return Group(
        _anchor(one.severity, one.code),
        Chip(one.severity, _GRAVITY[one.severity]),
        one.title,
        said,
        one.remedy,
        _files(findings["file"]),
        Grid(f"{one.title} ({one.severity})", columns, [_finding(row, pages_of_rows) for row in rows_of(findings.iloc[:examples])], "",
             things=True, captioned=False, name=f"{one.code} {one.severity}"),
        max(one.findings - examples, 0),
    )  # fmt: skip


def _files(files: pd.Series[str]) -> str:
    """The files with the most findings, each with its number."""
    counts = files.value_counts(sort=False).sort_index().sort_values(ascending=False, kind="stable")
    named = [f"{file or 'no single file'} ({number:,})" for file, number in counts.iloc[:_MOST_FILES_NAMED].items()]
    more = len(counts) - len(named)
    return ", ".join(named) + (f" and {words.count(more, 'file')} more" if more else "")


def _finding(row: object, pages_of_rows: RowPages) -> list[Cell]:
    found = dict(row._asdict())  # type: ignore[attr-defined]
    place = str(found["file"]) or "no single file"
    inside = ", ".join(part for part in (str(found["sheet"]), f"{counted(place)} {found['row']}" if found["row"] else "") if part)
    accepted = str(found["accepted"])
    trace = pages_of_rows.href((str(found["file"]), str(found["sheet"]), int(found["row"])), "")
    return [
        Links((Link(place, trace),), inside) if trace else Noted(place, inside) if inside else place,
        str(found["column"]) or "whole row",
        quarantine.value_or_why_not(str(found["value"]), str(found["column"]), str(found["file"])),
        str(found["reason"]),
        Noted(str(found["action"]), accepted) if accepted else str(found["action"]),
    ]
