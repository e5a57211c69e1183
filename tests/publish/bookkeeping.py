"""Small books, made by hand for the tests of tables and workbooks: real tables, checked by their contracts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from pipeline import contracts, encumbrances, journal, recovery
from pipeline.contracts import Books, Closed
from pipeline.publish import workbooks
from pipeline.settings import Charges, Organization, Rate, Settings

AS_OF = dt.date(2026, 11, 23)
RUN_ID = "5f1c9a07d2be4410"
SETTINGS = Settings(
    organization=Organization(sample=True),
    rate=(
        Rate(tier="standard", amount=Decimal("221.19"), since=dt.date(2024, 7, 1)),
        Rate(tier="premium", amount=Decimal("542.00"), since=dt.date(2024, 7, 1)),
        Rate(tier="standard", amount=Decimal("230.00"), since=dt.date(2027, 7, 1)),
    ),
    charges=Charges(begin=dt.date(2025, 7, 1)),
)
AGENCIES = (
    {
        "agency": "DOT",
        "name": "Department of Transportation",
        "secretariat": "Transportation and Public Works",
        "account_id": "DOT-4710",
        "billing_contact": "billing@dot.example.gov",
    },
    {"agency": "DEP", "name": "Environmental Protection", "account_id": "DEP-1200"},
    {"agency": "RMV", "name": "Registry of Motor Vehicles", "valid_to": dt.date(2025, 6, 30), "successor": "DOT"},
)


def entry(number: int, **changes: Any) -> dict[str, Any]:
    """A ledger entry: order `number`, a standard charge to DOT on 2 November 2026, less what `changes` says."""
    row = {
        "entry_id": f"{number:032x}",
        "period": "FY2027-P05",
        "service_on": dt.date(2026, 11, 2),
        "agency": "DOT",
        "billed_to": "DOT",
        "account_id": "DOT-4710",
        "order_id": f"8801{number:04d}",
        "certificate": f"{number:064x}",
        "kind": "charge",
        "tier": "standard",
        "rate_fiscal_year": 2027,
        "rate_cents": 22119,
        "amount_cents": 22119,
        "source": number,
        "reason": "new order",
        "common_name": f"app{number}.dot.example.gov",
    }
    return row | changes


def certificate(line: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """The certificate behind a ledger entry."""
    row = {
        "certificate": line["certificate"],
        "serial": f"0a{line['source']:030x}",
        "common_name": line["common_name"],
        "subject_alternative_names": f"{line['common_name']} www.{line['common_name']}",
        "valid_from": f"{line['service_on']}T00:00:00Z",
        "valid_to": "2027-11-02T23:59:59Z",
        "tier": line["tier"],
        "agency": line["agency"],
        "order_id": line["order_id"],
        "status": "active",
        "parse_status": "none",
        "matched": "none",
        "role": "billing",
        "source": line["source"],
        "service_on": line["service_on"],
    }
    return row | changes


def invoices(entries: Sequence[Mapping[str, Any]], **changes: Any) -> pd.DataFrame:
    """The invoices of these entries, drafts unless `changes` says otherwise."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    for line in entries:
        sums.setdefault((line["period"], line["billed_to"], line["account_id"]), []).append(line["amount_cents"])
    return contracts.INVOICES.frame(
        {
            "agency": agency,
            "account_id": account,
            "period": period,
            "status": "draft",
            "lines": len(amounts),
            "amount_cents": sum(amounts),
            "workbook": f"invoices/{period}/{agency}.xlsx",
        }
        | changes
        for (period, agency, account), amounts in sorted(sums.items())
    )


