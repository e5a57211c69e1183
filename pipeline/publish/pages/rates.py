"""Rates: what an order costs in the last, this and the next fiscal year, and the whole rate card, straight from the settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pandas as pd

from pipeline import calendar
from pipeline.publish import words
from pipeline.publish.pages import charge_sums
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Cell, Chip, Grid, Head, Noted, Page
from pipeline.recovery import OLDEST_RATE_DAYS
from pipeline.settings import Rate


def pages(edition: Edition) -> Iterator[Page]:
    """The page of rates."""
    this = edition.fiscal_year
    yield Page(
        "rates.md",
        "pages/rates.md.j2",
        "Rates",
        {
            "sentence": _sentence(edition),
            "years": [
                {"title": f"{name}: fiscal year {year}", "said": said, "grid": year_grid(edition, year)}
                for name, year, said in (
                    ("This year", this, ""),
                    ("Next year", this + 1, _next_year(edition)),
                    ("Last year", this - 1, ""),
                )
            ],
            "card": _card(edition),
            "oldest_days": OLDEST_RATE_DAYS,
            "too_old": _too_old(edition),
            "internal": edition.internal,
            "payment_days": edition.settings.charges.payment_days,
        },
    )


def year_grid(edition: Edition, year: int) -> Grid:
    """The rates in force on some day of the fiscal year, with their first and last day and since when they have been in force.

    Of a year to come a rate that only goes on for want of a new line says so.
    """
    first, last = _year(edition, year)
    rows: list[list[Cell]] = [
        [
            rate.tier,
            words.amount(rate.cents),
            words.day(max(rate.since, first)),
            words.day(min(until or last, last)),
            _since(edition, rate, first),
        ]
        for rate, until in _spans(edition)
        if rate.since <= last and (until is None or until >= first)
    ]
    columns: tuple[Head, ...] = (Head("Tier"), Head("Rate of an order, $", "number"), Head("From", "date"), Head("To", "date"))
    return Grid(
        f"Rates of fiscal year {year}, {words.long_day(first)} to {words.long_day(last)}",
        (*columns, Head("Line of the rate card", "name")),
        rows,
        "No rate was in force in this year." if year <= edition.fiscal_year else "No rate is set for this year.",
        lead=1,
    )


def _since(edition: Edition, rate: Rate, first: dt.date) -> Cell:
    set_in_time = first <= edition.today or rate.since >= first
    said = f"of {words.day(rate.since)}"
    return said if set_in_time else Noted(said, "goes on until a new line is set", "near")


def _next_year(edition: Edition) -> str:
    """What is known of the next year's rates: which tiers have a line that begins in it, and what holds for the others."""
    first, last = _year(edition, edition.fiscal_year + 1)
    set_tiers = {rate.tier for rate, _ in _spans(edition) if first <= rate.since <= last}
    unset = [tier for tier in edition.tier_names() if tier not in set_tiers]
    if not unset:
        return ""
    days = (first - edition.today).days
    return (
        f"The rate of {' and '.join(unset)} for the year that begins on {words.long_day(first)}, {words.in_days(days)}, is not set yet. "
        "Unless it is set, the rate of today goes on."
    )


def _card(edition: Edition) -> Grid:
    """Every line of the rate card, newest first in each tier: its span, its change, how old it is or was, and how many orders it priced."""
    charged = edition.books.ledger
    orders = charge_sums.orders(charged)
    before: dict[str, int] = {}
    rows: list[list[Cell]] = []
    for rate, until in _spans(edition):
        days = charged["service_on"]
        held = (charged["tier"] == rate.tier) & (days >= pd.Timestamp(rate.since)) & (days <= pd.Timestamp(until or dt.date.max))
        rows.append(
            [
                rate.tier,
                words.amount(rate.cents),
                words.day(rate.since),
                words.day(until) if until else "next line",
                _change(before.get(rate.tier), rate.cents),
                _age(edition, rate, until),
                words.count(int(orders[held].sum())),
            ]
        )
        before[rate.tier] = rate.cents
    ordered = [row for tier in edition.tier_names() for row in reversed(rows) if row[0] == tier]
    columns: tuple[Head, ...] = (Head("Tier"), Head("Rate of an order, $", "number"), Head("From", "date"), Head("Until", "date"))
    columns += (Head("Change", "number"), Head("Age", "name"), Head("Orders charged", "number"))
    return Grid("The rate card, newest line first in each tier", columns, ordered, "The rate card has no line.", lead=1)


def _change(before: int | None, now: int) -> str:
    """Against the tier's line before, in dollars and in percent of it."""
    if before is None:
        return "first line"
    if before == now:
        return "none"
    sign = "+" if now > before else "−"
    share = f", {sign}{words.percent(abs(now - before) / before)}" if before else ""
    return f"{sign}{words.amount(abs(now - before))}{share}"


def _age(edition: Edition, rate: Rate, until: dt.date | None) -> Cell:
    """How long the rate has been in force, or was; over two years it is marked as long as it is in force."""
    if rate.since > edition.today:
        return f"begins {words.in_days((rate.since - edition.today).days)}"
    days = (min(until or edition.today, edition.today) - rate.since).days
    if until and until < edition.today:
        return f"was {words.count(days + 1, 'day')} in force"
    age = words.count(days, "day")
    return Noted(age, "over two years", "near") if days > OLDEST_RATE_DAYS else Chip(age, "met") if days else "since today"


def _too_old(edition: Edition) -> str:
    """Which rates in force are older than two years, and from which day they hold; '' where none is."""
    oldest = edition.today - dt.timedelta(days=OLDEST_RATE_DAYS)
    over = [f"{rate.tier}, in force since {words.long_day(rate.since)}" for rate in _in_force(edition) if rate.since < oldest]
    if not over:
        return ""
    its, stays = ("It has", "it stays as it is") if len(over) == 1 else ("They have", "they stay as they are")
    return f"Older than two years: the rate of {'; and that of '.join(over)}. {its} to be reviewed; a review may find that {stays}."


def _in_force(edition: Edition) -> list[Rate]:
    return [rate for rate, until in _spans(edition) if rate.since <= edition.today and (until is None or until >= edition.today)]


def _year(edition: Edition, year: int) -> tuple[dt.date, dt.date]:
    periods = (f"FY{year}-P01", f"FY{year}-P12")
    return calendar.period_first_day(periods[0], edition.starts), calendar.period_last_day(periods[1], edition.starts)


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
    in_force = _in_force(edition)
    if not in_force:
        return "No rate is in force: nothing is charged."
    prices = [f"{words.dollars(rate.cents)} for {rate.tier}" for rate in in_force]
    return f"On {words.long_day(edition.today)} an order costs {' and '.join(prices)}."
