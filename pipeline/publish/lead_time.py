"""How long the desk takes for a renewal, in a sentence: as measured, where enough were asked for to say it."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from pipeline import calendar
from pipeline.notices.ask_by import promised_days
from pipeline.publish import words
from pipeline.service.intervals import FEW
from pipeline.settings import Settings

_MEASURE, _KIND = "completion-time-p90", "renew"


def lead_time(measures: pd.DataFrame, settings: Settings, as_of: dt.date) -> str:
    """Within how many business days nine in ten renewals were done in the fiscal year of `as_of`, or in the one before where these are too
    few, beside what is promised; of too few in both only what is promised."""
    promise = f"the promise is {words.count(promised_days(settings), 'business day')}"
    year = calendar.fiscal_year_of(as_of, settings.organization.fiscal_year_starts)
    known = measures[(measures["measure"] == _MEASURE) & (measures["dimension"] == "kind") & (measures["member"] == _KIND)]
    for period, named in ((f"FY{year}-YTD", f"in FY{year} so far"), (f"FY{year}", f"in FY{year}"), (f"FY{year - 1}", f"in FY{year - 1}")):
        row = known[known["period"] == period]
        if len(row) and int(row["n"].iloc[0]) >= FEW and pd.notna(row["value"].iloc[0]):
            asked, days = words.count(int(row["n"].iloc[0]), "renewal"), f"{float(row['value'].iloc[0]):.1f}"
            return f"Of {asked} asked for {named} with the hours told, nine in ten were done within {days} business days; {promise}."
    return f"Too few renewals were asked for lately to say how long the desk takes; {promise}."
