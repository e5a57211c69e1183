"""The service levels of one agency: on time, renewed on time, continuity and demand, this fiscal year beside the same days of last year."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from pipeline.publish import charts, words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.foot import FIGURES, Foot, foot
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Chip, Grid, Head
from pipeline.service import MEASURES_DECLARED
from pipeline.service.attainment import ASSUMED, PROMISED
from pipeline.service.intervals import FEW
from pipeline.service.renewals import ON_TIME

_ROOT = "../"
# The measures shown, what each rests on, and how many digits its share has; a count has none.
_SHOWN = (
    (PROMISED, "Requests finished in time", "due", 1),
    (ASSUMED, "Requests finished in time, where the promise is assumed", "due", 1),
    (ON_TIME, "Certificates renewed at least 7 days before the end", "ended", 1),
    ("certificate-continuity", "Time that a valid certificate covered", "host names", 2),
    ("requests-received", "Requests received", "", None),
    ("requests-completed", "Requests completed", "", None),
)
_DEFINED = [measure for measure in MEASURES_DECLARED if measure.id in [shown for shown, *_ in _SHOWN]]


def of_agency(edition: Edition, code: str, who: str, rows_told: Foot) -> dict[str, Any] | None:
    """What the page of an agency shows of its service levels, above the line `rows_told`; None where nothing of it was measured this fiscal
    year or last."""
    table = _table(edition, code)
    if not table.rows:
        return None
    quarters = measured.quarters(edition, PROMISED, "agency", code)
    return {
        "sentence": _sentence(edition, code, who),
        "table": table,
        "chart": _chart(edition, quarters),
        "months": _months(edition, code),
        "definitions": _DEFINED,
        "foot": rows_told,
    }


def rows_told(edition: Edition) -> Foot:
    """Which rows the service levels of every agency rest on."""
    return foot(edition, ("requests", "pauses"), "requests", len(edition.books.requests), _ROOT, FIGURES)


def _year(edition: Edition, measure: str, code: str, before: int = 0) -> Share | None:
    label = measured.year_label(edition) if not before else f"FY{edition.fiscal_year - before}-YTD"
    found = measured.at(edition, measure, label, "agency", code)
    return found if found is not None and found.known else None


def _sentence(edition: Edition, code: str, who: str) -> str:
    """How many of its requests were finished in time this fiscal year, and what that allows to say."""
    share, year = _year(edition, PROMISED, code), f"FY{edition.fiscal_year}"
    if share is None:
        return f"In {year} to date no request of {who} with a promise was due."
    verb = "was" if share.met == 1 else "were"
    asked = f"{words.count(share.n, 'request')} of {who} with a promise that came due"
    finished = f"In {year} to date, {share.met:,} of {asked} {verb} finished in time"
    if share.few:
        return f"{finished}: {measured.TOO_FEW}."
    target = words.percent(share.target, 0)
    judged = f"; target {target}: {share.word}." if target else "; no target is set."
    return f"{finished} ({words.percent(share.value)}, likely range {share.interval()}){judged}"


def _table(edition: Edition, code: str) -> Grid:
    """A row a measure: this fiscal year to date, what it rests on, its verdict, and the same days of last year."""
    rows: list[list[Cell]] = []
    faint: set[int] = set()
    for measure, title, noun, digits in _SHOWN:
        now, before = _year(edition, measure, code), _year(edition, measure, code, 1)
        if now is None and before is None:
            continue
        if now is not None and now.few:
            faint.add(len(rows))
        judged = "" if digits is None else Chip("nothing to judge") if now is None else now.chip("no target")
        name = measured.meaning(measure, title, _ROOT)
        rows.append([name, _value(now, digits), f"{now.n:,} {noun}" if now and noun else "", judged, _value(before, digits)])
    columns: tuple[Head, ...] = (Head("Service level"), Head(f"FY{edition.fiscal_year} to date", "number"), Head("Rests on", "short"))
    columns += (Head("Verdict", "short"), Head(f"FY{edition.fiscal_year - 1}, same days", "number"))
    caption = f"Service levels of {code}; grey: of fewer than {FEW}, {measured.TOO_FEW}"
    return Grid(caption, columns, rows, "", faint=frozenset(faint), lead=1)


def _value(share: Share | None, digits: int | None) -> str:
    if share is None:
        return "none"
    return words.count(share.n) if digits is None else words.percent(share.value, digits)


def _months(edition: Edition, code: str) -> charts.Chart | None:
    """The requests due each month, in time or late, also those whose promise is assumed, as the list of late requests has them: counts,
    which say the truth of a few too; None where none was due."""
    counted = _due_by_month(edition, code)
    if not any(due for _, due, _ in counted):
        return None
    late = [due - met for _, due, met in counted]
    some = [month for (month, *_), number in zip(counted, late, strict=True) if number]
    running = counted[-1][0] == edition.running_month
    heads = (Head("Month", "date"), Head("In time", "number"), Head("Late", "number"), Head("Due", "number"))
    return charts.bars(
        "months",
        f"{words.count(sum(late), 'request')} late in {words.count(len(counted), 'month')}, last in {words.month(some[-1])}"
        if some
        else f"No request was late in {words.count(len(counted), 'month')}",
        "All requests of the agency that were due in each month, also those whose promise is only assumed: in time below, late above.",
        [words.short_month(month) for month, *_ in counted],
        [
            charts.Series("in time", "series-3", [met for *_, met in counted]),
            charts.Series("late or overdue", "age-4", late),
        ],
        lambda number: f"{number:,.0f}",
        Grid(
            "Requests due by month, with a promise or an assumed one, newest first",
            heads,
            [[words.month(month), f"{met:,}", f"{due - met:,}", f"{due:,}"] for month, due, met in reversed(counted)],
            "",
        ),
        measured.so_far(edition) if running else "",
    )


def _due_by_month(edition: Edition, code: str) -> list[tuple[str, int, int]]:
    """The months, oldest first, at most 24: how many requests were due in each, promised or assumed, and how many of them were in time."""
    due: Counter[str] = Counter()
    met: Counter[str] = Counter()
    for measure in (PROMISED, ASSUMED):
        ended = measured.months(edition, measure, edition.last_month, "agency", code)
        for share in measured.with_running(edition, measure, ended, "agency", code):
            due[share.period] += share.n
            met[share.period] += share.met
    return [(month, due[month], met[month]) for month in sorted(due)[-measured.MONTHS :]]


def _chart(edition: Edition, quarters: list[Share]) -> charts.Chart | None:
    """On time by quarter; None where no quarter has enough requests to judge."""
    enough = [share for share in quarters if share.known and not share.few]
    if not enough:
        return None
    missed = sum(share.state == "missed" for share in enough)
    of_them = f"{words.count(len(enough), 'quarter')} with {FEW} requests or more"
    drawn = charts.trend(
        "on-time",
        f"The target was missed in {missed:,} of {of_them}" if missed else f"In none of {of_them} does the evidence show a missed target",
        "Share of the agency's requests with a promise that were finished in time, by quarter of the fiscal year",
        measured.points(quarters),
        enough[-1].target,
        lambda value: words.percent(value, 0),
        Grid(
            "Requests with a promise due by quarter",
            (Head("Quarter", "short"), Head("Share", "number"), Head("Kept", "number"), Head("Due", "number"), Head("Verdict", "short")),
            [
                [share.period, measured.cell(share, 1), f"{share.met:,}", f"{share.n:,}", share.chip("no target")]
                for share in reversed(quarters)
            ],
            "",
            faint=frozenset(place for place, share in enumerate(reversed(quarters)) if share.few),
            lead=1,
        ),
        few=measured.FEW_SAID,
    )
    wide = drawn.drawings[0]
    # Quarters apart, or with too few requests between them, have no band; without a target there is no line of it.
    parts = (("the 95 % interval as a band", bool(wide.bands)), ("the target dashed", wide.target is not None))
    told = " and ".join(part for part, is_drawn in parts if is_drawn)
    until = f"; the last quarter until {words.long_day(edition.today)}."
    return replace(drawn, description=f"{drawn.description}{f', with {told}' if told else ''}{until}")
