"""What an engineer on call reads at night: the stage, the file, the row, the rule, what is still published, and the next command."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, certledger, copy_workspace, without_site

EXPORT = "data/inbox/exports/registry-2026-11-20.csv"
BEFORE = ("run", "--as-of", "2026-11-20")


@pytest.fixture(scope="module")
def with_a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office with a run of 20 November recorded and published; no site is built."""
    root = copy_workspace(ROOT / "tests/flow/workspace", tmp_path_factory.mktemp("before") / "small")
    for part in ("site", "templates"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    assert certledger("-C", without_site(root), *BEFORE).returncode in (0, 1)
    return root


@pytest.fixture
def office(with_a_run: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(with_a_run, tmp_path / "small", symlinks=True))


def published(root: Path) -> str:
    return (root / "reports/latest").resolve().name


def stopped(root: Path, *options: str) -> str:
    """The words of a run that exits 3; it must leave the published run as it was."""
    shown = published(root)
    done = certledger("-C", root, "run", *options)
    assert (3, shown) == (done.returncode, published(root)), done.stdout + done.stderr
    return done.stderr


def record(root: Path) -> dict[str, object]:
    text = (root / "reports/latest/record.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("data/inbox/exports/new.csv", "a,b\n1,2\n", r"data/inbox/exports/new\.csv \[unknown-layout\]: .* Use one of the layouts"),
        (
            "data/inbox/exports/cut.csv",
            'order_id,"agency\n',
            r"data/inbox/exports/cut\.csv, line 1 \[unterminated-quote\]: .* Export again",
        ),
        ("data/inbox/requests/x.xlsx", "no workbook", r"data/inbox/requests/x\.xlsx.* \[no-header\]: .* The first row must hold"),
        (
            "data/reference/agencies.csv",
            "agency,x\nDOT,1\n",
            r"data/reference/agencies\.csv \[bad-reference\]: .* it lacks .* Correct the file",
        ),
        ("data/entries/aliases.csv", "kind,x\na,b\n", r"data/entries/aliases\.csv \[bad-reference\]: .* Correct the file"),
    ],
)
def test_a_refused_file_is_told_with_stage_place_rule_remedy_what_stands_and_the_next_command(
    office: Path, file: str, content: str, said: str
) -> None:
    (office / file).parent.mkdir(parents=True, exist_ok=True)
    (office / file).write_text(content, encoding="utf-8")
    lines = stopped(office).splitlines()
    assert "Stopped at the stage: Reading the inbox. Nothing was published." == lines[0]
    assert re.search(said, lines[1]), lines
    assert f"Still published: run {published(office)} as of 2026-11-20, shown by reports/latest." == lines[-2]
    assert lines[-1].startswith(f"Next: mend what is named above, look with `certledger -C {office} check`")


def test_a_layout_without_rows_stops_the_run_and_names_the_file_that_is_gone(office: Path) -> None:
    (office / "data/inbox/requests/pauses.csv").rename(office / "pauses.csv")
    said = stopped(office)
    assert "Rows are missing: pauses: 0 rows, 2 in the run of 2026-11-20 (100% fewer, max_row_drop allows 20%)" in said
    assert "  data/inbox/requests/pauses.csv is not there now, had 2 rows" in said
    assert "--accept-drift" in said
    checked = certledger("-C", office, "check")
    assert (3, True) == (checked.returncode, "pauses.csv is not there now" in checked.stderr)
    assert "[source-gone]: inbox/requests/pauses.csv had 2 rows in the run of 2026-11-20 and has none now." in checked.stdout


