"""A workspace on disk for the tests of the sources: put files into it, read it, look at what was found."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import addresses, flow, reconcile
from pipeline.contracts import FINDINGS, INPUTS, PLACES, SOURCE_FILES, SOURCE_ROWS, Books, Inbox
from pipeline.findings import Finding
from pipeline.publish.tables import write_parquet
from pipeline.settings import Settings
from pipeline.sources import inbox, literal
from pipeline.sources.published import PublishedRun

AS_OF = dt.date(2026, 11, 23)
CERTIFICATES = (
    "order_id", "serial_number", "common_name", "subject_alternative_names", "issuer", "issued_on", "valid_from", "valid_to", "tier",
    "agency", "contact_email", "server_software", "status", "revoked_on", "revocation_reason", "sha256_fingerprint",
)  # fmt: skip


class Office:
    """A workspace with one agency and nothing else in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.put("reference/agencies.csv", "agency,name\nDLH,Department of Lighthouses\n")
        self.put("reference/closed_days.csv", "date,name,rule,source\n2026-12-25,Christmas Day,25 December,statute\n")

    def put(self, path: str, content: str | bytes) -> Path:
        """Write a file below data/."""
        target = self.root / "data" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def read(self, **settings: Any) -> Inbox:
        """Read the workspace as of 2026-11-23."""
        return inbox.read(self.root, Settings.model_validate(settings), AS_OF)

    def look_back(self, **settings: Any) -> PublishedRun:
        """What a run that has read the workspace would keep of it, to look back at."""
        read = self.read(**settings)
        found = reconcile.findings_table(read.findings, read.places)
        run = self.root / "run"
        for table, frame, path in (
            (INPUTS, read.inputs, "tables/inputs.parquet"),
            (PLACES, read.places, "tables/places.parquet"),
            (FINDINGS, found, "tables/findings.parquet"),
            (SOURCE_FILES, read.source_files, addresses.SOURCE_FILES),
            (SOURCE_ROWS, read.source_rows, addresses.SOURCE_ROWS),
        ):
            (run / path).parent.mkdir(parents=True, exist_ok=True)
            write_parquet(table, frame, run / path)
        return PublishedRun(run)

    def shown(self, run: PublishedRun, *places: tuple[str, str, int]) -> list[dict[str, str]]:
        """The cells of the rows at `places`, or of all accepted rows, as they are shown to people."""
        everything = zip(*(run.column("places", name).to_pylist() for name in ("file", "sheet", "row")), strict=True)
        wanted = list(places or everything)
        found = literal.at(self.root, run, wanted)
        return [found[place].cells for place in wanted]

    def books(self, **settings: Any) -> Books:
        """The books of the workspace as of 2026-11-23."""
        return flow.prepare(self.root, Settings.model_validate(settings), AS_OF, lambda stage: None)

    def refusal(self, **settings: Any) -> Finding:
        """The one finding for which the inbox is refused."""
        try:
            self.read(**settings)
        except inbox.InputRefused as refused:
            (stopped,) = [finding for finding in refused.findings if finding.action == "stopped"]
            return stopped
        raise AssertionError("nothing was refused")


def labels(written: str) -> list[str]:
    """The labels of a header that is quoted as text."""
    return written.split(",")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], **how: Any) -> str:
    """CSV text."""
    buffer = io.StringIO()
    csv.writer(buffer, **{"lineterminator": "\n", **how}).writerows([header, *rows])
    return buffer.getvalue()


def certificate(**cells: str) -> list[str]:
    """A row of the canonical layout; what is not given is a certificate that nothing is wrong with."""
    usual = {
        "order_id": "1001", "serial_number": "0A1B", "common_name": "www.example.gov", "issuer": "Sample CA", "issued_on": "2026-10-01",
        "valid_from": "2026-10-01", "valid_to": "2027-04-18", "tier": "standard", "agency": "DLH", "status": "issued",
    }  # fmt: skip
    return [{**usual, **cells}.get(name, "") for name in CERTIFICATES]


def certificates(*rows: Sequence[str]) -> str:
    """An export in the canonical layout."""
    return table(CERTIFICATES, rows)


def codes(read: Inbox) -> list[tuple[str, int]]:
    """Code and row of every finding, in order."""
    return [(finding.code, finding.row) for finding in read.findings]


def counts(read: Inbox, file: str) -> tuple[int, int, int]:
    """Rows read, accepted and quarantined of one file."""
    row: Mapping[str, Any] = read.inputs.set_index("file").loc[file].to_dict()
    return row["rows_read"], row["rows_accepted"], row["rows_quarantined"]
