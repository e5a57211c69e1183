"""Performance: the share of requests finished within the promise, month by month, with what that share is worth."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.publish import charts, words
from pipeline.publish.pages import measured, notes
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.pages.measured import Share
from pipeline.publish.pages.request_rows import KINDS
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Page
from pipeline.service.attainment import ASSUMED, PROMISED

ON_TIME = PROMISED
_NAMED = 2  # as many missed months as a title can name


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the service target."""
    shares = measured.months(edition.books.measures, ON_TIME, edition.last_month)
    table = measured.table("Requests due by month, newest first", shares, "due")
    yield Page(
        "performance.md",
        "pages/performance.md.j2",
        "Performance",
        {
            "sentence": sentence(edition),
            "figures": _figures(edition),
            "chart_view": _chart(shares),
            "table": table,
            "agencies": _members(edition, ON_TIME, "agency", "Agency") if edition.internal else None,
            "kinds": _members(edition, ON_TIME, "kind", "What was asked"),
            "assumed_kinds": _members(edition, ASSUMED, "kind", "What was asked"),
            "notes": notes.of(edition, {ON_TIME, ASSUMED}),
            "promised": [KINDS[kind] for target in edition.settings.target if not target.assumed for kind in target.kinds],
            "assumed": [KINDS[kind] for target in edition.settings.target if target.assumed for kind in target.kinds],
            "business_days": business_days(edition),
            "foot": foot(edition, ("requests", "pauses"), "requests", len(edition.books.requests)),
        },
    )


def business_days(edition: Edition) -> int | None:
    """The promise in business days: of the first target that was really given; None without one."""
    promised = [target.business_days for target in edition.settings.target if not target.assumed]
    return promised[0] if promised else None


def sentence(edition: Edition) -> str:
    """The last month in one sentence: met, due, share, target, and what the evidence allows to say."""
    share = measured.at(edition.books.measures, ON_TIME, edition.last_month)
    month = words.month(edition.last_month)
    if share is None or not share.known:
        return f"In {month} no request was due, so there is nothing to judge."
    days = business_days(edition)
    within = f"within {words.count(days, 'business day')}" if days is not None else "in time"
    target = words.percent(share.target, 0)
    verb = "was" if share.met == 1 else "were"
    judged = f", target {target}): {share.word}." if target else "); no target is set."
    return (
        f"In {month}, {share.met:,} of {words.count(share.n, 'request')} due {verb} finished {within} ({words.percent(share.value)}{judged}"
    )


def _figures(edition: Edition) -> list[Figure]:
    measures, month, year = edition.books.measures, edition.last_month, edition.fiscal_year
    figures = [
        measured.figure(
            f"On time in {words.month(month)}",
            measured.at(measures, ON_TIME, month),
            "request",
            change=measured.change(measures, ON_TIME, month),
        ),
        measured.figure(
            f"On time in FY{year} to date",
            measured.at(measures, ON_TIME, measured.year_label(edition)),
            "request",
            change=measured.span_last_year(edition, ON_TIME),
        ),
        measured.figure(
            "On time where the promise is assumed",
            measured.at(measures, ASSUMED, month),
            "request",
            change=measured.change(measures, ASSUMED, month),
        ),
    ]
    verdicts = edition.books.requests["verdict"].value_counts()
    late, risk, waiting = (int(verdicts.get(name, 0)) for name in ("overdue", "at-risk", "paused"))
    return [
        *figures,
        overdue("Overdue now", late),
        Figure(
            "At risk now",
            words.count(risk),
            basis="at most 11 business hours left",
            state="near" if risk else "met",
            word="finish next" if risk else "none",
            href="requests.html",
        ),
        Figure("Waiting for the customer", words.count(waiting), basis="the clock stands still", href="requests.html"),
    ]


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


def _chart(shares: list[Share]) -> charts.Chart | None:
    known = [share for share in shares if share.known]
    if not known:
        return None
    target = known[-1].target
    missed = [words.month(share.period) for share in known if share.verdict == "missed"]
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
        f"{words.month(known[-1].period)}, with the 95 % Wilson interval as a pale band and the target as a dashed line.",
        measured.points(shares),
        target,
        lambda value: words.percent(value, 0),
    )


def _members(edition: Edition, measure: str, dimension: str, title: str) -> Grid:
    """The fiscal year to date by agency or kind, the most requests first; where there are too few to judge, it says so."""
    measures, period = edition.books.measures, measured.year_label(edition)
    chosen = (measures["measure"] == measure) & (measures["dimension"] == dimension) & (measures["period"] == period)
    ordered = measures[chosen].sort_values(["n", "member"], ascending=[False, True], kind="stable")
    rows: list[list[Cell]] = []
    for row in rows_of(ordered):
        share = measured.share(row)
        if share.known:
            member = edition.agency(row.member) if dimension == "agency" else KINDS.get(row.member, row.member)
            rows.append([member, words.percent(share.value), _judged(share), f"{share.met:,}", f"{share.n:,}", share.interval()])
    columns: tuple[Head, ...] = (Head(title), Head("Share", "number"), Head("Verdict"), Head("Kept", "number"), Head("Due", "number"))
    columns += (Head("95 % interval", "number"),)
    promise = "with a promise" if measure == ON_TIME else "with an assumed promise"
    caption = f"Requests {promise} by {dimension}, fiscal year {edition.fiscal_year} to date, most first"
    return Grid(caption, columns, rows, "Nothing was due yet in this fiscal year.")


def _judged(share: Share) -> Chip:
    return Chip("too few to judge") if share.n < measured.FEW else share.chip("no target")
