"""Chargeback: what was charged, by month, tier and agency, with the way to each invoice and its trace."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import pandas as pd

from pipeline.publish import waiting, words
from pipeline.publish.pages import charge_sums, charge_years, notes
from pipeline.publish.pages.edition import Edition, address, download, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Links, Page

_MONTHS_SHOWN, _INVOICES_SHOWN = 12, 200


_INVOICES = (
    Head("Month", "date"),
    Head("Agency"),
    Head("Account"),
    Head("State"),
    Head("Number"),
    Head("Due", "date"),
    Head("Lines", "number"),
    Head("Amount, $", "number"),
    Head("Invoice", "short"),
    Head("Trace", "short"),
)


def pages(edition: Edition) -> Iterator[Page]:
    """The page of charges; in the public edition only totals by month and tier."""
    ledger = edition.entries
    months = charge_sums.months(edition, ledger)
    shown, left_out = _months_with_room(edition) if edition.internal else ([], 0)
    yield Page(
        "chargeback.md",
        "pages/chargeback.md.j2",
        "Charges",
        {
            "sentence": _sentence(edition),
            "figures": [*charge_sums.figures(edition, edition.fiscal_year), _waiting(edition)],
            "waiting": waiting.sentences(edition.books.findings, edition.books.waiting) if edition.internal else [],
            "also": _also(edition),
            "not_posted": waiting.decisions_not_posted(edition.books.not_posted)
            if edition.internal and len(edition.books.not_posted)
            else "",
            "notes": notes.about(edition),
            "chart_view": charge_sums.chart(edition, ledger, months, "charges"),
            "months": charge_sums.by_month(edition, ledger, months, "Charges by month, newest first, in US dollars"),
            "agencies": by_agency(edition) if edition.internal else None,
            "invoices": shown,
            "months_left_out": left_out,
            "all_invoices": download("", "tables/invoices.csv", "invoices.csv"),
            "years": by_year(edition),
            "foot": foot(edition, ("certificates",), "ledger", len(ledger)),
        },
    )


def by_year(edition: Edition) -> Grid:
    """One row a fiscal year, leading to its page: each tier as charged, credits, adjustments, the total, and its files."""
    ledger = edition.entries
    found = charge_sums.sums(edition, ledger.assign(year=ledger["period"].str.slice(0, 6)), "year")
    names = [*edition.charged_tiers, "credit", "other", "total"]
    rows: list[list[Cell]] = []
    for year, of_it in reversed(found.items()):
        amounts = (words.amount(of_it[name]) for name in names)
        files = [Links(charge_years.files(edition, int(year[2:]), ""))] if edition.internal else []
        rows.append([Link(year, charge_years.address_of(int(year[2:]))), *amounts, *files])
    totals = (words.amount(sum(of_it[name] for of_it in found.values())) for name in names)
    total: list[Cell] = ["Total", *totals, *([""] if edition.internal else [])]
    columns = (Head("Fiscal year", "short"), *charge_sums.amount_heads(edition), *([Head("Download", "short")] if edition.internal else []))
    lead = len(names)
    return Grid("Charges by fiscal year, newest first, in US dollars", columns, rows, charge_sums.NOTHING, total if rows else [], lead=lead)


def by_agency(edition: Edition) -> Grid:
    """One row an agency, largest first: what it was charged this fiscal year, in the same span of the last, and in all of the last."""
    this, last = edition.fiscal_year, edition.fiscal_year - 1
    of_last = edition.entries_of_year(last)
    spans = {
        "this": edition.entries_of_year(this),
        "span": of_last[of_last["service_on"] <= pd.Timestamp(edition.same_day_last_year)],
        "last": of_last,
    }
    sums = pd.DataFrame({name: span.groupby("billed_to")["amount_cents"].sum() for name, span in spans.items()})
    sums = sums.fillna(0).astype("int64").sort_values(["this", "last"], ascending=False, kind="stable")
    rows: list[list[Cell]] = [
        [
            edition.agency(str(code)),
            edition.agency_names.get(str(code), ""),
            *(words.amount(int(cents)) for cents in amounts),
            Link("trace", f"trace/{address(str(code))}.html") if code else "",
        ]
        for code, amounts in zip(sums.index, sums.to_numpy(), strict=True)
    ]
    heads = (f"FY{this} to date, $", f"Same span of FY{last}, $", f"All of FY{last}, $")
    columns = (Head("Agency"), Head("Name", "name"), *(Head(head, "number") for head in heads), Head("Trace", "short"))
    total = ["Total", "", *(words.amount(int(sums[place].sum())) for place in sums), ""] if rows else []
    return Grid("Charges by agency, largest first, in US dollars", columns, rows, charge_sums.NOTHING, total, lead=2)


def _months_with_room(edition: Edition) -> tuple[list[dict[str, object]], int]:
    """The newest months whose invoices fit on a page, the newest in any case, and how many months are left out."""
    counts = edition.books.invoices.groupby("period").size().sort_index(ascending=False)
    fitting = int((counts.cumsum() <= _INVOICES_SHOWN).sum())
    months = min(max(fitting, 1), _MONTHS_SHOWN)
    newest = set(counts.index[:months])
    return invoice_months(edition, newest), max(len(counts) - months, 0)


def invoice_months(edition: Edition, periods: Collection[str]) -> list[dict[str, object]]:
    """The invoices of these periods month by month, newest first: what each month comes to, and its table."""
    found: list[dict[str, object]] = []
    chosen = edition.books.invoices[edition.books.invoices["period"].isin(sorted(periods))]
    for period, frame in sorted(chosen.groupby("period"), key=lambda one: str(one[0]), reverse=True):
        state = charge_sums.state(edition, str(period))
        said = f"{words.count(len(frame), 'invoice')}, {charge_sums.dollars(frame)}"
        found.append(
            {"title": edition.period_title(str(period)), "said": said, "state": state, "grid": invoices(edition, frame, "").without(0)}
        )
    return found


def invoices(edition: Edition, frame: pd.DataFrame, root: str) -> Grid:
    """The invoices of `frame`, newest period first, each with its workbook and its trace. `root` leads to the site's root."""
    return invoices_listed(edition, rows_of(frame), root)


