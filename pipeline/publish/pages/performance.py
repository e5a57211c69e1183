"""Performance: the share of requests finished within the promise, month by month, with what that share is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from pipeline.publish import charts, words
from pipeline.publish.pages import comparisons, measured, notes, restated, survival, times
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.pages.foot import FIGURES, foot
from pipeline.publish.pages.measured import Share
from pipeline.publish.pages.request_rows import at_risk
from pipeline.publish.parts import Figure, Page
from pipeline.service.attainment import ASSUMED, PROMISED

ON_TIME = PROMISED
_BUDGET = "error-budget"
_NAMED = 2  # as many missed months as a title can name


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the service target."""
    shares = measured.months(edition, ON_TIME, edition.last_month)
    with_running = measured.with_running(edition, ON_TIME, shares)
    usual = measured.usual(edition, ON_TIME)
    table = measured.table("Requests due by month, newest first", with_running, "due", usual=usual, running=edition.running_month)
    remarks = notes.of(edition, {measure.id for measure in measured.explained("performance")})
    yield Page(
        "performance.md",
        "pages/performance.md.j2",
        "Performance",
        {
            "sentence": sentence(edition),
            "figures": _figures(edition),
            "chart_view": _chart(edition, with_running, remarks, usual),
            "table": table,
            "agencies": comparisons.table(edition, ON_TIME, "agency") if edition.internal else None,
            "agency_charts": comparisons.charted(edition, ON_TIME, "agency") if edition.internal else None,
            "kinds": comparisons.table(edition, ON_TIME, "kind"),
            "kind_charts": comparisons.charted(edition, ON_TIME, "kind"),
            "assumed_kinds": comparisons.table(edition, ASSUMED, "kind"),
            "notes": remarks.grid(),
            "remarks_left_out": remarks.left_out,
            "unexplained": remarks.unexplained(shares, ON_TIME),
            "times_sentence": times.sentence(edition),
            "times_chart": times.chart(edition, remarks),
            "times_table": times.table(edition),
            "times_left_out": times.left_out(edition),
            "stages": times.stages(edition),
            "stages_left_out": times.stages_left_out(edition),
            "restated": restated.told(edition, "performance"),
            "survival": survival.table(edition),
            "baseline": measured.baseline(edition, ON_TIME),
            "definitions": measured.explained("performance"),
            "promised": [words.REQUEST_KINDS[kind] for target in edition.settings.target if not target.assumed for kind in target.kinds],
            "assumed": [words.REQUEST_KINDS[kind] for target in edition.settings.target if target.assumed for kind in target.kinds],
            "business_days": business_days(edition),
            "workbook": download("", "metrics.xlsx", "metrics.xlsx") if edition.internal else None,
            "foot": foot(edition, ("requests", "pauses"), "requests", len(edition.books.requests), also=FIGURES),
        },
    )


def business_days(edition: Edition) -> int | None:
    """The promise in business days: of the first target that was really given; None without one."""
    promised = [target.business_days for target in edition.settings.target if not target.assumed]
    return promised[0] if promised else None


def sentence(edition: Edition) -> str:
    """The last month in one sentence: met, due, share, target, and what the evidence allows to say."""
    share = measured.at(edition, ON_TIME, edition.last_month)
    month = words.month(edition.last_month)
    if share is None or not share.known:
        return f"In {month} no request was due, so there is nothing to judge."
    days = business_days(edition)
    within = f"within {words.count(days, 'business day')}" if days is not None else "in time"
    target = words.percent(share.target, 0)
    verb = "was" if share.met == 1 else "were"
    judged = f"; target {target}: {share.word}." if target else "; no target is set."
    return (
        f"In {month}, {share.met:,} of {words.count(share.n, 'request')} due ({words.percent(share.value)}, likely range "
        f"{share.interval()}) {verb} finished {within}{judged}"
    )


def _figures(edition: Edition) -> list[Figure]:
    month, year = edition.last_month, edition.fiscal_year
    on_time = [
        measured.figure(
            f"On time in {words.month(month)}",
            measured.at(edition, ON_TIME, month),
            "request",
            change=measured.change(edition, ON_TIME, month),
        ),
        measured.figure(
            f"On time in FY{year} to date",
            measured.at(edition, ON_TIME, measured.year_label(edition)),
            "request",
            change=measured.span_last_year(edition, ON_TIME),
        ),
    ]
    figures = [*(measured.defined(one, ON_TIME) for one in on_time), measured.defined(_late_requests(edition), _BUDGET)]
    late = int((edition.books.requests["verdict"] == "overdue").sum())
    return [
        *figures,
        measured.defined(times.figure(edition), "completion-time-p90"),
        measured.defined(overdue("Overdue now", late), "overdue-requests"),
        measured.defined(replace(at_risk(edition), href="requests.html"), "at-risk-requests"),
    ]


def _late_requests(edition: Edition) -> Figure:
    """How many were late this fiscal year, and how many more the target allows; whether it is missed, completion on time says."""
    name = f"Late in FY{edition.fiscal_year} to date"
    budget = measured.at(edition, _BUDGET, measured.year_label(edition))
    if budget is None or not budget.known:
        return Figure(name, "–", basis="nothing was due, or kinds have different targets")
    late = budget.n - budget.met
    allowed = math.floor(round(budget.value + late, 6))
    left = allowed - late
    said = f"{words.count(left)} more may be late" if left >= 0 else f"{words.count(-left)} more than the target allows"
    return Figure(
        name, words.count(late), basis=f"of {words.count(budget.n, 'request')} due", change=f"the target allows {allowed:,}", word=said
    )


def overdue(name: str, late: int) -> Figure:
    """The card of the requests that are open past their due day."""
    return Figure(
        name,
        words.count(late),
        basis="open past the due day",
        state="missed" if late else "met",
        word="act today" if late else "none",
        href="requests.html",
    )


def _chart(edition: Edition, shares: list[Share], remarks: notes.Remarks, usual: charts.Limits | None) -> charts.Chart | None:
    known = [share for share in shares if share.known and share.period != edition.running_month]
    if not known:
        return None
    target = known[-1].target
    missed = [words.month(share.period) for share in known if share.state == "missed"]
    if not missed:
        title = f"In none of {words.count(len(known), 'month')} does the evidence show a missed target"
    elif len(missed) <= _NAMED:
        others = words.count(len(known), "month")
        title = f"The target was missed in {' and '.join(missed)}; in no other of {others} does the evidence show a miss"
    else:
        title = f"The target was missed in {len(missed)} of {words.count(len(known), 'month')}, last in {missed[-1]}"
    return charts.trend(
        "on-time",
        title,
        f"Share of requests due that were finished in time, by month from {words.month(known[0].period)} to "
        f"{words.month(known[-1].period)}, with the 95 % Wilson interval as a pale band, the target as a dashed line and the usual range "
        "between dotted lines.",
        measured.points(shares, running=edition.running_month),
        target,
        lambda value: words.percent(value, 0),
        limits=usual,
        notes=remarks.on([share.period for share in shares]),
        few=measured.FEW_SAID,
        so_far=measured.so_far(edition),
    )
