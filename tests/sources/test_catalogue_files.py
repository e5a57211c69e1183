"""The catalogue of bad input, §2.6: files as files, and the world around a run."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.contracts import Inbox
from pipeline.publish import tables
from pipeline.sources import raw_files
from pipeline.sources.limits import TEXT_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from tests.conftest import ROOT, certledger, in_a_process
from tests.flow.test_cli import nothing_published, small  # noqa: F401 - a fixture
from tests.sources.offices import Office, certificate, certificates

ONE = certificates(certificate())


def exports(office: Office) -> Path:
    folder = office.root / "data/inbox/exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def refusal_of(office: Office) -> tuple[str, str, str]:
    refused = office.refusal()
    return refused.code, refused.file, refused.reason


@pytest.mark.parametrize("target", ["/etc/passwd", "../../elsewhere.csv", "nowhere.csv", "/"])
def test_c26_01_a_link_is_refused_wherever_it_leads(office: Office, target: str) -> None:
    office.put("elsewhere.csv", ONE)
    (exports(office) / "link.csv").symlink_to(target)
    said = "This is a link, a device or a pipe; only the file itself is read."
    assert ("not-a-regular-file", "inbox/exports/link.csv", said) == refusal_of(office)


def test_c26_02_a_pipe_is_refused_without_being_opened(office: Office) -> None:
    os.mkfifo(exports(office) / "pipe.csv")
    assert ("not-a-regular-file", "inbox/exports/pipe.csv") == refusal_of(office)[:2]


def test_c26_03_a_folder_is_a_folder_whatever_its_name(office: Office) -> None:
    (exports(office) / "x.csv").mkdir()
    office.put("inbox/exports/x.csv/2026-10.csv", ONE)
    assert ["inbox/exports/x.csv/2026-10.csv"] == office.read().places["file"].tolist()


def test_c26_04_a_name_that_is_no_text_is_shown_in_ascii(office: Office) -> None:
    (exports(office) / os.fsdecode(b"caf\xe9.csv")).write_text(ONE)
    assert ["inbox/exports/caf\\xe9.csv"] == office.read().places["file"].tolist()


@pytest.mark.parametrize("name", ["=cmd.csv", "<img src=x onerror=alert(1)>.csv", "a\nb.csv", "a\u202eb.csv"])
def test_c26_05_a_name_is_data(office: Office, name: str) -> None:
    (exports(office) / name).write_text(ONE)
    shown = office.read().places["file"].tolist()
    assert [raw_files.shown_path(Path("inbox/exports") / name)] == shown
    assert shown[0].isprintable()
    assert shown[0] == tables.formula_safe(shown[0]), "a path begins with a folder of ours"


READ_AS_NOBODY = """
import os, sys
from pathlib import Path
from pipeline.sources import raw_files
listed = raw_files.listing(Path(sys.argv[1]) / "data", "inbox")
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for one in listed:
    try:
        raw_files.read(one, 1000000)
        print("read", one.path)
    except raw_files.Refused as refused:
        print(refused.code, refused.reason)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read")
