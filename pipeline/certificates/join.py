"""Which certificate file belongs to which certificate of the exports (DESIGN §6, "Join").

The strongest evidence comes first; whoever is joined takes no part in the weaker steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import pandas as pd

from pipeline.calendar import day_keys
from pipeline.certificates.fold import serial_keys
from pipeline.issuers import issuer_keys

NONE = -1


def join(exports: pd.DataFrame, blocks: pd.DataFrame) -> tuple[list[int], list[str]]:
    """For each row of `exports` (as `fold.exports` gives them) the position of its row in `blocks`, or NONE, and how it was found.

    How: fingerprint; serial (issuer and serial); serial-date (serial and the UTC day of valid_to); names (names, first and last day);
    none. Each block is used once; of several with one issuer and serial the first is taken. A row that gives a fingerprint is joined by
    it alone: another fingerprint is another certificate. Names count only where they point to one row and one block, and one of the
    two has no serial.
    """
    found = [NONE] * len(exports)
    matched = ["none"] * len(exports)
    used: set[int] = set()

    def take(how: str, pairs: Iterable[tuple[int, int]]) -> None:
        for row, block in pairs:
            if found[row] == NONE and block not in used:
                found[row], matched[row] = block, how
                used.add(block)

    sides = _Side(exports), _Side(blocks)
    take("fingerprint", _pairs(*(side.fingerprints for side in sides)))
    unnamed = [not fingerprint for fingerprint in sides[0].fingerprints]
    take("serial", _pairs(_only(sides[0].issuer_serials(), unnamed), sides[1].issuer_serials()))
    take("serial-date", _pairs(_only(sides[0].serial_days(), unnamed), sides[1].serial_days()))
    free_rows = [is_unnamed and block == NONE for is_unnamed, block in zip(unnamed, found, strict=True)]
    free_blocks = [block not in used for block in range(len(blocks))]
    take("names", _weak_pairs(*sides, free_rows, free_blocks))
    return found, matched


class _Side:
    """The keys of one side: exports or blocks, which name these columns alike."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.fingerprints: list[str] = frame["fingerprint_sha256"].tolist()
        self.serials = serial_keys(frame["serial"])
        self.issuers = issuer_keys(frame["issuer"])
        self.first_days, self.last_days = day_keys(frame["valid_from"]), day_keys(frame["valid_to"])
        self.name_sets: list[str] = frame["subject_alternative_names"].tolist()
        self.common_names: list[str] = frame["common_name"].str.lower().tolist()

    def issuer_serials(self) -> list[str]:
        return [f"{issuer}:{serial}" if issuer and serial else "" for issuer, serial in zip(self.issuers, self.serials, strict=True)]

    def serial_days(self) -> list[str]:
        return [f"{serial}:{day}" if serial and day else "" for serial, day in zip(self.serials, self.last_days, strict=True)]

    def named_days(self, names: Sequence[str]) -> list[str]:
        days = zip(names, self.first_days, self.last_days, strict=True)
        return [f"{name}|{first}|{last}" if name and first and last else "" for name, first, last in days]


def _pairs(left: Sequence[str], right: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Positions with equal keys, each left row with the first right row; empty keys match nothing."""
    first: dict[str, int] = {}
    for position, key in enumerate(right):
        first.setdefault(key, position)
    return ((row, first[key]) for row, key in enumerate(left) if key and key in first)


def _only(keys: Sequence[str], wanted: Sequence[bool]) -> list[str]:
    return [key if is_wanted else "" for key, is_wanted in zip(keys, wanted, strict=True)]


def _weak_pairs(exports: _Side, blocks: _Side, free_rows: Sequence[bool], free_blocks: Sequence[bool]) -> Iterable[tuple[int, int]]:
    """Rows and blocks of the same names and days: by the name set where the export has one, else by the common name."""
    has_set = [bool(names) for names in exports.name_sets]
    for names, other_names, wanted in (
        (exports.name_sets, blocks.name_sets, has_set),
        (exports.common_names, blocks.common_names, [not known for known in has_set]),
    ):
        left = _only(_only(exports.named_days(names), wanted), free_rows)
        right = _only(blocks.named_days(other_names), free_blocks)
        rows, hits = Counter(left), Counter(right)
        for row, block in _pairs(left, right):
            alone = rows[left[row]] == 1 and hits[right[block]] == 1
            if alone and not (exports.serials[row] and blocks.serials[block]):
                yield row, block
