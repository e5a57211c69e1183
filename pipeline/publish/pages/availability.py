"""Availability: the share of time the services were up, around the clock and in service hours, and every outage."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipeline.publish import charts, words
from pipeline.publish.pages import measured, notes
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.pages.measured import Share
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Page, State

AROUND_THE_CLOCK = "portal-availability"
SERVICE_HOURS = "portal-availability-service-hours"
DOWNTIME = "portal-downtime"
_DIGITS = 3
_LISTED = 200
_HOUR = 3600
_TOO_LATE: tuple[str, State] = ("counted as down: announced too late", "missed")
_KINDS: dict[str, tuple[str, State]] = {
    "full": ("down", "missed"),
    "partial": ("partly down", "near"),
    "planned": ("planned maintenance", "plain"),
    "unmonitored": ("not monitored", "plain"),
}


def pages(edition: Edition) -> Iterator[Page]:
    """The page of availability."""
    services = members(edition)
    yield Page(
        "availability.md",
        "pages/availability.md.j2",
        "Availability",
        {
            "sentence": sentence(edition),
            "figures": _figures(edition, services),
            "services": [_service(edition, service, f"availability-{index}") for index, service in enumerate(services)],
            "outages": outages(edition),
            "partial": words.percent(float(edition.settings.availability.partial_weight), 0),
            "target": words.percent(float(edition.settings.availability.target)),
            "notes": notes.of(edition, {"availability", AROUND_THE_CLOCK, SERVICE_HOURS, DOWNTIME}).grid(),
            "foot": foot(edition, ("outages",), "measures", len(edition.books.measures)),
        },
    )


def members(edition: Edition) -> list[tuple[str, str]]:
    """The (dimension, member) pairs that availability is measured for: each service."""
    measures = edition.books.measures
    ours = measures[measures["measure"] == AROUND_THE_CLOCK]
    return sorted({(str(row.dimension), str(row.member)) for row in rows_of(ours)})


def sentence(edition: Edition) -> str:
    """The last month of each service in one sentence."""
    said = []
    for dimension, member in members(edition):
        share = measured.at(edition.books.measures, AROUND_THE_CLOCK, edition.last_month, dimension, member)
        if share is not None and share.known:
            said.append(f"{member} was available {words.percent(share.value, 2)} of the time")
    if not said:
        return f"No service was measured in {words.month(edition.last_month)}: no outage log has come in."
    target = words.percent(float(edition.settings.availability.target))
    return f"In {words.month(edition.last_month)}, {', '.join(said)} (target {target})."


def _figures(edition: Edition, services: list[tuple[str, str]]) -> list[Figure]:
    measures, month = edition.books.measures, edition.last_month
    figures = []
    for dimension, member in services[:2]:
        for measure, hours in ((AROUND_THE_CLOCK, "around the clock"), (SERVICE_HOURS, "in service hours")):
            figures.append(
                measured.figure(
                    f"{member.capitalize()}, {hours}, {words.month(month)}",
                    measured.at(measures, measure, month, dimension, member),
                    "",
                    change=measured.change(measures, measure, month, dimension, member, 2),
                    digits=2,
                )
            )
    return [*figures, _outages(edition, services)]


def _outages(edition: Edition, services: list[tuple[str, str]]) -> Figure:
    """How many outages touched the last month, as the measure counts them, and how long they lasted."""
    month = edition.last_month
    down = [measured.at(edition.books.measures, DOWNTIME, month, *service) for service in services]
    known = [share for share in down if share is not None and share.known]
    name = f"Outages, {words.month(month)}"
    if not known:
        return Figure(name, "–", basis="nothing was measured")
    lasted = words.hours(sum(share.value for share in known) * _HOUR)
    return Figure(name, words.count(sum(share.n for share in known)), basis=f"down for {lasted}", change="those that overlap count once")


def _service(edition: Edition, service: tuple[str, str], name: str) -> dict[str, object]:
    dimension, member = service
    shares = measured.months(edition.books.measures, AROUND_THE_CLOCK, edition.last_month, dimension, member)
    hours = measured.months(edition.books.measures, SERVICE_HOURS, edition.last_month, dimension, member)
    table = _table(member, shares, {share.period: share for share in hours})
    return {"name": member.capitalize(), "chart": _chart(name, member, shares), "table": table}


def _table(member: str, shares: list[Share], hours: dict[str, Share]) -> Grid:
    rows: list[list[Cell]] = []
    for share in reversed(shares):
        desk = hours.get(share.period)
        rows.append(
            [
                words.month(share.period),
                words.percent(share.value, _DIGITS) or "not measured",
                share.chip("not judged"),
                (words.percent(desk.value, _DIGITS) if desk else "") or "not measured",
                words.percent(share.target) or "no target",
            ]
        )
    columns: tuple[Head, ...] = (
        Head("Month", "date"),
        Head("Around the clock", "number"),
        Head("Verdict"),
        Head("In service hours", "number"),
        Head("Target", "number"),
    )
    return Grid(f"Availability of {member} by month, newest first", columns, rows, "Nothing was measured yet.")


def _chart(name: str, member: str, shares: list[Share]) -> charts.Chart | None:
    known = [share for share in shares if share.known]
    if not known:
        return None
    below = [share for share in known if share.value < share.target]
    title = (
        f"Below target in {words.count(len(below), 'month')} of {len(known)}, last in {words.month(below[-1].period)}"
        if below
        else f"At or above target in all {words.count(len(known), 'month')}"
    )
    return charts.trend(
        name,
        f"{member.capitalize()}: {title[0].lower()}{title[1:]}",
        f"Share of time that {member} was available, around the clock, by month from {words.month(known[0].period)} to "
        f"{words.month(known[-1].period)}; the target is a dashed line.",
        measured.points(shares, _DIGITS),
        known[-1].target,
        lambda value: words.percent(value, 1),
    )


def outages(edition: Edition) -> Grid:
    """Every outage, maintenance and blind spell, newest first; what happened is told internally only."""
    ordered = edition.books.outages.sort_values("began_at", ascending=False, kind="stable").iloc[:_LISTED]
    zone = edition.settings.organization.zone
    too_late = _announced_too_late(edition)
    rows: list[list[Cell]] = []
    for row in rows_of(ordered):
        word, state = _TOO_LATE if row.source in too_late else _KINDS[row.kind]
        ended = row.ended_at
        span = "still going on" if pd.isna(ended) else words.hours((ended - row.began_at).total_seconds())
        cells: list[Cell] = [
            row.began_at.tz_convert(zone).strftime("%Y-%m-%d %H:%M"),
            "not yet" if pd.isna(ended) else ended.tz_convert(zone).strftime("%Y-%m-%d %H:%M"),
            span,
            row.service,
            Chip(word, state),
        ]
        rows.append([*cells, row.note or "no note"] if edition.internal else cells)
    columns: tuple[Head, ...] = (
        Head("Began", "date"),
        Head("Ended", "date"),
        Head("Lasted", "number"),
        Head("Service", "name"),
        Head("Kind"),
    )
    heads: tuple[Head, ...] = (*columns, Head("What happened")) if edition.internal else columns
    return Grid(
        f"Outages, newest first, {edition.settings.organization.timezone} time", heads, rows, "No outage has been entered.", things=True
    )


def _announced_too_late(edition: Edition) -> set[int]:
    """Places of the maintenance that the measures count as an outage, by the finding that says so."""
    found = edition.books.findings
    late = found.loc[found["code"] == "late-maintenance", ["file", "sheet", "row"]]
    return {int(source) for source in edition.books.places.merge(late, on=["file", "sheet", "row"])["source"]}
