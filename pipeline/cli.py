"""The commands: arguments in, exit code out. All work is done below; libraries are imported inside commands, so `--help` stays quick."""

# ruff: noqa: PLC0415  (see above: pandas alone takes longer than --help may)

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

from pipeline import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pipeline.explain import Place
    from pipeline.settings import Settings
    from pipeline.sources.literal import LiteralRow

DAY = click.DateTime(formats=["%Y-%m-%d"])
MOST_ROWS_SHOWN = 12
# What to do next, by exit code, for whoever reads the last lines at night; the other codes say it in their own sentence.
NEXT = {
    3: "Next: mend what is named above, look with `{0} check` (it publishes nothing), then `{0} run`.{1}",
    4: "Next: change nothing, keep the inputs as they are, and report these lines: figures that must agree do not.",
    5: "Next: mend what is named above, then `{0} run` again.",
}
OF_SETTINGS, NEXT_OF_SETTINGS = "Reading the settings", "Next: mend certledger.toml as said above, then look with `{0} check`.{1}"
UNTIL_THEN = " What is published stays until then."
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
            call.stop(f"{error}", code)
        from pipeline.findings import quoted

        if call.show_frames:
            click.echo("".join(_frames(error)), err=True, nl=False)
        met = f"certledger met something it did not expect: {type(error).__name__}: {quoted(str(error))}"
        fault = "This is a fault of the program. Keep the inputs; `certledger --traceback ...` shows where it happened."
        call.stop(f"{met}\n{fault}", 5, advise=False)


