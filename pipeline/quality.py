"""Whether a run may publish, and how its last lines read: the budget of the settings against what was quarantined or is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from pipeline import changes
from pipeline.changes import Drift
from pipeline.contracts import Books, EarlierRuns, RunRecord
from pipeline.findings import CODES, counted, sentence, shown_file
from pipeline.money import dollars, span
from pipeline.reconcile import lost_rows, quarantine_shares
from pipeline.settings import Quality

PUBLISHED, PUBLISHED_WITH_WARNING = 0, 1
_MOST_PLACES = 5
_MOST_FILES = 3
_ABOUT_SOURCES = ("stale-source", "row-jump", "export-cut", "source-gone")
_TWICE = ("charged-twice", "order-spelled-twice")
_ABOUT_MONEY = (*_TWICE, "charge-corrected", "closed-line-corrected", "adjustment-not-posted")
_GRAVEST = ("error", "warning", "note")
# What people enter are a few lines, each of which is told and set aside by itself: a share of them says nothing.
_JUDGED_BY_LINE = ("entries",)


class RefusedError(Exception):
    """The input is too bad to publish; the text says what and how much, one line a reason."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended: its exit code, where it was published, what to say of it, and what was missing and let pass."""

    exit_code: int
    lines: tuple[str, ...]
    folder: str = ""
    run_id: str = ""
    accepted_drift: tuple[str, ...] = ()

    def published_at(self, folder: str) -> Outcome:
        """The same outcome, with the place."""
        return replace(self, folder=folder)


def judge_again(shares: dict[str, Decimal], limits: Quality, run_id: str, *, strict: bool) -> Outcome:
    """The outcome of a run that lies there published and still verifies: judged as it was, by its `shares`, and nothing is done.

    Raises `RefusedError` for any quarantined row with `strict`.
    """
    if strict and _above(shares, Decimal(0)):
        raise RefusedError("\n".join(_strictly(shares)))
    standing = "Nothing changed since this run was published; it was checked and stands."
    warnings = _warnings(shares, limits)
    return Outcome(PUBLISHED_WITH_WARNING if warnings else PUBLISHED, (standing, *warnings), run_id=run_id)


def judge(books: Books, current: RunRecord, earlier: EarlierRuns, limits: Quality, *, strict: bool, accept_drift: bool) -> Outcome:
    """Decide by the shares of quarantined rows and by the rows missing against `earlier` runs (DESIGN §3, §8).

    Raises `RefusedError` above `stop_quarantined`, for any quarantined row with `strict`, and, unless `accept_drift`, above `max_row_drop`
    (of a kind, of one source, or of what the export before told) or where a layout has no rows any more. What was let pass is kept with
    the run only as against the run before: what is shown when a run is made must not change its bytes.
    """
    shares = quarantine_shares(books.inputs, books.findings)
    stopping = {kind: share for kind, share in shares.items() if kind not in _JUDGED_BY_LINE}
    stopped = _above(stopping, limits.stop_quarantined)
    reasons = [f"Too many rows are quarantined: {text}" for text in _sentences(stopping, limits.stop_quarantined)]
    if strict and not stopped:
        stopped = _above(shares, Decimal(0))
        reasons += _strictly(shares)
    reasons += _places(books, stopped)
    most = limits.max_row_drop
    drift, since = (
        (*changes.drift(current, one, most), *changes.cut_exports(books.inputs, one, most)) for one in (earlier.before, earlier.shown)
    )
    moved = changes.in_short(current, earlier.shown or earlier.before)
    if not accept_drift:
        reasons += _missing(drift or since, moved)
    if reasons:
        raise RefusedError("\n".join(reasons))
    warnings, accepted = _warnings(shares, limits), tuple(one.sentence for one in drift or since)
    where = ["What to do   reports/latest/data-quality.xlsx lists every finding"] if (books.findings["severity"] != "note").any() else []
    let_pass = [f"Accepted     {sentence}" for sentence in accepted]
    lines = (*summary(books), *moved, *money_to_look_at(books), *sources_to_look_at(books), *warnings, *let_pass, *where)
    kept = tuple(one.sentence for one in drift)
    return Outcome(PUBLISHED_WITH_WARNING if warnings else PUBLISHED, lines, run_id=current.run_id, accepted_drift=kept)


