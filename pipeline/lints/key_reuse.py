"""One key in several certificates: kept at a renewal, used for other hosts as well, or held by two agencies.

Certificates of one order, of the same names, or of which one took over from the other are one life: there the same key means that it
was kept. A host that moves to another agency keeps its names, so it shares its key with nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

_COLUMNS = ("key_of_agencies", "key_of_hosts", "key_kept")


class _Held(NamedTuple):
    """A certificate as this module looks at it, in order of start; certificates with a tie in common are one life."""

    first_second: int
    certificate: str
    row: int
    agency: str
    common_name: str
    ties: tuple[tuple[str, ...], ...]


def reuse(certificates: pd.DataFrame, first_second: list[int]) -> dict[str, list[str]]:
    """What is said of the key of each row of CERTIFICATES: key_of_agencies, key_of_hosts and key_kept, one text a row.

    At most one of them is not "". An authority's key is left out: its certificates are signed anew, by others too, for the same key.
    `first_second` are the UTC seconds of notBefore; of equal keys in one life the first certificate keeps nothing.
    """
    said = {name: [""] * len(certificates) for name in _COLUMNS}
    for group in _groups(certificates, first_second):
        for held, (column, sentence) in zip(group, _said(group), strict=True):
            if column:
                said[column][held.row] = sentence
    return said


def _groups(certificates: pd.DataFrame, first_second: list[int]) -> list[list[_Held]]:
    """The certificates of each key that several have, in order of start."""
    has_key = (certificates["spki_sha256"] != "") & ~certificates["is_ca"]
    shared = has_key & certificates["spki_sha256"].where(has_key).duplicated(keep=False)
    names = ("spki_sha256", "certificate", "agency", "common_name", "role", "order_id", "names", "replaces")
    columns: list[list[Any]] = [certificates[name].tolist() for name in names]
    found: dict[str, list[_Held]] = defaultdict(list)
    for row in shared.to_numpy().nonzero()[0].tolist():
        key, certificate, agency, common_name, role, order, hosts, replaces = (column[row] for column in columns)
        ties = [("certificate", certificate), ("certificate", replaces), ("names", hosts)] + ([("order", role, order)] if order else [])
        held = _Held(first_second[row], certificate, row, agency, common_name, tuple(tie for tie in ties if tie[-1]))
        found[key].append(held)
    return [sorted(group) for _, group in sorted(found.items())]


def _said(group: list[_Held]) -> Iterator[tuple[str, str]]:
    """The column and the sentence for each certificate of a key; ("", "") for the first of a life that nobody else's key is."""
    lives = _lives(group)
    agencies: dict[int, set[str]] = defaultdict(set)
    first_of_life: dict[int, _Held] = {}
    first_of_agency: dict[str, _Held] = {}
    for held, life in zip(group, lives, strict=True):
        agencies[life].add(held.agency)
        first_of_life.setdefault(life, held)
        first_of_agency.setdefault(held.agency, held)
    strangers = list(first_of_life.values())[:2]
    count = f"{len(group):,} certificates have it."
    for held, life in zip(group, lives, strict=True):
        others = (first for agency, first in first_of_agency.items() if agency and agency not in agencies[life])
        other = None if "" in agencies[life] else next(others, None)
        stranger = next((one for one in strangers if one is not first_of_life[life]), None)
        if other:
            yield "key_of_agencies", f"Its key also stands in {_named(other)}, of {other.agency}; {count}"
        elif stranger:
            yield "key_of_hosts", f"Its key also stands in {_named(stranger)}; {count}"
        elif held is first_of_life[life]:
            yield "", ""
        else:
            yield "key_kept", f"Its key is that of {_named(first_of_life[life])} before it; {count}"


def _lives(group: list[_Held]) -> list[int]:
    """The life of each certificate of the group, as the place of one of its certificates: ties join certificates, and their ties too."""
    life_of = list(range(len(group)))

    def root(place: int) -> int:
        while life_of[place] != place:
            life_of[place] = life_of[life_of[place]]
            place = life_of[place]
        return place

    tied: dict[tuple[str, ...], int] = {}
    for place, held in enumerate(group):
        for tie in held.ties:
            life_of[root(place)] = root(tied.setdefault(tie, place))
    return [root(place) for place in range(len(group))]


def _named(held: _Held) -> str:
    return f"the certificate of {held.common_name}" if held.common_name else "a certificate without a common name"
