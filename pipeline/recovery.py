"""Recovery: per tier and fiscal year what was charged against what it cost, carried forward from year to year and never netted.

A rate may not recover more than the cost, is adjusted at least every two years, and tiers are not netted against each other (815 CMR
6.01, 2 CFR 200.468(b)(2); facts §0.2). What may be kept is 60 days of cost (2 CFR 200 App. V) and 5 % of what was authorised (facts §0.3).
What the service costs beside its certificates only costs.csv can tell: without it there is no judgement, only "certificate cost only".
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import RECOVERY, Closed
from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.rates import RateCard, rate_card
from pipeline.settings import Settings

RESERVE_DAYS = 60
CARRY_SHARE = (5, 100)
OLDEST_RATE_DAYS = 730

_Key = tuple[str, int]  # tier and fiscal year


@dataclass(frozen=True, slots=True)
class Recovered:
    """The table (RECOVERY), and a finding for each line of costs.csv or recovery_openings.csv that counts for nothing."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]


class _Entry(NamedTuple):
    """What the recovery needs of a ledger entry; `unit_cost_cents` may be missing."""

    entry_id: str
    tier: str
    period: str
    kind: str
    amount_cents: int
    unit_cost_cents: Any
    lot_id: str
    reverses: str
    amends: str
    takes_back: str

    @property
    def charges(self) -> bool:
        """Whether it charges an order."""
        return self.kind == "charge" and self.amount_cents > 0


@dataclass(slots=True)
class _Sums:
    """USD cents and counts by tier and fiscal year."""

    charged: Counter[_Key]
    credited: Counter[_Key]
    cost: Counter[_Key]
    unused: Counter[_Key]
    office: defaultdict[_Key, int]
    orders: Counter[_Key]
    without: Counter[_Key]

    @property
    def keys(self) -> set[_Key]:
        """Every tier and year of the ledger, the lots and the costs; without a tier only where an amount moved."""
        counted = (self.charged, self.credited, self.cost, self.unused, self.orders, self.without)
        return {*self.office, *(key for sums in counted for key, figure in sums.items() if key[0] or figure)}


def recover(
    ledger: pd.DataFrame,
    lots: pd.DataFrame,
    costs: pd.DataFrame,
    openings: pd.DataFrame,
    settings: Settings,
    as_of: dt.date,
    closed: Closed | None = None,
) -> Recovered:
    """RECOVERY of `ledger` (LEDGER) and `lots` (LOTS), as `lots.draw` returns them, with COSTS and RECOVERY_OPENINGS.

    A tier has a row for each year from the first that anything is known of to that of `as_of`, so that the closing of one is the
    opening of the next. Amounts are int64 USD cents and sums of rounded lines. Units that expired are charged to the year of the last day
    on which they could be drawn. A year that has not ended is not judged. An opening that reads otherwise than at the newest of
    the `closed` months is told; the statement goes by the file.
    """
    starts = settings.organization.fiscal_year_starts
    this_year = calendar.fiscal_year_of(as_of, starts)
    sums = _sums(ledger, lots, starts)
    findings = [*_unknown_tiers(costs, "costs", settings.tiers), *_unknown_tiers(openings, "recovery_openings", settings.tiers)]
    for tier, year, cents in _lines(costs[costs["tier"].isin(list(settings.tiers))]):
        sums.office[tier, year] += cents
    opened, too_late = _opened(openings, sums, settings.tiers)
    known = sums.keys | set(opened)
    card = rate_card(settings)
    rows: list[dict[str, Any]] = []
    for tier in [*settings.tiers, *sorted({tier for tier, _ in known} - set(settings.tiers))]:
        closing = 0
        for year in _years([known_year for of_tier, known_year in known if of_tier == tier], this_year):
            row = _row((tier, year), opened.get((tier, year), closing), sums)
            closing = row["closing_cents"]
            rows.append(row | _rate_of(tier, year, card, starts, as_of) | _judged(row, has_ended=year < this_year, starts=starts))
    _propose(rows, this_year - 1)
    table = RECOVERY.frame(sorted(rows, key=lambda row: row["fiscal_year"]))
    return Recovered(table, (*findings, *too_late, *_changed(openings, closed.recovery_openings if closed else None)))


def _years(known: Collection[int], this_year: int) -> range:
    """Every year from the first known one to the last, or to this one; none where nothing is known."""
    return range(min(known), max(this_year, *known) + 1) if known else range(0)


def _sums(ledger: pd.DataFrame, lots: pd.DataFrame, starts: int) -> _Sums:
    sums = _Sums(Counter(), Counter(), Counter(), Counter(), defaultdict(int), Counter(), Counter())
    entries = [_Entry(*values) for values in zip(*(ledger[name].tolist() for name in _Entry._fields), strict=True)]
    known = {entry.entry_id: entry for entry in entries}
    for entry in entries:
        key = (entry.tier, int(entry.period[2:6]))
        cents = entry.amount_cents
        sums.charged[key] += max(cents, 0)
        sums.credited[key] += min(cents, 0)
        sums.cost[key] += 0 if pd.isna(entry.unit_cost_cents) else int(entry.unit_cost_cents)
        # A line that takes back another one counts for as much less as that one counted.
        counted, sign = (known[entry.takes_back], -1) if entry.takes_back else (entry, 1)
        reversed_ = known.get(counted.reverses)
        sums.orders[key] += sign * (counted.charges - (counted.kind == "credit" and reversed_ is not None and reversed_.kind == "charge"))
        sums.without[key] += sign * (not counted.lot_id and (counted.charges or bool(counted.amends)))
    expired = lots[lots["expired_unused"] > 0]
    last_days = (day.date() for day in expired["units_expire_on"])
    for tier, day, price, drawn in zip(
        expired["tier"].tolist(), last_days, expired["total_cost_cents"].tolist(), expired["drawn_cost_cents"].tolist(), strict=True
    ):
        sums.unused[tier, calendar.fiscal_year_of(day, starts)] += price - drawn
    return sums


