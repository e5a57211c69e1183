"""The journal: every entry of the ledger as a debit and a credit in the fields of the state's accounting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from pipeline import calendar
from pipeline.contracts import JOURNAL, Stage
from pipeline.findings import Finding
from pipeline.settings import Settings

FIELDS = ("fund", "sub_fund", "department", "unit", "appropriation", "object")
_OF_YEAR = ["agency", "fiscal_year", "document"]
_NO_FIELDS: Mapping[str, str] = dict.fromkeys(FIELDS, "")


def journal(ledger: pd.DataFrame, accounts: pd.DataFrame, encumbrances: pd.DataFrame, settings: Settings) -> Stage:
    """JOURNAL of `ledger` (LEDGER): two lines for each entry that bills something, in posting order, and what ACCOUNTS lacks for them.

    A charge debits the account of the agency and credits the office's own (`[charges] revenue_account`); what is taken off does the
    reverse, so no amount is negative and debits equal credits entry by entry. The fields are those that hold on the last day of the
    posting period. Entries of $0.00 and memos bill nothing and are not in it. `encumbrance` is the document of the agency's estimate
    for the year (ENCUMBRANCES). Without accounts.csv the fields are empty, and that is no finding.
    """
    starts, own = settings.organization.fiscal_year_starts, settings.charges.revenue_account
    billing = ledger[ledger["amount_cents"] != 0].sort_values(["period", "service_on", "entry_id"], kind="stable", ignore_index=True)
    if billing.empty:
        return Stage(JOURNAL.empty())
    # Sorted stably, the office's side of each entry comes right behind the agency's.
    sides = [billing, billing.assign(account_id=own, amount_cents=-billing["amount_cents"])]
    lines = pd.concat(sides).reset_index(names="entry").sort_values("entry", kind="stable")
    fields, lacking = account_fields(lines[["account_id", "period"]].drop_duplicates(), accounts, starts)
    lines = lines.merge(fields, on=["account_id", "period"], how="left", validate="many_to_one")
    year, draft = lines["period"].str.slice(2, 6).astype("int64"), "DRAFT-" + lines["period"] + "-" + lines["billed_to"]
    documents = {(agency, year): document for agency, year, document in encumbrances[_OF_YEAR].itertuples(index=False)}
    table = lines.assign(
        fiscal_year=year,
        line=lines.groupby(year).cumcount() + 1,
        document_id=lines["invoice_no"].where(lines["invoice_no"] != "", draft),
        posted_on=lines["service_on"],
        agency=lines["billed_to"],
        encumbrance=pd.Series([documents.get(key, "") for key in zip(lines["billed_to"], year, strict=True)], dtype="str"),
        debit_cents=lines["amount_cents"].clip(lower=0),
        credit_cents=-lines["amount_cents"].clip(upper=0),
    )
    return Stage(JOURNAL.check(table), tuple(_lacking(lacking, own)) if len(accounts) else ())


def account_fields(pairs: pd.DataFrame, accounts: pd.DataFrame, starts: int) -> tuple[pd.DataFrame, dict[str, dt.date]]:
    """`pairs` (`account_id`, `period`, text) with the `FIELDS` that hold on the last day of the period, "" where no line of ACCOUNTS holds
    then; and the accounts without one, each with the first such day."""
    spells = _spells(accounts)
    lacking: dict[str, dt.date] = {}
    found = []
    for account, period in pairs.sort_values("period", kind="stable").itertuples(index=False):
        last_day = calendar.period_last_day(period, starts)
        fields = _on(spells.get(account, ()), last_day)
        if fields is None:
            lacking.setdefault(account, last_day)
        found.append({"account_id": account, "period": period} | dict(fields or _NO_FIELDS))
    return pd.DataFrame(found).astype("str"), lacking


def _spells(accounts: pd.DataFrame) -> dict[str, list[tuple[dt.date, dt.date, Mapping[str, str]]]]:
    """Per account its spells, ascending: first day, last day, fields."""
    spells: dict[str, list[tuple[dt.date, dt.date, Mapping[str, str]]]] = {}
    for row in accounts.sort_values("valid_from", kind="stable").to_dict("records"):
        ends = dt.date.max if pd.isna(row["valid_to"]) else row["valid_to"].date()
        spell = (row["valid_from"].date(), ends, {name: row[name] for name in FIELDS})
        spells.setdefault(row["account_id"], []).append(spell)
    return spells


def _on(spells: Sequence[tuple[dt.date, dt.date, Mapping[str, str]]], day: dt.date) -> Mapping[str, str] | None:
    """The fields of the spell that began last by `day`; None where there is none, or it has ended."""
    begun = [(ends, fields) for begins, ends, fields in spells if begins <= day]
    return begun[-1][1] if begun and begun[-1][0] >= day else None


def _lacking(accounts: Mapping[str, dt.date], own: str) -> Iterator[Finding]:
    file = "entries/accounts.csv"
    for account, day in sorted(accounts.items()):
        if account:
            reason = f"No line of account {account} holds on {day}, so its lines of the journal have no fund, department or object."
        elif account == own:
            reason = "The office's own account is not named, so its lines of the journal have none; set revenue_account in [charges]."
        else:
            continue  # an agency without an account is told of where it is billed
        yield Finding("account-unknown", reason, value=account, column="account_id", file=file)
