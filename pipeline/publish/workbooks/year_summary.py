"""The first two sheets of a year: who was charged what in which month, and what each tier came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.publish import words
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute, dollars
from pipeline.publish.workbooks.grid import Field, Grid, write_grid
from pipeline.publish.workbooks.lines import NO_TIER, Lines
from pipeline.publish.workbooks.totals import TOTAL_NAME
from pipeline.publish.workbooks.year_charts import Bars, agency_alt_text, agency_chart, tier_alt_text, tier_chart

SUMMARY = "Summary"
BY_TIER = "By tier"

# The title of the column that adds up to the ledger; every title of a net says what it is after.
_NET = "net after\ncredits and\nadjustments"
NET = f"Total\n{_NET}"

_PARTS = ("charged", "adjusted", "credited")
_PART_OF = {"charge": "charged", "credit": "credited"}
_WAITING = "Waiting for an answer"
_MOST_WAITING = 20
_FIRST_MONTH = 2
_FEW_MONTHS = 9
_NAME_WIDTH, _NARROW_NAME_WIDTH = 44, 26
_TIERS_FIRST = ("standard", "premium")


@dataclass(frozen=True, slots=True)
class Opening:
    """What the first sheet says beside its table: title, the sentence below, how far the year is closed, and what waits for an answer.

    What waits is of all years (see `waiting`).
    """

    fiscal_year: int
    title: str
    sentence: str
    closed: str
    waiting: Sequence[str]


def write_summary(sheet: Sheet, opening: Opening, lines: Lines, names: dict[str, str], months: dict[str, str]) -> dict[str, str]:
    """Agency by month with live totals; names the grand total's cell.

    `names` are the agencies' names by code, `months` the short titles by period in order. Returns the formula of each month's total,
    by period.
    """
    book = sheet.book
    head = _write_opening(sheet, opening)
    cents = _cents_by(lines, "billed_to")
    agencies = sorted({agency for agency, _ in cents})
    last_month = _FIRST_MONTH + len(months) - 1
    by_month = [sum(cents[agency, period] for agency in agencies) for period in months]
    # Thirteen months, their total and the names must stay large enough to read on one page.
    longest_name = max([len(names.get(agency, "")) for agency in agencies], default=0)
    name_width = min(max(longest_name, 10) + 2, _NAME_WIDTH if len(months) <= _FEW_MONTHS else _NARROW_NAME_WIDTH)
    widths = (name_width, _amount_width([*by_month, *cents.values()]), _amount_width([lines.total_cents]))
    _write_summary_head(sheet, head, [f"{title}\n{period[-3:]}" for period, title in months.items()], widths)
    for row, agency in enumerate(agencies, head + 1):
        sheet.text(row, 0, agency or "nobody", book.style("row", "text"))
        name = names.get(agency, "")
        sheet.text(row, 1, name or "no name on file", book.style("row", "wrapped", *(() if name else ("muted",))))
        sheet.fit_row(row, [(name, name_width)])
        amounts = [cents[agency, period] for period in months]
        for col, amount in enumerate(amounts, _FIRST_MONTH):
            sheet.money(row, col, amount, book.style("row", "money"))
        across = f"=SUM({absolute(row, _FIRST_MONTH)}:{absolute(row, last_month)})"
        sheet.formula(row, last_month + 1, across, dollars(sum(amounts)), book.style("row", "money", "bold"))
    last = head + len(agencies)
    sheet.text(last + 1, 0, "Total", book.style("total", "text"))
    sheet.blank(last + 1, 1, book.style("total"))
    for col, amount in enumerate([*by_month, lines.total_cents], _FIRST_MONTH):
        down = f"=SUM({absolute(head + 1, col)}:{absolute(last, col)})"
        sheet.formula(last + 1, col, down, dollars(amount), book.style("total", "money"))
    book.name_cell(TOTAL_NAME, sheet.name, last + 1, last_month + 1)
    below = _write_waiting(sheet, last + 3, opening.waiting, last_month + 1, name_width + len(months) * widths[1])
    sums = [(names.get(agency, "") or agency or "nobody", sum(cents[agency, period] for period in months)) for agency in agencies]
    bars = Bars(sheet.name, head + 1, last, 1, last_month + 1)
    # a chart cut in two by the end of the page, or one that makes the table small, is worse than none: paper gets the table
    sheet.raw.print_area(0, 0, below - 2, last_month + 1)
    sheet.chart(below, 0, agency_chart(book, bars, opening.fiscal_year, sums), agency_alt_text(opening.fiscal_year, sums))
    sheet.raw.freeze_panes(head + 1, _FIRST_MONTH)
    sheet.raw.repeat_rows(head)
    return {period: f"='{sheet.name}'!{absolute(last + 1, col)}" for col, period in enumerate(months, _FIRST_MONTH)}


def write_by_tier(book: Workbook, fiscal_year: int, lines: Lines, months: dict[str, str]) -> Grid:
    """Month by tier, in dollars and in orders charged, with a column chart of the net dollars. The net columns are live."""
    sheet = book.sheet(BY_TIER)
    cents = _cents_by_tier(lines)
    tiers = _ordered(_with_money(lines) or set(lines["tier"]))
    net = {tier: [sum(cents[tier, part, period] for part in _PARTS) for period in months] for tier in tiers}
    totals = [sum(of_month) for of_month in zip(*net.values(), strict=True)] or [0] * len(months)
    grid = write_grid(
        sheet,
        "ByTier",
        [
            Field("Month", "text", list(months.values())),
            *(
                Field(f"{tier or NO_TIER}\n{part}", "money", [cents[tier, part, period] for period in months], total=True)
                for tier in tiers
                for part in _PARTS
            ),
            *(Field(f"{tier or NO_TIER}\n{_NET}", "money", net[tier], total=True) for tier in tiers),
            Field(NET, "money", totals, total=True),
            *_order_fields(lines, tiers, list(months)),
        ],
        about="Month by tier: dollars charged, adjusted and credited, the net of these, and orders charged.",
        note="Net is after credits and adjustments: charged + adjusted + credited. Net adds up to the ledger; charged alone does not.",
        plain=True,
    )
    _write_net_formulas(sheet, grid, net, totals)
    # a net adds up its own tier's parts alone, which Excel would mark as a formula that leaves out its neighbours
    sheet.keep_quiet_about("formula_range", "formula_differs")
    sums = {tier: sum(net[tier]) for tier in tiers}
    lowest = min((min(of_tier) for of_tier in net.values()), default=0)
    sheet.chart(
        grid.last_row + 4,
        0,
        tier_chart(book, grid, grid.columns[NET] - len(tiers), fiscal_year, sums, lowest),
        tier_alt_text(fiscal_year, sums),
    )
    return grid


def _with_money(lines: Lines) -> set[str]:
    """The tiers of which something was billed: columns of zeros, as of a memo without a tier, would only make the others small."""
    return {tier for tier, cents in zip(lines["tier"], lines["amount_cents"], strict=True) if cents}


def _write_opening(sheet: Sheet, opening: Opening) -> int:
    """Title, sentences, and whether money waits; returns the row of the table's header."""
    book = sheet.book
    sheet.raw.hide_gridlines(2)
    top = sheet.banner()
    sheet.raw.set_row(top, 30)
    sheet.text(top, 0, opening.title, book.style("title"))
    sheet.text(top + 1, 0, opening.sentence, book.style("muted"))
    sheet.text(top + 2, 0, opening.closed, book.style("muted"))
    if opening.waiting:
        questions = words.count(len(opening.waiting), "question")
        sheet.text(top + 3, 0, f"{_WAITING}: {questions}, in none of these amounts. See below the table.", book.style("near"))
    else:
        sheet.text(top + 3, 0, "Nothing waits for an answer.", book.style("muted"))
    return top + 5


