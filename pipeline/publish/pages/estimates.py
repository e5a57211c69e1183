"""Estimate and actual: what each agency set aside for a fiscal year, what it was billed, where the year leads, and who will exceed it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.publish import charts, words
from pipeline.publish.pages import charge_sums
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, Page

_BARS = 25
_FILE = "entries/estimates.csv"
_NO_ESTIMATE = "no estimate"


def pages(edition: Edition) -> Iterator[Page]:
    """The page of estimates against actuals, a section a fiscal year, the current one first."""
    table = edition.books.encumbrances
    years = sorted({int(year) for year in table["fiscal_year"]}, reverse=True)
    years.sort(key=lambda year: (year != edition.fiscal_year, -year))
    current = _of_year(table, edition.fiscal_year)
    yield Page(
        "estimates.md",
        "pages/estimates.md.j2",
        "Estimate and actual",
        {
            "sentence": _sentence(edition, current),
            "figures": _figures(edition, current),
            "chart_view": _chart(edition, current),
            "years": [{"title": f"Fiscal year {year}", "grid": _grid(edition, _of_year(table, year), year)} for year in years],
            "set_aside": _not_counted(edition),
            "foot": foot(edition, ("certificates", "entries"), "encumbrances", len(table)),
        },
    )


def of_agency(edition: Edition, code: str) -> list[str]:
    """What the agency's estimate of this fiscal year, or the want of one, means, in sentences; none where nothing is known of it."""
    year = edition.fiscal_year
    row = next((one for one in edition.estimates.get(code, []) if one.fiscal_year == year), None)
    if row is None:
        return []
    billed = words.dollars(row.billed_cents)
    then, _ = edition.mergers.get(code, ("", None))
    became = [f"{code} is part of {then} now, which is billed instead."] if then else []
    if pd.isna(row.estimate_cents):
        none = f"No estimate of {code} is entered for it: add one in data/entries/estimates.csv."
        return [f"{billed} is billed for FY{year} so far. {none}", *became]
    said = [
        f"For FY{year}, {code} set aside {words.dollars(int(row.estimate_cents))}{_proof(row)}. {billed} of it is billed so far, "
        f"{words.dollars(int(row.left_cents))} is left."
        if row.left_cents >= 0
        else f"For FY{year}, {code} set aside {words.dollars(int(row.estimate_cents))}{_proof(row)}. {billed} is billed so far, "
        f"{words.dollars(-int(row.left_cents))} more than that."
    ]
    if not pd.isna(row.projected_cents):
        over = int(row.projected_cents) - int(row.estimate_cents)
        side = f"{words.dollars(abs(over))} {'more' if over > 0 else 'less'} than was set aside" if over else "just what was set aside"
        said.append(
            f"At the pace of the year until {words.long_day(edition.today)} it comes to {words.dollars(int(row.projected_cents))}, {side}."
        )
    theirs = _merged_estimates(edition, code, year)
    return [*said, *became, *([f"{theirs}, which is not counted with its own."] if theirs else [])]


def _merged_estimates(edition: Edition, code: str, year: int) -> str:
    """What agencies that became part of this one set aside for the year: not counted with its own, though their orders are billed to it;
    "" where nothing was."""
    merged = (other for other in edition.merged_into(code) if _has_merged(edition, other, year))
    of_year = ((other, row) for other in merged for row in edition.estimates.get(other, []) if row.fiscal_year == year)
    theirs = [(other, int(row.estimate_cents)) for other, row in of_year if not pd.isna(row.estimate_cents)]
    return ", ".join(f"{other}, merged into it, set aside {words.dollars(cents)} more" for other, cents in theirs)


def _has_merged(edition: Edition, code: str, year: int) -> bool:
    """Whether the agency became part of another by the end of the fiscal year; before, it had its own invoices and its own estimate."""
    return code in edition.mergers and calendar.fiscal_year_of(edition.mergers[code][1], edition.starts) <= year


def _proof(row: Any) -> str:
    return f" ({row.document})" if row.document else ""


def _of_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """The rows of the year, who goes or will go most over the estimate first, those without one last."""
    of_it = table[table["fiscal_year"] == year]
    over = (of_it["projected_cents"].astype("Float64") - of_it["estimate_cents"].astype("Float64")).astype("float64")
    ordered = of_it.assign(_over=over).sort_values(["_over", "billed_cents"], ascending=False, na_position="last", kind="stable")
    return ordered.drop(columns="_over")


