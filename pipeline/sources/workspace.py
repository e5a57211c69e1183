"""The workspace: the folder that holds `certledger.toml`. Finding it, laying out a new one, and hashing what a run depends on."""

# ruff: noqa: PTH114, PTH123  (paths are text where there may be a hundred thousand of them)

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
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

# Before `certledger notices --send`: who notices come from, where they may go, and the mail server.
# [notices]
# sender = "certificates@example.gov"
# allowed_domains = ["example.gov"]
# [smtp]
# host = "mail.example.gov"
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


def notice_templates(workspace: Path) -> Path:
    """The folder of templates whose `notices` fill the messages: the workspace's own, or the program's, where it was laid out before there
    were messages and has none."""
    return workspace / "templates" if (workspace / "templates" / "notices").is_dir() else _starter() / "templates"


def fingerprint(workspace: Path) -> str:
    """`fingerprint_of` the `contents` of the workspace."""
    return fingerprint_of(contents(workspace))


def fingerprint_of(contents: Mapping[str, str]) -> str:
    """SHA-256 over path and content of every file that decides what a run publishes (DESIGN §3, Run id)."""
    digest = hashlib.sha256()
    for path, content in contents.items():
        digest.update(f"{path}\0{content}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def contents(workspace: Path) -> dict[str, str]:
    """SHA-256 of every file that decides what a run publishes, by its path in the workspace, in their order.

    The records of earlier runs are left out: of them only the previous run counts, and the caller adds it. Raises `SettingsError`
    for a page or template that is a link or cannot be read; a file of `data/` that cannot be read is left for its reader to refuse.
    """
    top = f"{workspace}/"
    return {path: _content(top + path, path) for path in sorted(_deciding(top))}


def must_be(workspace: Path, before: str) -> None:
    """Raise `InputChangedError` unless the fingerprint of the workspace still is `before`, as it was when the run began."""
    if fingerprint(workspace) != before:
        raise InputChangedError(
            "A file of data/, site/, templates/ or the settings was changed while the run read it, so nobody could say what it rests on. "
            "Wait until whoever changes it has finished, and run again."
        )


def _deciding(top: str) -> Iterator[str]:
    """Files and links; there may be a hundred thousand of them, so paths are plain text here."""
    yield from (name for name in DECIDING_FILES if _is_file_or_link(top + name))
    for below in DECIDING_FOLDERS:
        for folder, folders, files in os.walk(top + below):
            links = [name for name in folders if os.path.islink(f"{folder}/{name}")]
            folder_path = folder.removeprefix(top)
            yield from (f"{folder_path}/{name}" for name in (*links, *files) if _is_file_or_link(f"{folder}/{name}"))
            # Records of runs, and what a killed close left behind.
            folders[:] = [name for name in folders if f"{folder_path}/{name}" != RECORDS and not name.startswith(HALF_CLOSED)]


def _is_file_or_link(path: str) -> bool:
    try:
        kind = os.lstat(path).st_mode
    except OSError:
        return False
    return stat.S_ISREG(kind) or stat.S_ISLNK(kind)


def _content(path: str, name: str) -> str:
    """Hash of a deciding file's bytes; `name` is its path in the workspace."""
    try:
        if os.path.islink(path):
            raise OSError("it is a link; put the file itself there")
        with open(path, "rb", buffering=0) as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        if name.startswith("data/"):
            return "unreadable"
        raise SettingsError(f"{name} cannot be used: {error}.") from None
