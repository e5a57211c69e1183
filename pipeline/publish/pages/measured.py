"""Reading the table of measures for pages: one figure, or a row of months, and how a share and its verdict are said."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipeline.publish import charts, words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Noted, State
from pipeline.service import MEASURES_DECLARED, Measure
from pipeline.service.intervals import FEW

_MONTH = r"\d{4}-\d{2}"
MONTHS, _QUARTERS = 24, 8
_DECLARED = {measure.id: measure for measure in MEASURES_DECLARED}
TOO_FEW = words.VERDICTS["too-few"][1]
FEW_SAID = f"open and grey: fewer than {FEW}, too few to judge"
_UNKNOWN = "nothing was due"
_IN_TABLES = {"met": "met", "missed": "missed", "uncertain": "undecided"}  # below the head Verdict; why is told once


@dataclass(frozen=True, slots=True)
class Share:
    """A measured share: value and interval as shares of 1 (NaN where nothing was measured), its n, how many were met, the verdict.

    `first` is the value as the close of its period published it first; NaN where none did. Other figures are read the same way, their
    value in the unit of their measure.
    """

    period: str
    value: float
    low: float
    high: float
    n: int
    met: int
    target: float
    verdict: str
    first: float = math.nan

    @property
    def known(self) -> bool:
        """Whether anything was measured."""
        return not math.isnan(self.value)

    @property
    def few(self) -> bool:
        """Whether it is a share of so few that it is not judged; a share of time has no interval, and is none of few."""
        return not math.isnan(self.low) and self.n < FEW

    @property
    def state(self) -> State:
        """The grade of the verdict."""
        states: dict[str, State] = {"met": "met", "missed": "missed", "uncertain": "near"}
        return states.get(self.verdict, "plain")

    @property
    def word(self) -> str:
        """The verdict in words."""
        return words.VERDICTS[self.verdict][1]

    def chip(self, unjudged: str) -> Chip:
        """The verdict in a word or two, for a table; `unjudged` where there is none."""
        if not self.known:
            return Chip("nothing to judge")
        word = _IN_TABLES.get(self.verdict, self.word)
        return Chip(word or unjudged, self.state)

    def interval(self, digits: int = 1) -> str:
        """`83.8 to 97.9 %`; '' where there is none."""
        if math.isnan(self.low) or math.isnan(self.high):
            return ""
        return f"{words.percent(self.low, digits).removesuffix(' %')} to {words.percent(self.high, digits)}"


def usual(edition: Edition, measure: str) -> charts.Limits | None:
    """The range in which the months of an office's share usually lie; None before there is one."""
    limits = edition.books.limits
    for row in rows_of(limits[(limits["measure"] == measure) & (limits["dimension"] == "office")]):
        ends = f"{words.percent(row.lower).removesuffix(' %')} to {words.percent(row.upper)}"
        return charts.Limits(float(row.lower), float(row.upper), f"usual range: {ends}")
    return None


def baseline(edition: Edition, measure: str) -> str:
    """From which months the usual range is known, `July 2025 to June 2026`; "" before there is one."""
    limits = edition.books.limits
    for row in rows_of(limits[(limits["measure"] == measure) & (limits["dimension"] == "office")]):
        return f"{words.month(row.baseline_from)} to {words.month(row.baseline_to)}"
    return ""


def explained(page: str) -> list[Measure]:
    """The measures that a page explains, as they are declared."""
    return [measure for measure in MEASURES_DECLARED if measure.page == page]


def meaning(measure: str, text: str = "", root: str = "") -> Link:
    """A link to the definition of a measure with its words as the tip: its title, or `text`; `root` leads to the site's root."""
    declared = _DECLARED[measure]
    formula, exclusions = (f"{said[0].upper()}{said[1:]}".rstrip(".") for said in (declared.formula, declared.exclusions))
    tip = f"{declared.title}: {formula}. {declared.cohort} Left out: {exclusions[0].lower()}{exclusions[1:]}."
    return Link(text or declared.title, f"{root}reference/measures.html#{measure}", tip)


def defined(figure: Figure, measure: str, root: str = "") -> Figure:
    """A card with the definition of the measure that it shows."""
    return replace(figure, means=meaning(measure, "", root))


