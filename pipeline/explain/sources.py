"""The places of the inbox behind the rows of the books, and which row is in force for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.explain.parts import Place, Tables, positions_of
from pipeline.findings import counted


class Sources:
    """The places of the inbox, as far as they are asked for."""

    def __init__(self, tables: Tables, numbers: Sequence[int] = ()) -> None:
        self._tables = tables
        self._rows: dict[int, dict[str, Any]] = {}
        self._fetch(numbers)

    def _fetch(self, numbers: Iterable[int]) -> None:
        lacking = [number for number in dict.fromkeys(numbers) if number not in self._rows]
        self._rows.update(zip(lacking, self._tables.rows("places", lacking), strict=True))

    def of(self, numbers: Sequence[int]) -> tuple[Place, ...]:
        """The places with these numbers; those in force before those for which another stands."""
        self._fetch(numbers)
        rows = [self._rows[number] for number in dict.fromkeys(numbers)]
        self._fetch(row["stands_for"] for row in rows if row["stands_for"] is not None)
        places = [Place(row["file"], row["sheet"], row["row"], _standing(row, self._rows)) for row in rows]
        return tuple(sorted(places, key=lambda place: place.standing != ""))

    def telling(self, name: str, kinds: Sequence[str]) -> list[int]:
        """The numbers of the places that tell of `name`, a name of one of these kinds."""
        found = positions_of(self._tables, "places", "known_as", [name]) if name else []
        return [row["source"] for row in self._tables.rows("places", found) if row["became"] in kinds]


def _standing(row: Mapping[str, Any], in_force: Mapping[int, Mapping[str, Any]]) -> str:
    if row["stands_for"] == row["source"]:
        return ""
    if row["stands_for"] is None:
        return "not in force: a newer file tells of it"
    other = in_force[row["stands_for"]]
    if other["file"] == row["file"]:
        return f"told twice: {counted(other['file'])} {other['row']} of the same file is in force"
    return f"told again by a newer file: data/{other['file']}, {counted(other['file'])} {other['row']} is in force"
