"""The closed months of data/ledger, read back: every byte as it was closed, every link of the chain, or nothing at all.

Each close names the SHA-256 of its files and of the close before it (`SHA256SUMS`), and each recorded run the newest close of its day:
whoever changes a closed month has to rewrite all that came after it, and is still told by the records of runs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
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
from pipeline.sources import run_records
from pipeline.sources.as_written import AsWritten
from pipeline.sources.closed_store import ClosedStore
from pipeline.sources.readings import Reading
from pipeline.sources.store_folder import StoreFolder
from pipeline.sources.workspace import SettingsError

LEDGER_FOLDER = "ledger"
_PERIOD = re.compile(r"FY\d{4}-P\d{2}")
_SUM = re.compile(r"([0-9a-f]{64})  (?:\.\./(FY\d{4}-P\d{2})/SHA256SUMS|([\w.-]+))")
_PLACED = {"ledger": "rows.csv", "lots": "lots.csv"}
# Field of `Closed` -> file; those without a file are put together from the facts.
_FILES = {
    "ledger": "ledger.csv", "invoices": "invoices.csv", "lots": "lots.csv", "lines": "lines.csv", "rows": "rows.csv",
    "faces": "faces.csv", "orders": "orders.csv", "workbooks": "workbooks.csv", "measures": "measures.csv",
}  # fmt: skip
_ALWAYS = ("ledger.csv", "invoices.csv", "lots.csv", "lines.csv", "rows.csv", frozen.FACTS)


class ClosedBooksError(Exception):
    """A closed month is not as it was closed, or the chain of closes is broken; the text says what, and how it is put back."""

    def __init__(self, wrong: Sequence[str]) -> None:
        super().__init__("\n".join([*wrong, "A closed month never changes: the page Closing a month says more. Nothing was published."]))


@dataclass(frozen=True, slots=True)
class _Month:
    """A folder of data/ledger: its files, the sums that it states, the SHA-256 of that list, and the close before, '' for the first."""

    period: str
    files: Mapping[str, bytes]
    stated: Mapping[str, str]
    sums: str
    before: str
    before_sums: str

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.files[frozen.FACTS])
        return found


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
    months = _chain(_months(workspace))
    _must_be_recorded(workspace, months)
    if not months:
        return ClosedMonths()
    try:
        periods = CLOSED_PERIODS.frame(_about(turn, month) for turn, month in enumerate(months, start=1))
        tables = _tables(months, ClosedStore(store or StoreFolder(None), [month.sums for month in months]))
        newest = months[-1].facts
        kept, opened = newest.get("settings", {}), newest.get("recovery_openings")
        openings = None if opened is None else RECOVERY_OPENINGS.frame(opened)
        closed = Closed(periods=periods, files=_files(months), recovery_openings=openings, **tables)
        return ClosedMonths(closed, _readings(months), kept.get("fiscal_year_starts"), _table(months[-1:], "rates.csv"), kept)
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
    days = [(month.facts["closed_on"], month.period) for month in _months(workspace)]
    if not days:
        return None
    on, period = max(days)
    return period, dt.date.fromisoformat(on)


def _months(workspace: Path) -> list[_Month]:
    """Every folder of a close, in order of names, its files as its own list states them."""
    folder = workspace / "data" / LEDGER_FOLDER
    try:
        found = sorted(path for path in folder.iterdir() if _is_close(path)) if folder.is_dir() else []
        months = [_month(path) for path in found]
    except OSError as error:
        raise ClosedBooksError([f"data/{LEDGER_FOLDER} cannot be read: {error.strerror}. Give the run the right to read it."]) from error
    wrong = [sentence for month in months for sentence in _differences(month)]
    if wrong:
        raise ClosedBooksError(wrong)
    return months


def _is_close(path: Path) -> bool:
    """Whether this is a closed month, or pretends to be one; what a killed close left begins with a point and is none."""
    return not path.name.startswith(".") and (_PERIOD.fullmatch(path.name) is not None or (path / frozen.SUMS).exists())


def _month(path: Path) -> _Month:
    files: dict[str, bytes] = {}
    for one in sorted(path.iterdir()) if path.is_dir() and not path.is_symlink() else ():
        files[one.name] = one.read_bytes() if one.is_file() and not one.is_symlink() else b""
    listed = files.pop(frozen.SUMS, b"")
    stated: dict[str, str] = {}
    before, before_sums = "", ""
    for line in listed.decode("utf-8", "replace").splitlines():
        found = _SUM.fullmatch(line)
        if found and found[3]:
            stated[found[3]] = found[1]
        elif found:
            before_sums, before = found[1], found[2]
        else:
            stated[line] = "no sum"
    return _Month(path.name, files, stated, hashlib.sha256(listed).hexdigest() if listed else "", before, before_sums)


def _differences(month: _Month) -> Iterable[str]:
    """What of a closed month is not as its SHA256SUMS states."""
    folder = f"data/{LEDGER_FOLDER}/{month.period}"
    back = f"Put it back: git checkout -- {folder}"
    if not month.sums:
        yield f"{folder}/{frozen.SUMS} is missing or empty. {back}"
        return
    if _PERIOD.fullmatch(month.period) is None:
        yield f"{folder} is a copy of a closed month. Remove it: each month is closed once."
        return
    for name, stated in month.stated.items():
        if name not in month.files:
            yield f"{folder}/{name} is missing. {back}"
        elif hashlib.sha256(month.files[name]).hexdigest() != stated:
            yield f"{folder}/{name} is not as it was when {month.period} was closed. {back}"
    yield from (
        f"{folder}/{name} was not there when {month.period} was closed. Remove it." for name in month.files if name not in month.stated
    )
    yield from (f"{folder}/{name} is not in its {frozen.SUMS}. {back}" for name in _ALWAYS if name not in month.stated)
    if not list(_facts_missing(month)):
        return
    yield f"{folder}/{frozen.FACTS} does not tell of {month.period}. {back}"


def _facts_missing(month: _Month) -> Iterable[str]:
    """A word where close.json is no record of this month."""
    try:
        facts = month.facts
        if facts["period"] != month.period or not facts["closed_by"] or not dt.date.fromisoformat(facts["closed_on"]):
            yield "period"
    except (ValueError, KeyError, TypeError):
        yield "all"


def _chain(months: Sequence[_Month]) -> list[_Month]:
    """The months in the order of closing, by their links. Raises `ClosedBooksError` unless they are one chain."""
    follows: dict[str, list[_Month]] = {}
    for month in months:
        follows.setdefault(month.before, []).append(month)
    of_period = {month.period: month for month in months}
    wrong = []
    for before, after in follows.items():
        names = " and ".join(month.period for month in after)
        if len(after) > 1:
            wrong.append(
                f"{names} each say that they were closed {f'after {before}' if before else 'first'}: one of them does not belong here."
            )
        if before and before not in of_period:
            wrong.append(
                f"data/{LEDGER_FOLDER}/{before} is missing, which {names} follows. Put it back: git checkout -- data/ledger/{before}"
            )
        elif before and any(month.before_sums != of_period[before].sums for month in after):
            listed = f"data/{LEDGER_FOLDER}/{before}/{frozen.SUMS}"
            wrong.append(f"{listed} is not the one that {names} was closed after. Put it back: git checkout -- data/ledger/{before}")
    if wrong:
        raise ClosedBooksError(wrong)
    ordered: list[_Month] = []
    last = ""
    while last in follows and len(ordered) < len(months):
        (month,) = follows[last]
        ordered.append(month)
        last = month.period
    if len(ordered) < len(months):
        lost = ", ".join(month.period for month in months if month not in ordered)
        raise ClosedBooksError([f"{lost} in data/{LEDGER_FOLDER} follow no first close: the chain is broken."])
    return ordered


def _must_be_recorded(workspace: Path, months: Sequence[_Month]) -> None:
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


def _about(turn: int, month: _Month) -> dict[str, Any]:
    facts = month.facts
    on = dt.date.fromisoformat(facts["closed_on"])
    return {"period": month.period, "turn": turn, "closed_on": on, "closed_by": facts["closed_by"], "sums": month.sums}


def _tables(months: Sequence[_Month], remembered: ClosedStore) -> dict[str, pd.DataFrame]:
    """The tables of the months by their field of `Closed`; of the lots those of the newest month."""
    tables = {
        name: remembered.table(file, partial(_table, months[-1:] if name == "lots" else months, file)) for name, file in _FILES.items()
    }
    remembered.drop_unused()
    return tables


def _table(months: Sequence[_Month], file: str) -> pd.DataFrame:
    """The table of these months. A month of an older program that did not know the table yet has no rows of it."""
    return frozen.from_files(frozen.TABLES[file], [_columns(month, file) for month in months if file in month.files])


def _files(months: Sequence[_Month]) -> pd.DataFrame:
    """CLOSED_FILES: of the list of files of each close what tells one file from another."""
    found = [pd.DataFrame({"period": []}, dtype="str")]
    for month in months:
        if "files.csv" in month.files:
            listed = _columns(month, "files.csv")
            kept = {name: frozen.texts(listed.column(name)) for name in CLOSED_FILES.names if name != "period"}
            found.append(pd.DataFrame(kept).assign(period=month.period))
    return CLOSED_FILES.check(pd.concat(found, ignore_index=True).astype("str"))


def _columns(month: _Month, file: str) -> FrozenColumns:
    return frozen_columns.of_file(month.files[file], f"{month.period}/{file}")


def _readings(months: Sequence[_Month]) -> tuple[Reading, ...]:
    """A reading of rows.csv of each month, and of lots.csv of the newest: the rows that closed lines and lots rest on."""
    files = [*((month, _PLACED["ledger"]) for month in months), (months[-1], _PLACED["lots"])]
    return tuple(_reading(month, file) for month, file in files)


def _reading(month: _Month, file: str) -> Reading:
    data = month.files[file]
    rows = np.arange(frozen.FIRST_LINE, data.count(b"\n") + 1, dtype="int64")
    return Reading(
        _path(month.period, file),
        "closed",
        month.stated[file],
        len(data),
        rows_read=len(rows),
        rows=rows,
        as_written=AsWritten(list(frozen.TABLES[file].names), "utf-8", ","),
    )


def _path(period: str, file: str) -> str:
    return f"{LEDGER_FOLDER}/{period}/{file}"
