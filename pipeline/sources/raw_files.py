"""Files of the workspace as bytes: which there are, in what order, and each read once so that what is hashed is what is parsed.

Only regular files are opened (facts/bad-inputs §2.6: opening a FIFO hangs for ever, a link may lead out of the workspace).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline.finding_codes import Action
from pipeline.findings import Finding
from pipeline.sources.hidden_keys import holds_key
from pipeline.sources.shown_paths import shown_path

_HIDDEN = (".", "~$")
_NO_INPUTS = ("readme", "readme.md", "readme.txt", "thumbs.db", "desktop.ini")


class Refused(Exception):  # noqa: N818 - it is a verdict on a file, not a failure of the program
    """A file as a whole cannot be used: why, in the words of a finding. Caught where the file's findings are kept."""

    def __init__(self, code: str, reason: str, *, value: str = "", column: str = "", row: int = 0, sheet: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason, self.value, self.column, self.row, self.sheet = code, reason, value, column, row, sheet

    def finding(self, file: str, *, required: bool = True) -> Finding:
        """The finding about `file`; only a required file stops the run. Of another one no row is named: none of its rows was read."""
        action: Action = "stopped" if required or self.code == "private-key" else "quarantined"
        row = self.row if action == "stopped" else 0
        return Finding(self.code, self.reason, value=self.value, column=self.column, file=file, sheet=self.sheet, row=row, action=action)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file that lies in the workspace: where, and its path below `data/` as it is shown and stored.

    `fault` is set for a folder (its path ends in a slash) that could not be listed: why. Reading it is refused.
    """

    location: Path
    path: str
    fault: str = ""

    @property
    def below_inbox(self) -> str:
        """The path that patterns of `[[source]]` are matched against, e.g. `exports/2026-10.csv`."""
        return self.path.removeprefix("inbox/")

    @property
    def folder(self) -> str:
        """The folder of the inbox that it lies in, e.g. `exports`; empty where it lies in none."""
        first, slash, _ = self.below_inbox.partition("/")
        return first if slash else ""

    @property
    def extension(self) -> str:
        """The ending of its name, lower case, e.g. `.csv`."""
        return PurePosixPath(self.path).suffix.lower()


@dataclass(frozen=True, slots=True)
class RawFile:
    """The bytes of a file, and their SHA-256 in hexadecimal."""

    path: str
    data: bytes
    sha256: str


def listing(data_folder: Path, below: str) -> list[Listed]:
    """All inputs below `data_folder/below`, sub-folders included, sorted by POSIX path; none where the folder is missing.

    Hidden files, Office's lock files (`~$...`), what Windows leaves behind and READMEs are no inputs. Links to
    folders are listed, not followed.
    """
    return [listed for listed in everything(data_folder, below) if not _is_no_input(listed.location.relative_to(data_folder))]


def everything(data_folder: Path, below: str = "") -> list[Listed]:
    """As `listing`, with the files that are no inputs: a private key may lie in any of them."""
    found = [
        Listed(path, shown_path(path.relative_to(data_folder)) + ("/" if fault else ""), fault)
        for path, fault in _files(data_folder / below)
    ]
    return sorted(found, key=lambda listed: listed.path)


def _is_no_input(path: Path) -> bool:
    return any(name.startswith(_HIDDEN) for name in path.parts) or path.name.lower() in _NO_INPUTS


def read(listed: Listed, limit: int) -> RawFile:
    """The file's bytes and their SHA-256. Refused: links and devices, more than `limit` bytes, unreadable files, private keys."""
    if listed.fault:
        raise Refused("unreadable-file", f"The folder cannot be opened: {listed.fault}.")
    data = _steady_bytes(listed.location, limit)
    if holds_key(data):
        raise Refused("private-key", "The file holds a private key; nothing of it was read or published.")
    return RawFile(listed.path, data, hashlib.sha256(data).hexdigest())


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    """(path, "") of each file, and (path, why not) of each folder that cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(Path(entry.path))
                else:
                    yield Path(entry.path), ""
    except FileNotFoundError:
        return
    except NotADirectoryError:
        yield folder, "it is no folder"
    except OSError as error:
        yield folder, error.strerror or "unknown reason"


def _steady_bytes(location: Path, limit: int) -> bytes:
    """The bytes of a file that did not change while they were read; a second attempt is made before giving up."""
    for _ in range(2):
        data, unchanged = _one_reading(location, limit)
        if unchanged:
            return data
    raise Refused("unreadable-file", "The file changed while it was read; run again when it is complete.")


def _one_reading(location: Path, limit: int) -> tuple[bytes, bool]:
    try:
        if not stat.S_ISREG(location.lstat().st_mode):
            raise Refused("not-a-regular-file", "This is a link, a device or a pipe; only the file itself is read.")
        handle = os.open(location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as stream:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode):
                raise Refused("not-a-regular-file", "This is a link, a device or a pipe; only the file itself is read.")
            if before.st_size > limit:
                raise Refused("file-too-large", f"The file has {before.st_size:,} bytes; the limit is {limit:,}.")
            data = stream.read(limit + 1)
            after = os.fstat(handle)
    except OSError as error:
        raise Refused("unreadable-file", f"The file cannot be opened: {error.strerror or 'unknown reason'}.") from error
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data, same and len(data) == after.st_size
