"""The register of a close: what each account is billed, against the month before, and in words why it is another amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import pandas as pd

from pipeline.contracts import CLOSE_REGISTER
from pipeline.money import signed_dollars

_KEY = ["agency", "account_id"]
_NOTHING_CHANGED = "the same"
_Line = tuple[str, int]  # what it is, and its cents


def register(ledger: pd.DataFrame, invoices: pd.DataFrame, period: str) -> pd.DataFrame:
    """CLOSE_REGISTER of the accounts on `invoices` (those of `period`, numbered), and of those that only the month before billed.

    `ledger` is LEDGER. The amounts in the words add up to the difference.
    """
    before = month_before(period)
    lines = ledger[ledger["period"].isin([period, before])]
    columns = [invoices[name] for name in (*_KEY, "invoice_no", "lines")]
    of_invoices = {(agency, account): (number, count) for agency, account, number, count in zip(*columns, strict=True)}
    accounts = zip(lines["billed_to"], lines["account_id"], strict=True)
    billed: defaultdict[tuple[str, str], tuple[list[_Line], list[_Line]]] = defaultdict(lambda: ([], []))  # the month before, and this one
    for account, month, what, cents in zip(accounts, lines["period"], _kinds(lines), lines["amount_cents"].tolist(), strict=True):
        billed[account][month == period].append((what, cents))
    rows = []
    for (agency, account_id), (then, now) in sorted(billed.items()):
        number, count = of_invoices[agency, account_id] if now else ("", 0)
        amount, was = _cents(now), _cents(then)
        rows.append(
            {
                "agency": agency,
                "account_id": account_id,
                "invoice_no": number,
                "lines": int(count),
                "amount_cents": amount,
                "before_cents": was,
                "difference_cents": amount - was,
                "why": _why(then, now),
            }
        )
    return CLOSE_REGISTER.frame(rows)


def month_before(period: str) -> str:
    """The month before `period`: of P13 and of P01 alike P12 of the year that ends."""
    year, number = int(period[2:6]), int(period[8:10])
    if number == 1:
        return f"FY{year - 1:04d}-P12"
    return f"FY{year:04d}-P{number - 1:02d}"


def _kinds(lines: pd.DataFrame) -> pd.Series[str]:
    """What each line is, as the register speaks of it; the last word that fits stands."""
    named = lines["tier"].where(lines["tier"] != "", "other") + " orders"
    named = named.mask(lines["amends"] != "", "upgrades")
    named = named.mask(lines["reverses"] != "", "credits")
    named = named.mask(lines["adjustment"] != "", "decisions")
    named = named.mask(lines["class"] == "late", "late items")
    return named.mask(lines["class"] == "correction", "corrections").astype("str")


def _why(then: Sequence[_Line], now: Sequence[_Line]) -> str:
    """`standard orders 3 instead of 2 (+$221.19); credits 1 (-$221.19)`: what bills another amount than before."""
    told = []
    for kind in sorted({what for what, _ in (*then, *now)}):
        was, is_now = ([(what, cents) for what, cents in one if what == kind and cents] for one in (then, now))
        moved = _cents(is_now) - _cents(was)
        if moved:
            count = f"{len(is_now)} instead of {len(was)}" if len(is_now) != len(was) else f"{len(is_now)}, of another amount"
            told.append(f"{kind} {count} ({signed_dollars(moved)})")
    return "; ".join(told) or _NOTHING_CHANGED


def _cents(lines: Sequence[_Line]) -> int:
    return sum(cents for _, cents in lines)
