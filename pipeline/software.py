"""Server software as it is written to the product families that the office supports (data/reference/server_software.csv)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd


def families(written: pd.Series[str], server_software: pd.DataFrame) -> pd.Series[str]:
    """The family of each text: the first of SERVER_SOFTWARE one of whose words stands in it, whatever the case; "" for none.

    Each text is looked at once, however often it is written.
    """
    number, texts = pd.factorize(written.str.casefold())
    found = np.full(len(texts), "", dtype=object)
    left = pd.Series(texts, dtype="str") != ""
    for name, match in zip(server_software["name"], server_software["match"], strict=True):
        words = [word.strip().casefold() for word in match.split("|") if word.strip()]
        if not words:
            continue
        pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words)
        named = left & pd.Series(texts, dtype="str").str.contains(pattern, regex=True)
        found[named.to_numpy()] = name
        left &= ~named
    return pd.Series(found[number], index=written.index, dtype="str")
