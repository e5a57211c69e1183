"""Which files were searched for private keys before, by the SHA-256 of their bytes: hundreds of megabytes of closed months never change.

Only files that `unread` looks at are remembered here, in which no key was found; what readers open is in stores of their own.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from pipeline.engine.reader_version import reader_version
from pipeline.sources.store_folder import StoreFolder

_ALL = "searched"
_COSTS = "files that nothing is read from were searched for private keys again"
_HASHES = pa.schema([("sha256", pa.string())])


class Searched:
    """What is remembered in `kept` of files that this version of the search found no private key in."""

    def __init__(self, kept: StoreFolder) -> None:
        self._kept = kept
        self._name = f"{_ALL}-{reader_version()}"
        self._used: Path | None = None
        self._before: set[str] = set()
        self._now: set[str] = set()
        for path in kept.named(self._name):
            found = kept.table(path, _COSTS)
            if found is not None:
                self._used, self._before = path, set(found["sha256"].to_pylist())

    def knows(self, sha256: str) -> bool:
        """Whether there is no key in a file of these bytes, as was found before."""
        if sha256 in self._before:
            self._now.add(sha256)
        return sha256 in self._before

    def keep(self, sha256: str) -> None:
        """No key was found in a file of these bytes."""
        self._now.add(sha256)

    def close(self) -> None:
        """Remember the files that were asked about or kept, and no others."""
        if self._now != self._before:
            table = pa.table({"sha256": sorted(self._now)}, schema=_HASHES)
            self._used = self._kept.put(self._name, table, "Which files hold no private key")
        self._kept.drop_all_but(_ALL, {self._used} if self._used else set())
