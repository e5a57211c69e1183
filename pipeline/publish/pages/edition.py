"""What every page of one edition is made from, and the few facts that many pages share."""

from __future__ import annotations

import datetime as dt
from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

import pandas as pd

from pipeline import addresses, calendar, hosts, notices
from pipeline.chargeback import in_invoice_order
from pipeline.contracts import Books, Compared
from pipeline.publish import in_force, line_notes, line_places, rule_breaks, words
from pipeline.publish.parts import Cell, Link
from pipeline.publish.stamp import RunStamp
from pipeline.settings import Settings

Profile = Literal["internal", "public"]
Made = TypeVar("Made")

NO_AGENCY = "no agency known"
NO_NAME = "no name in the certificate"
OF_CERTIFICATES = [
    "certificate", "common_name", "subject_alternative_names", "names", "agency", "status", "tier", "serial", "order_id", "contact_email",
    "key_type", "key_bits", "key_curve", "valid_to", "days_left", "is_ca", "superseded_by", "source",
]  # fmt: skip
address = addresses.address


@dataclass(frozen=True)
class Edition:
    """The books, the settings and the stamp of a run, for one profile: `internal` shows all, `public` only totals. `compared` are the
    records of the run and of the one before it."""

    books: Books
    settings: Settings
    stamp: RunStamp
    profile: Profile
    compared: Compared | None = None
    _made: dict[Callable[[Edition], Any], Any] = field(init=False, default_factory=dict, repr=False, compare=False)
    _figures: dict[tuple[str, str], dict[str, dict[str, Any]]] = field(init=False, default_factory=dict, repr=False, compare=False)
    _entries: dict[int, pd.DataFrame] = field(init=False, default_factory=dict, repr=False, compare=False)
    _quarters: dict[str, list[str]] = field(init=False, default_factory=dict, repr=False, compare=False)
    _links: dict[tuple[str, str], Link] = field(init=False, default_factory=dict, repr=False, compare=False)

    def shared(self, make: Callable[[Edition], Made]) -> Made:
        """What `make` makes of this edition, made once however many pages ask for it: none may change it."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("Made", self._made[make])

    @property
    def internal(self) -> bool:
        """Whether names, hosts and single requests may be shown."""
        return self.profile == "internal"

    @property
    def today(self) -> dt.date:
        """The as-of day."""
        return self.stamp.as_of

    @property
    def tomorrow(self) -> dt.date:
        """The first day after the as-of day: where what is to come begins."""
        return self.today + dt.timedelta(days=1)

    @property
    def starts(self) -> int:
        """The month in which the fiscal year begins."""
        return self.settings.organization.fiscal_year_starts

    @cached_property
    def fiscal_year(self) -> int:
        """The fiscal year of the as-of day."""
        return calendar.fiscal_year_of(self.today, self.starts)

    @cached_property
    def last_month(self) -> str:
        """The last month that has ended on the as-of day, as `2026-10`."""
        if (self.today + dt.timedelta(days=1)).day == 1:
            return f"{self.today:%Y-%m}"
        return f"{self.today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"

    @cached_property
    def running_month(self) -> str:
        """The month of the as-of day where it has not ended, as `2026-11`; else ""."""
        month = f"{self.today:%Y-%m}"
        return month if month > self.last_month else ""

    @cached_property
    def agency_names(self) -> dict[str, str]:
        """The name of each agency code: of its newest spell."""
        spells = self.books.agencies.sort_values(["agency", "valid_from"], na_position="first", kind="stable")
        return dict(zip(spells["agency"].tolist(), spells["name"].tolist(), strict=True))

    @cached_property
    def who_is_told(self) -> Callable[[str, str, str], in_force.Told]:
        """Who is told of a certificate today, by its name ("" for any), its contact and its agency."""
        return in_force.who_is_told(self.books, self.settings, self.today)

    @cached_property
    def _desk(self) -> calendar.BusinessTime:
        zone = self.settings.organization.zone
        return calendar.business_time(self.settings.desk, zone, self.books.closed_days, self.books.extra_closures)

    def last_safe_days(self, ends: pd.Series[Any]) -> pd.Series[Any]:
        """The last day on which asking for a renewal leaves the desk the business days that it promises, before each of the `ends`."""
        return notices.last_safe_days(ends, self._desk, notices.promised_days(self.settings))

    def due_days(self, received: pd.Series[Any], business_days: Any) -> pd.Series[Any]:
        """The due day of each business day of receipt, so many `business_days` (a number, or one each) after it."""
        return self._desk.due_days(received, business_days)

    @cached_property
    def common_names(self) -> dict[str, str]:
        """The common name of each certificate that has one."""
        certificates = self.books.certificates
        names = zip(certificates["certificate"].tolist(), certificates["common_name"].tolist(), strict=True)
        return {certificate: name for certificate, name in names if name}

    @cached_property
    def newest_spells(self) -> dict[str, Any]:
        """The row of AGENCIES of each code that began last."""
        return {spell.agency: spell for spell in rows_of(self.books.agencies.sort_values("valid_from", na_position="first", kind="stable"))}

    @cached_property
    def agency_codes(self) -> list[str]:
        """Every agency that has a page, sorted: those of the reference list, and any other that stands in the books."""
        frames = (
            self.books.certificates["agency"],
            self.books.requests["agency"],
            self.books.ledger["billed_to"],
            self.books.invoices["agency"],
        )
        found = {str(code) for codes in frames for code in codes.unique()}
        return sorted((found | set(self.agency_names)) - {""})

    @cached_property
    def mergers(self) -> dict[str, tuple[str, dt.date]]:
        """Of each agency that is no more: the code that took over from it, and the last day of its own."""
        ended: dict[str, tuple[str, dt.date]] = {}
        for spell in rows_of(self.books.agencies.sort_values(["agency", "valid_from"], na_position="first", kind="stable")):
            ended.pop(spell.agency, None)  # a newer spell of the code: it goes on
            if not pd.isna(spell.valid_to) and spell.valid_to.date() < self.today and spell.successor not in ("", spell.agency):
                ended[spell.agency] = (spell.successor, spell.valid_to.date())
        return ended

    def merged_into(self, code: str) -> list[str]:
        """The codes of agencies that became part of this one."""
        return [other for other, (then, _) in sorted(self.mergers.items()) if then == code]

    def figures(self, measure: str, dimension: str) -> dict[str, dict[str, Any]]:
        """The rows of the table of measures about one measure and dimension by member, and of those by period: pages ask for thousands of
        them, but of most measures for none by agency."""
        if (measure, dimension) not in self._figures:
            found: dict[str, dict[str, Any]] = {}
            places = self._places_of_measures.get((measure, dimension))
            for row in rows_of(_taken(self.books.measures, places)) if places is not None else ():
                found.setdefault(row.member, {})[row.period] = row
            self._figures[measure, dimension] = found
        return self._figures[measure, dimension]

    def dimensions(self, measure: str) -> list[str]:
        """By what a measure is told in the table of measures."""
        return [dimension for of, dimension in self._places_of_measures if of == measure]

    @cached_property
    def _places_of_measures(self) -> dict[Any, Any]:
        return dict(self.books.measures.groupby(["measure", "dimension"]).indices)

    @cached_property
    def measured_periods(self) -> frozenset[str]:
        """Every period of which anything was measured."""
        return frozenset(self.books.measures["period"].unique())

    @cached_property
    def certificates(self) -> pd.DataFrame:
        """CERTIFICATES with what lists of them read: each choice among its rows would copy four dozen columns."""
        return self.books.certificates[OF_CERTIFICATES]

    @cached_property
    def to_renew(self) -> pd.DataFrame:
        """The certificates in force that somebody has to renew."""
        return in_force.to_renew(replace(self.books, certificates=self.certificates), self.today)

    @cached_property
    def lapses(self) -> pd.DataFrame:
        """What lapsed and left a host name without a certificate."""
        return in_force.lapses(replace(self.books, certificates=self.certificates), self.today)

    @cached_property
    def rule_breaks(self) -> pd.DataFrame:
        """Each rule that a certificate breaks that is in use or not yet valid, gravest first."""
        read = self.books.certificates[[*OF_CERTIFICATES, "issuer"]]
        return rule_breaks.in_use_or_to_come(replace(self.books, certificates=read), self.today)

    def matters(self, certificates: pd.DataFrame) -> pd.Series[Any]:
        """Which of these certificates still have a host that is not retired."""
        return hosts.still_matter(certificates, self.books.hosts, self.today)

    def agency(self, code: str, root: str = "") -> Cell:
        """The agency's code as a link to its page, `root` being the way to the site's root; in the public edition just the code."""
        if not code:
            return NO_AGENCY
        if not self.internal:
            return code
        if (code, root) not in self._links:
            self._links[code, root] = Link(code, f"{root}agencies/{address(code)}.html")
        return self._links[code, root]

    @cached_property
    def same_day_last_year(self) -> dt.date:
        """The as-of day one year earlier; 28 February for a leap day."""
        return calendar.year_before(self.today)

    @cached_property
    def year_begins(self) -> dt.date:
        """The first day of the fiscal year of the as-of day."""
        return calendar.period_first_day(f"FY{self.fiscal_year}-P01", self.starts)

    @cached_property
    def last_year_begins(self) -> dt.date:
        """The first day of the fiscal year before that of the as-of day."""
        return calendar.period_first_day(f"FY{self.fiscal_year - 1}-P01", self.starts)

    def same_span_last_year(self) -> str:
        """`1 July to 23 November 2025`: last year's part of a comparison with this fiscal year to date."""
        begins, ends = words.long_day(self.last_year_begins), words.long_day(self.same_day_last_year)
        return f"{begins.rsplit(' ', 1)[0] if begins[-4:] == ends[-4:] else begins} to {ends}"

    def period_title(self, period: str) -> str:
        """`November 2026 (FY2027-P05)`."""
        return calendar.period_title(period, self.starts)

    def tier_names(self) -> list[str]:
        """The tiers of the settings, in their order."""
        return list(self.settings.tiers)

    @cached_property
    def charged_tiers(self) -> list[str]:
        """The tiers of the settings in their order, and behind them any other that the ledger knows."""
        known = self.tier_names()
        return [*known, *sorted({str(tier) for tier in self.books.ledger["tier"].unique()} - {*known, ""})]

    @cached_property
    def ledger_of_months(self) -> dict[str, pd.DataFrame]:
        """The `entries` by the month that they are posted to."""
        return {str(period): entries for period, entries in self.entries.groupby("period")}

    def entries_of_year(self, year: int) -> pd.DataFrame:
        """The `entries` posted to the fiscal year, its late items included."""
        if year not in self._entries:
            self._entries[year] = self.entries[self.entries["period"].str.startswith(f"FY{year:04d}-")]
        return self._entries[year]

    @cached_property
    def entries(self) -> pd.DataFrame:
        """The ledger with what sums read of it, numbered from 0: each choice among its rows would copy three dozen columns."""
        read = ["period", "billed_to", "kind", "tier", "amount_cents", "takes_back", "service_on"]
        return self.books.ledger[read].reset_index(drop=True)

    @cached_property
    def noted_entries(self) -> pd.DataFrame:
        """The ledger, each invoice in its own order, with `note` and the place of the row behind each entry (`line_places.placed`)."""
        ledger = in_invoice_order(self.books.ledger)
        ledger["note"] = pd.Series(line_notes.notes(ledger, self.starts), index=ledger.index, dtype="str")
        return line_places.placed(ledger, self.books)

    @cached_property
    def invoice_states(self) -> dict[str, bool]:
        """Of each month with an invoice, whether all of its invoices are closed."""
        invoices = self.books.invoices
        return {str(period): bool(done) for period, done in (invoices["status"] == "closed").groupby(invoices["period"]).all().items()}

    def local_day(self, instants: pd.Series[Any]) -> pd.Series[Any]:
        """UTC instants as days of the organisation's zone."""
        return calendar.local_days(instants, self.settings.organization.zone)

    def local_days_told(self, instants: pd.Series[Any]) -> list[str]:
        """`local_day` as `2026-12-04`, "" where there is none."""
        return calendar.day_keys(self.local_day(instants))

    @cached_property
    def estimates(self) -> dict[str, list[Any]]:
        """The rows of ENCUMBRANCES of each agency, newest year first."""
        found: dict[str, list[Any]] = {}
        for row in rows_of(self.books.encumbrances.sort_values("fiscal_year", ascending=False, kind="stable")):
            found.setdefault(row.agency, []).append(row)
        return found

    @cached_property
    def agencies_with_notes(self) -> frozenset[str]:
        """The codes of the agencies that a remark of the office is about."""
        return frozenset(self.books.notes["agency"].tolist())

    @cached_property
    def unaccounted(self) -> pd.DataFrame:
        """Hosts of which nobody has said what became of them, those that ran out last at the top."""
        renewals = self.books.renewals
        gone = renewals[renewals["outcome"] == "unknown"]
        return gone.sort_values(["ended_at", "host"], ascending=[False, True], kind="stable")

    @cached_property
    def unaccounted_of(self) -> dict[str, int]:
        """How many hosts of each agency are unaccounted for."""
        return {str(code): int(number) for code, number in self.unaccounted["agency"].value_counts().items()}

    def measured_quarters(self, measure: str) -> list[str]:
        """The quarters in which anything of a measure was measured, `FY2027-Q1`, oldest first."""
        if measure not in self._quarters:
            measures = self.books.measures
            periods = measures.loc[measures["measure"] == measure, "period"].unique()
            self._quarters[measure] = sorted(str(period) for period in periods if period[6:8] == "-Q")
        return self._quarters[measure]


def _taken(frame: pd.DataFrame, places: Any) -> pd.DataFrame:
    """The rows of `frame` at these places, of which there is one at least: without a copy where they stand together."""
    together = len(places) == places[-1] - places[0] + 1
    return frame.iloc[places[0] : places[-1] + 1] if together else frame.iloc[places]


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, cells as attributes: those of `itertuples`, which asks column by column for one cell after the other."""
    return map(_row(tuple(frame.columns)), zip(*(frame[name].tolist() for name in frame.columns), strict=True))


@cache
def _row(names: tuple[str, ...]) -> Callable[[Iterable[Any]], Any]:
    """What makes a row of as many cells as there are names; `_make` would count them of each row anew, in Python."""
    return partial(tuple.__new__, namedtuple("Row", names, rename=True))


def named(certificate: Any) -> str:
    """What people call a certificate: its common name, else its first alternative name."""
    names = certificate.common_name or certificate.subject_alternative_names.split(" ")[0]
    return str(names) or NO_NAME


def download(root: str, path: str, text: str) -> Link:
    """A link to a file below the site's `downloads/`."""
    return Link(text, f"{root}downloads/{quote(path)}")
