"""From any name in the books to the rows behind it, and back: invoice, ledger entry, order, request, certificate, serial; file and row.

Pure: it asks a published run for columns and rows, and gives hits and places. What stands in the rows is `sources.literal`'s to tell.
Nothing of it imports pandas, which takes longer than the answer may.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pyarrow.compute as pc

from pipeline.arrow_columns import equal, positions
from pipeline.explain.hits import hits
from pipeline.explain.parts import SHOWN, Hit, Place, Tables, positions_of
from pipeline.explain.places import of_place
from pipeline.explain.sources import Sources
from pipeline.money import dollars

__all__ = ["Hit", "Place", "Tables", "find", "findings_at"]

_SHORTEST_BEGINNING = 8
_MOST_OF_AN_AGENCY = 50
_BETWEEN = re.compile(r"\s*[/\s]\s*")  # PERIOD/AGENCY


def find(name: str, tables: Tables) -> list[Hit]:
    """Every row that `name` stands for, invoices first, and the ledger entries of each certificate found; empty when there is none.

    Names are compared without case; a serial may be written with colons, spaces and leading zeros. A ledger entry or a certificate may
    be named by its first eight digits or more, a certificate by any host name in it: then all certificates of the host are given, in
    order of time. An invoice is named by its number or, while a draft, by `PERIOD-AGENCY`, also with a slash. `FILE:ROW` names a row of
    the inbox: what became of it. A code of an agency stands for its invoices and certificates.
    """
    wanted = name.strip().lower()
    if not wanted:
        return []
    asked = of_place(name.strip(), tables)
    if asked is not None:
        return asked
    found = {table: _named(tables, table, names, wanted) for table, (names, _) in SHOWN.items()}
    return hits(tables, _invoices(wanted, tables), found) or _orders(wanted, tables) or _agencies(wanted, tables)


def findings_at(places: Collection[tuple[str, str, int]], tables: Tables) -> dict[tuple[str, str, int], list[str]]:
    """What was found wrong with the rows at `places` (file, sheet, row), a sentence each; nothing of rows without a finding."""
    found: dict[tuple[str, str, int], list[str]] = {}
    for row in tables.rows("findings", positions_of(tables, "findings", "file", sorted({file for file, _, _ in places}))):
        place = row["file"], row["sheet"], row["row"]
        if place in places:
            told = " ".join(filter(None, (row["reason"], row["accepted"])))
            found.setdefault(place, []).append(f"{row['severity']}, {row['action']}: {told}")
    return found


def _agencies(wanted: str, tables: Tables) -> list[Hit]:
    """What an agency code stands for: its invoices, and the certificates that it pays for or owns."""
    invoices = tables.rows("invoices", positions(equal(pc.utf8_lower(tables.column("invoices", "agency")), wanted)))
    certificates = tables.rows("certificates", positions(equal(pc.utf8_lower(tables.column("certificates", "agency")), wanted)))
    if not invoices and not certificates:
        return []
    code = (invoices or certificates)[0]["agency"]
    of_months = {f"{one['period']}-{one['agency']}": f"{dollars(one['amount_cents'])}, {one['workbook']}" for one in invoices}
    of_hosts = {one["certificate"][: _SHORTEST_BEGINNING * 2]: _said(one) for one in certificates}
    return [
        Hit("invoices", f"Agency {code}: {_counted(invoices, 'invoice')}", _first(of_months)),
        Hit("certificates", f"Agency {code}: {_counted(certificates, 'certificate')}", _first(of_hosts)),
    ]


def _counted(rows: Sequence[object], thing: str) -> str:
    return f"{len(rows):,} {thing}{'' if len(rows) == 1 else 's'}"


def _said(certificate: Mapping[str, Any]) -> str:
    order = f", order {certificate['order_id']}" if certificate["order_id"] else ""
    return f"{certificate['common_name']}, {certificate['status']}{order}"


def _first(facts: dict[str, str]) -> dict[str, str]:
    """The first of many facts, and how many there are beside them."""
    shown = dict(list(facts.items())[:_MOST_OF_AN_AGENCY])
    return shown | ({"and more": f"{len(facts) - len(shown):,}"} if len(facts) > len(shown) else {})


def _orders(wanted: str, tables: Tables) -> list[Hit]:
    """Rows of orders that are no certificate: pending, rejected, canceled."""
    match = pc.and_(equal(pc.utf8_lower(tables.column("places", "known_as")), wanted), equal(tables.column("places", "became"), "order"))
    rows = tables.rows("places", positions(match))
    if not rows:
        return []
    return [
        Hit("places", "Order without a certificate", {"order_id": rows[0]["known_as"]}, Sources(tables).of([row["source"] for row in rows]))
    ]


def _named(tables: Tables, table: str, columns: Sequence[str], wanted: str) -> list[int]:
    """Which rows of `table` have the name `wanted` (lower case) in one of `columns`."""
    found: set[int] = set()
    for column in columns:
        lower = pc.utf8_lower(tables.column(table, column))
        match = equal(lower, wanted) if column != "names" else _has_name(lower, wanted)
        if column == "serial" and (serial := _bare_serial(wanted)):
            match = pc.or_(match, equal(pc.utf8_ltrim(lower, characters="0"), serial))
        if column in ("entry_id", "certificate") and len(wanted) >= _SHORTEST_BEGINNING:
            match = pc.or_(match, pc.starts_with(pc.replace_substring_regex(lower, pattern="^.*:", replacement=""), wanted))
        found.update(positions(match))
    return sorted(found)


def _has_name(names: Any, wanted: str) -> Any:
    """Which cells of a column of names, separated by spaces, have this one among them (a mask)."""
    name = re.escape(wanted.encode("utf-8", "replace").decode())
    return pc.match_substring_regex(names, pattern=f"(^| ){name}( |$)")


def _bare_serial(wanted: str) -> str:
    """A serial as serials are compared: without marks and leading zeros."""
    return wanted.replace(":", "").replace(" ", "").removeprefix("0x").lstrip("0")


def _invoices(wanted: str, tables: Tables) -> list[dict[str, Any]]:
    columns = (tables.column("invoices", name).to_pylist() for name in ("period", "agency", "invoice_no"))
    drafts = [(f"{period}-{agency}".lower(), number.lower()) for period, agency, number in zip(*columns, strict=True)]
    asked = {wanted, _BETWEEN.sub("-", wanted)}
    return tables.rows("invoices", [position for position, names in enumerate(drafts) if asked & set(names)])
