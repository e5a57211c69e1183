"""What closed months billed and the files of the day tell no more: it stays known to the rules of charges, as it was billed.

A term is counted from the certificates of its order, and a charge is named by the number of its term. If the first certificate of an order
were forgotten because its export is gone, the renewal would be the first term: taken for what is paid already, or billed in its place.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd

from pipeline.among import among
from pipeline.calendar import day_keys
from pipeline.chargeback.chains import Chains, Line, lines
from pipeline.chargeback.orders import Issue, group
from pipeline.contracts import Closed
from pipeline.issuers import is_drawn_by_chance, issuer_keys
from pipeline.rates import RateCard


class Remembered(NamedTuple):
    """The certificates that the rules of charges see, sorted; and which of them (`certificate`) are only known from closed months, or could
    not be charged by what the files say now."""

    issues: list[Issue]
    from_closed: frozenset[str]


def with_closed(known: Sequence[Issue], certificates: pd.DataFrame, closed: Closed, card: RateCard, term_days: int) -> Remembered:
    """`known` (sorted) and what lines of `closed` months that stand hold beside it: certificates that no billing export tells of any more,
    and agency and tier of those whose agency or rate nobody knows now.

    A certificate whose charge was credited counts as revoked on the day of that credit. `certificates` is CERTIFICATES; rates are those of
    `card`, which never change for closed months.
    """
    if closed.ledger.empty or _all_told(known, closed.ledger):
        return Remembered(list(known), frozenset())
    serials = dict(zip(closed.lines["entry_id"], closed.lines["serial"], strict=True))
    issuers = dict(zip(certificates["certificate"].tolist(), issuer_keys(certificates["issuer"]), strict=True))
    chains = Chains(lines(closed.ledger, serials, issuers))
    held = [line for line in chains.standing() if line.kind == "charge" and line.certificate and not line.decision]
    revoked = _revoked_days(held, chains, term_days)
    place = _Places(known, certificates, issuers)
    alike = _alike(held, closed.lines, known, place, term_days)
    seen, issues, from_closed = {issue.certificate for issue in known}, list(known), set()
    for line in held:
        found = place.of(line)
        if found is None and line.certificate not in seen:
            seen.add(line.certificate)
            issues.append(_issue(line, card, revoked.get(line.entry_id), alike[line.entry_id]))
            from_closed.add(line.certificate)
        elif found is not None and not (issues[found].agency and issues[found].rate is not None):
            rate = card.on(line.tier, issues[found].day)
            issues[found] = issues[found]._replace(agency=line.agency, tier=line.tier, rate=rate)
            from_closed.add(issues[found].certificate)
    closed_as = _closed_as(held, {issue.certificate for issue in known})
    told = (issue._replace(closed_as=_as_billed(issue, closed_as)) for issue in issues)
    return Remembered(sorted(told), frozenset(from_closed))


def _all_told(known: Sequence[Issue], ledger: pd.DataFrame) -> bool:
    """Whether the files tell of every certificate that closed months charged, of the payer of each free one, and of agencies and rates."""
    charges = ledger[(ledger["kind"] == "charge") & (ledger["certificate"] != "")]
    if not among(charges["certificate"], {issue.certificate for issue in known}).all():
        return False
    if not all(issue.agency and issue.rate is not None for issue in known):
        return False
    first: dict[tuple[str, ...], str] = {}
    for issue in known:
        first.setdefault(group(issue), issue.certificate)
    return not set(charges.loc[charges["amount_cents"] == 0, "certificate"]) & set(first.values())


class _Places:
    """Where among the known certificates the one of a closed line stands: by its name, else by serial number and host name."""

    def __init__(self, known: Sequence[Issue], certificates: pd.DataFrame, issuers: dict[str, str]) -> None:
        self._named = {issue.certificate: number for number, issue in enumerate(known)}
        self._numbered: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        serial_of = dict(zip(certificates["certificate"].tolist(), certificates["serial"].tolist(), strict=True))
        for number, issue in enumerate(known):
            serial = serial_of.get(issue.certificate, "")
            if serial:
                self._numbered[serial, issue.common_name].append((number, issuers.get(issue.certificate, "")))

    def of(self, line: Line) -> int | None:
        if line.certificate in self._named:
            return self._named[line.certificate]
        for number, issuer in self._numbered.get((line.serial, line.common_name), ()):
            # A serial that one authority counted up to may be another's too.
            if is_drawn_by_chance(line.serial.lstrip("0")) or not line.issuer or issuer in ("", line.issuer):
                return number
        return None


class _Alike(NamedTuple):
    """What certificates without an order number are taken for one order by, beside agency and tier: issuer, names and last day; and which
    of one day is the first, `valid_from` in microseconds since 1970."""

    issuer: str
    names: str
    valid_to: str
    valid_from: int = 0


def _alike(held: Sequence[Line], told: pd.DataFrame, known: Sequence[Issue], place: _Places, term_days: int) -> dict[str, _Alike]:
    """What each closed line's certificate is alike by: as the close kept it; where an older program kept less, as the certificate of a free
    line of its term says, for that was one order with it. Without a last day it is alike to no other one."""
    issuers, last_days = issuer_keys(told["issuer"]), day_keys(told["valid_to"])
    names = told["other_names"].where(told["other_names"] != "", told["host"].str.lower()).tolist()
    begins = (
        told["valid_from"].fillna(pd.Timestamp(0, tz="UTC")).dt.tz_localize(None).to_numpy(dtype="datetime64[us]").astype("int64").tolist()
    )
    kept = dict(zip(told["entry_id"], map(_Alike, issuers, names, last_days, begins), strict=True))
    found = {line.entry_id: kept.get(line.entry_id, _Alike("", "", "")) for line in held}
    of_order = _by_order(held)
    for free in held:
        at = None if free.cents or free.order_id else place.of(free)
        if at is not None:
            facts = known[at].issuer, known[at].names, known[at].valid_to
            of_term = [line for line in of_order[_order(free)] if not found[line.entry_id].valid_to and covers(line, free, term_days)]
            found.update({line.entry_id: _Alike(*facts, found[line.entry_id].valid_from) for line in of_term})
    return found


def _issue(line: Line, card: RateCard, revoked_on: dt.date | None, alike: _Alike) -> Issue:
    """The certificate of a closed line, as it was billed."""
    return Issue(
        day=line.service_on,
        valid_from=alike.valid_from,
        serial=line.serial,
        issuer=alike.issuer or line.issuer,
        names=alike.names,
        valid_to=alike.valid_to,
        certificate=line.certificate,
        order_id=line.order_id,
        agency=line.agency,
        agency_text="",
        agency_match="",
        tier=line.tier,
        product="",
        common_name=line.common_name,
        source=line.source,
        rate=card.on(line.tier, line.service_on),
        revoked_on=revoked_on,
        is_revoked=revoked_on is not None,
        renews="",
    )


def _revoked_days(held: Iterable[Line], chains: Chains, term_days: int) -> dict[str, dt.date]:
    """For each line whose term was credited and stands so, the day of that credit."""
    credits = {chains.first(line.reverses): line.service_on for line in chains.standing() if line.kind == "credit" and not line.decision}
    paid = [(line, credits[first]) for line in held if line.cents and (first := chains.first(line.entry_id)) in credits]
    free = _by_order(line for line in held if not line.cents)
    of_term = {
        line.entry_id: on for payer, on in paid for line in free[_order(payer)] if covers(payer, line, term_days) and line.service_on <= on
    }
    return of_term | {payer.entry_id: on for payer, on in paid}


class _ClosedAs(NamedTuple):
    """As what a certificate was billed, and under which order number."""

    order_id: str
    what: Literal["", "free", "paid"]


def _closed_as(held: Iterable[Line], told: Container[str]) -> dict[str, _ClosedAs]:
    """By certificate: a free reissue that the old books paid for; and what was charged.

    Where the files still tell of the certificate that the old books were paid for, they say themselves whether it is of this order.
    """
    found: dict[str, _ClosedAs] = {}
    for line in held:
        if line.cents:
            found[line.certificate] = _ClosedAs(line.order_id, "paid")
        elif line.paid_before and line.paid_before not in told:
            found[line.certificate] = _ClosedAs(line.order_id, "free")
    return found


def _as_billed(issue: Issue, closed_as: Mapping[str, _ClosedAs]) -> Literal["", "free", "paid"]:
    """As what closed months billed the certificate. Under another order number it is of another order, of which they tell nothing."""
    then = closed_as.get(issue.certificate)
    return then.what if then and then.order_id in ("", issue.order_id) else ""


def covers(payer: Line, line: Line, term_days: int) -> bool:
    """Whether a line is of the term that the charge `payer` paid for: of the same order, in its days."""
    return _order(payer) == _order(line) and 0 <= (line.service_on - payer.service_on).days < term_days


def _order(line: Line) -> tuple[str, ...]:
    """What lines of one order have in common."""
    return (line.order_id, *(() if line.order_id else (line.agency, line.tier, line.common_name)))


def _by_order(told: Iterable[Line]) -> defaultdict[tuple[str, ...], list[Line]]:
    found: defaultdict[tuple[str, ...], list[Line]] = defaultdict(list)
    for line in told:
        found[_order(line)].append(line)
    return found
