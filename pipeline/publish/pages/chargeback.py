"""Chargeback: what was charged, by month, tier and agency, with the way to each invoice and its trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.publish import charts, waiting, words
from pipeline.publish.journal_file import journal_path
from pipeline.publish.pages import notes
from pipeline.publish.pages.edition import Edition, address, download, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link, Page

_MONTHS_SHOWN = 24
_INVOICES_SHOWN = 150
_NO_TIER = "no tier"
_NO_CHARGES = "Nothing has been charged yet."


def pages(edition: Edition) -> Iterator[Page]:
    """The page of charges; in the public edition only totals by month and tier."""
    ledger = edition.books.ledger
    newest = edition.books.invoices.sort_values("period", ascending=False, kind="stable").iloc[:_INVOICES_SHOWN]
    yield Page(
        "chargeback.md",
        "pages/chargeback.md.j2",
        "Charges",
        {
            "sentence": _sentence(edition),
            "figures": _figures(edition),
            "waiting": waiting.sentences(edition.books.findings, edition.books.waiting) if edition.internal else [],
            "also": _also(edition),
            "notes": notes.about(edition),
            "chart_view": _chart(edition),
            "months": by_month(edition),
            "agencies": by_agency(edition) if edition.internal else None,
            "invoices": invoices(edition, newest, "") if edition.internal else None,
            "invoices_left_out": len(edition.books.invoices) - len(newest),
            "all_invoices": download("", "tables/invoices.csv", "invoices.csv"),
            "years": _years(edition) if edition.internal else [],
            "journals": _journals(edition) if edition.internal else [],
            "foot": foot(edition, ("certificates",), "ledger", len(ledger)),
        },
    )


def by_month(edition: Edition) -> Grid:
    """One row a posting period: each tier as charged, credits, adjustments, and the total after both."""
    ledger = edition.books.ledger
    sums = _sums(ledger, edition)
    tiers = edition.tier_names()
    columns: tuple[Head, ...] = (
        Head("Month", "date"),
        *(Head(f"{tier.capitalize()}, $", "number") for tier in tiers),
        Head("Credits, $", "number"),
    )
    columns += (Head("Adjustments, $", "number"), Head("Total, $", "number"))
    rows = [_month_row(edition, str(period), row, tiers) for period, row in sums.iloc[::-1].iterrows()]
    total = ["Total", *(words.amount(int(sums[name].sum())) for name in (*tiers, "credit", "other", "total"))] if len(sums) else []
    return Grid("Charges by month, newest first, in US dollars", columns, rows, _NO_CHARGES, total)


def by_agency(edition: Edition) -> Grid:
    """One row an agency: what it was charged this fiscal year and last, largest first."""
    ledger = edition.books.ledger
    year = ledger["period"].str.slice(2, 6)
    this, last = str(edition.fiscal_year), str(edition.fiscal_year - 1)
    sums = pd.DataFrame(
        {
            "this": ledger["amount_cents"].where(year == this, 0).groupby(ledger["billed_to"]).sum(),
            "last": ledger["amount_cents"].where(year == last, 0).groupby(ledger["billed_to"]).sum(),
            "lines": ledger.groupby("billed_to").size(),
        }
    ).astype("int64")
    sums = sums.sort_values(["this", "last"], ascending=False, kind="stable")
    rows: list[list[Cell]] = [
        [
            edition.agency(code),
            edition.agency_names.get(code, ""),
            words.count(lines),
            words.amount(now),
            words.amount(before),
            Link("trace", f"trace/{address(code)}.html"),
        ]
        for code, now, before, lines in zip(sums.index, sums["this"], sums["last"], sums["lines"], strict=True)
    ]
    columns: tuple[Head, ...] = (
        Head("Agency"),
        Head("Name", "name"),
        Head(f"Lines since {_since(edition)}", "number"),
        Head(f"FY{this} to date, $", "number"),
        Head(f"FY{last}, $", "number"),
    )
    total = [
        "Total",
        "",
        words.count(int(sums["lines"].sum())),
        words.amount(int(sums["this"].sum())),
        words.amount(int(sums["last"].sum())),
        "",
    ]
    return Grid("Charges by agency, largest first, in US dollars", (*columns, Head("Trace")), rows, _NO_CHARGES, total if rows else [])


def _since(edition: Edition) -> str:
    """The day that charges begin by the settings, else the first day of the ledger."""
    return words.day(edition.settings.charges.begin or edition.books.ledger["service_on"].min(), "the beginning")


def invoices(edition: Edition, frame: pd.DataFrame, root: str) -> Grid:
    """The invoices of `frame`, newest period first, each with its workbook and its trace. `root` leads to the site's root."""
    ordered = frame.sort_values(["period", "agency", "account_id"], ascending=[False, True, True], kind="stable")
    rows: list[list[Cell]] = [
        [
            edition.period_title(row.period),
            edition.agency(row.agency),
            row.account_id or "no account entered",
            Chip("closed", "met") if row.status == "closed" else Chip("draft"),
            row.invoice_no or "numbered at the close",
            words.count(row.lines),
            words.amount(row.amount_cents),
            download(root, row.workbook, "Excel") if row.workbook else "not yet written",
            Link("trace", f"{root}trace/{address(row.agency)}.html#{address(row.period)}"),
        ]
        for row in rows_of(ordered)
    ]
    columns = (
        Head("Month", "date"),
        Head("Agency"),
        Head("Account"),
        Head("State"),
        Head("Number"),
        Head("Lines", "number"),
        Head("Amount, $", "number"),
        Head("Invoice", "short"),
        Head("Trace", "short"),
    )
    return Grid("Invoices, newest first", columns, rows, "No invoice yet: nothing was charged.", captioned=False)


