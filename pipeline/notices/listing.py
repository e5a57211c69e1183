"""The notices of a published run as lines for a terminal: what has to be sent, to whom, soonest end first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.findings import quoted
from pipeline.notices.tried import Journal, Try

# What somebody still has to do something about, in words; the other states are counted.
_OPEN = {"due": "due", "in-doubt": "in doubt", "failed": "refused", "no-contact": "nobody to tell"}
_SETTLED = {"sent": "sent", "superseded": "renewed", "retired": "retired"}
_NOT_SERVED_BY_ITSELF = ("due", "in-doubt")


def brought_up(rows: Sequence[Mapping[str, Any]], log: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a published NOTICES, those still to be sent with what NOTICE_LOG `log` says became of their message since the run."""
    tries = {(one.message_id, one.certificate, one.days_before, one.kind): one for one in Journal(log).tries}
    found = []
    for row in rows:
        since = tries.get((row["message_id"], row["certificate"], row["served_by"], row["kind"]))
        open_still = row["state"] in _NOT_SERVED_BY_ITSELF
        if open_still and row["days_before"] != row["served_by"]:
            continue  # told of by the row of the nearer threshold
        found.append(dict(row) | (_since(since) if since is not None and open_still else {}))
    return found


def _since(one: Try) -> dict[str, Any]:
    state = "sent" if one.sent_at is not None else "failed" if one.is_refused else "in-doubt" if one.doubts else "due"
    return {"state": state, "detail": one.why}


def listed(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each open row of NOTICES, in the order given, and one that counts all; of several notices that one message serves, one."""
    told = [row for row in rows if row["state"] not in _NOT_SERVED_BY_ITSELF or row["days_before"] == row["served_by"]]
    lines = []
    for row in told:
        if row["state"] in _OPEN:
            whom, names = row["contact_email"] or "-", quoted(row["names"] or row["certificate"])
            why = f" ({quoted(row['detail'])})" if row["detail"] else ""
            state = f"{_OPEN[row['state']]}{', copy' if row['kind'] == 'copy' else ''}"
            lines.append(f"ends {row['ends_on']:%Y-%m-%d}  {state:<14} {whom:<32} {quoted(row['agency']):<8} {names}{why}")
    found = Counter(row["state"] for row in told if row["kind"] != "copy")
    counts = [f"{found[state]:,} {word}" for state, word in (_OPEN | _SETTLED).items() if found[state]]
    copies = sum(row["kind"] == "copy" and row["state"] in _OPEN for row in told)
    counts += [f"{copies:,} {'copy' if copies == 1 else 'copies'} open"] if copies else []
    return [*lines, f"Notices      {', '.join(counts)}" if counts else "Notices      none has fallen due"]
