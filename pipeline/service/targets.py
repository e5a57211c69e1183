"""Targets and verdicts: a verdict is said of a target that somebody set, and only where the figure allows one (DESIGN §6)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from pipeline.service.declared import MEASURES_DECLARED
from pipeline.service.intervals import FEW, Numbers
from pipeline.settings import Settings

_JUDGED = {measure.id: measure.judged for measure in MEASURES_DECLARED}
_UPWARD = {measure.id: measure.direction != "lower is better" for measure in MEASURES_DECLARED}


def judged(figures: pd.DataFrame, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """`figures` (rows of MEASURES) with the targets of `[measure_targets]`, where they bring none, and with the verdict.

    A share that is a sample is judged by its interval: `met` where all of it reaches the target, `missed` where none of it does, else
    `uncertain`; a share of fewer than ten is `too-few`, and one of the month of `as_of` is not judged before that month has ended. What is
    counted or observed as a whole is judged by its value. A figure without a value has no verdict.
    """
    number, names = pd.factorize(figures["measure"])  # measures are few and rows are many
    by_hand = np.array([float(settings.measure_targets.get(name, np.nan)) for name in names])
    target = figures["target"].to_numpy()
    target = np.where(np.isnan(target), by_hand[number], target)
    how = np.array([_JUDGED[name] for name in names], dtype=object)[number]
    value = figures["value"].to_numpy()
    low = np.select([how == "by its interval", how == "by its value"], [figures["low"].to_numpy(), value], np.nan)
    high = np.select([how == "by its interval", how == "by its value"], [figures["high"].to_numpy(), value], np.nan)
    upward = np.array([_UPWARD[name] for name in names], dtype=bool)[number]
    found = verdicts(low, high, target, upward)
    few = (found != "") & figures["low"].notna().to_numpy() & (figures["n"] < FEW).to_numpy()
    running = (figures["period"] == f"{as_of:%Y-%m}").to_numpy() if (as_of + dt.timedelta(days=1)).day > 1 else False
    found = np.select([(how == "by its interval") & running, few], ["", "too-few"], found)
    return figures.assign(target=target, verdict=found)


def verdicts(low: Numbers, high: Numbers, target: Numbers, upward: np.ndarray) -> np.ndarray:
    """`met` where all of `low` to `high` reaches `target`, `missed` where none of it does, else `uncertain`; "" where either is unknown.

    `upward` says where a figure reaches its target from above, else it must not be higher.
    """
    unknown = np.isnan(low) | np.isnan(high) | np.isnan(target)
    met = np.where(upward, low >= target, high <= target)
    missed = np.where(upward, high < target, low > target)
    return np.select([unknown, met, missed], ["", "met", "missed"], default="uncertain")
