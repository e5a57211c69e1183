"""How much of the downtime that the target allows a service in a fiscal year is left, month by month."""

from __future__ import annotations

from pipeline.calendar import day_end, period_last_day
from pipeline.publish import charts, words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Grid, Head

_LEFT, _DOWN = "downtime-budget-left", "portal-downtime"
_HOUR = 3600


def chart(edition: Edition, service: tuple[str, str], name: str) -> charts.Chart | None:
    """What was left of the year's allowance at the end of each month of the fiscal year, below zero where it is used up; None without a
    target, or before anything was measured.

    The allowance is what the target allows of the time counted so far, and of all time from now to the end of the year.
    """
    months = _months(edition, service)
    if not months:
        return None
    allowed = _allowance(edition, months)
    left: list[float] = []
    for _, _, down in months:
        left.append((left[-1] if left else allowed) - down)
    year, newest = f"FY{edition.fiscal_year}", months[-1][0]
    rows = [[words.month(month), hours(down), hours(rest)] for (month, _, down), rest in zip(months, left, strict=True)]
    return charts.bars(
        name,
        _finding(service[1], year, allowed, left, [words.month(month) for month, _, _ in months]),
        f"Hours of downtime that the target still allows in {year}, at the end of each month.",
        [words.short_month(month) for month, _, _ in months],
        [charts.Series("left", "series-1", left)],
        lambda value: f"{f'{value:,.1f}'.removesuffix('.0')} h".replace("-", "−"),
        Grid(
            f"Downtime in {year} and what was left of {hours(allowed)}, newest first",
            (Head("Month", "date"), Head("Counted as down", "number"), Head("Left of the year", "number")),
            rows[::-1],
            "",
        ),
        measured.so_far(edition) if newest == edition.running_month else "",
    )


def hours(value: float) -> str:
    """Hours as `5 h 07 min`; fewer than none with a minus sign."""
    return f"{'−' if value < 0 else ''}{words.hours(abs(value) * _HOUR)}"


def _months(edition: Edition, service: tuple[str, str]) -> list[tuple[str, float, float]]:
    """The months of this fiscal year with a budget: each with the hours left of its own budget, and the hours counted as down."""
    first, last = f"{edition.year_begins:%Y-%m}", f"{edition.today:%Y-%m}"
    found = []
    for one in measured.months(edition, _LEFT, last, *service):
        down = measured.at(edition, _DOWN, one.period, *service)
        if one.period >= first and one.known and down is not None and down.known:
            found.append((one.period, one.value, down.value))
    return found


def _allowance(edition: Edition, months: list[tuple[str, float, float]]) -> float:
    """The hours that the target allows in the whole fiscal year."""
    zone, settings = edition.settings.organization.zone, edition.settings.availability
    ends = period_last_day(f"FY{edition.fiscal_year}-P12", edition.starts)
    to_come = (day_end(ends, zone) - day_end(edition.today, zone)).total_seconds() / _HOUR
    return sum(left + down for _, left, down in months) + float(1 - settings.target) * to_come


def _finding(service: str, year: str, allowed: float, left: list[float], months: list[str]) -> str:
    used_up = next((month for month, rest in zip(months, left, strict=True) if rest < 0), "")
    if used_up:
        return f"In {used_up} {service} used up the {hours(allowed)} of downtime that {year} allows; it is {hours(-left[-1])} beyond"
    return f"{service} has {hours(left[-1])} left of the {hours(allowed)} of downtime that {year} allows"
