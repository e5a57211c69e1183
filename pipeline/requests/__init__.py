"""The requests of the agencies: one row each, with its clock, its due day and its verdict (DESIGN §6, business time)."""

from pipeline.requests.logbook import log

__all__ = ["log"]
