"""Forecast: how many certificates the present ones will ask for, what that means for the desk, the agencies and the money."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline import calendar
from pipeline.contracts import WAYS
from pipeline.lints import LIMITS_IN_DAYS
from pipeline.publish import charts, in_force, words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.pages.foot import foot
from pipeline.publish.pages.forecast_money import EMPTY, agency_grid, assumed, basis_grid, not_priced, price_grid, scenario_grid, unit_grid
from pipeline.publish.pages.forecast_readiness import counted_with, first_steps, readiness_grid
from pipeline.publish.pages.forecast_years import Year, from_to, named, of_month_year, of_years
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Page

_MONTHS_A_QUARTER = 3


def pages(edition: Edition) -> Iterator[Page]:
    """The page of the forecast; agencies and lots only in the internal edition."""
    table = edition.books.forecast
    years = of_years(edition)
    yield Page(
        "forecast.md",
        "pages/forecast.md.j2",
        "Forecast",
        {
            "sentence": _sentence(edition, years),
            "promise": _promise(edition),
            "in_force": _beside_in_force(edition),
            "figures": _figures(edition, years),
            "chart_view": _chart(edition),
            "marks": [f"{number}: {tip}." for number, _, tip in _shortened(edition)],
            "years": _year_grid(edition, years),
            "work": _work_grid(edition, years),
            "months": _month_grid(edition),
            "bases": basis_grid(years),
            "full_cost": (edition.books.prices["cost_basis"] == "full cost").any(),
            "prices": price_grid(edition) if edition.internal else None,
            "not_priced": not_priced(edition) if edition.internal else "",
            "scenarios": scenario_grid(edition, years),
            "assumed": assumed(edition.settings.scenario, _last_day(edition)),
            "units": unit_grid(edition) if edition.internal else None,
            "agency_money": agency_grid(edition, years) if edition.internal else None,
            "first_steps": first_steps(edition) if edition.internal else [],
            "agencies": readiness_grid(edition) if edition.internal else None,
            "counted_with": counted_with(edition),
            "rests_on": _rests_on(edition),
            "foot": foot(edition, ("certificates", "pem"), "forecast", len(table)),
        },
    )


def _last_day(edition: Edition) -> dt.date:
    """The last day of the forecast; that of the data where it has no month."""
    months = edition.books.forecast["month"]
    return pd.Period(months.max(), "M").end_time.date() if len(months) else edition.today


def _issued_in(edition: Edition, year: int) -> int:
    """Certificates of servers that were issued in a fiscal year, as far as it has come."""
    ours = edition.books.certificates[~edition.books.certificates["is_ca"]]
    days = ours["service_on"].dropna()
    return int((calendar.fiscal_year(days, edition.starts) == year).sum())


def _charged_in(edition: Edition, year: int) -> int:
    """What the ledger charged in a fiscal year, USD cents."""
    ledger = edition.books.ledger
    return int(ledger.loc[ledger["period"].str.startswith(f"FY{year}-"), "amount_cents"].sum())


def _peak(years: list[Year]) -> Year | None:
    """The last whole year: the one with the shortest lives."""
    return next((year for year in reversed(years) if year.whole), None)


def _sentence(edition: Edition, years: list[Year]) -> str:
    peak = _peak(years)
    if peak is None:
        return EMPTY
    sites, last = int(edition.books.readiness["sites"].sum()), edition.fiscal_year - 1
    before = _issued_in(edition, last)
    instead = f" instead of {before:,} in FY{last}" if before else ""
    return (
        f"Keeping today's {words.count(sites, 'certificate')} means issuing {peak.issuances:,} in FY{peak.year}{instead}, "
        f"while the bill by order {_bill(_charged_in(edition, last), peak.amount_cents, last, _at_first(years, peak))}."
    )


def _beside_in_force(edition: Edition) -> str:
    """Why the forecast counts other certificates than are in force; "" where it counts as many."""
    sites = int(edition.books.readiness["sites"].sum())
    valid = in_force.number(edition.certificates)
    if not sites or sites == valid:
        return ""
    return (
        f"{words.count(valid, 'certificate')} {'is' if valid == 1 else 'are'} in force, and {sites:,} {'goes' if sites == 1 else 'go'} on: "
        "a certificate and its reissue, or its successor that is issued already, go on as one; those of retired hosts do not, and one that "
        "is not valid yet does."
    )


def _at_first(years: list[Year], peak: Year) -> str:
    """The bill of the first whole year ahead: what comes of certificates that are new since the last year, not of shorter lives."""
    first = next(year for year in years if year.whole)
    return f" (FY{first.year}, with today's certificates: {_whole_dollars(first.amount_cents)})" if first.year != peak.year else ""


def _bill(before: int, then: int, last: int, on_the_way: str) -> str:
    """How what is billed moves from one year to the one told before it, in whole dollars; a bill that moves is told `on_the_way`, too."""
    now, was = _whole_dollars(then), _whole_dollars(before)
    if before <= 0:
        return f"is {now}"
    if abs(then - before) * 10 <= before:
        return f"stays near that of FY{last}, {now} after {was}"
    return f"{'rises' if then > before else 'falls'} from {was} to {now}{on_the_way}"


def _whole_dollars(cents: int) -> str:
    return words.dollars((cents + 50) // 100 * 100).removesuffix(".00")


def _promise(edition: Edition) -> str:
    """Until when the desk keeps its promise at the pace of the last year; "" where no pace is known."""
    work = edition.books.workload
    if work.empty:
        return ""
    broken = work[~work["promise_holds"]]
    pace = f"At last year's pace of the desk ({float(work['closed_a_day'].iloc[0]):,.1f} closed a business day)"
    promise = f"the promise of {words.count(int(work['promised_days'].iloc[0]), 'business day')}"
    if broken.empty:
        return f"{pace} {promise} is kept throughout. That pace is what it closed, not what it could close."
    told = f"{promise} breaks in {words.month(broken['month'].iloc[0])}{_at_its_best(edition)}"
    return f"{pace} {told}. That is what it closed, not what it could close."


def _at_its_best(edition: Edition) -> str:
    """When the promise breaks at the pace of the desk's busiest month, if it does; "" where no whole month of the last year is known."""
    habits = next(iter(rows_of(edition.books.habits)), None)
    if habits is None or not habits.busiest_month:
        return ""
    then = f"in {words.month(habits.busiest_breaks_in)}" if habits.busiest_breaks_in else "never in these five years"
    return f", and {then} at that of its busiest month, {words.month(habits.busiest_month)} ({habits.busiest_closed_a_day:,.1f} a day)"


