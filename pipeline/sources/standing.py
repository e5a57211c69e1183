"""Which row is in force for each row that was accepted: itself, the same row earlier in its file, or that of a newer file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

NO_KEY = -1
_OWN = "own_key"


def each_for_itself(told: pd.DataFrame) -> pd.Series[Any]:
    """`stands_for` where all of the accepted rows `told` are in force, so that keys need not be asked for."""
    return pd.Series(told["source"].astype("Int64").to_numpy(), index=told["source"])


def stands_for(told: pd.DataFrame, in_force: pd.Series[Any], own_keys: Callable[[pd.DataFrame], pd.Series[Any]]) -> pd.Series[Any]:
    """For each accepted row of a table the source that is in force for it, Int64 by source; NA where none is.

    `told` are the rows of all files with `source`, `layout` and `key` (a number of what makes them one across files, `NO_KEY` where nothing
    does); `own_keys` tells what makes rows one within a file, "" where nothing does; `in_force` are the sources of the rows in force.
    Another row stands for one of the same key, else for one of the same own key and layout, else of the same own key in any layout.
    """
    own = told["source"].isin(in_force)
    standing = told["source"].where(own).astype("Int64")
    standing = _filled(standing, told, own & (told["key"] != NO_KEY), ["key"])
    if standing.notna().all():
        return pd.Series(standing.to_numpy(), index=told["source"])
    named = told[["source", "layout"]].assign(**{_OWN: own_keys(told)})
    for names in ([_OWN, "layout"], [_OWN]):
        standing = _filled(standing, named, own & (named[_OWN] != ""), names)
    return pd.Series(standing.to_numpy(), index=told["source"])


def _filled(standing: pd.Series[Any], told: pd.DataFrame, own: pd.Series[Any], names: list[str]) -> pd.Series[Any]:
    """`standing` with the first source of `own` rows that are equal in `names`, where nothing stands yet."""
    still = told.loc[standing.isna(), names]
    first = told.loc[own, [*names, "source"]].sort_values("source").drop_duplicates(names)
    found = still.merge(first, on=names, how="left", validate="many_to_one")["source"]
    return standing.fillna(pd.Series(found.to_numpy(), index=still.index).astype("Int64"))
