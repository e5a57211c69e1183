"""The last line of a page of figures: which sources it rests on, and how many rows came in and went out."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.publish import quarantine, words
from pipeline.publish.pages.edition import Edition, download
from pipeline.publish.parts import Link


@dataclass(frozen=True, slots=True)
class Foot:
    """The sentence about rows, the table to download, and what else can be taken away; nothing in the public edition."""

    sentence: str
    table: Link | None
    also: tuple[Link, ...] = ()


FIGURES = ("tables/measures.csv", "metrics.xlsx")  # every figure of the service levels, and the same as a workbook


def foot(edition: Edition, kinds: tuple[str, ...], table: str, rows: int, root: str = "", also: tuple[str, ...] = ()) -> Foot:
    """Rows read, accepted and quarantined of the inputs of `kinds`, and the `rows` of `table` that came of them."""
    inputs = edition.books.inputs
    of_kind = inputs[inputs["kind"].isin(kinds)]
    read, accepted, quarantined = (int(of_kind[name].sum()) for name in ("rows_read", "rows_accepted", "rows_quarantined"))
    names = [quarantine.kind_name(kind) for kind in kinds]
    if of_kind.empty:
        sentence = f"Nothing has come in yet: {' and '.join(names)}."
    else:
        sentence = (
            f"{words.count(read, 'row')} read from {words.count(len(of_kind), 'file')} ({' and '.join(names)}): "
            f"{accepted:,} accepted, {quarantined:,} quarantined; {words.count(rows, 'row')} in the table {table}."
        )
    if not edition.internal:
        return Foot(sentence, None)
    others = tuple(download(root, path, path.rpartition("/")[2]) for path in also)
    return Foot(sentence, download(root, f"tables/{table}.csv", f"{table}.csv"), others)
