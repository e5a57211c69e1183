"""What became of a row of the inbox, named by its file and number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.explain.hits import hits
from pipeline.explain.parts import BOOKED, SHOWN, Hit, Place, Tables, equal_to, positions_of
from pipeline.explain.sources import Sources
from pipeline.findings import counted

_MOST_DIGITS = 9  # of the number of a row


def of_place(name: str, tables: Tables) -> list[Hit] | None:
    """What became of the row that `FILE:ROW` names; None where `name` names no file of the inbox."""
    file, colon, number = name.removeprefix("data/").rpartition(":")
    if not colon or not number.isdecimal() or not equal_to(tables, "inputs", {"file": file}):
        return None
    row = min(int(number[:_MOST_DIGITS]), int(number))
    accepted = equal_to(tables, "places", {"file": file, "row": row})
    if not accepted:
        sheets = {one["sheet"] for one in tables.rows("findings", equal_to(tables, "findings", {"file": file, "row": row}))}
        became = "quarantined" if sheets else _no_row(file, row, tables)
        return [Hit("places", "Row", {"became": became}, tuple(Place(file, sheet, row) for sheet in sorted(sheets)))]
    shown: list[Hit] = []
    for place in tables.rows("places", accepted):
        said = {"became": f"{place['became']} {place['known_as']}".strip()}
        shown.append(Hit("places", "Row", said, Sources(tables).of([place["source"]])))
        shown.extend(behind(place, tables))
    return shown


def _no_row(file: str, row: int, tables: Tables) -> str:
    """What a line is that no row begins on, by the rows that begin before and after it."""
    begins = {one["row"] for one in tables.rows("places", equal_to(tables, "places", {"file": file}))}
    begins |= {one["row"] for one in tables.rows("findings", equal_to(tables, "findings", {"file": file})) if one["row"]}
    ((read,),) = ([one["rows_read"]] for one in tables.rows("inputs", equal_to(tables, "inputs", {"file": file})))
    unit = counted(file)
    has = f"the file has {read:,} row{'' if read == 1 else 's'}"
    before, after = max((one for one in begins if one < row), default=0), min((one for one in begins if one > row), default=0)
    if not before:
        return f"nothing: it stands before the first row, {unit} {after}; {has}" if after else f"nothing: {has}"
    if not after:
        return f"nothing: the last row begins on {unit} {before}; {has}. It is the end of that row, comes after it, or is not there"
    return f"nothing by itself: it lies in the row that begins on {unit} {before}, or is blank; the next row begins on {unit} {after}"


def behind(place: Mapping[str, Any], tables: Tables) -> list[Hit]:
    """The books' rows that a place of the inbox stands behind."""
    if place["became"] not in BOOKED or not place["known_as"]:
        return []
    table, column = BOOKED[place["became"]]
    found: dict[str, list[int]] = {name: [] for name in SHOWN}
    found[table] = positions_of(tables, table, column, [place["known_as"]])
    if table == "lots":
        found["ledger"] = positions_of(tables, "ledger", "lot_id", [place["known_as"]])
    if table == "requests":
        found["ledger"] = positions_of(tables, "ledger", "request_id", [place["known_as"]])
    return hits(tables, [], found)
