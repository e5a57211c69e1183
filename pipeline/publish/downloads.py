"""The files that pages link to, put into the site too, so that a reader of the site alone can open them.

They are the same files under a second name where the disk can do that: nothing is written twice, and nothing hashed or searched twice.
Nobody writes into a published run, and whatever copies the site elsewhere makes whole files of them.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from pipeline import addresses

_BOOKS = ("metrics", "data-quality", "certificates", "budget-hearing", "to-answer")
_NO_SECOND_NAME = (errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP)  # of disks that cannot, or no more


def copy(run: Path, site: Path) -> None:
    """Put the run's database, tables, workbooks, messages, drafts of messages and journals below `site/downloads`, keeping their paths.

    Nothing without a site.
    """
    if not site.is_dir():
        return
    target = site / "downloads"
    for pattern in (addresses.SQLITE, "tables/*", "invoices/**/*", "finance/*", "notices/*", *(f"{name}.xlsx" for name in _BOOKS)):
        for path in sorted(path for path in run.glob(pattern) if path.is_file()):
            place = target / path.relative_to(run)
            place.parent.mkdir(parents=True, exist_ok=True)
            _put(path, place)


def _put(path: Path, place: Path) -> None:
    try:
        os.link(path, place)
    except OSError as error:
        if error.errno not in _NO_SECOND_NAME:
            raise
        shutil.copyfile(path, place)
