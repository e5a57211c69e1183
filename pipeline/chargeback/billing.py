"""Who pays an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.agencies import successors

_EPOCH = dt.date(1970, 1, 1).toordinal()


def billed(frame: pd.DataFrame, agencies: pd.DataFrame, starts: int) -> pd.DataFrame:
    """`frame` with who pays: the successor in force on the last day of the posting period, and the account it has on that day.

    `frame` has the text columns `agency` and `period`; `billed_to` and `account_id` (text) are added.
    """
    of_agency, codes = pd.factorize(frame["agency"])
    of_period, periods = pd.factorize(frame["period"])
    # Each pair of agency and period is looked up once.
    pairs, pair_of_row = np.unique(of_agency * max(len(periods), 1) + of_period, return_inverse=True)
    agency_of_pair, period_of_pair = np.divmod(pairs, max(len(periods), 1))
    ends = [calendar.period_last_day(period, starts) for period in periods]
    last_days = [ends[number] for number in period_of_pair]
    billed_to = successors(pd.Series(codes[agency_of_pair], dtype="str"), days(last_days), agencies)
    spells = _accounts(agencies)
    accounts = [_account_on(spells.get(code, []), day) for code, day in zip(billed_to, last_days, strict=True)]
    found = {"billed_to": billed_to, "account_id": pd.Series(accounts, dtype="str")}
    return frame.assign(**{name: pd.Series(column.array.take(pair_of_row), index=frame.index) for name, column in found.items()})


def days(values: Sequence[dt.date]) -> pd.Series[Any]:
    """Days as a column (datetime64[us], no zone)."""
    since_1970 = np.fromiter((day.toordinal() for day in values), dtype="int64", count=len(values)) - _EPOCH
    return pd.Series(since_1970.astype("datetime64[D]").astype("datetime64[us]"))


def _accounts(agencies: pd.DataFrame) -> dict[str, list[tuple[dt.date, str]]]:
    """Per agency code the first day of each spell and its account, ascending."""
    begun = [dt.date.min if pd.isna(day) else day.date() for day in agencies["valid_from"]]
    accounts: dict[str, list[tuple[dt.date, str]]] = {}
    for code, since, account in sorted(zip(agencies["agency"], begun, agencies["account_id"], strict=True)):
        accounts.setdefault(code, []).append((since, account))
    return accounts


def _account_on(spells: Sequence[tuple[dt.date, str]], day: dt.date) -> str:
    """The account of the last spell begun by `day`, else of the first; '' without any."""
    begun = [account for since, account in spells if since <= day]
    return begun[-1] if begun else next((account for _, account in spells), "")
