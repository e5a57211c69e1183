"""The commands: arguments in, exit code out. All work is done below; libraries are imported inside commands, so `--help` stays quick."""

# ruff: noqa: PLC0415  (see above: pandas alone takes longer than --help may)

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from pipeline import __version__
from pipeline.calls import ENGINE, SCHEDULER, Call, announced, before_a_close, day_of, engine_of, exit_codes, means, reported, this_machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.explain import Place
    from pipeline.sources.literal import LiteralRow

DAY = click.DateTime(formats=["%Y-%m-%d"])
MOST_ROWS_SHOWN = 12


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
@ENGINE
@SCHEDULER
@click.pass_obj
def run(call: Call, as_of: dt.datetime | None, strict: bool, accept_drift: bool, engine: str, scheduler: str) -> None:
    """Read what came in and publish tables, invoices and the site.

    Exit codes: 0 published; 1 published, but too many rows of a kind are quarantined; 2 usage or settings; 3 an input was refused;
    4 the books do not tie out; 5 publishing failed; 75 another run is under way.
    """
    with exit_codes(call):
        from pipeline import flow
        from pipeline.sources import run_records

        root, settings = call.workspace()
        day = day_of(as_of, settings)
        latest = run_records.latest_day(root)
        if latest and day < latest:
            call.say(f"This run is for {day}, earlier than the newest published day {latest}.")
        with means(root, settings, engine, scheduler) as reading, announced(call, 4 + len(settings.publish.profiles)) as say:
            outcome = flow.run(root, settings, day, say, reading, strict=strict, accept_drift=accept_drift)
        call.say("\n".join(outcome.lines))
        call.say(f"Published    run {outcome.run_id} as of {day}: {Path(outcome.folder).relative_to(root)}, shown by reports/latest")
        if pinned := before_a_close(root, settings, day):
            call.say(pinned)
        _where_to_look(call, root)
    sys.exit(outcome.exit_code)


@main.command()
@click.option("--as-of", type=DAY, help="The day the books would be drawn up for.")
@click.option("--markdown", metavar="FILE", type=click.Path(path_type=Path), help="Write the report to FILE too, for a pull request.")
@click.pass_obj
def check(call: Call, as_of: dt.datetime | None, markdown: Path | None) -> None:
    """All of a run but the publishing: what was found, and what would change against what is published now."""
    with exit_codes(call), reported(markdown):
        from pipeline import checking

        root, settings = call.workspace()
        with means(root, settings) as reading, announced(call, 2) as say:
            checked = checking.check(root, settings, day_of(as_of, settings), say, reading)
        click.echo("\n".join(checked.lines()))
        if markdown:
            checked.write(markdown)
        if checked.refused:
            raise checked.refused
    sys.exit(checked.outcome.exit_code if checked.outcome else 0)


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
        with announced(call, 2) as say:
            answered = answering.answer(root, settings, file, by, day_of(as_of, settings), say)
        for line in answered.not_taken:
            click.echo(line, err=True)
        for line in answered.lines:
            call.say(line)
    sys.exit(answered.exit_code)


@main.command()
@click.argument("period", metavar="PERIOD")
@click.option("--dry-run", is_flag=True, help="Write the close pack to reports/close and change nothing else.")
@click.option("--by", default="", metavar="NAME", help="Who closes the month.")
@click.option("--as-of", type=DAY, help="The day of the close (default: the settings' day, else today).")
@click.pass_obj
def close(call: Call, period: str, dry_run: bool, by: str, as_of: dt.datetime | None) -> None:
    """Freeze a month that has ended, e.g. FY2027-P04: its ledger, invoices with their numbers, measures and source rows, in data/ledger.

    Then everything is published anew. Exit codes: 0 closed and published (with --dry-run: it may be closed); 2 not the month to close, or
    nobody named; 3 the month has not ended, a source ends before it does, or an input was refused; 5 closed or not, as the lines say, but
    not published; else as for `run`.
    """
    with exit_codes(call):
        from pipeline import closing, flow
        from pipeline.publish import sending

        root, settings = call.workspace()
        day = day_of(as_of, settings)
        if dry_run:
            with announced(call, 3) as say:
                rehearsal = closing.rehearse(root, settings, period, day, say)
            call.say("\n".join(rehearsal.lines))
            sys.exit(0 if rehearsal.may_close else 3)
        with announced(call, 3) as say:
            closed = closing.close(root, settings, period, by, day, say)
        for line in closed.lines:
            call.say(line)
        kept = f"{closed.folder.relative_to(root)} stands whatever follows; next: git add {closed.folder.relative_to(root)}"
        call.stage = ""
        try:
            with means(root, settings) as reading, announced(call, 4 + len(settings.publish.profiles)) as say:
                outcome = flow.run(root, settings, day, say, reading)
        except Exception:  # whatever it was, the close stands and must be told of; `exit_codes` judges the exception itself
            click.echo(f"{period} is closed, but publishing it stopped. {kept}", err=True)
            raise
        call.say("\n".join(outcome.lines))
        folder = Path(outcome.folder).relative_to(root)
        call.say(f"Published    run {outcome.run_id} as of {day}: {folder}, shown by reports/latest")
        package, drafts = folder / sending.zip_path(period), (folder / sending.draft_path(period, "")).parent
        there = (root / package).is_file()
        call.say(
            f"To send      {package}; drafts of messages lie in {drafts}" if there else "To send      nothing: the month has no invoice"
        )
        if pinned := before_a_close(root, settings, day):
            call.say(pinned)
        call.say(f"Next: git add {closed.folder.relative_to(root)}")
    sys.exit(outcome.exit_code)


