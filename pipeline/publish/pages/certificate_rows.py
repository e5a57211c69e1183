"""How a certificate stands in a table: the same cells on the expiry, inventory, agency and home pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pipeline.publish import in_force, words
from pipeline.publish.pages.edition import Edition, rows_of
from pipeline.publish.parts import Cell, Chip, Grid, Head, Noted, Serial, State

_STATES: dict[str, State] = {"active": "met", "expired": "missed", "revoked": "missed"}
_SOON, _VERY_SOON = 30, 7
NO_NAME = "no name in the certificate"

COLUMNS = (
    Head("Host name", "code"),
    Head("Valid to", "date"),
    Head("Agency"),
    Head("State", "short"),
    Head("Tier", "short"),
    Head("Serial", "serial"),
    Head("Key", "short"),
    Head("Order"),
)
RENEWAL_COLUMNS = (
    Head("Host name", "code"),
    Head("Valid to", "date"),
    Head("Agency"),
    Head("Who is told", "code"),
    Head("Tier", "short"),
    Head("Order"),
)
_AGENCY = 2  # where the agency stands in both


def most_urgent_first(edition: Edition, certificates: pd.DataFrame) -> pd.DataFrame:
    """Servers' certificates, those in force that end soonest at the top; expired ones the newest first, those of retired hosts last."""
    return in_force.most_urgent_first(certificates, edition.books, edition.today)


def grid(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """The table of certificates in the order of `frame`, for a page at the root of the site."""
    return Grid(caption, COLUMNS, list(_rows(edition, frame)), empty, things=True)


def grid_of_agency(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """The same table for the page of one agency, which need not be named in each row."""
    return grid(edition, frame, caption, empty).without(_AGENCY)


def renewals(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """What ends or has ended, in the order of `frame`, with who is told; for a page at the root of the site."""
    told = edition.who_is_told
    days = edition.local_day(frame["valid_to"])
    rows = [
        [
            named(row),
            lapse(day, row.days_left) if row.status == "expired" else expiry(edition, day, row.days_left),
            edition.agency(row.agency),
            _told(told(row.contact_email, row.agency)),
            row.tier or "no tier known",
            row.order_id or "no order number",
        ]
        for row, day in zip(rows_of(frame), days, strict=True)
    ]
    return Grid(caption, RENEWAL_COLUMNS, rows, empty, things=True, captioned=False)


def renewals_of_agency(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """The same table for the page of one agency."""
    return renewals(edition, frame, caption, empty).without(_AGENCY)


def named(row: Any) -> str:
    """What people call the certificate: its common name, else its first alternative name."""
    names = row.common_name or row.subject_alternative_names.split(" ")[0]
    return str(names) or NO_NAME


def expiry(edition: Edition, day: pd.Timestamp, days_left: Any) -> Cell:
    """The day and how far away it is, graded by urgency."""
    if pd.isna(days_left):
        return "date cannot be read"
    days = int(days_left)
    state: State = "missed" if days < _VERY_SOON else "near" if days <= _SOON else "plain"
    return Noted(words.day(day), words.in_days(days), state)


def _state(status: str, needed: bool) -> Chip:
    """What the books call it, and where all its hosts are retired just that, for then nothing has to be done about it."""
    if not needed and status in {"active", "not-yet-valid", "expired", ""}:
        return Chip("host retired")
    return Chip(status.replace("-", " ") or "dates cannot be read", _STATES.get(status, "plain"))


def lapse(day: pd.Timestamp, days_left: Any) -> Cell:
    """The day on which a certificate ran out without a successor."""
    return Noted(words.day(day), f"expired {words.in_days(int(days_left))}", "missed")


def _told(told: in_force.Told) -> Cell:
    return Noted(told.address, told.instead, "near") if told.instead else told.address


def _rows(edition: Edition, frame: pd.DataFrame) -> Iterator[list[Cell]]:
    days, matters = edition.local_day(frame["valid_to"]), edition.matters(frame)
    for row, day, needed in zip(rows_of(frame), days, matters, strict=True):
        over = row.status in {"superseded", "revoked", "expired"} or not needed
        yield [
            named(row),
            Noted(words.day(day, "date cannot be read"), words.in_days(int(row.days_left)))
            if over and not pd.isna(row.days_left)
            else expiry(edition, day, row.days_left),
            edition.agency(row.agency),
            _state(row.status, needed),
            row.tier or "no tier known",
            Serial(row.serial) if row.serial else "not in the export",
            in_force.key_name(row.key_type, row.key_bits, row.key_curve) or "no file",
            row.order_id or "no order number",
        ]
