"""Which row is in force for each row that was accepted: itself, the same row earlier in its file, or that of a newer file."""

from __future__ import annotations

from typing import Any

import pandas as pd


def each_for_itself(told: pd.DataFrame) -> pd.Series[Any]:
    """`stands_for` where all of the accepted rows `told` are in force, so that keys need not be asked for."""
    return pd.Series(told["source"].astype("Int64").to_numpy(), index=told["source"])


def stands_for(told: pd.DataFrame, in_force: pd.Series[Any]) -> pd.Series[Any]:
    """For each accepted row of a table the source that is in force for it, Int64 by source; NA where none is.

    `told` are the rows of all files with `source`, `layout`, `key` (what makes them one across files, "" where nothing does) and `own_key`
    (what makes them one within a file); `in_force` the sources of the rows in force. Another row stands for one of the same key, else for
    one of the same own key and layout, else of the same own key in any layout.
    """
    own = told["source"].isin(in_force)
    standing = told["source"].where(own).astype("Int64")
    for names in (["key"], ["own_key", "layout"], ["own_key"]):
        first = told.loc[own & (told[names[0]] != ""), [*names, "source"]].sort_values("source").drop_duplicates(names)
        found = told[names].merge(first, on=names, how="left", validate="many_to_one")["source"]
        standing = standing.fillna(pd.Series(found.to_numpy(), index=told.index).astype("Int64"))
    return pd.Series(standing.to_numpy(), index=told["source"])
