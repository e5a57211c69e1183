"""Sums of the ledger for the pages of charges: by month, tier and agency, each with its total, and how far a month has come.

All amounts are int64 USD cents of LEDGER, sums of rounded lines, so every table of the same entries has the same total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.publish import charts, words
from pipeline.publish.pages.edition import Edition, address, rows_of
from pipeline.publish.parts import Cell, Chip, Figure, Grid, Head, Link

NOTHING = "Nothing has been charged yet."
_NO_TIER = "no tier"
_MONTHS_SHOWN = 24


def years(edition: Edition) -> list[int]:
    """The fiscal years that have a posting, newest first."""
    return sorted({int(str(period)[2:6]) for period in edition.entries["period"].unique()}, reverse=True)


def orders(ledger: pd.DataFrame) -> pd.Series[Any]:
    """How many charged orders each entry stands for: 1 a charge, −1 a charge that a correction takes back, else 0."""
    amounts = ledger["amount_cents"].where(ledger["kind"] == "charge", 0)
    return (amounts > 0).astype("int64") - (amounts < 0).astype("int64")


def free_reissues(ledger: pd.DataFrame) -> pd.Series[Any]:
    """How many free reissues each entry stands for: 1, −1 where a correction takes one back, else 0."""
    free = (ledger["kind"] == "charge") & (ledger["amount_cents"] == 0)
    return free.astype("int64") - 2 * (free & (ledger["takes_back"] != "")).astype("int64")


def sums(edition: Edition, ledger: pd.DataFrame, key: str | list[str]) -> dict[Any, dict[str, int]]:
    """Entries summed by the column `key`, or by several, sorted: cents of each tier as charged, `credit`, `other` (adjustments), `total`,
    and counts: `orders` charged, `free` reissues, `lines`. `ledger` are rows of `Edition.entries` under their labels there, more columns
    allowed. There are dozens of small sums, each too small for a table of its own."""
    if ledger.empty:
        return {}
    names, parts = edition.shared(_parts)
    if isinstance(key, list):
        number: dict[Any, int] = {}
        keys = zip(*(ledger[one].tolist() for one in key), strict=True)
        numbers = np.array([number.setdefault(one, len(number)) for one in keys])
        members = list(number)
    else:
        numbers, different = pd.factorize(ledger[key])
        members = different.tolist()
    order = np.argsort(numbers, kind="stable")
    begins = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    totals = np.add.reduceat(parts[ledger.index.to_numpy()[order]], begins).tolist()
    return dict(sorted((member, dict(zip(names, of_it, strict=True))) for member, of_it in zip(members, totals, strict=True)))


def _parts(edition: Edition) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int64]]]:
    """What each of the `entries` (row, by its label) adds to each of the sums (column), and what the sums are called."""
    ledger, tiers = edition.entries, edition.charged_tiers
    kind, cents = ledger["kind"], ledger["amount_cents"]
    goes_to = ledger["tier"].where((kind == "charge") & ledger["tier"].isin(tiers), kind.where(kind == "credit", "other"))
    parts = {name: cents.where(goes_to == name, 0) for name in (*tiers, "credit", "other")}
    parts |= {"total": cents, "orders": orders(ledger), "free": free_reissues(ledger), "lines": pd.Series(1, index=ledger.index)}
    return list(parts), np.column_stack([part.to_numpy(dtype=np.int64) for part in parts.values()])


def months(edition: Edition, ledger: pd.DataFrame) -> list[str]:
    """Every month from the first with an entry to that of the as-of day, with or without one, and those for late items that have one."""
    known = sorted({str(period) for period in ledger["period"].unique()})
    if not known:
        return []
    last = max(known[-1], calendar.period_of(edition.today, edition.starts))
    found, month = {one for one in known if one.endswith("-P13")}, known[0]
    while month <= last:
        found.add(month)
        number = int(month[-2:])
        month = f"{month[:-2]}{number + 1:02d}" if number < 12 else f"FY{int(month[2:6]) + 1:04d}-P01"
    return sorted(found)


def is_unfinished(edition: Edition, period: str) -> bool:
    """Whether the month has not ended on the as-of day."""
    return calendar.period_last_day(period, edition.starts) > edition.today


def state(edition: Edition, period: str) -> Cell:
    """How far a month has come: not ended, without an invoice, a draft, or closed."""
    if is_unfinished(edition, period):
        return Chip(f"until {words.day(edition.today)}", "near")
    if period not in edition.invoice_states:
        return "no invoice"
    return Chip("closed", "met") if edition.invoice_states[period] else Chip("draft")


def amount_heads(edition: Edition) -> list[Head]:
    """The columns of each tier as charged, credits, adjustments and the total."""
    named = (f"{tier.capitalize()}, $" for tier in edition.charged_tiers)
    return [Head(title, "number") for title in (*named, "Credits, $", "Adjustments, $", "Total, $")]


def by_month(edition: Edition, ledger: pd.DataFrame, shown: list[str], caption: str, *, captioned: bool = True) -> Grid:
    """One row a posting month of `shown`, newest first: each tier as charged, credits, adjustments, and the total after both."""
    found = sums(edition, ledger, "period")
    every = [[found[month][name] if month in found else 0 for name in _amounts(edition)] for month in shown]
    return _by_month(edition, shown, every, caption, captioned=captioned)


def months_of_agencies(edition: Edition) -> dict[str, Grid]:
    """For each agency the table `by_month` of what was charged to it, of the months that have an entry of it."""
    months: dict[str, tuple[list[str], list[list[int]]]] = {}
    for (code, period), of_it in sums(edition, edition.entries, ["billed_to", "period"]).items():
        shown, every = months.setdefault(code, ([], []))
        shown.append(period)
        every.append([of_it[name] for name in _amounts(edition)])
    said = "by month and tier, newest first, in US dollars"
    return {code: _by_month(edition, *of_it, f"Charges of {code} {said}", captioned=False) for code, of_it in months.items()}


def _amounts(edition: Edition) -> list[str]:
    return [*edition.charged_tiers, "credit", "other", "total"]


def _by_month(edition: Edition, shown: list[str], every: list[list[int]], caption: str, *, captioned: bool) -> Grid:
    rows: list[list[Cell]] = [
        [edition.period_title(period), state(edition, period), *map(words.amount, amounts)]
        for period, amounts in zip(shown, every, strict=True)
    ]
    total: list[Cell] = ["Total", "", *map(words.amount, map(sum, zip(*every, strict=True)))] if rows else []
    columns = (Head("Month", "date"), Head("State", "short"), *amount_heads(edition))
    return Grid(caption, columns, rows[::-1], NOTHING, total, captioned=captioned, lead=len(columns) - 1)


def by_tier(edition: Edition, ledger: pd.DataFrame, caption: str) -> Grid:
    """One row a tier: orders and free reissues, what was charged, credited and adjusted, and the total; decisions about no tier last."""
    found = {tier or _NO_TIER: of_it for tier, of_it in sums(edition, ledger, "tier").items()}
    nothing: dict[str, int] = {}
    about_none = _NO_TIER in found and any(found[_NO_TIER][name] for name in _amounts(edition)[:-1])
    rows = []
    for tier in [*edition.charged_tiers, *([_NO_TIER] if about_none else [])]:
        of_it = found.get(tier, nothing)
        charged = sum(of_it.get(name, 0) for name in edition.charged_tiers)
        rows.append([of_it.get("orders", 0), of_it.get("free", 0), charged, *(of_it.get(name, 0) for name in ("credit", "other", "total"))])
    named = zip([*edition.charged_tiers, _NO_TIER], rows, strict=False)
    columns: tuple[Head, ...] = (Head("Tier"), Head("Orders", "number"), Head("Free reissues", "number"), Head("Charged, $", "number"))
    columns += (Head("Credits, $", "number"), Head("Adjustments, $", "number"), Head("Total, $", "number"))
    total = _tier_row("Total", [sum(row[place] for row in rows) for place in range(len(columns) - 1)])
    return Grid(caption, columns, [_tier_row(tier, row) for tier, row in named], NOTHING, total, lead=len(columns) - 1)


def _tier_row(name: str, numbers: Sequence[int]) -> list[Cell]:
    """A row of two counts and amounts."""
    return [name, *map(words.count, numbers[:2]), *map(words.amount, numbers[2:])]


def by_agency(edition: Edition, ledger: pd.DataFrame, caption: str, root: str) -> Grid:
    """One row an agency that is invoiced, largest first: each tier as charged, credits, adjustments, the total, and its trace."""
    found = sorted(sums(edition, ledger, "billed_to").items(), key=lambda item: -item[1]["total"])
    every = [[of_it[name] for name in _amounts(edition)] for _, of_it in found]
    rows: list[list[Cell]] = [
        [
            edition.agency(code, root),
            edition.agency_names.get(code, ""),
            *map(words.amount, amounts),
            Link("trace", f"{root}trace/{address(code)}.html") if code else "",
        ]
        for (code, _), amounts in zip(found, every, strict=True)
    ]
    total: list[Cell] = ["Total", "", *map(words.amount, map(sum, zip(*every, strict=True))), ""] if rows else []
    columns = (Head("Agency"), Head("Name", "name"), *amount_heads(edition), Head("Trace", "short"))
    return Grid(caption, columns, rows, NOTHING, total, lead=len(columns) - 2)


def by_agency_and_month(edition: Edition, ledger: pd.DataFrame, shown: list[str], caption: str, root: str) -> Grid:
    """One row an agency, largest first, its total, and a column for each month of `shown`."""
    table = ledger.groupby(["billed_to", "period"])["amount_cents"].sum().unstack(fill_value=0).reindex(columns=shown, fill_value=0)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    rows: list[list[Cell]] = [
        [edition.agency(str(code), root), words.amount(int(cents.sum())), *(words.amount(int(one)) for one in cents)]
        for code, cents in table.iterrows()
    ]
    of_months = [int(table[period].sum()) for period in shown]
    total: list[Cell] = ["Total", words.amount(sum(of_months)), *(words.amount(cents) for cents in of_months)] if rows else []
    heads = (Head(_short(edition, period), "number") for period in shown)
    return Grid(caption, (Head("Agency", "short"), Head("Total, $", "number"), *heads), rows, NOTHING, total, lead=1)


def chart(edition: Edition, ledger: pd.DataFrame, shown: list[str], name: str) -> charts.Chart | None:
    """The totals of the newest 24 months of `shown`, each tier after its credits; a month that has not ended is drawn as such."""
    if ledger.empty:
        return None
    named, shown_tiers = ledger.assign(tier=ledger["tier"].replace("", _NO_TIER)), edition.charged_tiers
    if bool((named.loc[named["tier"] == _NO_TIER, "amount_cents"] != 0).any()):
        shown_tiers = [*shown_tiers, _NO_TIER]
    net = named.groupby(["period", "tier"])["amount_cents"].sum().unstack(fill_value=0)
    net = net.reindex(index=shown[-_MONTHS_SHOWN:], columns=shown_tiers, fill_value=0)
    totals = [int(cents) for cents in net.sum(axis=1)]
    labels = [_long(edition, str(period)) for period in net.index]
    unfinished = is_unfinished(edition, str(net.index[-1]))
    rows: list[list[Cell]] = [
        [label, *(words.amount(int(cents)) for cents in of_tiers), words.amount(total)]
        for label, of_tiers, total in zip(labels, net.to_numpy(), totals, strict=True)
    ]
    columns = (Head("Month", "date"), *(Head(f"{tier.capitalize()}, $", "number") for tier in shown_tiers), Head("Total, $", "number"))
    so_far = f"{labels[-1]} until {words.day_of_month(edition.today)} only" if unfinished else ""
    return charts.bars(
        name,
        _finding(labels, totals, unfinished=unfinished),
        f"Charges by month and tier after credits and adjustments, from {labels[0]} to {labels[-1]}, in US dollars."
        + (f" The last bar is not a whole month: {so_far}." if so_far else ""),
        [_short(edition, str(period)) for period in net.index],
        [charts.Series(tier, f"series-{index}", [cents / 100 for cents in net[tier]]) for index, tier in enumerate(shown_tiers, start=1)],
        lambda dollars: f"{'−' if dollars < 0 else ''}${abs(dollars):,.0f}",
        Grid("Charges by month and tier after credits and adjustments, in US dollars", columns, rows[::-1], "", lead=len(columns) - 1),
        so_far,
    )


def figures(edition: Edition, year: int) -> list[Figure]:
    """Cards of a fiscal year that add up: the total, each tier as charged, what was adjusted, what was credited."""
    current = edition.entries_of_year(year)
    charges, credits = current[current["kind"] == "charge"], current[current["kind"] == "credit"]
    others = current[~current["kind"].isin(["charge", "credit"])]
    span = " to date" if year == edition.fiscal_year else ""
    found = [Figure(f"Charged in FY{year}{span}", dollars(current), basis="after credits and adjustments")]
    for tier in edition.charged_tiers:
        of_tier = charges[charges["tier"] == tier]
        basis = f"{words.count(int(orders(of_tier).sum()), 'order')}, before credits and adjustments"
        found.append(Figure(f"Charged for {tier}", dollars(of_tier), basis=basis))
    changes = words.count(int((others["amount_cents"] != 0).sum()), "change")
    return [
        *found,
        Figure("Adjusted", dollars(others), basis=f"{changes} to what was charged before"),
        Figure("Credited", dollars(credits), basis=words.count(len(credits), "refund")),
    ]


def drafts(edition: Edition, invoices: pd.DataFrame) -> str:
    """Which of these INVOICES are still drafts, and what becomes of them; '' where none is."""
    return drafts_listed(edition, rows_of(invoices[["status", "period", "amount_cents"]]))


def drafts_listed(edition: Edition, invoices: Iterable[Any]) -> str:
    """The same of rows of INVOICES."""
    open_now = [row for row in invoices if row.status == "draft"]
    if not open_now:
        return ""
    one, sum_of_all = len(open_now) == 1, words.dollars(sum(row.amount_cents for row in open_now))
    running = sum(is_unfinished(edition, row.period) for row in open_now)
    how_many = "all" if running == len(open_now) else f"{running:,}"
    of_this_month = f", {how_many} of them of the month that has not ended" if running and not one else ""
    return (
        f"{words.count(len(open_now), 'invoice')}, {sum_of_all}{'' if one else ' in all'}, {'is a draft' if one else 'are drafts'}"
        f"{of_this_month}: {'it gets its number' if one else 'they get their numbers'}{_day_of_payment(open_now)} when finance closes "
        f"{'its month' if one else 'their months'}."
    )


def _day_of_payment(drafts: list[Any]) -> str:
    """That they get a day of payment too, those of them on which there is anything to pay."""
    owing = sum(row.amount_cents > 0 for row in drafts)
    if not owing:
        return ""
    if owing == len(drafts):
        return " and its day of payment" if owing == 1 else " and their days of payment"
    return f", and {owing:,} of them, on which there is something to pay, {'its day' if owing == 1 else 'their days'} of payment"


def dollars(frame: pd.DataFrame) -> str:
    """The sum of the column `amount_cents` as `$1,234.56`."""
    return words.dollars(int(frame["amount_cents"].sum()))


def _finding(labels: Sequence[str], totals: Sequence[int], *, unfinished: bool) -> str:
    """What the chart shows: the dearest month, of those that have ended."""
    whole = totals[:-1] if unfinished and len(totals) > 1 else totals
    if len(whole) == 1:
        return f"{labels[0]}{' so far' if unfinished and len(totals) == 1 else ''}: {words.dollars(whole[0])}"
    dearest = max(range(len(whole)), key=lambda index: (whole[index], index))
    return f"{labels[dearest]} was the dearest of {words.count(len(whole), 'month')}: {words.dollars(whole[dearest])}"


def _long(edition: Edition, period: str) -> str:
    return edition.period_title(period).split(" (")[0]


def _short(edition: Edition, period: str) -> str:
    """`Nov 2026`, or `Jun 2027 late`."""
    month: Any = _long(edition, period)
    return f"{month[:3]} {month.split()[1].rstrip(',')}" + (" late" if "late" in month else "")
