"""On-time completion: the share of the requests due in a period whose promise was kept (DESIGN §6, facts/service-levels §2.4)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from pipeline.service.intervals import Numbers, shares
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import Flags, Members, tally
from pipeline.settings import Target

PROMISED, ASSUMED, BUDGET = "on-time-completion", "on-time-completion-assumed", "error-budget"
DECIDED = ("met", "missed", "overdue")


def attainment(requests: pd.DataFrame, members: Members, targets: tuple[Target, ...], reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES of REQUESTS whose due day has come, by that day: each share with its target, none an average, and how many more
    may miss it. Kinds without a promise of their own are a cohort apart."""
    due = decided(requests, reporting.as_of)
    assumed = requests["assumed_target"].to_numpy()
    own = _of(requests, members, due & ~assumed, [target for target in targets if not target.assumed], reporting)
    others = _of(requests, members, due & assumed, [target for target in targets if target.assumed], reporting)
    return [own.assign(measure=PROMISED), others.assign(measure=ASSUMED), _budget(own)]


def decided(requests: pd.DataFrame, as_of: dt.date) -> Flags:
    """Which rows of REQUESTS have a verdict on their promise and a due day that has come."""
    return (requests["verdict"].isin(DECIDED) & (requests["due_on"] <= pd.Timestamp(as_of))).to_numpy()


def _of(requests: pd.DataFrame, members: Members, rows: Flags, targets: list[Target], reporting: Reporting) -> pd.DataFrame:
    kept = (requests["verdict"] == "met").to_numpy()[rows]
    found = shares(tally(members.at(rows), requests["due_on"][rows], reporting, met=kept))
    return found.assign(target=_shares_to_reach(found, targets))


def _shares_to_reach(tallied: pd.DataFrame, targets: list[Target]) -> Numbers:
    """A kind's own; for all kinds together only where all have the same."""
    by_kind = {kind: float(target.share) for target in reversed(targets) for kind in target.kinds}
    wanted = set(by_kind.values())
    common = wanted.pop() if len(wanted) == 1 else np.nan
    own = tallied["member"].map(by_kind).astype("float64")
    return np.asarray(own.where(tallied["dimension"] == "kind", common), dtype=np.float64)


def _budget(own: pd.DataFrame) -> pd.DataFrame:
    """How many of the requests due the target allows to be late, less those that were."""
    left = (1 - own["target"]) * own["n"] - (own["n"] - own["met"])
    known = own[["period", "dimension", "member", "n", "met"]]
    return known.assign(measure=BUDGET, value=left.where(own["n"] > 0), target=np.where(own["target"].isna(), np.nan, 0.0))
