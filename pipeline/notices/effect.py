"""What notices brought about: of each certificate that somebody was told of, whether and after which notice it was renewed. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import pandas as pd

from pipeline import hosts as host_names
from pipeline.calendar import day_end
from pipeline.notices.stage import ahead
from pipeline.notices.uncovered import LONGEST_GAP
from pipeline.settings import Settings

Outcome = Literal["after-first", "after-second", "known-late", "over", "expired", "told-late", "open"]
OUTCOMES: tuple[Outcome, ...] = ("after-first", "after-second", "known-late", "over", "expired", "told-late", "open")


def outcomes(
    notices: pd.DataFrame, certificates: pd.DataFrame, hosts: pd.DataFrame, settings: Settings, as_of: dt.date
) -> Counter[Outcome]:
    """How many certificates that a notice was sent of ended how, as of `as_of`.

    after-first, after-second: a successor began after the first notice went out, after a later one; known-late: it had begun before;
    over: revoked, or all hosts retired; expired: nothing took over by its end, or soon enough after it (LONGEST_GAP); told-late:
    the same, but the first notice went out after its end and could not help; open: none of it yet.
    """
    sent = notices[(notices["kind"] == "notice") & (notices["state"] == "sent") & notices["sent_at"].notna()]
    if sent.empty:
        return Counter()
    first = sent.groupby(["certificate", "served_by"])["sent_at"].min()  # a contact of several addresses is told by as many messages
    times = {str(name): sorted(set(at)) for name, at in first.groupby("certificate")}
    mine = certificates[certificates["certificate"].isin(list(times))]
    successors = certificates[certificates["certificate"].isin(mine["superseded_by"].tolist())]
    begins = dict(zip(successors["certificate"], successors["valid_from"], strict=True))
    needed = host_names.still_matter(mine, hosts, as_of)
    now = day_end(as_of, settings.organization.zone)
    columns = ["certificate", "status", "superseded_by", "valid_to"]
    rows: Iterator[Any] = mine[columns].itertuples(index=False)
    return Counter(
        _outcome(row, begins.get(row.superseded_by), times[row.certificate], bool(matters), now)
        for row, matters in zip(rows, needed, strict=True)
    )


def _outcome(row: Any, successor_began: Any, told: list[pd.Timestamp], matters: bool, now: pd.Timestamp) -> Outcome:
    took_over = (
        row.superseded_by and not pd.isna(successor_began) and (pd.isna(row.valid_to) or successor_began <= row.valid_to + LONGEST_GAP)
    )
    if took_over:
        after = sum(at <= successor_began for at in told)
        return "known-late" if not after else "after-first" if after == 1 else "after-second"
    if row.status == "revoked" or not matters:
        return "over"
    if told[0] > row.valid_to:
        return "told-late"
    return "expired" if row.valid_to < now else "open"


def late(notices: pd.DataFrame, certificates: pd.DataFrame, settings: Settings, as_of: dt.date) -> pd.Series[Any]:
    """Which rows of NOTICES went out more than one day after they fell due, or have not gone out by then: bool, index of `notices`.

    When what is known from the journal only fell due follows from its end and its threshold, that of a short life being smaller.
    """
    one_day = pd.Timedelta(days=1)
    went = notices["sent_at"].dt.tz_convert(settings.organization.zone).dt.tz_localize(None).dt.normalize()
    waiting = notices["state"].isin(["due", "in-doubt", "no-contact"])
    by = went.where(~waiting, pd.Timestamp(as_of))
    tardy: pd.Series[Any] = (by > _fell_due(notices, certificates, settings) + one_day) & (waiting | (notices["state"] == "sent"))
    return tardy & (notices["kind"] == "notice")


def _fell_due(notices: pd.DataFrame, certificates: pd.DataFrame, settings: Settings) -> pd.Series[Any]:
    """The day on which each of NOTICES fell due (datetime64[us]), index of `notices`; NaT of copies about what ended, from the journal."""
    found, first = notices["due_on"].copy(), max(settings.notices.days_before, default=0)
    unsaid = notices.loc[found.isna() & (notices["days_before"] > 0), ["certificate", "days_before", "ends_on"]]
    lives = certificates.set_index("certificate")[["valid_from", "valid_to"]]  # of what is not known any more: as of a long life
    unsaid = unsaid.join(lives, on="certificate")
    for days in sorted(set(unsaid["days_before"].tolist())):
        rows = unsaid[unsaid["days_before"] == days]
        before = ahead(rows, {max(first, days), days})[:, -1]
        found[rows.index] = rows["ends_on"] - pd.to_timedelta(before, unit="D")
    return found
