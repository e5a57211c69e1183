"""Rows of the inbox as they stand in their files today, for people who want to see what a figure rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import x509_facts
from pipeline.settings import Settings
from pipeline.sources import raw_files, recognition, sheets
from pipeline.sources.limits import CERTIFICATE_LIMIT, SHEET_LIMIT
from pipeline.sources.raw_files import Listed, Refused

_CERTIFICATES = "pem"

Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class LiteralRow:
    """One row: its file below `data/`, sheet and physical row, and its cells by label.

    `lost` says why there are no cells, as words that go on a line: the file is another one by now, or is gone.
    """

    file: str
    sheet: str
    row: int
    cells: dict[str, str]
    lost: str = ""

    @property
    def place(self) -> Place:
        """File, sheet and row, as in the table `places`."""
        return self.file, self.sheet, self.row


def at(workspace: Path, settings: Settings, places: Iterable[Place], hashes: Mapping[str, str]) -> list[LiteralRow]:
    """The rows at `places` (file, sheet, row), each file opened once. Of a certificate file: what the block is and its number.

    `hashes` are the SHA-256 of the files as the run read them, by path: of a file that is another one by now no row is shown, for what
    stands there today is not what the figures rest on.
    """
    wanted = list(places)
    files = {file for file, _, _ in wanted}
    found: dict[Place, dict[str, str]] = {}
    lost = dict.fromkeys(files, "the file is no longer there")
    for listed in raw_files.listing(workspace / "data", "inbox"):
        if listed.path in files:
            lost[listed.path] = "the file changed since this run" if _changed(listed, hashes.get(listed.path)) else ""
            if not lost[listed.path]:
                rows = {(sheet, row) for file, sheet, row in wanted if file == listed.path}
                found.update({(listed.path, *place): cells for place, cells in _rows(listed, settings) if place in rows})
    return [LiteralRow(*place, found.get(place, {}), lost[place[0]]) for place in wanted]


def _changed(listed: Listed, sha256: str | None) -> bool:
    try:
        return raw_files.read(listed, CERTIFICATE_LIMIT).sha256 != sha256
    except Refused:
        return True


def naming(
    workspace: Path, settings: Settings, name: str, hashes: Mapping[str, str], folders: Sequence[str] = ("exports", "requests")
) -> list[LiteralRow]:
    """Every row of the inbox's `folders` that has a cell equal to `name`, compared without case and outer blanks; in file order.

    Only of files that are what the run read, see `at`.
    """
    wanted = name.strip().casefold()
    return [
        LiteralRow(listed.path, sheet, row, cells)
        for listed in raw_files.listing(workspace / "data", "inbox")
        if listed.folder in folders and wanted and not _changed(listed, hashes.get(listed.path))
        for (sheet, row), cells in _rows(listed, settings)
        if any(cell.strip().casefold() == wanted for cell in cells.values())
    ]


def _rows(listed: Listed, settings: Settings) -> Iterator[tuple[tuple[str, int], dict[str, str]]]:
    """((sheet, row), cells) of a file; none of a file that cannot be read, which the data quality page tells of."""
    try:
        if listed.folder == _CERTIFICATES:
            for number, block in enumerate(x509_facts.read(raw_files.read(listed, CERTIFICATE_LIMIT).data), start=1):
                yield ("", number), {"block": str(number), "label": block["label"]}
            return
        for sheet in sheets.read(raw_files.read(listed, SHEET_LIMIT), recognition.source_of(listed.below_inbox, settings.source)):
            labels = _distinct(sheet.header)
            for row, cells in sheet.records:
                yield (sheet.name, row), dict(zip(labels, cells, strict=False))
    except Refused:
        return


def _distinct(header: Sequence[str]) -> list[str]:
    """Labels of a row as they are shown; a repeated one gets its number behind it."""
    counts: dict[str, int] = {}
    shown = []
    for cell in header:
        counts[cell] = counts.get(cell, 0) + 1
        shown.append(cell if counts[cell] == 1 else f"{cell} ({counts[cell]})")
    return shown
