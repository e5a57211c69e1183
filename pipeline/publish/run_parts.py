"""What a run is made of beside its invoices: parts that need no other, each with what must agree once it is written."""

from __future__ import annotations

from functools import partial

from pipeline.publish import editions, focus_file, journal_file, notice_mail, sending, sqlite_file, table_notes, tables, workbooks
from pipeline.publish.finance_ties import finance_ties
from pipeline.publish.pages import Profile
from pipeline.publish.side_by_side import Part, Run
from pipeline.reconcile import Check
from pipeline.settings import Settings

_WEIGHTS = {"internal": 40, "public": 9}  # of about a hundred, as the others


def of_books() -> tuple[Part, ...]:
    """Files and workbooks; the invoices lie there already."""
    return (
        Part(_messages, 4),
        Part(_tables, 5),
        Part(_database, 11),
        Part(_years_books, 12),
        Part(_quality_books, 2),
        Part(_certificates_book, 6),
        Part(_measures_books, 12),
        Part(_files_for_finance, 1),
    )


def of_sites(settings: Settings) -> tuple[Part, ...]:
    """The editions of the site that the settings ask for."""
    return tuple(
        Part(partial(_edition, profile), _WEIGHTS[profile], f"Building the {profile} site") for profile in settings.publish.profiles
    )


def _messages(run: Run) -> tuple[Check, ...]:
    sending.write(run.books, run.settings, run.folder)
    notice_mail.write(run.books, run.settings, run.stamp.as_of, run.folder, run.notice_templates)
    return ()


def _tables(run: Run) -> tuple[Check, ...]:
    tables.write(run.books, run.folder / "tables")
    table_notes.write(run.books, run.settings, run.stamp, run.folder / "tables")
    tables.write_source_rows(run.books, run.folder)
    return ()


def _database(run: Run) -> tuple[Check, ...]:
    sqlite_file.write(run.books, run.settings, run.stamp, run.folder)
    return ()


def _years_books(run: Run) -> tuple[Check, ...]:
    workbooks.years(run.books, run.settings, run.stamp.run_id, run.stamp.as_of, run.folder)
    return workbooks.ties(run.books, run.folder)


def _quality_books(run: Run) -> tuple[Check, ...]:
    workbooks.write_quality(run.books, run.settings, run.stamp, run.folder)
    workbooks.write_questions(run.books, run.settings, run.stamp, run.folder)
    return workbooks.quality_ties(run.books, run.folder)


def _certificates_book(run: Run) -> tuple[Check, ...]:
    workbooks.write_certificates(run.books, run.settings, run.stamp, run.folder)
    return workbooks.certificate_ties(run.books, run.stamp.as_of, run.folder)


def _measures_books(run: Run) -> tuple[Check, ...]:
    workbooks.write_metrics(run.books, run.settings, run.stamp, run.folder)
    workbooks.write_hearing(run.books, run.settings, run.stamp, run.folder)
    return workbooks.metric_ties(run.books, run.stamp.as_of, run.folder)


def _files_for_finance(run: Run) -> tuple[Check, ...]:
    journal_file.write(run.books, run.folder)
    focus_file.write(run.books, run.settings, run.folder)
    return finance_ties(run.books, run.folder)


def _edition(profile: Profile, run: Run) -> tuple[Check, ...]:
    return editions.build(run, profile)
