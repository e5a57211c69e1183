"""One call of a command: its workspace, its day, its progress, and what turns a stop into an exit code."""

# ruff: noqa: PLC0415  (as in `cli`: libraries are imported when they are needed, so `--help` stays quick)

from __future__ import annotations

import datetime as dt
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.engine import Engine
    from pipeline.mailing import World
    from pipeline.settings import Settings
    from pipeline.sources.inbox import Means

# What to do next, by exit code, for whoever reads the last lines at night; the other codes say it in their own sentence.
NEXT = {
    3: "Next: mend what is named above, look with `{0} check` (it publishes nothing), then `{0} run`.{1}",
    4: "Next: change nothing, keep the inputs as they are, and report these lines: figures that must agree do not.",
    5: "Next: mend what is named above, then `{0} run` again.",
}
OF_SETTINGS, NEXT_OF_SETTINGS = "Reading the settings", "Next: mend the settings as said above, then look with `{0} check`.{1}"
UNTIL_THEN = " What is published stays until then."
ENGINE = click.option(
    "--engine", type=click.Choice(["local", "dask"]), default="local", show_default=True, help="Where certificate files are read."
)
SCHEDULER = click.option(
    "--scheduler", default="", metavar="tcp://HOST:PORT", help="The scheduler of --engine dask (default: one on this machine)."
)
CLOSED_PIPE = 141  # what a shell says of a command that SIGPIPE ended
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


class Call:
    """The global options of one call."""

    def __init__(self, start: Path | None, quiet: bool, show_frames: bool) -> None:
        self.start = self.root = start or Path.cwd()
        self.quiet, self.show_frames, self.stage = quiet, show_frames, ""

    def workspace(self) -> tuple[Path, Settings]:
        """The workspace and its settings."""
        from pipeline.sources import settings_file, workspace

        self.root = workspace.find(self.start)
        self.stage = OF_SETTINGS
        settings = settings_file.read(self.root / settings_file.NAME)
        self.stage = ""
        return self.root, settings

    def stop(self, why: str, code: int, *, advise: bool = True) -> NoReturn:
        """Say on stderr at which stage and why, what is published all the same and what to do next, and end with `code`."""
        from pipeline.publish import record, staging

        if self.stage:
            click.echo(f"Stopped at the stage: {self.stage}. Nothing was published.", err=True)
        click.echo(why, err=True)
        following = NEXT_OF_SETTINGS if self.stage == OF_SETTINGS else NEXT.get(code, "")
        is_published = staging.latest(self.root).exists()
        if following or is_published:
            click.echo(record.shown(self.root), err=True)
        if advise and following:
            command = "certledger" if self.start == Path.cwd() else f"certledger -C {self.start}"
            click.echo(following.format(command, UNTIL_THEN if is_published else ""), err=True)
        sys.exit(code)

    def say(self, text: str = "") -> None:
        """Print a line that is not an error, unless --quiet."""
        if not self.quiet:
            click.echo(text)


@contextmanager
def exit_codes(call: Call) -> Iterator[None]:
    """Turn what stops a command into its sentence on stderr and its exit code (DESIGN §3).

    The last clause is the one boundary for what nobody foresaw: such a run must never look published to the job that started it.
    """
    try:
        yield
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except BrokenPipeError:  # `certledger explain ... | head`: whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(CLOSED_PIPE)
    except Exception as error:  # noqa: BLE001 - the reason is in the docstring: an unforeseen fault must not exit 1, which means published
        code = next((code for kind, code in _known_reasons().items() if isinstance(error, kind)), None)
        if code is not None:
            call.stop(f"{error}", code, advise=not isinstance(error, _saying_what_next()))
        from pipeline.findings import quoted

        if call.show_frames:
            click.echo("".join(_frames(error)), err=True, nl=False)
        met = f"certledger met something it did not expect: {type(error).__name__}: {quoted(str(error))}"
        fault = "This is a fault of the program. Keep the inputs; `certledger --traceback ...` shows where it happened."
        call.stop(f"{met}\n{fault}", 5, advise=False)


@contextmanager
def reported(markdown: Path | None) -> Iterator[None]:
    """Write what stops a check to the file `markdown`, if one is wanted and it has no report yet; the reason goes on."""
    if markdown:
        markdown.unlink(missing_ok=True)
    try:
        yield
    except Exception as error:  # whatever stopped the check is written for the reader of the pull request, and raised again
        if markdown and not markdown.exists():
            from pipeline.publish import pull_request

            known = isinstance(error, tuple(_known_reasons()))
            why = f"{error}" if known else "The check met something that it did not expect; its own words say more."
            pull_request.write(markdown, (why, "A run would publish nothing."))
        raise


def _known_reasons() -> dict[type[Exception], int]:
    """What may stop a command, and the exit code of each; imported only when one has, for most commands need few of them."""
    from pipeline.closes import CloseMisusedError, CloseRefusedError
    from pipeline.contracts import ContractError
    from pipeline.engine import EngineError, EngineLostError
    from pipeline.mailing import JournalDamagedError, NotSentError
    from pipeline.publish.close_files import CloseNotWrittenError
    from pipeline.publish.key_guard import KeyFoundError
    from pipeline.publish.notice_lines import JournalNotWrittenError
    from pipeline.publish.serving import ServingError
    from pipeline.publish.staging import LockedError, PublishError
    from pipeline.quality import RefusedError
    from pipeline.reconcile import BooksDoNotTieError
    from pipeline.sources.closed_chain import ClosedBooksError
    from pipeline.sources.entry_files import EntriesError
    from pipeline.sources.inbox import InputRefused
    from pipeline.sources.published import NothingPublishedError
    from pipeline.sources.workspace import InputChangedError, SettingsError

    return {
        SettingsError: 2, NothingPublishedError: 2, ServingError: 2, EntriesError: 2, CloseMisusedError: 2, EngineError: 2, LockedError: 75,
        InputRefused: 3, InputChangedError: 3, RefusedError: 3, KeyFoundError: 3, CloseRefusedError: 3,
        BooksDoNotTieError: 4, ContractError: 4, ClosedBooksError: 4, EngineLostError: 5, PublishError: 5, CloseNotWrittenError: 5,
        JournalDamagedError: 3, NotSentError: 6, JournalNotWrittenError: 6,
    }  # fmt: skip


