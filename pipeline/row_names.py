"""What the rows that came in are called: by order, serial, fingerprint, request and lot, so that an entry can name the row it is about."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.contracts import Inbox

_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "  # of ASCII, as `str.strip` knows them
_SEPARATORS = str.maketrans("", "", ": ")
# Table of the inbox -> (column, what such a name is).
_NAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "export_rows": (("order_id", "order"), ("serial", "serial"), ("fingerprint_sha256", "fingerprint")),
    "request_rows": (("request_id", "request"),),
    "request_events": (("request_id", "request"),),
    "lot_rows": (("lot_id", "lot"),),
}


def named(inbox: Inbox) -> pd.DataFrame:
    """Every name of every row in force: `kind` (order, serial, fingerprint, request or lot), `name` as `comparable` makes it, `source`."""
    parts = [
        pd.DataFrame({"kind": kind, "name": all_comparable(rows[column], kind), "source": rows["source"].to_numpy()})
        for table, columns in _NAMES.items()
        for column, kind in columns
        for rows in (getattr(inbox, table),)
    ]
    names = pd.concat(parts, ignore_index=True).astype({"kind": "str", "name": "str", "source": "int64"})
    return names[names["name"] != ""].reset_index(drop=True)


def comparable(text: str, kind: str) -> str:
    """`text` as names of this kind are compared: without case and outer blanks, serials and fingerprints without marks and leading
    zeros."""
    plain = text.strip().casefold()
    if kind in ("serial", "fingerprint"):
        return plain.translate(_SEPARATORS).removeprefix("0x").lstrip("0")
    return plain


def all_comparable(texts: pd.Series[str], kind: str) -> pd.Series[str]:
    """What `comparable` makes of each of these, a whole column at a time; only a text that is more than ASCII is looked at by itself."""
    written = pa.Array.from_pandas(texts, type=pa.large_string())
    written = written.combine_chunks() if isinstance(written, pa.ChunkedArray) else written
    names = pc.utf8_trim(pc.ascii_lower(written), characters=_BLANKS)
    if kind in ("serial", "fingerprint"):
        bare = pc.replace_substring(pc.replace_substring(names, ":", ""), " ", "")
        names = pc.utf8_ltrim(pc.replace_substring_regex(bare, r"\A0x", ""), characters="0")
    more = pc.invert(pc.string_is_ascii(written))
    if pc.any(more).as_py():
        others: list[Any] = [comparable(text, kind) for text in written.filter(more).to_pylist()]
        names = pc.replace_with_mask(names, more, pa.array(others, pa.large_string()))
    return pd.Series(pd.array(names, dtype="str"))
