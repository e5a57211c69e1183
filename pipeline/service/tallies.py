"""Adding rows up by period and member: the office, and its agencies, kinds of request and tiers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.service.reporting import Reporting, Whole

OFFICE = "office"
PARTS = ("agency", "kind", "tier")
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[Any]
Amounts = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Members:
    """Which member of each dimension the rows of a table belong to: `numbers`, -1 for none, into `names`. The office has them all."""

    names: Mapping[str, Texts]
    numbers: Mapping[str, Whole]

    @classmethod
    def of(cls, table: pd.DataFrame, dimensions: tuple[str, ...] = PARTS) -> Members:
        """The members of the rows of `table`, whose columns `dimensions` are text; "" belongs to none."""
        names: dict[str, Texts] = {OFFICE: np.array([""], dtype=object)}
        numbers: dict[str, Whole] = {OFFICE: np.zeros(len(table), dtype=np.int64)}
        for dimension in dimensions:
            found, texts = pd.factorize(table[dimension].replace("", None), sort=True)
            names[dimension], numbers[dimension] = np.asarray(texts, dtype=object), found.astype(np.int64)
        return cls(names, numbers)

    def dimensions(self) -> Iterator[tuple[str, Texts, Whole]]:
        """Each dimension that has members: its name, their names, and the member of each row."""
        for dimension, names in self.names.items():
            if len(names):
                yield dimension, names, self.numbers[dimension]

    def at(self, rows: Flags | Whole) -> Members:
        """The members of these rows."""
        return Members(self.names, {dimension: numbers[rows] for dimension, numbers in self.numbers.items()})


def tally(members: Members, days: pd.Series[Any], reporting: Reporting, **amounts: Amounts) -> pd.DataFrame:
    """How many rows fall into each period, for the office and each of its parts, and the sum of each of `amounts` over them.

    `days` (datetime64, no zone) is the day by which each row of `members` counts; a day outside the periods counts nowhere. Returns
    period (its place in `reporting.periods`), dimension, member, n (int64) and the sums (float64, exact for whole numbers). The office
    has every period, also without rows; a part only those where it has any.
    """
    cells = reporting.cells(days)
    inside = cells >= 0
    cells, members = cells[inside], members.at(inside)
    counted = {name: np.asarray(amount, dtype=np.float64)[inside] for name, amount in amounts.items()}
    parts = []
    for dimension, names, numbers in members.dimensions():
        known = numbers >= 0
        keys, size = cells[known] * len(names) + numbers[known], len(names)
        n = _by_period(np.bincount(keys, minlength=(len(reporting.edges) - 1) * size), size, reporting)
        period, member = shown(dimension, n)
        columns = {"period": period, "dimension": dimension, "member": names[member], "n": n[period, member].astype(np.int64)}
        for name, amount in counted.items():
            sums = np.bincount(keys, weights=amount[known], minlength=(len(reporting.edges) - 1) * size)
            columns[name] = _by_period(sums, size, reporting)[period, member]
        parts.append(columns)
    return joined(parts)


def tally_at(members: Members, moment: Whole, of_periods: Whole) -> pd.DataFrame:
    """How many rows there are at the moment of each period, for the office and each of its parts; columns as of `tally`.

    `moment` is the number of the moment of each row of `members`, `of_periods` that of each period. A row may stand in several moments.
    """
    parts = []
    for dimension, names, numbers in members.dimensions():
        known = numbers >= 0
        keys = moment[known] * len(names) + numbers[known]
        n = np.bincount(keys, minlength=(int(of_periods.max()) + 1) * len(names)).reshape(-1, len(names))[of_periods]
        period, member = shown(dimension, n)
        parts.append({"period": period, "dimension": dimension, "member": names[member], "n": n[period, member].astype(np.int64)})
    return joined(parts)


def shown(dimension: str, n: Amounts) -> tuple[Whole, Whole]:
    """The periods (rows of `n`) and members (its columns) that are given: of the office all, of a part those with any rows."""
    period, member = np.nonzero((n > 0) | (dimension == OFFICE))
    return period.astype(np.int64), member.astype(np.int64)


def joined(parts: list[dict[str, Any]]) -> pd.DataFrame:
    """Columns of arrays as one frame below each other; `dimension` is one text a part."""
    columns = {name: np.concatenate([np.asarray(part[name]) for part in parts]) for name in parts[0] if name != "dimension"}
    dimension = np.repeat(np.array([part["dimension"] for part in parts], dtype=object), [len(part["period"]) for part in parts])
    return pd.DataFrame({**columns, "dimension": dimension}, copy=False)


def _by_period(by_cell: Amounts, size: int, reporting: Reporting) -> Amounts:
    """Sums by cell and member, one after another, as sums by period (rows) and member (columns)."""
    rising = np.concatenate([np.zeros((1, size)), np.cumsum(by_cell.reshape(-1, size), axis=0)])
    first, after = reporting.runs
    sums: Amounts = rising[after] - rising[first]
    return sums