def _figures(edition: Edition, years: list[Year]) -> list[Figure]:
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
        Figure(f"If each covered day cost its share, FY{peak.year}", words.dollars(peak.per_day_cents), basis="for comparison"),
    ]
    if len(work):
        needed = float(work["automated_needed"].tolist()[-1])
        basis = "of what is asked for by somebody, so that the desk keeps its promise for five years"
        share = "all, and more staff" if math.isnan(needed) else words.percent(needed, 0)
        figures.append(Figure("Must renew themselves", share, basis=basis))
    return figures


def _range(year: Year) -> str:
    if math.isnan(year.low):
        return "if each of today's goes on; no new ones foreseen; too few names for a range"
    return (
        f"if each of today's goes on; {from_to(year.low, year.high)} if names are given up as in the last year and none is new, "
        f"{year.growing:,.0f} if as many come new as then, too"
    )


def _chart(edition: Edition) -> charts.Chart | None:
    table = edition.books.forecast
    if table.empty:
        return None
    quarter = _whole_quarters(edition)
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
    behind = Grid("Certificates to be issued by fiscal quarter", heads, rows, EMPTY)
    first, last = words.month(min(quarter)), words.month(max(quarter))
    notes = [charts.Note(number, labels.index(at), labels.index(at), tip) for number, at, tip in _shortened(edition)]
    description = f"{words.count(int(grouped['issuances'].sum()), 'certificate')} from {first} to {last}, if each of today's goes on."
    return charts.bars(
        "forecast", _found(ordered["issuances"].tolist()), description, labels, series, lambda value: f"{value:,.0f}", behind,
        notes=notes,
    )  # fmt: skip


