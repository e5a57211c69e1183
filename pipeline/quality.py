"""Whether a run may publish, and how its last lines read: the budget of the settings against what was quarantined or is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pipeline import changes
from pipeline.changes import Drift
from pipeline.contracts import Books, RunRecord
from pipeline.findings import CODES, sentence
from pipeline.money import dollars
from pipeline.reconcile import lost_rows, quarantine_shares
from pipeline.settings import Quality

PUBLISHED, PUBLISHED_WITH_WARNING = 0, 1
_MOST_PLACES = 5
_ABOUT_SOURCES = ("stale-source", "row-jump", "source-gone")
_GRAVEST = ("error", "warning", "note")


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


def judge(books: Books, current: RunRecord, before: RunRecord | None, limits: Quality, *, strict: bool, accept_drift: bool) -> Outcome:
    """Decide by the shares of quarantined rows and by the rows missing against the run before (DESIGN §3, §8).

    Raises `RefusedError` above `stop_quarantined`, for any quarantined row with `strict`, and above `max_row_drop` or where a layout has
    no rows any more unless `accept_drift`.
    """
    shares = quarantine_shares(books.inputs, books.findings)
    stopped = _above(shares, limits.stop_quarantined)
    reasons = [f"Too many rows are quarantined: {text}" for text in _sentences(shares, limits.stop_quarantined)]
    if strict and not stopped:
        stopped = _above(shares, Decimal(0))
        reasons += _strictly(shares)
    reasons += _places(books, stopped)
    drift = changes.drift(current, before, limits.max_row_drop)
    if not accept_drift:
        reasons += _missing(drift)
    if reasons:
        raise RefusedError("\n".join(reasons))
    warnings, accepted = _warnings(shares, limits), tuple(one.sentence for one in drift)
    where = ["What to do   reports/latest/data-quality.xlsx lists every finding"] if (books.findings["severity"] != "note").any() else []
    lines = (*summary(books), *sources_to_look_at(books), *warnings, *(f"Accepted     {sentence}" for sentence in accepted), *where)
    return Outcome(PUBLISHED_WITH_WARNING if warnings else PUBLISHED, lines, run_id=current.run_id, accepted_drift=accepted)


def summary(books: Books) -> tuple[str, ...]:
    """What was read, quarantined and charged, in three lines."""
    inputs, ledger = books.inputs, books.ledger
    cents = int(ledger["amount_cents"].sum())
    severities = books.findings["severity"].value_counts()
    return (
        f"Read         {int(inputs['rows_read'].sum()):,} rows and certificate blocks of {len(inputs):,} files",
        f"Quarantined  {int(inputs['rows_quarantined'].sum()):,} of them; "
        + ", ".join(f"{int(severities.get(name, 0)):,} {name}s" for name in ("error", "warning", "note")),
        f"Charged      {dollars(cents)} in {_count(len(ledger), 'ledger line')} on {_count(len(books.invoices), 'invoice')}",
    )


def sources_to_look_at(books: Books) -> list[str]:
    """Sources that are stale, gone, or suddenly much longer or shorter: a line each, and how many more."""
    told = books.findings[books.findings["code"].isin(_ABOUT_SOURCES) & (books.findings["severity"] != "note")]
    columns = told[["file", "code", "reason"]].itertuples(index=False, name=None)
    lines = [f"Look at      data/{file} [{code}]: {reason}" for file, code, reason in columns]
    return lines[:_MOST_PLACES] + ([f"  and {len(lines) - _MOST_PLACES:,} more sources"] if len(lines) > _MOST_PLACES else [])


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def finding_lines(books: Books) -> tuple[str, ...]:
    """One line a kind of finding, gravest and most frequent first: how many, what it is, what to do."""
    counts = Counter(zip(books.findings["severity"], books.findings["code"], strict=True))
    rows = [(_GRAVEST.index(severity), -count, code) for (severity, code), count in counts.items()]
    return tuple(
        f"{_GRAVEST[rank]:<8} {-less:>6,} x {code}: {CODES[code].title}. {CODES[code].remedy}" for rank, less, code in sorted(rows)
    )


def _missing(drift: Sequence[Drift]) -> list[str]:
    """What is missing, with the files that are gone or shorter, and the two ways on."""
    lines = []
    for one in drift:
        lines.append(f"Rows are missing: {one.sentence}")
        lines += [f"  {file}" for file in one.files[:_MOST_PLACES]]
        if len(one.files) > _MOST_PLACES:
            lines.append(f"  and {len(one.files) - _MOST_PLACES:,} files more")
    if drift:
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
    """The first quarantined rows of these kinds: file, row, rule and remedy, so that whoever reads the message can act on it."""
    files = books.inputs.loc[books.inputs["kind"].isin(kinds), "file"]
    lost = lost_rows(books.findings)
    rows = lost[lost["file"].isin(files)]
    columns = ("code", "file", "sheet", "row", "column", "reason")
    shown = [f"  {sentence(*row)}" for row in rows[list(columns)].head(_MOST_PLACES).itertuples(index=False, name=None)]
    return [*shown, f"  and {len(rows) - _MOST_PLACES:,} more; `certledger check` lists the rules"] if len(rows) > _MOST_PLACES else shown
