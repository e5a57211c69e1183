"""The months that the sample's office has closed: with what it knew when it closed September, and a month later with what had come out."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

from pipeline import calendar, closing, flow
from pipeline.publish import close_files
from pipeline.sources import closed_months, settings_file

_BY = "M. Sample, finance"
_DAYS_AFTER = dt.timedelta(days=5)  # each month is closed on the fifth of the next one
SEPTEMBER = dt.date(2026, 9, 30)
OCTOBER = dt.date(2026, 10, 31)


def close(root: Path, last_day: dt.date) -> None:
    """Close the months of the sample workspace `root` up to the one that ends on `last_day`.

    All are closed from books that are prepared once: as long as nothing comes in late, a month holds in the books of a later day what it
    held in its own.
    """
    settings = settings_file.read(root / settings_file.NAME)
    starts = settings.organization.fiscal_year_starts
    books = flow.prepare(root, settings, last_day + _DAYS_AFTER, lambda _: None)
    closed = books.closed
    for period in sorted(set(books.ledger["period"]) - set(closed.periods["period"])):
        ends = calendar.period_last_day(period, starts)
        if ends <= last_day:
            frozen = closing.frozen_of(root, books, settings, period, _BY, ends + _DAYS_AFTER, closed, _run_id(period))
            close_files.write(root / closing.LEDGER, frozen)
            closed = closed_months.read(root).closed


def _run_id(period: str) -> str:
    """A made-up run that drew up the invoices of `period`: a real one is named by the pages and templates too, which change more often."""
    return hashlib.sha256(period.encode()).hexdigest()[:12]