def at(edition: Edition, measure: str, period: str, dimension: str = "office", member: str = "") -> Share | None:
    """The figure of one period, or None where it is not in the table."""
    row = edition.figures(measure, dimension).get(member, {}).get(period)
    return None if row is None else share(row)


def months(edition: Edition, measure: str, last: str, dimension: str = "office", member: str = "") -> list[Share]:
    """The measured months up to `last` (`2026-10`), oldest first, at most 24; months without a row stand as gaps."""
    found = {period: row for period, row in edition.figures(measure, dimension).get(member, {}).items() if _is_month(period, last)}
    if not found:
        return []
    span = pd.period_range(min(found), last, freq="M")[-MONTHS:]
    return [share(found[str(month)]) if str(month) in found else _gap(str(month)) for month in span]


def with_running(edition: Edition, measure: str, ended: list[Share], dimension: str = "office", member: str = "") -> list[Share]:
    """The months that have `ended`, and the one that has not as far as it has come, where anything of it was measured."""
    running = at(edition, measure, edition.running_month, dimension, member) if edition.running_month else None
    return [*ended, running][-MONTHS:] if running is not None and running.known else ended


def members(edition: Edition, measure: str, dimension: str, period: str) -> list[tuple[str, Share]]:
    """The members of a dimension that have a figure in a period, those that rest on the most first."""
    found = [(member, share(rows[period])) for member, rows in edition.figures(measure, dimension).items() if period in rows]
    return sorted(((member, one) for member, one in found if one.known), key=lambda one: (-one[1].n, one[0]))


def quarters(edition: Edition, measure: str, dimension: str, member: str) -> list[Share]:
    """The newest eight quarters that are measured for anyone, oldest first; a quarter without a row of the member is a gap."""
    found = edition.figures(measure, dimension).get(member, {})
    return [share(found[period]) if period in found else _gap(period) for period in edition.measured_quarters(measure)[-_QUARTERS:]]


def counts(edition: Edition, measure: str, last: str) -> dict[str, int]:
    """A counting measure of the office by month up to `last`, oldest first, at most 24 months."""
    rows = edition.figures(measure, "office").get("", {})
    shown = sorted(period for period in rows if _is_month(period, last))[-MONTHS:]
    return {period: int(rows[period].n) for period in shown}


def _is_month(period: str, last: str) -> bool:
    return re.fullmatch(_MONTH, period) is not None and period <= last


def year_label(edition: Edition) -> str:
    """The name under which the fiscal year of the as-of day stands in the table: `FY2027-YTD`, on its last day `FY2027`."""
    label = f"FY{edition.fiscal_year}"
    return label if label in edition.measured_periods else f"{label}-YTD"


def change(edition: Edition, measure: str, period: str, dimension: str = "office", member: str = "", digits: int = 1) -> str:
    """The difference to the same month of the year before, in percentage points, or why there is none."""
    now = at(edition, measure, period, dimension, member)
    before = at(edition, measure, f"{int(period[:4]) - 1}{period[4:]}", dimension, member)
    if now is None or before is None or not now.known or not before.known:
        return "no figure for the same month last year"
    points = round(now.value * 100, digits) - round(before.value * 100, digits)
    sign = "+" if points > 0 else "−" if points < 0 else "±"
    return f"{sign}{abs(points):.{digits}f} points against the same month last year"


def span_last_year(edition: Edition, measure: str) -> str:
    """This fiscal year to date against the same span last year: what the share was then, by the same rule, or why that cannot be said."""
    span = edition.same_span_last_year()
    begins = edition.last_year_begins
    first = min((label for label in edition.figures(measure, "office").get("", {}) if re.fullmatch(_MONTH, label)), default="")
    if not first or first > f"{begins:%Y-%m}":
        return f"no comparison: figures begin in {words.month(first)}" if first else ""
    then = at(edition, measure, f"FY{edition.fiscal_year - 1}-YTD")
    if then is None or not then.known:
        return f"nothing was due from {span}"
    return f"{words.percent(then.value)} of {then.n:,} from {span}"


