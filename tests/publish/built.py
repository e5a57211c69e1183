"""A site of given books, built as a run builds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.contracts import Books
from pipeline.publish import pages, site
from pipeline.publish.stamp import RunStamp
from pipeline.settings import Settings
from tests.conftest import ROOT
from tests.publish.bookkeeping import AS_OF, RUN_ID, SETTINGS

STAMP = RunStamp(RUN_ID, AS_OF, "0.1.0")


def build(made: Books, folder: Path, profile: Any = "internal", settings: Settings = SETTINGS) -> Path:
    """The site of these books below `folder`."""
    docs, out = folder / "docs", folder / site.FOLDERS[profile]
    site.lay_out(ROOT / "site", docs, profile)
    pages.render(made, settings, STAMP, profile, docs, ROOT / "templates")
    site.build(docs, ROOT / "mkdocs.yml", out, STAMP)
    return out
