"""How a certificate stands in a table: the same cells on the expiry, inventory, agency and home pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from pipeline.calendar import dates
from pipeline.publish import in_force, words
from pipeline.publish.pages.edition import OF_CERTIFICATES, Edition, named, rows_of
from pipeline.publish.pages.trace_rows import to_its_row
from pipeline.publish.parts import Cell, Chip, Grid, Head, Noted, Serial, State

_STATES: dict[str, State] = {"active": "met", "expired": "missed", "revoked": "missed"}
_SOON, _VERY_SOON = 30, 7

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
    Head("Valid to", "stacked"),
    Head("Agency"),
    Head("Who is told", "code"),
    Head("Tier", "short"),
    Head("Order"),
    Head("Last safe day to ask", "stacked"),
)
_READ = [name for name in OF_CERTIFICATES if name not in ("valid_to", "is_ca", "superseded_by")]
_AGENCY = 2  # where the agency stands in both
_ORDER = len(COLUMNS) - 1  # where the order stands in the first: at its end


def most_urgent_first(edition: Edition, certificates: pd.DataFrame) -> pd.DataFrame:
    """Servers' certificates, those in force that end soonest at the top; expired ones the newest first, those of retired hosts last."""
    return in_force.most_urgent_first(certificates, edition.books, edition.today)


