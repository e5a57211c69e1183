"""The ledger: every order's entries as one table, posted to periods, agencies and accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline import calendar
from pipeline.agencies import successors
from pipeline.chargeback import waiting
from pipeline.chargeback.orders import Issue, issues, not_counted, orders
from pipeline.chargeback.terms import Entry, Rules, entries, terms
from pipeline.contracts import DTYPES, LEDGER
from pipeline.findings import Finding
from pipeline.rates import rate_card
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Charged:
    """The ledger (`table`, LEDGER), what is charged to nobody until somebody answers (`waiting`, WAITING), and the findings."""

    table: pd.DataFrame
    waiting: pd.DataFrame
    findings: tuple[Finding, ...]


def ledger(certificates: pd.DataFrame, export_rows: pd.DataFrame, agencies: pd.DataFrame, settings: Settings, as_of: dt.date) -> Charged:
    """Charge the orders of the billing exports up to `as_of` (DESIGN §6, "Charges"): LEDGER in posting order, and what waits.

    `certificates` is CERTIFICATES, `export_rows` the EXPORT_ROWS they came from, `agencies` AGENCIES. Amounts are int64 USD cents;
    `lot_id` and `unit_cost_cents` are left to `lots.draw`. All months are drafts: a charge is posted to the month of its service day,
    a credit to the month of the last revocation, which is its `service_on`. A term that began before `begin` was paid in the old
    books: nothing is charged for it, and its later certificates are free reissues. Raises `ContractError` where `certificates` and
    `export_rows` do not belong together.
    """
    rules = _rules(settings, as_of)
    findings = not_counted(certificates, as_of)
    posted: list[Entry] = []
    waits: list[waiting.Waits] = []
    unpriced: list[Issue] = []
    known = issues(certificates, export_rows, rules.card, as_of)
    for order in orders(known):
        found, unbilled = terms(order, rules)
        for term in found:
            of_term = entries(order, term, rules)
            posted.extend(of_term.entries)
            findings.extend(of_term.findings)
            unpriced.extend(of_term.unpriced)
        without_rate = [issue for issue in unbilled if issue.tier and issue.rate is None]
        findings.extend(map(_no_rate, without_rate))
        unpriced.extend(without_rate)
        waits.extend(waiting.of_order(order, rules))
    asked = waiting.questions(known, waits, unpriced)
    findings.extend(waiting.findings(asked))
    return Charged(_table(posted, agencies, settings), waiting.table(asked), tuple(findings))


def _rules(settings: Settings, as_of: dt.date) -> Rules:
    charges = settings.charges
    begin = charges.begin or _default_begin(settings)
    starts = settings.organization.fiscal_year_starts
    return Rules(rate_card(settings), begin, charges.term_days, charges.refund_days, as_of, starts)


def _default_begin(settings: Settings) -> dt.date:
    """The first day of the first fiscal year with a rate; without any rate every certificate is asked for one."""
    if not settings.rate:
        return dt.date.min
    starts = settings.organization.fiscal_year_starts
    fiscal_year, _ = calendar.period_of(min(rate.since for rate in settings.rate), starts).split("-")
    return calendar.period_first_day(f"{fiscal_year}-P01", starts)


def _no_rate(issue: Issue) -> Finding:
    order = f"order {issue.order_id}" if issue.order_id else "certificate"
    reason = f"No rate for {issue.tier} is in force on {issue.day}, so the {order} is not charged."
    return Finding("no-rate", reason, value=issue.tier, column="tier", source=issue.source)


def _table(posted: Sequence[Entry], agencies: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    starts = settings.organization.fiscal_year_starts
    service_on = _days([entry.service_on for entry in posted])
    rated_on = _days([entry.rated_on for entry in posted])
    columns: dict[str, Any] = {
        "entry_id": _text([entry.entry_id for entry in posted]),
        "period": calendar.periods(service_on, starts),
        "service_on": service_on,
        "agency": _text([entry.agency for entry in posted]),
        "order_id": _text([entry.about.order_id for entry in posted]),
        "certificate": _text([entry.about.certificate for entry in posted]),
        "kind": _text([entry.kind for entry in posted]),
        "tier": _text([entry.tier for entry in posted]),
        "rate_fiscal_year": calendar.fiscal_year(rated_on, starts).astype("Int64"),
        "rate_cents": pd.Series([entry.rate for entry in posted], dtype=DTYPES["cents?"]),
        "amount_cents": pd.Series([entry.amount for entry in posted], dtype=DTYPES["cents"]),
        "reverses": _text([entry.reverses for entry in posted]),
        "source": pd.Series([entry.about.source for entry in posted], dtype=DTYPES["whole"]),
        "reason": _text([entry.reason for entry in posted]),
        "common_name": _text([entry.about.common_name for entry in posted]),
        "amends": _text([entry.amends for entry in posted]),
        "unit_cost_cents": pd.Series(pd.NA, index=range(len(posted)), dtype=DTYPES["cents?"]),
    }
    columns |= {name: _text([""] * len(posted)) for name in ("request_id", "class", "lot_id", "invoice_no")}
    frame = _billed(pd.DataFrame(columns), agencies, starts)
    return LEDGER.check(frame.sort_values(["period", "service_on", "entry_id"], kind="stable"))


def _billed(frame: pd.DataFrame, agencies: pd.DataFrame, starts: int) -> pd.DataFrame:
    """`frame` with who pays: the successor in force on the last day of the posting period, and the account it has on that day."""
    pairs = frame[["agency", "period"]].drop_duplicates(ignore_index=True)
    last_days = [calendar.period_last_day(period, starts) for period in pairs["period"]]
    pairs["billed_to"] = successors(pairs["agency"], _days(last_days), agencies)
    spells = _accounts(agencies)
    accounts = [_account_on(spells.get(code, []), day) for code, day in zip(pairs["billed_to"], last_days, strict=True)]
    pairs["account_id"] = _text(accounts)
    return frame.merge(pairs, on=["agency", "period"], how="left", validate="many_to_one")


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


def _text(values: Sequence[str]) -> pd.Series[Any]:
    return pd.Series(values, dtype="str")


def _days(days: Sequence[dt.date]) -> pd.Series[Any]:
    return pd.Series(np.array(days, dtype="datetime64[D]").astype("datetime64[us]"))
