"""Invoices: what each account owes for a month."""

from __future__ import annotations

import pandas as pd

from pipeline import line_order
from pipeline.contracts import INVOICES

_NONE = INVOICES.empty()
_KEY = ["period", "billed_to", "account_id"]


def invoices(ledger: pd.DataFrame, closed: pd.DataFrame = _NONE) -> pd.DataFrame:
    """One invoice (INVOICES) for each agency, account and month of `ledger` (LEDGER), sorted by month, agency, account.

    Amounts are int64 USD cents and sums of the rounded lines; free reissues count as lines. Those of the `closed` months (INVOICES) are
    as they were closed. The rest are drafts: without number and due day, which are given at the close.
    """
    grouped = ledger[~ledger["period"].isin(closed["period"])].groupby(_KEY, sort=True)["amount_cents"]
    frame = grouped.agg(lines="size", amount_cents="sum").reset_index().rename(columns={"billed_to": "agency"})
    frame["workbook"] = pd.Series(_workbooks(frame), index=frame.index, dtype="str")
    frame["status"] = pd.Series("draft", index=frame.index, dtype="str")
    frame["invoice_no"] = pd.Series("", index=frame.index, dtype="str")
    frame["due_on"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us]")
    drafts = frame.astype({"lines": "int64", "amount_cents": "int64"})[INVOICES.names]
    return INVOICES.check(pd.concat([closed, drafts]).sort_values(["period", "agency", "account_id"], kind="stable"))


def in_invoice_order(ledger: pd.DataFrame) -> pd.DataFrame:
    """`ledger` (LEDGER, more columns allowed) as its invoices list it, numbered anew from 0.

    By agency billed, account and month, then day of service, order and kind, so that a reissue stands before the upgrade that it brings.
    """
    ranked = ledger.assign(_rank=ledger["kind"].map(line_order.KINDS))
    keys = ["billed_to", "account_id", "period", "service_on", "order_id", "_rank", "entry_id"]
    return ranked.sort_values(keys, kind="stable", ignore_index=True).drop(columns="_rank")


def _workbooks(frame: pd.DataFrame) -> list[str]:
    """Paths `invoices/PERIOD/AGENCY.xlsx`; a second account of an agency in a month gets `AGENCY-2.xlsx`, or the next name that is free."""
    first = {f"invoices/{period}/{agency}.xlsx" for period, agency in zip(frame["period"], frame["agency"], strict=True)}
    taken: set[str] = set()
    paths = []
    for period, agency in zip(frame["period"], frame["agency"], strict=True):
        path, number = f"invoices/{period}/{agency}.xlsx", 1
        while path in taken or (number > 1 and path in first):
            number += 1
            path = f"invoices/{period}/{agency}-{number}.xlsx"
        taken.add(path)
        paths.append(path)
    return paths


def cents_by_file(ledger: pd.DataFrame, places: pd.DataFrame) -> dict[str, int]:
    """What is charged, less credits, for the rows of each file, in cents (LEDGER, PLACES)."""
    files = places[["source", "file"]].merge(ledger[["source", "amount_cents"]], on="source")
    return {str(file): int(cents) for file, cents in files.groupby("file")["amount_cents"].sum().items()}
