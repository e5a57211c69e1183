"""How early certificates were renewed, in shares and counts (facts/service-levels §4.3).

A certificate counts once, however many host names it had: with the latest renewal among them, in the month in which it ended, so that a
month keeps its figures once it is over.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.calendar import day_end, local_days
from pipeline.service.intervals import shares
from pipeline.service.reporting import Reporting
from pipeline.service.tallies import Members, tally

ON_TIME, NEAR_MISSES, LAPSES = "on-time-renewal", "near-misses", "lapses"
# Measure -> the bands that it counts, of those in the bands beside them.
_ALL = ("early", "after-first-notice", "near-miss", "lapse")
_SHARES = {
    ON_TIME: (("early", "after-first-notice"), _ALL),
    "renewed-early": (("early",), _ALL),
    "renewed-after-first-notice": (("after-first-notice",), ("after-first-notice", "near-miss", "lapse")),
    "renewed-after-second-notice": (("near-miss",), ("near-miss", "lapse")),
}
_COUNTED = {NEAR_MISSES: "near-miss", LAPSES: "lapse"}
_SECOND = pd.Timedelta(seconds=1)


def renewed(renewals: pd.DataFrame, zone: ZoneInfo, reporting: Reporting) -> list[pd.DataFrame]:
    """Rows of MEASURES for the office and each agency, from RENEWALS."""
    ended = ended_certificates(renewals, day_end(reporting.as_of, zone), zone)
    members, band = Members.of(ended, ("agency",)), ended["band"]
    found = []
    for measure, (counted, among) in _SHARES.items():
        rows = band.isin(among).to_numpy()
        met = band.isin(counted).to_numpy()[rows]
        found.append(shares(tally(members.at(rows), ended["day"][rows], reporting, met=met)).assign(measure=measure))
    for measure, one in _COUNTED.items():
        rows = (band == one).to_numpy()
        counts = tally(members.at(rows), ended["day"][rows], reporting)
        found.append(counts.assign(measure=measure, value=counts["n"].astype("float64")))
    return found


def ended_certificates(renewals: pd.DataFrame, now: pd.Timestamp, zone: ZoneInfo) -> pd.DataFrame:
    """Of RENEWALS each certificate whose end has come and was judged, with the least lead time of its hosts, and the local `day` that it
    covered last. Ends of retired hosts, and of those of which nobody knows, are not judged."""
    rows = renewals[(renewals["band"] != "") & (renewals["ended_at"] <= now)]
    worst = rows.sort_values(["lead_time_days", "host"], kind="stable").drop_duplicates("certificate")
    return worst.assign(day=local_days(worst["ended_at"] - _SECOND, zone)).sort_values(["ended_at", "host"], kind="stable")
