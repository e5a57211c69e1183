"""What stood open at the end of each month, and for how long it had been there."""

from __future__ import annotations

from pipeline.publish import charts, words
from pipeline.publish.pages import measured
from pipeline.publish.pages.edition import Edition
from pipeline.publish.parts import Grid, Head

_BANDS = (
    ("backlog-0-2", "up to 2 business days", "age-1"),
    ("backlog-3-5", "3 to 5", "age-2"),
    ("backlog-6-10", "6 to 10", "age-3"),
    ("backlog-over-10", "more than 10", "age-4"),
)


def chart(edition: Edition) -> charts.Chart | None:
    """The open requests at the end of each month by age, one band upon the other; None where none was ever open."""
    newest = f"{edition.today:%Y-%m}"
    bands = [measured.counts(edition, name, newest) for name, _, _ in _BANDS]
    months = sorted({month for band in bands for month in band})
    if not any(number for band in bands for number in band.values()):
        return None
    counts = [[band.get(month, 0) for month in months] for band in bands]
    so_far = measured.so_far(edition)
    rows = [
        [words.month(month), *(f"{band[place]:,}" for band in counts), f"{sum(band[place] for band in counts):,}"]
        for place, month in enumerate(months)
    ]
    heads = (*(Head(f"Open {name}", "number") for _, name, _ in _BANDS), Head("Open in all", "number"))
    return charts.bars(
        "backlog",
        _finding(edition, months, [sum(column) for column in zip(*counts, strict=True)], counts[-1]),
        "Requests that were open when the desk closed on the last business day of each month, by the business days since they had come in.",
        [words.short_month(month) for month in months],
        [charts.Series(name, style, band) for (_, name, style), band in zip(_BANDS, counts, strict=True)],
        lambda number: f"{number:,.0f}",
        Grid("Open requests at the end of each month, newest first", (Head("Month", "date"), *heads), rows[::-1], "", lead=len(heads)),
        so_far,
    )


def _finding(edition: Edition, months: list[str], totals: list[int], old: list[int]) -> str:
    """How many are open now, the most that were at the end of a month, and in how many months any had been there for long."""
    ended = [place for place, month in enumerate(months) if month <= edition.last_month]
    now = f"{words.count(totals[-1], 'request')} {'is' if totals[-1] == 1 else 'are'} open today"
    most = max(ended, key=lambda place: (totals[place], place), default=None)
    as_many = 0 if most is None else sum(totals[place] == totals[most] for place in ended)
    when = words.month(months[most]) if most is not None and as_many < 2 else words.count(as_many, "month")
    peak = "" if most is None else f"; at the end of a month the most was {totals[most]:,}, in {when}"
    with_old = sum(number > 0 for number in old)
    aged = (
        f"one had been there for more than 10 business days in {words.count(with_old, 'month')}"
        if with_old
        else "never one for more than 10 business days"
    )
    return f"{now}{peak}; {aged}"
