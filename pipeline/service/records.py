"""What measures are computed from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.contracts import (
    CERTIFICATES,
    CONTINUITY,
    EPISODES,
    HOSTS,
    INPUTS,
    NOTICES,
    OUTAGE_ROWS,
    PLACES,
    RENEWALS,
    REQUEST_EVENTS,
    REQUESTS,
    SERVER_SOFTWARE,
    SOURCES,
)


@dataclass(frozen=True, slots=True)
class Records:
    """The tables of a run that measures are computed from, each as its contract says; without one there are no figures from it."""

    requests: pd.DataFrame = field(default_factory=REQUESTS.empty)
    request_events: pd.DataFrame = field(default_factory=REQUEST_EVENTS.empty)
    episodes: pd.DataFrame = field(default_factory=EPISODES.empty)
    outages: pd.DataFrame = field(default_factory=OUTAGE_ROWS.empty)
    continuity: pd.DataFrame = field(default_factory=CONTINUITY.empty)
    renewals: pd.DataFrame = field(default_factory=RENEWALS.empty)
    certificates: pd.DataFrame = field(default_factory=CERTIFICATES.empty)
    hosts: pd.DataFrame = field(default_factory=HOSTS.empty)
    server_software: pd.DataFrame = field(default_factory=SERVER_SOFTWARE.empty)
    places: pd.DataFrame = field(default_factory=PLACES.empty)
    inputs: pd.DataFrame = field(default_factory=INPUTS.empty)
    sources: pd.DataFrame = field(default_factory=SOURCES.empty)
    notices: pd.DataFrame = field(default_factory=NOTICES.empty)
