"""The folders of data/ledger, one a closed month: every file as its list of sums states, every list as the close after it states.

All files are hashed each night, in pieces; a file is held in memory only while somebody reads it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.closes import frozen

LEDGER_FOLDER = "ledger"
_PERIOD = re.compile(r"FY\d{4}-P\d{2}")
_SUM = re.compile(r"([0-9a-f]{64})  (?:\.\./(FY\d{4}-P\d{2})/SHA256SUMS|([\w.-]+))")
_ALWAYS = ("ledger.csv", "invoices.csv", "lots.csv", "lines.csv", "rows.csv", frozen.FACTS)
_NOTHING = hashlib.sha256().hexdigest()


class ClosedBooksError(Exception):
    """A closed month is not as it was closed, or the chain of closes is broken; the text says what, and how it is put back."""

    def __init__(self, wrong: Sequence[str]) -> None:
        super().__init__("\n".join([*wrong, "A closed month never changes: the page Closing a month says more. Nothing was published."]))


@dataclass(frozen=True, slots=True)
class Month:
    """A folder of data/ledger: the SHA-256 of each of its files, the sums that it states, the SHA-256 of that list, and the close before,
    '' for the first."""

    folder: Path
    files: Mapping[str, str]
    stated: Mapping[str, str]
    sums: str
    before: str
    before_sums: str

    @property
    def period(self) -> str:
        """The month that its name says, e.g. FY2026-P01."""
        return self.folder.name

    @property
    def facts(self) -> dict[str, Any]:
        """What close.json tells."""
        found: dict[str, Any] = json.loads(self.data(frozen.FACTS))
        return found

    def data(self, name: str) -> bytes:
        """The bytes of one of `files`. Raises `ClosedBooksError` where they are no longer those that were hashed."""
        try:
            data = b"" if self.files[name] == _NOTHING else (self.folder / name).read_bytes()
        except OSError as error:
            raise _unread(error) from error
        if hashlib.sha256(data).hexdigest() != self.files[name]:
            raise ClosedBooksError([f"data/{LEDGER_FOLDER}/{self.period}/{name} changed while it was read. Run again."])
        return data


def months(workspace: Path) -> list[Month]:
    """The closed months of `workspace` in the order of closing. Raises `ClosedBooksError` unless each is as it was closed and they are one
    chain."""
    return _chain(folders(workspace))


def folders(workspace: Path) -> list[Month]:
    """Every folder of a close, in order of names, its files as its own list states them. Raises `ClosedBooksError` where one is not."""
    folder = workspace / "data" / LEDGER_FOLDER
    try:
        found = sorted(path for path in folder.iterdir() if _is_close(path)) if folder.is_dir() else []
        listed = [_month(path) for path in found]
    except OSError as error:
        raise _unread(error) from error
    wrong = [sentence for month in listed for sentence in _differences(month)]
    if wrong:
        raise ClosedBooksError(wrong)
    return listed


def _unread(error: OSError) -> ClosedBooksError:
    return ClosedBooksError([f"data/{LEDGER_FOLDER} cannot be read: {error.strerror}. Give the run the right to read it."])


def _is_close(path: Path) -> bool:
    """Whether this is a closed month, or pretends to be one; what a killed close left begins with a point and is none."""
    return not path.name.startswith(".") and (_PERIOD.fullmatch(path.name) is not None or (path / frozen.SUMS).exists())


def _month(path: Path) -> Month:
    files: dict[str, str] = {}
    for one in sorted(path.iterdir()) if path.is_dir() and not path.is_symlink() else ():
        files[one.name] = _hash(one) if one.is_file() and not one.is_symlink() else _NOTHING
    listed = (path / frozen.SUMS).read_bytes() if files.pop(frozen.SUMS, _NOTHING) != _NOTHING else b""
    stated: dict[str, str] = {}
    before, before_sums = "", ""
    for line in listed.decode("utf-8", "replace").splitlines():
        found = _SUM.fullmatch(line)
        if found and found[3]:
            stated[found[3]] = found[1]
        elif found:
            before_sums, before = found[1], found[2]
        else:
            stated[line] = "no sum"
    return Month(path, files, stated, hashlib.sha256(listed).hexdigest() if listed else "", before, before_sums)


def _hash(file: Path) -> str:
    with file.open("rb", buffering=0) as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _differences(month: Month) -> Iterable[str]:
    """What of a closed month is not as its SHA256SUMS states."""
    folder = f"data/{LEDGER_FOLDER}/{month.period}"
    back = f"Put it back: git checkout -- {folder}"
    if not month.sums:
        yield f"{folder}/{frozen.SUMS} is missing or empty. {back}"
        return
    if _PERIOD.fullmatch(month.period) is None:
        yield f"{folder} is a copy of a closed month. Remove it: each month is closed once."
        return
    for name, stated in month.stated.items():
        if name not in month.files:
            yield f"{folder}/{name} is missing. {back}"
        elif month.files[name] != stated:
            yield f"{folder}/{name} is not as it was when {month.period} was closed. {back}"
    yield from (
        f"{folder}/{name} was not there when {month.period} was closed. Remove it." for name in month.files if name not in month.stated
    )
    yield from (f"{folder}/{name} is not in its {frozen.SUMS}. {back}" for name in _ALWAYS if name not in month.stated)
    if not list(_facts_missing(month)):
        return
    yield f"{folder}/{frozen.FACTS} does not tell of {month.period}. {back}"


def _facts_missing(month: Month) -> Iterable[str]:
    """A word where close.json is no record of this month."""
    try:
        facts = month.facts
        if facts["period"] != month.period or not facts["closed_by"] or not dt.date.fromisoformat(facts["closed_on"]):
            yield "period"
    except (ValueError, KeyError, TypeError):
        yield "all"


def _chain(listed: Sequence[Month]) -> list[Month]:
    """The months in the order of closing, by their links. Raises `ClosedBooksError` unless they are one chain."""
    follows: dict[str, list[Month]] = {}
    for month in listed:
        follows.setdefault(month.before, []).append(month)
    of_period = {month.period: month for month in listed}
    wrong = []
    for before, after in follows.items():
        names = " and ".join(month.period for month in after)
        if len(after) > 1:
            wrong.append(
                f"{names} each say that they were closed {f'after {before}' if before else 'first'}: one of them does not belong here."
            )
        if before and before not in of_period:
            wrong.append(
                f"data/{LEDGER_FOLDER}/{before} is missing, which {names} follows. Put it back: git checkout -- data/ledger/{before}"
            )
        elif before and any(month.before_sums != of_period[before].sums for month in after):
            sums = f"data/{LEDGER_FOLDER}/{before}/{frozen.SUMS}"
            wrong.append(f"{sums} is not the one that {names} was closed after. Put it back: git checkout -- data/ledger/{before}")
    if wrong:
        raise ClosedBooksError(wrong)
    ordered: list[Month] = []
    last = ""
    while last in follows and len(ordered) < len(listed):
        (month,) = follows[last]
        ordered.append(month)
        last = month.period
    if len(ordered) < len(listed):
        lost = ", ".join(month.period for month in listed if month not in ordered)
        raise ClosedBooksError([f"{lost} in data/{LEDGER_FOLDER} follow no first close: the chain is broken."])
    return ordered
