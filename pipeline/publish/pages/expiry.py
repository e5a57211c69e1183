"""Expiry: how many certificates end in each of the coming weeks, and which, soonest first."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipeline.publish import charts, words
from pipeline.publish.pages import certificate_rows
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Figure, Grid, Head, Page

_WEEKS = 26
_LISTED_DAYS = 90
_LISTED_ROWS = 500
_SPANS = (7, 30, 90)


def pages(edition: Edition) -> Iterator[Page]:
    """The page of coming expiries."""
    current = certificate_rows.most_urgent_first(certificate_rows.in_force(edition.books.certificates))
    soon = current[current["days_left"] <= _LISTED_DAYS]
    caption = f"Certificates in force that end within {_LISTED_DAYS} days, soonest first"
    yield Page(
        "expiry.md",
        "pages/expiry.md.j2",
        "Expiry and renewal",
        {
            "sentence": sentence(edition),
            "figures": [_figure(current, days) for days in _SPANS],
            "chart_view": _chart(edition, current),
            "soon": certificate_rows.grid(
                edition, soon.iloc[:_LISTED_ROWS], caption, f"No certificate in force ends within {_LISTED_DAYS} days."
            ).without(certificate_rows.STATE),
            "left_out": max(len(soon) - _LISTED_ROWS, 0),
            "days": _LISTED_DAYS,
            "foot": foot(edition, ("certificates", "pem"), "certificates", len(edition.books.certificates)),
        },
    )


def expiring(current: pd.DataFrame, days: int) -> pd.DataFrame:
    """Those of `current` whose last day is at most `days` away."""
    return current[(current["days_left"] <= days).fillna(False)]


def sentence(edition: Edition) -> str:
    """How many end within 30 days, and for how many of them nobody can be told."""
    soon = expiring(certificate_rows.in_force(edition.books.certificates), 30)
    if soon.empty:
        return "No certificate in force expires within 30 days."
    alone = int((soon["contact_email"] == "").sum())
    told = f"{words.count(alone)} of them {'has' if alone == 1 else 'have'} no contact" if alone else "each has a contact"
    verb = "expires" if len(soon) == 1 else "expire"
    return f"{words.count(len(soon), 'certificate')} in force {verb} within 30 days; {told}."


def _figure(current: pd.DataFrame, days: int) -> Figure:
    ending = expiring(current, days)
    return Figure(f"Within {days} days", words.count(len(ending)), basis=f"of {words.count(len(current), 'certificate')} in force")


def _chart(edition: Edition, current: pd.DataFrame) -> charts.Chart | None:
    known = current[current["days_left"].notna()]
    if known.empty:
        return None
    weeks = (known["days_left"].astype("int64") // 7).to_numpy()
    counts = [int((weeks == week).sum()) for week in range(_WEEKS)]
    mondays = [pd.Timestamp(edition.today) + pd.Timedelta(days=7 * week) for week in range(_WEEKS)]
    labels = [f"{day.day} {day:%b}" for day in mondays]
    most = max(range(_WEEKS), key=lambda week: (counts[week], -week))
    rows = [
        [words.day(day), words.day(day + pd.Timedelta(days=6)), words.count(number)] for day, number in zip(mondays, counts, strict=True)
    ]
    table = Grid(
        "Certificates in force by the week they end in",
        (Head("First day", "date"), Head("Last day", "date"), Head("Certificates", "number")),
        rows,
        "",
        ["Total", f"{_WEEKS} weeks", words.count(sum(counts))],
    )
    title = (
        f"The week of {words.long_day(mondays[most].date())} has the most: {words.count(counts[most], 'certificate')}"
        if counts[most]
        else f"Nothing ends in the coming {_WEEKS} weeks"
    )
    return charts.bars(
        "expiry",
        title,
        f"Certificates in force that end in each of the {_WEEKS} weeks from {words.long_day(edition.today)}.",
        labels,
        [charts.Series("certificates", "series-1", counts)],
        lambda number: f"{number:,.0f}",
        table,
    )
