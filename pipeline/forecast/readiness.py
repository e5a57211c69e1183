"""How ready each agency is for short lives, and with whom to begin: the table READINESS."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.among import among
from pipeline.contracts import READINESS
from pipeline.forecast.months import Span
from pipeline.forecast.sites import Sites, each_bought
from pipeline.forecast.work import breaks_in
from pipeline.lints import WEAKNESSES

SHORT_DAYS = 100
# NIST FIPS 203, 204 and 205: the key families that a quantum computer is not known to break.
POST_QUANTUM = ("ML-DSA", "ML-KEM", "SLH-DSA")
_MONTHS_A_YEAR = 12
_LOOKED_AT = ["certificate", "contact_email", "extended_key_usage", "key_type"]


def readiness(
    sites: Sites,
    certificates: pd.DataFrame,
    forecast: pd.DataFrame,
    workload: pd.DataFrame,
    asked_share: float,
    lints: pd.DataFrame,
    months: Sequence[Span],
) -> pd.DataFrame:
    """READINESS of `sites`, which are rows of CERTIFICATES; FORECAST, WORKLOAD and LINTS tell the rest. A certificate needs `asked_share`
    requests, as in WORKLOAD.

    Agencies that ask for the most certificates by hand in the last year of the forecast come first. Certificates of no agency are a row
    too, with an empty code.
    """
    of = certificates[_LOOKED_AT].iloc[sites.row]
    codes, agencies = pd.factorize(np.array([group.agency for group in sites.groups], dtype=object))
    weak = set(lints.loc[lints["lint"].isin(WEAKNESSES), "certificate"])
    flags = pd.DataFrame(
        {
            "sites": True,
            "public_sites": sites.is_public,
            "short": sites.life <= SHORT_DAYS,
            "automated": sites.is_automated,
            "for_clients": (" " + of["extended_key_usage"] + " ").str.contains(" clientAuth ", regex=False).to_numpy(dtype=bool),
            "weak_keys": among(of["certificate"], weak).to_numpy(dtype=bool),
            "quantum_exposed": ((of["key_type"] != "") & ~of["key_type"].str.startswith(POST_QUANTUM)).to_numpy(dtype=bool),
            "known_keys": (of["key_type"] != "").to_numpy(dtype=bool),
            "each_bought": each_bought(sites),
            "without_contact": (of["contact_email"] == "").to_numpy(dtype=bool),
        },
        index=pd.RangeIndex(len(of)),
    )
    counted = flags.groupby(codes[sites.group]).sum()
    counted.index = pd.Index(agencies[counted.index])
    whole = [f"{first:%Y-%m}" for first, _ in months if first.day == 1]
    for name, column, of_months in (
        ("next_year", "issuances", whole[:_MONTHS_A_YEAR]),
        ("last_year", "issuances", whole[-_MONTHS_A_YEAR:]),
        ("last_year_by_hand", "by_hand", whole[-_MONTHS_A_YEAR:]),
    ):
        counted[name] = forecast[forecast["month"].isin(of_months)].groupby("agency")[column].sum().reindex(counted.index, fill_value=0)
    ranked = counted.reset_index(names="agency").sort_values(["last_year_by_hand", "agency"], ascending=[False, True], kind="stable")
    ranked["place"] = np.arange(1, len(ranked) + 1)
    ranked["breaks_in"] = _broken_without(ranked["agency"].tolist(), forecast, workload, asked_share)
    return READINESS.frame({str(name): cell for name, cell in row.items()} for row in ranked.to_dict("records"))


def _broken_without(agencies: Sequence[str], forecast: pd.DataFrame, workload: pd.DataFrame, asked_share: float) -> list[str]:
    """For each of `agencies` the month in which the promise breaks without the requests of it and of those before it."""
    left = workload["certificate_requests"].to_numpy(dtype=np.float64)
    by_hand = dict(iter(forecast.groupby("agency")))
    found = []
    for agency in agencies:
        if agency in by_hand and len(workload):
            theirs = by_hand[agency].groupby("month")["by_hand"].sum().reindex(workload["month"], fill_value=0.0)
            left = np.maximum(left - theirs.to_numpy(dtype=np.float64) * asked_share, 0.0)
        found.append(breaks_in(workload, left))
    return found
