"""How a charge is computed: every rule in plain words, with real orders of these books as examples."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import calendar, rates
from pipeline.publish import words
from pipeline.publish.pages.edition import Edition
from pipeline.publish.pages.worked_examples import examples
from pipeline.publish.parts import Page


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the rules."""
    charges = edition.settings.charges
    found = examples(edition)
    first = calendar.period_first_day(f"FY{edition.fiscal_year}-P01", edition.starts)
    yield Page(
        "charge-rules.md",
        "pages/charge-rules.md.j2",
        "How a charge is computed",
        {
            "term_days": charges.term_days,
            "refund_days": charges.refund_days,
            "payment_days": charges.payment_days,
            "begins": words.long_day(rates.first_day(edition.settings)),
            "year_begins": words.day_of_month(first),
            "examples": found,
            "example_of": {name: one.anchor for one in reversed(found) for name in one.shows},
            "internal": edition.internal,
        },
    )