def summary(books: Books) -> tuple[str, ...]:
    """What was read, quarantined and charged, and what waits until somebody is known to pay it, a line each."""
    inputs, ledger = books.inputs, books.ledger
    cents = int(ledger["amount_cents"].sum())
    severities = books.findings["severity"].value_counts()
    waiting = books.waiting[books.waiting["kind"] != "rate"]
    least, most = int(waiting["least_cents"].sum()), int(waiting["most_cents"].sum())
    orders = int(waiting["orders"].sum())
    came_in, closed = inputs[inputs["kind"] != "closed"], books.closed
    lines = (
        f"Read         {int(came_in['rows_read'].sum()):,} rows and certificate blocks of {len(came_in):,} files",
        f"Quarantined  {int(inputs['rows_quarantined'].sum()):,} of them; "
        + ", ".join(f"{int(severities.get(name, 0)):,} {name}s" for name in ("error", "warning", "note")),
        f"Charged      {dollars(cents)} in {_count(len(ledger), 'ledger line')} on {_count(len(books.invoices), 'invoice')}",
    )
    waits = f"Waiting      {span(least, most)} of {_count(orders, 'order')}: an agency or a product is not known"
    stands = f"Closed       {_count(len(closed.periods), 'month')}, {dollars(int(closed.ledger['amount_cents'].sum()))} of it"
    return (
        *lines,
        *([stands] if len(closed.periods) else []),
        *([waits] if orders else []),
        *(f"Twice?       {told}" for told in twice(books.at_stake)),
        *(f"Corrected    {told}" for told in corrected(books.at_stake)),
    )


def twice(at_stake: pd.DataFrame) -> list[str]:
    """How much may be charged twice (AT_STAKE); nothing where nothing is."""
    found = at_stake[at_stake["code"].isin(_TWICE) & (at_stake["more_cents"] > 0)]
    return [f"{dollars(int(found['more_cents'].sum()))} may be charged twice, in {_count(len(found), 'case')}"] if len(found) else []


def corrected(at_stake: pd.DataFrame) -> list[str]:
    """How much less and more is charged because of corrections, and who entered them; nothing where no bill is another one (AT_STAKE)."""
    told = at_stake[at_stake["code"] == "charge-corrected"]
    less, more = int(told["less_cents"].sum()), int(told["more_cents"].sum())
    amounts = [f"{dollars(cents)} {word}" for cents, word in ((less, "less"), (more, "more")) if cents]
    names = sorted({name for by in told["by"] for name in by.split(", ")})
    return [f"{' and '.join(amounts)} is charged because of corrections by {', '.join(names)}"] if amounts else []


def sources_to_look_at(books: Books) -> list[str]:
    """Sources that are stale, gone, or suddenly much longer or shorter: a line each, and how many more."""
    return _look_at(books, books.findings["code"].isin(_ABOUT_SOURCES), "sources")


def money_to_look_at(books: Books) -> list[str]:
    """What may be charged twice, what corrections took off a bill, and lines of data/entries that count for nothing, which people wrote to
    move money: a line each, those of data/entries first, and how many more."""
    return _look_at(books, books.findings["code"].isin(_ABOUT_MONEY) | _is_entered_in_vain(books.findings), "findings about money")


def _is_entered_in_vain(findings: pd.DataFrame) -> pd.Series[bool]:
    return findings["file"].str.startswith("entries/") & (findings["severity"] == "error")