def _lines(table: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    return zip(table["tier"].tolist(), table["fiscal_year"].tolist(), table["amount_cents"].tolist(), strict=True)


def _opened(openings: pd.DataFrame, sums: _Sums, tiers: Collection[str]) -> tuple[Mapping[_Key, int], list[Finding]]:
    """The openings that count, by tier and year; one that comes after the tier's first figure would cut the books in two."""
    opened, findings = {}, []
    for (tier, year, cents), source in zip(_lines(openings), openings["source"].tolist(), strict=True):
        first = min((known for of_tier, known in sums.keys if of_tier == tier), default=year)
        if tier not in tiers:
            continue
        if year > first:
            reason = f"The opening of {tier} is of FY{year}, but figures of FY{first} are in these books; enter the opening of FY{first}."
            findings.append(Finding("entry-not-counted", reason, value=str(year), column="fiscal_year", source=source))
            continue
        opened[tier, year] = cents
    return opened, findings


def _changed(openings: pd.DataFrame, then: pd.DataFrame | None) -> Iterator[Finding]:
    """`closed-opening-changed` for each tier whose opening reads otherwise than the newest close kept it; None if it kept none."""
    if then is None:
        return
    was, now = ({tier: (year, cents) for tier, year, cents in _lines(table)} for table in (then, openings))
    places = dict(zip(openings["tier"].tolist(), openings["source"].tolist(), strict=True))
    for tier in sorted(was.keys() | now.keys()):
        if was.get(tier) == now.get(tier):
            continue
        told = f"opens {tier} in FY{now[tier][0]} with {dollars(now[tier][1])}" if tier in now else f"has no line of {tier} any more"
        before = f"with {dollars(was[tier][1])} in FY{was[tier][0]}" if tier in was else "without a line of it"
        reason = (
            f"recovery_openings.csv {told}, but months were closed {before}. The recovery goes by the file, so its statement reads "
            "otherwise than it was published."
        )
        place = {"source": places[tier], "column": "amount"} if tier in now else {"file": "entries/recovery_openings.csv", "column": "tier"}
        yield Finding("closed-opening-changed", reason, value=tier, **place)


def _unknown_tiers(table: pd.DataFrame, name: str, tiers: Collection[str]) -> Iterator[Finding]:
    for tier, source in zip(table["tier"].tolist(), table["source"].tolist(), strict=True):
        if tier not in tiers:
            reason = f"No tier is called {tier}, so this line of {name}.csv counts for nothing; the tiers are {', '.join(tiers)}."
            yield Finding("entry-not-counted", reason, value=tier, column="tier", source=source)


def _row(key: _Key, opening: int, sums: _Sums) -> dict[str, Any]:
    charged, credited, cost, unused = sums.charged[key], sums.credited[key], sums.cost[key], sums.unused[key]
    office = sums.office.get(key, 0)
    return {
        "fiscal_year": key[1],
        "tier": key[0],
        "opening_cents": opening,
        "charged_cents": charged,
        "credited_cents": credited,
        "cost_cents": cost,
        "unused_cents": unused,
        "closing_cents": opening + charged + credited - cost - unused - office,
        "office_cost_cents": office,
        "basis": "full cost" if key in sums.office else "certificate cost only",
        "orders": sums.orders[key],
        "without_cost": sums.without[key],
    }


def _rate_of(tier: str, year: int, card: RateCard, starts: int, as_of: dt.date) -> dict[str, Any]:
    """The rate in force on the last day of the year, or on the as-of day, and its age."""
    day = min(calendar.period_last_day(f"FY{year}-P12", starts), as_of)
    since = [begun for begun in card.lines.get(tier, ((), ()))[0] if begun <= day]
    return {"rate_since": since[-1], "rate_age_days": (day - since[-1]).days} if since else {}


def _judged(row: Mapping[str, Any], *, has_ended: bool, starts: int) -> dict[str, Any]:
    """The two limits, and for a year that has ended whether the closing keeps within them; nothing where the full cost is not known."""
    if row["basis"] != "full cost":
        return {}
    days = _days_of(row["fiscal_year"], starts)
    expense = row["cost_cents"] + row["unused_cents"] + row["office_cost_cents"]
    reserve = _half_up(max(expense, 0) * RESERVE_DAYS, days)
    carry = _half_up(max(row["charged_cents"] + row["credited_cents"], 0) * CARRY_SHARE[0], CARRY_SHARE[1])
    limits = {"reserve_limit_cents": reserve, "carry_limit_cents": carry}
    if not has_ended:
        return limits
    over = row["closing_cents"]
    return limits | {
        "reserve": "within" if over <= reserve else "above",
        "carry_forward": "within" if over <= carry else "above",
    }


def _propose(rows: list[dict[str, Any]], year: int) -> None:
    """Put a proposal into the rows of `year`, the last that has ended: its cost again for as many orders, with what is over taken off."""
    for row in rows:
        if row["fiscal_year"] == year and row["basis"] == "full cost" and row["orders"] > 0 and not row["without_cost"]:
            cost = row["cost_cents"] + row["unused_cents"] + row["office_cost_cents"] - row["closing_cents"]
            row["proposed_rate_cents"] = _half_up(max(cost, 0), row["orders"])


def _half_up(numerator: int, denominator: int) -> int:
    """The quotient of two numbers that are not negative, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def _days_of(year: int, starts: int) -> int:
    first, last = calendar.period_first_day(f"FY{year}-P01", starts), calendar.period_last_day(f"FY{year}-P12", starts)
    return (last - first).days + 1