def invoices_listed(edition: Edition, found: Iterable[Any], root: str) -> Grid:
    """The same table of rows of INVOICES."""
    by_account = sorted(found, key=lambda row: (row.agency, row.account_id))
    ordered = sorted(by_account, key=lambda row: row.period, reverse=True)  # which keeps those of one period in their order
    rows: list[list[Cell]] = [
        [
            edition.period_title(row.period),
            edition.agency(row.agency),
            row.account_id or "no account entered",
            Chip("closed", "met") if row.status == "closed" else Chip("draft"),
            row.invoice_no or "numbered at the close",
            words.day(row.due_on, "set at the close") if row.amount_cents > 0 else "nothing to pay",
            words.count(row.lines),
            words.amount(row.amount_cents),
            download(root, row.workbook, "Excel") if row.workbook else "not yet written",
            Link("trace", f"{root}trace/{address(row.agency)}.html#{address(row.period)}"),
        ]
        for row in ordered
    ]
    months = list(dict.fromkeys(row.period for row in ordered))
    caption = f"Invoices of {edition.period_title(months[0])}" if len(months) == 1 else "Invoices, newest first"
    return Grid(caption, _INVOICES, rows, "No invoice yet: nothing was charged.", captioned=False, lead=7)


def _sentence(edition: Edition) -> str:
    ledger = edition.entries
    if ledger.empty:
        return charge_sums.NOTHING
    current = edition.entries_of_year(edition.fiscal_year)
    orders = int(charge_sums.orders(current).sum())
    payers = current["billed_to"].nunique()
    total = charge_sums.dollars(current)
    return (
        f"From the start of fiscal year {edition.fiscal_year} to {words.long_day(edition.today)}, {total} was charged to "
        f"{words.count(payers, 'agency', 'agencies')} for {words.count(orders, 'order')}, after credits and adjustments."
    )


def _waiting(edition: Edition) -> Figure:
    waits = edition.books.waiting
    unowned, untold, unpriced = waiting.for_an_agency(waits), waiting.for_a_tier(waits), waiting.for_a_rate(waits)
    lacks = []
    if untold.orders:
        lacks.append(f"{words.count(untold.orders, 'order')} without a tier, {untold.dollars}")
    if unpriced:
        lacks.append(f"{words.count(unpriced, 'certificate')} without a rate, amount not known")
    if not unowned.orders and not lacks:
        return Figure("Waiting for an answer", "$0.00", state="met", word="nothing waits")
    return Figure(
        "Waiting for an answer",
        unowned.dollars,
        basis=f"{words.count(unowned.orders, 'order')} without an agency",
        change="".join(f"and {lack} " for lack in lacks).strip(),
        state="near",
        word="charged to nobody yet",
        href="quality.html" if edition.internal else "",
    )


def _also(edition: Edition) -> str:
    """What else the year's ledger holds, and that drafts may still change."""
    current = edition.entries_of_year(edition.fiscal_year)
    number = int(charge_sums.free_reissues(current).sum())
    verb, year = "was" if number == 1 else "were", f"FY{edition.fiscal_year}"
    free = f"{words.count(number, 'reissue')} within a paid term {verb} free of charge in {year}." if number else ""
    return f"{free} {charge_sums.drafts(edition, edition.books.invoices)}".strip()
