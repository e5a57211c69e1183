"""Forecast: how many certificates the present ones will ask for, what that means for the desk, the agencies and the money."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.publish import charts, words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Noted, Page

_EMPTY = "No certificate is in force, so nothing will have to be renewed."
_MONTHS_A_YEAR = 12
_YEARS_OF_LOTS = 2
_AS_IT_IS = "as it is"
_BASES = {"per-order": "order", "per-certificate": "certificate", "per-certificate-day": "certificate and day"}


class _Year(NamedTuple):
    """The sums of FORECAST of a fiscal year; `whole` where it has every month of it. Amounts are USD cents, `low` and `high` may be NaN."""

    year: int
    whole: bool
    issuances: int
    with_rate: int
    low: float
    high: float
    renewals: int
    by_hand: float
    validations: int
    amount_cents: int
    per_certificate_cents: int
    per_day_cents: int


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the forecast; agencies and lots only in the internal edition."""
    table = edition.books.forecast
    years = _years(edition)
    yield Page(
        "forecast.md",
        "pages/forecast.md.j2",
        "Forecast",
        {
            "sentence": _sentence(edition, years),
            "figures": _figures(edition, years),
            "chart_view": _chart(edition),
            "years": _year_grid(edition, years),
            "work": _work_grid(edition, years),
            "bases": _basis_grid(years),
            "scenarios": _scenario_grid(edition),
            "units": _unit_grid(edition) if edition.internal else None,
            "agencies": _agency_grid(edition) if edition.internal else None,
            "rests_on": _rests_on(edition),
            "foot": foot(edition, ("certificates", "pem"), "forecast", len(table)),
        },
    )


def _years(edition: Edition) -> list[_Year]:
    table = edition.books.forecast
    of_month = {month: _fiscal_year(edition, month) for month in sorted(table["month"].unique())}
    lengths = Counter(of_month.values())
    table = table.assign(with_rate=table["issuances"].where(table["per_certificate_cents"] > 0, 0))
    sums = table.groupby(table["month"].map(of_month))[list(_Year._fields[2:])].sum(min_count=1)
    whole = {year: months == _MONTHS_A_YEAR and year > edition.fiscal_year for year, months in lengths.items()}
    columns = (sums[name].tolist() for name in sums)
    return [_Year(year, whole[year], *cells) for year, *cells in zip(sums.index.tolist(), *columns, strict=True)]


def _fiscal_year(edition: Edition, month: str) -> int:
    return calendar.fiscal_year_of_month(month, edition.starts)


def _issued_in(edition: Edition, year: int) -> int:
    """Certificates of servers that were issued in a fiscal year, as far as it has come."""
    ours = edition.books.certificates[~edition.books.certificates["is_ca"]]
    days = ours["service_on"].dropna()
    return int((calendar.fiscal_year(days, edition.starts) == year).sum())


def _peak(years: list[_Year]) -> _Year | None:
    """The last whole year: the one with the shortest lives."""
    return next((year for year in reversed(years) if year.whole), None)


def _sentence(edition: Edition, years: list[_Year]) -> str:
    peak = _peak(years)
    if peak is None:
        return _EMPTY
    sites = int(edition.books.readiness["sites"].sum())
    before = _issued_in(edition, edition.fiscal_year - 1)
    times = f"; {before:,} were issued in fiscal year {edition.fiscal_year - 1}" if before else ""
    said = (
        f"Because public certificates may live for fewer and fewer days, the {words.count(sites, 'certificate')} in force will ask for "
        f"{_likely(peak)} in fiscal year {peak.year}{times}."
    )
    return f"{said} {_broken(edition)}".strip()


def _broken(edition: Edition) -> str:
    work = edition.books.workload
    if work.empty:
        return ""
    broken = work[~work["promise_holds"]]
    days = int(work["promised_days"].iloc[0])
    if broken.empty:
        return f"If the desk closes as many a day as last year, it keeps its promise of {days} business days throughout."
    first = words.month(broken["month"].iloc[0])
    return f"If the desk closes no more a day than last year, its promise of {days} business days breaks in {first}."


def _figures(edition: Edition, years: list[_Year]) -> list[Figure]:
    peak = _peak(years)
    if peak is None:
        return []
    last = edition.fiscal_year - 1
    work = edition.books.workload
    figures = [
        Figure(f"Issued in FY{last}", words.count(_issued_in(edition, last)), basis="certificates, as the books hold them"),
        Figure(f"To be issued in FY{peak.year}", words.count(peak.issuances), basis=_range(peak)),
        Figure(f"Charged in FY{peak.year}, by order", words.dollars(peak.amount_cents), basis="by the rules in force"),
        Figure(f"If each certificate cost the rate, FY{peak.year}", words.dollars(peak.per_certificate_cents), basis="for comparison"),
    ]
    if len(work):
        needed = float(work["automated_needed"].tolist()[-1])
        basis = "so that the desk keeps its promise for five years"
        share = "all, and more staff" if math.isnan(needed) else words.percent(needed, 0)
        figures.append(Figure("Must renew themselves", share, basis=basis))
    return figures


