"""From any name in the books to the rows behind it, and back: invoice, ledger entry, order, request, certificate, serial; file and row.

Pure: it asks a published run for columns and rows, and gives hits and places. What stands in the rows is `sources.literal`'s to tell.
Nothing of it imports pandas, which takes longer than the answer may.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow.compute as pc

from pipeline import line_order
from pipeline.arrow_columns import equal, is_in, positions, wholes
from pipeline.findings import counted
from pipeline.money import dollars

_SHORTEST_BEGINNING = 8
_MOST_OF_AN_AGENCY = 50
_BETWEEN = re.compile(r"\s*[/\s]\s*")  # PERIOD/AGENCY
_MOST_DIGITS = 9  # of the number of a row


class Tables(Protocol):
    """The tables of a published run."""

    def column(self, table: str, name: str) -> Any:
        """One column of a table (pyarrow.ChunkedArray)."""

    def rows(self, table: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """The rows at the positions `numbers`, counted from 0."""


@dataclass(frozen=True, slots=True)
class Place:
    """One row of the inbox that stands behind a hit. `standing` says, where another row is in force for it, which one."""

    file: str
    sheet: str
    row: int
    standing: str = ""

    @property
    def at(self) -> tuple[str, str, int]:
        """File, sheet and row."""
        return self.file, self.sheet, self.row


@dataclass(frozen=True, slots=True)
class Hit:
    """One row of a published table that the name stands for, as `column: text`, and the places behind it, those in force first."""

    table: str
    title: str
    facts: dict[str, str]
    places: tuple[Place, ...] = ()


# Table -> (columns a name may stand in, columns shown). The invoice is found by period and agency, see `_invoices`. A certificate's name
# is its fingerprint where it has one.
_SHOWN: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ledger": (
        ("entry_id", "order_id", "certificate", "request_id", "adjustment"),
        (
            "entry_id", "period", "service_on", "kind", "tier", "amount_cents",
            "memo_cents", "agency", "billed_to", "order_id", "common_name", "lot_id", "reason", "reverses", "amends",
            "adjustment", "decision", "adjusts", "approved_by", "approved_on", "document",
            "class", "takes_back", "rebills", "corrected_invoice", "invoice_no", "workbook", "answered",
        ),
    ),
    "certificates": (
        ("certificate", "serial", "order_id", "common_name", "names"),
        (
            "common_name", "serial", "issuer", "valid_from", "valid_to", "agency", "tier", "order_id", "status", "matched", "certificate",
            "replaces", "superseded_by", "issued_by", "answered",
        ),
    ),
    "requests": (
        ("request_id", "order_id"),
        (
            "request_id", "kind", "agency", "submitted_at", "completed_at", "status", "due_on", "verdict",
            "business_days", "business_seconds", "paused_seconds", "customer_seconds", "response_seconds", "late_seconds",
            "on_time_by_close", "on_time_by_hours", "reopened_at", "order_id", "answered",
        ),
    ),
    "lots": (
        ("lot_id",),
        ("lot_id", "tier", "purchased_on", "quantity", "drawn", "returned", "expired_unused", "remaining", "total_cost_cents"),
    ),
}  # fmt: skip
_TITLES = {"ledger": "Ledger entry", "certificates": "Certificate", "requests": "Request", "lots": "Lot"}
_ON_INVOICES = ("invoice_no", "period", "agency", "account_id", "status", "due_on", "lines", "amount_cents", "workbook")
# What a place's `known_as` names -> the table and column that have it.
_BOOKED = {
    "certificate": ("certificates", "certificate"), "request": ("requests", "request_id"), "event": ("requests", "request_id"),
    "pause": ("requests", "request_id"), "lot": ("lots", "lot_id"), "entry": ("ledger", "adjustment"),
    "line": ("ledger", "entry_id"),
}  # fmt: skip


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
    asked = _of_place(name.strip(), tables)
    if asked is not None:
        return asked
    found = {table: _named(tables, table, names, wanted) for table, (names, _) in _SHOWN.items()}
    return _hits(tables, _invoices(wanted, tables), found) or _orders(wanted, tables) or _agencies(wanted, tables)


def findings_at(places: Collection[tuple[str, str, int]], tables: Tables) -> dict[tuple[str, str, int], list[str]]:
    """What was found wrong with the rows at `places` (file, sheet, row), a sentence each; nothing of rows without a finding."""
    found: dict[tuple[str, str, int], list[str]] = {}
    for row in tables.rows("findings", _positions(tables, "findings", "file", sorted({file for file, _, _ in places}))):
        place = row["file"], row["sheet"], row["row"]
        if place in places:
            told = " ".join(filter(None, (row["reason"], row["accepted"])))
            found.setdefault(place, []).append(f"{row['severity']}, {row['action']}: {told}")
    return found


def _hits(tables: Tables, invoices: list[dict[str, Any]], found: dict[str, list[int]]) -> list[Hit]:
    """Invoices with their lines, then the other ledger entries, certificates with their entries, requests and lots."""
    certificates = sorted(tables.rows("certificates", found["certificates"]), key=_in_time)
    of_them = _positions(tables, "ledger", "certificate", [row["certificate"] for row in certificates])
    on_invoices = [_lines(tables, invoice) for invoice in invoices]
    billed = {position for lines in on_invoices for position in lines}
    others = sorted({*found["ledger"], *of_them} - billed)
    entries = dict(zip([*sorted(billed), *others], tables.rows("ledger", [*sorted(billed), *others]), strict=True))
    booked = _workbooks(tables, entries.values())
    requests = tables.rows("requests", found["requests"])
    sources = _Sources(tables, [row["source"] for row in (*entries.values(), *certificates)])
    answers = _answers(tables, [row["source"] for row in (*entries.values(), *certificates, *requests)])
    hits: list[Hit] = []
    for invoice, lines in zip(invoices, on_invoices, strict=True):
        hits.append(Hit("invoices", "Invoice", _facts(invoice, _ON_INVOICES)))
        ordered = sorted((entries[position] for position in lines), key=line_order.place)
        hits.extend(_entry({**line, **answers.get(line["source"], {})}, booked, sources) for line in ordered)
    hits.extend(_entry({**entries[position], **answers.get(entries[position]["source"], {})}, booked, sources) for position in others)
    for table, rows in (("certificates", certificates), ("requests", requests), ("lots", tables.rows("lots", found["lots"]))):
        hits.extend(_booked(table, {**row, **answers.get(row.get("source"), {})}, sources) for row in rows)
    return hits


def _answers(tables: Tables, rows: Sequence[int]) -> dict[int | None, dict[str, str]]:
    """Place of a row -> {"answered": which answers decide it}, of those among `rows` that an answer decides."""
    if not rows:
        return {}
    decided = tables.rows("answered", positions(pc.is_in(tables.column("answered", "source"), value_set=wholes(rows))))
    wanted = wholes([row["answer"] for row in decided])
    said = {row["source"]: row for row in tables.rows("answers", positions(pc.is_in(tables.column("answers", "source"), value_set=wanted)))}
    found: dict[int | None, list[str]] = {}
    for row in decided:
        found.setdefault(row["source"], []).append(_answered(said[row["answer"]]))
    return {source: {"answered": "; ".join(sentences)} for source, sentences in found.items()}


def _answered(answer: Mapping[str, Any]) -> str:
    by = f" by {answer['by']}" if answer["by"] else f" in data/entries/{answer['list']}.csv"
    on = f" on {_text('on', answer['on'])}" if answer["on"] else ""
    value = answer["value"].removeprefix("kind:")
    return f"{answer['kind']} {answer['means']}: answered{by}{on} for '{value}'"


def _entry(row: dict[str, Any], booked: Mapping[tuple[str, ...], str], sources: _Sources) -> Hit:
    workbook = booked.get((row["period"], row["billed_to"], row["account_id"]), "")
    return Hit("ledger", _TITLES["ledger"], _facts({**row, "workbook": workbook}, _SHOWN["ledger"][1]), sources.of([row["source"]]))


def _booked(table: str, row: dict[str, Any], sources: _Sources) -> Hit:
    """A certificate, request or lot, with every row that tells of it, in whatever file."""
    key = _SHOWN[table][0][0]
    own = [row[name] for name in ("source", "pem_source") if row.get(name) is not None]
    kinds = [became for became, (named, _) in _BOOKED.items() if named == table]
    return Hit(table, _TITLES[table], _facts(row, _SHOWN[table][1]), sources.of([*own, *sources.telling(row[key], kinds)]))


class _Sources:
    """The places of the inbox, as far as they are asked for."""

    def __init__(self, tables: Tables, numbers: Sequence[int] = ()) -> None:
        self._tables = tables
        self._rows: dict[int, dict[str, Any]] = {}
        self._fetch(numbers)

    def _fetch(self, numbers: Iterable[int]) -> None:
        lacking = [number for number in dict.fromkeys(numbers) if number not in self._rows]
        self._rows.update(zip(lacking, self._tables.rows("places", lacking), strict=True))

    def of(self, numbers: Sequence[int]) -> tuple[Place, ...]:
        """The places with these numbers; those in force before those for which another stands."""
        self._fetch(numbers)
        rows = [self._rows[number] for number in dict.fromkeys(numbers)]
        self._fetch(row["stands_for"] for row in rows if row["stands_for"] is not None)
        places = [Place(row["file"], row["sheet"], row["row"], _standing(row, self._rows)) for row in rows]
        return tuple(sorted(places, key=lambda place: place.standing != ""))

    def telling(self, name: str, kinds: Sequence[str]) -> list[int]:
        """The numbers of the places that tell of `name`, a name of one of these kinds."""
        found = _positions(self._tables, "places", "known_as", [name]) if name else []
        return [row["source"] for row in self._tables.rows("places", found) if row["became"] in kinds]


def _standing(row: Mapping[str, Any], in_force: Mapping[int, Mapping[str, Any]]) -> str:
    if row["stands_for"] == row["source"]:
        return ""
    if row["stands_for"] is None:
        return "not in force: a newer file tells of it"
    other = in_force[row["stands_for"]]
    if other["file"] == row["file"]:
        return f"told twice: {counted(other['file'])} {other['row']} of the same file is in force"
    return f"told again by a newer file: data/{other['file']}, {counted(other['file'])} {other['row']} is in force"


def _of_place(name: str, tables: Tables) -> list[Hit] | None:
    """What became of the row that `FILE:ROW` names; None where `name` names no file of the inbox."""
    file, colon, number = name.removeprefix("data/").rpartition(":")
    if not colon or not number.isdecimal() or not _equal(tables, "inputs", {"file": file}):
        return None
    row = min(int(number[:_MOST_DIGITS]), int(number))
    accepted = _equal(tables, "places", {"file": file, "row": row})
    if not accepted:
        sheets = {one["sheet"] for one in tables.rows("findings", _equal(tables, "findings", {"file": file, "row": row}))}
        became = "quarantined" if sheets else _no_row(file, row, tables)
        return [Hit("places", "Row", {"became": became}, tuple(Place(file, sheet, row) for sheet in sorted(sheets)))]
    hits: list[Hit] = []
    for place in tables.rows("places", accepted):
        facts = {"became": f"{place['became']} {place['known_as']}".strip()}
        hits.append(Hit("places", "Row", facts, _Sources(tables).of([place["source"]])))
        hits.extend(_behind(place, tables))
    return hits


def _no_row(file: str, row: int, tables: Tables) -> str:
    """What a line is that no row begins on, by the rows that begin before and after it."""
    begins = {one["row"] for one in tables.rows("places", _equal(tables, "places", {"file": file}))}
    begins |= {one["row"] for one in tables.rows("findings", _equal(tables, "findings", {"file": file})) if one["row"]}
    ((read,),) = ([one["rows_read"]] for one in tables.rows("inputs", _equal(tables, "inputs", {"file": file})))
    unit = counted(file)
    has = f"the file has {read:,} row{'' if read == 1 else 's'}"
    before, after = max((one for one in begins if one < row), default=0), min((one for one in begins if one > row), default=0)
    if not before:
        return f"nothing: it stands before the first row, {unit} {after}; {has}" if after else f"nothing: {has}"
    if not after:
        return f"nothing: the last row begins on {unit} {before}; {has}. It is the end of that row, comes after it, or is not there"
    return f"nothing by itself: it lies in the row that begins on {unit} {before}, or is blank; the next row begins on {unit} {after}"


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


def _behind(place: Mapping[str, Any], tables: Tables) -> list[Hit]:
    """The books' rows that a place of the inbox stands behind."""
    if place["became"] not in _BOOKED or not place["known_as"]:
        return []
    table, column = _BOOKED[place["became"]]
    found: dict[str, list[int]] = {name: [] for name in _SHOWN}
    found[table] = _positions(tables, table, column, [place["known_as"]])
    if table == "lots":
        found["ledger"] = _positions(tables, "ledger", "lot_id", [place["known_as"]])
    if table == "requests":
        found["ledger"] = _positions(tables, "ledger", "request_id", [place["known_as"]])
    return _hits(tables, [], found)


