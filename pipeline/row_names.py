"""What the rows that came in are called: by order, serial, fingerprint, request and lot, so that an entry can name the row it is about."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import Inbox

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
        pd.DataFrame({"kind": kind, "name": [comparable(text, kind) for text in rows[column]], "source": rows["source"].to_numpy()})
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
