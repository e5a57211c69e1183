"""The sites of the forecast: each certificate in force that somebody still needs, and how it will go on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import hosts as host_names
from pipeline.agencies import domain_of, successor_in
from pipeline.calendar import day_keys
from pipeline.forecast.limits import REUSE_DAYS, Days, days_of, number_of
from pipeline.issuers import issuer_keys

AUTOMATED = "automated"
NO_ORDER = -1
_DAY_SECONDS = 86_400
_IN_FORCE = ("active", "not-yet-valid")


class Group(NamedTuple):
    """What the forecast is told by: agency (the successor, of a merged one), tier and trust of a site."""

    tier: str
    agency: str
    trust: str


@dataclass(frozen=True, eq=False, slots=True)
class Sites:
    """Arrays of one length, a place a site; days are counted from 1970-01-01.

    `row` is the site's row in CERTIFICATES; `group` points into `groups`, `domain` into `validated`. `last_day` is the last day of the
    present certificate, `life` its length in days; `usual` is how long its successors live where no limit shortens them. `term_start` is
    the first day of the paid term that covers it, or `NO_ORDER` where each certificate is an order of its own. `validated` holds the day
    of the last proof of control over each domain.
    """

    row: npt.NDArray[np.int64]
    groups: Sequence[Group]
    group: npt.NDArray[np.int64]
    last_day: Days
    life: Days
    usual: Days
    term_start: Days
    is_public: npt.NDArray[np.bool_]
    is_automated: npt.NDArray[np.bool_]
    domain: npt.NDArray[np.int64]
    validated: Days

    def __len__(self) -> int:
        return len(self.group)


def sites(
    certificates: pd.DataFrame, export_rows: pd.DataFrame, hosts: pd.DataFrame, agencies: pd.DataFrame, as_of: dt.date, term_days: int
) -> Sites:
    """The sites of CERTIFICATES on the day `as_of`; `export_rows` is EXPORT_ROWS, `hosts` HOSTS, `agencies` AGENCIES.

    A site is a certificate in force, not of an authority, that nothing superseded and that has a host in service; of reissues of one
    certificate without an order number only the last. What has run out is none: whether somebody still needs it is not known. A
    certificate's days are those of its validity, rounded to whole ones; the longest of its order is the usual length, for a reissue is
    cut to the end of the term.
    """
    dated = certificates[certificates["valid_from"].notna() & certificates["valid_to"].notna() & certificates["service_on"].notna()]
    lives = _lives(dated)
    alike = _alike(dated, export_rows)
    usual = _longest_of_order(dated["order_id"].where(alike == "", alike), lives)
    starts = _term_starts(dated, term_days)
    goes_on = dated["status"].isin(_IN_FORCE) & ~dated["is_ca"] & host_names.still_matter(dated, hosts, as_of)
    reissued = _reissued(dated[goes_on & (alike != "")], alike)
    is_site = goes_on.to_numpy(dtype=bool) & ~dated.index.isin(reissued)
    of = dated[is_site]
    groups, group = _grouped(of, agencies, as_of)
    domains, domain = np.unique(
        np.array([domain_of(names) for names in of["names"].tolist()], dtype=object).astype(str), return_inverse=True
    )
    return Sites(
        row=certificates.index.get_indexer(of.index).astype(np.int64),
        groups=groups,
        group=group,
        last_day=number_of(as_of) + of["days_left"].to_numpy(dtype=np.int64),
        life=lives[is_site],
        usual=usual[is_site],
        term_start=starts[is_site],
        is_public=(of["trust"] != "private").to_numpy(dtype=bool),
        is_automated=_renew_themselves(of, hosts, as_of),
        domain=domain.astype(np.int64),
        validated=_last_issue(domain, len(domains), days_of(of["service_on"])),
    )


def without_order(sites: Sites) -> int:
    """How many sites that somebody is charged for have no order number: each of their certificates is an order of its own."""
    has_tier = np.array([of.tier != "" for of in sites.groups], dtype=bool)
    return int((has_tier[sites.group] & (sites.term_start == NO_ORDER)).sum())


def _lives(dated: pd.DataFrame) -> Days:
    seconds = (dated["valid_to"] - dated["valid_from"]).dt.total_seconds().to_numpy(dtype=np.float64)
    return np.maximum(np.rint(seconds / _DAY_SECONDS), 1).astype(np.int64)


def _longest_of_order(orders: pd.Series[Any], lives: Days) -> Days:
    by_order = pd.Series(lives, index=orders.index).groupby(orders).transform("max").to_numpy(dtype=np.int64)
    return np.where(orders == "", lives, by_order)


def _alike(dated: pd.DataFrame, export_rows: pd.DataFrame) -> pd.Series[Any]:
    """What the order of each billed certificate without an order number is known by; "" for all others.

    By the rule that bills them (DESIGN §6): agency, tier, issuer, names and last day, as the billing export wrote them; a certificate of
    which names or last day are missing is like no other.
    """
    of = dated[(dated["order_id"] == "") & (dated["role"] == "billing")]
    written = export_rows[export_rows["source"].isin(of["source"])].set_index("source").loc[of["source"]]
    names = written["subject_alternative_names"].where(written["subject_alternative_names"] != "", written["common_name"].str.lower())
    agency = of["agency"].where(of["agency"] != "", written["agency_text"].to_numpy())
    facts = zip(agency, of["tier"], issuer_keys(written["issuer"]), names, day_keys(written["valid_to"]), strict=True)
    keys = ["\x1f".join(told) if told[-2] and told[-1] else "" for told in facts]
    return pd.Series(keys, index=of.index, dtype="str").reindex(dated.index, fill_value="")


def _reissued(in_force: pd.DataFrame, alike: pd.Series[Any]) -> pd.Index[Any]:
    """The labels of the certificates that have a later one of the same order, where `alike` names the order."""
    ordered = alike[in_force.sort_values(["service_on", "valid_from", "serial"]).index]
    return ordered.index[ordered.duplicated(keep="last")]


def _term_starts(dated: pd.DataFrame, term_days: int) -> Days:
    """The first day of the paid term that each certificate lies in: an issue at or after a term's end begins the next (DESIGN §6)."""
    orders, days = dated["order_id"].tolist(), days_of(dated["service_on"]).tolist()
    starts = np.full(len(orders), NO_ORDER, dtype=np.int64)
    current, start = "", 0
    for place in sorted(range(len(orders)), key=lambda row: (orders[row], days[row])):
        if not orders[place]:
            continue
        if orders[place] != current or days[place] - start >= term_days:
            current, start = orders[place], days[place]
        starts[place] = start
    return starts


