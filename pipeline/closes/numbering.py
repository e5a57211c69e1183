"""The invoices of a close: each gets its number, its due day and its state, and each ledger line the number of its invoice."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pandas as pd

from pipeline.contracts import INVOICES, LEDGER
from pipeline.settings import Settings


def numbered(invoices: pd.DataFrame, period: str, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """The invoices of `period` among `invoices` (INVOICES), closed: `CRT-<period>-<agency>-001`, due `payment_days` after `as_of`.

    `-002` only for a second account of the agency, in the order of account ids. Numbers depend on period, agencies and accounts alone,
    and have no gaps.
    """
    of_period = invoices[invoices["period"] == period].sort_values(["agency", "account_id"], kind="stable", ignore_index=True)
    seen: Counter[str] = Counter()
    numbers = []
    for agency in of_period["agency"]:
        seen[agency] += 1
        numbers.append(f"{settings.charges.invoice_prefix}-{period}-{agency}-{seen[agency]:03d}")
    due_on = pd.Timestamp(as_of + dt.timedelta(days=settings.charges.payment_days))
    of_period["invoice_no"] = pd.Series(numbers, dtype="str")
    of_period["status"] = pd.Series("closed", index=of_period.index, dtype="str")
    of_period["due_on"] = pd.Series(due_on, index=of_period.index, dtype="datetime64[us]")
    return INVOICES.check(of_period)


def on_invoices(ledger: pd.DataFrame, invoices: pd.DataFrame) -> pd.DataFrame:
    """The lines of `ledger` (LEDGER) that stand on `invoices`, with their numbers; in the order of the ledger."""
    keys = invoices[["agency", "account_id", "period", "invoice_no"]].rename(columns={"agency": "billed_to"})
    return LEDGER.check(ledger.drop(columns="invoice_no").merge(keys, on=["billed_to", "account_id", "period"], how="inner"))
