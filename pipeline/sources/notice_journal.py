"""The journal of sending, `data/ledger/notices/<day>.jsonl`, read back as NOTICE_LOG: what was about to be sent, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from pipeline.calendar import day_end
from pipeline.contracts import NOTICE_LOG
from pipeline.findings import Finding
from pipeline.notices import journal_lines
from pipeline.sources import raw_files
from pipeline.sources.limits import TEXT_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.readings import Reading

KIND = "notices"
CUT, DAMAGED = "notice-line-cut", "notice-journal-damaged"


@dataclass(frozen=True, slots=True)
class NoticeJournal:
    """`log` is NOTICE_LOG in the order of files and lines; a reading of each file, with its findings, and the places of the files.

    `just_cut` are the findings of half-written lines that not even an end of line follows: no call has told of them yet.
    """

    log: pd.DataFrame
    readings: tuple[Reading, ...] = ()
    locations: frozenset[Path] = frozenset()
    just_cut: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the files: `notice-line-cut`, `notice-journal-damaged`, or why a file cannot be read (it stops the run)."""
        return tuple(finding for reading in self.readings for finding in reading.findings)

    @property
    def newest(self) -> pd.Timestamp | None:
        """The instant of the newest line; None where there is none."""
        return None if self.log.empty else self.log["at"].max()


def read(data_folder: Path, until: tuple[dt.date, ZoneInfo] | None = None) -> NoticeJournal:
    """The journal below `data_folder`; with `until` (a day and its zone) as it was known at the end of that day.

    A half-written line, which a killed call leaves, tells nothing: what it began to say stays as the lines before it say, and a message
    that was on its way then is in doubt. Any other line that the journal cannot have is a finding that sending stops at.
    """
    files = raw_files.listing(data_folder, journal_lines.FOLDER)
    rows: list[dict[str, object]] = []
    just_cut: list[Finding] = []
    readings = tuple(_file(listed, rows, just_cut) for listed in files)
    log = NOTICE_LOG.frame(rows)
    if until is not None:
        log = log[log["at"] < day_end(*until)].reset_index(drop=True)
    return NoticeJournal(log, readings, frozenset(listed.location for listed in files), tuple(just_cut))


def _file(listed: Listed, rows: list[dict[str, object]], just_cut: list[Finding]) -> Reading:
    """The reading of a file; what it tells is added to `rows`, and a half-written line at its very end to `just_cut`."""
    reading = Reading(listed.path, KIND)
    try:
        raw = raw_files.read(listed, TEXT_LIMIT)
    except Refused as refused:
        reading.findings.append(refused.finding(listed.path))
        return reading
    reading.sha256, reading.size = raw.sha256, len(raw.data)
    if journal_lines.is_file_name(listed.location.name):
        *whole, rest = raw.data.split(b"\n")
        rows.extend(_rows(whole, 1, reading))
        if rest:
            known = len(reading.findings)
            rows.extend(_rows([rest], len(whole) + 1, reading))
            just_cut.extend(one for one in reading.findings[known:] if one.code == CUT)
    else:
        reason = "The files of the journal are named by a day, such as 2026-11-26.jsonl; this one is none of them and was not read."
        reading.findings.append(Finding(DAMAGED, reason, file=listed.path))
    return reading


def _rows(lines: list[bytes], first: int, reading: Reading) -> Iterable[dict[str, object]]:
    for number, line in enumerate(lines, start=first):
        try:
            yield from journal_lines.rows_of(line.decode("ascii"))
        except (UnicodeDecodeError, journal_lines.NotALineError) as error:
            is_cut = isinstance(error, journal_lines.NotALineError) and error.is_cut
            reading.findings.append(_finding(error, number, reading.path, is_cut=is_cut))


def _finding(error: Exception, number: int, path: str, *, is_cut: bool) -> Finding:
    if is_cut:
        reason = "The line is half-written: the program was stopped while it wrote it. A message that was on its way then is in doubt."
        return Finding(CUT, reason, file=path, row=number)
    why = str(error) if isinstance(error, journal_lines.NotALineError) else "It holds characters that are not ASCII."
    return Finding(DAMAGED, f"The line is none that sending writes: {why}", file=path, row=number)