def _exceeding(current: pd.DataFrame) -> list[Any]:
    known = current[current["estimate_cents"].notna() & current["projected_cents"].notna()]
    return [row for row in rows_of(known) if row.projected_cents > row.estimate_cents]


def _sentence(edition: Edition, current: pd.DataFrame) -> str:
    known = current[current["estimate_cents"].notna()]
    if known.empty:
        return f"No estimate is entered for fiscal year {edition.fiscal_year}: add them in data/entries/estimates.csv."
    over = _exceeding(known)
    of_all = f"of {words.count(len(known), 'agency', 'agencies')} with an estimate"
    if not over:
        return f"At the pace of fiscal year {edition.fiscal_year} until {words.long_day(edition.today)}, none {of_all} will exceed it."
    more = sum(int(row.projected_cents) - int(row.estimate_cents) for row in over)
    merged = [(row.agency, told) for row in over if (told := _merged_estimates(edition, row.agency, edition.fiscal_year))]
    not_counted = "".join(f" {agency} is one of them, but {told}, which is not counted with its own." for agency, told in merged)
    return (
        f"At the pace of fiscal year {edition.fiscal_year} until {words.long_day(edition.today)}, {len(over):,} {of_all} will exceed it, "
        f"by {words.dollars(more)} together.{not_counted}"
    )


def _figures(edition: Edition, current: pd.DataFrame) -> list[Figure]:
    known, year = current[current["estimate_cents"].notna()], f"FY{edition.fiscal_year}"
    if known.empty:
        return []
    estimate, billed = int(known["estimate_cents"].sum()), int(known["billed_cents"].sum())
    projected, without = int(known["projected_cents"].sum()), len(current) - len(known)
    over = _exceeding(known)
    rest = words.dollars(int(current.loc[current["estimate_cents"].isna(), "billed_cents"].sum()))
    return [
        Figure(f"Set aside for {year}", words.dollars(estimate), basis=f"by {words.count(len(known), 'agency', 'agencies')}"),
        Figure("Billed of it so far", words.dollars(billed), basis=f"{words.percent(billed / estimate) if estimate else 'all'} of it"),
        Figure("Left", words.dollars(estimate - billed), basis=f"{_gone(edition)} of the year has passed"),
        Figure(
            "The year at this pace",
            words.dollars(projected),
            basis="of those with an estimate",
            change=f"{words.dollars(abs(projected - estimate))} {'more' if projected > estimate else 'less'} than was set aside",
        ),
        Figure(
            "Will exceed their estimate",
            words.count(len(over), "agency", "agencies"),
            basis=f"{sum(row.left_cents < 0 for row in over):,} of them already did",
            state="near" if over else "met",
            word="talk to them now" if over else "none",
        ),
        Figure(
            "Without an estimate",
            words.count(without, "agency", "agencies"),
            basis=f"{rest} billed to them so far" if without else "each agency that is billed has one",
        ),
    ]


def _grid(edition: Edition, of_year: pd.DataFrame, year: int) -> Grid:
    """One row an agency; what is left stands first, for that is what is asked."""
    first, last = _span(edition, year)
    has_ended, running = last <= edition.today, first <= edition.today < last
    ledger = edition.entries_of_year(year)
    orders = charge_sums.orders(ledger).groupby(ledger["billed_to"]).sum().to_dict()
    rows: list[list[Cell]] = [
        [
            edition.agency(row.agency),
            _name(edition, row.agency, year),
            _NO_ESTIMATE if pd.isna(row.estimate_cents) else words.amount(int(row.estimate_cents)),
            words.amount(row.billed_cents),
            words.count(orders.get(row.agency, 0)),
            "" if pd.isna(row.left_cents) else words.amount(int(row.left_cents)),
            *([words.amount(int(row.projected_cents))] if running else []),
            _state(row, has_ended, _used_up(edition, row, first) if running else ""),
        ]
        for row in rows_of(of_year)
    ]
    known = of_year[of_year["estimate_cents"].notna()]
    sums = {name: words.amount(int(of_year[name].sum())) for name in ("estimate_cents", "billed_cents", "projected_cents")}
    total: list[Cell] = ["Total", "", sums["estimate_cents"], sums["billed_cents"], words.count(sum(orders.values()))]
    total += [words.amount(int(known["left_cents"].sum())), *([sums["projected_cents"]] if running else []), ""]
    columns: tuple[Head, ...] = (
        Head("Agency", "short"),
        Head("Name", "name"),
        Head("Set aside, $", "number"),
        Head("Billed, $", "number"),
    )
    columns += (Head("Orders", "number"), Head("Left, $", "number"))
    columns += (*([Head("The year at this pace, $", "number")] if running else []), Head("At this pace" if running else "State", "short"))
    caption = f"Estimate and actual of FY{year} by agency, {'most over it' if running or has_ended else 'largest'} first, in US dollars"
    return Grid(caption, columns, rows, "", total, lead=5)


