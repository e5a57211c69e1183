"""Monthly reports: a page a month with its main measures and its money; a draft until the close, then what the close froze, with what
reads otherwise now beside it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.publish import measure_words, words
from pipeline.publish.pages import charge_sums, notes, restated
from pipeline.publish.pages.edition import Edition, download, rows_of
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Noted, Page
from pipeline.publish.sending import zip_path
from pipeline.service import MEASURES_DECLARED, Measure

_FOLDER = "reports"
_ROOT = "../../"
_SHOWN = (
    "on-time-completion", "on-time-completion-assumed", "completion-time-p90", "customer-time-p90", "first-response-p90", "reopen-rate",
    "requests-received", "requests-completed", "backlog", "portal-availability", "portal-availability-service-hours", "portal-downtime",
    "certificate-continuity", "on-time-renewal", "near-misses", "lapses",
    "hosts-unaccounted-for",
)  # fmt: skip
_CARDS = ("on-time-completion", "requests-received", "requests-completed", "portal-availability", "lapses")
_OFFICE = ("office", "service")
_NOT_OVER = "month not over"
_OPEN = "Undecided: nobody {has_said} of all hosts whose certificate ended whether they are in service."


_Figures = Mapping[tuple[str, str], Mapping[Any, Any]]


@dataclass(frozen=True)
class _Month:
    """A month of a report: `label` as figures are published for it, `period` as it is posted; `now` are the rows of its main measures, by
    measure and service, `then` those that its close froze."""

    edition: Edition
    label: str
    now: _Figures
    then: _Figures

    @cached_property
    def period(self) -> str:
        return calendar.period_of(dt.date.fromisoformat(f"{self.label}-01"), self.edition.starts)

    @cached_property
    def close(self) -> Any:
        """The row of CLOSED_PERIODS of the month; None while it is a draft."""
        periods = self.edition.books.closed.periods
        return next(rows_of(periods[periods["period"] == self.period]), None)

    @property
    def is_running(self) -> bool:
        return charge_sums.is_unfinished(self.edition, self.period)

    @property
    def figures(self) -> _Figures:
        """The rows of the month's main measures as its close froze them, else as they are now."""
        return self.now if self.close is None else self.then

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The entries that are posted to the month, with what sums read of them."""
        of_months = self.edition.ledger_of_months
        return of_months[self.period] if self.period in of_months else self.edition.entries.iloc[:0]

    @property
    def cents(self) -> int:
        """What was charged in the month, after credits and adjustments."""
        return int(self.ledger["amount_cents"].sum())

    @property
    def address(self) -> str:
        return f"{_FOLDER}/{self.label}/index.html"


def pages(edition: Edition) -> Iterator[Page]:
    """A report a month, from the first that is charged or measured to that of the as-of day, and the page that lists them."""
    now, then = _by_month(edition.books.measures), _by_month(edition.books.closed.measures)
    months = [_Month(edition, label, now.get(label, {}), then.get(label, {})) for label in _labels(edition)]
    yield _list(edition, months)
    for month in months:
        yield _report(month)


def _labels(edition: Edition) -> list[str]:
    """The months of the reports, oldest first: all with a posting, and the last 24 at least of those that were measured."""
    measured = edition.books.measures
    of_months = measured.loc[measured["dimension"].isin(_OFFICE) & (measured["measure"] == "requests-received"), "period"]
    posted = (period for period in edition.books.ledger["period"].unique() if not calendar.is_late_items(str(period)))
    known = {f"{calendar.period_first_day(str(period), edition.starts):%Y-%m}" for period in posted}
    known |= {str(period) for period in of_months if measure_words.is_month(str(period))}
    return sorted(label for label in known if label <= f"{edition.today:%Y-%m}")


def _by_month(table: pd.DataFrame) -> dict[str, dict[tuple[str, str], Mapping[Any, Any]]]:
    """The rows of the main measures by period, and of each by measure and service."""
    found: dict[str, dict[tuple[str, str], Mapping[Any, Any]]] = {}
    for row in table[table["dimension"].isin(_OFFICE) & table["measure"].isin(_SHOWN)].to_dict("records"):
        found.setdefault(row["period"], {})[row["measure"], row["member"]] = row
    return found


def _list(edition: Edition, months: list[_Month]) -> Page:
    rows: list[list[Cell]] = [
        [Link(words.month(month.label), month.address), _state(month), *_told(month), words.amount(month.cents)]
        for month in reversed(months)
    ]
    columns: tuple[Head, ...] = (Head("Month", "date"), Head("State", "stacked"), Head("On time", "number"))
    columns += (Head("Received", "number"), Head("Charged, $", "number"))
    closed = sum(month.close is not None for month in months)
    sentence = f"{words.count(len(months), 'month')}: {closed:,} closed, {len(months) - closed:,} still a draft." if months else _NOTHING
    grid = Grid("Monthly reports, newest first", columns, rows, _NOTHING, captioned=False, lead=2)
    return Page(f"{_FOLDER}.md", "pages/months.md.j2", "Monthly reports", {"sentence": sentence, "months": grid})


_NOTHING = "Nothing was charged or measured yet."


def _told(month: _Month) -> list[Cell]:
    kept, received = (month.figures.get((name, "")) for name in ("on-time-completion", "requests-received"))
    return [_quantity(kept) if kept else "nothing due", f"{received['n']:,}" if received else "none"]


def _state(month: _Month) -> Cell:
    if month.close is not None:
        return Noted("closed", f"{words.day(month.close.closed_on)}, {month.period}", "met")
    return Noted("draft", "not over yet" if month.is_running else "not closed yet")


def _report(month: _Month) -> Page:
    edition = month.edition
    title = f"Report of {words.month(month.label)}"
    return Page(
        f"{_FOLDER}/{month.label}/index.md",
        "pages/month.md.j2",
        title,
        {
            "sentence": _sentence(month),
            "figures": _cards(month),
            "measures": _measures(month),
            "money": charge_sums.by_tier(edition, month.ledger, f"Charges posted to {month.period} by tier, in US dollars"),
            "agencies": charge_sums.by_agency(edition, month.ledger, f"Charges posted to {month.period} by agency, in US dollars", _ROOT)
            if edition.internal
            else None,
            "notes": _remarks(month),
            "restated": restated.of_month(edition, month.label, _ROOT),
            "package": download(_ROOT, zip_path(month.period), f"{month.period}.zip")
            if edition.internal and month.close is not None
            else None,
        },
    )


def _sentence(month: _Month) -> str:
    name = words.month(month.label)
    if month.close is not None:
        return (
            f"{name} was closed on {words.long_day(month.close.closed_on.date())} by {month.close.closed_by} ({month.period}): "
            "these are the figures of the close, and what reads otherwise now stands beside them."
            if month.edition.internal
            else f"{name} was closed on {words.long_day(month.close.closed_on.date())}: these are the figures of the close."
        )
    if month.is_running:
        return f"Draft: {name} is not over; its figures reach to {words.long_day(month.edition.today)}."
    return f"Draft: {name} is over but not closed; its figures may still change."


def _remarks(month: _Month) -> Grid | None:
    """The remarks of the office on these measures that touch the month; none in the public edition."""
    return notes.of(month.edition, set(_SHOWN)).of_month(month.label)


def _cards(month: _Month) -> list[Figure]:
    declared = {measure.id: measure for measure in MEASURES_DECLARED}
    cards = []
    for (name, member), row in _in_order(month.figures):
        if name in _CARDS:
            title = f"{declared[name].title}, {member}" if member else declared[name].title
            state, word = words.VERDICTS[row["verdict"]] if not math.isnan(row["target"]) else ("plain", "")
            if month.is_running and not math.isnan(row["target"]):
                state, word = "plain", _NOT_OVER
            elif _is_open(row):
                word = "undecided: hosts are unaccounted for"
            cards.append(Figure(title, _quantity(row) or "–", basis=_basis(declared[name], row), state=state, word=word))
    return [*cards, Figure("Charged", words.dollars(month.cents), basis="credits and adjustments included")]


def _basis(measure: Measure, row: Mapping[Any, Any]) -> str:
    return f"of {row['n']:,} due" if measure.unit == "share" and not math.isnan(row["low"]) else ""


def _measures(month: _Month) -> Grid:
    declared = {measure.id: measure for measure in MEASURES_DECLARED}
    rows: list[list[Cell]] = []
    for key, row in _in_order(month.figures):
        measure = declared[key[0]]
        rows.append(
            [
                Noted(f"{measure.title}, {key[1]}" if key[1] else measure.title, _sentence_of(month, measure, row)),
                f"too few ({row['n']:,})" if measure_words.is_nine_in_ten_of_few(row) else _quantity(row) or _untold(row),
                measure_words.quantity(row["target"], measure.unit) or "none",
                _verdict(row, _unjudged(month, row)),
                *([_otherwise(row, month.now.get(key))] if month.close is not None else []),
            ]
        )
    columns: tuple[Head, ...] = (Head("Measure", "stacked"), Head("Figure", "number"), Head("Target", "number"), Head("Verdict", "short"))
    columns += (Head("Now", "number"),) if month.close is not None else ()
    return Grid(f"Measures of {words.month(month.label)}", columns, rows, "Nothing was measured in this month.", captioned=False, lead=1)


def _untold(row: Mapping[Any, Any]) -> str:
    """Why there is no figure: it is still to come of what has begun, and never of nothing."""
    return "not known yet" if row["n"] else "no figure"


def _unjudged(month: _Month, row: Mapping[Any, Any]) -> str:
    """Why there is no verdict: of no cases there never is one, and none on a month that still runs."""
    return "no figure" if not row["n"] and math.isnan(row["value"]) else _NOT_OVER if month.is_running else ""


def _sentence_of(month: _Month, measure: Measure, row: Mapping[Any, Any]) -> str:
    runs = month.is_running
    said = measure_words.sentence(measure, row, runs=runs)
    if not _is_open(row):
        return said
    return f"{said} {_OPEN.format(has_said='has said' if month.close is None else 'had said by the close')}"


def _is_open(row: Mapping[Any, Any]) -> bool:
    """Whether it depends on hosts of which nobody has said what became of them whether the target on lapses is met."""
    return bool(row["measure"] == "lapses" and row["verdict"] == "uncertain")


def _verdict(row: Mapping[Any, Any], unjudged: str) -> Cell:
    """The verdict, or why it is `unjudged`."""
    if math.isnan(row["target"]):
        return "no target"
    if unjudged:
        return unjudged
    state, said = words.VERDICTS[row["verdict"]]
    return Chip("undecided" if row["verdict"] == "uncertain" else said or "not judged", state)


def _otherwise(frozen: Mapping[Any, Any], now: Mapping[Any, Any] | None) -> Cell:
    """What a figure of a closed month reads now, where that differs."""
    if now is None:
        return "not measured any more"
    then, today = _quantity(frozen), _quantity(now)
    return "as closed" if then == today else Noted(today or "not measured", _beside(frozen, now), "near")


def _beside(frozen: Mapping[Any, Any], now: Mapping[Any, Any]) -> str:
    """How many a share or a time rests on now; of a count, how much it changed."""
    return restated.rests_on(now["unit"], now["n"]) or measure_words.change(now["value"], frozen["value"], now["unit"])


def _in_order(figures: _Figures) -> list[tuple[tuple[str, str], Mapping[Any, Any]]]:
    return sorted(figures.items(), key=lambda item: (_SHOWN.index(item[0][0]), item[0][1]))


def _quantity(row: Mapping[Any, Any]) -> str:
    return measure_words.quantity(row["value"], row["unit"], measure_words.digits(row))