def figure(name: str, share: Share | None, noun: str, *, change: str, digits: int = 1, href: str = "") -> Figure:
    """The card of a measured share; `noun` is what it is a share of, '' where that is time."""
    if share is None or not share.known:
        return Figure(name, "–", basis=_UNKNOWN, href=href)
    basis = f"of {words.count(share.n, noun)}" if noun else ""
    return Figure(name, words.percent(share.value, digits), basis=basis, change=change, state=share.state, word=share.word, href=href)


def table(caption: str, shares: list[Share], noun: str, digits: int = 1, usual: charts.Limits | None = None, running: str = "") -> Grid:
    """A table of months, newest first; what lies outside the `usual` range, or was first published otherwise, says so. The month `running`
    has not ended, so it is not judged."""
    rows: list[list[Cell]] = [
        [
            words.month(share.period),
            cell(share, digits, None if share.period == running else usual),
            Chip(charts.SO_FAR) if share.period == running else share.chip("no target"),
            f"{share.met:,}",
            f"{share.n:,}",
            share.interval(digits) or "no interval",
            words.percent(share.target, digits) or "no target",
        ]
        for share in reversed(shares)
    ]
    columns: tuple[Head, ...] = (Head("Month", "date"), Head("Share", "number"), Head("Verdict"), Head("Kept", "number"))
    columns += (Head(noun.capitalize(), "number"), Head("95 % interval", "number"), Head("Target", "number"))
    faint = frozenset(place for place, one in enumerate(reversed(shares)) if one.few or one.period == running)
    return Grid(caption, columns, rows, "Nothing was measured yet.", faint=faint, lead=1)


def cell(share: Share, digits: int, usual: charts.Limits | None = None, unknown: str = _UNKNOWN) -> Cell:
    """A share in a table, with what its close published where that reads otherwise, and whether it is outside the `usual` range."""
    now, then = words.percent(share.value, digits), words.percent(share.first, digits)
    remarks = [f"first published {then}"] if then and then != now else []
    if usual is not None and share.known and not share.few and not usual.lower <= share.value <= usual.upper:
        remarks.append(f"{'below' if share.value < usual.lower else 'above'} usual")
    return Noted(now or unknown, "; ".join(remarks)) if remarks else now or unknown


def points(shares: list[Share], digits: int = 1, running: str = "") -> list[charts.Point]:
    """The shares as points of a trend; a share of time has no interval and rests on every second. The month `running` has not ended."""
    found = [_point(one, digits) for one in shares]
    return [
        replace(point, firm=False, running=True, tip=f"{point.tip}, so far") if one.period == running and one.known else point
        for one, point in zip(shares, found, strict=True)
    ]


def so_far(edition: Edition) -> str:
    """What the open dot of the running month is called in a legend: `so far: November 2026 until 23 November`."""
    return (
        f"{charts.SO_FAR}: {words.month(edition.running_month)} until {words.day_of_month(edition.today)}" if edition.running_month else ""
    )


def _point(one: Share, digits: int) -> charts.Point:
    long, short = _names(one.period)
    if not one.known:
        return charts.Point(short, one.value, one.value, one.value, True, f"{long}: {_UNKNOWN}")
    said = f"{long}: {words.percent(one.value, digits)}"
    if not one.interval():
        return charts.Point(short, one.value, one.value, one.value, True, said)
    return charts.Point(short, one.value, one.low, one.high, not one.few, f"{said} of {one.n:,}, interval {one.interval(digits)}")


def _names(period: str) -> tuple[str, str]:
    """A month or a quarter in full, and as short as a label has to be: `October 2026` and `Oct 2026`, `FY2027-Q1` and `FY27 Q1`."""
    if re.fullmatch(_MONTH, period):
        return words.month(period), words.short_month(period)
    return period, f"FY{period[4:6]} {period[7:]}"


def share(row: Any) -> Share:
    """A row of the table of measures as a share."""
    met = 0 if pd.isna(row.met) else int(row.met)
    value, low, high, target, first = (float(getattr(row, name)) for name in ("value", "low", "high", "target", "first_value"))
    return Share(row.period, value, low, high, int(row.n), met, target, row.verdict, first)


def _gap(period: str) -> Share:
    return Share(period, math.nan, math.nan, math.nan, 0, 0, math.nan, "")
