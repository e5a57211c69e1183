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
from pipeline.forecast.limits import DAY, REUSE_DAYS, Days, days_of, number_of
from pipeline.forecast.paid_terms import EACH, NO_ORDER, NO_TERM, PaidTerms
from pipeline.issuers import issuer_keys
from pipeline.rates import RateCard, rate_card
from pipeline.settings import Settings

AUTOMATED = "automated"
NEVER = 1_000_000
_DAY_SECONDS = 86_400
_LOOKED_AT = [
    "agency", "certificate", "days_left", "is_ca", "names", "order_id", "role", "serial", "service_on", "source", "status", "superseded_by",
    "tier", "trust", "valid_from", "valid_to",
]  # fmt: skip
_TAKEN = ["agency", "days_left", "names", "order_id", "role", "service_on", "tier", "trust"]
_IN_FORCE = ("active", "not-yet-valid")
_TRUST = ("public", "private")


class Group(NamedTuple):
    """What the forecast is told by: agency (the successor, of a merged one), tier and trust of a site."""

    tier: str
    agency: str
    trust: str


@dataclass(frozen=True, eq=False, slots=True)
class Sites:
    """Arrays of one length, a place a site; days are counted from 1970-01-01.

    `row` is the site's row in CERTIFICATES; `group` points into `groups`, `domain` into `validated`. `last_day` is the last day of the
    present certificate, `life` its length in days; `usual` is how long its successors live where no limit shortens them. `order` numbers
    the billed orders: sites of one number share its terms; it is `NO_ORDER` where each certificate is an order of its own, or none is
    billed. `term_start` is the first day of the order's newest paid term, or `NO_TERM`; `free_days` and `plan_days` say when the next one
    begins (`paid_terms.Way`), the same for all sites of one order; `charged_from` is the first day with a rate for the site's tier, or
    `NEVER`. `validated` holds the day of the last proof of control over each domain.
    """

    row: npt.NDArray[np.int64]
    groups: Sequence[Group]
    group: npt.NDArray[np.int64]
    last_day: Days
    life: Days
    usual: Days
    order: npt.NDArray[np.int64]
    term_start: Days
    free_days: Days
    plan_days: Days
    charged_from: Days
    is_public: npt.NDArray[np.bool_]
    is_automated: npt.NDArray[np.bool_]
    domain: npt.NDArray[np.int64]
    validated: Days

    def __len__(self) -> int:
        return len(self.group)


def sites(
    certificates: pd.DataFrame,
    export_rows: pd.DataFrame,
    hosts: pd.DataFrame,
    agencies: pd.DataFrame,
    terms: PaidTerms,
    settings: Settings,
    as_of: dt.date,
) -> Sites:
    """The sites of CERTIFICATES on the day `as_of`; `export_rows` is EXPORT_ROWS, `hosts` HOSTS, `agencies` AGENCIES, `terms` what the
    billed orders have paid.

    A site is a certificate in force that was issued by `as_of`, not of an authority, that none issued by then superseded or will, and that
    has a host in service; of reissues of one certificate without an order number only the last. What has run out is none: whether somebody
    still needs it is not known. A certificate's days are those of its validity, rounded to whole ones; the longest of its order is the
    usual length, for a reissue is cut to the end of the term. Only certificates that a billing export tells of have a tier and an order
    here, for an inventory or a certificate file is never charged (DESIGN §4, "Roles"). One of which the agency is not known yet counts like
    any other: it is charged as soon as somebody says whose it is.
    """
    is_dated = certificates["valid_from"].notna() & certificates["valid_to"].notna()
    dated = certificates.loc[is_dated & (certificates["service_on"] <= pd.Timestamp(as_of)), _LOOKED_AT]
    lives = _lives(dated)
    alike = _alike(dated, export_rows)
    usual = _longest_of_order(dated, alike, lives)
    goes_on = dated["status"].isin(_IN_FORCE) & ~dated["is_ca"] & host_names.still_matter(dated, hosts, as_of)
    goes_on &= ~_will_be_superseded(dated)
    reissued = _reissued(dated[goes_on & (alike != "")], alike)
    is_site = goes_on.to_numpy(dtype=bool) & ~dated.index.isin(reissued)
    of = dated.loc[is_site, _TAKEN]
    card = rate_card(settings)
    groups, group = _grouped(of, agencies, as_of)
    row = certificates.index.get_indexer(of.index).astype(np.int64)
    order, term_start, free_days, plan_days = _orders(row, terms)
    domain, domains = _domains(of["names"])
    return Sites(
        row=row,
        groups=groups,
        group=group,
        last_day=number_of(as_of) + of["days_left"].to_numpy(dtype=DAY),
        life=lives[is_site],
        usual=usual[is_site],
        order=order,
        term_start=term_start,
        free_days=free_days,
        plan_days=plan_days,
        charged_from=np.array([_charged_from(card, told.tier) for told in groups], dtype=DAY)[group],
        is_public=(of["trust"] != "private").to_numpy(dtype=bool),
        is_automated=_renew_themselves(of, hosts, as_of),
        domain=domain,
        validated=_last_issue(domain, domains, days_of(of["service_on"])),
    )