def _known_reasons() -> dict[type[Exception], int]:
    """What may stop a command, and the exit code of each; imported only when one has, for most commands need few of them."""
    from pipeline.contracts import ContractError
    from pipeline.publish.key_guard import KeyFoundError
    from pipeline.publish.serving import ServingError
    from pipeline.publish.staging import LockedError, PublishError
    from pipeline.quality import RefusedError
    from pipeline.reconcile import BooksDoNotTieError
    from pipeline.sources.entry_files import EntriesError
    from pipeline.sources.inbox import InputRefused
    from pipeline.sources.published import NothingPublishedError
    from pipeline.sources.workspace import SettingsError

    return {
        SettingsError: 2, NothingPublishedError: 2, ServingError: 2, EntriesError: 2, LockedError: 75,
        InputRefused: 3, RefusedError: 3, KeyFoundError: 3, BooksDoNotTieError: 4, ContractError: 4, PublishError: 5,
    }  # fmt: skip


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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="certledger")
@click.option(
    "-C",
    "--workspace",
    "start",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with certledger.toml (default: the nearest one at or above this folder).",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.option("--traceback", "show_frames", is_flag=True, help="Show where in the program an unexpected fault happened.")
@click.pass_context
def main(context: click.Context, start: Path | None, quiet: bool, show_frames: bool) -> None:
    """Certificate inventory, chargeback and service levels, computed from plain files and published as a site and workbooks."""
    context.obj = Call(start, quiet, show_frames)


@main.command()
@click.option("--as-of", type=DAY, help="The day the books are drawn up for (default: the settings' day, else today).")
@click.option("--strict", is_flag=True, help="Publish nothing if any row is quarantined.")
@click.option("--accept-drift", is_flag=True, help="Publish although far fewer rows came in than last time.")
@click.pass_obj
def run(call: Call, as_of: dt.datetime | None, strict: bool, accept_drift: bool) -> None:
    """Read what came in and publish tables, invoices and the site.

    Exit codes: 0 published; 1 published, but too many rows of a kind are quarantined; 2 usage or settings; 3 an input was refused;
    4 the books do not tie out; 5 publishing failed; 75 another run is under way.
    """
    with exit_codes(call):
        from pipeline import flow
        from pipeline.sources import run_records

        root, settings = call.workspace()
        day = _day(as_of, settings)
        latest = run_records.latest_day(root)
        if latest and day < latest:
            call.say(f"This run is for {day}, earlier than the newest published day {latest}.")
        with _stages(call, 4 + len(settings.publish.profiles)) as say:
            outcome = flow.run(root, settings, day, say, strict=strict, accept_drift=accept_drift)
        call.say("\n".join(outcome.lines))
        call.say(f"Published    run {outcome.run_id} as of {day}: {Path(outcome.folder).relative_to(root)}, shown by reports/latest")
        _where_to_look(call, root)
    sys.exit(outcome.exit_code)


@main.command()
@click.option("--as-of", type=DAY, help="The day the books would be drawn up for.")
@click.pass_obj
def check(call: Call, as_of: dt.datetime | None) -> None:
    """All of a run but the publishing: what was found, and what would change against what is published now."""
    with exit_codes(call):
        from pipeline import changes, flow, quality
        from pipeline.publish import staging
        from pipeline.publish.stamp import RunStamp
        from pipeline.sources import run_records, workspace

        root, settings = call.workspace()
        day = _day(as_of, settings)
        earlier = run_records.earlier(root, day, staging.shown_id(root))
        stamp = RunStamp.following(earlier.before, workspace.fingerprint(root), day)
        with _stages(call, 2) as say:
            books = flow.prepare(root, settings, day, say, earlier.before)
        current = changes.record(books, stamp.run_id, day, stamp.version, stamp.previous)
        told = (*quality.summary(books), *quality.money_to_look_at(books), *quality.sources_to_look_at(books))
        moved = changes.report(current, earlier.shown or earlier.before)
        click.echo("\n".join((*told, "", *moved, "", *quality.finding_lines(books))))
        outcome = quality.judge(books, current, earlier, settings.quality, strict=False, accept_drift=False)
    sys.exit(outcome.exit_code)


@main.command()
@click.argument("file", metavar="FILE.xlsx", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", default="", metavar="NAME", help="Who answers (default: what the workbook says beside 'Answered by').")
@click.option("--as-of", type=DAY, help="The day of the answers (default: the settings' day, else today).")
@click.pass_obj
def answer(call: Call, file: Path, by: str, as_of: dt.datetime | None) -> None:
    """Take the answers filled into to-answer.xlsx into data/entries.

    Each answer is checked by itself: what is right is taken, the rest is told with its row. The same workbook may come again.
    Exit codes: 0 something was taken, or all of it was known; 2 nothing of the workbook can be used; 75 a run is under way.
    """
    with exit_codes(call):
        from pipeline import answering

        root, settings = call.workspace()
        with _stages(call, 2) as say:
            answered = answering.answer(root, settings, file, by, _day(as_of, settings), say)
        for line in answered.not_taken:
            click.echo(line, err=True)
        for line in answered.lines:
            call.say(line)
    sys.exit(answered.exit_code)


@main.command()
@click.argument("name", metavar="ID")
@click.pass_obj
def explain(call: Call, name: str) -> None:
    """Show the rows behind an invoice, ledger entry, order, request, certificate, serial or lot, or what became of a row.

    A draft invoice is named by period and agency, e.g. FY2027-P05-ANF; a row by its file and number, e.g.
    data/inbox/exports/2026-11.csv:17.
    """
    with exit_codes(call):
        from pipeline import explain as explaining
        from pipeline.findings import quoted
        from pipeline.sources import literal, published, workspace

        root = call.root = workspace.find(call.start)
        run = published.latest(root)
        hits = explaining.find(name, run)
        rows = literal.at(root, run, dict.fromkeys(place.at for hit in hits for place in hit.places if not place.standing))
        wrong = explaining.findings_at({place.at for hit in hits for place in hit.places}, run)
        for hit in hits:
            facts = (f"  {column:<16} {text}" for column, text in hit.facts.items())
            click.echo("\n".join([click.style(hit.title, bold=True), *facts, *_shown(hit.places, rows, wrong)]))
        if not hits:
            found = literal.naming(root, run, name)
            if not found:
                click.echo(
                    f"Nothing is called {quoted(name)!r}. Try an order, a request, a serial, FY2027-P05-AGENCY, or FILE:ROW.", err=True
                )
                sys.exit(2)
            click.secho("No invoice, entry, order, request or certificate has this name; these rows of the inbox hold it", bold=True)
            wrong = explaining.findings_at({row.place for row in found}, run)
            places = [explaining.Place(*row.place) for row in found]
            click.echo("\n".join(_shown(places, {row.place: row for row in found}, wrong)))


@main.command()
@click.pass_obj
def verify(call: Call) -> None:
    """Hash every published file again and name each that is not as the manifest says."""
    with exit_codes(call):
        from pipeline.publish import manifest, record, staging
        from pipeline.sources import run_records

        root, _ = call.workspace()
        folder = staging.latest(root)
        if not folder.exists():
            click.echo("Nothing is published yet: run `certledger run` first.", err=True)
            sys.exit(2)
        run_id = folder.resolve().name
        wrong = [*manifest.differences(folder), *record.differences(folder, run_records.of_run(root, run_id))]
        if wrong:
            many = f"{len(wrong)} files of {run_id} are not as published. `certledger run` publishes them anew."
            click.echo("\n".join([*wrong, many]), err=True)
            sys.exit(4)
        call.say(f"Run {run_id} is whole: {manifest.listed(folder):,} files as the manifest says.")


@main.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--certificates", type=click.IntRange(min=400), help="How many certificates to make up.")
@click.option("--requests", type=click.IntRange(min=400), help="How many requests to make up.")
@click.option("--agencies", type=click.IntRange(min=16), help="How many agencies to make up.")
@click.option("--seed", type=int, help="Another story of the same kind.")
@click.pass_obj
def sample(call: Call, /, target: Path, **sizes: int | None) -> None:
    """Make a workspace of made-up data in DIR; every page and sheet of it says that it is a sample."""
    with exit_codes(call):
        from pipeline.sample import generate
        from pipeline.sources import workspace

        workspace.lay_out(target)
        summary = generate(target, **{name: size for name, size in sizes.items() if size is not None})
        call.say(f"{summary}")
        call.say(f"Next: certledger -C {target} run")


@main.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.pass_obj
def init(call: Call, target: Path) -> None:
    """Make an empty workspace in DIR: settings, pages, templates, and folders for what comes in."""
    with exit_codes(call):
        from pipeline.sources import workspace

        workspace.lay_out(target)
        call.say(f"{target} is ready. Put exports into data/inbox, agencies into data/reference/agencies.csv, rates into certledger.toml.")
        call.say(f"Next: certledger -C {target} run")


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--profile", type=click.Choice(["internal", "public"]), default="internal", show_default=True)
@click.pass_obj
def serve(call: Call, port: int, profile: str) -> None:
    """Look at the published site on this machine; end with Ctrl-C."""
    with exit_codes(call):
        from pipeline.publish import serving, staging

        root, _ = call.workspace()
        serving.serve(staging.latest(root), profile, port, call.say)


def _day(as_of: dt.datetime | None, settings: Settings) -> dt.date:
    """--as-of, else the settings' day, else today where the organisation is: the one place that looks at the clock."""
    if as_of is not None:
        day = as_of.date()
        if not FIRST_DAY <= day <= LAST_DAY:
            raise click.BadParameter(f"{day} is not a day between {FIRST_DAY} and {LAST_DAY}.", param_hint="--as-of")
        return day
    return settings.run.as_of or dt.datetime.now(settings.organization.zone).date()  # noqa: TID251


@contextmanager
def _stages(call: Call, stages: int) -> Iterator[Callable[[str], None]]:
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


def _where_to_look(call: Call, root: Path) -> None:
    """The home page, one invoice and its trace, as links that a terminal makes clickable."""
    from pipeline.publish import staging
    from pipeline.sources import published

    latest = staging.latest(root)
    if (latest / "site/index.html").is_file():
        call.say()
        call.say(f"Home         {(latest / 'site/index.html').absolute().as_uri()}")
        if example := published.example(latest):
            call.say(f"An invoice   {(latest / example.workbook).absolute().as_uri()}")
            path, _, anchor = example.trace.partition("#")
            call.say(f"Its trace    {(latest / path).absolute().as_uri()}#{anchor}")


def _shown(
    places: Sequence[Place], rows: Mapping[tuple[str, str, int], LiteralRow], wrong: Mapping[tuple[str, str, int], list[str]]
) -> Iterator[str]:
    """Lines that say where each row stands, what was found wrong with it, and, of those in force, what it says."""
    from pipeline.findings import counted, quoted

    for place in places[:MOST_ROWS_SHOWN]:
        sheet = f", sheet {place.sheet}" if place.sheet else ""
        row = rows.get(place.at)
        remark = place.standing or (row.lost if row else "")
        yield f"  from data/{place.file}{sheet}, {counted(place.file)} {place.row}" + (f" ({remark})" if remark else "")
        for sentence in wrong.get(place.at, ()):
            yield click.style(f"    {sentence}", fg="yellow")
        for column, cell in (row.cells if row else {}).items():
            if cell:
                yield f"    {column:<26} {quoted(cell)}"
    if len(places) > MOST_ROWS_SHOWN:
        yield f"  and {len(places) - MOST_ROWS_SHOWN:,} more rows"
