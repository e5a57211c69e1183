"""What went in, what came out, what was counted: written last, and enough to find any changed byte later."""

from __future__ import annotations

import json
import platform
import sqlite3
import zlib
from collections.abc import Mapping
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.contracts import Books
from pipeline.publish.hashed import Hashed
from pipeline.publish.stamp import RunStamp
from pipeline.reconcile import Check, quarantine_shares
from pipeline.settings import Settings

NAME = "manifest.json"
# The libraries whose version can change an output; zlib packs workbooks, and SQLite writes its version into its file.
_LIBRARIES = (
    "cryptography", "icalendar", "jinja2", "markdown", "mkdocs", "mkdocs-material", "numpy", "openpyxl", "pandas", "pyarrow", "pybase64",
    "tzdata", "xlsxwriter",
)  # fmt: skip


def write(books: Books, settings: Settings, stamp: RunStamp, checks: tuple[Check, ...], folder: Path) -> Hashed:
    """Write `folder/manifest.json`: sorted keys, no wall clock, so that the same run has the same manifest. Returns what was
    read for it."""
    hashed = Hashed()
    content: dict[str, Any] = {
        "certledger": stamp.version,
        "run": stamp.run_id,
        "as_of": stamp.as_of.isoformat(),
        "previous_run": stamp.previous or None,
        "accepted_drift": list(stamp.accepted_drift),
        "python": {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "zlib": zlib.ZLIB_RUNTIME_VERSION},
        "libraries": {name: metadata.version(name) for name in _LIBRARIES},
        "settings": settings.model_dump(mode="json"),
        "inputs": [_input(row) for row in books.inputs.to_dict("records")],
        "tables": {name: {"rows": len(frame)} for name, frame in books.published().items()},
        "findings": {str(level): int(count) for level, count in books.findings["severity"].value_counts().sort_index().items()},
        "totals": {
            "ledger_cents": int(books.ledger["amount_cents"].sum()),
            "invoices_cents": int(books.invoices["amount_cents"].sum()),
        },
        "quarantined": {kind: str(share) for kind, share in quarantine_shares(books.inputs, books.findings).items()},
        "checks": [{"check": check.name, "left": check.left, "right": check.right, "holds": check.holds} for check in checks],
        "outputs": outputs(folder, hashed),
    }
    text = json.dumps(content, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=True) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")
    return hashed


def outputs(folder: Path, hashed: Hashed | None = None) -> dict[str, str]:
    """SHA-256 of every file below `folder` by its path, the manifest itself left out; what is `hashed` and unchanged is not read again."""
    found = sorted(path for path in folder.rglob("*") if (path.is_symlink() or not path.is_dir()) and path != folder / NAME)
    return {path.relative_to(folder).as_posix(): text for path, text in zip(found, (hashed or Hashed()).of(found), strict=True)}


def differences(folder: Path, run: str = "", hashed: Hashed | None = None) -> list[str]:
    """What is no longer as the manifest says: one sentence a file, none when the run verifies; `run` where the folder is not named so.

    Every file is read, but those `hashed` just before and unchanged since.
    """
    try:
        said = json.loads((folder / NAME).read_text(encoding="utf-8"))
        listed = dict(said["outputs"])
        run_id = said["run"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [f"{NAME} cannot be read: {error}"]
    found = outputs(folder, hashed)
    wrong_run = [f"{NAME} speaks of run {run_id}"] if run_id != (run or folder.resolve().name) else []
    changed = [f"{name} was changed" for name in listed if name in found and found[name] != listed[name]]
    lost = [f"{name} is missing" for name in listed if name not in found]
    added = [f"{name} was added" for name in found if name not in listed]
    return sorted([*wrong_run, *changed, *lost, *added])


def listed(folder: Path) -> int:
    """How many files the manifest lists."""
    return len(hashes(folder))


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file that the manifest lists, by its path."""
    said: dict[str, str] = json.loads((folder / NAME).read_text(encoding="utf-8"))["outputs"]
    return said


def is_sample(folder: Path) -> bool:
    """Whether the finished run `folder` was made of made-up data, by the settings in its manifest."""
    return bool(json.loads((folder / NAME).read_text(encoding="utf-8"))["settings"]["organization"]["sample"])


def shares(folder: Path) -> dict[str, Decimal]:
    """The share of quarantined rows by kind that the published run was judged by."""
    said = json.loads((folder / NAME).read_text(encoding="utf-8"))
    return {kind: Decimal(share) for kind, share in said["quarantined"].items()}


def _input(row: Mapping[Any, Any]) -> dict[str, Any]:
    kept = ("file", "kind", "layout", "sha256", "bytes", "rows_read", "rows_accepted", "rows_quarantined")
    return {name: row[name] for name in kept}
