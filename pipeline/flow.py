"""A run in one page: read what came in, account for it, publish the books."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from pipeline import changes, quality, reconcile
from pipeline.accounts import account
from pipeline.contracts import Books, Compared, RunRecord
from pipeline.publish import calendar_events, downloads, key_guard, manifest, record, run_parts, side_by_side, site, staging, workbooks
from pipeline.publish.side_by_side import Run
from pipeline.publish.stamp import RunStamp
from pipeline.quality import Outcome
from pipeline.settings import Settings
from pipeline.sources import inbox, run_records, workspace
from pipeline.sources.inbox import PLAIN, Means

Say = Callable[[str], None]


def run(
    root: Path, settings: Settings, as_of: dt.date, say: Say, means: Means = PLAIN, *, strict: bool = False, accept_drift: bool = False
) -> Outcome:
    """Do one run of the workspace `root`: everything below `data/` becomes everything below `reports/latest/`.

    Raises `LockedError`, `InputRefused`, `InputChangedError`, `RefusedError`, `BooksDoNotTieError`, `KeyFoundError`, `PublishError`,
    `EngineError` or `EngineLostError`, and publishes nothing.
    """
    with staging.lock(root):
        earlier, contents = run_records.earlier(root, as_of, staging.shown_id(root)), workspace.contents(root)
        stamp = RunStamp.following(earlier.before, workspace.fingerprint_of(contents), as_of)
        if staging.is_published(root, stamp.run_id):
            folder = staging.run_folder(root, stamp.run_id)
            outcome = quality.judge_again(manifest.shares(folder), settings.quality, stamp.run_id, strict=strict)
        else:
            books = prepare(root, settings, as_of, say, earlier.before, replace(means, contents=contents))
            current = changes.record(books, stamp.run_id, as_of, stamp.version, stamp.previous)
            outcome = quality.judge(books, current, earlier, settings.quality, strict=strict, accept_drift=accept_drift)
            current = calendar_events.remember(replace(current, accepted_drift=outcome.accepted_drift), books, settings, earlier.before)
            stamp = replace(stamp, accepted_drift=outcome.accepted_drift)
            folder = publish(root, books, settings, stamp, Compared(current, earlier.before), say)
        record.keep(folder, root / workspace.RECORDS)
        staging.show(root, stamp.run_id)
        staging.drop_old_runs(root, settings.publish.keep_runs)
    return outcome.published_at(str(folder))


def prepare(root: Path, settings: Settings, as_of: dt.date, say: Say, before: RunRecord | None = None, means: Means = PLAIN) -> Books:
    """Read the inbox and account for it, after the run `before`; the books tie out or `reconcile.BooksDoNotTieError` is raised."""
    say("Reading the inbox")
    came_in = inbox.read(root, settings, as_of, means)
    say("Accounting for it")
    books = account(came_in, settings, as_of, before)
    reconcile.must_tie(reconcile.ties(books))
    return books


def publish(root: Path, books: Books, settings: Settings, stamp: RunStamp, compared: Compared, say: Say) -> Path:
    """Write everything into a staging folder and put it in place whole; the manifest, written last, makes it a finished run."""
    with staging.staged(root, stamp.run_id) as folder:
        say("Writing tables and workbooks")
        workbooks.invoices(books, settings, stamp.run_id, stamp.as_of, folder)
        books = reconcile.with_findings(books, workbooks.written_otherwise(books.closed, folder))
        run = Run(root, books, settings, stamp, compared, workspace.notice_templates(root), folder)
        first, sites = run_parts.of_books(), run_parts.of_sites(settings)
        told = side_by_side.written((*first, *sites), run, say)
        checks = reconcile.must_tie((*reconcile.ties(books), *chain.from_iterable(islice(told, len(first)))))
        checks += reconcile.must_tie(tuple(chain.from_iterable(told)))
        downloads.copy(folder, folder / site.FOLDERS["internal"])
        say("Checking and publishing")
        record.stage(compared.current, folder)
        hashed = manifest.write(books, settings, stamp, checks, folder)
        key_guard.no_private_key(folder, manifest.hashes(folder))
        workspace.must_be(root, stamp.fingerprint)
        return staging.put_in_place(root, stamp.run_id, folder, hashed)
