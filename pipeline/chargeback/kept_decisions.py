"""Decisions that closed months posted and nobody has on file any more: they go on as they were posted, bounded by what stands."""

from __future__ import annotations

import pandas as pd

from pipeline.among import among
from pipeline.contracts import ADJUSTMENTS, Closed


def kept_decisions(closed: Closed, adjustments: pd.DataFrame) -> pd.DataFrame:
    """ADJUSTMENTS of the decisions of `closed` months that stand and that `adjustments` (ADJUSTMENTS) lacks, each with the place of its
    closed line.

    A closed line whose source has vanished stands (DESIGN §6, "Close"); but what it takes off may have gone to another agency, become
    cheaper or been given back since, and then it would leave somebody with a negative amount that nothing explains.
    """
    ledger = closed.ledger
    stands = (ledger["takes_back"] == "") & ~among(ledger["entry_id"], ledger["takes_back"])
    gone = ledger[stands & (ledger["adjustment"] != "") & ~ledger["adjustment"].isin(adjustments["id"])]
    about_entry = gone["adjusts"] != ""
    cents = gone["memo_cents"].where(gone["decision"] == "memo", gone["amount_cents"]).abs()
    return ADJUSTMENTS.check(
        pd.DataFrame(
            {
                "id": gone["adjustment"],
                "agency": gone["agency"],
                "order_id": gone["order_id"].where(~about_entry, ""),
                "ledger_entry": gone["adjusts"],
                "kind": gone["decision"],
                "amount_cents": cents.astype("int64"),
                **{name: gone[name] for name in ("reason", "approved_by", "approved_on", "document")},
                "source": gone["source"].astype("Int64"),
            }
        )[ADJUSTMENTS.names].reset_index(drop=True)
    )
