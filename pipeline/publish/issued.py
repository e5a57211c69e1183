"""Workbooks that we made, as bytes: of the published runs that are kept, and of closed months, written anew from the frozen text."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pipeline.contracts import Closed
from pipeline.publish import manifest, staging, workbooks


def kept_runs(root: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The published runs of the workspace `root` that are kept, the one shown first, each with the SHA-256 of its files by path."""
    shown = staging.shown_id(root)
    folders = sorted(path.name for path in staging.run_folder(root, "x").parent.glob("*") if (path / manifest.NAME).is_file())
    for run_id in sorted(folders, key=lambda name: (name != shown, name)):
        yield run_id, manifest.hashes(staging.run_folder(root, run_id))


def of_run(root: Path, run_id: str, path: str) -> bytes:
    """The file `path` of a published run."""
    return (staging.run_folder(root, run_id) / path).read_bytes()


def of_closed(closed: Closed, number: str) -> bytes:
    """The workbook of the closed invoice `number`, written anew from the frozen text."""
    of_it = closed.invoices[closed.invoices["invoice_no"] == number]
    with tempfile.TemporaryDirectory() as folder:
        written = workbooks.write_closed(replace(closed, invoices=of_it), Path(folder))
        return Path(folder, str(written["file"].iloc[0])).read_bytes()
