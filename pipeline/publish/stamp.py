"""What every page, sheet and manifest of one run is stamped with."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from pipeline import __version__
from pipeline.contracts import RunRecord


@dataclass(frozen=True, slots=True)
class RunStamp:
    """The run's id, its as-of day, the program's version, the id of the run before it ('' for the first), the sentences about missing
    rows that --accept-drift let pass, and the fingerprint of the workspace that the id was made of."""

    run_id: str
    as_of: dt.date
    version: str
    previous: str = ""
    accepted_drift: tuple[str, ...] = ()
    fingerprint: str = ""

    @classmethod
    def following(cls, before: RunRecord | None, fingerprint: str, as_of: dt.date) -> RunStamp:
        """The stamp of the run that this program makes for `as_of`, after the recorded run `before`.

        Its id is 12 hexadecimal digits of a hash over everything that decides what is published: the `fingerprint` of the
        workspace's files, the as-of day, the program's version and the previous run's id (DESIGN §3).
        """
        previous = before.run_id if before else ""
        decided_by = "\n".join([fingerprint, as_of.isoformat(), __version__, previous])
        return cls(hashlib.sha256(decided_by.encode()).hexdigest()[:12], as_of, __version__, previous, fingerprint=fingerprint)

    @property
    def epoch(self) -> int:
        """The as-of midnight UTC in seconds: the only time stamp that an output may carry."""
        return int(dt.datetime.combine(self.as_of, dt.time(), dt.UTC).timestamp())
