"""The stage: CONTINUITY of a day from certificates and hosts.csv, with each end and each gap behind it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import pandas as pd

from pipeline import hosts as host_names
from pipeline.calendar import day_end
from pipeline.continuity import timeline
from pipeline.continuity.covers import covers
from pipeline.continuity.ends import ends
from pipeline.continuity.service_time import in_service, owners, said_of
from pipeline.continuity.spans import together
from pipeline.contracts import Stage
from pipeline.settings import Organization


@dataclass(frozen=True, slots=True)
class Continuity(Stage):
    """CONTINUITY; `renewals` and `gaps` as their contracts say."""

    renewals: pd.DataFrame = field(default_factory=pd.DataFrame)
    gaps: pd.DataFrame = field(default_factory=pd.DataFrame)


def continuity(certificates: pd.DataFrame, hosts: pd.DataFrame, organization: Organization, as_of: dt.date) -> Continuity:
    """CONTINUITY, RENEWALS and GAPS of the tables CERTIFICATES and HOSTS as of the end of `as_of`, whatever the order of their rows.

    Months and fiscal years are given from the first day of the fiscal year two years back; RENEWALS reach back as far as certificates do.
    Covered time is counted once however many certificates cover it. Figures of an agency or the office are sums of seconds over sums of
    seconds, never means of shares.
    """
    zone, end_of_day = organization.zone, day_end(as_of, organization.zone)
    now = int(end_of_day.timestamp())
    spells = host_names.spells(hosts, as_of)
    covered = covers(certificates, frozenset(spells), end_of_day, as_of, zone)
    by_wildcards = covered.by_wildcards()
    said = said_of(spells, covered.names, zone)
    served, unknown = in_service(covered, by_wildcards, said, now)
    owned = owners(covered, certificates["agency"])
    renewals = ends(covered, by_wildcards, owned, said, certificates["certificate"], now)
    periods = timeline.reported(organization, as_of)
    found = timeline.pieces(together(covered.spans, by_wildcards), served, unknown, owned, int(periods[0].edges[0]), now)
    table = timeline.added_up(found, renewals, covered.names, owned, periods)
    return Continuity(table, renewals=renewals, gaps=timeline.gaps(found, covered.names, owned, now))