def _write_waiting(sheet: Sheet, row: int, waiting: Sequence[str], last_col: int, width: int) -> int:
    """What waits for an answer, a line each across the table: money that nobody is charged yet, whichever year it falls into.

    Returns the first row that is free below it.
    """
    if not waiting:
        return row
    book = sheet.book
    sheet.text(row, 0, f"{_WAITING}, of all years", book.style("bold"))
    said = [*waiting[:_MOST_WAITING]]
    if len(waiting) > len(said):
        said.append(f"{len(waiting) - len(said):,} more are on the sheet Findings, codes charge-waiting and no-rate.")
    for line, text in enumerate(said, row + 1):
        sheet.merge(line, 0, line, last_col, book.style("wrapped"))
        sheet.text(line, 0, text, book.style("wrapped"))
        sheet.fit_row(line, [(text, width)])
    return row + len(said) + 2


def _order_fields(lines: Lines, tiers: Sequence[str], periods: Sequence[str]) -> list[Field]:
    orders = _orders_by_tier(lines)
    return [
        Field(f"{tier or NO_TIER}\norders\ncharged", "whole", [orders[tier, period] for period in periods], total=True) for tier in tiers
    ]


def _write_net_formulas(sheet: Sheet, grid: Grid, net: dict[str, list[int]], totals: Sequence[int]) -> None:
    """Make the net columns live: each tier's over its parts, the total over the tiers' nets."""
    first_net = grid.columns[NET] - len(net)
    bold = sheet.book.style("row", "money", "bold")
    for number, row in enumerate(range(grid.first_row, grid.last_row + 1)):
        for position, of_tier in enumerate(net.values()):
            first = 1 + position * len(_PARTS)
            parts = f"=SUM({absolute(row, first)}:{absolute(row, first + len(_PARTS) - 1)})"
            sheet.formula(row, first_net + position, parts, dollars(of_tier[number]), bold)
        across = f"=SUM({absolute(row, first_net)}:{absolute(row, grid.columns[NET] - 1)})"
        sheet.formula(row, grid.columns[NET], across, dollars(totals[number]), bold)


