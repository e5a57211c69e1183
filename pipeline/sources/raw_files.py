"""Files of the workspace as bytes: which there are, in what order, and each read once so that what is hashed is what is parsed, whole
or, where a file may be large, in pieces.

Only regular files are opened (facts/bad-inputs §2.6: opening a FIFO hangs for ever, a link may lead out of the workspace).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from pipeline.finding_codes import Action
from pipeline.findings import Finding
from pipeline.sources import hidden_keys, unpacked
from pipeline.sources.limits import CONTAINER_LIMIT, PIECE
from pipeline.sources.shown_paths import shown_path

Result = TypeVar("Result")

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


@dataclass(frozen=True, slots=True)
class Streamed(Generic[Result]):
    """What was made of a file that was read in pieces, the SHA-256 of its bytes in hexadecimal, and how many they are."""

    result: Result
    sha256: str
    size: int


def listing(data_folder: Path, below: str) -> list[Listed]:
    """All inputs below `data_folder/below`, sub-folders included, sorted by POSIX path; none where the folder is missing.

    Hidden files, Office's lock files (`~$...`), what Windows leaves behind and READMEs are no inputs. Links to
    folders are listed, not followed.
    """
    top = _length(data_folder)
    return [Listed(Path(path), *shown) for path, *shown in _below(data_folder, below) if not _is_no_input(path[top:])]


def everything(data_folder: Path, below: str = "") -> list[Listed]:
    """As `listing`, with the files that are no inputs: a private key may lie in any of them."""
    return [Listed(Path(path), *shown) for path, *shown in _below(data_folder, below)]


def _below(data_folder: Path, below: str) -> list[tuple[str, str, str]]:
    """(path, how it is shown, why it cannot be listed) of all files below `data_folder/below`, in order of how they are shown. Their paths
    are plain text, for there may be a hundred thousand of them."""
    top = _length(data_folder)
    found = [(path, shown_path(path[top:] or ".") + ("/" if fault else ""), fault) for path, fault in _files(str(data_folder / below))]
    return sorted(found, key=lambda one: one[1])


def _length(folder: Path) -> int:
    """How much of the path of a file below `folder` names the folder."""
    return len(os.path.join(folder, ""))  # noqa: PTH118 - with a slash at its end


def _is_no_input(path: str) -> bool:
    names = path.split("/")
    return any(name.startswith(_HIDDEN) for name in names) or names[-1].lower() in _NO_INPUTS


def read(listed: Listed, limit: int) -> RawFile:
    """The file's bytes and their SHA-256. Refused: links and devices, more than `limit` bytes, unreadable files, private keys."""
    file = stream(listed, limit, b"".join, piece=limit + 1)
    return RawFile(listed.path, file.result, file.sha256)


def stream(listed: Listed, limit: int, make: Callable[[Iterator[bytes]], Result], piece: int = PIECE) -> Streamed[Result]:
    """What `make` makes of the file's bytes, which come in pieces of at most `piece`. Refused as by `read`.

    When it returns, all bytes were searched for private keys. A file that changed meanwhile is read once more: then `make`, which must
    take every piece, is called again.
    """
    return _steady(listed, limit, lambda pieces: make(_searched(pieces)), piece)


def hashed(listed: Listed, limit: int) -> tuple[str, int]:
    """The SHA-256 of a file's bytes in hexadecimal, and how many they are. Refused as by `read`, but for private keys, which are not
    looked for: only to be compared with bytes in which they were.
    """
    found = _steady(listed, limit, lambda pieces: deque(pieces, maxlen=0), PIECE)
    return found.sha256, found.size


def _steady(listed: Listed, limit: int, make: Callable[[_Pieces], Result], piece: int) -> Streamed[Result]:
    """What `make` makes of the file; once more where it changed meanwhile."""
    if listed.fault:
        raise Refused("unreadable-file", f"The folder cannot be opened: {listed.fault}.")
    for _ in range(2):
        try:
            found = _one_reading(listed.location, limit, make, piece)
        except OSError as error:
            raise Refused("unreadable-file", f"The file cannot be opened: {error.strerror or 'unknown reason'}.") from error
        if found is not None:
            return found
    raise Refused("unreadable-file", "The file changed while it was read; run again when it is complete.")


def _files(folder: str) -> Iterator[tuple[str, str]]:
    """(path, "") of each file, and (path, why not) of each folder that cannot be listed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                else:
                    yield entry.path, ""
    except FileNotFoundError:
        return
    except NotADirectoryError:
        yield folder, "it is no folder"
    except OSError as error:
        yield folder, error.strerror or "unknown reason"


def _one_reading(location: Path, limit: int, make: Callable[[_Pieces], Result], piece: int) -> Streamed[Result] | None:
    """None where the file changed while it was read."""
    _check_regular(location.lstat())
    handle = os.open(location, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(handle)
        _check_regular(before)
        if before.st_size > limit:
            raise Refused("file-too-large", f"The file has {before.st_size:,} bytes; the limit is {limit:,}.")
        pieces = _Pieces(handle, before.st_size, piece)
        result = make(pieces)
        after = os.fstat(handle)
    finally:
        os.close(handle)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return Streamed(result, pieces.sha256, pieces.size) if same and pieces.size == after.st_size else None


def _check_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Refused("not-a-regular-file", "This is a link, a device or a pipe; only the file itself is read.")


class _Pieces:
    """The bytes of an open file, up to one more than it says to have, counted and hashed as they are taken."""

    def __init__(self, handle: int, told: int, piece: int) -> None:
        self.size = 0
        self.told = told
        self.piece = piece
        self._handle = handle
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    @property
    def is_one(self) -> bool:
        """Whether they come all at once."""
        return self.told < self.piece

    @property
    def are_of_container(self) -> bool:
        """Whether something may be packed into the file, as its first and last bytes say, which are looked at ahead of all others."""
        begin, end = os.pread(self._handle, unpacked.BEGIN, 0), os.pread(self._handle, unpacked.END, max(0, self.told - unpacked.END))
        return unpacked.is_container(begin, end)

    def __iter__(self) -> Iterator[bytes]:
        while self.size <= self.told and (data := os.read(self._handle, min(self.piece, self.told - self.size + 1))):
            self._hash.update(data)
            self.size += len(data)
            yield data


def _searched(pieces: _Pieces) -> Iterator[bytes]:
    """The bytes, none of them handed on before it was searched for private keys; a container is searched, and comes, whole."""
    is_one = pieces.is_one
    if not is_one and pieces.are_of_container:
        if pieces.told > CONTAINER_LIMIT:
            limit = f"the limit for a container, which must be unpacked to look for private keys, is {CONTAINER_LIMIT:,}"
            raise Refused("file-too-large", f"The file has {pieces.told:,} bytes; {limit}.")
        is_one = True
    search = hidden_keys.Search()
    lines_before = 0
    for data in [b"".join(pieces)] if is_one else pieces:
        if _holds_key(data) if is_one else search.finds(data):
            line = hidden_keys.line_of_key(data)
            near = f", near line {lines_before + line:,}" if line else ""
            raise Refused("private-key", f"The file holds a private key{near}; nothing of it was read or published.")
        lines_before += data.count(b"\n")
        yield data


def _holds_key(data: bytes) -> bool:
    try:
        return hidden_keys.holds_key(data)
    except unpacked.TooLarge as error:
        raise Refused("file-too-large", str(error)) from error
