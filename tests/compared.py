"""Exports, certificate files and requests for the tests of the three-way reconciliation, told in a few words each."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import contracts, three_ways
from pipeline.certificates import inventory
from pipeline.contracts import AGENCIES, INPUTS, PLACES, REQUESTS, Inbox
from pipeline.settings import Settings
from pipeline.three_ways import Compared
from pipeline.x509_facts import read
from tests.issued import at, certificate, der

AS_OF = dt.date(2026, 11, 23)
EXPORT, OTHER_EXPORT, FILE, LOG = "inbox/exports/a.csv", "inbox/exports/b.csv", "inbox/pem/a.pem", "inbox/requests/log.csv"
# Places: rows of the two exports from 1 and 500, requests from 1000, blocks from 2000.
_FIRST = {EXPORT: 1, OTHER_EXPORT: 500, LOG: 1000, FILE: 2000}
DIRECTORY = AGENCIES.frame(
    [
        {"agency": "DOT", "name": "Transport"},
        {"agency": "DOR", "name": "Revenue"},
        {"agency": "OTR", "name": "Tides", "valid_to": dt.date(2026, 6, 30), "successor": "DOT"},
    ]
)


def row(number: int, issued: str = "2026-10-12", **facts: Any) -> dict[str, Any]:
    """A billing row of Transport: certificate, host and order of that number, issued on a day for 199 days."""
    day = dt.date.fromisoformat(issued)
    begins = dt.datetime.combine(day, dt.time(), dt.UTC)
    return {
        "source": number,
        "role": "billing",
        "order_id": f"O{number}",
        "serial": f"aa00bb00cc00dd00{number:04x}",
        "common_name": f"host{number}.example.gov",
        "issuer": "Geo CA 2",
        "issued_on": day,
        "valid_from": begins,
        "valid_to": begins + dt.timedelta(days=199, seconds=-1),
        "product": "standard",
        "agency_text": "DOT",
        "agency_match": "code",
        "contact_email": "web@example.gov",
        **facts,
    }


def block(of: Mapping[str, Any], **facts: Any) -> dict[str, Any]:
    """The certificate file of an export row: an EC key of 256 bits; `facts` replace what it holds."""
    made = certificate((of["common_name"],), int(of["serial"], 16), begins=of["valid_from"], ends=of["valid_to"])
    found = dict(read(der(made))[0])
    del found["label"]
    return {**found, "source": _FIRST[FILE] + of["source"], **facts}


def request(number: int, kind: str = "new", order: str | None = None, **facts: Any) -> dict[str, Any]:
    """A request of Transport for order `O<number>`, received on 2026-10-10 and completed on 2026-10-12."""
    return {
        "request_id": f"R{number}",
        "kind": kind,
        "agency": "DOT",
        "order_id": f"O{number}" if order is None else order,
        "submitted_at": at(2026, 10, 10, 14),
        "completed_at": at(2026, 10, 12, 14),
        "status": "completed",
        "verdict": "met",
        "reopen_count": 0,
        "source": _FIRST[LOG] + number,
        **facts,
    }


# A request of order O99 long ago: from here on the log names orders, so that a missing request is one.
LOG_BEGINS = request(99, submitted_at=at(2026, 8, 1, 14), completed_at=at(2026, 8, 3, 14))


def compared(
    rows: Sequence[Mapping[str, Any]] = (),
    blocks: Sequence[Mapping[str, Any]] = (),
    requests: Sequence[Mapping[str, Any]] = (),
    export_until: str = "2026-11-20",
    log_until: str = "2026-11-20",
    other_until: str = "",
    shuffled: int | None = None,
    one_file_each: bool = False,
) -> Compared:
    """The three sides compared as of 2026-11-23; exports and log tell of days until the given ones, the other export, of another layout,
    until `other_until` if that is given. `one_file_each`: each certificate block lies in a file of its own.
    """
    office = _inbox(rows, blocks, export_until, other_until or export_until, log_until, [request["source"] for request in requests])
    if one_file_each:
        places = office.places
        own = "inbox/pem/" + places["source"].astype("str") + ".pem"
        office = dataclasses.replace(office, places=places.assign(file=places["file"].where(places["file"] != FILE, own)))
    log = REQUESTS.frame(requests)
    if shuffled is not None:
        log = log.sample(frac=1, random_state=shuffled)
        mixed = {
            name: getattr(office, name).sample(frac=1, random_state=shuffled) for name in ("export_rows", "certificate_blocks", "places")
        }
        office = dataclasses.replace(office, **mixed)
    known = inventory(office.export_rows, office.certificate_blocks, office.agencies, office.aliases, Settings(), AS_OF)
    return three_ways.compare(known, log, office, Settings(), AS_OF)


def _inbox(
    rows: Sequence[Mapping[str, Any]],
    blocks: Sequence[Mapping[str, Any]],
    export_until: str,
    other_until: str,
    log_until: str,
    requests: Sequence[int],
) -> Inbox:
    sources = sorted([*(row["source"] for row in rows), *(block["source"] for block in blocks), *requests])
    places = [{"source": source, "file": max((first, file) for file, first in _FIRST.items() if first <= source)[1]} for source in sources]
    until = {EXPORT: export_until, OTHER_EXPORT: other_until, LOG: log_until, FILE: log_until}
    kinds = {EXPORT: "certificates", OTHER_EXPORT: "certificates", LOG: "requests", FILE: "pem"}
    counts = dict.fromkeys(("bytes", "rows_read", "rows_accepted", "rows_quarantined"), 0)
    told: dict[str, pd.DataFrame] = {
        "export_rows": contracts.EXPORT_ROWS.frame(rows),
        "certificate_blocks": contracts.CERTIFICATE_BLOCKS.frame(blocks),
        "agencies": DIRECTORY,
        "places": PLACES.frame({**place, "row": number} for number, place in enumerate(places, 1)),
        "inputs": INPUTS.frame(
            {**counts, "file": file, "kind": kinds[file], "layout": file, "newest_on": day} for file, day in until.items()
        ),
    }
    others = (field.name for field in dataclasses.fields(Inbox) if field.name not in {*told, "findings", "closed"})
    return Inbox(**{**{name: getattr(contracts, name.upper()).empty() for name in others}, **told})