def billed_orders(entries: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """What became of the orders of these entries, as far as their amounts tell it."""
    orders: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = {}
    for line in entries:
        key = line["order_id"] or line["certificate"] or line["entry_id"]
        orders.setdefault((line["period"], line["billed_to"], line["account_id"], key), []).append(line)
    return contracts.BILLED_ORDERS.frame(
        {
            "agency": agency,
            "account_id": account,
            "period": period,
            "order_key": key,
            "order_id": lines[0]["order_id"],
            "host": lines[0]["common_name"],
            "tier": lines[0]["tier"],
            "first_on": min(line["service_on"] for line in lines),
            "certificates": len({line["certificate"] for line in lines}),
            "outcome": "billed" if any(line["amount_cents"] for line in lines) else "reissued",
            "lines": len(lines),
            "amount_cents": sum(line["amount_cents"] for line in lines),
            "file": "inbox/exports/2026-11.csv",
            "row": lines[0]["source"] + 1,
        }
        for (period, agency, account, key), lines in sorted(orders.items())
    )


def recovered(ledger: pd.DataFrame, lots: pd.DataFrame) -> pd.DataFrame:
    """RECOVERY of these entries and lots, without further cost."""
    nothing = contracts.COSTS.empty(), contracts.RECOVERY_OPENINGS.empty()
    return recovery.recover(ledger, lots, *nothing, SETTINGS, AS_OF).table


def books(entries: Sequence[Mapping[str, Any]], **tables: Any) -> Books:
    """Books around these ledger entries, each with its certificate and its row of an export; `tables` replaces whole tables."""
    ledger = contracts.LEDGER.frame(entries)
    by_name = {line["certificate"]: line for line in entries}
    places = [{"source": line["source"], "file": "inbox/exports/2026-11.csv", "row": line["source"] + 1} for line in entries]
    made: dict[str, Any] = {
        "certificates": contracts.CERTIFICATES.frame(certificate(line) for line in by_name.values()),
        "requests": contracts.REQUESTS.empty(),
        "reconciliation": contracts.RECONCILIATION.empty(),
        "ledger": ledger,
        "waiting": contracts.WAITING.empty(),
        "questions": contracts.QUESTIONS.empty(),
        "answers": contracts.ANSWERS.empty(),
        "answered": contracts.ANSWERED.empty(),
        "invoices": invoices(entries),
        "billed_orders": billed_orders(entries),
        "at_stake": contracts.AT_STAKE.empty(),
        "lints": contracts.LINTS.empty(),
        "lots": contracts.LOTS.empty(),
        "recovery": recovered(ledger, tables.get("lots", contracts.LOTS.empty())),
        "encumbrances": encumbrances.against_actual(
            ledger, contracts.ESTIMATES.empty(), contracts.AGENCIES.frame(AGENCIES), SETTINGS, AS_OF
        ).table,
        "journal": journal.journal(ledger, contracts.ACCOUNTS.empty(), contracts.ENCUMBRANCES.empty(), SETTINGS).table,
        "measures": contracts.MEASURES.empty(),
        "findings": contracts.FINDINGS.empty(),
        "inputs": contracts.INPUTS.empty(),
        "sources": contracts.SOURCES.empty(),
        "places": contracts.PLACES.frame({place["source"]: place for place in places}.values()),
        "outages": contracts.OUTAGE_ROWS.empty(),
        "agencies": contracts.AGENCIES.frame(AGENCIES),
        "aliases": contracts.ALIASES.empty(),
        "corrections": contracts.CORRECTIONS.empty(),
        "continuity": contracts.CONTINUITY.empty(),
        "renewals": contracts.RENEWALS.empty(),
        "gaps": contracts.GAPS.empty(),
        "episodes": contracts.EPISODES.empty(),
        "hosts": contracts.HOSTS.empty(),
        "accepted": contracts.ACCEPTED.empty(),
        "server_software": contracts.SERVER_SOFTWARE.empty(),
        "notes": contracts.NOTES.empty(),
        "source_files": contracts.SOURCE_FILES.empty(),
        "source_rows": contracts.SOURCE_ROWS.empty(),
    }
    return Books(**(made | tables))


def close(before: Books, period: str, chosen: Settings = SETTINGS) -> Books:
    """These books with `period` closed by A. Clerk on the as-of day, as a close freezes it."""
    is_of_it = before.invoices["period"] == period
    numbers = [f"CRT-{period}-{agency}-001" if closes else number for agency, number, closes in zip(
        before.invoices["agency"], before.invoices["invoice_no"], is_of_it, strict=True)]  # fmt: skip
    numbered = before.invoices.assign(
        invoice_no=pd.Series(numbers, dtype="str"),
        status=before.invoices["status"].mask(is_of_it, "closed"),
        due_on=before.invoices["due_on"].mask(is_of_it, pd.Timestamp(AS_OF + dt.timedelta(days=30))),
    )
    number_of = dict(zip(zip(numbered["agency"], numbered["account_id"], numbered["period"], strict=True), numbers, strict=True))
    keys = zip(before.ledger["billed_to"], before.ledger["account_id"], before.ledger["period"], strict=True)
    ledger = before.ledger.assign(invoice_no=pd.Series([number_of[key] for key in keys], dtype="str"))
    invoices, lines = numbered[is_of_it].reset_index(drop=True), ledger[ledger["period"] == period].reset_index(drop=True)
    said = workbooks.freeze(before, chosen, invoices, lines, RUN_ID, "A. Clerk", AS_OF)
    was = before.closed
    now = Closed(
        periods=pd.concat([was.periods, contracts.CLOSED_PERIODS.frame(
            [{"period": period, "turn": len(was.periods) + 1, "closed_on": AS_OF, "closed_by": "A. Clerk"}])], ignore_index=True),
        ledger=pd.concat([was.ledger, lines], ignore_index=True),
        invoices=pd.concat([was.invoices, invoices], ignore_index=True),
        lines=pd.concat([was.lines, said["lines.csv"]], ignore_index=True),
        faces=pd.concat([was.faces, said["faces.csv"]], ignore_index=True),
        orders=pd.concat([was.orders, said["orders.csv"]], ignore_index=True),
        workbooks=pd.concat([was.workbooks, said["workbooks.csv"]], ignore_index=True),
    )  # fmt: skip
    return replace(before, invoices=numbered, ledger=ledger, closed=now)
