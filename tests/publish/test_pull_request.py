"""What a check found, as Markdown: lines from data are code, and a report is never longer than a comment may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.calls import reported
from pipeline.publish import pull_request
from pipeline.publish.pull_request import Part
from pipeline.publish.staging import PublishError
from pipeline.sources.workspace import SettingsError


def test_every_line_that_comes_from_data_is_code(tmp_path: Path) -> None:
    parts = [Part("Findings", ("# [x](javascript:1)", "two\n<b>lines</b>")), Part("Nothing", ())]
    pull_request.write(tmp_path / "a/check.md", ["A run would publish."], parts)
    text = (tmp_path / "a/check.md").read_text(encoding="utf-8")
    plain = [line for line in text.splitlines() if line and not line.startswith("    ")]
    assert ["# What publishing this would change", "## Findings"] == plain
    assert "    # [x](javascript:1)\n    two\n    <b>lines</b>\n" in text


def test_a_part_that_is_too_long_says_how_much_of_it_is_left_out(tmp_path: Path) -> None:
    pull_request.write(tmp_path / "check.md", ["x"], [Part("Findings", ("y" * 95,) * 1_000)])
    text = (tmp_path / "check.md").read_text(encoding="utf-8")
    assert "    ... and 850 more lines, which certledger check prints" in text
    assert len(text) < 16_000


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "check.md").mkdir()
    with pytest.raises(PublishError, match=r"check\.md cannot be written"):
        pull_request.write(tmp_path / "check.md", ["x"])


@pytest.mark.parametrize(
    ("stop", "told"),
    [(SettingsError("Rate 7 is wrong."), "Rate 7 is wrong."), (RuntimeError("secret"), "something that it did not expect")],
)
def test_what_stops_a_check_is_told_in_the_report_too(stop: Exception, told: str, tmp_path: Path) -> None:
    (tmp_path / "check.md").write_text("of the last check", encoding="utf-8")
    with pytest.raises(type(stop)), reported(tmp_path / "check.md"):
        raise stop
    text = (tmp_path / "check.md").read_text(encoding="utf-8")
    assert (told in text, "secret" in text, "A run would publish nothing." in text) == (True, False, True)
