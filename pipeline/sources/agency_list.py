"""What must hold between the rows of data/reference/agencies.csv: addresses, files and invoices are named after its codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from pipeline.findings import Finding
from pipeline.money import dollars
from pipeline.sources.raw_files import Refused
from pipeline.sources.readings import Reading

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}", re.ASCII)
_ALWAYS, _STILL = pd.Timestamp(1, 1, 1), pd.Timestamp(9999, 12, 31)


class _Spell(NamedTuple):
    """A row: the days on which the code holds, who is billed afterwards, and the physical row number."""

    code: str
    begins: pd.Timestamp
    ends: pd.Timestamp
    successor: str
    row: int


def check(reading: Reading) -> None:
    """Refuse codes that cannot name a file or differ by case only, spells of one code that overlap, and successors that are unknown
    or lead back to where they began.
    """
    spells = list(_spells(reading))
    by_code: dict[str, list[_Spell]] = {}
    for spell in spells:
        by_code.setdefault(spell.code, []).append(spell)
    _check_codes(spells)
    for of_code in by_code.values():
        _check_overlap(of_code)
    for spell in spells:
        _check_successor(spell, by_code)


def codes_gone(agencies: pd.DataFrame, closed: pd.DataFrame) -> list[Finding]:
    """A `bad-reference` that stops the run for each code of `closed` months (LEDGER) that `agencies` (AGENCIES) lacks, with its dollars.

    Renamed in place, it would be taken back from the old code and billed anew to the new one; what was billed keeps the code of its day of
    service (DESIGN §6), so a code ends with a last day and a successor.
    """
    known = set(agencies["agency"])
    gone = closed[~closed["agency"].isin(known) & (closed["agency"] != "")]
    billed = gone.groupby("agency")["amount_cents"].agg(["size", "sum"])
    return [_gone(str(code), int(lines), int(cents)) for code, lines, cents in billed.itertuples(name=None)]


def _gone(code: str, lines: int, cents: int) -> Finding:
    many = f"{lines:,} closed lines of {dollars(cents)} were" if lines > 1 else f"1 closed line of {dollars(cents)} was"
    reason = (
        f"No row has the code {code} any more, to which {many} billed: they would be taken back and billed anew. Put its row back; if the "
        "code has changed, give that row the last day of the old code as valid_to and the new code as successor, and the new code a row "
        "of its own."
    )
    return Finding("bad-reference", reason, value=code, column="agency", file="reference/agencies.csv")


def _spells(reading: Reading) -> Iterator[_Spell]:
    frame = reading.frame.assign(
        valid_from=reading.frame["valid_from"].fillna(_ALWAYS), valid_to=reading.frame["valid_to"].fillna(_STILL), row=reading.rows
    )
    columns = frame[["agency", "valid_from", "valid_to", "successor", "row"]]
    yield from (_Spell(*row) for row in columns.sort_values(["agency", "valid_from"]).itertuples(index=False))


def _check_codes(spells: list[_Spell]) -> None:
    known: dict[str, str] = {}
    for spell in spells:
        if not _CODE.fullmatch(spell.code) or ".." in spell.code:
            reason = "A code has at most 32 letters, digits, points, hyphens and underscores, and begins with a letter or digit."
            raise _refused(reason, spell, "agency", spell.code)
        first = known.setdefault(spell.code.casefold(), spell.code)
        if first != spell.code:
            raise _refused(f"The code differs from {first} by capital letters only.", spell, "agency", spell.code)


def _check_overlap(of_code: list[_Spell]) -> None:
    for earlier, later in pairwise(of_code):
        if later.begins <= earlier.ends:
            raise _refused(f"The days of {later.code} overlap with those of row {earlier.row}.", later, "valid_from", later.code)


def _check_successor(spell: _Spell, by_code: dict[str, list[_Spell]]) -> None:
    seen = [spell]
    while seen[-1].successor:
        of_successor = by_code.get(seen[-1].successor)
        if of_successor is None:
            raise _refused(f"No row has the code {seen[-1].successor}.", seen[-1], "successor", seen[-1].successor)
        following = next((after for after in of_successor if after.ends > seen[-1].ends), of_successor[-1])
        if following in seen:
            chain = " to ".join([*(one.code for one in seen[seen.index(following) :]), following.code])
            raise _refused(f"The successors lead in a circle: {chain}.", spell, "successor", spell.successor)
        seen.append(following)


def _refused(reason: str, spell: _Spell, column: str, value: str) -> Refused:
    return Refused("bad-reference", reason, row=spell.row, column=column, value=value)
