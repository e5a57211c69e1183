"""What a budget hearing asks: ten measures and the money over two years past, this one and the next; for a page and a workbook.

Figures of years past are those of the tables. What is still to come of this year, and the next one, is the forecast's: the certificates in
force go on, the desk works at the pace of the last year, rates stay as they are.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import Books
from pipeline.lints import LIMITS_IN_DAYS
from pipeline.publish import measure_words, words
from pipeline.rates import first_day
from pipeline.service import MEASURES_DECLARED, Measure
from pipeline.settings import Settings

UNKNOWN = math.nan
DOLLARS = "$"
# Their figures need no unit: it stands in the cell, or in the title.
_OF_FORECAST = ["month", "tier", "amount_cents", "renewals", "issuances", "per_certificate_cents"]
_PLAIN_UNITS = ("share", DOLLARS, "requests", "certificates")
_MEASURES = (
    "on-time-completion", "completion-time-p90", "requests-received", "requests-completed", "backlog",
    "portal-availability", "certificate-continuity", "on-time-renewal", "lapses",
)  # fmt: skip


class Line(NamedTuple):
    """One figure of five spans: the two fiscal years `past`, this one `to_date` and `projected` to its end, and the `next_year`.

    NaN where a figure is not known; `$` are whole cents. `goes_on` where the projection is the figure to date, which nothing is known to
    change. `said` is the figure in a sentence; `places` are the digits behind the point that
    shares are told with, `verdict` what the table of measures says of the target, `reason` what the office says of a missed one.
    """

    title: str
    unit: str
    past: tuple[float, float]
    to_date: float
    projected: float
    target: float
    next_year: float
    said: str
    goes_on: bool = False
    places: int = 1
    verdict: str = ""
    reason: str = ""

    @property
    def told(self) -> str:
        """The figure in a sentence, and what the office says of a missed target."""
        return f"{self.said}{self.reason}"

    @property
    def named(self) -> str:
        """The title with the unit of the figures, where that is not plain to see in them."""
        return self.title if self.unit in _PLAIN_UNITS else f"{self.title}, {self.unit}"


class _Ahead(NamedTuple):
    """What the forecast says of one fiscal year, as far as its months reach it; amounts are USD cents."""

    received: float = 0.0
    completed: float = 0.0
    waiting: float = 0.0
    issued: int = 0
    charged: Mapping[str, int] = {}
    terms: Mapping[str, int] = {}
    per_certificate: int = 0


@dataclass(frozen=True)
class Hearing:
    """The figures of `books` for a hearing on the day `as_of`."""

    books: Books
    settings: Settings
    as_of: dt.date

    @property
    def year(self) -> int:
        """The fiscal year of the as-of day."""
        return calendar.fiscal_year_of(self.as_of, self._starts)

    def heads(self, lines: Sequence[Line]) -> tuple[str, ...]:
        """What the spans of these lines are called, in the order of a line; money has no target but what agencies set aside."""
        year, aim = self.year, "Set aside" if any(line.unit == DOLLARS for line in lines) else "Target"
        return (f"FY{year - 2}", f"FY{year - 1}", f"FY{year} to date", f"FY{year} projected", aim, f"FY{year + 1}")

    @property
    def _starts(self) -> int:
        return self.settings.organization.fiscal_year_starts

    def measures(self) -> list[Line]:
        """Ten measures, one of them the certificates issued; those that were never measured are left out."""
        declared = {measure.id: measure for measure in MEASURES_DECLARED}
        found = [self._measure(declared[name]) for name in _MEASURES]
        return [*(line for line in found if line is not None), self._issued()]

    def money(self) -> list[Line]:
        """What was and will be charged, in all and by tier, what the certificates cost, and what is left of it."""
        return [*self._charged(), self._cost(), self._left(), self._if_each_were_charged()]

    @cached_property
    def _figures(self) -> pd.DataFrame:
        """The rows of the table of measures about the office and its services."""
        return self.books.measures[self.books.measures["dimension"].isin(("office", "service"))]

    def _measure(self, measure: Measure) -> Line | None:
        table = self._figures
        rows = table[table["measure"] == measure.id]
        if rows.empty:
            return None
        member = min(rows["member"])
        of_period = {str(row["period"]): row for row in rows[rows["member"] == member].to_dict("records")}
        now = of_period.get(calendar.year_title(self.year, self.as_of, self._starts))
        past = self._past(lambda year: _value(of_period.get(f"FY{year}")) if year >= self._first_year else UNKNOWN)
        if now is None and all(math.isnan(value) for value in past):
            return None
        value = _value(now)
        projected, following, goes_on = self._projected(measure.id, value)
        said = "Nothing was measured in this fiscal year yet." if now is None else measure_words.sentence(measure, now)
        reason = self._reason(measure.id) if now is not None and now["verdict"] == "missed" else ""
        target = UNKNOWN if now is None else float(now["target"])
        title = f"{measure.title}, {member}" if member else measure.title
        places = 1 if now is None else measure_words.digits(now)
        verdict = "" if now is None else str(now["verdict"])
        return Line(
            title,
            measure.unit,
            past,
            value,
            projected,
            target,
            following,
            f"{said}{self._beside(measure.id)}",
            goes_on,
            places,
            verdict,
            reason,
        )

    def _past(self, figure: Callable[[int], float]) -> tuple[float, float]:
        return figure(self.year - 2), figure(self.year - 1)

    def _projected(self, measure: str, value: float) -> tuple[float, float, bool]:
        """The figure at the end of this year, that of the next one, and whether the first is only the one to date going on."""
        this, following = self._ahead(self.year), self._ahead(self.year + 1)
        known = len(self.books.workload) > 0
        if measure == "requests-received" and known:
            return _whole(value + this.received), _whole(following.received), False
        if measure == "requests-completed" and known:
            return _whole(value + this.completed), _whole(following.completed), False
        if measure == "backlog" and known:
            return _whole(value + this.waiting), _whole(value + following.waiting), False
        if measure == "portal-availability":
            return 1 - (1 - value) * self._days_so_far / self._days_a_year, UNKNOWN, False
        if measure == "lapses":
            return _whole(value * self._days_a_year / self._days_so_far), UNKNOWN, False
        return value, UNKNOWN, True

    def _beside(self, measure: str) -> str:
        """What must be said beside a measure so that its figure does not mislead."""
        if measure == "portal-availability":
            return " Projected: without any further outage."
        if measure == "backlog":
            return self._promise()
        table = self._figures
        now = calendar.year_title(self.year, self.as_of, self._starts)
        open_ends = table[(table["measure"] == "hosts-unaccounted-for") & (table["period"] == now) & (table["dimension"] == "office")]
        if measure != "lapses" or open_ends.empty or not open_ends["n"].iloc[0]:
            return ""
        hosts = int(open_ends["n"].iloc[0])
        verb, they = ("has", "it is") if hosts == 1 else ("have", "they are")
        return f" Besides, {words.count(hosts, 'host name')} {verb} no certificate today: nobody has said whether {they} still needed."

    def _promise(self) -> str:
        """When more waits than the desk can do in the days it promises; "" where its pace is not known."""
        work = self.books.workload
        if work.empty:
            return ""
        broken = work.loc[~work["promise_holds"], "month"]
        if broken.empty:
            return " At last year's pace of the desk its promise is kept throughout the forecast."
        return (
            f" At last year's pace of the desk its promise breaks in {words.month(broken.iloc[0])}: more is asked by then than it closed."
        )

    def _reason(self, measure: str) -> str:
        """The newest remark of the office on a missed measure that touches this fiscal year; "" without one."""
        notes = self.books.notes
        named = {measure, "availability"} if "availability" in measure else {measure}
        first = pd.Timestamp(calendar.period_first_day(f"FY{self.year}-P01", self._starts))
        of_year = notes[notes["measure"].isin(named) & (notes["until"].fillna(notes["on"]) >= first)].sort_values("on", kind="stable")
        return f" The office says: {of_year['text'].iloc[-1]}" if len(of_year) else ""

    @property
    def _first_year(self) -> int:
        """The first fiscal year that the books hold whole: that of the first day that is charged. Of earlier ones only survives what later
        exports still tell of."""
        first = first_day(self.settings)
        return 0 if first == dt.date.min else calendar.fiscal_year_of(first, self._starts)

    def _issued(self) -> Line:
        ours = self.books.certificates[~self.books.certificates["is_ca"]]
        days = ours["service_on"].dropna()
        issued = Counter(calendar.fiscal_year(days[days <= pd.Timestamp(self.as_of)], self._starts).tolist())
        past = self._past(lambda year: float(issued[year]) if year in issued and year >= self._first_year else UNKNOWN)
        to_date, following = float(issued[self.year]), float(self._ahead(self.year + 1).issued)
        shortest = [year for year, ahead in sorted(self._years_ahead.items()) if self._is_of_shortest_lives(year) and ahead.issued]
        then = f", FY{shortest[0]}, the first with lives of 47 days throughout, for {self._ahead(shortest[0]).issued:,}" if shortest else ""
        said = f"If each certificate in force goes on, FY{self.year + 1} asks for {following:,.0f}{then}."
        projected = to_date + self._ahead(self.year).issued
        return Line("Certificates issued", "certificates", past, to_date, projected, UNKNOWN, following, said)

    def _charged(self) -> Iterator[Line]:
        estimates = self.books.encumbrances
        aside = estimates.loc[estimates["fiscal_year"] == self.year, "estimate_cents"].dropna()
        for tier in ("", *self.settings.tiers):
            past = self._past(partial(self._posted, tier=tier))
            posted = self._posted(self.year, tier)
            to_date = 0.0 if math.isnan(posted) else posted
            rest, following = (float(_of_tier(self._ahead(year).charged, tier)) for year in (self.year, self.year + 1))
            if tier:
                said = f"{_dollars(to_date + rest)} by the end of FY{self.year}, then {_dollars(following)} in FY{self.year + 1}."
                yield Line(f"of it {tier}", DOLLARS, past, to_date, to_date + rest, UNKNOWN, following, said)
                continue
            pace = estimates.loc[estimates["fiscal_year"] == self.year, "projected_cents"].dropna()
            new = f" At the pace of all orders of the year so far it would be {_dollars(pace.sum())}." if len(pace) else ""
            set_aside = f"; {words.count(len(aside), 'agency', 'agencies')} set aside {_dollars(aside.sum())}" if len(aside) else ""
            ahead = "What is ahead is only what the certificates of today ask for."
            said = f"{_dollars(to_date)} charged in FY{self.year} to date{set_aside}. {ahead}{new}"
            target = float(aside.sum()) if len(aside) else UNKNOWN
            yield Line("Charged to agencies", DOLLARS, past, to_date, to_date + rest, target, following, said)

    def _posted(self, year: int, tier: str) -> float:
        """What the ledger charges in a fiscal year, of a tier or of all, in cents; NaN where it has nothing of that year."""
        ledger = self.books.ledger
        rows = ledger["period"].str.startswith(f"FY{year}-") & ((ledger["tier"] == tier) if tier else True)
        return float(ledger.loc[rows, "amount_cents"].sum()) if bool(rows.any()) else UNKNOWN

    def _cost(self) -> Line:
        past, to_date = self._recovered("cost_cents", "unused_cents")
        rest, following = self._units_cost(self.year), self._units_cost(self.year + 1)
        said = "What the units of the lots cost that were drawn or ran out; ahead by the price of each tier's newest lot."
        return Line("Cost of the certificates", DOLLARS, past, to_date, to_date + rest, UNKNOWN, following, said)

    def _left(self) -> Line:
        """Charges less the cost of the certificates, each year by itself: what the office costs beside them is not known of every year."""
        cost, charged = self._cost(), next(self._charged())
        past = (charged.past[0] - cost.past[0], charged.past[1] - cost.past[1])
        table = self.books.recovery
        told = table[table["basis"] == "full cost"].groupby("fiscal_year")["office_cost_cents"].sum()
        known = "; ".join(f"{_dollars(cents)} in FY{year}" for year, cents in told.items()) or "not entered for any year"
        said = f"Of this the office itself is paid, which costs.csv tells: {known}. Judged by tier and year on the page Recovery."
        projected, following = charged.projected - cost.projected, charged.next_year - cost.next_year
        return Line(
            "Left above the cost of the certificates", DOLLARS, past, charged.to_date - cost.to_date, projected, UNKNOWN, following, said
        )

    def _if_each_were_charged(self) -> Line:
        following = float(self._ahead(self.year + 1).per_certificate)
        said = f"If each certificate cost the rate, as when it lived for a year: {_dollars(following)} in FY{self.year + 1}."
        nothing = (UNKNOWN, UNKNOWN)
        return Line("For comparison: a charge for each certificate", DOLLARS, nothing, UNKNOWN, UNKNOWN, UNKNOWN, following, said)

    def _recovered(self, *columns: str) -> tuple[tuple[float, float], float]:
        """The sum of columns of RECOVERY over all tiers, of the two years past and of this one."""
        table = self.books.recovery
        sums: Counter[int] = Counter()
        for year, *cents in zip(table["fiscal_year"].tolist(), *(table[name].tolist() for name in columns), strict=True):
            sums[year] += sum(cents)
        return self._past(lambda year: float(sums[year]) if year in sums else UNKNOWN), float(sums[self.year])

    def _units_cost(self, year: int) -> float:
        """What the units of the paid terms that are ahead in `year` cost, by the price of each tier's newest lot."""
        lots = self.books.lots.sort_values(["purchased_on", "lot_id"], kind="stable")
        cents = 0
        for tier, terms in self._ahead(year).terms.items():
            of_tier = lots[lots["tier"] == tier]
            if len(of_tier):
                cost, quantity = int(of_tier["total_cost_cents"].iloc[-1]), int(of_tier["quantity"].iloc[-1])
                cents += (2 * terms * cost + quantity) // (2 * quantity)
        return float(cents)

    @cached_property
    def _years_ahead(self) -> dict[int, _Ahead]:
        forecast, work = self.books.forecast[_OF_FORECAST], self.books.workload
        found = {}
        waiting = 0.0
        year_of = {month: self._year_of(month) for month in {*forecast["month"].unique(), *work["month"].unique()}}
        years_of_work = work["month"].map(year_of)
        months_of: dict[int, list[str]] = {}
        for month in forecast["month"].unique():
            months_of.setdefault(year_of[month], []).append(month)
        for year in sorted(months_of):
            of_year = forecast[forecast["month"].isin(months_of[year])]
            months = work[years_of_work == year]
            received = float((months["certificate_requests"] + months["other_requests"]).sum())
            after = float(months["waiting"].iloc[-1]) if len(months) else 0.0
            charged, terms = (_by_tier(of_year, column) for column in ("amount_cents", "renewals"))
            issued, each = int(of_year["issuances"].sum()), int(of_year["per_certificate_cents"].sum())
            found[year] = _Ahead(received, received - (after - waiting), after, issued, charged, terms, each)
            waiting = after
        return found

    def _ahead(self, year: int) -> _Ahead:
        return self._years_ahead.get(year, _Ahead())

    def _year_of(self, month: str) -> int:
        return calendar.fiscal_year_of_month(month, self._starts)

    def _is_of_shortest_lives(self, year: int) -> bool:
        """Whether the last limit on lives holds on every day of a fiscal year."""
        return calendar.period_first_day(f"FY{year}-P01", self._starts) >= LIMITS_IN_DAYS[-1][1]

    @property
    def _days_so_far(self) -> int:
        return (self.as_of - calendar.period_first_day(f"FY{self.year}-P01", self._starts)).days + 1

    @property
    def _days_a_year(self) -> int:
        first = calendar.period_first_day(f"FY{self.year}-P01", self._starts)
        return (calendar.period_first_day(f"FY{self.year + 1}-P01", self._starts) - first).days


def _value(row: Mapping[Any, Any] | None) -> float:
    return UNKNOWN if row is None else float(row["value"])


def _whole(number: float) -> float:
    """A count that is ahead, half up: a tenth of a request would say more than is known."""
    return UNKNOWN if math.isnan(number) else float(math.floor(number + 0.5))


def _of_tier(cents: Mapping[str, int], tier: str) -> int:
    return cents.get(tier, 0) if tier else sum(cents.values())


def _by_tier(forecast: pd.DataFrame, column: str) -> dict[str, int]:
    """The sum of a column of FORECAST by tier; what has none is charged to nobody."""
    sums: Counter[str] = Counter()
    for tier, number in zip(forecast["tier"].tolist(), forecast[column].tolist(), strict=True):
        if tier:
            sums[tier] += number
    return dict(sums)


def _dollars(cents: float) -> str:
    return words.dollars(int(cents))
