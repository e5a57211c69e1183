"""The editions of the site that the settings ask for, each laid out, filled with its pages, and built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.contracts import Books, Compared
from pipeline.publish import agency_packages, downloads, pages, site, staging
from pipeline.publish.page_ties import page_ties
from pipeline.publish.pages import Edition
from pipeline.publish.stamp import RunStamp
from pipeline.reconcile import Check
from pipeline.settings import Settings


def build(
    root: Path, books: Books, settings: Settings, stamp: RunStamp, folder: Path, say: Callable[[str], None], compared: Compared
) -> tuple[Check, ...]:
    """Build each profile's site into the run folder `folder` from the pages and templates of the workspace `root`.

    The internal one gets the files that its pages link to. Returns the totals of charges on their pages, read back, beside those of the
    ledger. Raises `KeyFoundError` and `PublishError`.
    """
    for profile in settings.publish.profiles:
        say(f"Building the {profile} site")
        with staging.scratch(root) as docs:
            site.lay_out(root / "site", docs, profile)
            pages.render(books, settings, stamp, profile, docs, root / "templates", compared)
            site.build(docs, root / "mkdocs.yml", folder / site.FOLDERS[profile], stamp)
            if profile == "internal":
                downloads.copy(folder, folder / site.FOLDERS[profile])
                agency_packages.write(Edition(books, settings, stamp, profile), docs, folder, folder / site.FOLDERS[profile] / "downloads")
    return tuple(check for profile in settings.publish.profiles for check in page_ties(books, folder / site.FOLDERS[profile]))
