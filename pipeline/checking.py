"""All of a run but the publishing: what was found, and what would change; for a terminal, and for the pull request that changes data/."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import changes, flow, quality
from pipeline.contracts import Compared
from pipeline.publish import pull_request, staging
from pipeline.publish.pages import Edition, changed
from pipeline.publish.pull_request import Part
from pipeline.publish.stamp import RunStamp
from pipeline.quality import Outcome, RefusedError
from pipeline.settings import Settings
from pipeline.sources import run_records, workspace
from pipeline.sources.inbox import PLAIN, Means


@dataclass(frozen=True, slots=True)
class Checked:
    """What a run would do: the parts of the report, and either how the run would end, or why it would publish nothing."""

    parts: tuple[Part, ...]
    outcome: Outcome | None = None
    refused: RefusedError | None = None

    def lines(self) -> tuple[str, ...]:
        """The report for a terminal."""
        return tuple(line for part in self.parts for line in (*part.lines, ""))[:-1]

    def write(self, path: Path) -> None:
        """The report as Markdown. Raises `PublishError`."""
        verdict = (f"{self.refused}", "A run would publish nothing.") if self.refused else _verdict(self.outcome)
        pull_request.write(path, verdict, self.parts)


def check(root: Path, settings: Settings, day: dt.date, say: Callable[[str], None], means: Means = PLAIN) -> Checked:
    """Draw up the books of `day` and hold them against the run that is shown; where none is, as in a clean checkout, against the newest
    recorded one. Raises what preparing a run raises, but no `RefusedError`: that is told with the report.
    """
    earlier = run_records.earlier(root, day, staging.shown_id(root))
    stamp = RunStamp.following(earlier.before, workspace.fingerprint(root), day)
    books = flow.prepare(root, settings, day, say, earlier.before, means)
    current = changes.record(books, stamp.run_id, day, stamp.version, stamp.previous)
    against = earlier.shown or run_records.newest(root, day)
    edition = Edition(books, settings, stamp, "internal", Compared(current, against))
    told = (*quality.summary(books), *quality.money_to_look_at(books), *quality.sources_to_look_at(books))
    moved = (*changes.report(current, against), *changed.in_words(edition))
    checked = Checked((Part("What came in", told), Part("What would change", moved), Part("Findings", quality.finding_lines(books))))
    try:
        return replace(checked, outcome=quality.judge(books, current, earlier, settings.quality, strict=False, accept_drift=False))
    except RefusedError as refused:
        return replace(checked, refused=refused)


def _verdict(outcome: Outcome | None) -> tuple[str, ...]:
    warned = outcome is not None and outcome.exit_code == quality.PUBLISHED_WITH_WARNING
    return ("A run would publish, with a warning: too many rows of a kind are quarantined.",) if warned else ("A run would publish.",)
