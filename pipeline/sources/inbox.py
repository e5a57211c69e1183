"""Everything that came in: files of data/inbox, data/reference and data/entries to the typed tables of `Inbox`, each row with its place.

Nothing is lost: of each file rows read = rows accepted + rows quarantined, and every accepted row has a place, also one that a newer
file overrides. All files are read before the run is refused, so that people see all that is wrong at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.contracts import INPUTS, PLACES, Inbox, Table
from pipeline.engine import Engine
from pipeline.engine.local import Local
from pipeline.findings import Finding, sentence
from pipeline.memory import given_back
from pipeline.settings import Settings, Source
from pipeline.sources import (
    agency_list,
    as_written,
    closed_months,
    notice_journal,
    overlap,
    raw_files,
    recognition,
    reference,
    sheet_files,
    unread,
)
from pipeline.sources.certificate_files import CertificateFiles
from pipeline.sources.fact_store import FactStore
from pipeline.sources.limits import TEXT_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.readings import Reading
from pipeline.sources.row_store import RowStore
from pipeline.sources.searched import Searched
from pipeline.sources.typed_rows import TABLES, lots
from pipeline.uncollected import uncollected

_CERTIFICATES, _BLOCKS = "pem", "certificate_blocks"
_KIND_OF_FOLDER = {"exports": "certificates", "requests": "requests", "lots": "lots", "outages": "outages", "pem": "pem"}


@dataclass(frozen=True, slots=True)
class Means:
    """With what files are read: who does the work, what is remembered of earlier runs, and the SHA-256 of files by their path in the
    workspace (`workspace.contents`), as far as they are known to the run already. Nothing that is published depends on any of it.
    """

    engine: Engine
    store: FactStore
    contents: Mapping[str, str] = field(default_factory=dict)


PLAIN = Means(Local(), FactStore(None))


class InputRefused(Exception):  # noqa: N818 - the name that the commands and DESIGN §3 (exit code 3) go by
    """An input was refused, or a private key lies among the inputs; nothing is published. Carries all findings of the reading."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        stopping = [finding for finding in findings if finding.action == "stopped"]
        super().__init__("\n".join(sentence(one.code, one.file, one.sheet, one.row, one.column, one.reason) for one in stopping))
        self.findings = findings


@uncollected()
@given_back()
def read(workspace: Path, settings: Settings, as_of: dt.date, means: Means = PLAIN) -> Inbox:
    """Read the whole inbox of `workspace`. `as_of` only bounds `newest_on`; rows that lie after it are the core's to judge.

    Raises `ClosedBooksError` where a closed month is not as it was closed, or was closed with another first month of the fiscal year;
    `SettingsError` where the settings change a rate of closed months; `InputRefused` where a required file cannot be used, after
    everything has been read; `EngineError` and `EngineLostError` of the engine.
    """
    data_folder = workspace / "data"
    months = closed_months.read(workspace, means.store.kept)
    months.must_start_in(settings.organization.fiscal_year_starts)
    months.must_keep_charges(settings)
    months.must_keep_rates(settings)
    lists = reference.read(data_folder, settings)
    sent = notice_journal.read(data_folder, (as_of, settings.organization.zone))
    readings: list[Reading] = []
    files = raw_files.listing(data_folder, "inbox")
    codes_gone = agency_list.codes_gone(lists.tables["agencies"], months.closed.ledger)
    findings = [*unread.without_files(settings.source, files), *lists.findings, *codes_gone, *sent.findings]
    certificate_files = CertificateFiles(settings.organization.zone, means.engine, means.store)
    known = {f"{data_folder}/{path.removeprefix('data/')}": sha256 for path, sha256 in means.contents.items() if path.startswith("data/")}
    hashes = [known.get(str(listed.location)) for listed in files]
    of_certificates = iter(certificate_files.read(*_certificate_files(files, hashes)))
    remembered = RowStore(means.store.kept, settings, lists.tables["aliases"])
    for listed, sha256 in zip(files, hashes, strict=True):
        is_certificates = listed.folder == _CERTIFICATES
        reading = next(of_certificates) if is_certificates else _one_file(listed, sha256, settings, lists.tables["aliases"], remembered)
        readings.append(reading)
        findings.extend(reading.findings)
    remembered.drop_unused()
    read_from = {*lists.files, *sent.locations, *(listed.location for listed in files)}
    findings.extend(unread.findings(data_folder, read_from, known, Searched(means.store.kept)))
    entries = [reading for reading in lists.readings if reading.kind == "entries"]
    places = _places([*readings, *entries, *months.readings])
    stands_for = places["stands_for"].copy()
    tables = {name: _in_force(name, readings, table, findings, stands_for, as_of) for name, (table, _) in TABLES.items()}
    opened = [(one.path, one.sheet, one.as_written) for one in (*readings, *entries, *months.readings) if one.as_written]
    source_files, source_rows = as_written.tables(opened)
    if any(finding.action == "stopped" for finding in findings):
        raise InputRefused(tuple(findings))
    of_blocks = [reading.sources for reading in readings if reading.table == _BLOCKS]
    blocks, public_keys = certificate_files.tables(np.concatenate([np.empty(0, dtype="int64"), *of_blocks]))
    return Inbox(
        certificate_blocks=blocks,
        public_keys=public_keys,
        places=places.assign(stands_for=stands_for),
        source_files=source_files,
        source_rows=source_rows,
        inputs=INPUTS.frame(
            reading.inputs_row(as_of)
            for reading in sorted((*readings, *lists.readings, *months.readings, *sent.readings), key=lambda one: one.path)
        ),
        findings=tuple(findings),
        closed=months.placed(),
        notice_log=sent.log,
        **tables,
        **lists.placed(),
    )


