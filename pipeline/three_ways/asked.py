"""Which request stands behind a certificate, as far as the logs can tell.

Only order numbers are evidence. A request is behind a certificate of its order that was issued while the request was open, or at most
`AFTER_COMPLETION` days after it was completed, for some certificates come when the CA has validated the applicant.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import agencies as agency_codes
from pipeline.calendar import local_days
from pipeline.settings import Settings
from pipeline.three_ways.spans import ALWAYS, NONE, Numbers, Spans, day_numbers, shared_codes

GIVING = ("new", "renew", "reissue")
CAME_TO_NOTHING = ("cancelled", "rejected", "duplicate")
BEFORE_RECEIPT = 1  # exports write days of UTC, or of the vendor's zone
AFTER_COMPLETION = 14
# A certificate may answer a request from before the log began: the first days of a log prove nothing.
_SETTLING = 30


def spanned(requests: pd.DataFrame, directory: pd.DataFrame, settings: Settings, as_of: dt.date) -> pd.DataFrame:
    """REQUESTS with `begins` and `ends`, day numbers between which a certificate may answer it, `received` and `completed`, local days as
    day numbers, and `keeper`, the agency that its agency is today. A request without a day of receipt or completion is taken as open there.
    """
    zone = settings.organization.zone
    received, completed = local_days(requests["submitted_at"], zone), local_days(requests["completed_at"], zone)
    first, last = day_numbers(received, unknown=-ALWAYS), day_numbers(completed)
    return requests.assign(
        received=first,
        completed=last,
        begins=np.minimum(first, last) - BEFORE_RECEIPT,
        ends=np.maximum(first, last) + AFTER_COMPLETION,
        keeper=keepers(requests["agency"], directory, as_of),
    )


def keepers(codes: pd.Series[Any], directory: pd.DataFrame, as_of: dt.date) -> pd.Series[Any]:
    """The agency that each is on the as-of day: after a merger the successor asks for what the merged one had."""
    today = pd.Series(pd.Timestamp(as_of), index=codes.index, dtype="datetime64[us]")
    return agency_codes.successors(codes, today, directory)


def behind(certificates: pd.DataFrame, spans: pd.DataFrame, told_until: Numbers) -> tuple[list[str], npt.NDArray[np.intp]]:
    """For each certificate `yes`, `no`, or "" where it cannot be told; and the position in `spans` of the request behind it, or NONE.

    `certificates` has `keeper` beside the columns of CERTIFICATES, `spans` is what `spanned` gives, `told_until` the last day that the
    log of each of its rows tells of. It can be told only of a certificate of a billing export with an order number: `no` where the
    agency's log names order numbers, had done so for a month, goes on beyond the day of issue, and holds no request without an order
    number that may be the one.
    """
    issued = day_numbers(certificates["service_on"])
    asked_for = spans["kind"].isin(GIVING) & ~spans["status"].isin(CAME_TO_NOTHING)
    numbered = spans["order_id"] != ""
    request = _covering(certificates["order_id"], issued, spans[asked_for & numbered], "order_id")
    is_order = ((certificates["role"] == "billing") & (certificates["order_id"] != "") & certificates["service_on"].notna()).to_numpy()
    request[~is_order] = NONE
    nameless = spans[asked_for & ~numbered]
    may_be = _covering(certificates["keeper"], issued, nameless, "keeper") != NONE
    may_be |= _covering(pd.Series("", index=certificates.index, dtype="str"), issued, nameless, "keeper") != NONE
    begins, ends = _told(certificates["keeper"], spans[numbered], told_until[numbered.to_numpy()])
    is_told = is_order & ~may_be & (issued >= begins + _SETTLING) & (issued <= ends)
    is_asked = request != NONE
    words = np.where(is_asked, "yes", np.where(is_told, "no", ""))
    return words.tolist(), request


def _covering(keys: pd.Series[Any], days: Numbers, spans: pd.DataFrame, name: str) -> npt.NDArray[np.intp]:
    """The index label in `spans` of one that covers the day of each key, or NONE."""
    wanted, known = shared_codes(keys, spans[name])
    found = Spans(known, spans["begins"].to_numpy(), spans["ends"].to_numpy()).covering(wanted, days)
    labels = np.append(spans.index.to_numpy(dtype=np.intp), NONE)
    return np.asarray(labels[found])


def _told(keys: pd.Series[Any], numbered: pd.DataFrame, told_until: Numbers) -> tuple[Numbers, Numbers]:
    """The first and the last day of which requests with order numbers tell, for the agency of each key; nothing for others."""
    days = pd.DataFrame({"keeper": numbered["keeper"], "first": numbered["received"], "last": told_until})
    known = days[days["first"] > -ALWAYS].groupby("keeper").agg({"first": "min", "last": "max"})
    first = known["first"].reindex(keys).fillna(ALWAYS).to_numpy(dtype=np.int64)
    last = known["last"].reindex(keys).fillna(-ALWAYS).to_numpy(dtype=np.int64)
    return first, last
