"""What the first sheet of an invoice says beside the amounts: agency, account, who issues it and from what."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from typing import Any

import pandas as pd

from pipeline import __version__, calendar
from pipeline.contracts import CLOSED_FACES, DTYPES, Books
from pipeline.journal import FIELDS, account_fields
from pipeline.settings import Settings

_NUMBERED = ["invoice_no", "agency", "account_id", "period"]


def open_faces(books: Books, invoices: pd.DataFrame, settings: Settings, run_id: str, as_of: dt.date) -> pd.DataFrame:
    """One row of CLOSED_FACES for each of `invoices` (INVOICES), as the books tell it on `as_of`; nobody has closed them.

    Not checked, because drafts have no number yet.
    """
    starts = settings.organization.fiscal_year_starts
    organization = settings.organization
    spells = _spells(books.agencies)
    fields, _ = account_fields(invoices[["account_id", "period"]].drop_duplicates(ignore_index=True), books.accounts, starts)
    accounting = {(row["account_id"], row["period"]): row for row in fields.to_dict("records")}
    nobody = Counter(books.billed_orders.loc[books.billed_orders["agency"] == "", "period"])
    read = snapshot(books.inputs)
    rows = []
    for number, agency, account, period in invoices[_NUMBERED].itertuples(index=False, name=None):
        spell = _in_force(spells.get(agency, []), calendar.period_last_day(period, starts))
        rows.append(
            {
                "invoice_no": number,
                "agency": agency,
                "account_id": account,
                "period": period,
                "period_title": calendar.period_title(period, starts),
                "agency_name": spell.get("name") or agency,
                "secretariat": spell.get("secretariat", ""),
                "billing_contact": spell.get("billing_contact", ""),
                **{name: accounting[account, period][name] for name in FIELDS},
                "organization": organization.name,
                "service_owner": organization.service_owner,
                "sample": organization.sample,
                "run_id": run_id,
                "snapshot": read,
                "program": __version__,
                "closed_by": "",
                "closed_on": pd.Timestamp(as_of),
                "without_agency": nobody[period],
            }
        )
    return pd.DataFrame(rows, columns=CLOSED_FACES.names).astype({column.name: DTYPES[column.kind] for column in CLOSED_FACES.columns})


def snapshot(inputs: pd.DataFrame) -> str:
    """SHA-256, hexadecimal, of the list of the input files (INPUTS) as `sha256sum` writes it: a line a file, sorted by path below data/."""
    files = sorted(zip(inputs["file"].tolist(), inputs["sha256"].tolist(), strict=True))
    return hashlib.sha256("".join(f"{sha256}  data/{file}\n" for file, sha256 in files).encode("utf-8", "surrogatepass")).hexdigest()


def _spells(agencies: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The spells of each agency code, earliest first; an unknown first day counts as the earliest."""
    found: dict[str, list[dict[str, Any]]] = {}
    for spell in agencies.sort_values("valid_from", na_position="first", kind="stable").to_dict("records"):
        found.setdefault(spell["agency"], []).append({str(name): value for name, value in spell.items()})
    return found


def _in_force(spells: list[dict[str, Any]], day: dt.date) -> dict[str, Any]:
    """The spell that holds on `day`: the last that has begun, else the first; nothing for an unknown agency."""
    begun = [spell for spell in spells if pd.isna(spell["valid_from"]) or spell["valid_from"].date() <= day]
    return (begun or spells or [{}])[-1 if begun else 0]
