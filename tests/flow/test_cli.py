"""The command as its users meet it: what it prints, what it publishes, and how it ends when something is wrong.

Each exit code is that of a process at least once; the rest calls the command in this process, which saves loading it anew."""

from __future__ import annotations

import fcntl
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, certledger, copy_workspace, in_a_process, without_site

pytestmark = pytest.mark.slow  # each test runs the command

SMALL = ROOT / "tests/flow/workspace"
COMMANDS = ("run", "check", "answer", "notices", "explain", "verify", "serve", "init", "sample")


def lay_out(root: Path) -> Path:
    """The small office, with the pages of the checkout."""
    copy_workspace(SMALL, root)
    for part in ("site", "templates"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copyfile(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    return root


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The small office; its runs build no site, which these tests do not look at."""
    return without_site(lay_out(tmp_path / "small"))


@pytest.fixture(scope="session")
def ran_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office with one run published, without a site. Look, do not touch."""
    root = without_site(lay_out(tmp_path_factory.mktemp("ran") / "small"))
    done = certledger("-C", root, "run")
    assert done.returncode == 1, done.stdout + done.stderr  # it has more bad rows than the warning allows
    return root


@pytest.fixture
def small_ran(ran_once: Path, tmp_path: Path) -> Path:
    """A copy of the small office with one run published, without a site, that a test may spoil."""
    return Path(shutil.copytree(ran_once, tmp_path / "small", symlinks=True))


@pytest.fixture(scope="session")
def small_published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small office with one run published. Look, do not touch."""
    root = lay_out(tmp_path_factory.mktemp("published") / "small")
    done = in_a_process("-C", root, "run")
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return root


def nothing_published(root: Path) -> bool:
    return not (root / "reports/latest").exists() and not list((root / "reports").glob("runs/*"))


def test_help_names_every_command_and_loads_no_tables() -> None:
    done = in_a_process("--help")
    assert done.returncode == 0
    assert [] == [command for command in COMMANDS if command not in done.stdout]
    code = "import sys, pipeline.cli; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    assert 0 == subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode


def test_a_new_workspace_keeps_closed_months_and_inputs_byte_for_byte_in_every_checkout(empty_workspace: Path) -> None:
    kept = (empty_workspace / "data/.gitattributes").read_text(encoding="utf-8").splitlines()
    assert {f"{folder}/** -text" for folder in ("inbox", "reference", "entries", "ledger")} <= set(kept)


def test_init_never_overwrites(empty_workspace: Path) -> None:
    done = certledger("init", empty_workspace)
    assert (2, "not an empty folder" in done.stderr) == (done.returncode, True)


def test_without_a_workspace_the_answer_says_how_to_make_one(tmp_path: Path) -> None:
    done = in_a_process("-C", tmp_path, "run")
    assert done.returncode == 2
    assert "certledger init" in done.stderr


def test_an_unknown_setting_is_refused(small: Path) -> None:
    with (small / "certledger.toml").open("a", encoding="utf-8") as file:
        file.write("\n[chargs]\nbegin = 2026-07-01\n")
    done = in_a_process("-C", small, "run")
    assert (2, True) == (done.returncode, "did you mean charges?" in done.stderr)
    assert nothing_published(small)


def test_a_file_that_is_no_spreadsheet_stops_the_run_and_is_named(small: Path) -> None:
    (small / "data/inbox/exports/november.xlsx").write_bytes(b"this is no workbook")
    done = certledger("-C", small, "run")
    assert done.returncode == 3
    assert "inbox/exports/november.xlsx" in done.stderr
    assert "Traceback" not in done.stderr
    assert nothing_published(small)


def test_a_private_key_stops_the_run_and_is_never_quoted(small: Path) -> None:
    secret = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v"
    folder = small / "data/inbox/pem"
    folder.mkdir(parents=True)
    (folder / "server.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n", encoding="ascii")
    done = in_a_process("-C", small, "run")
    assert done.returncode == 3
    assert "inbox/pem/server.pem" in done.stderr
    assert secret not in done.stdout + done.stderr
    assert nothing_published(small)


def test_unknown_agency_and_tier_stay_in_the_books_uncharged(small_published: Path) -> None:
    tables = small_published / "reports/latest/tables"
    findings = (tables / "findings.csv").read_text(encoding="utf-8")
    assert "unknown-agency" in findings
    assert "Lighthouse" in findings
    assert "unknown-tier" in findings
    assert "who.example" in (tables / "certificates.csv").read_text(encoding="utf-8")
    ledger = (tables / "ledger.csv").read_text(encoding="utf-8")
    assert [] == [order for order in ("4001", "4002", "4003", "4004") if f",{order}," in ledger]


def test_strict_publishes_nothing_when_a_row_is_quarantined(small: Path) -> None:
    done = certledger("-C", small, "run", "--strict")
    assert done.returncode == 3
    assert "--strict" in done.stderr
    assert nothing_published(small)


def test_a_second_run_at_once_is_turned_away(small: Path) -> None:
    (small / "reports").mkdir()
    with (small / "reports/.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = in_a_process("-C", small, "run")
    assert (75, True) == (done.returncode, "Another run" in done.stderr)


def test_running_again_changes_nothing_and_is_judged_as_before(small_ran: Path) -> None:
    """The small office has more bad rows than the warning allows: a second try must not turn the warning green."""
    manifest = (small_ran / "reports/latest/manifest.json").read_bytes()
    second = certledger("-C", small_ran, "run")
    assert (1, True) == (second.returncode, "Nothing changed" in second.stdout), second.stderr
    assert manifest == (small_ran / "reports/latest/manifest.json").read_bytes()
    assert 1 == len(list((small_ran / "data/ledger/runs").glob("*.json")))
    assert 3 == certledger("-C", small_ran, "run", "--strict").returncode


def test_a_lost_record_is_written_again(small_ran: Path) -> None:
    kept = next((small_ran / "data/ledger/runs").glob("*.json"))
    text = kept.read_bytes()
    kept.unlink()
    certledger("-C", small_ran, "run")
    assert text == kept.read_bytes()


def test_reports_that_cannot_be_written_are_exit_5(small: Path) -> None:
    (small / "reports").write_text("in the way", encoding="utf-8")
    done = in_a_process("-C", small, "run")
    assert (5, True) == (done.returncode, "reports" in done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("damage", [b"[]", b'{"outputs": null}', b"not json"])
def test_a_damaged_manifest_is_told_and_mended(small_ran: Path, damage: bytes) -> None:
    manifest = small_ran / "reports/latest/manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(damage)
    assert 4 == certledger("-C", small_ran, "verify").returncode
    assert 1 == certledger("-C", small_ran, "run").returncode
    assert whole == manifest.read_bytes()


def test_an_edited_manifest_does_not_verify(small_ran: Path) -> None:
    manifest = small_ran / "reports/latest/manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"ledger_cents": ', b'"ledger_cents": 1'))
    done = in_a_process("-C", small_ran, "verify")
    assert (4, True) == (done.returncode, "not the one that the run recorded" in done.stderr)


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "tomorrow"])
def test_a_day_that_cannot_be_meant_is_a_usage_error(small: Path, day: str) -> None:
    assert 2 == certledger("-C", small, "run", "--as-of", day).returncode
    assert nothing_published(small)


def test_a_page_that_is_a_link_is_refused(small: Path) -> None:
    (small / "site/p.txt").symlink_to("/etc/hostname")
    done = certledger("-C", small, "run")
    assert (2, True) == (done.returncode, "site/p.txt" in done.stderr)
    assert nothing_published(small)


@pytest.mark.parametrize("page", ["assets/server.key", "service/notes.md"])
def test_a_private_key_among_the_pages_is_never_published(small: Path, page: str) -> None:
    settings = small / "certledger.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("profiles = []", 'profiles = ["public"]'), encoding="utf-8")
    body = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v0VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
    (small / "site" / page).parent.mkdir(exist_ok=True)
    (small / "site" / page).write_text(f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n", encoding="ascii")
    done = certledger("-C", small, "run")
    assert (3, True) == (done.returncode, page in done.stderr), done.stderr
    assert body not in done.stdout + done.stderr
    assert nothing_published(small)


def test_verify_names_a_changed_file_and_a_new_run_mends_it(small_ran: Path) -> None:
    assert 0 == certledger("-C", small_ran, "verify").returncode
    table = small_ran / "reports/latest/tables/ledger.csv"
    whole = table.read_bytes()
    table.write_bytes(whole.replace(b"22119", b"92119", 1))
    damaged = certledger("-C", small_ran, "verify")
    assert (4, True) == (damaged.returncode, "tables/ledger.csv was changed" in damaged.stderr)
    certledger("-C", small_ran, "run")
    assert whole == table.read_bytes()


@pytest.mark.parametrize("name", ["FY2027-P04-PARKS", "1003", "R-04", "0A:01", "0c01"])
def test_explain_leads_to_file_and_row(small_published: Path, name: str) -> None:
    done = certledger("-C", small_published, "explain", name)
    assert done.returncode == 0, done.stderr
    assert "from data/inbox/" in done.stdout
    assert re.search(r", (row|line|block) \d", done.stdout)


def test_explain_shows_the_literal_row(small_published: Path) -> None:
    done = certledger("-C", small_published, "explain", "R-03")
    assert "one day late" in done.stdout


def test_explain_shows_no_other_row_than_the_run_read(small_ran: Path) -> None:
    log = small_ran / "data/inbox/requests/requests.csv"
    header, _, rows = log.read_text(encoding="utf-8").partition("\n")
    log.write_text("\n".join([header, rows.partition("\n")[0], rows]), encoding="utf-8")  # each row stands a line lower by now
    done = certledger("-C", small_ran, "explain", "1003")
    assert "from data/inbox/requests/requests.csv, line 9 (the file changed since this run)\n" in done.stdout
    assert "no promise for this kind" not in done.stdout
    log.unlink()
    assert "line 9 (the file is no longer there)\n" in certledger("-C", small_ran, "explain", "1003").stdout


def test_a_reader_who_has_seen_enough_ends_explain_quietly(small_published: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "-C", str(small_published), "explain", "FY2027-P04-PARKS"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        assert b"" == child.stderr.read()
    assert 141 == child.returncode


def test_explain_shows_what_decided_a_verdict(small_published: Path) -> None:
    done = certledger("-C", small_published, "explain", "R-04")
    assert "43 h 00 min of desk time" in done.stdout
    assert done.stdout.count("from data/inbox/requests/pauses.csv, line") == 2


@pytest.mark.parametrize(("order", "why"), [("4004", "rejected"), ("4003", "error, quarantined: "), ("4002", "No tier is meant by 'gold'")])
def test_explain_tells_why_an_order_is_not_billed(small_published: Path, order: str, why: str) -> None:
    done = certledger("-C", small_published, "explain", order)
    assert (0, True) == (done.returncode, why in done.stdout), done.stdout


def test_the_notices_of_the_published_run_are_counted(small_published: Path) -> None:
    done = certledger("-C", small_published, "notices")
    assert (0, "Notices      2 renewed\n") == (done.returncode, done.stdout)


def test_explain_says_when_there_is_nothing(small_published: Path) -> None:
    done = certledger("-C", small_published, "explain", "no-such-thing")
    assert (2, True) == (done.returncode, "no-such-thing" in done.stderr)


def test_check_tells_what_would_change_and_publishes_nothing(small: Path) -> None:
    certledger("-C", small, "run", "--as-of", "2026-10-31")
    published = (small / "reports/latest").readlink()
    done = certledger("-C", small, "check")
    assert done.returncode in (0, 1), done.stderr
    assert "of 2026-10-31:" in done.stdout
    assert "FY2027-P05 PARKS 1001    -$542.00" in done.stdout
    assert published == (small / "reports/latest").readlink()


def test_check_compares_with_what_is_published_now(small_ran: Path) -> None:
    assert "0 new, 0 changed, 0 gone, +$0.00 in all" in certledger("-C", small_ran, "check").stdout
    export = small_ran / "data/inbox/exports/registry-2026-11-20.csv"
    export.write_text(export.read_text(encoding="utf-8").replace("Lighthouse", "PARKS"), encoding="utf-8")
    shutil.rmtree(small_ran / "reports")  # as in a clean checkout, which knows the run by what it recorded
    done = certledger("-C", small_ran, "check", "--markdown", small_ran / "reports/check.md")
    assert "0 new, 1 changed, 0 gone, +$221.19 in all" in done.stdout
    assert re.search(r"of another tier or agency  1: \S+\.example", done.stdout)
    report = (small_ran / "reports/check.md").read_text(encoding="utf-8")
    shown = [f"    {line}".rstrip() for line in done.stdout.splitlines()[2:] if line]
    assert shown == [line for line in report.splitlines()[5:] if line and not line.startswith("#")]
    assert "in data/inbox/exports/registry-2026-11-20.csv (1)" in done.stdout
    assert "FY2027-P04 PARKS 1001    +$221.19" in done.stdout


def test_the_manifest_lists_every_file(small_published: Path) -> None:
    run = (small_published / "reports/latest").resolve()
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    files = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()} - {"manifest.json"}
    assert files == set(manifest["outputs"])
    assert manifest["totals"]["ledger_cents"] == manifest["totals"]["invoices_cents"]
    assert all(check["holds"] for check in manifest["checks"])
    assert platform.python_version() == manifest["python"]["python"]


def test_missing_rows_stop_the_run_unless_accepted(small_ran: Path) -> None:
    log = small_ran / "data/inbox/requests/requests.csv"
    log.write_text("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[:6]), encoding="utf-8")
    stopped = certledger("-C", small_ran, "run")
    assert (3, True) == (stopped.returncode, "Rows are missing" in stopped.stderr)
    assert certledger("-C", small_ran, "run", "--accept-drift").returncode in (0, 1)


def test_the_wheel_alone_makes_a_workspace_and_publishes_an_empty_site_of_it_untouched(tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    quiet = {"check": True, "capture_output": True}
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, ROOT], **quiet)
    wheel = next(tmp_path.glob("certledger-*.whl"))
    subprocess.run([*pip, "install", "--no-deps", "--target", tmp_path / "installed", wheel], **quiet)
    env = {"PYTHONPATH": str(tmp_path / "installed"), "PATH": "/usr/bin:/bin"}
    python = [sys.executable, "-P"]
    where = subprocess.run([*python, "-c", "import pipeline; print(pipeline.__file__)"], cwd=tmp_path, env=env, text=True, **quiet)
    assert where.stdout.startswith(str(tmp_path))
    for arguments in (["init", "office"], ["-C", "office", "run"]):
        done = subprocess.run([*python, "-m", "pipeline", *arguments], cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "$0.00" in done.stdout
    assert (tmp_path / "office/reports/latest/site/index.html").is_file()
