"""Reading what earlier runs recorded of themselves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipeline.contracts.runs import EarlierRuns, RunRecord
from pipeline.sources.workspace import RECORDS, SettingsError


def previous(workspace: Path, as_of: dt.date) -> RunRecord | None:
    """The recorded run with the latest as-of day before `as_of`; of several on that day the one with the greatest id.

    Raises `SettingsError` for a record that cannot be read: it is under version control and must be restored, not ignored.
    """
    earlier = [record for record in _all(workspace) if record.as_of < as_of]
    return max(earlier, key=lambda record: (record.as_of, record.run_id), default=None)


def earlier(workspace: Path, as_of: dt.date, shown_id: str) -> EarlierRuns:
    """What a run of `as_of` is compared with, `shown_id` being the run that is shown now. Raises `SettingsError` as `previous` does."""
    shown = of_run(workspace, shown_id)
    return EarlierRuns(previous(workspace, as_of), shown if shown and shown.as_of <= as_of else None)


def newest(workspace: Path, as_of: dt.date) -> RunRecord | None:
    """The recorded run with the latest as-of day up to `as_of`; of several on that day the one with the greatest id."""
    until = [record for record in _all(workspace) if record.as_of <= as_of]
    return max(until, key=lambda record: (record.as_of, record.run_id), default=None)


def latest_day(workspace: Path) -> dt.date | None:
    """The latest as-of day that any run was published for."""
    return max((record.as_of for record in _all(workspace)), default=None)


def of_run(workspace: Path, run_id: str) -> RunRecord | None:
    """What the run recorded of itself, if it did."""
    return next((record for record in _all(workspace) if record.run_id == run_id), None)


def newest_closes(workspace: Path) -> list[tuple[str, str, str]]:
    """(path of the record, period, SHA-256 of its SHA256SUMS) of the newest closed month that each recorded run knew."""
    found = []
    for record in _all(workspace):
        name = f"{RECORDS}/{record.as_of.isoformat()}-{record.run_id}.json"
        found += [(name, period, sums) for period, sums in record.newest_close.items()]
    return found


def _all(workspace: Path) -> list[RunRecord]:
    records = []
    for path in sorted((workspace / RECORDS).glob("*.json")):
        try:
            records.append(RunRecord.from_json(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path.relative_to(workspace)} is damaged ({error}). Restore it: git checkout -- {RECORDS}") from None
    return records
