"""The editions of the site that the settings ask for, each laid out, filled with its pages, and built."""

from __future__ import annotations

import shutil

from pipeline.publish import agency_packages, pages, site, staging
from pipeline.publish.page_ties import page_ties
from pipeline.publish.pages import Edition, Profile
from pipeline.publish.side_by_side import Run
from pipeline.reconcile import Check


def build(run: Run, profile: Profile) -> tuple[Check, ...]:
    """Build the site of the profile into the run folder from the pages and templates of the workspace, over what lies there.

    The internal one gets the agencies' ZIPs; the other files that its pages link to, `downloads` copies when all are written. Returns the
    totals of charges on its pages, read back, beside those of the ledger. Raises `KeyFoundError` and `PublishError`.
    """
    built = run.folder / site.FOLDERS[profile]
    shutil.rmtree(built, ignore_errors=True)
    with staging.scratch(run.root) as docs:
        site.lay_out(run.root / "site", docs, profile)
        pages.render(run.books, run.settings, run.stamp, profile, docs, run.root / "templates", run.compared)
        site.build(docs, run.root / "mkdocs.yml", built, run.stamp)
        if profile == "internal":
            edition = Edition(run.books, run.settings, run.stamp, profile)
            agency_packages.write(edition, docs, run.folder, built / "downloads")
    return page_ties(run.books, built)