def test_c26_06_a_file_that_may_not_be_read_is_told(office: Office) -> None:
    office.put("inbox/exports/x.csv", ONE).chmod(0)
    for folder in (*office.root.parents[:3], office.root, *(path for path in office.root.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", READ_AS_NOBODY, office.root], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "unreadable-file The file cannot be opened: Permission denied.\n" == done.stdout, done.stderr


@pytest.mark.slow
def test_c26_07_a_full_disk_leaves_the_old_run(small: Path) -> None:  # noqa: F811
    """No file may grow beyond 4,000 bytes: the first table that is larger cannot be written, as on a full disk."""
    certledger("-C", small, "run", "--as-of", "2026-10-31")
    before = (small / "reports/latest").readlink()
    done = in_a_process("-C", small, "run", prefix=("prlimit", "--fsize=4000"), env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert (5, before) == (done.returncode, (small / "reports/latest").readlink()), done.stderr
    assert "Traceback" not in done.stderr
    assert [before.name] == [path.name for path in (small / "reports/runs").iterdir() if not path.name.startswith(".")]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs files that the system makes while they are read")
def test_c26_08_a_file_that_gives_more_than_its_size_when_it_was_opened_is_refused() -> None:
    """As a file that grows while it is read. Those of /proc are regular files of no bytes until somebody reads them: always so, in
    both attempts, however busy the machine is."""
    with pytest.raises(Refused, match="The file changed while it was read; run again when it is complete") as refused:
        raw_files.read(Listed(Path("/proc/self/status"), "inbox/exports/x.csv"), TEXT_LIMIT)
    assert "unreadable-file" == refused.value.code


HOLD = (
    "import fcntl, sys, time; held = open(sys.argv[1], 'w'); fcntl.flock(held, fcntl.LOCK_EX); print('held', flush=True); time.sleep(600)"
)


@pytest.mark.slow
def test_c26_09_two_runs_at_once_are_one_and_a_dead_one_holds_nothing(small: Path) -> None:  # noqa: F811
    (small / "reports").mkdir()
    lock = small / "reports/.lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, lock], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        done = certledger("-C", small, "run")
        holder.kill()
    assert (75, True) == (done.returncode, "Another run" in done.stderr)
    with lock.open("w") as free:
        fcntl.flock(free, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.slow
def test_c26_10_a_run_for_an_earlier_day_says_so_and_a_day_that_cannot_be_is_refused(small: Path) -> None:  # noqa: F811
    assert 2 == certledger("-C", small, "run", "--as-of", "1970-01-01").returncode
    assert nothing_published(small)
    certledger("-C", small, "run", "--as-of", "2026-11-20")
    done = certledger("-C", small, "run", "--as-of", "2026-11-19")
    assert "This run is for 2026-11-19, earlier than the newest published day 2026-11-20." in done.stdout


@pytest.mark.slow
def test_c26_11_a_second_run_of_the_same_changes_nothing(small: Path) -> None:  # noqa: F811
    first = certledger("-C", small, "run")
    seen = {path: path.stat().st_mtime_ns for path in (small / "reports/runs").rglob("*")}
    second = certledger("-C", small, "run")
    assert (first.returncode, True) == (second.returncode, "Nothing changed since this run was published" in second.stdout)
    assert seen == {path: path.stat().st_mtime_ns for path in (small / "reports/runs").rglob("*")}


MANY = [f"a{number}@example.gov" for number in range(11)]
# What is kept of a contact; None where it is refused, the whole of it.
CONTACTS = {
    "a@example.gov": "a@example.gov",
    "first.last+tag@mail.example.gov": "first.last+tag@mail.example.gov",
    "a@example.gov, b@example.gov": "a@example.gov, b@example.gov",
    "b@example.gov;a@example.gov": "b@example.gov, a@example.gov",
    " a@example.gov ;  b@example.gov , c@example.gov;": "a@example.gov, b@example.gov, c@example.gov",
    "a@example.gov;b@example.gov;A@Example.GOV": "a@example.gov, b@example.gov",
    ";".join(MANY[:10]): ", ".join(MANY[:10]),
    ";".join(MANY): None,
    "a@x, evil@y": None,
    "a@example.gov, evil@y": None,
    "a@example.gov evil@example.com": None,
    "a@example.gov,evil": None,
    ",a@example.gov": None,
    "a@example.gov;;b@example.gov": None,
    "a@example.gov,,": None,
    ";": None,
    "a@example.gov\nBcc: evil@example.com": None,
    "a@example.gov,\nBcc: evil@example.com": None,
    "a@example.gov;\nb@example.gov": None,
    "a@example.gov, =?utf-8?q?evil?=@example.com": None,
    "Ann <a@example.gov>": None,
    "a@example.gov, Ann <b@example.gov>": None,
    '"a,b"@example.gov': None,
    '"a b"@example.gov': None,
    "team: a@example.gov;": None,
    "a@@example.gov": None,
    "a(comment)@example.gov": None,
    "a..b@example.gov": None,
    "a@-example.gov": None,
    "a@example": None,
    "ann": None,
    "ä@example.gov": None,
    "a" * 65 + "@example.gov": None,
    "a@" + "b." * 130 + "gov": None,
}


@pytest.mark.parametrize("text", CONTACTS)
def test_c26_13_a_contact_is_one_address_or_several_each_checked_or_none(office: Office, text: str) -> None:
    office.put("inbox/exports/x.csv", certificates(certificate(contact_email=text)))
    read: Inbox = office.read()
    told = [(one.code, one.row, one.action) for one in read.findings]
    kept = CONTACTS[text]
    expected = ([kept], []) if kept else ([""], [("bad-email", 2, "kept")])
    assert expected == (read.export_rows["contact_email"].tolist(), told)
