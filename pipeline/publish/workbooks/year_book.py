"""One workbook a fiscal year: what was charged to whom, entry by entry, with lots, service level, findings and checks."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from pipeline import calendar
from pipeline.contracts import Books
from pipeline.publish import waiting, words
from pipeline.publish.workbooks.cells import Imprint, Workbook
from pipeline.publish.workbooks.estimates_sheet import ESTIMATE_WORDS, estimates_tie, write_estimates
from pipeline.publish.workbooks.evidence import WORDS, Tie, write_about, write_checks
from pipeline.publish.workbooks.forecast_sheet import FORECAST_WORDS, write_forecast, write_forecast_by_agency
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.journal_sheet import JOURNAL_WORDS, journal_ties, write_journal
from pipeline.publish.workbooks.lines import (
    ROW_OR_LINE,
    Lines,
    charge_fields,
    identity_fields,
    optional,
    source_texts,
    unit_fields,
)
from pipeline.publish.workbooks.lots_sheet import LOT_WORDS, write_lots
from pipeline.publish.workbooks.prices_sheet import PRICE_WORDS, write_lots_to_buy, write_prices
from pipeline.publish.workbooks.recovery_sheet import RECOVERY_WORDS, recovery_tie, write_recovery
from pipeline.publish.workbooks.scenarios_sheet import SCENARIO_WORDS, write_scenarios
from pipeline.publish.workbooks.totals import TOTAL_NAME, year_path
from pipeline.publish.workbooks.year_summary import NET, SUMMARY, Opening, write_by_tier, write_summary
from pipeline.settings import Settings

_PROMISES = {"on-time-completion": "given", "on-time-completion-assumed": "assumed"}
CONTENTS = (
    "Summary: agency by month, with a chart. By tier: month by tier, with a chart. Detail: one row an entry of the ledger. "
    "Journal: the same as debits and credits. Lots: units bought and left, and when to order more. "
    "Recovery: what each tier recovered of its cost. Estimates: what agencies set aside, and what is left. "
    "Forecast, Forecast by agency, Scenarios with Paid before, Prices and Lots to buy, in the running year's workbook: what lies ahead, "
    "inputs to turn. "
    "Requests: the share finished on time. Findings: what was wrong with the inputs. Checks: what must agree, calculated live. "
    "The columns right of Amount on Detail, of Credit on Journal and of Note on Lots, and the chart of Summary, are for reading on screen; "
    "they do not print."
)
_GRAVEST_FIRST = {"error": 0, "warning": 1, "note": 2}


def write_year(books: Books, lines: Lines, settings: Settings, run_id: str, as_of: dt.date, fiscal_year: int, folder: Path) -> Path:
    """Write the workbook of `fiscal_year` below the run folder and return its path; `lines` are all entries of the ledger."""
    organization, label = settings.organization, f"FY{fiscal_year}"
    path = folder / year_path(fiscal_year)
    of_year = _of_year(lines, label)
    periods = _periods(of_year, label, organization.fiscal_year_starts, as_of)
    months = {period: _short_month(period, organization.fiscal_year_starts) for period in periods}
    title = f"Certificate charges, {label}"
    names = _agency_names(books.agencies)
    opening = Opening(
        fiscal_year,
        title,
        _sentence(of_year, as_of),
        _closed(books.invoices, label, organization.fiscal_year_starts),
        waiting.sentences(books.findings, books.waiting),
    )
    with Workbook(path, Imprint(organization.name, title, run_id, as_of, organization.sample)) as book:
        front = book.sheet(SUMMARY)
        totals = write_summary(front, opening, of_year, names, months)
        by_tier = write_by_tier(book, fiscal_year, of_year, months)
        detail = _write_detail(book, of_year)
        booked = write_journal(book, books.journal, fiscal_year)
        write_lots(book, books.lots)
        recovered = write_recovery(book, books.recovery, fiscal_year)
        estimated = write_estimates(book, books.encumbrances, fiscal_year, names)
        ahead = calendar.period_of(as_of, organization.fiscal_year_starts).startswith(f"{label}-")
        if ahead:
            write_forecast(book, books, settings)
            write_forecast_by_agency(book, books, settings)
            write_scenarios(book, books, settings)
            write_prices(book, books, settings)
            write_lots_to_buy(book, books, settings)
        _write_requests(book, books.measures, _calendar_months(label, organization.fiscal_year_starts))
        _write_findings(book, books.findings)
        ties = _ties(books, of_year, label, detail, by_tier, totals)
        ties.extend(journal_ties(booked, books.journal, fiscal_year, of_year.total_cents))
        ties.append(recovery_tie(recovered, books.recovery, fiscal_year, of_year.total_cents))
        ties.append(estimates_tie(estimated, books.encumbrances, fiscal_year, of_year.total_cents))
        write_checks(book, ties)
        told = (
            *WORDS,
            *JOURNAL_WORDS,
            *LOT_WORDS,
            *RECOVERY_WORDS,
            *ESTIMATE_WORDS,
            *((*FORECAST_WORDS, *SCENARIO_WORDS, *PRICE_WORDS) if ahead else ()),
        )
        write_about(book, organization.service_owner, CONTENTS, told)
    return path


def _of_year(lines: Lines, label: str) -> Lines:
    rows = [row for row, period in enumerate(lines["period"]) if period.startswith(f"{label}-")]
    rows.sort(key=lambda row: (lines["period"][row], lines["billed_to"][row], lines["service_on"][row], lines["order_id"][row]))
    return Lines({name: [values[row] for row in rows] for name, values in lines.columns.items()})


def _periods(lines: Lines, label: str, starts: int, as_of: dt.date) -> list[str]:
    """The months of the year that have begun, and any later one that has entries; the 13th only where it has."""
    begun = [f"{label}-P{month:02d}" for month in range(1, 13)]
    return sorted({period for period in begun if calendar.period_first_day(period, starts) <= as_of} | set(lines["period"]))


def _short_month(period: str, starts: int) -> str:
    number = period[-3:]
    return "Late items" if number == "P13" else f"{calendar.period_first_day(period, starts):%b %Y}"


def _calendar_months(label: str, starts: int) -> list[str]:
    return [f"{calendar.period_first_day(f'{label}-P{month:02d}', starts):%Y-%m}" for month in range(1, 13)]


def _sentence(lines: Lines, as_of: dt.date) -> str:
    entries = words.count(len(lines), "ledger entry", "ledger entries")
    agencies = words.count(len(set(lines["billed_to"])), "agency", "agencies")
    return f"{entries} for {agencies}, as of {as_of}. US dollars; amounts in parentheses are credits."


def _closed(invoices: pd.DataFrame, label: str, starts: int) -> str:
    """How far the year is closed, and what that means for its amounts."""
    of_year = invoices[invoices["period"].str.startswith(f"{label}-")]
    closed = of_year.loc[of_year["status"] == "closed", "period"]
    if closed.empty:
        return "No month of it is closed: the amounts are drafts and may still change."
    if len(closed) == len(of_year):
        return "Every month with a charge is closed: these amounts no longer change."
    return f"Closed until {calendar.period_title(str(closed.max()), starts)}; the amounts of later months are drafts and may still change."


def _agency_names(agencies: pd.DataFrame) -> dict[str, str]:
    """The latest name of each agency code."""
    latest = agencies.sort_values("valid_from", na_position="first", kind="stable")
    return dict(zip(latest["agency"].tolist(), latest["name"].tolist(), strict=True))


def _write_detail(book: Workbook, lines: Lines) -> Grid:
    fields = [
        Field("Period", "text", lines["period"]),
        Field("Agency", "wrapped", lines["billed_to"], absent="nobody", widest=12),
        Field("Account", "wrapped", lines["account_id"], absent="no account", widest=16),
        *charge_fields(lines),
    ]
    on_screen = [
        *unit_fields(lines),
        Field("Invoice", "text", lines["invoice_no"], absent="draft"),
        *identity_fields(lines),
        Field("Source", "text", source_texts(lines), absent="no input row", widest=60),
        Field("Entry", "mono", lines["entry_id"]),
    ]
    return write_grid(
        book.sheet("Detail"),
        "YearDetail",
        fields,
        not_printed=on_screen,
        about="One row for each entry of the ledger in this fiscal year, with its certificate, rate, unit cost and source row.",
        empty="Nothing was charged in this fiscal year.",
    )


def _write_requests(book: Workbook, measures: pd.DataFrame, months: list[str]) -> Grid:
    """The share of requests finished on time, by month of the due day, for the whole office; promises given and assumed apart."""
    office = measures["measure"].isin(list(_PROMISES)) & (measures["dimension"] == "office") & measures["period"].isin(months)
    found = measures[office].sort_values(["period", "measure"])
    fields = [
        Field("Month due", "text", found["period"].tolist()),
        Field("Promise", "text", found["measure"].map(_PROMISES).tolist()),
        Field("Requests due", "whole", found["n"].tolist(), total=True),
        Field("On time", "whole", optional(found["met"]), absent="none due", total=True),
        Field("Share on time", "share", optional(found["value"]), absent="none due"),
        Field("Lower end", "share", optional(found["low"]), absent="none due"),
        Field("Upper end", "share", optional(found["high"]), absent="none due"),
        Field("Target", "share", optional(found["target"]), absent="no target"),
        Field("Verdict", "text", [_verdict(verdict) for verdict in found["verdict"]]),
    ]
    return write_grid(
        book.sheet("Requests"),
        "RequestsOnTime",
        fields,
        about="Requests by the month they were due, the share finished on time with its 95 % interval, and the verdict on the target.",
        empty="No request was due in this fiscal year.",
    )


def _verdict(verdict: str) -> str:
    state, said = words.VERDICTS[verdict]
    return f"{words.SIGNS[state]} {said}" if said else "not judged"


def _write_findings(book: Workbook, findings: pd.DataFrame) -> Grid:
    rank = findings["severity"].map(_GRAVEST_FIRST)
    ranked = findings.assign(rank=rank).sort_values(["rank", "code", "file", "sheet", "row", "column", "value"], kind="stable")
    rows = [row or None for row in ranked["row"].tolist()]
    fields = [
        Field("Severity", "text", ranked["severity"].tolist()),
        Field("Code", "wrapped", ranked["code"].tolist(), widest=26),
        Field("What is wrong", "wrapped", ranked["reason"].tolist(), widest=52),
        Field("Value", "wrapped", ranked["value"].tolist(), absent="none", widest=28),
        Field("Done", "text", ranked["action"].tolist()),
        Field("File", "wrapped", ranked["file"].tolist(), absent="no one file", widest=34),
        Field("Worksheet", "wrapped", ranked["sheet"].tolist(), absent="none", widest=16),
        Field("Row or\nline", "whole", rows, absent="whole file"),
        Field("Column", "wrapped", ranked["column"].tolist(), absent="none", widest=20),
    ]
    return write_grid(
        book.sheet("Findings"),
        "Findings",
        fields,
        about="What was wrong with the inputs of this run, gravest first, and what was done.",
        note=ROW_OR_LINE,
        empty="Nothing was wrong with the inputs.",
    )


def _ties(books: Books, lines: Lines, label: str, detail: Grid, by_tier: Grid, month_totals: dict[str, str]) -> list[Tie]:
    """What must agree; the amounts of the ledger and the invoices are counted anew from their tables."""
    amounts, periods = detail.reference("Amount"), detail.reference("Period")
    ledger, invoices = (
        {period: int(cents) for period, cents in _by_period(table, label).items()} for table in (books.ledger, books.invoices)
    )
    cents = lines.total_cents
    ties = [
        Tie("The summary adds up to the ledger of this year", f"={TOTAL_NAME}", cents, sum(ledger.values())),
        Tie("The detail adds up to the summary", f"=SUM({amounts})", cents, cents, f"={TOTAL_NAME}"),
        Tie("The tiers add up to the summary", f"=SUM({by_tier.reference(NET)})", cents, cents, f"={TOTAL_NAME}"),
        Tie("The invoices of this year add up to the summary", f"={TOTAL_NAME}", cents, sum(invoices.values())),
        Tie("Each ledger entry of this year is in the detail", f"=COUNT({amounts})", len(lines), _entries(books, label), money=False),
    ]
    for period, total in month_totals.items():
        sums = f'=SUMIFS({amounts},{periods},"{period}")'
        ties.append(
            Tie(f"The detail of {period} adds up to its month in the summary", sums, ledger.get(period, 0), ledger.get(period, 0), total)
        )
    return ties


def _by_period(table: pd.DataFrame, label: str) -> pd.Series[int]:
    of_year = table[table["period"].str.startswith(f"{label}-")]
    return of_year.groupby("period")["amount_cents"].sum()


def _entries(books: Books, label: str) -> int:
    return int(books.ledger["period"].str.startswith(f"{label}-").sum())
