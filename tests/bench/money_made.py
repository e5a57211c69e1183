"""A made-up office of the size of a state's: certificates, agencies, lots and decisions of 24 months, as tables, without a file.

The mix is that of an office that charges orders: most of one certificate, a fifth with reissues, some renewed in the same order, some
given up in time, some upgraded; a few without an order number, an agency, or a tier that anybody knows.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.contracts import (
    ACCOUNTS,
    ADJUSTMENTS,
    AGENCIES,
    CERTIFICATES,
    COSTS,
    ESTIMATES,
    EXPORT_ROWS,
    LOT_ROWS,
)
from pipeline.settings import Settings

AS_OF = dt.date(2026, 11, 30)
BEGIN = dt.date(2024, 12, 1)
MONTHS = 24
AGENCY_COUNT = 150
_MERGED = 4
_DECISIONS = 400
_SEED = 20_261_126
_TERM = 365
_LOTS_A_TIER = 6
SETTINGS = Settings.model_validate(
    {
        "rate": [
            {"tier": tier, "amount": dollars, "since": since}
            for since, *both in (("2024-07-01", "214.50", "530.00"), ("2025-07-01", "221.19", "542.00"), ("2026-07-01", "229.00", "551.75"))
            for tier, dollars in zip(("standard", "premium"), both, strict=True)
        ],
        "charges": {"begin": BEGIN, "revenue_account": "CERT-1000"},
    },
    strict=False,
)


@dataclass(frozen=True, slots=True)
class Office:
    """The tables that the money is reckoned from."""

    certificates: pd.DataFrame
    export_rows: pd.DataFrame
    agencies: pd.DataFrame
    adjustments: pd.DataFrame
    lot_rows: pd.DataFrame
    estimates: pd.DataFrame
    costs: pd.DataFrame
    accounts: pd.DataFrame


def office(count: int) -> Office:
    """An office of `count` certificates; the same one every time."""
    chance = random.Random(_SEED)
    told = list(_certificates(chance, count))
    codes = [_code(number) for number in range(AGENCY_COUNT)]
    decisions = [_decision(chance, number, told) for number in range(_DECISIONS)]
    years = [(code, year) for code in codes for year in (2025, 2026, 2027)]
    return Office(
        certificates=CERTIFICATES.frame([facts | _in_inventory(facts) for facts in told]),
        export_rows=EXPORT_ROWS.frame([facts | {"issued_on": facts["service_on"], "status": "issued"} for facts in told]),
        agencies=AGENCIES.frame([_agency(number) for number in range(AGENCY_COUNT)]),
        adjustments=ADJUSTMENTS.frame(decisions),
        lot_rows=LOT_ROWS.frame(list(_lots(told))),
        estimates=ESTIMATES.frame([{"agency": code, "fiscal_year": year, "amount_cents": 9_000_000, "source": 1} for code, year in years]),
        costs=COSTS.frame([{"fiscal_year": 2026, "tier": tier, "amount_cents": 12_000_000, "source": 1} for tier in SETTINGS.tiers]),
        accounts=ACCOUNTS.frame([{"account_id": f"{code}-1", "valid_from": BEGIN, "fund": "0010", "department": code} for code in codes]),
    )


def _certificates(chance: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """`count` certificates, order by order; a renewal is an order of its own or a further term of the old one."""
    number = order = 0
    while number < count:
        order += 1
        agency, tier = _code(int(AGENCY_COUNT * chance.random() ** 2)), "premium" if chance.random() < 0.2 else "standard"
        facts = {"order_id": f"{1_000_000 + order}", "agency": agency, "tier": tier, "host": f"w{order}.{agency.lower()}.example.gov"}
        facts |= {"order_id": ""} if chance.random() < 0.03 else {}
        facts |= {"agency": ""} if chance.random() < 0.001 else {}
        facts |= {"tier": ""} if chance.random() < 0.001 else {}
        begins = BEGIN + dt.timedelta(days=chance.randrange((AS_OF - BEGIN).days + 1))
        for day, changes in _of_order(chance, begins):
            if number < count and day <= AS_OF:
                number += 1
                yield _certificate(chance, number, day, facts | changes)


def _of_order(chance: random.Random, begins: dt.date) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """The days of an order's certificates, and what each of them has of its own."""
    kind = chance.random()
    if kind < 0.03:  # given up in time, and credited
        yield begins, {"revoked_on": begins + dt.timedelta(days=chance.randrange(31))}
    elif kind < 0.05:  # given up later
        yield begins, {"revoked_on": begins + dt.timedelta(days=31 + chance.randrange(300))}
    else:
        yield begins, {}
    reissues = chance.randrange(1, 4) if chance.random() < 0.2 else 0
    for _ in range(reissues):
        yield begins + dt.timedelta(days=chance.randrange(_TERM)), {}
    if chance.random() < 0.02:
        yield begins + dt.timedelta(days=chance.randrange(1, _TERM)), {"tier": "premium"}
    if chance.random() < 0.25:
        yield begins + dt.timedelta(days=_TERM + chance.randrange(20)), {}


