"""Rates: what an order costs in this fiscal year and the last, straight from the rate card of the settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pipeline import calendar
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Grid, Head, Page
from pipeline.settings import Rate


def pages(edition: Edition) -> Iterator[Page]:
    """The page of rates."""
    years = [edition.fiscal_year, edition.fiscal_year - 1]
    charges = edition.settings.charges
    yield Page(
        "rates.md",
        "pages/rates.md.j2",
        "Rates",
        {
            "sentence": _sentence(edition),
            "years": [{"title": f"Fiscal year {year}", "grid": year_grid(edition, year)} for year in years],
            "term_days": charges.term_days,
            "refund_days": charges.refund_days,
            "payment_days": charges.payment_days,
        },
    )


def year_grid(edition: Edition, year: int) -> Grid:
    """The rates in force on some day of the fiscal year, with their first and last day."""
    first = calendar.period_first_day(f"FY{year}-P01", edition.starts)
    last = calendar.period_last_day(f"FY{year}-P12", edition.starts)
    rows = [
        [rate.tier, words.amount(rate.cents), words.day(max(rate.since, first)), words.day(until or last)]
        for rate, until in _spans(edition)
        if rate.since <= last and (until is None or until >= first)
    ]
    columns: tuple[Head, ...] = (Head("Tier"), Head("Rate of an order, $", "number"), Head("From", "date"), Head("To", "date"))
    return Grid(
        f"Rates of fiscal year {year}, {words.long_day(first)} to {words.long_day(last)}",
        columns,
        rows,
        "No rate was in force in this year.",
    )


def _spans(edition: Edition) -> list[tuple[Rate, dt.date | None]]:
    """Each rate, tiers in the order of the settings, with its last day: that before the tier's next line, None while it is the newest."""
    tiers = edition.tier_names()
    ordered = sorted(edition.settings.rate, key=lambda rate: (tiers.index(rate.tier), rate.since))
    following = [*ordered, None][1:]
    return [
        (rate, then.since - dt.timedelta(days=1) if then is not None and then.tier == rate.tier else None)
        for rate, then in zip(ordered, following, strict=True)
    ]


def _sentence(edition: Edition) -> str:
    in_force = [rate for rate, until in _spans(edition) if rate.since <= edition.today and (until is None or until >= edition.today)]
    if not in_force:
        return "No rate is in force: nothing is charged."
    prices = [f"{words.dollars(rate.cents)} for {rate.tier}" for rate in in_force]
    return f"On {words.long_day(edition.today)} an order costs {' and '.join(prices)}."
