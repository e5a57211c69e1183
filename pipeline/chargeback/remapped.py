"""Words of closed rows that mean another agency or tier today: lists and settings that bill closed lines anew, told with their dollars."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from pipeline.among import among
from pipeline.contracts import Closed
from pipeline.findings import Finding, quoted
from pipeline.money import dollars


class Word(NamedTuple):
    """A word of an export row: the column of EXPORT_ROWS it stands in, what of LEDGER it decides, the finding, and where that is said."""

    column: str
    decides: str
    code: str
    said_in: str


_WORDS = (
    Word("agency_text", "agency", "agency-code-means-another", "data/reference/agencies.csv or data/entries/aliases.csv"),
    Word("product", "tier", "product-means-another-tier", "[tiers] of certledger.toml or data/entries/aliases.csv"),
)


class Moved(NamedTuple):
    """A closed line that is billed anew as something else: what both bill in USD cents, and the row of today."""

    text: str
    was: str
    now: str
    was_cents: int
    now_cents: int
    source: int


def remapped(posted: pd.DataFrame, closed: Closed, export_rows: pd.DataFrame) -> tuple[Finding, ...]:
    """`agency-code-means-another` and `product-means-another-tier`: for each agency and product as written whose closed lines `posted`
    (LEDGER, from `post`) bills anew under another code or tier, though their row reads as it did at the close.

    So it is not the row that reads otherwise, but a list, an alias or `[tiers]`. `export_rows` (EXPORT_ROWS) tells the words of today, the
    frozen copy of the row those of the close.
    """
    anew = posted[(posted["rebills"] != "") & ~among(posted["entry_id"], closed.ledger["entry_id"])]
    if anew.empty:
        return ()
    names = ["agency", "tier", "amount_cents"]
    both = anew.merge(closed.ledger[["entry_id", *names]], left_on="rebills", right_on="entry_id", suffixes=("", "_then"))
    cells_of = dict(zip(closed.rows["entry_id"], closed.rows["cells"], strict=True))
    then = {entry: {_folded(cell) for cell in json.loads(cells_of.get(entry, "[]"))} for entry in both["rebills"]}
    return tuple(finding for word in _WORDS for finding in _findings(word, both, then, export_rows))


def _findings(word: Word, both: pd.DataFrame, then: dict[str, set[str]], export_rows: pd.DataFrame) -> Iterator[Finding]:
    """What is to be said of one kind of word: `both` are lines that bill closed ones anew, with what the closed ones say as `..._then`,
    `then` the cells of the closed rows."""
    text_of = dict(zip(export_rows["source"], export_rows[word.column], strict=True))
    moved: dict[tuple[str, str, str], list[Moved]] = {}
    columns = ["rebills", "source", f"{word.decides}_then", word.decides, "amount_cents_then", "amount_cents"]
    for closed_entry, source, was, now, was_cents, now_cents in both[columns].itertuples(index=False, name=None):
        text = text_of.get(source, "")
        if was and now and was != now and text and _folded(text) in then[closed_entry]:
            moved.setdefault((text, was, now), []).append(Moved(text, was, now, int(was_cents), int(now_cents), int(source)))
    return (_told(word, of_text) for _, of_text in sorted(moved.items()))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _told(word: Word, moved: list[Moved]) -> Finding:
    text, was, now, *_ = moved[0]
    then, today = dollars(sum(one.was_cents for one in moved)), dollars(sum(one.now_cents for one in moved))
    lines = "1 closed line" if len(moved) == 1 else f"{len(moved):,} closed lines"
    reason = (
        f"{quoted(text)} means {word.decides} {now} today and meant {was} when its months were closed, so {lines} of "
        f"{then} would be billed anew with {today}. The rows read as they did then: {word.said_in} changed."
    )
    column = "agency" if word.decides == "agency" else "product"
    return Finding(word.code, reason, value=text, column=column, source=min(one.source for one in moved))
