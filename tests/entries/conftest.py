"""A workspace on disk, as the tests of the sources have it."""

from __future__ import annotations

from tests.sources.conftest import office

__all__ = ["office"]
