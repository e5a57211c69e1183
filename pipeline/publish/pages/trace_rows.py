"""The way back: pages that list the rows of every file of the inbox, and what became of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import pandas as pd

from pipeline.addresses import trace_page
from pipeline.findings import counted
from pipeline.publish import quarantine, words
from pipeline.publish.pages.edition import Edition, address, named, rows_of
from pipeline.publish.parts import Cell, Chip, Grid, Head, Link, Links, Noted, Page

# So many rows are listed, those of the newest files first; a site of more would take longer to copy than anybody reads in it.
MOST_ROWS = 30_000
_CERTIFICATE_FILES = "inbox/pem"
_COLUMNS = (
    Head("What became of it", "name"),
    Head("Order or request", "code"),
    Head("Charged", "stacked"),
    Head("Row used", "name"),
    Head("What was found", "name"),
)
_COLUMNS_OF_FILES = (
    Head("File", "path"),
    Head("What it holds", "name"),
    Head("Files", "number"),
    Head("Accepted", "number"),
    Head("Set aside", "number"),
)
_KINDS = {
    "certificate": "Certificate", "order": "Order without a certificate", "request": "Request", "event": "Event of a request",
    "pause": "Pause of a request", "lot": "Lot", "outage": "Outage",
}  # fmt: skip
_ONE_FILE = {
    "certificates": "A certificate export", "requests": "A request log", "pauses": "A list of pauses", "lots": "A list of lots",
    "outages": "A list of outages", "skipped": "A file that is not read",
}  # fmt: skip
_ENTRIES_SHOWN = 6

Where = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Sources:
    """Files whose rows stand on the same page: one file, or all certificate files together. `rows` are sorted by file, sheet, row, and
    `page` lies below the site's root, without its ending."""

    title: str
    page: str
    files: tuple[Any, ...]
    rows: tuple[Where, ...]