def dated(edition: Edition, frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of `frame`, in its order, with `ends` (the local day `2026-12-04`, "" where none is known), `needed` (whether it has a host
    that is not retired), `ask_by` (the last safe day to ask for its renewal, or None) and `urgency` (its place).

    `days_left` is None where it is not known.
    """
    unknown = frame["days_left"].isna().tolist()
    left = [None if none else int(days) for days, none in zip(frame["days_left"].tolist(), unknown, strict=True)]
    known = pd.Series(left, index=frame.index, dtype=object)
    ends, needed = edition.local_days_told(frame["valid_to"]), edition.matters(frame)
    safe = pd.Series(dates(edition.last_safe_days(frame["valid_to"])), index=frame.index, dtype=object)
    return rows_of(frame[_READ].assign(days_left=known, ends=ends, needed=needed, ask_by=safe, urgency=range(len(frame))))


def listed(edition: Edition) -> list[Any]:
    """Every server's certificate as a `dated` row, in the order of urgency; ask for it by `Edition.shared`."""
    return list(dated(edition, most_urgent_first(edition, edition.certificates)))


def listed_cells(edition: Edition) -> list[list[Cell]]:
    """The same rows as they stand below `COLUMNS` on the page of their agency: no way leads out of it, for it is handed over."""
    return [_cells(edition, row, _order_told(row)) for row in edition.shared(listed)]


def every(edition: Edition, caption: str, empty: str) -> Grid:
    """The table of all of them, for a page at the root of the site."""
    both = zip(edition.shared(listed), edition.shared(listed_cells), strict=True)
    return Grid(caption, COLUMNS, [[*cells[:_ORDER], order(edition, row)] for row, cells in both], empty, things=True)


def grid(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """The table of certificates in the order of `frame`, for a page at the root of the site."""
    rows = [_cells(edition, row, order(edition, row)) for row in dated(edition, frame)]
    return Grid(caption, COLUMNS, rows, empty, things=True)


def grid_of_agency(edition: Edition, rows: Iterable[Any], caption: str, empty: str) -> Grid:
    """The same table of rows of `listed` for the page of one agency, which need not be named in each row."""
    of_all = edition.shared(listed_cells)
    return Grid(caption, COLUMNS, [of_all[row.urgency] for row in rows], empty, things=True).without(_AGENCY)


def renewals(edition: Edition, frame: pd.DataFrame, caption: str, empty: str) -> Grid:
    """What ends or has ended, in the order of `frame`, with who is told; for a page at the root of the site."""
    rows = [_renewal(edition, row, order(edition, row)) for row in dated(edition, frame)]
    return Grid(caption, RENEWAL_COLUMNS, rows, empty, things=True, captioned=False)


def renewals_of_agency(edition: Edition, rows: Sequence[Any], code: str, caption: str, empty: str) -> Grid:
    """The same table of `dated` rows for the page of the agency `code`, which is named only beside one that became part of it."""
    made = [_renewal(edition, row, _order_told(row)) for row in rows]
    for row, shown in zip(rows, made, strict=True):
        shown[_AGENCY] = code if row.agency == code else f"from {row.agency}"
    grid = Grid(caption, RENEWAL_COLUMNS, made, empty, things=True, captioned=False)
    return grid.without(_AGENCY) if all(row.agency == code for row in rows) else grid


def order(edition: Edition, row: Any) -> Cell:
    """The order number of a certificate, for a page at the root of the site: it leads to the row of a file that tells of it."""
    return to_its_row(edition, _order_told(row), row.source)


def _order_told(row: Any) -> str:
    return row.order_id or "no order number"


def _renewal(edition: Edition, row: Any, order: Cell) -> list[Cell]:
    return [
        _host(row),
        lapse(row.ends, row.days_left) if row.status == "expired" else expiry(row.ends, row.days_left),
        edition.agency(row.agency),
        _told(edition.who_is_told(row.certificate, row.contact_email, row.agency)),
        row.tier or "no tier known",
        order,
        _ask_by(edition, row.status, row.ask_by),
    ]


def _host(row: Any) -> Cell:
    """What people call the certificate; where it is none of its host names, with the first of these, by which notices call it."""
    instead = words.host_instead(row.common_name, row.names.split())
    return Noted(named(row), f"for {instead}") if instead else named(row)


def expiry(day: str, days_left: Any) -> Cell:
    """The day, `2026-12-04`, and how far away it is, graded by urgency."""
    if days_left is None or pd.isna(days_left):
        return "date cannot be read"
    days = int(days_left)
    state: State = "missed" if days < _VERY_SOON else "near" if days <= _SOON else "plain"
    return Noted(day, words.in_days(days), state)


def _state(status: str, needed: bool) -> Chip:
    """What the books call it, and where all its hosts are retired just that, for then nothing has to be done about it."""
    if not needed and status in {"active", "not-yet-valid", "expired", ""}:
        return Chip("host retired")
    return Chip(status.replace("-", " ") or "dates cannot be read", _STATES.get(status, "plain"))


def lapse(day: str, days_left: Any) -> Cell:
    """The day on which a certificate ran out without a successor."""
    return Noted(day, f"expired {words.in_days(int(days_left))}", "missed")


def _ask_by(edition: Edition, status: str, day: dt.date | None) -> Cell:
    """Until when asking leaves the desk the time that it promises; that it has passed, where it has."""
    if status == "expired":
        return "ask today"
    if day is None:
        return "the calendar does not reach so far"
    left = (day - edition.today).days
    return Noted(words.day(day), "has passed: ask today", "missed") if left < 0 else Noted(words.day(day), words.in_days(left))


def _told(told: in_force.Told) -> Cell:
    return Noted(told.address, told.remark, "near" if told.instead else "plain") if told.remark else told.address


def _cells(edition: Edition, row: Any, order: Cell) -> list[Cell]:
    """A `dated` row as it stands below `COLUMNS`."""
    over = row.status in {"superseded", "revoked", "expired"} or not row.needed
    return [
        _host(row),
        Noted(row.ends or "date cannot be read", words.in_days(row.days_left))
        if over and row.days_left is not None
        else expiry(row.ends, row.days_left),
        edition.agency(row.agency),
        _state(row.status, row.needed),
        row.tier or "no tier known",
        Serial(row.serial) if row.serial else "not in the export",
        in_force.key_name(row.key_type, row.key_bits, row.key_curve) or "no file",
        order,
    ]
