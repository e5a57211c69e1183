"""Closing a month: what may be closed, how its invoices are numbered, and the tables that are frozen (DESIGN §6, "Close"). Pure."""

from __future__ import annotations

from pipeline.closes.due import CloseMisusedError, CloseRefusedError, Judged, must_be_in_turn, must_be_open, what_stands_in_the_way
from pipeline.closes.freezing import Close, freeze
from pipeline.closes.numbering import numbered
from pipeline.closes.register import register

__all__ = [
    "Close",
    "CloseMisusedError",
    "CloseRefusedError",
    "Judged",
    "freeze",
    "must_be_in_turn",
    "must_be_open",
    "numbered",
    "register",
    "what_stands_in_the_way",
]
