"""The record that a publishing run leaves in `data/ledger/runs/`: enough to say later what changed, and nothing more."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class FileCount:
    """An input file of a run: its kind and layout (as in INPUTS), and the rows read from it."""

    kind: str
    layout: str
    rows: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One published run: counts, figures and, per table, a short hash of each row by its key.

    `rows` counts rows read by kind of input; `files` by input file (empty in a record of a time before they were counted);
    `accepted_drift` are the sentences about missing rows that `--accept-drift` let pass, none where it was not needed; `figures` are
    USD cents by period and agency; `newest_close` is the newest closed month and the SHA-256 of its SHA256SUMS, none before the first
    close; `keys` maps a table's name to `{key: hash}`, of certificates and the ledger to `{key: hash and facts}` as `pipeline.changes`
    writes them (records of an older program have the hash alone). `events` is what `publish.calendar_events` remembers of the calendar, by
    certificate. `manifest_sha256` pins the manifest, and through it
    every published byte; it is empty in the copy that the manifest itself lists. Plain text under version control, so a clean checkout
    knows the run before it.
    """

    run_id: str
    as_of: dt.date
    version: str
    previous: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    files: dict[str, FileCount] = field(default_factory=dict)
    accepted_drift: tuple[str, ...] = ()
    figures: dict[str, int] = field(default_factory=dict)
    newest_close: dict[str, str] = field(default_factory=dict)
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    manifest_sha256: str = ""

    def to_json(self) -> str:
        """The record as sorted JSON text; the same record is always the same bytes."""
        return json.dumps({**asdict(self), "as_of": self.as_of.isoformat()}, indent=1, sort_keys=True, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> RunRecord:
        """Read a record back. Raises `ValueError` (or a subclass) for text that is no record."""
        try:
            values = json.loads(text)
            files = {path: FileCount(**count) for path, count in values.get("files", {}).items()}
            drift = tuple(values.get("accepted_drift", ()))
            read = cls(**{**values, "as_of": dt.date.fromisoformat(values["as_of"]), "files": files, "accepted_drift": drift})
            counts = [*read.rows.values(), *read.figures.values(), *(count.rows for count in files.values())]
            hashes = [one for of_table in read.keys.values() for one in of_table.values()]
            names = [name for count in files.values() for name in (count.kind, count.layout)]
            hashes += [*read.newest_close, *read.newest_close.values(), *read.events, *read.events.values()]
            if not all(type(count) is int for count in counts) or not all(type(one) is str for one in (*hashes, *names, *drift)):
                raise TypeError("counts must be whole numbers and hashes text")
            return read
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"not a record of a run: {error}") from error


@dataclass(frozen=True, slots=True)
class Compared:
    """The record of a run, and that of the run that it follows, where there is one."""

    current: RunRecord
    before: RunRecord | None


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """What a run is compared with: the run `before`, of an earlier day, that it follows; and the run that is `shown` when it is made, where
    that is not of a later day. The two differ where a day is run again."""

    before: RunRecord | None = None
    shown: RunRecord | None = None
