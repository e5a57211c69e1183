"""Whatever stops a command ends in a sentence and the exit code that the scheduled job relies on; what nobody foresaw too."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest

from pipeline.calls import Call, before_a_close, exit_codes
from pipeline.contracts import ContractError
from pipeline.publish.key_guard import KeyFoundError
from pipeline.publish.staging import LockedError, PublishError
from pipeline.quality import RefusedError
from pipeline.reconcile import BooksDoNotTieError
from pipeline.settings import Settings
from pipeline.sources.workspace import InputChangedError, SettingsError


def ended_with(error: Exception, root: Path, *, frames: bool = False) -> int:
    with pytest.raises(SystemExit) as ended, exit_codes(Call(root, quiet=False, show_frames=frames)):
        raise error
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("x"), 2), (RefusedError("x"), 3), (KeyFoundError("x"), 3), (BooksDoNotTieError("x"), 4), (ContractError("x"), 4),
        (InputChangedError("x"), 3), (PublishError("x"), 5), (LockedError("x"), 75), (RuntimeError("x"), 5), (MemoryError(), 5),
        (PermissionError("x"), 5),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)  # fmt: skip
def test_each_reason_has_its_code(error: Exception, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code == ended_with(error, tmp_path)
    assert "Traceback" not in capsys.readouterr().err


def closed_as_of(root: Path, day: str) -> Path:
    """A workspace of which one month was closed as of `day`; only what names that day is there."""
    folder = root / "data/ledger/FY2027-P04"
    folder.mkdir(parents=True)
    facts = json.dumps({"period": "FY2027-P04", "closed_by": "Ann", "closed_on": day})
    files = dict.fromkeys(("ledger.csv", "invoices.csv", "lots.csv", "lines.csv", "rows.csv"), "") | {"close.json": facts}
    for name, text in files.items():
        (folder / name).write_text(text)
    sums = "".join(f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items())
    (folder / "SHA256SUMS").write_text(sums)
    return root


@pytest.mark.parametrize(
    ("pinned", "day", "said"),
    [
        ("2026-11-23", "2026-11-23", "This run shows the earlier one: set as_of = 2026-12-05 in [run], or take it out."),
        ("2026-11-23", "2026-12-05", "A run without --as-of shows the earlier one: set as_of = 2026-12-05 in [run], or take it out."),
        ("2026-12-05", "2026-12-05", ""),
        (None, "2026-11-23", ""),
    ],
)
def test_a_day_that_the_settings_pin_before_a_close_is_told(tmp_path: Path, pinned: str | None, day: str, said: str) -> None:
    root = closed_as_of(tmp_path, "2026-12-05")
    chosen = Settings.model_validate({"run": {"as_of": pinned and dt.date.fromisoformat(pinned)}})
    told = "Pinned       certledger.toml pins runs to 2026-11-23, but FY2027-P04 was closed as of 2026-12-05, a later day. "
    assert (f"{told}{said}" if said else "") == before_a_close(root, chosen, dt.date.fromisoformat(day))
    assert "" == before_a_close(tmp_path / "without closed months", chosen, dt.date.fromisoformat(day))


def test_an_unforeseen_fault_is_named_without_its_secrets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended_with(RuntimeError("-----BEGIN PRIVATE KEY----- MIIEvQIBADANBg"), tmp_path)
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "MIIEvQ" not in said


def test_with_traceback_the_place_of_the_fault_is_told_and_the_run_still_ends_as_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cause = RuntimeError("-----BEGIN PRIVATE KEY----- MIIEvQIBADANBg")
    error = ZeroDivisionError("division")
    error.__cause__ = cause
    assert 5 == ended_with(error, tmp_path, frames=True)
    said = capsys.readouterr().err
    assert "in exit_codes" in said
    assert "ZeroDivisionError: division" in said
    assert "RuntimeError: (private key, not shown)" in said
    assert "MIIEvQ" not in said
