"""Availability: the share of time the services were up, around the clock and in service hours, and what the outages amount to."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pipeline.publish import charts, words
from pipeline.publish.pages import downtime, measured, notes, outages, restated
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.foot import FIGURES, foot
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Figure, Grid, Head, Page

AROUND_THE_CLOCK = "portal-availability"
SERVICE_HOURS = "portal-availability-service-hours"
_DOWNTIME, _OUTAGES, _LONGEST, _RESTORE = "portal-downtime", "outages", "longest-outage", "time-to-restore"
_BUDGET, _BLIND = "downtime-budget-left", "unmonitored-time"
_HOURS = ((AROUND_THE_CLOCK, "around the clock"), (SERVICE_HOURS, "in service hours"))
_DIGITS = 3
_NOT_MEASURED = "not measured"
_HOUR = 3600
_AXIS = 0.95  # where the bars begin, unless one is shorter

Service = tuple[str, str]


def pages(edition: Edition) -> Iterator[Page]:
    """The page of availability; the public edition has no remarks, and does not say what happened."""
    services = members(edition)
    remarks = notes.of(edition, {"availability", AROUND_THE_CLOCK, SERVICE_HOURS, _DOWNTIME, _OUTAGES})
    found = [_Months(edition, service) for service in services]
    yield Page(
        "availability.md",
        "pages/availability.md.j2",
        "Availability",
        {
            "sentence": sentence(edition),
            "figures": _figures(edition, services),
            "years": _years(edition, services),
            "services": [_service(one, remarks, f"availability-{index}") for index, one in enumerate(found)],
            "outages": outages.grid(edition),
            "partial": words.percent(float(edition.settings.availability.partial_weight), 0),
            "target": words.percent(float(edition.settings.availability.target)),
            "notes": remarks.grid(),
            "remarks_left_out": remarks.left_out,
            "unexplained": remarks.unexplained(_worst(found), AROUND_THE_CLOCK),
            "definitions": measured.explained("availability"),
            "restated": restated.told(edition, "availability"),
            "foot": foot(edition, ("outages",), "measures", len(edition.books.measures), also=FIGURES[1:]),
        },
    )


class _Months:
    """The months of one service: around the clock, and the same months in service hours."""

    def __init__(self, edition: Edition, service: Service) -> None:
        self.edition, self.service, self.name = edition, service, service[1]
        self.shares, self.desk = (
            measured.months(edition, measure, edition.last_month, *service) for measure in (AROUND_THE_CLOCK, SERVICE_HOURS)
        )

    def of(self, measure: str, period: str) -> Share | None:
        """A figure of the service in a period; None where it was not measured."""
        found = measured.at(self.edition, measure, period, *self.service)
        return found if found is not None and found.known else None


def members(edition: Edition) -> list[Service]:
    """The (dimension, member) pairs that availability is measured for: each service."""
    measured_by = edition.dimensions(AROUND_THE_CLOCK)
    return sorted((dimension, member) for dimension in measured_by for member in edition.figures(AROUND_THE_CLOCK, dimension))


def sentence(edition: Edition) -> str:
    """The last month of each service in one sentence: both shares, the target, and the verdict."""
    month = words.month(edition.last_month)
    said = [text for service in members(edition) if (text := _said(edition, service))]
    if not said:
        return f"No service was measured in {month}: no outage log has come in."
    target = words.percent(float(edition.settings.availability.target))
    return f"In {month}, {'; '.join(said)}. The target is {target}."


def _said(edition: Edition, service: Service) -> str:
    shares = [measured.at(edition, measure, edition.last_month, *service) for measure, _ in _HOURS]
    known = [(share, hours) for share, (_, hours) in zip(shares, _HOURS, strict=True) if share is not None and share.known]
    if not known:
        return ""
    parts = [f"{words.percent(share.value, 2)} {hours} ({share.word})" for share, hours in known]
    return f"{service[1]} was available {' and '.join(parts)}"


def _figures(edition: Edition, services: list[Service]) -> list[Figure]:
    """Both shares of the last month; of a single service also its outages, and what is left of the year."""
    month = edition.last_month
    figures = [
        measured.defined(
            measured.figure(
                f"{hours.capitalize() if len(services) == 1 else f'{member}, {hours}'}, {words.month(month)}",
                measured.at(edition, measure, month, dimension, member),
                "",
                change=measured.change(edition, measure, month, dimension, member, 2),
                digits=2,
            ),
            measure,
        )
        for dimension, member in services[:2]
        for measure, hours in _HOURS
    ]
    figures.append(measured.defined(_down(edition, services), _OUTAGES))
    if len(services) == 1:
        shown = ((_longest, _LONGEST), (_left, _BUDGET), (_blind, _BLIND))
        figures += [measured.defined(card(edition, services[0]), measure) for card, measure in shown]
    return figures


def _down(edition: Edition, services: list[Service]) -> Figure:
    """How many outages touched the last month, as the measure counts them, and how long they lasted."""
    month = edition.last_month
    down = [measured.at(edition, _DOWNTIME, month, *service) for service in services]
    known = [share for share in down if share is not None and share.known]
    name = f"Outages, {words.month(month)}"
    if not known:
        return Figure(name, "–", basis="nothing was measured")
    lasted = words.hours(sum(share.value for share in known) * _HOUR)
    return Figure(name, words.count(sum(share.n for share in known)), basis=f"down for {lasted}", change="those that overlap count once")


def _year(edition: Edition, service: Service, measure: str) -> Share | None:
    found = measured.at(edition, measure, measured.year_label(edition), *service)
    return found if found is not None and found.known else None


def _longest(edition: Edition, service: Service) -> Figure:
    name = f"Longest outage, FY{edition.fiscal_year} to date"
    longest, restore = (_year(edition, service, measure) for measure in (_LONGEST, _RESTORE))
    if longest is None:
        return Figure(name, "none", basis="no outage in this fiscal year")
    mean = f"on average {words.hours(restore.value * _HOUR)} until service was back" if restore else ""
    return Figure(name, words.hours(longest.value * _HOUR), basis=f"of {words.count(longest.n, 'outage')}", change=mean)


def _left(edition: Edition, service: Service) -> Figure:
    """What the target still allows in the fiscal year to date."""
    left, target = _year(edition, service, _BUDGET), words.percent(float(edition.settings.availability.target))
    name = f"Downtime left, FY{edition.fiscal_year} to date"
    if left is None:
        return Figure(name, "–", basis="no target, or nothing was measured")
    if left.value < 0:
        return Figure(
            f"Downtime over the limit, FY{edition.fiscal_year} to date", downtime.hours(-left.value), state="missed",
            basis=f"beyond what a target of {target} allows for the days so far", word="the year is below target so far",
        )  # fmt: skip
    return Figure(name, downtime.hours(left.value), basis=f"that a target of {target} still allows", state="met", word="within the limit")


def _blind(edition: Edition, service: Service) -> Figure:
    blind = _year(edition, service, _BLIND)
    name = f"Not monitored, FY{edition.fiscal_year} to date"
    if blind is None:
        return Figure(name, "–", basis="nothing was measured")
    share = words.percent(blind.value, 2)
    return Figure(name, share, basis="of the time; it counts neither as up nor as down", state=blind.state, word=blind.word)


def _years(edition: Edition, services: list[Service]) -> Grid:
    """Each service in the fiscal year to date, beside the same span of last year."""
    now = measured.year_label(edition)
    last = f"FY{edition.fiscal_year - 1}"
    spans = ((now, f"FY{edition.fiscal_year} to date"), (f"{last}-YTD", f"{last}, same days"))
    rows: list[list[Cell]] = []
    for service in services:
        months = _Months(edition, service)
        for label, name in spans:
            shares = [months.of(measure, label) for measure, _ in _HOURS]
            if any(shares):
                rows.append(
                    [service[1], name, *_shares(shares), *_outage_cells(months, label), _cell(months.of(_BUDGET, label), downtime.hours)]
                )
    columns: tuple[Head, ...] = (Head("Service", "name"), Head("Span", "short"), Head("Around the clock", "number"))
    columns += (Head("In service hours", "number"), Head("Outages", "number"), Head("Down", "number"), Head("Longest", "number"))
    columns += (Head("Mean to restore", "number"), Head("Left of the limit", "number"))
    every = Grid("Each service this fiscal year and last", columns, rows, "Nothing was measured yet.", captioned=False, lead=2)
    return every if len(services) > 1 else every.without(0)


def _shares(shares: list[Share | None]) -> list[Cell]:
    return [_cell(share, lambda value: words.percent(value, _DIGITS)) for share in shares]


def _outage_cells(months: _Months, period: str) -> list[Cell]:
    """How many outages touched a period, how long it was down, the longest of them, and the mean time until one was over."""
    number = months.of(_OUTAGES, period)
    spans = (months.of(measure, period) for measure in (_DOWNTIME, _LONGEST, _RESTORE))
    return [words.count(number.n) if number else _NOT_MEASURED, *(_cell(span, downtime.hours, "none") for span in spans)]


def _cell(share: Share | None, say: charts.Say, nothing: str = _NOT_MEASURED) -> str:
    return nothing if share is None else say(share.value)


def _service(months: _Months, remarks: notes.Remarks, name: str) -> dict[str, object]:
    return {
        "name": months.name,
        "chart": _chart(months, remarks, name),
        "table": _table(months),
        "left": downtime.chart(months.edition, months.service, f"{name}-left"),
    }


def _table(months: _Months) -> Grid:
    desk = {share.period: share for share in months.desk}
    rows: list[list[Cell]] = []
    for share in reversed(months.shares):
        hours = desk.get(share.period)
        both: list[Cell] = []
        for one in (share, hours):
            both += [measured.cell(one, _DIGITS, unknown=_NOT_MEASURED), one.chip("not judged")] if one else [_NOT_MEASURED, ""]
        rows.append([words.month(share.period), *both, *_outage_cells(months, share.period)[:3]])
    columns: tuple[Head, ...] = (Head("Month", "date"), Head("Around the clock", "number"), Head("Verdict"))
    columns += (Head("In service hours", "number"), Head("Verdict"), Head("Outages", "number"), Head("Counted as down", "number"))
    columns += (Head("Longest", "number"),)
    target = words.percent(float(months.edition.settings.availability.target))
    return Grid(
        f"Availability of {months.name} by month, newest first; target {target}", columns, rows, "Nothing was measured yet.", lead=1
    )


def _chart(months: _Months, remarks: notes.Remarks, name: str) -> charts.Multiples | None:
    known = [share for share in months.shares if share.known]
    if not known:
        return None
    labels = [share.period for share in months.shares]
    desk = {share.period: share.value for share in months.desk}
    return charts.side_by_side(
        name,
        f"{months.name}: {_finding(known)}",
        f"Share of time available by month from {words.month(known[0].period)} to {words.month(known[-1].period)}; the target is a dashed "
        "line.",
        [
            charts.Columns("Around the clock", "series-1", [share.value for share in months.shares]),
            charts.Columns("In service hours", "series-3", [desk.get(label, math.nan) for label in labels]),
        ],
        [words.short_month(label) for label in labels],
        known[-1].target,
        lambda value: words.percent(value, 1),
        _AXIS,
        notes=remarks.on(labels),
    )


def _finding(known: list[Share]) -> str:
    below = [share for share in known if share.value < share.target]
    if not below:
        return f"at or above target in all {words.count(len(known), 'month')}"
    return f"below target in {words.count(len(below), 'month')} of {len(known)}, last in {words.month(below[-1].period)}"


def _worst(found: list[_Months]) -> list[Share]:
    """The months of all services around the clock: one that any of them missed is a month to explain."""
    return sorted((share for months in found for share in months.shares), key=lambda share: share.period)
