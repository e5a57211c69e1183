"""To whom the invoices of the month that was closed last are sent."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from pipeline.contracts import RECIPIENTS, Closed, Stage
from pipeline.findings import Finding
from pipeline.mail_addresses import is_address

_FILE = "reference/agencies.csv"


def recipients(closed: Closed, agencies: pd.DataFrame, as_of: dt.date) -> Stage:
    """RECIPIENTS, by number, and a finding for each agency without a billing contact that is one address.

    The contact is that of the agency's spell in AGENCIES on the as-of day, for people come and go after a close; where there is none,
    the one that was known then.
    """
    if closed.periods.empty:
        return Stage(RECIPIENTS.empty())
    newest = closed.periods["period"].iloc[-1]
    begun = agencies[agencies["valid_from"].isna() | (agencies["valid_from"] <= pd.Timestamp(as_of))]
    ordered = begun.sort_values("valid_from", na_position="first")
    now = dict(zip(ordered["agency"], ordered["billing_contact"], strict=True))
    faces = closed.faces[closed.faces["period"] == newest].sort_values("invoice_no")
    rows, findings = [], []
    for number, agency, then in faces[["invoice_no", "agency", "billing_contact"]].itertuples(index=False):
        address = next((one for one in (now.get(agency, ""), then) if is_address(one)), "")
        rows.append({"invoice_no": number, "address": address})
        if not address:
            reason = f"Invoice {number} of {agency} has no draft of a message: no billing contact of the agency is one e-mail address."
            findings.append(Finding("no-billing-contact", reason, value=agency, column="billing_contact", file=_FILE))
    return Stage(RECIPIENTS.frame(rows), tuple(findings))
