"""Requests, certificates and outages as rows of the tables that measures are computed from, and one figure of the measures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline.continuity import continuity
from pipeline.contracts import CERTIFICATES, HOSTS, OUTAGE_ROWS, REQUEST_EVENTS, REQUESTS
from pipeline.service import Measured, Records, measures
from pipeline.settings import Settings, Target
from tests.massachusetts import desk_time, local

TIME = desk_time()
AS_OF = dt.date(2026, 11, 23)
END_OF_NOVEMBER = dt.date(2026, 11, 30)
SETTINGS = Settings(
    target=(
        Target(measure="on-time-completion", kinds=("new", "renew", "issue"), business_days=5, share=Decimal("0.95")),
        Target(measure="on-time-completion", kinds=("reissue", "revoke"), business_days=5, share=Decimal("0.95"), assumed=True),
    )
)


def asked(
    verdict: str, due: str | None, submitted: str = "2026-11-02 09:00", completed: str | None = None, times: int = 1, **more: Any
) -> list[dict[str, Any]]:
    """`times` rows of REQUESTS with one verdict."""
    status = "completed" if verdict in ("met", "missed") else "paused" if verdict == "paused" else "open"
    return [
        {
            "kind": "new",
            "agency": "DOT",
            "tier": "standard",
            "status": status,
            "submitted_at": local(submitted)[0],
            "received_on": TIME.receipt_days(local(submitted))[0],
            "completed_at": local(completed)[0] if completed else None,
            "due_on": pd.Timestamp(due) if due else None,
            "verdict": verdict,
            "reopen_count": 0,
        }
        | more
    ] * times


def measured(
    *requests: list[dict[str, Any]],
    as_of: dt.date = AS_OF,
    settings: Settings = SETTINGS,
    **tables: pd.DataFrame,
) -> Measured:
    rows = [row | {"request_id": f"R{number}", "source": number} for number, row in enumerate(row for group in requests for row in group)]
    return measures(Records(requests=REQUESTS.frame(rows), **tables), TIME, settings, as_of)


def event_log(*sources: int) -> pd.DataFrame:
    """REQUEST_EVENTS: the rows of these places are events, and so their log tells what became of a request after its completion."""
    return REQUEST_EVENTS.frame({"source": source, "request_id": f"R{source}", "status": "completed", "kind": "new"} for source in sources)


def figure(stage: Measured, measure: str, period: str, dimension: str = "office", member: str = "") -> dict[str, Any]:
    table = stage.table
    here = (table["measure"] == measure) & (table["period"] == period) & (table["dimension"] == dimension) & (table["member"] == member)
    (row,) = table[here].to_dict("records")
    return row


def outages(*rows: tuple[str, str, str | None, str | None], service: str = "portal") -> pd.DataFrame:
    return OUTAGE_ROWS.frame(
        {
            "source": number,
            "service": service,
            "kind": kind,
            "began_at": local(began)[0],
            "ended_at": local(ended)[0] if ended else None,
            "announced_at": local(announced)[0] if announced else None,
        }
        for number, (kind, began, ended, announced) in enumerate(rows)
    )


def covered(*rows: tuple[str, str, str, str, str], hosts: tuple[tuple[str, str, str], ...] = ()) -> dict[str, pd.DataFrame]:
    """CONTINUITY, RENEWALS, CERTIFICATES and HOSTS of certificates by name, agency, host names, first and last local day."""
    found = [
        {
            "certificate": name, "agency": agency, "names": names, "valid_from": local(f"{first} 00:00")[0],
            "valid_to": local(f"{last} 23:59")[0] + pd.Timedelta(seconds=59), "parse_status": "none", "matched": "none", "role": "billing",
            "source": 1,
        }
        for name, agency, names, first, last in rows
    ]  # fmt: skip
    told = HOSTS.frame(
        {"host": host, "state": state, "since": dt.date.fromisoformat(since), "by": "Ada", "source": 1} for host, state, since in hosts
    )
    table = CERTIFICATES.frame(found)
    result = continuity(table, told, SETTINGS.organization, END_OF_NOVEMBER)
    return {"continuity": result.table, "renewals": result.renewals, "certificates": table, "hosts": told}


def certificate(name: str, agency: str, names: str, first: str, last: str, **more: Any) -> dict[str, Any]:
    """A row of CERTIFICATES, in force."""
    end = local(f"{last} 23:59")[0] + pd.Timedelta(seconds=59)
    usual = {"status": "active", "tier": "standard", "parse_status": "none", "matched": "none", "role": "billing", "source": 1}
    left = (pd.Timestamp(last) - pd.Timestamp(AS_OF)).days
    return usual | {"certificate": name, "agency": agency, "names": names, "valid_from": local(f"{first} 00:00")[0], "valid_to": end,
                    "days_left": left} | more  # fmt: skip


def estate(*rows: dict[str, Any], retired: str = "") -> dict[str, pd.DataFrame]:
    table = CERTIFICATES.frame(rows)
    said = [{"host": retired, "state": "retired", "since": dt.date(2026, 11, 1), "by": "Ada", "source": 1}] if retired else []
    told = HOSTS.frame(said)
    result = continuity(table, told, SETTINGS.organization, AS_OF)
    return {"continuity": result.table, "renewals": result.renewals, "certificates": table, "hosts": told}
