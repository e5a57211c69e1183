"""Everything that came in: files of data/inbox, data/reference and data/entries to the typed tables of `Inbox`, each row with its place.

Nothing is lost: of each file rows read = rows accepted + rows quarantined, and every accepted row has a place, also one that a newer
file overrides. All files are read before the run is refused, so that people see all that is wrong at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.contracts import CERTIFICATE_BLOCKS, INPUTS, PLACES, PUBLIC_KEYS, Inbox, Table
from pipeline.findings import Finding, sentence
from pipeline.settings import Settings, Source
from pipeline.sources import as_written, certificate_files, overlap, raw_files, recognition, reference, sheet_files, unread
from pipeline.sources.limits import CERTIFICATE_LIMIT, TEXT_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.typed_rows import TABLES, lots

_CERTIFICATES = "pem"
_KIND_OF_FOLDER = {"exports": "certificates", "requests": "requests", "lots": "lots", "outages": "outages", "pem": "pem"}


class InputRefused(Exception):  # noqa: N818 - the name that the commands and DESIGN §3 (exit code 3) go by
    """An input was refused, or a private key lies among the inputs; nothing is published. Carries all findings of the reading."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        stopping = [finding for finding in findings if finding.action == "stopped"]
        super().__init__("\n".join(sentence(one.code, one.file, one.sheet, one.row, one.column, one.reason) for one in stopping))
        self.findings = findings


def read(workspace: Path, settings: Settings, as_of: dt.date) -> Inbox:
    """Read the whole inbox of `workspace`. `as_of` only bounds `newest_on`; rows that lie after it are the core's to judge.

    Raises `InputRefused` where a required file cannot be used, after everything has been read.
    """
    data_folder = workspace / "data"
    lists = reference.read(data_folder, settings)
    readings: list[Reading] = []
    files = raw_files.listing(data_folder, "inbox")
    findings = [*unread.without_files(settings.source, files), *lists.findings]
    for listed in files:
        reading = _one_file(listed, settings, lists.tables["aliases"])
        overlap.within_file(reading)
        readings.append(reading)
        findings.extend(reading.findings)
    findings.extend(unread.findings(data_folder, {*lists.files, *(listed.location for listed in files)}))
    entries = [reading for reading in lists.readings if reading.kind == "entries"]
    places = _places([*readings, *entries])
    stands_for = places["stands_for"].copy()
    tables = {name: _in_force(name, readings, table, findings, stands_for, as_of) for name, (table, _) in TABLES.items()}
    opened = [(one.path, one.sheet, one.as_written) for one in (*readings, *entries) if one.as_written]
    source_files, source_rows = as_written.tables(opened)
    if any(finding.action == "stopped" for finding in findings):
        raise InputRefused(tuple(findings))
    blocks, public_keys = _blocks(readings)
    return Inbox(
        certificate_blocks=blocks,
        public_keys=public_keys,
        places=places.assign(stands_for=stands_for),
        source_files=source_files,
        source_rows=source_rows,
        inputs=INPUTS.frame(reading.inputs_row(as_of) for reading in sorted((*readings, *lists.readings), key=lambda one: one.path)),
        findings=tuple(findings),
        **tables,
        **lists.placed(),
    )


def _one_file(listed: Listed, settings: Settings, aliases: pd.DataFrame) -> Reading:
    """The reading of one file of the inbox; a refused file has no rows and a finding that says why."""
    source = recognition.source_of(listed.below_inbox, settings.source)
    reading = Reading(listed.path, _KIND_OF_FOLDER.get(listed.folder, "skipped"))
    try:
        raw = raw_files.read(listed, CERTIFICATE_LIMIT if listed.folder == _CERTIFICATES else TEXT_LIMIT)
        reading.sha256, reading.size = raw.sha256, len(raw.data)
        if listed.folder == _CERTIFICATES:
            return certificate_files.read(raw)
        if not _is_read(listed, source):
            raise unread.refusal(listed)
        builders = {name: builder for name, (_, builder) in TABLES.items()}
        builders["lot_rows"] = partial(lots, aliases=aliases)
        return sheet_files.read(raw, recognition.candidates(listed.folder, source), source, settings, builders)
    except Refused as refused:
        required = source.required and listed.folder != _CERTIFICATES
        reading.findings.append(refused.finding(listed.path, required=required))
        return reading


def _is_read(listed: Listed, source: Source) -> bool:
    """Whether a file of the inbox is one to read: by its folder and ending, or because a `[[source]]` names it."""
    named = source is not recognition.NO_OVERRIDE
    return listed.folder in recognition.FOLDER_KINDS and (named or listed.extension in sheet_files.READABLE)


def _places(readings: Iterable[Reading]) -> pd.DataFrame:
    """`PLACES`: every accepted row of every file, in order of files and rows; sets each reading's `first_source`."""
    parts = []
    first = 0
    for reading in readings:
        reading.first_source = first
        first += len(reading.rows)
        parts.append(pd.DataFrame({"source": reading.sources, "file": reading.path, "sheet": reading.sheet, "row": reading.rows}))
    if not first:
        return PLACES.empty()
    places = pd.concat([part for part in parts if len(part)], ignore_index=True)
    places = places.assign(stands_for=places["source"], became="", known_as="")
    return PLACES.check(places.astype({"file": "str", "sheet": "str", "stands_for": "Int64", "became": "str", "known_as": "str"}))


def _in_force(
    name: str, readings: Sequence[Reading], table: Table, findings: list[Finding], stands_for: pd.Series[Any], as_of: dt.date
) -> pd.DataFrame:
    """The rows in force of a table; adds what is gone to `findings`, and to `stands_for` the place in force for each accepted row."""
    told = [reading for reading in readings if reading.table == name]
    if not told:
        return table.empty()
    rows, standing, notes = overlap.across_files(told, as_of)
    findings.extend(notes)
    stands_for.iloc[standing.index] = standing
    return table.check(rows)


def _blocks(readings: Sequence[Reading]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`CERTIFICATE_BLOCKS` of all certificate files, made at once: there may be hundreds of files of one block; and their `PUBLIC_KEYS`."""
    rows = [
        {**block, "source": int(source)}
        for reading in readings
        for source, block in zip(reading.sources if reading.blocks else (), reading.blocks, strict=True)
    ]
    keys = {row["spki_sha256"]: row for row in rows if row["rsa_modulus"]}
    return CERTIFICATE_BLOCKS.frame(rows), PUBLIC_KEYS.frame(keys[name] for name in sorted(keys))
