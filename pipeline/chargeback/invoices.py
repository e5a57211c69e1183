"""Invoices: what each account owes for a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from pipeline import line_order
from pipeline.contracts import INVOICES

_NONE = INVOICES.empty()
_Key = tuple[str, str, str]  # month, agency billed, account


def invoices(ledger: pd.DataFrame, closed: pd.DataFrame = _NONE) -> pd.DataFrame:
    """One invoice (INVOICES) for each agency, account and month of `ledger` (LEDGER), sorted by month, agency, account.

    Amounts are int64 USD cents and sums of the rounded lines; free reissues count as lines. Those of the `closed` months (INVOICES) are
    as they were closed. The rest are drafts: without number and due day, which are given at the close.
    """
    lines, cents = Counter[_Key](), Counter[_Key]()
    settled = set(closed["period"])
    for key, amount in zip(_keys(ledger), ledger["amount_cents"].tolist(), strict=True):
        if key[0] not in settled:
            lines[key] += 1
            cents[key] += amount
    found = sorted(lines)
    drafts = INVOICES.frame(
        {
            **dict(zip(("period", "agency", "account_id"), key, strict=True)),
            "lines": lines[key],
            "amount_cents": cents[key],
            "workbook": path,
            "status": "draft",
        }
        for key, path in zip(found, _workbooks(found), strict=True)
    )
    if closed.empty:
        return drafts
    return INVOICES.check(pd.concat([closed, drafts]).sort_values(["period", "agency", "account_id"], kind="stable"))


def _keys(ledger: pd.DataFrame) -> Iterator[_Key]:
    return zip(*(ledger[name].tolist() for name in ("period", "billed_to", "account_id")), strict=True)


def in_invoice_order(ledger: pd.DataFrame) -> pd.DataFrame:
    """`ledger` (LEDGER, more columns allowed) as its invoices list it, numbered anew from 0.

    By agency billed, account and month, then day of service, order and kind, so that a reissue stands before the upgrade that it brings.
    """
    ranked = ledger.assign(_rank=ledger["kind"].map(line_order.KINDS))
    keys = ["billed_to", "account_id", "period", "service_on", "order_id", "_rank", "entry_id"]
    return ranked.sort_values(keys, kind="stable", ignore_index=True).drop(columns="_rank")


def _workbooks(invoiced: Sequence[_Key]) -> list[str]:
    """Paths `invoices/PERIOD/AGENCY.xlsx`; a second account of an agency in a month gets `AGENCY-2.xlsx`, or the next name that is free."""
    first = {f"invoices/{period}/{agency}.xlsx" for period, agency, _ in invoiced}
    taken: set[str] = set()
    paths = []
    for period, agency, _ in invoiced:
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
