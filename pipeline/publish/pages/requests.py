"""Requests: which are late, near their day, or waiting, which missed their target lately, and how many came and were finished."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from pipeline.findings import CODES
from pipeline.publish import words
from pipeline.publish.pages import backlog, demand, measured, notes, request_rows, restated
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.foot import FIGURES, foot
from pipeline.publish.parts import Figure, Grid, Head, Page

_LISTED = 200
# The columns whose findings say why a request cannot be judged.
_TIMES = ("submitted_at", "first_response_at", "completed_at", "reopened_at")
_LISTS = (
    ("overdue", "Overdue", "Nothing is overdue."),
    ("at-risk", "At risk: due today or within 11 desk hours", "Nothing is about to become late."),
    ("paused", "Waiting for the customer", "Nothing waits for a customer."),
)


def pages(edition: Edition) -> Iterator[Page]:
    """The page of requests; in the public edition without the lists."""
    requests = edition.books.requests
    months, remarks = demand.months(edition), notes.of(edition, {measure.id for measure in measured.explained("requests")})
    yield Page(
        "requests.md",
        "pages/requests.md.j2",
        "Requests",
        {
            "sentence": sentence(edition),
            "figures": _figures(edition, months),
            "chart_view": demand.chart(edition, months, remarks),
            "table": demand.table(edition, months),
            "backlog": backlog.chart(edition),
            "mix": demand.mix(edition),
            "mixes": [demand.mix_table(edition, dimension) for dimension in ("software", "tier")],
            "rates": demand.rates(edition, months),
            "hours": demand.hours(edition),
            "kinds": _kinds(requests),
            "lists": [*(_list(edition, *one) for one in _LISTS), _late(edition)] if edition.internal else [],
            "notes": remarks.grid(),
            "remarks_left_out": remarks.left_out,
            "definitions": measured.explained("requests"),
            "not_countable": not_countable(edition),
            "restated": restated.told(edition, "requests"),
            "foot": foot(edition, ("requests", "pauses"), "requests", len(requests), also=FIGURES),
        },
    )


def with_verdict(edition: Edition, verdict: str) -> pd.DataFrame:
    """The requests with this verdict on the as-of day."""
    found = edition.shared(_by_verdict)
    return found[verdict] if verdict in found else edition.books.requests.iloc[:0]


def _by_verdict(edition: Edition) -> dict[str, pd.DataFrame]:
    requests = edition.books.requests
    listed = requests[requests["verdict"].isin([*request_rows.OPEN_NOW, "invalid"])]
    return {str(verdict): rows for verdict, rows in listed.groupby("verdict")}


def sentence(edition: Edition) -> str:
    """How many requests are not finished, and how many of these are late."""
    late, near, waiting = (len(with_verdict(edition, verdict)) for verdict in ("overdue", "at-risk", "paused"))
    total = sum(len(with_verdict(edition, verdict)) for verdict in request_rows.OPEN_NOW)
    if not total:
        return "No request is open."
    verb, rest = "is" if total == 1 else "are", ", the rest in time" if total > late + near + waiting else ""
    told = f"{late:,} overdue, {near:,} at risk, {waiting:,} waiting for the customer{rest}"
    return f"{words.count(total, 'request')} {verb} not finished: {told}."


def _figures(edition: Edition, months: pd.DataFrame) -> list[Figure]:
    late, waiting = (len(with_verdict(edition, verdict)) for verdict in ("overdue", "paused"))
    overdue = Figure("Overdue now", words.count(late), state="missed" if late else "met", word="past the due day" if late else "none")
    figures = [
        measured.defined(overdue, "overdue-requests"),
        measured.defined(request_rows.at_risk(edition), "at-risk-requests"),
        measured.defined(Figure("Waiting for the customer", words.count(waiting), basis="the clock stands still"), "waiting-for-customer"),
    ]
    whole = months[months.index <= edition.last_month]
    if len(whole):
        month, last = words.month(str(whole.index[-1])), whole.iloc[-1]
        for name, measure in (("received", demand.RECEIVED), ("completed", demand.COMPLETED)):
            figures.append(measured.defined(Figure(name.capitalize(), words.count(int(last[name])), basis=month), measure))
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


def _kinds(requests: pd.DataFrame) -> Grid:
    counted = requests.groupby(["kind", "verdict"]).size().unstack(fill_value=0)
    shown = ("met", "missed", "overdue", "at-risk", "on-track", "paused", "excluded", "invalid")
    counted = counted.reindex(columns=list(shown), fill_value=0)
    rows = [
        [words.REQUEST_KINDS[str(kind)], *(words.count(int(number)) for number in numbers)]
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
    return Grid("Requests of all time by kind and state", columns, rows, "No request has come in yet.", total if rows else [], lead=1)


def _list(edition: Edition, verdict: str, title: str, empty: str) -> dict[str, object]:
    found = request_rows.most_overdue_first(with_verdict(edition, verdict))
    return {
        "title": title,
        "grid": request_rows.grid(edition, found.iloc[:_LISTED], f"{title}, by due day", empty),
        "left_out": max(len(found) - _LISTED, 0),
    }


def _late(edition: Edition) -> dict[str, object]:
    """The requests that missed their target in the last month that has ended, or since, those due last at the top."""
    since, month = pd.Timestamp(f"{edition.last_month}-01"), words.month(edition.last_month)
    missed = edition.books.requests[edition.books.requests["verdict"].isin(("missed", "overdue"))]
    found = missed[missed["due_on"].between(since, pd.Timestamp(edition.today))]
    ordered = found.sort_values(["due_on", "request_id"], ascending=[False, True], kind="stable")
    title = f"Missed since {words.long_day(since.date())}"
    empty = f"Every request that was due in {month} or since was finished in time."
    caption = f"Requests that were due in {month} or since and were late"
    return {
        "title": title,
        "grid": replace(request_rows.grid(edition, ordered.iloc[:_LISTED], caption, empty), name="late-requests"),
        "left_out": max(len(ordered) - _LISTED, 0),
    }
