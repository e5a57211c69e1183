"""Certificates that are otherwise than in the previous run: which they are, and their tables on the page of what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from pipeline import changes
from pipeline.contracts import ContractError, RunRecord
from pipeline.publish import in_force, words
from pipeline.publish.pages import certificate_rows
from pipeline.publish.pages.edition import Edition, named, rows_of
from pipeline.publish.parts import Cell, Grid, Head

SHOWN = 200  # rows of a table
_Holds = Callable[[Any, dict[str, str]], bool]


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of CERTIFICATES by what became of them since the previous run, those that end soonest first; of `renewed` a successor is known
    that was not, `taken_over` are the others that are superseded and were not, as their successor became valid; `expired` are those that
    the page of expiries lists now and did not list then, `gone` are keys that no file tells of any more. A certificate may stand in
    several."""

    new: pd.DataFrame
    renewed: pd.DataFrame
    taken_over: pd.DataFrame
    expired: pd.DataFrame
    revoked: pd.DataFrame
    reclassified: pd.DataFrame
    gone: tuple[str, ...]


def moved(edition: Edition) -> Moved:
    """What became of the servers' certificates since the run before, which there has to be; of a record without facts only what is new and
    what is gone is known. Ask for it by `Edition.shared`."""
    if edition.compared is None or edition.compared.before is None:
        raise ContractError("what moved is told only where a run before is known")
    current, before = edition.compared.current, edition.compared.before
    ordered = certificate_rows.most_urgent_first(edition, edition.books.certificates)
    then = [changes.told(before, "certificates", key) for key in ordered["certificate"]]
    rows = list(rows_of(ordered))

    def where(holds: _Holds) -> pd.DataFrame:
        return ordered[[told is not None and holds(row, told) for row, told in zip(rows, then, strict=True)]]

    change = next(one for one in changes.against(current, before) if one.table == "certificates")
    return Moved(
        new=ordered[ordered["certificate"].isin(change.new)],
        renewed=where(lambda row, told: bool(row.superseded_by) and not told["superseded_by"]),
        taken_over=where(lambda row, told: row.status == "superseded" != told["status"] and bool(told["superseded_by"])),
        expired=ordered[ordered["certificate"].isin(_newly_lapsed(edition, before))],
        revoked=where(lambda row, told: row.status == "revoked" != told["status"]),
        reclassified=where(lambda row, told: (row.tier, row.agency.replace("\t", " ")) != (told["tier"], told["agency"])),
        gone=change.gone,
    )


def _newly_lapsed(edition: Edition, before: RunRecord) -> set[str]:
    """What lapsed without a successor now and had not by the state of things that `before` recorded: it ran out, lost its successor, or
    lost what else covered its names. The same rule judges both, so the page agrees with the page of expiries."""
    now = set(edition.lapses["certificate"])
    return now - _lapsed_then(edition, before) if now and changes.knows_rows(before) else set()


def ending_then(edition: Edition, before: RunRecord, days: int) -> int | None:
    """How many certificates in force on the day of `before` that somebody had to renew ended within so many days of it; None where the
    record does not tell, or one in force then stands in no file any more."""
    known = set(edition.certificates["certificate"])
    gone = [key for key in before.keys.get("certificates", {}) if key not in known]
    if not changes.knows_rows(before) or any((changes.told(before, "certificates", key) or {}).get("status") == "active" for key in gone):
        return None
    books = replace(edition.books, certificates=_as_then(edition, before))
    return len(in_force.ending(in_force.to_renew(books, before.as_of), days))


def _lapsed_then(edition: Edition, before: RunRecord) -> set[str]:
    """What had lapsed on the day of `before`. A record keeps no names: what a certificate covered that is gone now is not known."""
    return set(in_force.lapses(replace(edition.books, certificates=_as_then(edition, before)), before.as_of)["certificate"])


def _as_then(edition: Edition, before: RunRecord) -> pd.DataFrame:
    """The certificates that `before` knew and a file still tells of, as they stood on its day."""
    every = edition.certificates
    told = [changes.told(before, "certificates", key) for key in every["certificate"]]
    known = every[[one is not None for one in told]]
    return known.assign(
        **{name: pd.Series([one[name] for one in told if one], known.index, "str") for name in ("status", "superseded_by")},
        days_left=known["days_left"] + (edition.today - before.as_of).days,
    )