def _range(year: _Year) -> str:
    if math.isnan(year.low):
        return "if each certificate goes on; too few names for a range"
    return f"if each goes on; {_from_to(year)} if names are given up as in the last year"


def _likely(year: _Year) -> str:
    """The range that is likely, and the figure if no certificate is given up."""
    if math.isnan(year.low):
        return f"{year.issuances:,} new ones"
    return f"{_from_to(year)} new ones, {year.issuances:,} if none is given up,"


def _from_to(year: _Year) -> str:
    return "too few names" if math.isnan(year.low) else f"{year.low:,.0f} to {year.high:,.0f}"


def _chart(edition: Edition) -> charts.Chart | None:
    table = edition.books.forecast
    if table.empty:
        return None
    quarter = {month: _quarter(edition, month) for month in sorted(table["month"].unique())}
    grouped = table.groupby(table["month"].map(quarter))[["issuances", "by_hand"]].sum()
    labels = list(dict.fromkeys(quarter.values()))
    ordered = grouped.reindex(labels)
    by_hand, alone = ordered["by_hand"].tolist(), (ordered["issuances"] - ordered["by_hand"]).tolist()
    series = [charts.Series("asked for by somebody", "series-1", by_hand)]
    if any(alone):
        series.append(charts.Series("renewing themselves", "series-2", alone))
    rows: list[list[Cell]] = [
        [label, *(f"{number:,.0f}" for number in numbers)] for label, *numbers in zip(labels, by_hand, alone, strict=True)
    ]
    heads = (Head("Quarter"), Head("Asked for by somebody", "number"), Head("Renewing themselves", "number"))
    behind = Grid("Certificates to be issued by fiscal quarter", heads, rows, _EMPTY)
    first, last = words.month(min(quarter)), words.month(max(quarter))
    description = f"{words.count(int(grouped['issuances'].sum()), 'certificate')} from {first} to {last}, if each of today's goes on."
    return charts.bars(
        "forecast", "Certificates to be issued, by fiscal quarter", description, labels, series, lambda value: f"{value:,.0f}", behind
    )


def _quarter(edition: Edition, month: str) -> str:
    """`Q2 FY27` of `2026-11`."""
    period = calendar.period_of(pd.Timestamp(f"{month}-01").date(), edition.starts)
    return f"Q{(int(period[-2:]) + 2) // 3} FY{period[4:6]}"


def _named(edition: Edition, year: int, *, whole: bool) -> Cell:
    if whole:
        return f"FY{year}"
    return Noted(f"FY{year}", f"from {words.day_of_month(edition.tomorrow)} on" if year == edition.fiscal_year else "its first months")


def _year_grid(edition: Edition, years: list[_Year]) -> Grid:
    rows: list[list[Cell]] = [
        [
            _named(edition, year.year, whole=year.whole),
            f"{year.issuances:,}",
            _from_to(year),
            f"{year.by_hand:,.0f}",
            f"{year.validations:,}",
            f"{year.renewals:,}",
            words.amount(year.amount_cents),
        ]
        for year in years
    ]
    columns: tuple[Head, ...] = (
        Head("Fiscal year", "stacked"),
        Head("Certificates to issue", "number"),
        Head("If names are given up as last year", "number"),
        Head("Asked for by somebody", "number"),
    )
    columns += (Head("Proofs of domains", "number"), Head("Paid terms", "number"), Head("Charged, $", "number"))
    return Grid("Certificates to be issued by fiscal year, if each of today's goes on", columns, rows, _EMPTY, lead=1)


def _work_grid(edition: Edition, years: list[_Year]) -> Grid:
    work = edition.books.workload
    of_year = work.groupby(work["month"].map(lambda month: _fiscal_year(edition, month))) if len(work) else ()
    whole = {year.year for year in years if year.whole}
    rows: list[list[Cell]] = []
    for year, months in of_year:
        asked = months["certificate_requests"].sum() + months["other_requests"].sum()
        end = months.iloc[-1]
        rows.append(
            [
                _named(edition, int(year), whole=year in whole),
                f"{asked / max(int(months['business_days'].sum()), 1):,.1f}",
                f"{end['closed_a_day']:,.1f}",
                f"{end['waiting']:,.0f}",
                f"{end['waiting_days']:,.0f}",
                Chip("kept", "met") if months["promise_holds"].all() else Chip("broken", "missed"),
                "more than all" if pd.isna(end["automated_needed"]) else words.percent(float(end["automated_needed"]), 0),
            ]
        )
    columns = (
        Head("Fiscal year", "stacked"), Head("Requests a business day", "number"), Head("Closed a business day", "number"),
        Head("Waiting at its end", "number"), Head("Business days of work", "number"), Head("Promise", "short"),
        Head("Must renew themselves", "number"),
    )  # fmt: skip
    empty = "The request logs show nothing that the desk closed in the last year: its pace is not known."
    return Grid("What the desk is asked for, at the pace of the last year", columns, rows, empty, lead=1)


