"""What people decide, as data/entries holds it, against what came in: `corrections` are laid over the rows (`correctable` says of what),
`acceptance` takes findings out of the count until a day."""

from __future__ import annotations

from pipeline.entries.acceptance import NEVER_ACCEPTED, accept, refusal
from pipeline.entries.correctable import column_refusal, value_refusal
from pipeline.entries.corrections import correct

__all__ = ["NEVER_ACCEPTED", "accept", "column_refusal", "correct", "refusal", "value_refusal"]
