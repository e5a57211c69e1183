"""The part of the data-quality page about files: the budget by kind, sources and their freshness, findings by file, rows in and out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline.publish import measure_words, quarantine, words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, State
from pipeline.publish.quarantine import FRESHNESS, Standing

ACCEPTED = "rows-accepted"
_MOST_FILES, _MOST_CODES = 25, 12
_NO_FILE = "No file has come in yet."
_NOTHING = "Nothing was found to be wrong with the input."


def set_aside(edition: Edition, quarantined: int) -> Figure:
    """The card of rows set aside: the kind that has used most of its budget says how it stands."""
    standings, limits = quarantine.standings(edition.books, edition.settings.quality), edition.settings.quality
    fullest = max(standings, key=lambda one: one.share, default=None)
    if fullest is None or not fullest.share:
        return Figure("Rows set aside", words.count(quarantined), state="met", word="none counts against the budget")
    warns = quarantine.limit(limits.warn_quarantined)
    used = f"{quarantine.kind_name(fullest.kind)}: {words.percent(float(fullest.share))}, a run warns above {warns}"
    state: State = "near" if fullest.share > limits.warn_quarantined else "met"
    return Figure(
        "Rows set aside", words.count(quarantined), basis=used, state=state, word=fullest.word if state == "near" else "within the budget"
    )


def stale(edition: Edition) -> Figure:
    """The card of sources that nothing new came from."""
    freshness = edition.books.sources["freshness"]
    judged = int(freshness.isin(["fresh", "late", "stale"]).sum())
    old, late = int((freshness == "stale").sum()), int((freshness == "late").sum())
    if not judged:
        return Figure("Stale sources", "0", basis="no source has a limit")
    word = "a newer export is wanted" if old else f"{words.count(late, 'source')} later than usual" if late else "all are fresh"
    state: State = "missed" if old else "near" if late else "met"
    return Figure("Stale sources", words.count(old), basis=f"of {words.count(judged)} with a limit", state=state, word=word)


def against_the_run_before(edition: Edition) -> Figure:
    """The card of rows against the previous run, over all kinds; what is missing of a kind says so."""
    standings = quarantine.standings(edition.books, edition.settings.quality)
    known = [one for one in standings if one.before is not None]
    if not known:
        return Figure("Against the run before", "first", basis="no earlier run is recorded with its files")
    change = sum(one.change for one in known)
    missing = [quarantine.kind_name(one.kind) for one in known if _dropped(one, edition)]
    if missing or edition.stamp.accepted_drift:
        return Figure("Against the run before", _signed(change), unit="rows", state="near", word="missing rows were accepted")
    return Figure("Against the run before", _signed(change), unit="rows", state="met", word="no kind lost more than it may")


def budget(edition: Edition) -> Grid:
    """Each kind of input against the limits of the settings, the worst first."""
    limits = edition.settings.quality
    standings = quarantine.standings(edition.books, limits)
    no_rows = "no run before" if all(one.before is None for one in standings) else "not compared"  # closed months come from no source
    rows: list[list[Cell]] = [
        [
            quarantine.kind_name(one.kind).capitalize(),
            Chip(one.word, one.state),
            words.count(one.read),
            words.count(one.quarantined),
            words.percent(float(one.share)),
            quarantine.limit(limits.warn_quarantined),
            quarantine.limit(limits.stop_quarantined),
            no_rows if one.before is None else words.count(one.before),
            "" if one.before is None else _signed(one.change),
            quarantine.limit(limits.max_row_drop),
        ]
        for one in standings
    ]
    columns: tuple[Head, ...] = (Head("Input"), Head("How it stands", "short"), Head("Rows read", "number"), Head("Set aside", "number"))
    columns += (Head("Share that counts", "number"), Head("Warns above", "number"), Head("Stops above", "number"))
    columns += (Head("Rows in the run before", "number"), Head("Change", "number"), Head("May fall by", "number"))
    return Grid("Each kind of input against its budget, the worst first", columns, rows, _NO_FILE, things=True, captioned=False)


def sources(edition: Edition) -> Grid:
    """Each source with its freshness and its rows against the run before; what needs a look first."""
    order = {freshness: number for number, freshness in enumerate(FRESHNESS)}
    table = edition.books.sources
    ordered = table.iloc[table["freshness"].map(order).argsort(kind="stable")]
    columns: tuple[Head, ...] = (
        Head("Source", "path"),
        Head("Freshness", "short"),
        Head("Newest file of", "date"),
        Head("Newest day in it", "date"),
    )
    columns += (Head("Usually every"), Head("Stale after"), Head("Files", "number"), Head("Rows", "number"), Head("Against the run before"))
    return Grid(
        "Sources: files that come again and again, those that need a look first",
        columns,
        [_source(row) for row in rows_of(ordered)],
        _NO_FILE,
        things=True,
        captioned=False,
    )


def matrix(edition: Edition) -> Grid:
    """Findings by file and code: the files with the most, the gravest codes."""
    findings = edition.books.findings
    codes = list(dict.fromkeys(one.code for one in quarantine.by_code(findings)))
    counts = findings.groupby(["file", "code"]).size().unstack(fill_value=0).reindex(columns=codes, fill_value=0)
    totals = counts.sum(axis=1).sort_values(ascending=False, kind="stable")
    counts = counts.loc[totals.index]
    shown = codes[:_MOST_CODES]
    rows: list[list[Cell]] = [
        [str(file) or "no single file", words.count(int(totals[file])), *(f"{int(number):,}" if number else "" for number in numbers)]
        for file, numbers in zip(counts.index[:_MOST_FILES], counts[shown].to_numpy()[:_MOST_FILES], strict=True)
    ]
    left = [words.count(len(codes) - len(shown), "code") if len(codes) > len(shown) else "",
            words.count(len(counts) - len(rows), "file") if len(counts) > len(rows) else ""]  # fmt: skip
    more = " and ".join(part for part in left if part)
    caption = "How many of each code in each file; an empty cell is none" + (f". {more} more stand in the workbook" if more else "")
    columns = (Head("File", "code"), Head("All", "number"), *(Head(code, "number") for code in shown))
    return Grid(caption, columns, rows, _NOTHING)


def inputs(edition: Edition) -> Grid:
    """Each input file with its rows in and out, those with quarantined rows first: a page carries the first, its CSV file all."""
    every = edition.books.inputs
    table = every.sort_values(["rows_quarantined", "kind", "file"], ascending=[False, True, True], kind="stable")
    rows: list[list[Cell]] = [
        [
            row.file,
            quarantine.kind_name(row.kind),
            row.layout or "none needed",
            words.count(row.rows_read),
            words.count(row.rows_accepted),
            words.count(row.rows_quarantined),
            words.day(row.newest_on, "no date in it"),
        ]
        for row in rows_of(table)
    ]
    columns: tuple[Head, ...] = (
        Head("File", "code"),
        Head("Kind"),
        Head("Layout"),
        Head("Rows read", "number"),
        Head("Accepted", "number"),
    )
    columns += (Head("Quarantined", "number"), Head("Newest day in it", "date"))
    sums = [words.count(int(every[name].sum())) for name in ("rows_read", "rows_accepted", "rows_quarantined")]
    total = ["Total", "", "", *sums, ""] if rows else []
    return Grid("Input files: rows read = accepted + quarantined", columns, rows, _NO_FILE, total, things=True, captioned=False)


def as_measures(edition: Edition) -> Grid:
    """How much of the evidence was accepted and how old it is, as measures with their targets: of all sources together, and of each that
    misses its target."""
    rows: list[list[Cell]] = []
    for measure in measured.explained("quality"):
        sources = sorted(edition.figures(measure.id, "source"))
        for dimension, member in (("office", ""), *(("source", member) for member in sources)):
            share = measured.at(edition, measure.id, f"{edition.today:%Y-%m}", dimension, member)
            if share is None or not share.known or (member and share.verdict != "missed"):
                continue
            target = measure_words.quantity(share.target, measure.unit) or "no target"
            now = measure_words.quantity(share.value, measure.unit)
            whole = "all sources but reference lists and closed months" if measure.id == ACCEPTED else "all sources"
            rows.append([measured.meaning(measure.id), member or whole, now, f"{share.n:,}", target, share.chip("not judged")])
    columns: tuple[Head, ...] = (Head("Measure", "name"), Head("Of", "path"), Head("Now", "number"), Head("Rests on", "number"))
    columns += (Head("Target", "number"), Head("Verdict"))
    return Grid("How much was accepted, and how old it is", columns, rows, "Nothing was read yet.", things=True, captioned=False)


def _source(row: Any) -> list[Cell]:
    state, word = FRESHNESS[row.freshness]
    age = "" if pd.isna(row.age_days) else words.in_days(-int(row.age_days))
    return [
        Noted(row.series, quarantine.kind_name(row.kind)),
        Chip(word, state),
        Noted(words.day(row.taken_on), age) if age else "not known",
        words.day(row.newest_on, "no date in it"),
        "unknown" if pd.isna(row.usual_days) else words.count(int(row.usual_days), "day"),
        "never" if pd.isna(row.limit_days) else words.count(int(row.limit_days), "day"),
        words.count(row.files),
        words.count(row.rows_read),
        _against_before(row),
    ]


def _against_before(row: Any) -> Cell:
    """The rows of a source against the run before, in words."""
    if row.drift == "":
        return "no run before"
    if row.drift == "new":
        return "new"
    change = row.rows_read - int(row.rows_before)
    said = f"{_signed(change)} rows"
    if row.drift in ("gone", "jumped"):
        return Chip(said if row.drift == "gone" else f"{said}: look at it", "missed" if row.drift == "gone" else "near")
    return said if change else "as many"


def _dropped(one: Standing, edition: Edition) -> bool:
    return bool(one.before) and 1 - Decimal(one.read) / Decimal(one.before or 1) > edition.settings.quality.max_row_drop


def _signed(rows: int) -> str:
    """`+12`, `−3` with a true minus sign, `0`."""
    return f"{'+' if rows > 0 else '−' if rows < 0 else ''}{abs(rows):,}"