def _basis_grid(years: list[_Year]) -> Grid:
    rows: list[list[Cell]] = []
    for year in years:
        if not year.whole:
            continue
        for name, cents, units in (
            (Noted("per order", "what is billed"), year.amount_cents, year.renewals),
            ("per certificate", year.per_certificate_cents, year.with_rate),
            ("per certificate and day", year.per_day_cents, year.with_rate),
        ):
            rows.append([f"FY{year.year}", name, words.amount(cents), f"{units:,}", words.amount(cents // units) if units else "no unit"])
    columns = (
        Head("Fiscal year"),
        Head("Basis", "stacked"),
        Head("Charged, $", "number"),
        Head("Units drawn", "number"),
        Head("A unit may cost, $", "number"),
    )
    return Grid(
        "What each charge basis brings in, and what a unit may cost at most; certificates without a tier are charged to nobody",
        columns,
        rows,
        _EMPTY,
    )


def _scenario_grid(edition: Edition) -> Grid | None:
    """The scenarios of the settings beside the forecast as it is, each whole year; None without any."""
    if not edition.settings.scenario:
        return None
    whole = {year.year for year in _years(edition) if year.whole}
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.scenario or _AS_IT_IS),
            f"{row.issuances:,.0f}",
            f"{row.by_hand:,.0f}",
            f"{row.units:,.0f}",
            _BASES[row.basis],
            words.amount(row.charged_cents),
            words.month(row.breaks_in) if row.breaks_in else "kept",
        ]
        for row in rows_of(edition.books.scenarios.sort_values("fiscal_year", kind="stable"))
        if row.fiscal_year in whole
    ]
    columns: tuple[Head, ...] = (Head("Year and scenario", "stacked"), Head("Certificates to issue", "number"))
    columns += (Head("Asked for by somebody", "number"), Head("Units drawn", "number"), Head("Basis"), Head("Charged, $", "number"))
    columns += (Head("Promise breaks in", "date"),)
    return Grid("The scenarios of the settings beside the forecast as it is", columns, rows, _EMPTY, lead=5)


def _unit_grid(edition: Edition) -> Grid:
    rows: list[list[Cell]] = [
        [
            Noted(f"FY{row.fiscal_year}", row.tier),
            _BASES[row.basis],
            f"{row.needed:,}",
            f"{row.from_stock:,}",
            f"{row.to_buy:,}",
            words.month(row.first_short) if row.first_short else "not in this year",
        ]
        for row in rows_of(edition.books.units_needed)
        if row.fiscal_year <= edition.fiscal_year + _YEARS_OF_LOTS
    ]
    columns = (
        Head("Year and tier", "stacked"), Head("Basis"), Head("Units needed", "number"), Head("From today's lots", "number"),
        Head("To buy", "number"), Head("First needed in", "date"),
    )  # fmt: skip
    return Grid("Units of bulk lots that will be drawn in this fiscal year and the next two", columns, rows, _EMPTY)


def _agency_grid(edition: Edition) -> Grid:
    rows: list[list[Cell]] = [
        [
            f"{row.place}",
            edition.agency(row.agency),
            f"{row.sites:,}",
            f"{row.next_year:,}",
            f"{row.last_year:,}",
            f"{row.automated:,}",
            f"{row.short:,}",
            f"{row.for_clients:,}",
            f"{row.weak_keys:,}",
            f"{row.quantum_exposed:,} of {row.known_keys:,}",
            f"{row.without_contact:,}",
        ]
        for row in rows_of(edition.books.readiness)
    ]
    columns = (
        Head("Place", "number"), Head("Agency"), Head("Certificates in force", "number"), Head("To issue in the next 12 months", "number"),
        Head("In the last 12 of the forecast", "number"), Head("Automated", "number"), Head("Live 100 days or less", "number"),
        Head("For clients too", "number"), Head("Weak key", "number"), Head("Quantum-exposed, of known keys", "number"),
        Head("Without contact", "number"),
    )  # fmt: skip
    return Grid(
        "Agencies, those first that will ask for the most certificates; a merged one is counted with its successor", columns, rows, _EMPTY
    )


def _rests_on(edition: Edition) -> list[str]:
    """What the forecast takes from the last year, in sentences."""
    found = list(rows_of(edition.books.habits))
    if not found:
        return []
    habits = found[0]
    lead = words.count(habits.lead_days, "day")
    if edition.settings.forecast.lead_days is not None:
        said = [f"Certificates are renewed {lead} before they end, as the settings say, and short ones after two thirds of their life."]
    elif habits.renewals >= 10:
        said = [f"Certificates are renewed {lead} before they end: the middle of {habits.renewals:,} renewals of the last year."]
    else:
        said = [f"Certificates are renewed {lead} before they end, when the first notice is due; too few renewals show another pace."]
    if habits.names_before:
        said.append(
            f"Of {words.count(habits.names_before, 'host name')} that were covered a year ago {habits.names_kept:,} are covered now; "
            f"{habits.names_new:,} are new since. New ones are not in the forecast."
        )
    said.append(f"The desk got {habits.asked_share:.2f} requests for each certificate that was issued in the last year.")
    share = float(edition.settings.forecast.automated)
    if share:
        said.append(
            f"{words.percent(share, 0)} of the certificates not called automated are taken to renew themselves, as the settings say."
        )
    return said
