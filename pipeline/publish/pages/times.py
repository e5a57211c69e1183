"""How long requests take: on the desk's clock and on the customer's, how late the late ones were, and where the time goes."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pipeline.publish import charts, words
from pipeline.publish.pages import measured, notes
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Figure, Grid, Head, Noted
from pipeline.service.intervals import FEW

# Measure, and how many requests it says are finished by then.
_STAFF = (("completion-time-p50", "half"), ("completion-time-p90", "9 of 10"), ("completion-time-p95", "95 of 100"))
_CUSTOMER = (("customer-time-p50", "half"), ("customer-time-p90", "9 of 10"))
_ANSWER, _MEDIAN, _MAX, _REOPENED = "first-response-p90", "lateness-median", "lateness-max", "reopen-rate"
_RECEIVED = "requests-received"
_STAGES = (
    ("stage-first-answer", "until the first answer", "age-2"),
    ("stage-work", "work", "series-1"),
    ("stage-customer", "waiting for the customer", "series-5"),
)
_STYLES = ("", "second", "third")


def sentence(edition: Edition) -> str:
    """The last month in a sentence, on both clocks; that there is nothing to tell where no request came in."""
    month = words.month(edition.last_month)
    half, most = (measured.at(edition, name, edition.last_month) for name, _ in _STAFF[:2])
    if half is None or most is None or not half.n:
        return f"In {month} no request came in whose hours are known."
    asked = f"{words.count(half.n, 'request')} received in {month}"
    told = f"Of {asked}, half were finished within {_days(half)} of the desk's time, 9 of 10 within {_days(most)}."
    waited_half, waited = (measured.at(edition, name, edition.last_month) for name, _ in _CUSTOMER)
    if waited_half is not None and waited is not None:
        told += f" For the customers, with their own answers waited for, it was {_days(waited_half)} and {_days(waited)}."
    late, longest = (measured.at(edition, name, edition.last_month) for name in (_MEDIAN, _MAX))
    if late is not None and longest is not None and late.known:
        told += f" Of the requests with a promise that were due in {month}, {_late(late, longest)}."
    return told


def _late(middle: Share, longest: Share) -> str:
    if middle.n == 1:
        return f"1 was late, by {_hours(longest)} of desk time"
    return f"{middle.n:,} were late, half of them by {_hours(middle)} of desk time or less, none by more than {_hours(longest)}"


def figure(edition: Edition) -> Figure:
    """The card: within what time nine of ten that came in last month were finished."""
    half, most, waited = (
        measured.at(edition, name, edition.last_month) for name in ("completion-time-p50", "completion-time-p90", "customer-time-p90")
    )
    name = f"9 of 10 finished within, {words.month(edition.last_month)}"
    if half is None or most is None or not most.n:
        return Figure(name, "–", basis="no request came in", href="#times")
    change = f"as the customer waits: {_days(waited)}" if waited is not None else ""
    return Figure(
        name,
        _number(most),
        "business days",
        basis=f"of {words.count(most.n, 'request')}; half within {_days(half)}",
        change=change,
        href="#times",
    )


def chart(edition: Edition, remarks: notes.Remarks) -> charts.Multiples | None:
    """Both clocks side by side, month by month, on one axis; None before anything was measured."""
    found = {name: measured.months(edition, name, edition.last_month) for name, _ in (*_STAFF, *_CUSTOMER)}
    months = [share.period for share in found[_STAFF[0][0]]]
    if not any(share.known for shares in found.values() for share in shares):
        return None
    panels = [
        ("The desk's clock", [_curve(found[name], said, style) for (name, said), style in zip(_STAFF, _STYLES, strict=True)]),
        ("The customer's clock", [_curve(found[name], said, style) for (name, said), style in zip(_CUSTOMER, _STYLES, strict=False)]),
    ]
    most = [share for share in found[_STAFF[1][0]] if share.known]
    longest = max(most, key=lambda share: share.value, default=None)
    return charts.curves_side_by_side(
        "times",
        f"9 of 10 took longest in {words.month(longest.period)}: {_days(longest)}" if longest else "How long requests took",
        "Business days until so many of the requests received in a month were finished. The desk's clock stands still while a request "
        "waits for the customer, the customer's runs on. A gap: so many are not finished yet.",
        panels,
        [words.short_month(month) for month in months],
        lambda value: f"{round(value, 1):g}",
        few=measured.FEW_SAID,
        notes=remarks.on(months),
    )


def _curve(shares: Sequence[Share], name: str, style: str) -> charts.Curve:
    return charts.Curve(name, style, [share.value for share in shares], [share.n >= FEW for share in shares])


def table(edition: Edition) -> Grid:
    """The months, newest first, in business days and hours of the desk; where a share is not reached yet, longer than what is known."""
    names = [name for name, _ in (*_STAFF, *_CUSTOMER)]
    rows: list[list[Cell]] = []
    faint: set[int] = set()
    for share in reversed(measured.months(edition, names[0], edition.last_month)):
        if 0 < share.n < FEW:
            faint.add(len(rows))
        days: list[Cell] = [_beside_first(measured.at(edition, name, share.period)) for name in names]
        hours: list[Cell] = [_answer(edition, share.period)]
        hours += [_hours(measured.at(edition, name, share.period), "none") for name in (_MEDIAN, _MAX)]
        rows.append([words.month(share.period), _timed(edition, share), *days, *hours, _reopened(edition, share.period)])
    titles = (
        "Half, days",
        "9 of 10",
        "95 of 100",
        "Customer: half",
        "Customer: 9 of 10",
        "First answer, 9 of 10",
        "Late: median",
        "Late: most",
        "Reopened",
    )
    heads = zip(("Received", *titles), (_RECEIVED, *names, _ANSWER, _MEDIAN, _MAX, _REOPENED), strict=True)
    columns = (Head("Month", "date"), *(Head(title, "number", measured.meaning(measure)) for title, measure in heads))
    caption = (
        "Time to completion in business days by month of receipt, first answer and lateness in desk hours, newest first; late: of requests "
        "with a promise, by month due; in grey what was published first"
    )
    return Grid(caption, columns, rows, "No month in which requests came in has ended yet.", faint=frozenset(faint), lead=3)


def _timed(edition: Edition, share: Share) -> Cell:
    """How many of the requests received have hours, so that a time can be told of them."""
    received = measured.at(edition, _RECEIVED, share.period)
    return f"{share.n:,}" if received is None or received.n == share.n else Noted(f"{share.n:,}", f"of {received.n:,}")


def left_out(edition: Edition) -> str:
    """Why the table of times counts fewer requests than were received; "" where it does not."""
    received, timed = (measured.at(edition, name, measured.year_label(edition)) for name in (_RECEIVED, _STAFF[0][0]))
    if received is None or timed is None or received.n <= timed.n:
        return ""
    untimed = words.count(received.n - timed.n, "request")
    return (
        f"Of {untimed} received in FY{edition.fiscal_year} to date the log gives days without hours, so no time can be told: they "
        "count as received, and keep or miss their promise, but take no part in this table."
    )


def _answer(edition: Edition, period: str) -> Cell:
    """Within what time nine of ten were answered first, and of how many a log tells that: they may be far fewer than came in."""
    share = measured.at(edition, _ANSWER, period)
    if share is None or not share.n:
        return "not told"
    return Noted("too few", f"{share.n:,} told") if share.n < FEW else Noted(_hours(share), f"of {share.n:,}")


def _reopened(edition: Edition, period: str) -> str:
    share = measured.at(edition, _REOPENED, period)
    if share is None or not share.known:
        return "not told"
    return f"{share.met:,} of {share.n:,}" if share.few else words.percent(share.value)


def stages(edition: Edition) -> charts.Chart | None:
    """Where the time of completed requests goes, of all and by kind: this fiscal year, or the last where logs tell it of too few; None
    where they tell it in neither."""
    year = next((label for label in _years(edition) if _enough(_of_all(edition, label))), None)
    if year is None:
        return None
    rows = [row for row in (_of_all(edition, year), *_kinds(edition, year)) if row is not None]
    keys = [charts.Key(name, style) for _, name, style in _STAGES]
    shares = rows[0][2]
    most = max(range(len(shares)), key=lambda place: shares[place])
    titled = {
        "until the first answer": "passes until the first answer",
        "work": "is work",
        "waiting for the customer": "is spent waiting for the customer",
    }
    said = year.replace("-YTD", " to date")
    return charts.parts(
        "stages",
        f"Of the {words.count(rows[0][1], 'request')} completed in {said} of which logs tell it, {words.percent(shares[most], 0)} of the "
        f"time {titled[_STAGES[most][1]]}",
        f"Parts of the desk time until completion of requests completed in {said}, of which logs tell the first answer and the waits.",
        [(f"{name} ({n:,})", values) for name, n, values in rows],
        keys,
        lambda value: words.percent(value, 0),
        Grid(
            "Where the time of completed requests goes",
            (Head("What was asked"), Head("Requests", "number"), *(Head(name.capitalize(), "number") for _, name, _ in _STAGES)),
            [[name, f"{n:,}", *(words.percent(value) for value in values)] for name, n, values in rows],
            "",
        ),
    )


def stages_left_out(edition: Edition) -> str:
    """Why the parts of the time are not those of this fiscal year; "" where they are, or there are none."""
    now = _of_all(edition, measured.year_label(edition))
    if _enough(now) or stages(edition) is None:
        return ""
    told = "no request" if now is None else words.count(now[1], "request")
    return (
        f"In FY{edition.fiscal_year} to date logs tell both the first answer and the waits of {told} only, which is too few: the "
        "year before is shown."
    )


def _years(edition: Edition) -> tuple[str, str]:
    return measured.year_label(edition), f"FY{edition.fiscal_year - 1}"


def _of_all(edition: Edition, year: str) -> tuple[str, int, list[float]] | None:
    return _parts(edition, "all of which logs tell it", year, "office", "")


def _enough(parts: tuple[str, int, list[float]] | None) -> bool:
    return parts is not None and parts[1] >= FEW


def _kinds(edition: Edition, year: str) -> list[tuple[str, int, list[float]] | None]:
    found = measured.members(edition, _STAGES[0][0], "kind", year)
    return [_parts(edition, words.REQUEST_KINDS.get(kind, kind), year, "kind", kind) for kind, share in found if share.n >= FEW]


def _parts(edition: Edition, name: str, year: str, dimension: str, member: str) -> tuple[str, int, list[float]] | None:
    shares = [measured.at(edition, measure, year, dimension, member) for measure, *_ in _STAGES]
    known = [share for share in shares if share is not None and share.known]
    return (name, known[0].n, [share.value for share in known]) if len(known) == len(_STAGES) else None


def _number(share: Share | None) -> str:
    """A quantile in business days; where so many are not finished yet, that it is more than what was watched."""
    if share is None or not share.n:
        return "none"
    if share.known:
        return f"{share.value:.1f}"
    return "not known" if math.isnan(share.low) else f"> {share.low:.1f}"


def _beside_first(share: Share | None) -> Cell:
    """A quantile, with what its close published where that reads otherwise."""
    now = _number(share)
    then = "" if share is None or math.isnan(share.first) else f"{share.first:.1f}"
    return Noted(now, f"was\N{NO-BREAK SPACE}{then}") if then and then != now else now


def _days(share: Share) -> str:
    number = _number(share)
    return number if number in ("none", "not known") else f"{number} {'business day' if number == '1.0' else 'business days'}"


def _hours(share: Share | None, nothing: str = "") -> str:
    """Desk hours; of a quantile that is not reached, more than what was watched."""
    if share is None or not share.n:
        return nothing
    if share.known:
        return words.hours(share.value * 3600)
    return "not known" if math.isnan(share.low) else f"> {words.hours(share.low * 3600)}"