def _whole_quarters(edition: Edition) -> dict[str, str]:
    """The fiscal quarter of each month of the forecast, of the quarters that lie in it with all their days."""
    quarter = {month: _quarter(edition, month) for month in sorted(edition.books.forecast["month"].unique())}
    begun = f"{edition.tomorrow:%Y-%m}" if edition.tomorrow.day > 1 else ""
    months = Counter(label for month, label in quarter.items() if month != begun)
    return {month: label for month, label in quarter.items() if months[label] == _MONTHS_A_QUARTER}


def _shortened(edition: Edition) -> list[tuple[int, str, str]]:
    """The quarters from which on public certificates may live for fewer days: a number, the quarter, and what to say of it."""
    since = {_quarter(edition, f"{day:%Y-%m}"): f"{days} days at most from {words.long_day(day)} on" for days, day, _ in LIMITS_IN_DAYS}
    labels = dict.fromkeys(_whole_quarters(edition).values())
    return [(number, at, since[at]) for number, at in enumerate((label for label in labels if label in since), 1)]


def _found(issued: list[int]) -> str:
    """The title of the chart: how far the quarters climb, if they do."""
    whole = [number for number in issued if number]
    if not whole or max(whole) <= whole[0]:
        return "Certificates to be issued, by fiscal quarter"
    return f"Certificates to issue climb from {whole[0]:,} to at most {max(whole):,} a fiscal quarter"


def _quarter(edition: Edition, month: str) -> str:
    """`Q2 FY27` of `2026-11`."""
    period = calendar.period_of(pd.Timestamp(f"{month}-01").date(), edition.starts)
    return f"Q{(int(period[-2:]) + 2) // 3} FY{period[4:6]}"


