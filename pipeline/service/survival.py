"""How long things take when some have not ended yet: the Kaplan-Meier estimate (facts/service-levels §2.5).

What has not ended says only that it takes longer than it has been watched (it is censored). Leaving it out makes the newest month look
best, because the slow ones are still open; the estimate counts it for as long as it was watched. At one and the same duration what ended
comes before what was still watched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Products of fractions reach a share such as a tenth only up to rounding.
_ROUNDING = 1e-9
_FITS_16_BITS = 1 << 15


@dataclass(frozen=True, slots=True)
class Quantiles:
    """One quantile of each of several groups, arrays of one length.

    `reached` is the least duration by which the share has ended, NaN where it never has; `beyond` then the longest duration that ended, NaN
    where none has. `at_risk` is how many were still watched at `reached`, or after `beyond`.
    """

    reached: Numbers
    beyond: Numbers
    at_risk: Whole


@dataclass(frozen=True, slots=True)
class Curves:
    """The estimates of several groups, one row a duration, sorted by group and duration.

    `group` from 0; `duration`; `has_ended`, else it is censored; `at_risk`, how many of the group last as long or longer; `survival`, the
    share that is estimated to last longer, exact at the last row of a duration. `begins` is the first row of each of the groups, and behind
    them the number of rows.
    """

    group: Whole
    duration: Whole
    has_ended: Flags
    at_risk: Whole
    survival: Numbers
    begins: Whole

    def quantile(self, share: float) -> Quantiles:
        """The duration by which `share` (0 to 1) of each group has ended."""
        (first, _), (_, last) = self._ends(self.has_ended & (self.survival <= 1 - share + _ROUNDING)), self._ends(self.has_ended)
        reached = first >= 0
        beyond = ~reached & (last >= 0)
        found = Quantiles(
            reached=np.full(len(first), np.nan),
            beyond=np.full(len(first), np.nan),
            at_risk=self.begins[1:] - np.where(last >= 0, last + 1, self.begins[:-1]),
        )
        found.reached[reached] = self.duration[first[reached]]
        found.beyond[beyond] = self.duration[last[beyond]]
        found.at_risk[reached] = self.at_risk[first[reached]]
        return found

    def _ends(self, holds: Flags) -> tuple[Whole, Whole]:
        """The first and the last row of each group at which something holds, -1 where it never does."""
        rows = np.flatnonzero(holds)
        changes = np.diff(self.group[rows], prepend=-1, append=-1) != 0
        first, last = (np.full(len(self.begins) - 1, -1, dtype=np.int64) for _ in range(2))
        for found, places in ((first, rows[changes[:-1]]), (last, rows[changes[1:]])):
            found[self.group[places]] = places
        return first, last


@dataclass(frozen=True, slots=True)
class Durations:
    """Durations in order, the shortest first, of equal ones those that ended first: sorted once, estimated for many ways to group them."""

    duration: Whole
    has_ended: Flags
    order: npt.NDArray[np.intp]

    @classmethod
    def of(cls, duration: Whole, has_ended: Flags) -> Durations:
        """Durations as they come, any whole unit, not negative."""
        order = np.lexsort((~has_ended, duration))
        return cls(duration[order], has_ended[order], order)

    def curves(self, group: Whole, groups: int) -> Curves:
        """The estimate of each of the `groups`; `group` is the number of each duration's, in the order that `of` was given, -1 for none."""
        own = group[self.order]
        rows = np.flatnonzero(own >= 0)
        keys = own[rows].astype(np.int16) if groups < _FITS_16_BITS else own[rows]
        rows = rows[np.argsort(keys, kind="stable")]  # 16 bits are sorted by their digits, in a tenth of the time
        own, duration, has_ended = own[rows], self.duration[rows], self.has_ended[rows]
        begins = np.searchsorted(own, np.arange(groups + 1))
        place = np.arange(len(rows))
        left = begins[own + 1] - place
        # of the last of a group nothing is left; its logarithm must not reach the groups after it
        is_zero = has_ended & (left == 1)
        steps = np.where(has_ended & ~is_zero, np.log1p(-1 / np.maximum(left, 2)), 0.0)
        rising = np.concatenate([[0.0], np.cumsum(steps)])
        survival = np.where(is_zero, 0.0, np.exp(rising[1:] - rising[begins[own]]))
        is_first = np.ones(len(rows), dtype=bool)
        is_first[1:] = (own[1:] != own[:-1]) | (duration[1:] != duration[:-1])
        at_risk = begins[own + 1] - np.maximum.accumulate(np.where(is_first, place, 0))
        return Curves(own, duration, has_ended, at_risk, survival, begins)
