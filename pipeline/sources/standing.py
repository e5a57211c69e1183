"""Which row is in force for each row that was accepted: itself, the same row earlier in its file, or that of a newer file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from pipeline.sources.readings import Reading

Keys = Callable[[pd.DataFrame], "pd.Series[Any]"]


def stands_for(readings: Sequence[Reading], in_force: pd.Series[Any], keys: Keys) -> pd.Series[Any]:
    """For each accepted row of `readings` (files of one table) the source that is in force for it, Int64 by source; NA where none is.

    `in_force` are the sources of the rows in force. Another row stands for one of the same key in the same layout, or failing that in
    any layout.
    """
    rows = pd.concat(
        [pd.DataFrame({"source": one.sources, "key": keys(one.frame), "layout": one.layout}) for one in readings], ignore_index=True
    )
    rows["own"] = rows["source"].isin(in_force)
    named = rows[rows["own"] & (rows["key"] != "")]
    same_layout = named.drop_duplicates(["key", "layout"])[["key", "layout", "source"]].rename(columns={"source": "there"})
    anywhere = named.drop_duplicates("key").set_index("key")["source"]
    found = rows.merge(same_layout, on=["key", "layout"], how="left", validate="many_to_one")
    standing = found["source"].where(found["own"], found["there"].fillna(found["key"].map(anywhere)))
    return pd.Series(standing.to_numpy(), index=rows["source"]).astype("Int64")
