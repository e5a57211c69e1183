"""The files that pages link to, copied into the site so that a reader of the site alone can open them."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline import addresses

_BOOKS = ("metrics", "data-quality", "certificates", "budget-hearing", "to-answer")


def copy(run: Path, site: Path) -> None:
    """Copy the run's database, tables, workbooks, messages, drafts of messages and journals below `site/downloads`, keeping their paths.

    Nothing without a site.
    """
    if not site.is_dir():
        return
    target = site / "downloads"
    for pattern in (addresses.SQLITE, "tables/*", "invoices/**/*", "finance/*", "notices/*", *(f"{name}.xlsx" for name in _BOOKS)):
        for path in sorted(path for path in run.glob(pattern) if path.is_file()):
            place = target / path.relative_to(run)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
