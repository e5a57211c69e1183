"""The workspace: the folder that holds `certledger.toml`. Finding it, laying out a new one, and hashing what a run depends on."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from pipeline.findings import SETTINGS as NAME

# Whatever lies here decides what is published, so all of it is part of the run's id.
DECIDING_FOLDERS = ("data/inbox", "data/reference", "data/entries", "data/ledger", "site", "templates")
SCENARIOS = "scenario.toml"
DECIDING_FILES = ("mkdocs.yml", NAME, SCENARIOS)
RECORDS = "data/ledger/runs"
HALF_CLOSED = ".closing-"

_EMPTY_FOLDERS = (
    "data/inbox/exports", "data/inbox/requests", "data/inbox/pem", "data/inbox/lots", "data/inbox/outages",
    "data/reference", "data/entries", "data/ledger", "reports",
)  # fmt: skip
# data/.gitattributes keeps closed months and inputs byte for byte, whatever line ends a checkout would write.
_STARTER_FILES = ("mkdocs.yml", "data/.gitattributes", "data/reference/closed_days.csv", "data/reference/server_software.csv")
_AGENCIES_HEADER = "agency,name,secretariat,account_id,billing_contact,security_contact,valid_from,valid_to,successor\n"
_FIRST_SETTINGS = """\
# Settings of this workspace. Every name is explained on the site under Reference, Settings.

[organization]
name = "Your office"              # on pages and invoices
timezone = "America/New_York"
fiscal_year_starts = 7
service_owner = "certificates@example.gov"

# The rate card: never edit a line, add one; a line is in force from its day until the next line of its tier.
# [[rate]]
# tier = "standard"
# amount = 221.19
# since = 2026-07-01

[[target]]                        # the promise that verdicts are given against
measure = "on-time-completion"
kinds = ["new", "renew", "issue"]
business_days = 5
share = 0.95
"""


class SettingsError(Exception):
    """The settings, or the workspace itself, cannot be used; the text says why, one line a mistake."""


class InputChangedError(Exception):
    """A file that decides what is published was changed while the run read it; nothing is published."""


def find(start: Path) -> Path:
    """The nearest folder at or above `start` that holds the settings file. Raises `SettingsError` when there is none."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / NAME).is_file():
            return folder
    raise SettingsError(f"No {NAME} in {start} or above it. Name the workspace with -C DIR, or make one with `certledger init DIR`.")


def lay_out(target: Path) -> None:
    """Make an empty workspace in `target`: settings, pages, templates, reference files, folders for what comes in.

    Raises `SettingsError` if `target` exists and is not an empty folder: a workspace is never overwritten.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingsError(f"{target} is not an empty folder; choose a new one.")
    try:
        _copy_starter(_starter(), target)
    except OSError as error:
        raise SettingsError(f"{target} cannot be made: {error}.") from None


def _copy_starter(starter: Path, target: Path) -> None:
    for folder in _EMPTY_FOLDERS:
        (target / folder).mkdir(parents=True, exist_ok=True)
    for folder in ("site", "templates"):
        shutil.copytree(starter / folder, target / folder, ignore=shutil.ignore_patterns("decisions"))
    for name in _STARTER_FILES:
        shutil.copyfile(starter / name, target / name)
    (target / "data/reference/agencies.csv").write_text(_AGENCIES_HEADER, encoding="utf-8")
    (target / NAME).write_text(_FIRST_SETTINGS, encoding="utf-8")
    (target / ".gitignore").write_text("reports/\n", encoding="utf-8")


def _starter() -> Path:
    """Where the files of a new workspace lie: inside an installed wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    return package / "starter" if (package / "starter").is_dir() else package.parent


def fingerprint(workspace: Path) -> str:
    """SHA-256 over path and content of every file that decides what a run publishes (DESIGN §3, Run id).

    The records of earlier runs are left out: of them only the previous run counts, and the caller adds it. Raises `SettingsError`
    for a page or template that is a link or cannot be read; a file of `data/` that cannot be read is left for its reader to refuse.
    """
    digest = hashlib.sha256()
    for path in _deciding(workspace):
        content = _content(workspace, path)
        digest.update(f"{path.relative_to(workspace).as_posix()}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def must_be(workspace: Path, before: str) -> None:
    """Raise `InputChangedError` unless the fingerprint of the workspace still is `before`, as it was when the run began."""
    if fingerprint(workspace) != before:
        raise InputChangedError(
            "A file of data/, site/, templates/ or the settings was changed while the run read it, so nobody could say what it rests on. "
            "Wait until whoever changes it has finished, and run again."
        )


def _deciding(workspace: Path) -> Iterator[Path]:
    found = [workspace / name for name in DECIDING_FILES]
    for folder in DECIDING_FOLDERS:
        found.extend((workspace / folder).rglob("*"))
    records = workspace / RECORDS
    kept = (path for path in found if (path.is_symlink() or path.is_file()) and not _is_left_out(path, records))
    return iter(sorted(kept, key=lambda path: path.relative_to(workspace).as_posix()))


def _is_left_out(path: Path, records: Path) -> bool:
    """Records of runs, and what a killed close left behind."""
    return records in path.parents or any(folder.name.startswith(HALF_CLOSED) for folder in path.parents)


def _content(workspace: Path, path: Path) -> str:
    """Hash of a deciding file's bytes."""
    name = path.relative_to(workspace)
    of_data = name.parts[0] == "data"
    try:
        if path.is_symlink():
            raise OSError("it is a link; put the file itself there")
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        if of_data:
            return "unreadable"
        raise SettingsError(f"{name.as_posix()} cannot be used: {error}.") from None
