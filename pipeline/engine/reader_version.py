"""Which version of the readers this is: facts of another one are neither remembered nor taken from another machine."""

from __future__ import annotations

import functools
import hashlib
import sys
from importlib import metadata
from pathlib import Path

from pipeline import __version__

_PACKAGE = Path(__file__).resolve().parents[1]
# What the facts of a file depend on: these folders and modules, and the libraries that take part.
READERS = ("x509_facts", "sources", "contracts", "findings.py", "finding_codes.py")
_LIBRARIES = ("cryptography", "pyarrow", "pybase64")
_LIBRARIES_OF_ROWS = ("numpy", "openpyxl", "pandas")
_DIGITS = 16


@functools.cache
def reader_version() -> str:
    """16 hexadecimal digits of a hash over every source that the facts of a certificate file depend on, and the libraries' versions."""
    return _version(READERS, _LIBRARIES)


@functools.cache
def program_version() -> str:
    """The same over all sources of the program: which of them rows of an export pass through is told by no list that would stay true."""
    return _version(("",), (*_LIBRARIES, *_LIBRARIES_OF_ROWS))


def _version(names: tuple[str, ...], libraries: tuple[str, ...]) -> str:
    digest = hashlib.sha256(f"{__version__}\0{sys.version}".encode())
    for name in names:
        found = [_PACKAGE / name] if name.endswith(".py") else sorted((_PACKAGE / name).rglob("*.py"))
        for path in found:
            digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    digest.update("\n".join(metadata.version(name) for name in libraries).encode())
    return digest.hexdigest()[:_DIGITS]
