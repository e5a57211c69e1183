"""Products of closed months that mean another tier today: settings that bill closed lines anew, told with their dollars."""

from __future__ import annotations

import json
from typing import NamedTuple

import pandas as pd

from pipeline.contracts import Closed
from pipeline.findings import Finding, quoted
from pipeline.money import dollars


class Moved(NamedTuple):
    """A closed line that is billed anew in another tier: what both bill in USD cents, and the row of today."""

    product: str
    was: str
    now: str
    was_cents: int
    now_cents: int
    source: int


def remapped(posted: pd.DataFrame, closed: Closed, export_rows: pd.DataFrame) -> tuple[Finding, ...]:
    """`product-means-another-tier` for each product whose closed lines `posted` (LEDGER, from `post`) bills anew in another tier though
    their row names the product that it named at the close.

    So it is not the row that reads otherwise, but `[tiers]` or an alias. `export_rows` (EXPORT_ROWS) tells the product of today, the frozen
    copy of the row that of the close.
    """
    of_product: dict[tuple[str, str, str], list[Moved]] = {}
    for one in _moved(posted, closed, export_rows):
        of_product.setdefault((one.product, one.was, one.now), []).append(one)
    return tuple(_told(moved) for _, moved in sorted(of_product.items()))


def _moved(posted: pd.DataFrame, closed: Closed, export_rows: pd.DataFrame) -> list[Moved]:
    anew = posted[(posted["rebills"] != "") & ~posted["entry_id"].isin(closed.ledger["entry_id"])]
    names = ["tier", "amount_cents"]
    both = anew.merge(closed.ledger[["entry_id", *names]], left_on="rebills", right_on="entry_id", suffixes=("", "_then"))
    both = both[(both["tier"] != both["tier_then"]) & (both["tier"] != "") & (both["tier_then"] != "")]
    product_of = dict(zip(export_rows["source"], export_rows["product"], strict=True))
    cells_of = dict(zip(closed.rows["entry_id"], closed.rows["cells"], strict=True))
    found = []
    columns = ["rebills", "source", "tier_then", "tier", "amount_cents_then", "amount_cents"]
    for closed_entry, source, was, now, was_cents, now_cents in both[columns].itertuples(index=False, name=None):
        product = product_of.get(source, "")
        then = {_folded(cell) for cell in json.loads(cells_of.get(closed_entry, "[]"))}
        if product and _folded(product) in then:
            found.append(Moved(product, was, now, int(was_cents), int(now_cents), int(source)))
    return found


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _told(moved: list[Moved]) -> Finding:
    product, was, now, *_ = moved[0]
    then, today = dollars(sum(one.was_cents for one in moved)), dollars(sum(one.now_cents for one in moved))
    lines = "1 closed line" if len(moved) == 1 else f"{len(moved):,} closed lines"
    reason = (
        f"{quoted(product)} means tier {now} today and meant {was} when its months were closed, so {lines} of "
        f"{then} would be billed anew with {today}. The rows read as they did then: [tiers] of certledger.toml or "
        "data/entries/aliases.csv changed."
    )
    return Finding("product-means-another-tier", reason, value=product, column="product", source=min(one.source for one in moved))
