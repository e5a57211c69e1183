"""Which certificate took over from which (DESIGN §6, "Renewed")."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd

from pipeline.issuers import issuer_keys


class _Life(NamedTuple):
    """One certificate's life; instants in microseconds since 1970."""

    last: int
    first: int
    certificate: str
    row: int
    is_revoked: bool


def links(table: pd.DataFrame, keepers: pd.Series[Any], is_revoked: pd.Series[Any]) -> tuple[list[str], list[str]]:
    """The columns `replaces` and `superseded_by` of `table` (columns of CERTIFICATES): a certificate's name, or "".

    Certificates of one order come first: there a later start is enough, for a reissue keeps its end. Then those of one agency and name
    set, where start and end must both be later. `keepers` is the agency that looks after each certificate on the as-of day, "" where it
    is unknown: the successor of a merged agency is the same agency here, for it renews what the other one had. Where no agency is known
    only certificates of one issuer can follow one another by name; a CA's certificate never does. A certificate that is revoked
    replaces none. Each replaces at most one and is replaced by at most one: in order of start, each takes over from the one that
    expires first among those that still have no successor.
    """
    replaces, superseded_by = [""] * len(table), [""] * len(table)
    lives = _lives(table, is_revoked)
    for keys, is_order in ((_order_keys(table), True), (_name_keys(table, keepers), False)):
        groups: dict[tuple[str, ...], list[_Life]] = {}
        for life in lives:
            if keys[life.row]:
                groups.setdefault(keys[life.row], []).append(life)
        for group in groups.values():
            if len(group) > 1:
                _follow(group, is_order, replaces, superseded_by)
    return replaces, superseded_by


def _lives(table: pd.DataFrame, is_revoked: pd.Series[Any]) -> list[_Life]:
    """The certificates whose dates are both known."""
    known = (table["valid_from"].notna() & table["valid_to"].notna()).to_numpy()
    columns: list[Iterable[Any]] = [
        table["valid_to"].to_numpy(dtype="datetime64[us]").astype("int64").tolist(),
        table["valid_from"].to_numpy(dtype="datetime64[us]").astype("int64").tolist(),
        table["certificate"].tolist(),
        range(len(table)),
        is_revoked.tolist(),
    ]
    return [_Life(*values) for values, is_known in zip(zip(*columns, strict=True), known, strict=True) if is_known]


def _order_keys(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Order numbers of vendors and request numbers of a private CA may be equal by chance, hence the role."""
    return [(role, order) if order else () for role, order in zip(table["role"].tolist(), table["order_id"].tolist(), strict=True)]


def _name_keys(table: pd.DataFrame, keepers: pd.Series[Any]) -> list[tuple[str, ...]]:
    """Agency and names, else issuer and names; () where a certificate cannot be followed by name."""
    columns = (keepers.tolist(), _issuers(table), *(table[name].tolist() for name in ("role", "names", "is_ca")))
    keys: list[tuple[str, ...]] = []
    for keeper, issuer, role, names, is_ca in zip(*columns, strict=True):
        if not names or is_ca or (not keeper and issuer is None):
            keys.append(())
        elif keeper:
            keys.append(("agency", keeper, names))
        else:
            keys.append(("issuer", issuer, names) if issuer else ("role", role, names))
    return keys


def _issuers(table: pd.DataFrame) -> list[str | None]:
    """Each certificate's issuer as it is compared.

    Exports of a private CA name none, as all are its own; one that is known from a certificate file then holds for all certificates of
    that role and name set. "" where none of them has one, None where there are several.
    """
    issuers = issuer_keys(table["issuer"])
    kinds = list(zip(table["role"].tolist(), table["names"].tolist(), strict=True))
    known: dict[tuple[str, str], set[str]] = {}
    for kind, issuer in zip(kinds, issuers, strict=True):
        known.setdefault(kind, set()).update({issuer} - {""})
    alone = {kind: next(iter(found), "") for kind, found in known.items() if len(found) < 2}
    return [issuer or alone.get(kind) for kind, issuer in zip(kinds, issuers, strict=True)]


def _follow(group: list[_Life], is_order: bool, replaces: list[str], superseded_by: list[str]) -> None:
    """Link one group in place: by start, each with the earliest expiry among those that began before it and wait for a successor."""

    def start(life: _Life) -> tuple[int, int]:
        return (life.first, life.last if is_order else 0)

    waiting: list[_Life] = []
    for _, together in groupby(sorted(group, key=lambda life: (start(life), life)), key=start):
        begun = list(together)
        for new in begun:
            may_replace = not new.is_revoked and not replaces[new.row] and waiting
            if may_replace and (is_order or waiting[0].last < new.last):
                old = heappop(waiting)
                superseded_by[old.row], replaces[new.row] = new.certificate, old.certificate
        for life in begun:
            if not superseded_by[life.row]:
                heappush(waiting, life)
