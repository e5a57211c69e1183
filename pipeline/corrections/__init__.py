"""Corrections that somebody entered: `values` says what may be corrected, `overlay` lays the lines over the rows that came in."""

from __future__ import annotations

from pipeline.corrections.overlay import apply
from pipeline.corrections.values import KIND_KEY, column_refusal, value_refusal

__all__ = ["KIND_KEY", "apply", "column_refusal", "value_refusal"]
