"""The verdict on lapses where it is not known of every certificate that ended whether its host lapsed.

A certificate is no lapse while nobody has said whether its host name is still in service: it is counted apart. No lapse at all is therefore
told as a target that is met only of periods in which no such certificate ended.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from pipeline.calendar import local_days
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import Members, tally
from pipeline.settings import Settings

_LAPSES = "lapses"
_KEY = ["period", "dimension", "member"]
_SECOND = pd.Timedelta(seconds=1)


def undecided(figures: pd.DataFrame, renewals: pd.DataFrame, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """`figures` (rows of MEASURES) in which the verdict on lapses is `uncertain` in place of `met` where hosts are unaccounted for.

    That is so of the periods, agencies and the office of whose certificates one ended by the day `as_of` that was the last of a host of
    which nobody has said what became of it (RENEWALS). A missed target stays missed, and no figure changes.
    """
    open_ends = _open_ends(renewals, settings, as_of)
    return figures if open_ends.empty else _told(figures, open_ends)


def _open_ends(renewals: pd.DataFrame, settings: Settings, as_of: dt.date) -> pd.MultiIndex:
    """The periods and members in which the last certificate of a host ended of which nobody knows whether it is in service."""
    ends = renewals[renewals["outcome"] == "unknown"]
    days = local_days(ends["ended_at"] - _SECOND, settings.organization.zone)
    days = days[days <= pd.Timestamp(as_of)]
    if days.empty:
        return pd.MultiIndex.from_arrays([[], [], []], names=_KEY)
    reporting = Reporting(days.min().date().replace(day=1), as_of, settings.organization.fiscal_year_starts)
    counts = tally(Members.of(ends.loc[days.index], ("agency",)), days, reporting)
    counts = counts[counts["n"] > 0]
    labels = [reporting.periods[place].label for place in counts["period"]]
    return pd.MultiIndex.from_frame(counts.assign(period=labels)[_KEY])


def _told(measures: pd.DataFrame, open_ends: pd.MultiIndex) -> pd.DataFrame:
    met = measures.loc[(measures["measure"] == _LAPSES) & (measures["verdict"] == "met"), _KEY]
    found = met.index[pd.MultiIndex.from_frame(met).isin(open_ends)]
    return measures.assign(verdict=measures["verdict"].mask(measures.index.isin(found), "uncertain"))
