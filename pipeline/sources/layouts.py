"""What a layout is: how an export of one system names its columns, writes its dates and words, and by what it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.sources.dates import ISO, DateStyle


@dataclass(frozen=True, slots=True)
class Layout:
    """One recognised export. `columns` maps our name of a column to the labels it may stand under; where several stand in one
    file, the first that is not empty in a row counts. Labels are compared without case and outer spaces. `table` is the table of
    the inbox (or the list of the office) that the rows go to.
    """

    name: str
    kind: str
    table: str
    columns: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...]  # labels that must all be there: the signature
    required: tuple[str, ...] = ()  # columns whose cells may not be empty
    role: str = ""  # of certificates: billing or inventory; empty where the header decides
    agency_match: str = "name"  # what kind of word the agency column holds, for data/entries/aliases.csv
    dates: tuple[DateStyle, ...] = (ISO,)
    zone: str = ""  # of times without one; empty: the organisation's
    epoch_is_missing: bool = False  # the system writes an empty date as the first second of 1970, in a zone of its own
    missing: frozenset[str] = frozenset()  # words that mean an empty cell, lower case
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # column -> word as written, lower case -> our word
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # column -> word as written -> what it is read as, from settings
    records: str | None = None  # where the list lies in this system's JSON, "" for the file itself; tells an empty export by
    repeats: bool = False  # the export repeats labels by design; the first of them counts
    tells_twice: bool = False  # the export has several rows of one certificate by design; they fold, their names together
    trailers: tuple[str, ...] = ()  # patterns of lines after the data that are part of the layout, not rows


def canonical(name: str, kind: str, table: str, columns: str, words: Mapping[str, Mapping[str, str]] | None = None) -> Layout:
    """A layout of ours, from its columns as DESIGN §4 writes them: `lot_id tier vendor?`; `?` may be missing or empty."""
    names = columns.split()
    needed = tuple(column for column in names if not column.endswith("?"))
    labels = {column.rstrip("?"): (column.rstrip("?"),) for column in names}
    return Layout(name, kind, table, labels, needed, required=needed, words=words or {})