def _write_summary_head(sheet: Sheet, row: int, months: Sequence[str], widths: tuple[int, int, int]) -> None:
    book = sheet.book
    for col, title in enumerate(("Code", "Agency", *months, "Total")):
        sheet.text(row, col, title, book.style("head", "wrapped", *(("right",) if col >= _FIRST_MONTH else ())))
    sheet.raw.set_row(row, 34)
    sheet.raw.set_column(0, 0, 8)
    last_month = _FIRST_MONTH + len(months) - 1
    for (first, last), width in zip(((1, 1), (_FIRST_MONTH, last_month), (last_month + 1, last_month + 1)), widths, strict=True):
        sheet.raw.set_column(first, last, width)


def _amount_width(cents: Sequence[int]) -> int:
    """Characters wide enough for these amounts, in bold, and for the name of a month."""
    return max(len(f"({dollars(amount):,})" if amount < 0 else f"{dollars(amount):,}") for amount in (*cents, 1_000_00)) + 2


def _cents_by(lines: Lines, column: str) -> defaultdict[tuple[str, str], int]:
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for member, period, cents in zip(lines[column], lines["period"], lines["amount_cents"], strict=True):
        sums[member, period] += cents
    return sums


def _cents_by_tier(lines: Lines) -> defaultdict[tuple[str, str, str], int]:
    """Cents by tier, part of `_PARTS` and period; a memo counts as adjusted."""
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    columns = (lines[name] for name in ("tier", "kind", "period", "amount_cents"))
    for tier, kind, period, cents in zip(*columns, strict=True):
        sums[tier, _PART_OF.get(kind, "adjusted"), period] += cents
    return sums


def _orders_by_tier(lines: Lines) -> defaultdict[tuple[str, str], int]:
    """Orders charged, reissues at $0.00 left out; a credit takes nothing back here: the order was charged. A charge that was taken back
    as wrong is none."""
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for tier, period, kind, cents in zip(lines["tier"], lines["period"], lines["kind"], lines["amount_cents"], strict=True):
        counts[tier, period] += kind == "charge" and (cents > 0) - (cents < 0)
    return counts


def _ordered(tiers: set[str]) -> list[str]:
    """Standard, premium, then the others by name; entries without a tier last."""
    known = [tier for tier in _TIERS_FIRST if tier in tiers]
    return [*known, *sorted(tiers - {*known, ""}), *([""] if "" in tiers else [])]
