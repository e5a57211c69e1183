"""Lots: which unit of which bulk purchase each charge drew, what it cost the office, and what is left (DESIGN §6, "Lots")."""

from pipeline.lots.drawing import Drawn, draw

__all__ = ["Drawn", "draw"]