def _sums(ledger: pd.DataFrame, edition: Edition) -> pd.DataFrame:
    """USD cents by period (index, sorted): a column a tier for charges, then credit, other, total."""
    charges = ledger["kind"] == "charge"
    amounts, period = ledger["amount_cents"], ledger["period"]
    columns = {tier: amounts.where(charges & (ledger["tier"] == tier), 0).groupby(period).sum() for tier in edition.tier_names()}
    columns["credit"] = amounts.where(ledger["kind"] == "credit", 0).groupby(period).sum()
    columns["total"] = amounts.groupby(period).sum()
    sums = pd.DataFrame(columns).astype("int64")
    sums["other"] = sums["total"] - sums.drop(columns="total").sum(axis=1)
    return sums.sort_index()


def _month_row(edition: Edition, period: str, row: pd.Series[Any], tiers: list[str]) -> list[Cell]:
    return [edition.period_title(period), *(words.amount(int(row[name])) for name in (*tiers, "credit", "other", "total"))]


def _chart(edition: Edition) -> charts.Chart | None:
    """The totals of the table below it, month by month: each tier after its credits and adjustments."""
    ledger, tiers = edition.books.ledger.assign(tier=edition.books.ledger["tier"].replace("", _NO_TIER)), edition.tier_names()
    if ledger.empty:
        return None
    if bool((ledger.loc[ledger["tier"] == _NO_TIER, "amount_cents"] != 0).any()):
        tiers = [*tiers, _NO_TIER]
    net = ledger.groupby(["period", "tier"])["amount_cents"].sum().unstack(fill_value=0).sort_index().iloc[-_MONTHS_SHOWN:]
    net = net.reindex(columns=tiers, fill_value=0)
    totals = net.sum(axis=1)
    labels = [edition.period_title(str(period)).split(" (")[0] for period in net.index]
    short = [f"{label[:3]} {label.split()[1].rstrip(',')}" + (" late" if "late" in label else "") for label in labels]
    dearest = int(totals.to_numpy().argmax())
    rows: list[list[Cell]] = [
        [label, *(words.amount(int(cents)) for cents in of_tiers), words.amount(int(total))]
        for label, of_tiers, total in zip(labels, net.to_numpy(), totals, strict=True)
    ]
    columns = (Head("Month", "date"), *(Head(f"{tier.capitalize()}, $", "number") for tier in tiers), Head("Total, $", "number"))
    return charts.bars(
        "charges",
        f"{labels[dearest]} was the dearest of {words.count(len(net), 'month')}: {words.dollars(int(totals.iloc[dearest]))}",
        f"Charges by month and tier after credits and adjustments, from {labels[0]} to {labels[-1]}, in US dollars.",
        short,
        [charts.Series(tier, f"series-{index}", [cents / 100 for cents in net[tier]]) for index, tier in enumerate(tiers, start=1)],
        lambda dollars: f"{'−' if dollars < 0 else ''}${abs(dollars):,.0f}",
        Grid("Charges by month and tier after credits and adjustments, in US dollars", columns, rows[::-1], ""),
    )


