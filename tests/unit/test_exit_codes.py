"""Whatever stops a command ends in a sentence and the exit code that the scheduled job relies on; what nobody foresaw too."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.calls import Call, exit_codes
from pipeline.contracts import ContractError
from pipeline.publish.key_guard import KeyFoundError
from pipeline.publish.staging import LockedError, PublishError
from pipeline.quality import RefusedError
from pipeline.reconcile import BooksDoNotTieError
from pipeline.sources.workspace import SettingsError


def ended_with(error: Exception, root: Path, *, frames: bool = False) -> int:
    with pytest.raises(SystemExit) as ended, exit_codes(Call(root, quiet=False, show_frames=frames)):
        raise error
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("x"), 2), (RefusedError("x"), 3), (KeyFoundError("x"), 3), (BooksDoNotTieError("x"), 4), (ContractError("x"), 4),
        (PublishError("x"), 5), (LockedError("x"), 75), (RuntimeError("x"), 5), (MemoryError(), 5), (PermissionError("x"), 5),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)  # fmt: skip
def test_each_reason_has_its_code(error: Exception, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code == ended_with(error, tmp_path)
    assert "Traceback" not in capsys.readouterr().err


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
