"""Which request a ledger entry answers, so that an invoice line names the ticket it came from."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import LEDGER

# What a request must have asked for to be behind an entry of a kind; a reissue is a charge of $0.00.
_ASKS = {"new": "charge", "renew": "charge", "reissue": "charge", "revoke": "credit"}
_CAME_TO_NOTHING = ("cancelled", "rejected", "duplicate")


def name_requests(ledger: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    """`ledger` (LEDGER) with `request_id` filled where `requests` (REQUESTS) tell it; all else unchanged, the order of rows too.

    An entry answers the last request of its order that was received on or before the day of service and asked for that kind of
    entry. Requests that came to nothing are behind no entry. `entry_id` does not depend on this: a late ticket bills nothing anew.
    """
    usable = requests["kind"].isin(_ASKS) & ~requests["status"].isin(_CAME_TO_NOTHING) & (requests["order_id"] != "")
    found = requests[usable & requests["received_on"].notna()]
    asked = pd.DataFrame({
        "order_id": found["order_id"],
        "kind": found["kind"].map(_ASKS).astype("str"),
        "service_on": found["received_on"],
        "asked_by": found["request_id"],
    })  # fmt: skip
    lines = ledger[["order_id", "kind", "service_on"]].reset_index().sort_values("service_on", kind="stable")
    last = asked.sort_values(["service_on", "asked_by"])
    joined = pd.merge_asof(lines, last, on="service_on", by=["order_id", "kind"]).set_index("index")["asked_by"]
    return LEDGER.check(ledger.assign(request_id=joined.reindex(ledger.index).fillna("").astype("str")))
