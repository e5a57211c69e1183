"""A publishing run records itself in `data/ledger/runs/`, for the job to commit (DESIGN §3)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline.contracts import RunRecord
from pipeline.publish import manifest, staging
from pipeline.publish.staging import PublishError

NAME = "record.json"


def stage(record: RunRecord, folder: Path) -> None:
    """Put the record into the staged run, of which it is a part: what is kept in data/ledger is a copy of it."""
    (folder / NAME).write_text(record.to_json(), encoding="utf-8")


def keep(run: Path, folder: Path) -> Path:
    """Copy the record of a run that is in place below `folder`, named by day and run id, with the hash of its manifest.

    Done before the run is shown: what is shown is recorded. The same run always writes the same bytes, so this may be done again. Raises
    `PublishError` when it cannot be written.
    """
    try:
        record = RunRecord.from_json((run / NAME).read_text(encoding="utf-8"))
        pinned = replace(record, manifest_sha256=hashlib.sha256((run / manifest.NAME).read_bytes()).hexdigest())
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{record.as_of.isoformat()}-{record.run_id}.json"
        staging.replace(path, pinned.to_json().encode())
    except OSError as error:
        raise PublishError(f"The run could not be recorded in {folder}: {error}. Mend that and run again.") from error
    return path


def shown(workspace: Path) -> str:
    """Which run people see now, in a sentence for somebody whose run has just stopped."""
    latest = staging.latest(workspace)
    if not latest.exists():
        return "Nothing is published yet."
    try:
        record = RunRecord.from_json((latest / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return f"Still published: run {latest.resolve().name}, shown by reports/latest."
    return f"Still published: run {record.run_id} as of {record.as_of}, shown by reports/latest."


def differences(run: Path, recorded: RunRecord | None) -> list[str]:
    """Whether the published manifest is the one that the run recorded: a sentence if not, none if it is."""
    if recorded is None:
        return ["the run is not recorded in data/ledger/runs"]
    try:
        found = hashlib.sha256((run / manifest.NAME).read_bytes()).hexdigest()
    except OSError:
        return []  # the manifest itself is missing, which `manifest.differences` says
    return [] if found == recorded.manifest_sha256 else [f"{manifest.NAME} is not the one that the run recorded in data/ledger/runs"]
