"""The closed months of data/ledger, read back: every byte as it was closed, every link of the chain, or nothing at all.

Each close names the SHA-256 of its files and of the close before it (`SHA256SUMS`), and each recorded run the newest close of its day:
whoever changes a closed month has to rewrite all that came after it, and is still told by the records of runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.calendar import dates
from pipeline.closes import frozen, frozen_columns
from pipeline.closes.frozen_columns import FrozenColumns
from pipeline.contracts import CLOSED_FILES, CLOSED_PERIODS, CLOSED_RATES, RECOVERY_OPENINGS, Closed, ContractError
from pipeline.money import dollars
from pipeline.rates import RateChanged, card_of, first_day, rate_card, told_otherwise
from pipeline.settings import Settings
from pipeline.sources import closed_chain, run_records
from pipeline.sources.as_written import AsWritten
from pipeline.sources.closed_chain import LEDGER_FOLDER, ClosedBooksError, Month
from pipeline.sources.closed_store import ClosedStore
from pipeline.sources.readings import Reading
from pipeline.sources.store_folder import StoreFolder
from pipeline.sources.workspace import SettingsError

_PLACED = {"ledger": "rows.csv", "lots": "lots.csv"}
# Field of `Closed` -> file; those without a file are put together from the facts.
_FILES = {
    "ledger": "ledger.csv", "invoices": "invoices.csv", "lots": "lots.csv", "lines": "lines.csv", "rows": "rows.csv",
    "faces": "faces.csv", "orders": "orders.csv", "workbooks": "workbooks.csv", "measures": "measures.csv",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClosedMonths:
    """The closed months: `closed`, whose ledger and lots name lines of their files as sources; a reading of each such
    file; the first month of the fiscal year, the rate card (`rates`, CLOSED_RATES) and the settings (`charges`, as close.json keeps
    them) that the newest of them was closed with."""

    closed: Closed = field(default_factory=Closed)
    readings: tuple[Reading, ...] = ()
    year_starts: int | None = None
    rates: pd.DataFrame = field(default_factory=CLOSED_RATES.empty)
    charges: Mapping[str, Any] = field(default_factory=dict)

    def must_start_in(self, month: int) -> None:
        """Raise `ClosedBooksError` where the fiscal year of the newest close began in another month: its periods would be other days."""
        if self.year_starts not in (None, month):
            raise ClosedBooksError(
                [
                    f"certledger.toml says fiscal_year_starts = {month}, but the closed months were closed with {self.year_starts}. "
                    f"Set fiscal_year_starts = {self.year_starts} in [organization] again."
                ]
            )

    def must_keep_charges(self, settings: Settings) -> None:
        """Raise `SettingsError` where `begin`, `term_days` or `refund_days` of `settings` say otherwise than the newest close keeps.

        They decide which orders of closed months are charged, are free, or are credited (DESIGN §6). Without `begin` the books begin with
        their first closed month. A close of an older program that kept none of them is not compared.
        """
        now = {"begin": first_day(settings), "term_days": settings.charges.term_days, "refund_days": settings.charges.refund_days}
        then = {name: self.charges[name] for name in now if name in self.charges}
        if "begin" in then:
            first = calendar.period_first_day(min(self.closed.periods["period"]), settings.organization.fiscal_year_starts)
            then["begin"] = dt.date.fromisoformat(then["begin"]) if then["begin"] else first
            if not self.charges["begin"] and not settings.charges.begin:
                del then["begin"]  # Then the rate card says when the books begin, and `must_keep_rates` judges it.
        wrong = [
            f"[charges] of certledger.toml comes to {name} = {now[name]}, but {self.closed.periods['period'].iloc[-1]} was closed with "
            f"{name} = {was}. Set {name} = {was} again."
            for name, was in then.items()
            if was != now[name]
        ]
        if wrong:
            why = (
                "The closed months were billed by it, and with another one their lines would be taken back or billed anew. What another "
                "one would charge or credit otherwise from now on is a line of data/entries/adjustments.csv."
            )
            raise SettingsError("\n".join([*wrong, f"{why} Nothing was published."]))

    def must_keep_rates(self, settings: Settings) -> None:
        """Raise `SettingsError` where the rate card of `settings` says otherwise than the frozen one for service of closed months.

        A new rate is a new line that begins after them; a tier that had no rate yet may be given one for any day (DESIGN §8: the rate card
        is dated and never edited in place). Without `begin` a line of an earlier fiscal year than the books' first is refused too, for with
        it they would begin earlier.
        """
        if self.rates.empty:
            return
        starts = settings.organization.fiscal_year_starts
        months = self.closed.periods["period"].tolist()
        first, last = calendar.period_first_day(min(months), starts), max(calendar.period_last_day(month, starts) for month in months)
        frozen_lines = zip(self.rates["tier"], dates(self.rates["since"]), self.rates["rate_cents"], strict=True)
        then = card_of((tier, since or first, int(cents)) for tier, since, cents in frozen_lines)
        wrong = [_rate_otherwise(one, months[-1]) for one in told_otherwise(then, rate_card(settings), first, last)]
        if not settings.charges.begin and settings.rate and first_day(settings) < first:
            wrong.append(
                f"The [[rate]] lines of certledger.toml begin in an earlier fiscal year than the books. Set "
                f"begin = {first} in [charges], so that they begin where they began."
            )
        if wrong:
            newer = f"A rate of closed months never changes: a new rate is a new [[rate]] line with a since after {last}."
            raise SettingsError("\n".join([*wrong, f"{newer} Nothing was published."]))

    def placed(self) -> Closed:
        """`closed` with places for sources, once the readings have theirs."""
        first = {reading.path: reading.first_source - frozen.FIRST_LINE for reading in self.readings}
        ledger, lots = self.closed.ledger, self.closed.lots
        if len(ledger):
            begins = ledger["period"].map(lambda period: first[_path(period, _PLACED["ledger"])])
            ledger = ledger.assign(source=ledger["source"] + begins.astype("int64"))
        if len(lots):
            newest = self.closed.periods["period"].iloc[-1]
            lots = lots.assign(source=lots["source"] + first[_path(newest, _PLACED["lots"])])
        return replace(self.closed, ledger=ledger, lots=lots)


def _rate_otherwise(one: RateChanged, newest: str) -> str:
    """What certledger.toml says of a rate otherwise than `newest` was closed with, and what to do."""
    was = f"{dollars(one.then[1])}" if one.then else "no rate"
    now = f"{dollars(one.now[1])}" if one.now else "no rate"
    told = f"For {one.tier} certledger.toml says {now} on {one.day}, but {newest} was closed with {was}."
    if one.then and one.is_gone:
        since, cents = one.then
        return f'{told} Put this line back: [[rate]] tier = "{one.tier}", amount = {cents // 100}.{cents % 100:02}, since = {since}.'
    return f"{told} Take out the [[rate]] line of {one.tier} since {one.now[0] if one.now else one.day}."


def read(workspace: Path, store: StoreFolder | None = None) -> ClosedMonths:
    """The closed months of `workspace`, in the order of closing, as far as they are remembered in `store` from there.

    Raises `ClosedBooksError` for whatever is not as it was closed.
    """
    months = closed_chain.months(workspace)
    _must_be_recorded(workspace, months)
    if not months:
        return ClosedMonths()
    try:
        periods = CLOSED_PERIODS.frame(_about(turn, month) for turn, month in enumerate(months, start=1))
        remembered = ClosedStore(store or StoreFolder(None), [month.sums for month in months])
        tables = {name: remembered.table(file, partial(_table, _telling(name, months), file)) for name, file in _FILES.items()}
        files, sizes = remembered.table("files.csv", partial(_files, months)), remembered.table("sizes", partial(_sizes, months))
        remembered.drop_unused()
        newest = months[-1].facts
        kept, opened = newest.get("settings", {}), newest.get("recovery_openings")
        openings = None if opened is None else RECOVERY_OPENINGS.frame(opened)
        closed = Closed(periods=periods, files=files, recovery_openings=openings, **tables)
        return ClosedMonths(closed, _readings(months, sizes), kept.get("fiscal_year_starts"), _table(months[-1:], "rates.csv"), kept)
    except (ValueError, KeyError, TypeError, ContractError) as error:
        raise ClosedBooksError([f"data/ledger cannot be read: {error}"]) from None


def told(months: ClosedMonths) -> list[str]:
    """A line for each closed month: its lines, dollars, who closed it and when; that there is none."""
    ledger = months.closed.ledger.groupby("period")["amount_cents"].agg(["size", "sum"])
    lines = []
    names = ["period", "closed_by", "closed_on"]
    for period, by, on in months.closed.periods[names].itertuples(index=False, name=None):
        size, cents = (int(number) for number in ledger.loc[period]) if period in ledger.index else (0, 0)
        count = f"{size:,} line{'' if size == 1 else 's'}"
        lines.append(f"{period} is as it was closed by {by} as of {on:%Y-%m-%d}: {count}, {dollars(cents)}.")
    return lines or ["No month is closed."]


def latest_day(workspace: Path) -> tuple[str, dt.date] | None:
    """The closed month with the latest as-of day, and that day; None where nothing is closed. Raises
    `ClosedBooksError` where a file is not as it was closed."""
    days = [(month.facts["closed_on"], month.period) for month in closed_chain.folders(workspace)]
    if not days:
        return None
    on, period = max(days)
    return period, dt.date.fromisoformat(on)


def _must_be_recorded(workspace: Path, months: Sequence[Month]) -> None:
    """Raise `ClosedBooksError` where a recorded run knew another newest close than there is now."""
    sums = {month.period: month.sums for month in months}
    wrong = []
    for record, period, known in run_records.newest_closes(workspace):
        if sums.get(period) != known:
            folder = f"data/{LEDGER_FOLDER}/{period}"
            what = "was closed anew" if period in sums else "is missing"
            wrong.append(f"{folder} {what} since {record} recorded it. Put it back: git checkout -- {folder}")
    if wrong:
        raise ClosedBooksError(wrong[:1])


def _about(turn: int, month: Month) -> dict[str, Any]:
    facts = month.facts
    on = dt.date.fromisoformat(facts["closed_on"])
    return {"period": month.period, "turn": turn, "closed_on": on, "closed_by": facts["closed_by"], "sums": month.sums}


def _telling(name: str, months: Sequence[Month]) -> Sequence[Month]:
    """The months that tell a table of `Closed`: of lots the newest one tells all."""
    return months[-1:] if name == "lots" else months


def _table(months: Sequence[Month], file: str) -> pd.DataFrame:
    """The table of these months. A month of an older program that did not know the table yet has no rows of it."""
    return frozen.from_files(frozen.TABLES[file], [_columns(month, file) for month in months if file in month.files])


def _files(months: Sequence[Month]) -> pd.DataFrame:
    """CLOSED_FILES: of the list of files of each close what tells one file from another."""
    found = [pd.DataFrame({"period": []}, dtype="str")]
    for month in months:
        if "files.csv" in month.files:
            listed = _columns(month, "files.csv")
            kept = {name: frozen.texts(listed.column(name)) for name in CLOSED_FILES.names if name != "period"}
            found.append(pd.DataFrame(kept).assign(period=month.period))
    return CLOSED_FILES.check(pd.concat(found, ignore_index=True).astype("str"))


def _columns(month: Month, file: str) -> FrozenColumns:
    return frozen_columns.of_file(month.data(file), f"{month.period}/{file}")


def _sizes(months: Sequence[Month]) -> pd.DataFrame:
    """How many `rows` and `bytes` there are in each file of `_placed`."""
    files = [month.data(file) for month, file in _placed(months)]
    return pd.DataFrame({"rows": [data.count(b"\n") - 1 for data in files], "bytes": [len(data) for data in files]}, dtype="int64")


def _placed(months: Sequence[Month]) -> list[tuple[Month, str]]:
    """rows.csv of each month, and lots.csv of the newest: the rows that closed lines and lots rest on."""
    return [*((month, _PLACED["ledger"]) for month in months), (months[-1], _PLACED["lots"])]


def _readings(months: Sequence[Month], sizes: pd.DataFrame) -> tuple[Reading, ...]:
    """A reading of each file of `_placed`, which is as large as `sizes` says."""
    numbers = zip(sizes["rows"].tolist(), sizes["bytes"].tolist(), strict=True)
    return tuple(_reading(month, file, *size) for (month, file), size in zip(_placed(months), numbers, strict=True))


def _reading(month: Month, file: str, lines: int, size: int) -> Reading:
    rows = np.arange(frozen.FIRST_LINE, frozen.FIRST_LINE + lines, dtype="int64")
    return Reading(
        _path(month.period, file),
        "closed",
        month.stated[file],
        size,
        rows_read=len(rows),
        rows=rows,
        as_written=AsWritten(list(frozen.TABLES[file].names), "utf-8", ","),
    )


def _path(period: str, file: str) -> str:
    return f"{LEDGER_FOLDER}/{period}/{file}"
