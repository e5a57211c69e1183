"""What a reader tells about a row that it could not read as a row."""

from __future__ import annotations

# Code of `pipeline.findings.CODES`, the reason as a sentence, number of the column from 0 or -1, and what stands there.
Fault = tuple[str, str, int, str]
