"""Words of requests that nobody understands: spellings of agencies, products, and words for kinds of request."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import UNEXPLAINED


def unexplained(named: pd.DataFrame) -> pd.DataFrame:
    """UNEXPLAINED, a row a request and word. `named` are REQUEST_ROWS with the agency and tier that were found, "" for none."""
    parts = []
    for kind, column, unknown in (
        ("agency", "agency_text", named["agency"] == ""),
        ("tier", "product", named["tier"] == ""),
        ("kind", "kind_text", named["kind_text"] != ""),
    ):
        rows = named[unknown & (named[column] != "")]
        match = rows["agency_match"] if kind == "agency" else {"tier": "product", "kind": "kind"}[kind]
        parts.append(rows[["contact_email", "source"]].assign(kind=kind, match=match, value=rows[column]))
    words = pd.concat(parts, ignore_index=True)
    return UNEXPLAINED.check(words.astype({"kind": "str", "match": "str", "value": "str"}))
