"""The last line of a page of figures: which sources it rests on, and how many rows came in and went out."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.publish import words
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.parts import Link


@dataclass(frozen=True, slots=True)
class Foot:
    """The sentence about rows, and the table to download (none in the public edition)."""

    sentence: str
    table: Link | None


def foot(edition: Edition, kinds: tuple[str, ...], table: str, rows: int, root: str = "") -> Foot:
    """Rows read, accepted and quarantined of the inputs of `kinds`, and the `rows` of `table` that came of them."""
    inputs = edition.books.inputs
    of_kind = inputs[inputs["kind"].isin(kinds)]
    read, accepted, quarantined = (int(of_kind[name].sum()) for name in ("rows_read", "rows_accepted", "rows_quarantined"))
    if of_kind.empty:
        sentence = f"No file of {' or '.join(kinds)} has come in yet."
    else:
        sentence = (
            f"{words.count(read, 'row')} read from {words.count(len(of_kind), 'file')} of {' and '.join(kinds)}: "
            f"{accepted:,} accepted, {quarantined:,} quarantined; {words.count(rows, 'row')} in the table {table}."
        )
    return Foot(sentence, download(root, f"tables/{table}.csv", f"{table}.csv") if edition.internal else None)
