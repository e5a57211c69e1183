"""The pages of the site: each module makes view models, `templates/` turns them into Markdown and HTML.

To add a page: a module with `pages(edition)`, a line in `_MAKERS`, a template, and an entry in the navigation of mkdocs.yml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError, TemplateSyntaxError

from pipeline.contracts import Books, Compared
from pipeline.publish import late_rows, words
from pipeline.publish.charts import Chart, Multiples, pictures
from pipeline.publish.late_rows import Late
from pipeline.publish.pages import (
    agencies,
    availability,
    beside,
    changed,
    charge_rules,
    charge_years,
    chargeback,
    continuity,
    data,
    estimates,
    expiry,
    forecast,
    hearing,
    home,
    inventory,
    lots,
    months,
    notices,
    performance,
    quality,
    rates,
    reconciliation,
    recovery,
    reference,
    requests,
    rule_breaks,
    service,
    trace,
)
from pipeline.publish.pages.edition import Edition, Profile
from pipeline.publish.pages.environment import environment, page_text
from pipeline.publish.parts import Page
from pipeline.publish.public_books import public_books, public_settings
from pipeline.publish.staging import PublishError
from pipeline.publish.stamp import RunStamp
from pipeline.settings import Settings
from pipeline.uncollected import uncollected

__all__ = ["Edition", "Profile", "render"]

Maker = Callable[[Edition], Iterator[Page]]

# Only totals, prices and definitions are public; whatever names a host, a person, a request or a file is internal.
_PUBLIC: tuple[Maker, ...] = (
    home.pages,
    service.pages,
    performance.pages,
    availability.pages,
    continuity.pages,
    requests.pages,
    forecast.pages,
    notices.pages,
    months.pages,
    chargeback.pages,
    charge_years.pages,
    charge_rules.pages,
    rates.pages,
    reference.measures,
)
_INTERNAL: tuple[Maker, ...] = (
    expiry.pages,
    inventory.pages,
    rule_breaks.pages,
    reconciliation.pages,
    agencies.pages,
    changed.pages,
    estimates.pages,
    lots.pages,
    recovery.pages,
    hearing.pages,
    trace.pages,
    quality.pages,
    data.pages,
    reference.internal_pages,
)
_STAMPS = ("banner", "foot")
_MOST = 100_000  # characters of a page as it is written here: with what the theme puts around it, it stays below 120,000 bytes


@uncollected()
def render(
    books: Books, settings: Settings, stamp: RunStamp, profile: Profile, docs: Path, templates: Path, compared: Compared | None = None
) -> None:
    """Write every generated page of the edition into `docs`, and the stamp that the theme puts on all pages, hand-written ones too.

    `docs` is the staged copy of the hand-written site; a generated page replaces a hand-written one of the same path. Raises
    `staging.PublishError`, naming the template, when one is missing, is no Jinja, or names something that its page does not have.
    """
    edition = _edition(books, settings, stamp, profile, compared)
    jinja = environment(templates)
    source = _source(edition)

    def draw(chart: Chart | Multiples) -> str:
        return _filled(jinja, "pictures/chart.svg.j2", p=pictures.picture(chart, source))

    late: dict[str, Late] = {}
    write = _Writing(docs).write
    for maker in _PUBLIC + (_INTERNAL if edition.internal else ()):
        for page in maker(edition):
            text, files = _within_limits(jinja, page, draw)
            write(page.path, text)
            late[page.path] = files.late
            for path, text in (*page.files.items(), *files.files.items()):
                write(path, text)
    late_rows.write(docs, late)
    for name in _STAMPS:
        text = _filled(
            jinja,
            f"stamp/{name}.html.j2",
            organization=settings.organization,
            stamp=stamp,
            stale_after_days=settings.publish.stale_after_days,
        )
        write(f"_overrides/partials/stamp-{name}.html", text)


def _edition(books: Books, settings: Settings, stamp: RunStamp, profile: Profile, compared: Compared | None) -> Edition:
    """What the pages are made from: all of the books, or of the public edition only what it may show."""
    if profile == "internal":
        return Edition(books, settings, stamp, profile, compared)
    return Edition(public_books(books), public_settings(settings), stamp, profile)


def _source(edition: Edition) -> str:
    """Where the figures of a picture come from, for it leaves the site: `Source: Office of ..., data as of 23 November 2026`."""
    organization, stamp = edition.settings.organization, edition.stamp
    made_up = "SAMPLE DATA, made up. " if organization.sample else ""
    return f"{made_up}Source: {organization.name}, data as of {words.long_day(stamp.as_of)}, run {stamp.run_id}."


def _within_limits(jinja: Environment, page: Page, draw: beside.Draw) -> tuple[str, beside.Beside]:
    """The text of a page, and what lies beside it. Charts and text come first: where they leave less room than its tables took, it is
    filled in again with fewer of their rows. A page that stays too long without these rows keeps them: leaving them out would not help."""

    told = beside.Told()

    def filled(limits: beside.Limits) -> tuple[str, beside.Beside]:
        files = beside.Beside(page, draw, limits, told)
        with _refused(page.template):
            return page_text(jinja, page, files), files

    text, files = gentlest = filled(beside.LIMITS[0])
    for limits in beside.LIMITS[1:]:
        if files.all_at_once or len(text) + files.late.size <= _MOST:
            return text, files
        text, files = filled(limits)
    return (text, files) if len(text) + files.late.size <= _MOST else gentlest


def _filled(jinja: Environment, template: str, **view: Any) -> str:
    with _refused(template):
        return jinja.get_template(template).render(**view)


@contextmanager
def _refused(template: str) -> Iterator[None]:
    """What a template gets wrong, as a `PublishError`."""
    try:
        yield
    except TemplateError as error:
        line = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        raise PublishError(f"The template {template}{line} cannot be filled in: {error}") from error


class _Writing:
    """Files written into a docs folder; it remembers which folders are there."""

    def __init__(self, docs: Path) -> None:
        self._docs = docs
        self._made: set[str] = set()

    def write(self, path: str, text: str) -> None:
        """Write `text` below the docs folder."""
        folder = path.rpartition("/")[0]
        if folder not in self._made:
            (self._docs / folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        with open(f"{self._docs}/{path}", "wb") as file:  # noqa: PTH123 - there are thousands, and a Path is slow to make
            file.write(text.encode())
