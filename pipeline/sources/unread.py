"""What no reader opens: a file of the inbox that ought to have been read, a [[source]] without a file, and everything else below
data/, in which a private key may lie all the same."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.findings import SETTINGS, Finding
from pipeline.settings import Source
from pipeline.sources import raw_files
from pipeline.sources.limits import CERTIFICATE_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.recognition import FOLDER_KINDS, source_of
from pipeline.sources.searched import Searched

FOLDERS = (*FOLDER_KINDS, "pem")
_ABOVE = "data/inbox/"


def refusal(listed: Listed) -> Refused:
    """Why a file of the inbox that is not read stops the run: an export that lies wrong would be missing from a green site."""
    if listed.folder in FOLDER_KINDS:
        ending = f"ends in {listed.extension}" if listed.extension else "has no ending"
        return Refused("unread-file", f"Only .csv, .tsv, .xlsx, .json and .txt files are read here; its name {ending}.")
    known = ", ".join(FOLDERS)
    if not listed.folder:
        return Refused("unread-file", f"Nothing is read from data/inbox itself; its folders are {known}.")
    close = difflib.get_close_matches(listed.folder.lower(), FOLDERS, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]}?" if close else "."
    return Refused("unread-file", f"Nothing is read from a folder '{listed.folder}'; there are {known}{hint}")


def without_files(sources: Sequence[Source], files: Iterable[Listed]) -> list[Finding]:
    """A finding about each [[source]] that no file of the inbox is read by."""
    paths = [listed.below_inbox for listed in files]
    used = {id(source_of(path, sources)) for path in paths}
    return [_without_file(source, paths) for source in sources if id(source) not in used]


def _without_file(source: Source, paths: Iterable[str]) -> Finding:
    if any(fnmatch.fnmatchcase(path, source.files) for path in paths):
        reason = f"Every file that fits files = '{source.files}' fits an earlier [[source]], which counts."
    elif source.files.startswith(_ABOVE):
        reason = f"No file fits files = '{source.files}': patterns begin below data/inbox, e.g. '{source.files.removeprefix(_ABOVE)}'."
    else:
        reason = f"No file below data/inbox fits files = '{source.files}'."
    return Finding("unmatched-source", reason, value=source.files, column="files", file=SETTINGS)


def findings(data_folder: Path, read: Collection[Path], hashes: Mapping[str, str], searched: Searched) -> list[Finding]:
    """Findings about the files below `data_folder` that are not among those `read`: private keys, and what could not be looked at.

    Hidden files, READMEs, unknown folders and the ledger are looked at; links and devices are not opened, and neither are files whose
    SHA-256 in `hashes`, by their path, is that of bytes `searched` before.
    """
    opened = {str(location) for location in read}
    found: list[Finding] = []
    for listed in raw_files.everything(data_folder):
        path = str(listed.location)
        if path not in opened and not searched.knows(hashes.get(path, "")):
            found.extend(_looked_at(listed, searched))
    searched.close()
    return found


def _looked_at(listed: Listed, searched: Searched) -> Iterator[Finding]:
    try:
        searched.keep(raw_files.stream(listed, CERTIFICATE_LIMIT, lambda pieces: sum(map(len, pieces))).sha256)
    except Refused as refused:
        if refused.code == "private-key":
            yield refused.finding(listed.path)
        elif refused.code != "not-a-regular-file":
            reason = f"{refused.reason} Nobody could look whether it holds a private key."
            yield Finding(refused.code, reason, file=listed.path, severity="warning", action="kept")
