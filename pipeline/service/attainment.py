"""On-time completion: the share of the requests due in a period whose promise was kept (DESIGN §6, facts/service-levels §2.4)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from pipeline.service.intervals import Numbers, verdicts, wilson
from pipeline.service.reporting import cohort
from pipeline.settings import Target

PROMISED, ASSUMED = "on-time-completion", "on-time-completion-assumed"
SHARES = (PROMISED, ASSUMED)
DECIDED = ("met", "missed", "overdue")


def due_cohorts(requests: pd.DataFrame, as_of: dt.date) -> tuple[pd.DataFrame, ...]:
    """Of REQUESTS, those whose due day has come, by that day; kinds without a promise of their own are a cohort apart."""
    due = requests[requests["verdict"].isin(DECIDED) & (requests["due_on"] <= pd.Timestamp(as_of))]
    own, assumed = due[~due["assumed_target"]], due[due["assumed_target"]]
    return tuple(cohort(measure, rows, rows["due_on"], rows["verdict"] == "met") for measure, rows in ((PROMISED, own), (ASSUMED, assumed)))


def shares(tallied: pd.DataFrame, targets: tuple[Target, ...]) -> pd.DataFrame:
    """Rows of MEASURES from the tallies of `due_cohorts`: each share with its interval, target and verdict; none is an average."""
    n, met = tallied["n"].to_numpy(), tallied["met"].to_numpy()
    low, high = wilson(met, n)
    target = np.where(
        tallied["measure"] == ASSUMED,
        _targets(tallied, [target for target in targets if target.assumed]),
        _targets(tallied, [target for target in targets if not target.assumed]),
    )
    return tallied.assign(
        unit="share", value=met / np.where(n > 0, n, np.nan), low=low, high=high, target=target, verdict=verdicts(low, high, target)
    )


def _targets(tallied: pd.DataFrame, targets: list[Target]) -> Numbers:
    """The share to reach: a kind's own; for all kinds together only where all have the same."""
    by_kind = {kind: float(target.share) for target in reversed(targets) for kind in target.kinds}
    wanted = set(by_kind.values())
    common = wanted.pop() if len(wanted) == 1 else np.nan
    own = tallied["member"].map(by_kind).astype("float64")
    return np.asarray(own.where(tallied["dimension"] == "kind", common), dtype=np.float64)
