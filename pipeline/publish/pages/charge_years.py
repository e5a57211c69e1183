"""One page a fiscal year: its charges by month, by tier and by agency, each table with the same total, and its files."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pipeline import calendar
from pipeline.publish import focus_file, words
from pipeline.publish.journal_file import journal_path
from pipeline.publish.pages import charge_sums
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.parts import Link, Page

_ROOT = "../"


def pages(edition: Edition) -> Iterator[Page]:
    """A page for each fiscal year with a posting; in the public edition without agencies and files."""
    for year in charge_sums.years(edition):
        yield _page(edition, year)


def address_of(year: int) -> str:
    """Where the page of the year stands below the site's root."""
    return f"charges/FY{year}.html"


def files(edition: Edition, year: int, root: str) -> tuple[Link, ...]:
    """The workbook of the year, where an entry of it bills something its journal, and where the settings ask for it the FOCUS file.

    `root` leads to the site's root.
    """
    found = [download(root, f"finance/FY{year}.xlsx", "workbook")]
    if (edition.books.journal["fiscal_year"] == year).any():
        found.append(download(root, journal_path(year), "journal"))
    if edition.settings.exports.focus and year in focus_file.fiscal_years(edition.books):
        found.append(download(root, focus_file.focus_path(year), "FOCUS file"))
    return tuple(found)


def _page(edition: Edition, year: int) -> Page:
    ledger, invoices = edition.entries_of_year(year), edition.books.invoices
    label, internal = f"FY{year}", edition.internal
    months = [month for month in charge_sums.months(edition, edition.entries) if month.startswith(f"{label}-")]
    return Page(
        f"charges/{label}.md",
        "pages/charge_year.md.j2",
        f"Charges in {label}",
        {
            "sentence": _sentence(edition, ledger, year),
            "compared": _compared(edition, ledger, year),
            "figures": charge_sums.figures(edition, year),
            "chart_view": charge_sums.chart(edition, ledger, months, f"charges-{year}"),
            "months": charge_sums.by_month(edition, ledger, months, f"Charges of {label} by month, newest first, in US dollars"),
            "tiers": charge_sums.by_tier(edition, ledger, f"Charges of {label} by tier, in US dollars"),
            "agencies": charge_sums.by_agency(edition, ledger, f"Charges of {label} by agency, largest first, in US dollars", _ROOT)
            if internal
            else None,
            "matrix": charge_sums.by_agency_and_month(
                edition, ledger, months, f"Charges of {label} by agency and month after credits and adjustments, in US dollars", _ROOT
            )
            if internal
            else None,
            "ties": f"Each table adds up to {charge_sums.dollars(ledger)}: the sum of the {words.count(len(ledger), 'line')} of the ledger "
            f"that {'is' if len(ledger) == 1 else 'are'} posted to {label}.",
            "drafts": charge_sums.drafts(edition, invoices[invoices["period"].str.startswith(f"FY{year:04d}-")]),
            "files": files(edition, year, _ROOT) if internal else (),
            "tables": [download(_ROOT, f"tables/{name}.csv", f"{name}.csv") for name in ("ledger", "invoices", "encumbrances")]
            if internal
            else [],
        },
    )


def _sentence(edition: Edition, ledger: pd.DataFrame, year: int) -> str:
    orders = int(charge_sums.orders(ledger).sum())
    payers = ledger["billed_to"].nunique()
    last = calendar.period_last_day(f"FY{year}-P12", edition.starts)
    span = f"In fiscal year {year}" if last <= edition.today else f"In fiscal year {year} until {words.long_day(edition.today)}"
    return (
        f"{span}, {charge_sums.dollars(ledger)} was charged to {words.count(payers, 'agency', 'agencies')} for "
        f"{words.count(orders, 'order')}, after credits and adjustments."
    )


def _compared(edition: Edition, ledger: pd.DataFrame, year: int) -> str:
    """The year against the one before, of the year of the as-of day the same span only; '' where the one before is not whole."""
    before = edition.entries_of_year(year - 1)
    begins = edition.settings.charges.begin or edition.entries["service_on"].min().date()
    if before.empty or begins > calendar.period_first_day(f"FY{year - 1}-P01", edition.starts):
        return ""
    span = f"in all of FY{year - 1}"
    if year == edition.fiscal_year:
        before = before[before["service_on"] <= pd.Timestamp(edition.same_day_last_year)]
        span = f"from {edition.same_span_last_year()}"
    more = int(ledger["amount_cents"].sum()) - int(before["amount_cents"].sum())
    change = "as much" if not more else f"{words.dollars(abs(more))} {'more' if more > 0 else 'less'} than"
    return f"That is {change} {'as ' if not more else ''}{span}, when it was {charge_sums.dollars(before)}."