def _look_at(books: Books, asked: pd.Series[bool], things: str) -> list[str]:
    told = books.findings[asked & (books.findings["severity"] != "note")]
    gravest = told["severity"].map(_GRAVEST.index)
    told = told.assign(gravest=gravest, entered=~_is_entered_in_vain(told)).sort_values(["gravest", "entered"], kind="stable")
    columns = told[["file", "row", "code", "reason"]].itertuples(index=False, name=None)
    lines = [
        f"Look at      data/{file}{f', {counted(file)} {row}' if row else ''} [{code}]: {reason}" for file, row, code, reason in columns
    ]
    return lines[:_MOST_PLACES] + ([f"  and {len(lines) - _MOST_PLACES:,} more {things}"] if len(lines) > _MOST_PLACES else [])


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def finding_lines(books: Books) -> tuple[str, ...]:
    """Of each kind of finding, gravest and most frequent first: how many, what it is, what to do; and in which files most of them are."""
    counts = Counter(zip(books.findings["severity"], books.findings["code"], strict=True))
    files: dict[tuple[str, str], Counter[str]] = {}
    for severity, code, file in books.findings[["severity", "code", "file"]].itertuples(index=False, name=None):
        files.setdefault((severity, code), Counter())[file] += 1
    rows = [(_GRAVEST.index(severity), -count, code) for (severity, code), count in counts.items()]
    lines = []
    for rank, less, code in sorted(rows):
        lines.append(f"{_GRAVEST[rank]:<8} {-less:>6,} x {code}: {CODES[code].title}. {CODES[code].remedy}")
        lines.append(f"{'':<17}in {_where(files[_GRAVEST[rank], code])}")
    return tuple(lines)


def _where(files: Counter[str]) -> str:
    """The files with the most, each with its number."""
    ordered = sorted(files.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{shown_file(file)} ({number:,})" for file, number in ordered[:_MOST_FILES]]
    more = len(ordered) - len(shown)
    return ", ".join(shown) + (f" and {_count(more, 'file')} more" if more > 0 else "")


def _missing(drift: Sequence[Drift], moved: Sequence[str]) -> list[str]:
    """What is missing, with the files that are gone or shorter, what that moves in the books, and the two ways on."""
    lines = []
    for one in drift:
        lines.append(f"Rows are missing: {one.sentence}")
        lines += [f"  {file}" for file in one.files[:_MOST_PLACES]]
        if len(one.files) > _MOST_PLACES:
            lines.append(f"  and {len(one.files) - _MOST_PLACES:,} files more")
    if drift:
        lines += moved
        lines.append(
            "Put the files back and run again; if the rows are gone for good, `certledger run --accept-drift` publishes without them."
        )
    return lines


def _above(shares: dict[str, Decimal], limit: Decimal) -> list[str]:
    return sorted(kind for kind, share in shares.items() if share > limit)


def _strictly(shares: dict[str, Decimal]) -> list[str]:
    return [f"With --strict no row may be quarantined: {text}" for text in _sentences(shares, Decimal(0))]


def _warnings(shares: dict[str, Decimal], limits: Quality) -> tuple[str, ...]:
    above = _sentences(shares, limits.warn_quarantined)
    return tuple(f"Warning, more rows quarantined than warn_quarantined allows: {text}" for text in above)


def _sentences(shares: dict[str, Decimal], limit: Decimal) -> list[str]:
    return [f"{kind} {shares[kind]:.1%} (limit {limit:.0%})" for kind in _above(shares, limit)]


def _places(books: Books, kinds: list[str]) -> list[str]:
    """Where the rows of these kinds are lost, by file and rule, most rows first, each with its first place and the remedy."""
    read = books.inputs[books.inputs["kind"].isin(kinds)].set_index("file")["rows_read"]
    lost = lost_rows(books.findings)
    lost = lost[lost["file"].isin(read.index) & (lost["row"] > 0)]
    columns = ["file", "code", "sheet", "row", "column", "reason"]
    first = lost[columns].drop_duplicates(["file", "code"])
    counts = lost.drop_duplicates(["file", "code", "sheet", "row"]).groupby(["file", "code"]).size()
    groups = sorted((-int(counts[file, code]), file, code, *place) for file, code, *place in first.itertuples(index=False, name=None))
    shown = [
        f"  {-less:,} of {int(read[file]):,} rows of data/{file}, the first: {sentence(code, file, *place)}"
        for less, file, code, *place in groups[:_MOST_PLACES]
    ]
    more = len(groups) - _MOST_PLACES
    return [*shown, f"  and {more:,} more kinds of fault; `certledger check` lists the rules"] if more > 0 else shown
