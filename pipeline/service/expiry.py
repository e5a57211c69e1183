"""What ends soon, and which notices were owed and sent (DESIGN §6, "Notices")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from pipeline import hosts as host_names
from pipeline import thresholds
from pipeline.among import among
from pipeline.calendar import day_end, local_days
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import Flags, Members, tally

EXPIRING = {"expiring-7": 7, "expiring-30": 30, "expiring-60": 60, "expiring-90": 90}
NOTICES, SENT = "notices-owed", "notices-sent"
_PARTS = ("agency", "tier")
_DAY = pd.Timedelta(days=1)


def expiring(certificates: pd.DataFrame, hosts: pd.DataFrame, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES of CERTIFICATES in force on the as-of day, for its month: how many end within 7, 30, 60 and 90 days.

    A certificate counts once, however many host names it has, and not where HOSTS retires all of them.
    """
    in_force = (certificates["status"] == "active") & ~certificates["is_ca"]
    matter = certificates[in_force & host_names.still_matter(certificates, hosts, reporting.as_of)]
    members, left = Members.of(matter, _PARTS), matter["days_left"]
    today = pd.Series(pd.Timestamp(reporting.as_of), index=matter.index)
    found = []
    for measure, days in EXPIRING.items():
        rows = (left <= days).fillna(False).to_numpy(dtype=bool)
        counted = tally(members.at(rows), today[rows], reporting)
        of_month = counted[counted["period"] == reporting.this_month()]
        found.append(of_month.assign(measure=measure, value=of_month["n"].astype("float64")))
    return found


def notices_owed(
    certificates: pd.DataFrame,
    renewals: pd.DataFrame,
    hosts: pd.DataFrame,
    days_before: Iterable[int],
    zone: ZoneInfo,
    reporting: Reporting,
) -> list[pd.DataFrame]:
    """Rows of MEASURES: how many notices fell due by day, one a certificate and each of `days_before`, while it was not renewed yet.

    From CERTIFICATES, RENEWALS and HOSTS. A certificate that was renewed, or revoked, on the day or before it is owed none.
    """
    ordered = thresholds.in_order(days_before)
    told = _to_tell(certificates, renewals, hosts, max(ordered, default=0), zone, reporting.as_of)
    life = (told["valid_to"] + pd.Timedelta(seconds=1) - told["valid_from"]).dt.days.to_numpy(dtype=np.int64)
    parts = []
    for place, days in enumerate(ordered):
        ahead = thresholds.shrunk(days, is_first=not place, lives=life)
        day = local_days(told["valid_to"], zone) - pd.to_timedelta(ahead, unit="D")
        owed = ~(told["renewed_on"] <= day) & ~(told["revoked_on"] <= day) & (day >= local_days(told["valid_from"], zone))
        parts.append(told[owed].assign(day=day[owed]))
    rows = pd.concat(parts, ignore_index=True) if parts else told.assign(day=told["renewed_on"])
    found = tally(Members.of(rows, _PARTS), rows["day"], reporting)
    return [found.assign(measure=NOTICES, value=found["n"].astype("float64"))]


def notices_sent(notices: pd.DataFrame, zone: ZoneInfo, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES, from NOTICES: how many notices the mail server took by day, one a certificate and threshold that it was sent for.

    A copy is none, and neither is a larger threshold that the same notice serves; one that was sent twice because the first was in doubt
    counts once, on the day of the answer, and so does one to a contact of several addresses, on the day of the first.
    """
    sent = notices[(notices["state"] == "sent") & (notices["kind"] == "notice") & (notices["days_before"] == notices["served_by"])]
    sent = sent.sort_values("sent_at", kind="stable").drop_duplicates(["certificate", "days_before"])
    found = tally(Members.of(sent, ("agency",)), local_days(sent["sent_at"], zone), reporting)
    return [found.assign(measure=SENT, value=found["n"].astype("float64"))]


def _to_tell(
    certificates: pd.DataFrame, renewals: pd.DataFrame, hosts: pd.DataFrame, ahead: int, zone: ZoneInfo, as_of: dt.date
) -> pd.DataFrame:
    """The certificates that somebody had, or has, to be told of, with the day `renewed_on` which all their hosts were renewed by."""
    mattered = renewals[renewals["outcome"] != "retired"]
    by_certificate = mattered.assign(is_renewed=mattered["issued_at"].notna()).groupby("certificate")
    ends = pd.DataFrame({"issued_at": by_certificate["issued_at"].max(), "is_renewed": by_certificate["is_renewed"].all()})
    renewed_on = local_days(ends["issued_at"].where(ends["is_renewed"]), zone)
    until = day_end(as_of, zone) + ahead * _DAY
    has_renewals = among(certificates["certificate"], ends.index.to_series())
    soon = _not_renewed_yet(certificates, hosts, until, as_of) & ~has_renewals.to_numpy()
    dated = certificates["valid_from"].notna() & certificates["valid_to"].notna() & ~certificates["is_ca"]
    withdrawn = (certificates["revoked_by"] != "") & certificates["revoked_on"].isna()
    rows = certificates[dated & ~withdrawn & (has_renewals | soon)]
    return rows.assign(renewed_on=renewed_on.reindex(rows["certificate"]).to_numpy())


def _not_renewed_yet(certificates: pd.DataFrame, hosts: pd.DataFrame, until: pd.Timestamp, as_of: dt.date) -> Flags:
    """Which of CERTIFICATES are in force, end by `until`, and have a host name, not retired, that nothing else covers beyond their end."""
    usable = certificates["status"].isin(("active", "not-yet-valid")) & ~certificates["is_ca"] & certificates["valid_to"].notna()
    soon = np.flatnonzero((usable & (certificates["status"] == "active") & (certificates["valid_to"] <= until)).to_numpy())
    names, ends = certificates["names"].tolist(), certificates["valid_to"].tolist()
    of_row = {row: host_names.names_of(names[row]) for row in soon}
    concerned = {name for named in of_row.values() for name in named}
    concerned |= {host_names.wildcard_of(name) for name in concerned}
    reach: dict[str, pd.Timestamp] = {}
    for row in np.flatnonzero(usable.to_numpy()) if concerned else ():
        for name in concerned.intersection(names[row].split(" ")):
            reach[name] = max(reach.get(name, ends[row]), ends[row])
    retired = host_names.retired(hosts, as_of)
    found = np.zeros(len(certificates), dtype=bool)
    for row, named in of_row.items():
        covered = (max(reach.get(one, ends[row]) for one in (name, host_names.wildcard_of(name))) for name in named if name not in retired)
        found[row] = any(end <= ends[row] for end in covered)
    return found