def _grouped(of: pd.DataFrame, agencies: pd.DataFrame, as_of: dt.date) -> tuple[list[Group], npt.NDArray[np.int64]]:
    successor = successor_in(agencies)
    keepers = {code: successor(code, as_of) if code else "" for code in of["agency"].unique()}
    trust = ["private" if told == "private" else "public" for told in of["trust"].tolist()]
    keys = list(zip(of["tier"].tolist(), (keepers[code] for code in of["agency"].tolist()), trust, strict=True))
    groups = sorted(set(keys))
    places = {key: place for place, key in enumerate(groups)}
    return [Group(*key) for key in groups], np.array([places[key] for key in keys], dtype=np.int64)


def _renew_themselves(of: pd.DataFrame, hosts: pd.DataFrame, as_of: dt.date) -> npt.NDArray[np.bool_]:
    """Whether hosts.csv says of every host in service of a certificate that it is automated."""
    states = {host: found[-1].state for host, found in host_names.spells(hosts, as_of).items()}
    if AUTOMATED not in states.values():
        return np.zeros(len(of), dtype=bool)
    told = [{states.get(name, "") for name in host_names.names_of(names)} - {host_names.RETIRED} for names in of["names"].tolist()]
    return np.array([states_of == {AUTOMATED} for states_of in told], dtype=bool)


def _last_issue(domain: npt.NDArray[Any], domains: int, issued: Days) -> Days:
    """The last issue of each domain: control over it was proven no later than this, and no longer ago than a proof may be used again."""
    last = np.full(domains, issued.min(initial=0) - int(REUSE_DAYS.max()), dtype=np.int64)
    np.maximum.at(last, domain, issued)
    return last
