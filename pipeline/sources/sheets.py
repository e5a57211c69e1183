"""A sheet: a header and rows of text with their physical row numbers, whatever kind of file they came from.

What a file is, its content tells, not its name: a workbook is a zip archive, everything else is read as text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.settings import Source
from pipeline.sources import delimited, workbooks
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.x509_facts import private_key_in

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml")
_WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xls")


@dataclass(slots=True)
class Sheet:
    """One table of a file.

    `records` yields (physical row number from 1, cells) of each row below the header that is not blank, and may raise `Refused`
    on the way. `faults` tells of rows that the workbook itself marks: row number -> (code, column number, what stands there).
    `calendar_days` are the texts of cells that a workbook held as dates, in ISO.
    """

    name: str
    header: list[str]
    records: Iterable[tuple[int, list[str]]]
    faults: Mapping[int, tuple[str, int, str]] = field(default_factory=dict)
    calendar_days: Collection[str] = ()


def read(raw: RawFile, source: Source) -> list[Sheet]:
    """The sheets of a file: one of a text file; of a workbook the one that `source` names, else all visible ones with a header.

    Raises `Refused` where there is no sheet to be had.
    """
    if not raw.data.strip(b"\x00\xef\xbb\xbf\xff\xfe\r\n\t "):
        raise Refused("empty-file", "The file holds nothing.")
    if raw.data.startswith(_OLD_OFFICE):
        raise Refused("password-protected", "The workbook is protected by a password, or saved in the format of Excel 97-2003.")
    is_workbook = raw.data.startswith(_ZIP)
    if source.format is not None and source.format != ("xlsx" if is_workbook else "csv"):
        raise Refused("not-a-spreadsheet", f"certledger.toml says that this is {source.format.upper()}; it is not, or cannot be read yet.")
    if not is_workbook:
        return [_text_sheet(raw, source)]
    found = [Sheet(*sheet) for sheet in workbooks.read(raw.data, source.sheet)]
    if not found:
        raise Refused("empty-file", "No visible worksheet holds anything.")
    _refuse_keys("\n".join(cell for sheet in found for _, cells in ((0, sheet.header), *sheet.records) for cell in cells), "A cell")
    return found


def _refuse_keys(text: str, where: str) -> None:
    """Refuse text that holds a private key once it is decoded: entities, split text and other encodings hide one in the bytes."""
    if private_key_in(text.encode("utf-8", "surrogatepass")):
        raise Refused("private-key", f"{where} holds a private key; nothing of the file was read or published.")


def _text_sheet(raw: RawFile, source: Source) -> Sheet:
    if raw.data.lstrip(b"\xef\xbb\xbf\r\n\t ")[:10].lower().startswith(_MARKUP):
        raise Refused("not-a-spreadsheet", "This is a web page or XML, whatever its name says.")
    try:
        text = delimited.decoded(raw.data, source.encoding)
        if source.encoding is not None:
            _refuse_keys(text, "The text")
        header, records = delimited.table(text, source.delimiter or ("\t" if raw.path.lower().endswith(".tsv") else ","))
    except Refused as refused:
        if raw.path.lower().endswith(_WORKBOOK_NAMES) and refused.code in ("encoding", "nul-byte"):
            raise Refused("not-a-spreadsheet", "The file is named like a workbook but is no zip container; it may be cut off.") from refused
        raise
    return Sheet("", header, records)