def _certificate_files(files: Sequence[Listed], hashes: Sequence[str | None]) -> tuple[list[Listed], list[str | None]]:
    """Those that lie in pem/, and the hash of each where it is known."""
    chosen = [(listed, sha256) for listed, sha256 in zip(files, hashes, strict=True) if listed.folder == _CERTIFICATES]
    return [listed for listed, _ in chosen], [sha256 for _, sha256 in chosen]


def _one_file(listed: Listed, sha256: str | None, settings: Settings, aliases: pd.DataFrame, remembered: RowStore) -> Reading:
    """The reading of one file of rows, whose hash may be known; a refused file has no rows and a finding that says why."""
    known = remembered.reading(listed.path, sha256) if sha256 else None
    if known is not None:
        return known
    source = recognition.source_of(listed.below_inbox, settings.source)
    reading = Reading(listed.path, _KIND_OF_FOLDER.get(listed.folder, "skipped"))
    try:
        raw = raw_files.read(listed, TEXT_LIMIT)
        reading.sha256, reading.size = raw.sha256, len(raw.data)
        known = None if sha256 == raw.sha256 else remembered.reading(listed.path, raw.sha256)
        if known is not None:
            return known
        if not _is_read(listed, source):
            raise unread.refusal(listed)
        builders = {name: builder for name, (_, builder) in TABLES.items()}
        builders["lot_rows"] = partial(lots, aliases=aliases)
        found = sheet_files.read(raw, recognition.candidates(listed.folder, source), source, settings, builders)
    except Refused as refused:
        reading.findings.append(refused.finding(listed.path, required=source.required))
        return reading
    overlap.within_file(found)
    remembered.keep(found)
    return found


def _is_read(listed: Listed, source: Source) -> bool:
    """Whether a file of the inbox is one to read: by its folder and ending, or because a `[[source]]` names it."""
    named = source is not recognition.NO_OVERRIDE
    return listed.folder in recognition.FOLDER_KINDS and (named or listed.extension in sheet_files.READABLE)


def _places(readings: Iterable[Reading]) -> pd.DataFrame:
    """`PLACES`: every accepted row of every file, in order of files and rows; sets each reading's `first_source`."""
    told = []
    first = 0
    for reading in readings:
        reading.first_source = first
        first += len(reading.rows)
        if len(reading.rows):
            told.append(reading)
    if not told:
        return PLACES.empty()
    sizes = [len(reading.rows) for reading in told]
    places = pd.DataFrame(
        {
            "source": np.arange(first, dtype="int64"),
            "file": np.repeat(np.array([reading.path for reading in told], dtype=object), sizes),
            "sheet": np.repeat(np.array([reading.sheet for reading in told], dtype=object), sizes),
            "row": np.concatenate([reading.rows for reading in told]),
        }
    )
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