def _certificate(chance: random.Random, number: int, day: dt.date, facts: Mapping[str, Any]) -> dict[str, Any]:
    begins = pd.Timestamp(day, tz="UTC")
    return {
        "source": number,
        "role": "billing",
        "serial": f"{chance.getrandbits(124) | 1 << 123:032x}",
        "issuer": f"Example TLS CA {number % 2 + 1}",
        "common_name": facts["host"],
        "subject_alternative_names": f"{facts['host']} www.{facts['host']}",
        "agency_text": facts["agency"] or "Departement of Woods",
        "agency_match": "code",
        "product": facts["tier"] or "SSL Deluxe",
        "valid_from": begins,
        "valid_to": begins + pd.Timedelta(days=397, seconds=-1),
        "service_on": day,
        **facts,
    }


def _in_inventory(facts: Mapping[str, Any]) -> dict[str, Any]:
    revoked = facts.get("revoked_on") is not None
    return {
        "certificate": f"{facts['serial']}{facts['serial']}",
        "names": facts["subject_alternative_names"],
        "status": "revoked" if revoked else "active",
        "revoked_by": "billing" if revoked else "",
        "parse_status": "none",
        "matched": "none",
    }


def _code(number: int) -> str:
    return f"A{number:03}"


def _agency(number: int) -> dict[str, Any]:
    """The first few were merged into the next one in the middle of the second year."""
    code, merged = _code(number), number < _MERGED
    facts = {"valid_to": dt.date(2026, 3, 31), "successor": _code(number + _MERGED)} if merged else {}
    return {"agency": code, "name": f"Agency {number}", "account_id": f"{code}-1", **facts}


def _decision(chance: random.Random, number: int, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    about = told[chance.randrange(len(told))]
    approved_on = min(AS_OF, about["service_on"] + dt.timedelta(days=chance.randrange(60)))
    kind = chance.choice(("waiver", "credit", "charge", "memo"))
    return {
        "id": f"D-{number:04}",
        "agency": about["agency"],
        "order_id": about["order_id"],
        "kind": kind,
        "amount_cents": chance.randrange(1, 20_000),
        "reason": "agreed",
        "approved_by": "R. Roe",
        "approved_on": approved_on,
        "source": 200_000 + number,
    }


def _lots(told: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Six lots a tier, a few months apart, together about what is asked for; the vendor takes back units of every other one."""
    asked = Counter(facts["tier"] for facts in told)
    for tier, cents in (("standard", 17_433), ("premium", 42_091)):
        for number in range(_LOTS_A_TIER):
            bought = BEGIN + dt.timedelta(days=number * 730 // _LOTS_A_TIER - 20)
            quantity = asked[tier] // _LOTS_A_TIER + 1
            yield {
                "source": 300_000 + number,
                "lot_id": f"{tier[:3].upper()}-{number}",
                "tier": tier,
                "purchased_on": bought,
                "quantity": quantity,
                "total_cost_cents": quantity * cents + number,
                "units_expire_on": bought + dt.timedelta(days=730),
                "returns_on_refund": number % 2 == 0,
                "vendor_remaining": 0 if number == 0 else None,
                "vendor_remaining_on": AS_OF if number == 0 else None,
            }