class RowPages:
    """Every row of the inbox that is listed, and where."""

    def __init__(self, edition: Edition, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._books = edition.books

    @cached_property
    def sources(self) -> list[Sources]:
        """The files of the inbox, as they stand on pages; files that were not read at all are left out."""
        rows_of_file: dict[str, list[Where]] = {}
        for row in (*self._places, *self._set_aside):
            if row[0].startswith("inbox/"):
                rows_of_file.setdefault(row[0], []).append(row)
        for of_file in rows_of_file.values():
            of_file.sort()  # they nearly are: a file was read from its first row to its last
        inputs = list(rows_of(self._books.inputs[self._books.inputs["file"].isin(list(rows_of_file))]))
        blocks = tuple(one for one in inputs if one.kind == "pem")
        found = [
            Sources(one.file, f"trace/~file-{address(one.file.removeprefix('inbox/'))}", (one,), tuple(rows_of_file[one.file]))
            for one in inputs
            if one.kind != "pem"
        ]
        if blocks:
            rows = tuple(row for one in blocks for row in rows_of_file[one.file])
            found.append(Sources(_CERTIFICATE_FILES, "trace/~file-pem", blocks, rows))
        return found

    @cached_property
    def listed(self) -> list[Sources]:
        """Those of `sources` whose rows have pages: the newest first, until there are enough rows."""
        left, found = self._most_rows, []
        for source in sorted(self.sources, key=lambda one: (str(max(file.taken_on for file in one.files)), one.title), reverse=True):
            if len(source.rows) <= left:
                found.append(source)
                left -= len(source.rows)
        return sorted(found, key=lambda source: source.title)

    @cached_property
    def _hrefs(self) -> dict[Where, str]:
        return {row: f"{source.page}.html#{_anchor(source, row)}" for source in self.listed for row in source.rows}

    def href(self, row: Where, root: str) -> str:
        """The way to the row from a page whose way to the root is `root`; '' where the row is not listed."""
        found = self._hrefs.get(row)
        return f"{root}{found}" if found else ""

    @cached_property
    def _hrefs_of_sources(self) -> dict[int, str]:
        places = self._places
        return {places[row].source: href for row, href in self._hrefs.items() if row in places}

    def href_of(self, source: int, root: str) -> str:
        """The same way to the row that the table `places` has under the number `source`: that of many can be asked for."""
        found = self._hrefs_of_sources.get(source)
        return f"{root}{found}" if found else ""

    def pages(self) -> Iterator[Page]:
        """The page of each file whose rows are listed."""
        for source in self.listed:
            view = {"source": source, "told": _told(source), "grid_of_rows": self._grid(source, source.rows)}
            yield Page(f"{source.page}.md", "pages/trace_file.md.j2", f"Rows of {source.title}", view)

    def index(self) -> Grid:
        """All files of the inbox, each with a link to its rows."""
        listed = {source.title for source in self.listed}
        rows = [[self._name_of_file(source, source.title in listed), *_counts(source)] for source in self.sources]
        return Grid("Files of the inbox", _COLUMNS_OF_FILES, rows, "No file of the inbox was read.", things=True, captioned=False)

    @staticmethod
    def _name_of_file(source: Sources, is_listed: bool) -> Cell:
        if is_listed:
            return Link(source.title, f"{source.page}.html")
        return Noted(source.title, "more rows than are listed here")

    def _grid(self, source: Sources, rows: Sequence[Where]) -> Grid:
        of_blocks = source.title == _CERTIFICATE_FILES
        return Grid(
            "Rows and what became of them",
            (Head("Block" if of_blocks else counted(source.title).capitalize(), "path" if of_blocks else "short"), *_COLUMNS),
            [[self._first(row, of_blocks=of_blocks), *self._rest(row)] for row in rows],
            "No row.",
            anchors=[_anchor(source, row) for row in rows],
            things=True,
            captioned=False,
            tools=True,
            main=True,
        )

    @staticmethod
    def _first(row: Where, *, of_blocks: bool) -> Cell:
        file, _, number = row
        where = f"{counted(file)} {number:,}"
        return Noted(file.removeprefix(f"{_CERTIFICATE_FILES}/"), where) if of_blocks else where

    def _rest(self, row: Where) -> list[Cell]:
        place = self._places.get(row)
        reasons = self._reasons.get(row, [])
        found = " ".join(reasons) or "nothing"
        if place is None:
            return [Chip("set aside", "missed"), "", "", "no", found]
        name, number = self._name(place)
        kind = "Block that cannot be read" if self._is_unreadable(place) else _KINDS.get(place.became, "Row")
        return [
            Noted(kind, name) if name else kind,
            number,
            self._charged(place),
            self._standing(place),
            found,
        ]

    def _is_unreadable(self, place: Any) -> bool:
        """Whether it is a block of a certificate file of which the inventory tells only that it is there."""
        certificate = self._certificates.get(place.known_as) if place.became == "certificate" else None
        return certificate is not None and certificate.parse_status == "failed"

    def _name(self, place: Any) -> tuple[str, str]:
        """What people call the thing, and its order or request."""
        if place.became == "certificate":
            certificate = self._certificates.get(place.known_as)
            return (named(certificate), certificate.order_id) if certificate and not self._is_unreadable(place) else ("", "")
        return ("", place.known_as) if place.became in ("request", "event", "pause", "order") else (place.known_as, "")

    def _charged(self, place: Any) -> Cell:
        if place.became == "lot":
            drawn = self._drawn.get(place.known_as, 0)
            return Link(f"{words.count(drawn, 'unit')} drawn", "../lots.html") if drawn else "nothing"
        name = "certificate" if place.became == "certificate" else "request_id" if place.became in ("request", "event", "pause") else ""
        entries = self._entries[name].get(place.known_as, []) if name and place.known_as else []
        if not entries:
            return "nothing"
        billed = [entry for entry in entries if entry.billed_to]
        links = [
            Link(
                f"{words.dollars(entry.amount_cents)} in {entry.period}",
                f"../{trace_page(entry.billed_to)}#entry-{address(entry.entry_id)}",
            )
            for entry in billed[:_ENTRIES_SHOWN]
        ]
        more = len(entries) - len(links)
        return Links(tuple(links), f"and {words.count(more, 'entry', 'entries')} more" if more else "")

    def _standing(self, place: Any) -> Cell:
        if pd.isna(place.stands_for):
            return "no: a newer file tells of it"
        if place.stands_for == place.source:
            if place.became == "pause" and place.known_as not in self._requests:
                return "no: no row of its request could be read"
            return "no: no certificate could be made of it" if self._is_unreadable(place) else "yes"
        other = self._by_source[place.stands_for]
        of_file = "" if other.file == place.file else f" of {other.file.rpartition('/')[2]}"
        text = f"no, {counted(other.file)} {other.row:,}{of_file} is"
        href = self.href((other.file, other.sheet, other.row), "../")
        return Link(text, href) if href else text

    @cached_property
    def _places(self) -> Mapping[Where, Any]:
        found = list(rows_of(self._books.places))
        return dict(zip(map(attrgetter("file", "sheet", "row"), found), found, strict=True))

    @cached_property
    def _by_source(self) -> Mapping[int, Any]:
        return {place.source: place for place in self._places.values()}

    @cached_property
    def _reasons(self) -> Mapping[Where, list[str]]:
        found: dict[Where, list[str]] = {}
        findings = self._books.findings
        for finding in rows_of(findings.loc[findings["row"] > 0, ["file", "sheet", "row", "reason"]]):
            found.setdefault((finding.file, finding.sheet, finding.row), []).append(finding.reason)
        return found

    @cached_property
    def _set_aside(self) -> set[Where]:
        findings = self._books.findings
        lost = findings[(findings["action"] == "quarantined") & (findings["row"] > 0)]
        return set(lost[["file", "sheet", "row"]].itertuples(index=False, name=None)) - set(self._places)

    @cached_property
    def _certificates(self) -> Mapping[str, Any]:
        read = ["certificate", "common_name", "subject_alternative_names", "order_id", "parse_status"]
        return {row.certificate: row for row in rows_of(self._books.certificates[read])}

    @cached_property
    def _requests(self) -> frozenset[str]:
        return frozenset(self._books.requests["request_id"].tolist())

    @cached_property
    def _drawn(self) -> Mapping[str, int]:
        """Units drawn from each lot, also before these books begin, as the page of lots counts them."""
        return dict(zip(self._books.lots["lot_id"], self._books.lots["drawn"].tolist(), strict=True))

    @cached_property
    def _entries(self) -> Mapping[str, dict[str, list[Any]]]:
        found: dict[str, dict[str, list[Any]]] = {"certificate": {}, "request_id": {}}
        for entry in rows_of(self._books.ledger[[*found, "billed_to", "amount_cents", "period", "entry_id"]]):
            for name, entries in found.items():
                entries.setdefault(getattr(entry, name), []).append(entry)
        return found


def to_its_row(edition: Edition, text: str, source: int) -> Cell:
    """`text` for a page at the root of the site, leading to the row that the table `places` has under the number `source`; just the text
    where that row is not listed, and in the public edition, which knows no rows."""
    href = edition.shared(RowPages).href_of(source, "") if edition.internal else ""
    return Link(text, href) if href else text


def _anchor(source: Sources, row: Where) -> str:
    file, sheet, number = row
    if source.title == _CERTIFICATE_FILES:
        return f"{address(file.removeprefix('inbox/pem/'))}-{number}"
    return f"row-{address(sheet)}-{number}" if sheet else f"row-{number}"


def _counts(source: Sources) -> list[Cell]:
    accepted, aside = (sum(int(getattr(file, name)) for file in source.files) for name in ("rows_accepted", "rows_quarantined"))
    return [quarantine.KINDS[source.files[0].kind], words.count(len(source.files)), words.count(accepted), words.count(aside)]


def _told(source: Sources) -> str:
    _, files, accepted, aside = _counts(source)
    read = sum(int(file.rows_read) for file in source.files)
    of = f"{files} certificate files" if source.title == _CERTIFICATE_FILES else _ONE_FILE[source.files[0].kind]
    sheets = {sheet for _, sheet, _ in source.rows} - {""}
    where = f", sheet {', '.join(sorted(sheets))}" if sheets else ""
    return f"{of}{where}: {words.count(read)} rows read, {accepted} accepted, {aside} set aside."