def _year_grid(edition: Edition, years: list[Year]) -> Grid:
    rows: list[list[Cell]] = [
        [
            named(edition, year.year, whole=year.whole),
            f"{year.issuances:,}",
            from_to(year.low, year.high),
            "too few names" if math.isnan(year.growing) else f"{year.growing:,.0f}",
            f"{year.private:,}",
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
        Head("If as many come new, too", "number"),
        Head("Of our own authority", "number"),
        Head("Asked for by somebody", "number"),
    )
    columns += (Head("Domain checks", "number"), Head("Orders charged", "number"), Head("Charged, $", "number"))
    return Grid("Certificates to be issued by fiscal year, if each of today's goes on", columns, rows, EMPTY, lead=1)


def _month_grid(edition: Edition) -> Grid:
    table = edition.books.forecast
    table = table.assign(private=table["issuances"].where(table["trust"] == "private", 0))
    sums = table.groupby("month")[["expiring", "issuances", "private", "by_hand", "validations", "renewals", "amount_cents"]].sum()
    rows: list[list[Cell]] = [
        [words.month(month), *(f"{number:,.0f}" for number in numbers), words.amount(int(cents))]
        for month, *numbers, cents in sums.itertuples(name=None)
    ]
    columns = (
        Head("Month", "date"), Head("Expire", "number"), Head("To issue", "number"), Head("Of our own authority", "number"),
        Head("Asked for by somebody", "number"), Head("Domain checks", "number"), Head("Orders charged", "number"),
        Head("Charged, $", "number"),
    )  # fmt: skip
    return Grid("Month by month, if each of today's certificates goes on", columns, rows, EMPTY, lead=2)


def _work_grid(edition: Edition, years: list[Year]) -> Grid:
    work = edition.books.workload
    of_year = work.groupby(work["month"].map(lambda month: of_month_year(edition, month))) if len(work) else ()
    whole = {year.year for year in years if year.whole}
    rows: list[list[Cell]] = []
    for year, months in of_year:
        asked = months["certificate_requests"].sum() + months["other_requests"].sum()
        end = months.iloc[-1]
        rows.append(
            [
                named(edition, int(year), whole=year in whole),
                f"{asked / max(int(months['business_days'].sum()), 1):,.1f}",
                f"{end['closed_a_day']:,.1f}",
                f"{end['waiting']:,.0f}",
                f"{end['waiting_days']:,.0f}",
                Chip("kept", "met") if months["promise_holds"].all() else Chip("broken", "missed"),
                "more than all" if pd.isna(end["automated_needed"]) else words.percent(float(end["automated_needed"]), 0),
            ]
        )
    columns = (
        Head("Fiscal year", "stacked"), Head("Requests a business day", "number"), Head("Closed a business day in the last year", "number"),
        Head("Waiting at its end", "number"), Head("Business days of work", "number"), Head("Promise", "short"),
        Head("Must renew themselves", "number"),
    )  # fmt: skip
    empty = "The request logs show nothing that the desk closed in the last year: its pace is not known."
    return Grid("What the desk is asked for, at the pace of the last year", columns, rows, empty, lead=1)


def _each_bought(edition: Edition, habits: Any) -> Iterator[str]:
    """Which certificates are charged each time they are renewed, why, and whose they are; nothing where none is."""
    if not habits.each_bought:
        return
    rows = sorted(rows_of(edition.books.readiness), key=lambda row: str(row.agency)) if edition.internal else []
    whose = ", ".join(f"{row.agency or 'no agency known'} {row.each_bought:,}" for row in rows if row.each_bought)
    is_one = habits.each_bought == 1
    charged = "is charged whenever it is renewed" if is_one else "are charged whenever they are renewed"
    told = f"{words.count(habits.each_bought, 'certificate')} {charged}"
    alone = habits.each_bought - habits.without_order
    reasons = [
        f"{words.count(habits.without_order, 'certificate')} without an order number, for each that follows is an order of its own",
        f"{words.count(alone, 'certificate')} bought alone before, each time with a new order",
    ]
    why = "; ".join(reason for reason, count in zip(reasons, (habits.without_order, alone), strict=True) if count)
    yield f"{told}{f' ({whose})' if whose else ''}: {why}."


def _orders_go_on(edition: Edition, habits: Any) -> list[str]:
    """What the last year shows of order numbers, and what is made of it; nothing where no order is billed."""
    anew, term = words.count(habits.bought_anew_days, "day"), edition.settings.charges.term_days
    is_latest = habits.bought_anew_days == term - habits.lead_days
    why = f", the {term} of its plan less those {habits.lead_days}" if is_latest else ", as most were"
    ways = {
        "bought anew": f"An order is taken to be bought anew {anew} after it was charged{why}",
        "each bought": "Each certificate is taken to be an order of its own",
        "number kept": "An order is taken to keep its number",
    }
    said = [f"{ways[habits.usual_way]}, unless its own renewals show another way."]
    if habits.usual_way == WAYS[0]:
        said.append(
            "Where a certificate has to be renewed a few days before that, its order is bought anew then; free reissues end with the plan."
        )
    if habits.billed_renewals:
        came = f"{habits.new_numbers:,}" if habits.new_numbers else "none"
        told = f"Of {words.count(habits.billed_renewals, 'billed renewal')} in the last year {came} came under a new order number"
        middle = habits.new_number_days
        said.insert(0, f"{told}." if math.isnan(middle) else f"{told}, charged {middle:,.0f} days (median) after the order before it.")
    return said


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
        was, kept, new = ("was" if habits.names_before == 1 else "were"), _are(habits.names_kept), _are(habits.names_new)
        said.append(
            f"Of {words.count(habits.names_before, 'host name')} that {was} covered a year ago {kept} covered now; {new} new since."
            " New ones are in the forecast only where it says so."
        )
    said.append(_asked_for_each(habits))
    said += _orders_go_on(edition, habits)
    said += _each_bought(edition, habits)
    share = float(edition.settings.forecast.automated)
    if share:
        said.append(
            f"{words.percent(share, 0)} of the certificates not called automated are taken to renew themselves, as the settings say."
        )
    return said


def _are(number: int) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'}"


def _asked_for_each(habits: Any) -> str:
    """How many requests a certificate is taken to need, as the last year shows it, or one where it shows nothing."""
    if habits.asked and habits.issued:
        return f"The desk got {habits.asked_share:.2f} requests for each certificate that was issued in the last year."
    what = "request for a certificate came" if habits.issued else "certificate was issued"
    return f"No {what} in the last year: each certificate to come is taken to need one request, which nothing shows."
