"""How many days before its end people are told of a certificate: thresholds that shrink with short lives (DESIGN §6, "Notices")."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.integer[Any]]

# A certificate that lives shorter is told of later: at most this part of its life before its end, for the first and for later notices.
_FIRST, _LATER = 3, 6


def in_order(days_before: Iterable[int]) -> list[int]:
    """The thresholds of `[notices] days_before`, each once, the first to fall due first."""
    return sorted(set(days_before), reverse=True)


def shrunk(days: int, *, is_first: bool, lives: Days) -> npt.NDArray[np.int64]:
    """How many days before its end a certificate of each life is told of at the threshold `days`: whole days, at least 1.

    min(days, life / 3) for the first threshold, min(days, life / 6) for each later one, rounded down. `lives` are whole days.
    """
    return np.maximum(np.minimum(days, lives // (_FIRST if is_first else _LATER)), 1).astype(np.int64)