def _saying_what_next() -> tuple[type[Exception], ...]:
    """What says itself what to do next."""
    from pipeline.closes import CloseRefusedError
    from pipeline.mailing import JournalDamagedError
    from pipeline.publish.close_files import CloseNotWrittenError
    from pipeline.sources.closed_chain import ClosedBooksError

    return CloseRefusedError, CloseNotWrittenError, ClosedBooksError, JournalDamagedError


def _frames(error: BaseException) -> Iterator[str]:
    """Where `error`, and what led to it, happened, the cause first; of what they say only what may be shown."""
    from pipeline.findings import quoted

    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _frames(cause)
        yield "\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__name__}: {quoted(str(error))}\n"


@contextmanager
def means(root: Path, settings: Settings, engine: str = "local", scheduler: str = "") -> Iterator[Means]:
    """With what files are read: the engine, which is ended afterwards, and the store that the settings name, whose remarks go to stderr.

    Raises `EngineError` for a scheduler that no engine was asked for, and where the engine is not installed.
    """
    from pipeline.sources.fact_store import FactStore
    from pipeline.sources.inbox import Means

    store = FactStore(root / settings.run.store if settings.run.store else None)
    try:
        with engine_of(engine, scheduler) as chosen:
            yield Means(chosen, store)
    finally:
        for remark in store.remarks:
            click.echo(remark, err=True)


@contextmanager
def engine_of(name: str, scheduler: str) -> Iterator[Engine]:
    """The engine of this name, which is ended afterwards. Raises `EngineError` as `means` does."""
    from pipeline.engine import EngineError
    from pipeline.engine.cluster import Cluster
    from pipeline.engine.local import Local

    if scheduler and name == "local":
        raise EngineError("--scheduler is for --engine dask: give both, or neither.")
    if name == "local":
        yield Local()
    else:
        with Cluster(scheduler) as cluster:
            yield cluster


def day_of(as_of: dt.datetime | None, settings: Settings) -> dt.date:
    """--as-of, else the settings' day, else today where the organisation is: the one place that looks at the clock."""
    if as_of is not None:
        day = as_of.date()
        if not FIRST_DAY <= day <= LAST_DAY:
            raise click.BadParameter(f"{day} is not a day between {FIRST_DAY} and {LAST_DAY}.", param_hint="--as-of")
        return day
    return settings.run.as_of or dt.datetime.now(settings.organization.zone).date()  # noqa: TID251


def this_machine(root: Path, before_send: str) -> World:
    """Clock, pauses and environment for sending. `before_send` is a command line, split as a shell does but called without one, in the
    workspace `root` and without the mail server's login; its output is shown as it comes. Raises `SettingsError` where it is none."""
    import shlex
    import subprocess
    import time

    from pipeline.mailing import LOGIN, World
    from pipeline.sources.workspace import SettingsError

    try:
        words = shlex.split(before_send)
    except ValueError as error:
        raise SettingsError(f"--before-send is no command: {error}.") from None

    def kept() -> bool:
        environment = {name: value for name, value in os.environ.items() if name not in LOGIN}
        try:
            return subprocess.run(words, cwd=root, env=environment, check=False).returncode == 0  # noqa: S603 - whoever calls us names it
        except OSError as error:
            click.echo(f"--before-send cannot be called: {error}", err=True)
            return False

    return World(lambda: dt.datetime.now(dt.UTC), time.sleep, os.environ, kept if words else None)  # noqa: TID251 - mail goes today


def before_a_close(root: Path, settings: Settings, day: dt.date) -> str:
    """That `day`, which the settings pin, lies before the day of a close, and what to do; '' where it is none or lies behind all closes."""
    from pipeline.sources import closed_months

    latest = closed_months.latest_day(root) if settings.run.as_of else None
    if latest is None or settings.run.as_of is None or settings.run.as_of >= latest[1]:
        return ""
    period, closed_on = latest
    pinned = f"certledger.toml pins runs to {settings.run.as_of}, but {period} was closed as of {closed_on}, a later day."
    shows = "This run shows the earlier one" if day == settings.run.as_of else "A run without --as-of shows the earlier one"
    return f"Pinned       {pinned} {shows}: set as_of = {closed_on} in [run], or take it out."


@contextmanager
def announced(call: Call, stages: int) -> Iterator[Callable[[str], None]]:
    """A function that announces stages and remembers the last: a moving bar on a terminal, plain lines elsewhere."""

    def announcing(show: Callable[[str], None]) -> Callable[[str], None]:
        def reached(stage: str) -> None:
            call.stage = stage
            show(stage)

        return reached

    if call.quiet:
        yield announcing(lambda text: None)
    elif not sys.stdout.isatty():
        yield announcing(lambda text: click.echo(f"{text} ..."))
    else:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with Progress(TextColumn("{task.description:<32}"), BarColumn(), TimeElapsedColumn(), transient=True) as bar:
            task = bar.add_task("Starting", total=stages + 1)
            yield announcing(lambda text: bar.update(task, description=text, advance=1))