def _sentence(edition: Edition) -> str:
    ledger = edition.books.ledger
    if ledger.empty:
        return "Nothing has been charged yet."
    current = ledger[ledger["period"].str.startswith(f"FY{edition.fiscal_year}")]
    orders = int(((current["kind"] == "charge") & (current["amount_cents"] > 0)).sum())
    payers = current["billed_to"].nunique()
    total = words.dollars(int(current["amount_cents"].sum()))
    return (
        f"From the start of fiscal year {edition.fiscal_year} to {words.long_day(edition.today)}, {total} was charged to "
        f"{words.count(payers, 'agency', 'agencies')} for {words.count(orders, 'order')}, after credits and adjustments."
    )


def _figures(edition: Edition) -> list[Figure]:
    """Cards that add up: each tier as charged, what was adjusted, what was credited; and apart from them what waits."""
    ledger, year = edition.books.ledger, f"FY{edition.fiscal_year}"
    current = ledger[ledger["period"].str.startswith(year)]
    charges, credits = current[current["kind"] == "charge"], current[current["kind"] == "credit"]
    others = current[~current["kind"].isin(["charge", "credit"])]
    figures = [Figure(f"Charged in {year} to date", _dollars(current), basis="after credits and adjustments")]
    for tier in edition.tier_names():
        of_tier = charges[(charges["tier"] == tier) & (charges["amount_cents"] > 0)]
        basis = f"{words.count(len(of_tier), 'order')}, before credits and adjustments"
        figures.append(Figure(f"Charged for {tier}", _dollars(of_tier), basis=basis))
    changes = words.count(int((others["amount_cents"] != 0).sum()), "change")
    return [
        *figures,
        Figure("Adjusted", _dollars(others), basis=f"{changes} to what was charged before"),
        Figure("Credited", _dollars(credits), basis=words.count(len(credits), "refund")),
        _waiting(edition),
    ]


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
    ledger, year = edition.books.ledger, f"FY{edition.fiscal_year}"
    free = (ledger["kind"] == "charge") & (ledger["amount_cents"] == 0) & ledger["period"].str.startswith(year)
    drafts = edition.books.invoices[edition.books.invoices["status"] == "draft"]
    number = int(free.sum())
    sentence = f"{words.count(number, 'reissue')} within a paid term {'was' if number == 1 else 'were'} free of charge in {year}."
    if drafts.empty:
        return sentence
    verb = "is a draft" if len(drafts) == 1 else "are drafts"
    return f"{sentence} {words.count(len(drafts), 'invoice')} over {_dollars(drafts)} {verb}: no month is closed until finance closes it."


def _dollars(frame: pd.DataFrame) -> str:
    return words.dollars(int(frame["amount_cents"].sum()))


def _years(edition: Edition) -> list[Link]:
    """The yearly workbook of each fiscal year with a posting; finance finds them below `downloads/finance/`."""
    years = sorted({str(period)[:6] for period in edition.books.ledger["period"].unique()}, reverse=True)
    return [download("", f"finance/{year}.xlsx", f"{year} workbook") for year in years if year]


def _journals(edition: Edition) -> list[Link]:
    """The journal of each fiscal year with an entry that bills something, newest first."""
    years = sorted({int(year) for year in edition.books.journal["fiscal_year"].unique()}, reverse=True)
    return [download("", journal_path(year), f"journal of FY{year}") for year in years]
