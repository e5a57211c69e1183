"""A sheet: a header and rows of text with their physical row numbers, whatever kind of file they came from.

What a file is, its content tells, not its name: a workbook is a zip archive, everything else is text: JSON, what certbot prints, or a
table of delimited cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.settings import Source
from pipeline.sources import certbot_text, delimited, json_records, workbooks
from pipeline.sources.delimited import DelimitedText
from pipeline.sources.limits import MOST_LABELS, SHEET_LIMIT
from pipeline.sources.raw_files import RawFile, Refused
from pipeline.sources.row_faults import Fault
from pipeline.x509_facts import private_key_in

_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ZIP = b"PK"
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml")
_WORKBOOK_NAMES = (".xlsx", ".xlsm", ".xls")
_JSON_NAMES = (".json", ".jsonl")


@dataclass(slots=True)
class Sheet:
    """One table of a file.

    `records` yields (physical row number from 1, cells) of each row below the header that is not blank, and may raise `Refused`
    on the way; of JSON the number of the record. `name` is that of a worksheet, or where the records lie in JSON. `faults` tells of
    the rows that the reader itself knows to be none, by row number. `calendar_days` are the texts of cells that a workbook held as
    dates, in ISO; `hidden` the rows that it does not show. `delimited` is the text that the records are cut from, where they are, for a
    reader that takes whole columns. `text` is (encoding, delimiter) of a file whose rows are found again by their line.
    """

    name: str
    header: list[str]
    records: Iterable[tuple[int, list[str]]]
    faults: Mapping[int, Fault] = field(default_factory=dict)
    calendar_days: Collection[str] = ()
    hidden: Collection[int] = ()
    delimited: DelimitedText | None = None
    text: tuple[str, str] | None = None


def read(raw: RawFile, source: Source) -> list[Sheet]:
    """The sheets of a file: one of a text file; of a workbook the one that `source` names, else all visible ones with a header.

    Raises `Refused` where there is no sheet to be had.
    """
    if not raw.data.strip(b"\x00\xef\xbb\xbf\xff\xfe\r\n\t "):
        raise Refused("empty-file", "The file holds nothing.")
    if raw.data.startswith(_OLD_OFFICE):
        raise Refused("password-protected", "The workbook is protected by a password, or saved in the format of Excel 97-2003.")
    if not is_workbook(raw.data):
        return [_text_sheet(raw, source)]
    _must_be(source, "xlsx")
    _must_fit(raw)
    worksheets = workbooks.read(raw.data, source.sheet, source.header_row)
    found = [Sheet(one.name, one.header, one.rows, one.faults, one.days, one.hidden) for one in worksheets]
    if not found:
        raise Refused("empty-file", "No visible worksheet holds anything.")
    _refuse_keys("\n".join(cell for sheet in found for _, cells in ((0, sheet.header), *sheet.records) for cell in cells), "A cell")
    return found


def _refuse_keys(text: str, where: str) -> None:
    """Refuse text that holds a private key once it is decoded: entities, split text and other encodings hide one in the bytes."""
    if private_key_in(text.encode("utf-8", "surrogatepass")):
        raise Refused("private-key", f"{where} holds a private key; nothing of the file was read or published.")


def is_workbook(data: bytes) -> bool:
    """Whether the bytes of a file are a zip container, as those of a workbook are."""
    return data.startswith(_ZIP)


def _text_sheet(raw: RawFile, source: Source) -> Sheet:
    if raw.data.lstrip(b"\xef\xbb\xbf\r\n\t ")[:10].lower().startswith(_MARKUP):
        raise Refused("not-a-spreadsheet", "This is a web page or XML, whatever its name says.")
    try:
        text = delimited.decoded(raw.data, source.encoding)
        if source.encoding is not None:
            _refuse_keys(text, "The text")
        kind = _kind_of_text(text, raw.path, source)
        if kind != "csv":
            _must_fit(raw)
        return _READERS[kind](text, raw, source)
    except Refused as refused:
        if raw.path.lower().endswith(_WORKBOOK_NAMES) and refused.code in ("encoding", "nul-byte"):
            raise Refused("not-a-spreadsheet", "The file is named like a workbook but is no zip container; it may be cut off.") from refused
        raise


def _kind_of_text(text: str, path: str, source: Source) -> str:
    """json, certbot or csv, by what stands there; that something is delimited text the settings may say of anything."""
    if source.format == "csv":
        return "csv"
    is_named_json = path.lower().endswith(_JSON_NAMES) and text.lstrip()[:1] in ("[", "{")
    found = "json" if is_named_json or json_records.looks_like_json(text) else "csv"
    found = "certbot" if certbot_text.looks_like_certbot(text) else found
    _must_be(source, found)
    return found


def _must_be(source: Source, found: str) -> None:
    if source.format is not None and source.format != found:
        raise Refused("not-a-spreadsheet", f"certledger.toml says that this is {source.format.upper()}; it is not, it looks like {found}.")


def _must_fit(raw: RawFile) -> None:
    """Refuse what takes many times its size to read, where it is larger than `SHEET_LIMIT`; of delimited text more is taken."""
    if len(raw.data) > SHEET_LIMIT:
        raise Refused("file-too-large", f"The file has {len(raw.data):,} bytes; the limit is {SHEET_LIMIT:,}.")


def _delimited_sheet(text: str, raw: RawFile, source: Source) -> Sheet:
    found = DelimitedText(text, source.delimiter or ("\t" if raw.path.lower().endswith(".tsv") else ","), source.header_row)
    header, records = delimited.table(found)
    if len(header) > MOST_LABELS:
        raise Refused("file-too-large", f"The header has {len(header):,} columns; more than {MOST_LABELS:,} are not read.")
    encoding = source.encoding or delimited.marked_encoding(raw.data)
    return Sheet("", header, records, delimited=found, text=(encoding, found.delimiter))


def _json_sheet(text: str, raw: RawFile, source: Source) -> Sheet:
    found = json_records.read(text, source.records)
    _refuse_keys("\n".join(cell for cells in (found.header, *(cells for _, cells in found.rows)) for cell in cells), "A value")
    return Sheet(found.path, found.header, found.rows, found.faults)


def _certbot_sheet(text: str, raw: RawFile, source: Source) -> Sheet:
    return Sheet("", *certbot_text.read(text))


_READERS = {"csv": _delimited_sheet, "json": _json_sheet, "certbot": _certbot_sheet}
