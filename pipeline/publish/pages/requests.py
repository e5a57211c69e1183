"""Requests: how many came and how many were finished each month, and which are late, near their day, or waiting."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipeline.findings import CODES
from pipeline.publish import charts, words
from pipeline.publish.pages import measured, request_rows
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Figure, Grid, Head, Page
from pipeline.service import MEASURES_DECLARED

_LISTED = 200
_EXPLAINED = ("requests-received", "requests-completed", "overdue-requests", "at-risk-requests", "waiting-for-customer")
# The columns whose findings say why a request cannot be judged.
_TIMES = ("submitted_at", "first_response_at", "completed_at", "reopened_at")
_LISTS = (
    ("overdue", "Overdue", "Nothing is overdue."),
    ("at-risk", "At risk: due within 11 business hours", "Nothing is about to become late."),
    ("paused", "Waiting for the customer", "Nothing waits for a customer."),
)


def pages(edition: Edition) -> Iterator[Page]:
    """The page of requests; in the public edition without the lists."""
    requests = edition.books.requests
    months = counts(edition)
    yield Page(
        "requests.md",
        "pages/requests.md.j2",
        "Requests",
        {
            "sentence": sentence(edition),
            "figures": _figures(edition, months),
            "chart_view": _chart(edition, months),
            "table": _table(months),
            "kinds": _kinds(requests),
            "lists": [_list(edition, *one) for one in _LISTS] if edition.internal else [],
            "definitions": [measure for measure in MEASURES_DECLARED if measure.id in _EXPLAINED],
            "not_countable": not_countable(edition),
            "foot": foot(edition, ("requests", "pauses"), "requests", len(requests)),
        },
    )


def counts(edition: Edition) -> pd.DataFrame:
    """Requests received and completed by month (`2026-10`) as measured, for at most 24 months up to that of the as-of day."""
    last = f"{edition.today:%Y-%m}"
    received = measured.counts(edition.books.measures, "requests-received", last)
    completed = measured.counts(edition.books.measures, "requests-completed", last)
    months = sorted({*received, *completed})
    return pd.DataFrame(
        {"received": [received.get(month, 0) for month in months], "completed": [completed.get(month, 0) for month in months]},
        index=pd.Index(months, dtype="str"),
        dtype="int64",
    )


def with_verdict(edition: Edition, verdict: str) -> pd.DataFrame:
    """The requests with this verdict on the as-of day."""
    return edition.books.requests[edition.books.requests["verdict"] == verdict]


def sentence(edition: Edition) -> str:
    """How many requests are not finished, and how many of these are late."""
    late, waiting = len(with_verdict(edition, "overdue")), len(with_verdict(edition, "paused"))
    total = sum(len(with_verdict(edition, verdict)) for verdict in request_rows.OPEN_NOW)
    if not total:
        return "No request is open."
    verb = "is" if total == 1 else "are"
    return f"{words.count(total, 'request')} {verb} not finished: {late:,} overdue, {waiting:,} waiting for the customer, the rest in time."


def _figures(edition: Edition, months: pd.DataFrame) -> list[Figure]:
    late, risk, waiting = (len(with_verdict(edition, verdict)) for verdict in ("overdue", "at-risk", "paused"))
    figures = [
        Figure("Overdue now", words.count(late), state="missed" if late else "met", word="past the due day" if late else "none"),
        Figure(
            "At risk now", words.count(risk), state="near" if risk else "met", word="at most 11 business hours left" if risk else "none"
        ),
        Figure("Waiting for the customer", words.count(waiting), basis="the clock stands still"),
    ]
    whole = months[months.index <= edition.last_month]
    if len(whole):
        figures += [
            Figure("Received", words.count(int(whole["received"].iloc[-1])), basis=words.month(str(whole.index[-1]))),
            Figure("Completed", words.count(int(whole["completed"].iloc[-1])), basis=words.month(str(whole.index[-1]))),
        ]
    invalid = len(with_verdict(edition, "invalid"))
    reasons = "; ".join(f"{reason} ({number:,})" for reason, number in not_countable(edition))
    figures.append(Figure("Not countable", words.count(invalid), basis=reasons or "every request can be judged"))
    return figures


def not_countable(edition: Edition) -> list[tuple[str, int]]:
    """Why requests cannot be judged, as the findings on their rows say, and how many for each reason, the commonest first."""
    findings = edition.books.findings
    of_times = findings.loc[findings["column"].isin(_TIMES), ["file", "sheet", "row", "code"]]
    placed = with_verdict(edition, "invalid")[["source"]].merge(edition.books.places, on="source")
    found = placed.merge(of_times, on=["file", "sheet", "row"]).drop_duplicates(["source", "code"])
    titles = [(CODES[str(code)].title, int(number)) for code, number in found["code"].value_counts().items()]
    return sorted(((f"{title[0].lower()}{title[1:]}", number) for title, number in titles), key=lambda one: (-one[1], one[0]))


def _table(months: pd.DataFrame) -> Grid:
    newest_first = months.iloc[::-1]
    rows = [
        [words.month(str(label)), words.count(int(received)), words.count(int(completed)), _signed(int(received) - int(completed))]
        for label, received, completed in zip(newest_first.index, newest_first["received"], newest_first["completed"], strict=True)
    ]
    received, completed = int(months["received"].sum()), int(months["completed"].sum())
    columns: tuple[Head, ...] = (
        Head("Month", "date"),
        Head("Received", "number"),
        Head("Completed", "number"),
        Head("Received less completed", "number"),
    )
    total = ["Total", words.count(received), words.count(completed), _signed(received - completed)]
    return Grid("Requests by month, newest first", columns, rows, "No request has come in yet.", total)


def _signed(number: int) -> str:
    return f"+{number:,}" if number > 0 else f"−{-number:,}" if number < 0 else "0"


def _chart(edition: Edition, months: pd.DataFrame) -> charts.Chart | None:
    if not int(months["received"].sum()):
        return None
    received = [int(number) for number in months["received"]]
    most = max(range(len(received)), key=lambda index: (received[index], index))
    newest = str(months.index[-1])
    so_far = f"{words.month(newest)} until {words.day_of_month(edition.today)} only" if newest > edition.last_month else ""
    return charts.bars(
        "requests",
        f"{words.month(str(months.index[most]))} brought the most requests: {received[most]:,}",
        "Requests received by month, counted on the day the desk was next open.",
        [words.short_month(str(label)) for label in months.index],
        [charts.Series("received", "series-1", received)],
        lambda number: f"{number:,.0f}",
        unfinished=so_far,
    )


def _kinds(requests: pd.DataFrame) -> Grid:
    counted = requests.groupby(["kind", "verdict"]).size().unstack(fill_value=0)
    shown = ("met", "missed", "overdue", "at-risk", "on-track", "paused", "excluded", "invalid")
    counted = counted.reindex(columns=list(shown), fill_value=0)
    rows = [
        [request_rows.KINDS[str(kind)], *(words.count(int(number)) for number in numbers)]
        for kind, numbers in zip(counted.index, counted.to_numpy(), strict=True)
    ]
    columns: tuple[Head, ...] = (
        Head("What was asked"),
        Head("On time", "number"),
        Head("Late", "number"),
        Head("Overdue", "number"),
        Head("At risk", "number"),
    )
    columns += (Head("On track", "number"), Head("Waiting", "number"), Head("Called off", "number"), Head("Not countable", "number"))
    total = ["Total", *(words.count(int(counted[name].sum())) for name in shown)]
    return Grid("Requests of all time by kind and state", columns, rows, "No request has come in yet.", total if rows else [])


def _list(edition: Edition, verdict: str, title: str, empty: str) -> dict[str, object]:
    found = request_rows.most_overdue_first(with_verdict(edition, verdict))
    return {
        "title": title,
        "grid": request_rows.grid(edition, found.iloc[:_LISTED], f"{title}, by due day", empty),
        "left_out": max(len(found) - _LISTED, 0),
    }