@main.command()
@click.option("--send", is_flag=True, help="Hand them to the mail server of [smtp].")
@click.option(
    "--before-send",
    "before_send",
    default="",
    metavar="COMMAND",
    help="With --send: a command that keeps data/ledger/notices elsewhere, called when the journal says what is about to be sent; where it "
    "fails, nothing is.",
)
@click.pass_obj
def notices(call: Call, send: bool, before_send: str) -> None:
    """List the notices that the published run found due: which certificates end, who is told of it, and what was sent since.

    With --send they go out, each once, and data/ledger/notices tells what became of each. Exit codes: 0 listed, or sent; 2 nothing is
    published, or the settings do not allow or suffice to send; 3 the journal of notices was changed; 6 some notices are unsent; 75 another
    run holds the lock.
    """
    if before_send and not send:
        raise click.UsageError("--before-send goes with --send.")
    with exit_codes(call):
        from pipeline.notices import brought_up, listed
        from pipeline.sources import notice_journal, published, workspace

        if send:
            _send_notices(call, before_send)
        root = call.root = workspace.find(call.start)
        run = published.latest(root)
        rows = run.rows("notices", range(len(run.column("notices", "state"))))
        click.echo("\n".join(listed(brought_up(rows, notice_journal.read(root / "data").log))))


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
@click.argument("file", metavar="[FILE.xlsx]", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def verify(call: Call, file: Path | None) -> None:
    """Hash every published file and every closed month again, and name each file that is not as it was.

    With FILE.xlsx say of this workbook whether we issued it and whether it is unchanged, else which cells differ.
    Exit codes: 0 unchanged; 2 nothing is published, or the workbook is none of ours; 4 something was changed.
    """
    with exit_codes(call):
        from pipeline.publish import manifest, record, staging
        from pipeline.sources import closed_months, run_records

        root, _ = call.workspace()
        if file is not None:
            from pipeline import verifying

            verified = verifying.verify(root, file)
            click.echo("\n".join(verified.lines), err=verified.exit_code != verifying.UNCHANGED)
            sys.exit(verified.exit_code)
        call.say("\n".join(closed_months.told(closed_months.read(root))))
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
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--parts", "folder", metavar="FOLDER", required=True, type=click.Path(path_type=Path), help="A new folder for what is counted."
)
@click.option("--digits", type=click.IntRange(0, 4), default=1, show_default=True, help="Fingerprints are counted by so many first digits.")
@ENGINE
@SCHEDULER
@click.pass_obj
def count(call: Call, paths: tuple[Path, ...], folder: Path, digits: int, engine: str, scheduler: str) -> None:
    """Count the certificates in files and folders, each once, also where no machine's memory holds them.

    Exit codes: 0 counted; 2 usage; 3 counted, but for the files that are named; 5 nothing was counted; 75 FOLDER is being written.
    """
    with exit_codes(call):
        from pipeline.sources import estate

        try:
            with engine_of(engine, scheduler) as reading:
                counted = estate.count(paths, reading, folder, digits)
        except estate.EstateError as error:
            click.echo(f"{error}", err=True)
            sys.exit(error.exit_code)
        for line in counted.warnings():
            click.echo(line, err=True)
        call.say("\n".join(counted.lines(folder)))
    sys.exit(3 if counted.refused else 0)


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
        summary = generate(target, closed=True, **{name: size for name, size in sizes.items() if size is not None})
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


def _send_notices(call: Call, before_send: str) -> NoReturn:
    """`notices --send`: what became of each message, and the exit code."""
    from pipeline import mailing

    root, settings = call.workspace()
    sent = mailing.send(root, settings, this_machine(root, before_send))
    for line in sent.warnings:
        click.echo(line, err=True)
    for line in sent.lines:
        call.say(line)
    sys.exit(sent.exit_code)


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
    """Lines that say where each row stands, what was found wrong with it, and, of those in force, what it says.

    Of a line of a closed month they say where its row was read from, and what stood there.
    """
    from pipeline.findings import counted, quoted

    for place in places[:MOST_ROWS_SHOWN]:
        sheet = f", sheet {place.sheet}" if place.sheet else ""
        row = rows.get(place.at)
        remark = place.standing or (row.lost if row else "")
        yield f"  from data/{place.file}{sheet}, {counted(place.file)} {place.row}" + (f" ({remark})" if remark else "")
        if row and row.first_read:
            file, sheet, number = row.first_read
            yield f"    frozen as read from data/{file}{f', sheet {sheet}' if sheet else ''}, {counted(file)} {number}"
        for sentence in wrong.get(place.at, ()):
            yield click.style(f"    {sentence}", fg="yellow")
        for column, cell in (row.cells if row else {}).items():
            if cell:
                yield f"    {column:<26} {quoted(cell)}"
    if len(places) > MOST_ROWS_SHOWN:
        yield f"  and {len(places) - MOST_ROWS_SHOWN:,} more rows"
