"""A close as a folder of data/ledger: written beside, synced, and put in place by one rename. It is there whole or not at all.

`SHA256SUMS` names every file of the folder and that of the close before, in the format of `sha256sum`: `sha256sum -c SHA256SUMS`, called in
the folder, checks all of it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pandas as pd

from pipeline import frozen_cells
from pipeline.closes import Close, frozen
from pipeline.contracts import CLOSE_REGISTER, Books, Table
from pipeline.on_disk import bring_to_disk
from pipeline.publish import key_guard
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks import close_pack
from pipeline.publish.workbooks.close_pack import Pack
from pipeline.settings import Settings

STAGING = ".closing-"


class CloseNotWrittenError(Exception):
    """The close could not be written; the month is as open as before."""


def write(ledger: Path, close: Close) -> Path:
    """Put `close` below the folder `ledger` (data/ledger) and return its folder; what a killed close left there is removed first.

    Raises `CloseNotWrittenError`, also where the month lies there already, and `KeyFoundError` where a row holds a private key.
    """
    target, staged = ledger / close.period, ledger / f"{STAGING}{close.period}"
    try:
        ledger.mkdir(parents=True, exist_ok=True)
        _clear_up(ledger)
        if target.exists():
            raise CloseNotWrittenError(f"{target} is there already. Nothing was changed.")
        staged.mkdir()
        files = {**{name: _csv(table, close.tables[name]) for name, table in frozen.TABLES.items()}, frozen.FACTS: _facts(close)}
        for name, content in files.items():
            _write(staged / name, content)
        key_guard.no_private_key(staged)
        _write(staged / frozen.SUMS, sums(files, close))
        bring_to_disk(staged)
        staged.rename(target)
        bring_to_disk(ledger)
    except OSError as error:
        shutil.rmtree(staged, ignore_errors=True)
        raise CloseNotWrittenError(f"The close could not be written to {ledger}: {error}. {close.period} is not closed.") from error
    except Exception:  # raised again: whatever it was, no half of a close may stay
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return target


def write_pack(folder: Path, books: Books, pack: Pack, settings: Settings, stamp: RunStamp) -> Path:
    """Put the close pack, `close-pack.xlsx` and `register.csv`, below `folder` (reports/close); returns its folder, of the period's name.

    Raises `CloseNotWrittenError`. An older pack of the period is replaced.
    """
    target, staged = folder / pack.period, folder / f"{STAGING}{pack.period}"
    try:
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        close_pack.write_pack(books, pack, settings, stamp, staged / "close-pack.xlsx")
        (staged / "register.csv").write_bytes(_csv(CLOSE_REGISTER, pack.register))
        key_guard.no_private_key(staged)
        shutil.rmtree(target, ignore_errors=True)
        staged.rename(target)
    except OSError as error:
        shutil.rmtree(staged, ignore_errors=True)
        raise CloseNotWrittenError(f"The close pack could not be written to {folder}: {error}. Nothing else was changed.") from error
    return target


def sums(files: dict[str, bytes], close: Close) -> bytes:
    """`SHA256SUMS` of these files, and of that of the close before."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    if close.before:
        lines.append(f"{close.before_sums}  ../{close.before}/{frozen.SUMS}\n")
    return "".join(lines).encode()


def _csv(table: Table, frame: pd.DataFrame) -> bytes:
    rows = [table.names, *frozen.as_cells(table, frame)]
    return "".join(f"{frozen_cells.joined(row)}\n" for row in rows).encode()


def _facts(close: Close) -> bytes:
    return (json.dumps(close.facts, indent=1, sort_keys=True, allow_nan=False, ensure_ascii=True) + "\n").encode()


def _clear_up(ledger: Path) -> None:
    for leftover in ledger.glob(f"{STAGING}*"):
        shutil.rmtree(leftover)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