def each_bought(sites: Sites) -> npt.NDArray[np.bool_]:
    """The sites that somebody is charged for with each certificate: those without an order number, and those that are bought one by one."""
    has_tier = np.array([of.tier != "" for of in sites.groups], dtype=bool)
    found: npt.NDArray[np.bool_] = has_tier[sites.group] & (sites.free_days == 0)
    return found


def _lives(dated: pd.DataFrame) -> Days:
    seconds = (dated["valid_to"] - dated["valid_from"]).dt.total_seconds().to_numpy(dtype=np.float64)
    return np.maximum(np.rint(seconds / _DAY_SECONDS), 1).astype(DAY)


def _longest_of_order(dated: pd.DataFrame, alike: pd.Series[Any], lives: Days) -> Days:
    """The longest of the lives of each certificate's order, by its number or by what it is `alike`; its own where neither tells of one."""
    # numbers of a vendor and of a private authority may be equal by chance
    keys = [pd.factorize(told)[0] for told in (dated["order_id"], dated["role"], alike)]
    shape = [int(key.max(initial=0)) + 1 for key in keys]
    order, orders = pd.factorize(np.ravel_multi_index(keys, shape))
    found = np.zeros(len(orders), dtype=DAY)
    np.maximum.at(found, order, lives)
    return np.where((dated["order_id"] == "") & (alike == ""), lives, found[order])


def _domains(names: pd.Series[Any]) -> tuple[npt.NDArray[np.int64], int]:
    """Of each of the names the number of the domain that the first lies in, and how many domains there are."""
    told, listed = pd.factorize(names)
    domain, domains = pd.factorize(np.array([domain_of(of) for of in listed.tolist()], dtype=object))
    return domain.astype(np.int64)[told], len(domains)


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


def _will_be_superseded(dated: pd.DataFrame) -> pd.Series[Any]:
    """Whether a certificate still serves until its successor, which is issued already, becomes valid: the two are one site."""
    return dated["superseded_by"].isin(dated.loc[dated["status"] == "not-yet-valid", "certificate"])


def _reissued(in_force: pd.DataFrame, alike: pd.Series[Any]) -> pd.Index[Any]:
    """The labels of the certificates that have a later one of the same order, where `alike` names the order."""
    ordered = alike[in_force.sort_values(["service_on", "valid_from", "serial"]).index]
    return ordered.index[ordered.duplicated(keep="last")]


def _orders(row: npt.NDArray[np.int64], terms: PaidTerms) -> tuple[npt.NDArray[np.int64], Days, Days, Days]:
    """The columns `order`, `term_start`, `free_days` and `plan_days` of the sites in these rows of CERTIFICATES; orders are numbered as
    the sites come. An order that only an inventory knows is none that is billed."""
    order, named = pd.factorize(terms.number[row])
    # the place -1 of those without an order is the last one
    alone = ((terms.starts, NO_TERM), (terms.free_days, EACH.free_days), (terms.plan_days, EACH.plan_days))
    began, free, plan = (np.append(column, DAY(nothing))[named][order] for column, nothing in alone)
    return np.where(terms.number[row] == NO_ORDER, NO_ORDER, order.astype(np.int64)), began, free, plan


def _charged_from(card: RateCard, tier: str) -> int:
    since, _ = card.lines.get(tier, ((), ()))
    return number_of(since[0]) if since else NEVER


def _grouped(of: pd.DataFrame, agencies: pd.DataFrame, as_of: dt.date) -> tuple[list[Group], npt.NDArray[np.int64]]:
    successor = successor_in(agencies)
    keepers = {code: successor(code, as_of) if code else "" for code in of["agency"].unique()}
    tier, tiers = pd.factorize(of["tier"].where(of["role"] == "billing", ""))
    agency, codes = pd.factorize(of["agency"])
    is_private = (of["trust"] == "private").to_numpy(dtype=bool)
    told, place = np.unique((tier * len(codes) + agency) * 2 + is_private, return_inverse=True)
    named = [Group(tiers[one // 2 // len(codes)], keepers[codes[one // 2 % len(codes)]], _TRUST[one % 2]) for one in told.tolist()]
    groups = sorted(set(named))
    return groups, np.array([groups.index(group) for group in named], dtype=np.int64)[place]


def _renew_themselves(of: pd.DataFrame, hosts: pd.DataFrame, as_of: dt.date) -> npt.NDArray[np.bool_]:
    """Whether hosts.csv says of every host in service of a certificate that it is automated."""
    states = {host: found[-1].state for host, found in host_names.spells(hosts, as_of).items()}
    if AUTOMATED not in states.values():
        return np.zeros(len(of), dtype=bool)
    told = [{states.get(name, "") for name in host_names.names_of(names)} - {host_names.RETIRED} for names in of["names"].tolist()]
    return np.array([states_of == {AUTOMATED} for states_of in told], dtype=bool)


def _last_issue(domain: npt.NDArray[Any], domains: int, issued: Days) -> Days:
    """The last issue of each domain: control over it was proven no later than this, and no longer ago than a proof may be used again."""
    last = np.full(domains, issued.min(initial=0) - int(REUSE_DAYS.max()), dtype=DAY)
    np.maximum.at(last, domain, issued)
    return last