_NOT_KEPT = "the order, the contact or the successor"


def otherwise(edition: Edition, keys: Sequence[str], before: RunRecord) -> Grid:
    """Every certificate known then and now that says something else, and what; what a record keeps as a hash alone is named as such."""
    every = edition.certificates[edition.certificates["certificate"].isin(keys)]
    ordered = pd.concat([certificate_rows.most_urgent_first(edition, every), every[every["is_ca"]]]).iloc[:SHOWN]
    cells: list[list[Cell]] = [
        [
            named(row),
            edition.agency(row.agency),
            _said_otherwise(row, changes.told(before, "certificates", row.certificate)),
        ]
        for row in rows_of(ordered)
    ]
    columns = (Head("Host name", "code"), Head("Agency"), Head("What changed"))
    return Grid("Certificates that say something else than in the previous run", columns, cells, "", things=True, captioned=False)


def _said_otherwise(row: Any, told: dict[str, str] | None) -> str:
    """What changed of a certificate, as `state: active, now superseded`."""
    if told is None:
        return "not recorded"
    pairs = (
        ("state", told["status"].replace("-", " ") or "no dates known", row.status.replace("-", " ") or "no dates known"),
        ("successor", "known" if told["superseded_by"] else "none", "known" if row.superseded_by else "none"),
        ("tier", told["tier"] or "none known", row.tier or "none known"),
        ("agency", told["agency"] or "none known", row.agency.replace("\t", " ") or "none known"),
    )
    return "; ".join(f"{name}: {then}, now {now}" for name, then, now in pairs if then != now) or _NOT_KEPT


def renewed(edition: Edition, found: pd.DataFrame) -> Grid:
    """Which certificate a later one has taken over from, and when both end."""
    every = edition.books.certificates
    ends = dict(zip(every["certificate"], edition.local_day(every["valid_to"]), strict=True))
    cells: list[list[Cell]] = [
        [
            named(row),
            edition.agency(row.agency),
            words.day(ends[row.certificate], "date cannot be read"),
            words.day(ends.get(row.superseded_by, pd.NaT), "date cannot be read"),
            row.tier or "no tier known",
        ]
        for row in rows_of(found.iloc[:SHOWN])
    ]
    columns = (Head("Host name", "code"), Head("Agency"), Head("Ends", "date"), Head("Its successor ends", "date"), Head("Tier", "short"))
    return Grid("Certificates that a later one has taken over from", columns, cells, "", things=True, captioned=False)


def reclassified(edition: Edition, found: pd.DataFrame, before: RunRecord) -> Grid:
    """What is of another tier or agency, with both as they were."""
    cells: list[list[Cell]] = []
    for row in rows_of(found.iloc[:SHOWN]):
        told = changes.told(before, "certificates", row.certificate) or {}
        agency, tier = told.get("agency") or "no agency known", told.get("tier") or "no tier known"
        cells.append([named(row), agency, edition.agency(row.agency), tier, row.tier or "no tier known"])
    columns = (Head("Host name", "code"), Head("Agency then"), Head("Agency now"), Head("Tier then", "short"), Head("Tier now", "short"))
    return Grid("Certificates of another tier or agency", columns, cells, "", things=True, captioned=False)


def gone(edition: Edition, keys: Sequence[str], before: RunRecord) -> Grid:
    """What no file tells of any more. A record keeps no names, so a certificate is known by its key."""
    cells: list[list[Cell]] = []
    for key in keys[:SHOWN]:
        told = changes.told(before, "certificates", key)
        if told is None:
            cells.append([key, "not recorded", "not recorded", "not recorded"])
        else:
            cells.append([key, edition.agency(told["agency"]), told["status"] or "no dates known", told["tier"] or "no tier known"])
    columns = (Head("Fingerprint, or serial number and days", "code"), Head("Agency"), Head("State then", "short"), Head("Tier", "short"))
    return Grid("Certificates that no file tells of any more", columns, cells, "", things=True, captioned=False)
