"""What an invoice says of a line beside the ledger: its certificate, its note, its rows in the files, and the rate behind its amount.

Of a closed month it is what was frozen then; of an open one it is read from the books of the day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.calendar import dates
from pipeline.contracts import CLOSED_LINES, Books
from pipeline.publish import words
from pipeline.publish.line_notes import notes
from pipeline.publish.line_places import first_places
from pipeline.settings import Settings

RateLine = tuple[dt.date | None, dt.date | None]


def line_facts(books: Books, settings: Settings) -> pd.DataFrame:
    """CLOSED_LINES of all entries of the ledger, in its order."""
    ledger, frozen = books.ledger, books.closed.lines
    table = _of_today(books, settings)
    if frozen.empty:
        return table
    is_open = ~ledger["entry_id"].isin(frozen["entry_id"])
    both = pd.concat([table[is_open.to_numpy()], frozen], ignore_index=True)
    return CLOSED_LINES.check(both.set_index("entry_id").loc[ledger["entry_id"]].reset_index())


def _of_today(books: Books, settings: Settings) -> pd.DataFrame:
    ledger = books.ledger.reset_index(drop=True)
    certificates = books.certificates.set_index("certificate").reindex(ledger["certificate"]).reset_index(drop=True)
    other_names = certificates["subject_alternative_names"].fillna("").astype("str")
    hosts = [words.host_name(*of_it) for of_it in zip(ledger["common_name"].tolist(), other_names.tolist(), strict=True)]
    requesters = books.requests.set_index("request_id")["requester"].reindex(ledger["request_id"])
    file, sheet, row = _places(first_places(books), ledger["source"])
    certificate_file, _, block = _places(books.places, certificates["pem_source"])
    rates, bases = _rate_lines(ledger, settings)
    return CLOSED_LINES.check(
        pd.DataFrame(
            {
                "entry_id": ledger["entry_id"],
                "serial": certificates["serial"].fillna("").astype("str"),
                "issued_on": certificates["service_on"],
                "host": pd.Series(hosts, dtype="str"),
                "other_names": other_names,
                "requester": requesters.fillna("").astype("str").to_numpy(),
                "note": pd.Series(notes(ledger, settings.organization.fiscal_year_starts), dtype="str"),
                "file": file,
                "sheet": sheet,
                "row": row,
                "certificate_file": certificate_file,
                "certificate_block": block,
                **rates,
                **bases,
                "issuer": certificates["issuer"].fillna("").astype("str"),
                "valid_from": certificates["valid_from"],
                "valid_to": certificates["valid_to"].dt.tz_localize(None).dt.normalize().astype("datetime64[us]"),
            }
        ).astype({"requester": "str"})
    )


def _places(places: pd.DataFrame, sources: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any], pd.Series[Any]]:
    """File, sheet and row of each source, "" and missing where there is none."""
    found = places.set_index("source")[["file", "sheet", "row"]].reindex(sources.astype("Int64").fillna(-1).astype("int64"))
    found = found.reset_index(drop=True)
    return found["file"].fillna("").astype("str"), found["sheet"].fillna("").astype("str"), found["row"].astype("Int64")


def _rate_lines(ledger: pd.DataFrame, settings: Settings) -> tuple[dict[str, pd.Series[Any]], dict[str, pd.Series[Any]]]:
    """The line of the rate card that each entry's rate stands in, and that of the charge which it upgrades, where it does."""
    wanted = list(zip(ledger["tier"].tolist(), _known(ledger["rate_cents"]), dates(ledger["service_on"]), strict=True))
    lines = {entry: _rate_line(settings, *entry) for entry in set(wanted)}
    amounts = ledger["amount_cents"].tolist()
    rows = {entry_id: row for row, entry_id in enumerate(ledger["entry_id"].tolist())}
    upgraded = [rows.get(entry_id) if entry_id else None for entry_id in ledger["amends"].tolist()]
    bases = [None if row is None or not amounts[row] else wanted[row] for row in upgraded]
    of_rate, of_base = [lines[entry] for entry in wanted], [lines[base] if base else (None, None) for base in bases]
    return (
        {"rate_since": _days([since for since, _ in of_rate]), "rate_until": _days([until for _, until in of_rate])},
        {
            "base_tier": pd.Series([base[0] if base else "" for base in bases], dtype="str"),
            "base_cents": pd.Series([base[1] if base else None for base in bases], dtype="Int64"),
            "base_since": _days([since for since, _ in of_base]),
            "base_until": _days([until for _, until in of_base]),
        },
    )


def _rate_line(settings: Settings, tier: str, cents: int | None, day: dt.date | None) -> RateLine:
    """First and last day of the line of the rate card that has this rate on the day; None where no line has it, or none follows it."""
    of_tier: Mapping[dt.date, int] = {rate.since: rate.cents for rate in settings.rate if rate.tier == tier}
    begun = [since for since, amount in of_tier.items() if amount == cents and day is not None and since <= day]
    if not begun:
        return None, None
    later = [since for since in of_tier if since > max(begun)]
    return max(begun), min(later) - dt.timedelta(days=1) if later else None


def _known(cents: pd.Series[Any]) -> list[int | None]:
    return [None if pd.isna(value) else int(value) for value in cents.tolist()]


def _days(values: list[dt.date | None]) -> pd.Series[Any]:
    return pd.Series(pd.to_datetime(pd.Series(values, dtype="object"))).astype("datetime64[us]")
