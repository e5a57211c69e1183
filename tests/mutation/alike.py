"""Changes of a kind that mostly changes nothing anyone could notice. They count as not killed all the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

_VALUE = r"(?:None|True|False|[A-Za-z_.]+|\"[^\"]*\")"
# What is left out of both lines before they are compared, and why it does not matter.
_KINDS = (
    (rf"strict={_VALUE}", "the columns come from one table and are equally long"),
    (rf"kind={_VALUE}", "several columns are sorted stably whatever kind says, and one column with few equal values too"),
    (rf"validate={_VALUE}", "the keys of the merge are single where it asks for it"),
    (rf"(?:ignore_index|index|name|drop)={_VALUE}", "rows are taken apart at once, and the index is dropped or set right after"),
    (r"index=[\w.]+(?:\([^()]*\))?", "the index is that of the rows in their order anyway"),
    (rf"(?:dtype|copy)=(?:DTYPES\[[^\]]*\]|{_VALUE})", "the values have that type anyway"),
    (rf"\.astype\({_VALUE}\)|count=len\(values\)|side=\"left\"", "the values have that type or count anyway, or it is the usual one"),
    (rf"(?:on|how)=(?:\[[^\]]*\]|{_VALUE})", "all columns in common are keys, and all rows have a partner"),
    (r"\"(?:utf-8|UTF-8)\"|\"(?:XX)?surrogatepass(?:XX)?\"|\"SURROGATEPASS\"", "texts that are read hold no half characters"),
    (r"\"(?:XX)? (?:XX)?\"\.join", "the text is only compared with others that are joined alike"),
    (r"[lr]?strip\(\"(?:XX)?0(?:XX)?\"\)", "a serial number holds no X"),
    (r"\"(?:RECORDS|records)\"", "pandas reads it in small letters"),
)


def why(change: Sequence[str]) -> str:
    """Why a change (lines with - and +) that no test noticed may well change nothing; "" where it is of no such kind."""
    before, after = ("\n".join(line[1:] for line in change if line[0] == sign) for sign in "-+")
    return next((reason for pattern, reason in _KINDS if _without(pattern, before) == _without(pattern, after)), "")


def _without(pattern: str, text: str) -> str:
    return re.sub(r"[\s,]+", "", re.sub(pattern, "", text))
