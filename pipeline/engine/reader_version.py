"""Which version of the readers this is: facts of another one are neither remembered nor taken from another machine."""

from __future__ import annotations

import functools
import hashlib
from importlib import metadata
from pathlib import Path

from pipeline import __version__

_PACKAGE = Path(__file__).resolve().parents[1]
# What the facts of a file depend on: these folders and modules, and the libraries that take part.
READERS = ("x509_facts", "sources", "contracts", "findings.py", "finding_codes.py")
_LIBRARIES = ("cryptography", "pyarrow", "pybase64")
_DIGITS = 16


@functools.cache
def reader_version() -> str:
    """16 hexadecimal digits of a hash over every source that the facts of a file depend on, and the versions of the libraries."""
    digest = hashlib.sha256(__version__.encode())
    for name in READERS:
        found = [_PACKAGE / name] if name.endswith(".py") else sorted((_PACKAGE / name).rglob("*.py"))
        for path in found:
            digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    digest.update("\n".join(metadata.version(name) for name in _LIBRARIES).encode())
    return digest.hexdigest()[:_DIGITS]