def test_accepted_drift_is_recorded_where_it_was_needed_and_nowhere_else(office: Path) -> None:
    assert [] == record(office)["accepted_drift"]
    (office / "data/inbox/requests/pauses.csv").unlink()
    done = certledger("-C", office, "run", "--accept-drift")
    assert done.returncode in (0, 1), done.stderr
    said = ["pauses: 0 rows, 2 in the run of 2026-11-20 (100% fewer, max_row_drop allows 20%)"]
    manifest = json.loads((office / "reports/latest/manifest.json").read_text(encoding="utf-8"))
    assert (said, said) == (record(office)["accepted_drift"], manifest["accepted_drift"])
    assert f"Accepted     {said[0]}" in done.stdout
    again = certledger("-C", office, "run")
    assert ("Nothing changed" in again.stdout, published(office)) == (True, manifest["run"])
    assert 0 == certledger("-C", office, "verify").returncode


def test_the_flag_changes_no_byte_where_nothing_is_missing(office: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(office, tmp_path / "other", symlinks=True))
    certledger("-C", office, "run")
    certledger("-C", other, "run", "--accept-drift")
    read = [(root / "reports/latest/manifest.json").read_bytes() for root in (office, other)]
    assert read[0] == read[1]


def test_a_run_that_set_rows_aside_names_the_workbook_and_what_to_look_at(office: Path) -> None:
    export = office / EXPORT
    lines = export.read_text(encoding="utf-8").splitlines(keepends=True)
    export.write_text("".join(lines[:-3]), encoding="utf-8")  # 11 of 14 rows: more than a fifth, of a kind that has no other file
    assert "is not there now" not in stopped(office)
    done = certledger("-C", office, "run", "--accept-drift")
    assert "What to do   reports/latest/data-quality.xlsx lists every finding" in done.stdout
    expected = f"Look at      {EXPORT} [row-jump]: It has 11 rows; in the run of 2026-11-20 the same file had 14."
    assert expected in done.stdout
    assert (office / "reports/latest/data-quality.xlsx").is_file()


def test_settings_that_cannot_be_used_leave_what_is_published_and_say_so(office: Path) -> None:
    with (office / "certledger.toml").open("a", encoding="utf-8") as file:
        file.write("\n[quality]\nstale_after = 3\n")
    done = certledger("-C", office, "run")
    assert (2, True) == (done.returncode, "did you mean stale_after_days?" in done.stderr)
    first, mistake, shown, following = done.stderr.splitlines()
    assert "Stopped at the stage: Reading the settings. Nothing was published." == first
    assert re.match(r"certledger\.toml, line \d+: \[quality\] stale_after is not a setting", mistake)
    assert shown.startswith(f"Still published: run {published(office)} as of 2026-11-20")
    assert f"Next: mend the settings as said above, then look with `certledger -C {office} check`. What is published stays until then." == (
        following
    )


def test_where_nothing_is_published_nothing_is_said_to_stay(office: Path) -> None:
    (office / "reports/latest").unlink()
    (office / "data/inbox/exports/new.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = certledger("-C", office, "run")
    assert ["Nothing is published yet.", True, False] == [
        done.stderr.splitlines()[-2], "Next: mend what is named above" in done.stderr, "stays until then" in done.stderr
    ]  # fmt: skip


def test_a_newest_export_cut_at_a_records_end_stops_the_run_until_somebody_accepts_it(office: Path) -> None:
    """There are more rows of its kind than before: only what the export before told shows that it is not whole."""
    cut = "data/inbox/exports/registry-2026-11-22.csv"
    lines = (office / EXPORT).read_text(encoding="utf-8").splitlines(keepends=True)
    (office / cut).write_text("".join(lines[:7]), encoding="utf-8")
    said = stopped(office)
    assert re.search(r"Rows are missing: inbox/exports/registry-2026-11-22\.csv: 7 of 13 rows of the file before it are not in it", said), (
        said
    )
    assert "--accept-drift" in said
    done = certledger("-C", office, "run", "--accept-drift")
    assert done.returncode in (0, 1), done.stderr
    assert re.search(rf"Look at      {re.escape(cut)} \[export-cut\]: It lacks 7 of the 13 certificates .* Charges of \$", done.stdout), (
        done.stdout
    )
    again = certledger("-C", office, "run", "--as-of", "2026-11-24")
    assert again.returncode in (0, 1), again.stderr
