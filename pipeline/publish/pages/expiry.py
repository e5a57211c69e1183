"""Expiry: what ends within 7, 30, 60 and 90 days, soonest first, who is told, and what expired although nothing took over."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from typing import Any

import pandas as pd

from pipeline.certificates import LAPSED_WITHIN_DAYS
from pipeline.publish import charts, in_force, words
from pipeline.publish.pages import certificate_rows, measured, notes, renewed, restated
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.pages.foot import FIGURES, foot
from pipeline.publish.parts import Figure, Grid, Head, Page
from pipeline.service.renewals import ON_TIME

_WEEKS = 26
LISTED_DAYS = in_force.SPANS[-1]
_LISTED_ROWS = 500
_LAPSED_ROWS = 100
LAPSED = f"Expired in the last {LAPSED_WITHIN_DAYS} days without a successor"


def pages(edition: Edition) -> Iterator[Page]:
    """The page of coming expiries."""
    current = certificate_rows.most_urgent_first(edition, edition.to_renew)
    soon, over = in_force.ending(current, LISTED_DAYS), lapses(edition)
    by_month, remarks = renewed.months(edition), notes.of(edition, {"renewal", *renewed.MEASURES})
    yield Page(
        "expiry.md",
        "pages/expiry.md.j2",
        "Expiry and renewal",
        {
            "sentence": sentence(edition),
            "figures": [
                *(_figure(edition, current, days) for days in in_force.SPANS),
                _without_contact(soon),
                lapsed_figure(over, "#lapsed"),
            ],
            "chart_view": _chart(edition, current),
            "lapsed": certificate_rows.renewals(
                edition, over.iloc[:_LAPSED_ROWS], f"{LAPSED}, newest first", f"Nothing expired in the last {LAPSED_WITHIN_DAYS} days."
            ),
            "lapsed_left_out": max(len(over) - _LAPSED_ROWS, 0),
            "lapsed_days": LAPSED_WITHIN_DAYS,
            "groups": list(_groups(edition, soon.iloc[:_LISTED_ROWS])),
            "left_out": max(len(soon) - _LISTED_ROWS, 0),
            "days": LISTED_DAYS,
            "retired": of_retired_hosts(_retired(edition)),
            "renewed_sentence": renewed.sentence(edition),
            "renewed_left_out": renewed.left_out(edition, by_month),
            "renewed_chart": renewed.chart(edition, by_month, remarks),
            "renewed_table": renewed.table(edition, by_month),
            "notes": remarks.grid(),
            "remarks_left_out": remarks.left_out,
            "unexplained": remarks.unexplained([ended.on_time for _, ended in by_month], ON_TIME),
            "restated": restated.told(edition, "expiry"),
            "definitions": [
                *measured.explained("expiry"),
                *(one for one in measured.explained("continuity") if one.id in renewed.MEASURES),
            ],
            "workbook": download("", "certificates.xlsx", "certificates.xlsx"),
            "foot": foot(edition, ("certificates", "pem"), "certificates", len(edition.books.certificates), also=FIGURES),
        },
    )


def lapses(edition: Edition) -> pd.DataFrame:
    """What lapsed and left a host name without a certificate, newest first."""
    return certificate_rows.most_urgent_first(edition, edition.lapses)


def lapsed_figure(over: Sized, href: str) -> Figure:
    """How many certificates lapsed without a successor; `href` leads to the list where there is one."""
    return Figure(
        "Expired, nothing took over",
        words.count(len(over)),
        basis=f"in the last {LAPSED_WITHIN_DAYS} days",
        state="missed" if len(over) else "met",
        word="renew, or say that the host is gone" if len(over) else "none",
        href=href if len(over) else "",
    )


def sentence(edition: Edition) -> str:
    """How many end within 30 days, for how many of them nobody can be told, and how many lapsed without a successor."""
    return in_force.sentence(edition.to_renew, edition.lapses)


def _figure(edition: Edition, due: pd.DataFrame, days: int) -> Figure:
    """How many of those `due` end soon, of all in force: what stands for a retired host is in force too, though nobody renews it."""
    return Figure(
        f"Within {days} days", words.count(len(in_force.ending(due[["days_left"]], days))), basis=in_force.of_all(edition.certificates)
    )


def _without_contact(soon: pd.DataFrame) -> Figure:
    alone = int((soon["contact_email"] == "").sum())
    return Figure(
        "Of these without a contact",
        words.count(alone),
        basis=f"of {len(soon):,} that end within {LISTED_DAYS} days" if len(soon) else f"none ends within {LISTED_DAYS} days",
        state="near" if alone else "met",
        word="add a contact at the CA" if alone else "none",
    )


def _groups(edition: Edition, soon: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The list in the spans in which people plan, soonest first; a span without a certificate says so."""
    for first, last in in_force.spans():
        found = in_force.ending(soon, last, after=first - 1)
        title = f"Within {last} days" if first == 0 else f"In {first} to {last} days"
        yield {
            "anchor": f"within-{last}",
            "title": title,
            "count": words.count(len(found), "certificate"),
            "grid": certificate_rows.renewals(
                edition, found, f"Certificates in force that end {title[0].lower()}{title[1:]}, soonest first", "None."
            ),
        }


def of_retired_hosts(left_out: int) -> str:
    """That so many certificates that end soon are `left_out` of the lists, for nobody needs them any more; "" where none is."""
    if not left_out:
        return ""
    ends = "ends too, but its hosts are" if left_out == 1 else "end too, but their hosts are"
    return f"{words.count(left_out, 'more certificate')} {ends} retired: data/entries/hosts.csv says so."


def _retired(edition: Edition) -> int:
    """How many certificates in force end soon that nobody needs any more."""
    every = in_force.certificates(in_force.ending(edition.certificates, LISTED_DAYS))
    return int((~edition.matters(every)).sum())


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
