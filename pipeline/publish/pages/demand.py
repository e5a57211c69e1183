"""Demand: how many requests came, were finished and were called off each month, what was asked for, and at which hours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.publish import charts, words
from pipeline.publish.pages import measured, notes
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Cell, Grid, Head
from pipeline.service.mix import MIX
from pipeline.settings import Desk

RECEIVED, COMPLETED, CANCELLED, AFTER_HOURS = "requests-received", "requests-completed", "requests-cancelled", "after-hours-share"
_RATES = ("cancel-rate", "reject-rate", "net-flow")
_MIXED = {"tier": "Tier", "software": "Server software"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def months(edition: Edition) -> pd.DataFrame:
    """Requests received, completed and cancelled by month (`2026-10`) as measured, for at most 24 months up to that of the as-of day."""
    last = f"{edition.today:%Y-%m}"
    counted = {name: measured.counts(edition, name, last) for name in (RECEIVED, COMPLETED, CANCELLED)}
    labels = sorted({month for found in counted.values() for month in found})
    columns = {name.removeprefix("requests-"): [found.get(month, 0) for month in labels] for name, found in counted.items()}
    return pd.DataFrame(columns, index=pd.Index(labels, dtype="str"), dtype="int64")


def table(edition: Edition, by_month: pd.DataFrame) -> Grid:
    """The months, newest first, with how many more came than left, and the share that came while the desk was closed."""
    rows: list[list[Cell]] = []
    for label in reversed(by_month.index):
        late = measured.at(edition, AFTER_HOURS, str(label))
        share = words.percent(late.value) if late is not None and late.known else "none with an hour"
        rows.append([words.month(str(label)), *_counts(by_month.loc[label]), share])
    measures = (
        ("Received", RECEIVED),
        ("Completed", COMPLETED),
        ("Cancelled", CANCELLED),
        ("Net change", ""),
        ("After hours", AFTER_HOURS),
    )
    columns = tuple(Head(title, "number", measured.meaning(measure) if measure else None) for title, measure in measures)
    total = ["Total", *_counts(by_month.sum()), ""] if rows else []
    caption = (
        "Requests by month, newest first. Net change: received less completed and cancelled; after hours: received while the desk is closed"
    )
    return Grid(caption, (Head("Month", "date"), *columns), rows, "No request has come in yet.", total, lead=1)


def _counts(row: pd.Series[Any]) -> list[str]:
    received, completed, cancelled = (int(row[name]) for name in ("received", "completed", "cancelled"))
    net = received - completed - cancelled
    signed = f"+{net:,}" if net > 0 else f"−{-net:,}" if net < 0 else "0"
    return [words.count(received), words.count(completed), words.count(cancelled), signed]


def chart(edition: Edition, by_month: pd.DataFrame, remarks: notes.Remarks) -> charts.Chart | None:
    """Received, completed and cancelled side by side; a month that has not ended is drawn as such."""
    if not int(by_month["received"].sum()):
        return None
    received = [int(number) for number in by_month["received"]]
    most = max(range(len(received)), key=lambda index: (received[index], index))
    so_far = measured.so_far(edition) if by_month.index[-1] == edition.running_month else ""
    done = int(by_month["completed"].iloc[most])
    return charts.bars(
        "requests",
        f"{words.month(str(by_month.index[most]))} brought the most requests: {received[most]:,}, and {done:,} were completed",
        "Requests by month: received on the day the desk was next open, completed and cancelled on the day of that.",
        [words.short_month(str(label)) for label in by_month.index],
        [
            charts.Series("received", "series-1", received),
            charts.Series("completed", "series-3", [int(number) for number in by_month["completed"]]),
            charts.Series("cancelled", "series-5", [int(number) for number in by_month["cancelled"]]),
        ],
        lambda number: f"{number:,.0f}",
        unfinished=so_far,
        beside=True,
        notes=remarks.on([str(label) for label in by_month.index]),
    )


def mix(edition: Edition) -> charts.Chart | None:
    """What was asked for in the fiscal year to date, the most frequent first; None where nothing came in."""
    found = measured.members(edition, RECEIVED, "kind", measured.year_label(edition))
    if not found:
        return None
    every = sum(share.n for _, share in found)
    first, most = found[0]
    return charts.ranking(
        "mix",
        f"Most asked for in FY{edition.fiscal_year} to date: {words.REQUEST_KINDS.get(first, first)}, "
        f"{words.percent(most.n / every, 0)} of "
        f"{words.count(every, 'request')}",
        f"Requests received in FY{edition.fiscal_year} to date by what was asked.",
        [charts.Ranked(words.REQUEST_KINDS.get(kind, kind), share.n) for kind, share in found],
        lambda number: f"{number:,.0f}",
        Grid(
            f"Requests received in FY{edition.fiscal_year} to date by what was asked",
            (Head("What was asked"), Head("Received", "number")),
            [[words.REQUEST_KINDS.get(kind, kind), f"{share.n:,}"] for kind, share in found],
            "",
            ["Total", f"{every:,}"],
            name="received-by-kind",
        ),
    )


def mix_table(edition: Edition, dimension: str) -> Grid:
    """Which tier, or which server software, was asked for in the fiscal year to date, the most frequent first, of all that was received."""
    year = measured.year_label(edition)
    found = sorted(measured.members(edition, MIX, dimension, year), key=lambda one: (-one[1].met, one[0]))
    title = _MIXED[dimension]
    rows: list[list[Cell]] = [[member, f"{share.met:,}", words.percent(share.value)] for member, share in found]
    every = found[0][1].n if found else 0
    untold = every - sum(share.met for _, share in found)
    if untold > 0:
        rows.append(["not told", f"{untold:,}", words.percent(untold / every)])
    columns = (Head(title), Head("Received", "number"), Head("Share of all", "number"))
    caption = f"Requests received in FY{edition.fiscal_year} to date by {title.lower()}"
    empty = f"Of no request of FY{edition.fiscal_year} the {title.lower()} is told."
    return Grid(caption, columns, rows, empty, ["Total", f"{every:,}", "100.0 %"] if rows else [])


def rates(edition: Edition, by_month: pd.DataFrame) -> Grid:
    """The months, newest first: which shares were cancelled and rejected, and how many more came than left in 20 business days."""
    rows: list[list[Cell]] = []
    faint: set[int] = set()
    for label in map(str, reversed(by_month.index)):
        cancelled, rejected, net = (measured.at(edition, name, label) for name in _RATES)
        if cancelled is None or cancelled.few or label == edition.running_month:
            faint.add(len(rows))
        rows.append([words.month(label), *_rate(cancelled), *_rate(rejected), _net(net)])
    cancel, reject, flow = (measured.meaning(measure) for measure in _RATES)
    heads = (("Cancelled", cancel), ("95 % interval", None), ("Rejected", reject), ("95 % interval", None), ("More in than out", flow))
    caption = (
        "Shares of the requests received that were cancelled or rejected, by month, newest first; more in than out: received less "
        "completed in the 20 business days up to the end of the month. Grey: fewer than 10, or so far"
    )
    columns = (Head("Month", "date"), *(Head(title, "number", means) for title, means in heads))
    return Grid(caption, columns, rows, "No request has come in yet.", faint=frozenset(faint), lead=1)


def _rate(share: measured.Share | None) -> tuple[str, str]:
    if share is None or not share.known:
        return "none received", "no interval"
    return f"{words.percent(share.value)} of {share.n:,}", share.interval()


def _net(share: measured.Share | None) -> str:
    if share is None or not share.known:
        return "not known yet"
    return f"+{share.value:,.0f}" if share.value > 0 else f"{share.value:,.0f}".replace("-", "−")


def hours(edition: Edition) -> charts.Chart | None:
    """At which hour of which weekday the requests of the fiscal year to date came in; None where no log tells an hour.

    The same requests as the measure of those received while the desk was closed counts, so the title says its figure.
    """
    late = measured.at(edition, AFTER_HOURS, measured.year_label(edition))
    if late is None or not late.known:
        return None
    counts = by_hour(edition)
    day, hour = (int(place) for place in np.unravel_index(int(counts.argmax()), counts.shape))
    rows: list[list[Cell]] = [
        [name, *(f"{number:,}" if number else "" for number in numbers), f"{numbers.sum():,}"]
        for name, numbers in zip(_DAYS, counts, strict=True)
    ]
    heads = (Head("Day"), *(Head(f"{hour:02d}", "number") for hour in range(24)), Head("All", "number"))
    desk = edition.settings.desk
    return charts.heat(
        "hours",
        f"{late.met:,} of {words.count(late.n, 'request')} ({words.percent(late.value, 0)}) came in while the desk was closed; the busiest "
        f"hour is {_DAYS[day]} {hour:02d}:00 to {hour + 1:02d}:00",
        f"Requests received in FY{edition.fiscal_year} to date by hour and weekday, {edition.settings.organization.timezone} time. "
        f"The desk's hours, {desk.opens:%H:%M} to {desk.closes:%H:%M}, are framed; on holidays it is closed then too.",
        _DAYS,
        counts.tolist(),
        _open(desk),
        Grid("Requests by weekday and the hour that began", heads, rows, ""),
    )


def by_hour(edition: Edition) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many requests of the fiscal year to date came in, by weekday (Monday first) and local hour: 7 rows of 24."""
    requests = edition.books.requests
    counted = (requests["verdict"] != "invalid") & (requests["status"] != "duplicate") & requests["clock_starts_at"].notna()
    counted &= requests["received_on"].between(pd.Timestamp(edition.year_begins), pd.Timestamp(edition.today))
    came = requests.loc[counted, "submitted_at"].dt.tz_convert(edition.settings.organization.zone)
    counts = np.zeros((7, 24), dtype=np.int64)
    np.add.at(counts, (came.dt.day_of_week.to_numpy(), came.dt.hour.to_numpy()), 1)
    return counts


def _open(desk: Desk) -> list[charts.Field]:
    """The desk's hours on the map: a field for each run of days on which it is open."""
    first, last = (time.hour + time.minute / 60 + time.second / 3600 for time in (desk.opens, desk.closes))
    days = [place for place, name in enumerate(_DAYS) if name[:3].lower() in desk.days]
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [charts.Field(run[0], run[-1], first, last) for run in runs]
