"""From a filled workbook to data/entries: read it, hold it against what is open today, and write down what is right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import flow
from pipeline.contracts.entries import KIND_KEY
from pipeline.entries import form
from pipeline.entries.answers import Answer, Taken, take
from pipeline.findings import quoted
from pipeline.publish import staging
from pipeline.settings import Settings
from pipeline.sources import answer_book, entry_files
from pipeline.sources.entry_files import EntriesError
from pipeline.sources.raw_files import Refused

NOTHING_USABLE = 2
_ALIASES = ("kind", "match", "value", "means", "valid_from", "valid_to", "by", "on")
_CORRECTIONS = ("key", "column", "value", "reason", "by", "on")
_REASON = "Answered in to-answer.xlsx"
_FILES = {"agency": "aliases.csv", "tier": "aliases.csv", "kind": "corrections.csv"}


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a workbook, in lines for people, and the exit code: 0, or 2 where nothing of it could be used."""

    lines: tuple[str, ...]
    not_taken: tuple[str, ...]
    exit_code: int


def answer(root: Path, settings: Settings, file: Path, by: str, as_of: dt.date, say: Callable[[str], None]) -> Answered:
    """Take the answers of the workbook `file` into data/entries of the workspace, under the name `by`, else the workbook's own.

    What is right is taken, the rest is told; the same workbook may come again. Raises `EntriesError` where
    nothing of it can be taken, `LockedError`, and what reading the inbox raises.
    """
    with staging.lock(root):
        try:
            filled = answer_book.read(file)
        except Refused as refused:
            raise EntriesError(f"{quoted(file.name)} cannot be taken. {refused.reason} Nothing was changed.") from None
        books = flow.prepare(root, settings, as_of, say)
        allowed = form.choices(books.agencies, settings, as_of)
        taken = take(filled.rows, books.questions, books.aliases, books.corrections, allowed)
        name = quoted(" ".join((by or filled.by).split()))
        if taken.answers and not name:
            raise EntriesError(
                f"Nobody is named who answers. Fill the cell right of '{form.ANSWERED_BY}', or say --by NAME. Nothing was changed."
            )
        _write(root, taken.answers, name, as_of)
    return _told(taken, name, as_of)


def _write(root: Path, answers: Sequence[Answer], by: str, on: dt.date) -> None:
    """The lines of both lists; where the second cannot be written the first stands, and the workbook may be sent again."""
    signed = {"by": by, "on": on.isoformat()}
    aliases = [
        {"kind": one.kind, "match": one.match, "value": one.value, "means": one.means, **signed}
        | ({"valid_from": one.valid_from.isoformat()} if one.valid_from else {})
        for one in answers
        if one.kind != "kind"
    ]
    corrections = [
        {"key": f"{KIND_KEY}{one.value}", "column": "kind", "value": one.means, "reason": _REASON, **signed}
        for one in answers
        if one.kind == "kind"
    ]
    for name, columns, lines in (("aliases", _ALIASES, aliases), ("corrections", _CORRECTIONS, corrections)):
        if lines:
            try:
                entry_files.append(root, name, columns, lines)
            except Refused as refused:
                raise EntriesError(f"data/entries/{name}.csv cannot be added to. {refused.reason}") from None


def _told(taken: Taken, by: str, on: dt.date) -> Answered:
    lines = []
    if taken.answers:
        lines.append(f"Taken        {_count(len(taken.answers), 'answer')} by {by} on {on}")
        lines += [f"  row {one.row}: '{quoted(one.value)}' means {one.means} (data/entries/{_FILES[one.kind]})" for one in taken.answers]
    if taken.known:
        lines += [f"Known        {_count(len(taken.known), 'answer')}; nothing to do", *(f"  {text}" for text in taken.known)]
    if taken.blank:
        lines.append(f"Left empty   {_count(taken.blank, 'question')}")
    not_taken = [f"Not taken    {_count(len(taken.refused), 'row')}", *(f"  {text}" for text in taken.refused)] if taken.refused else []
    usable = bool(taken.answers or taken.known)
    if taken.answers:
        lines.append("Next: certledger run")
    elif not usable and not taken.refused:
        not_taken = ["No yellow cell of the workbook is filled in; nothing was changed."]
    return Answered(tuple(lines), tuple(not_taken), 0 if usable else NOTHING_USABLE)


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