def _orders(wanted: str, tables: Tables) -> list[Hit]:
    """Rows of orders that are no certificate: pending, rejected, canceled."""
    match = pc.and_(equal(pc.utf8_lower(tables.column("places", "known_as")), wanted), equal(tables.column("places", "became"), "order"))
    rows = tables.rows("places", positions(match))
    if not rows:
        return []
    return [
        Hit(
            "places", "Order without a certificate", {"order_id": rows[0]["known_as"]}, _Sources(tables).of([row["source"] for row in rows])
        )
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


def _in_time(certificate: Mapping[str, Any]) -> tuple[bool, Any, str]:
    """Orders certificates by the begin of their validity; those without one come last."""
    begin = certificate["valid_from"]
    return begin is None, begin or 0, certificate["certificate"]


def _bare_serial(wanted: str) -> str:
    """A serial as serials are compared: without marks and leading zeros."""
    return wanted.replace(":", "").replace(" ", "").removeprefix("0x").lstrip("0")


def _invoices(wanted: str, tables: Tables) -> list[dict[str, Any]]:
    columns = (tables.column("invoices", name).to_pylist() for name in ("period", "agency", "invoice_no"))
    drafts = [(f"{period}-{agency}".lower(), number.lower()) for period, agency, number in zip(*columns, strict=True)]
    asked = {wanted, _BETWEEN.sub("-", wanted)}
    return tables.rows("invoices", [position for position, names in enumerate(drafts) if asked & set(names)])


def _lines(tables: Tables, invoice: Mapping[str, Any]) -> list[int]:
    """The positions of the invoice's lines in the ledger."""
    return _equal(tables, "ledger", {"period": invoice["period"], "billed_to": invoice["agency"], "account_id": invoice["account_id"]})


def _workbooks(tables: Tables, entries: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], str]:
    """The workbook of each invoice, by period, agency billed and account; nothing is read where there are no entries."""
    if not list(entries):
        return {}
    period, agency, account, workbook = (
        tables.column("invoices", name).to_pylist() for name in ("period", "agency", "account_id", "workbook")
    )
    return dict(zip(zip(period, agency, account, strict=True), workbook, strict=True))


def _equal(tables: Tables, table: str, values: Mapping[str, Any]) -> list[int]:
    """The positions of the rows that have all these values."""
    match: Any = None
    for column, value in values.items():
        here = equal(tables.column(table, column), value)
        match = here if match is None else pc.and_(match, here)
    return positions(match)


def _positions(tables: Tables, table: str, column: str, values: Sequence[str]) -> list[int]:
    return positions(is_in(tables.column(table, column), values)) if values else []


def _facts(row: Mapping[str, Any], shown: Sequence[str]) -> dict[str, str]:
    facts = {name: _text(name, row.get(name)) for name in shown}
    return {name: text for name, text in facts.items() if text}


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name.endswith("_seconds"):
        minutes = int(value) // 60
        return f"{minutes // 60:,} h {minutes % 60:02d} min of desk time"
    if name.endswith("_cents"):
        return dollars(int(value))
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ") if value.tzinfo else value.strftime("%Y-%m-%d")
    return str(value)