def _name(edition: Edition, code: str, year: int) -> Cell:
    """The agency's name; where it was merged, or others were merged into it, whose estimate must be looked at with its own."""
    name = edition.agency_names.get(code, "")
    if _has_merged(edition, code, year):
        return Noted(name, f"merged into {edition.mergers[code][0]}, which is billed instead")
    told = _merged_estimates(edition, code, year)
    return Noted(name, told) if told else name


def _not_counted(edition: Edition) -> Grid | None:
    """The lines of estimates.csv that count for nothing, and why; None where each one counts."""
    findings = edition.books.findings
    found = findings[(findings["file"] == _FILE) & findings["severity"].isin(("error", "warning"))].sort_values(["row", "column"])
    rows: list[list[Cell]] = [[f"{row.row:,}" if row.row else "whole file", row.value, row.reason] for row in rows_of(found)]
    if not rows:
        return None
    columns = (Head("Line", "number"), Head("Value", "name"), Head("Why, and what to do"))
    return Grid("Lines of data/entries/estimates.csv with a mistake", columns, rows, "", captioned=False, things=True)


def _state(row: Any, has_ended: bool, used_up: str) -> Cell:
    """How an agency stands against its estimate; `used_up` is the day on which it will be, of the year that runs."""
    if pd.isna(row.estimate_cents):
        return Chip(_NO_ESTIMATE)
    if row.left_cents < 0:
        return Chip("exceeded", "missed")
    if used_up:
        return Chip(f"used up {used_up}", "near")
    return "year not begun" if not has_ended and pd.isna(row.projected_cents) else Chip("within", "met")


def _used_up(edition: Edition, row: Any, first: dt.date) -> str:
    """The day on which the last cent set aside goes at this pace; '' where it lasts for the year."""
    if pd.isna(row.estimate_cents) or row.projected_cents <= row.estimate_cents or row.billed_cents <= 0:
        return ""
    gone = (edition.today - first).days + 1
    days = -(-int(row.estimate_cents) * gone // row.billed_cents)  # rounded up
    return words.day(first + dt.timedelta(days=max(days, 1) - 1))


def _gone(edition: Edition) -> str:
    first, last = _span(edition, edition.fiscal_year)
    return words.percent(((edition.today - first).days + 1) / ((last - first).days + 1))


def _span(edition: Edition, year: int) -> tuple[dt.date, dt.date]:
    first = calendar.period_first_day(f"FY{year}-P01", edition.starts)
    return first, calendar.period_last_day(f"FY{year}-P12", edition.starts)


def _chart(edition: Edition, current: pd.DataFrame) -> charts.Chart | None:
    """Each agency's year at this pace as a share of what it set aside, the highest first; None without an estimate that is not zero."""
    known = current[current["estimate_cents"].notna() & current["projected_cents"].notna() & (current["estimate_cents"] > 0).fillna(False)]
    shares = sorted(
        ((max(int(row.projected_cents), 0) / int(row.estimate_cents), row) for row in rows_of(known)),
        key=lambda one: (-one[0], one[1].agency),
    )
    if not shares:
        return None
    share, most = shares[0]
    verb, most_of_all = ("will exceed", " most") if share > 1 else ("comes nearest to", "")
    reached = f"{words.percent(share, 0)} of {words.dollars(int(most.estimate_cents))} at this pace"
    beside = _merged_estimates(edition, most.agency, edition.fiscal_year)
    merged = [(row.agency, told) for _, row in shares[:_BARS] if (told := _merged_estimates(edition, row.agency, edition.fiscal_year))]
    not_counted = "".join(f" Beside what {agency} set aside, {told}, which is not counted with its own." for agency, told in merged)
    return charts.ranking(
        "estimates",
        f"{most.agency} {verb} what it set aside{most_of_all}: {reached}{f'; {beside}' if beside else ''}",
        f"What fiscal year {edition.fiscal_year} comes to at the pace until {words.long_day(edition.today)}, in percent of what each "
        f"agency set aside; the dashed line is all of it.{not_counted}",
        [charts.Ranked(row.agency, share) for share, row in shares[:_BARS]],
        lambda value: words.percent(value, 0),
        mark=charts.Mark(1.0, "set aside"),
    )
