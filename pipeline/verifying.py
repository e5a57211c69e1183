"""Whether a workbook that somebody sends back is one that we issued, and unchanged; else which of its cells differ."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from pipeline import calendar
from pipeline.contracts import Closed
from pipeline.findings import quoted
from pipeline.money import dollars
from pipeline.publish import issued, workbooks
from pipeline.publish.workbooks.cells import column_letters
from pipeline.sources import closed_months, raw_files
from pipeline.sources import workbooks as reader
from pipeline.sources.limits import SHEET_LIMIT
from pipeline.sources.raw_files import Listed, Refused
from pipeline.sources.workbooks import Worksheet

UNCHANGED, NOT_OURS, CHANGED = 0, 2, 4
MOST_SHOWN = 20
_ZIP = b"PK"
# How the title of a workbook ends that is a draft: agency and month.
_DRAFT = re.compile(r"Draft (?:invoice|credit memo), (.+), [^,]+ \((FY\d{4}-P\d{2})\)")
_DRAFT_PATH = re.compile(r"invoices/(FY\d{4}-P\d{2})/")
_YEAR_PATH = re.compile(r"finance/FY(\d{4})\.xlsx")
_DRAFT_MAY_CHANGE = "A draft may still change until its month is closed."
_MONTHS = 12
_EMPTY = "empty"
_BY_FORMULA = " (by a formula)"
_NO_VALUE = f"{_EMPTY}{_BY_FORMULA}"
_NO_VALUES = "Open it in Excel or LibreOffice, save it, and verify it again."
_NOT_COMPARED = "Only values were compared: not formulas, number formats, hidden rows and columns, or what it looks like otherwise."


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out about a workbook, in lines for people, and the exit code: 0 unchanged, 4 changed, 2 none of ours."""

    lines: tuple[str, ...]
    exit_code: int


class Differs(NamedTuple):
    """One cell, or one sheet where `cell` is "", that is not as it was issued; `lost` where a formula only shows no value any more."""

    sheet: str
    cell: str
    said: str
    lost: bool = False

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell} {self.said}" if self.cell else f"Sheet {self.sheet}: {self.said}"


def verify(root: Path, file: Path) -> Verified:
    """What the workbook `file` is to the office of the workspace `root`. Nothing in it is trusted: it is read behind the guard of every
    workbook, by a process of its own, and compared with what the closed months and the published runs hold.

    Raises `ClosedBooksError` where the closed months themselves are not as they were closed.
    """
    name = quoted(file.name)
    closed = closed_months.read(root).closed
    try:
        data = raw_files.read(Listed(file, file.name), SHEET_LIMIT).data
        sha256 = hashlib.sha256(data).hexdigest()
        if number := _number_of(closed, sha256):
            return Verified((f"{name} is issued by us and unchanged.", *_issued(closed, number)), UNCHANGED)
        if published := _published_as(root, closed, sha256):
            return Verified((f"{name} is unchanged: {published}",), UNCHANGED)
        if not data.startswith(_ZIP):
            raise Refused("not-a-spreadsheet", "It is no Excel workbook (.xlsx).")
        sheets = _cells(data)
    except Refused as refused:
        return Verified((f"{name} is no workbook that can be compared. {refused.reason}",), NOT_OURS)
    if number := _named(closed, sheets):
        return _against_closed(closed, number, name, sheets)
    return _against_drafts(root, closed, name, sheets)


def _number_of(closed: Closed, sha256: str) -> str:
    """The number of the closed invoice whose workbook has this hash, as it was kept at the close; "" where none has."""
    return next(iter(closed.workbooks.loc[closed.workbooks["sha256"] == sha256, "invoice_no"]), "")


def _issued(closed: Closed, number: str) -> Iterator[str]:
    """What was issued under `number`, and what has become of it since."""
    invoice = _row(closed.invoices, number)
    face = _row(closed.faces, number)
    kind = "Credit memo" if invoice["amount_cents"] < 0 else "Invoice"
    whose = f"{face['agency_name']} ({invoice['agency']}), {face['period_title']}"
    yield f"{kind} {number}: {whose}, {dollars(invoice['amount_cents'])}."
    due = f", due {invoice['due_on']:%Y-%m-%d}" if invoice["amount_cents"] > 0 and not pd.isna(invoice["due_on"]) else ""
    yield f"Closed by {face['closed_by']} on {face['closed_on']:%Y-%m-%d}{due}."
    lines = closed.ledger[closed.ledger["corrected_invoice"] == number]
    for later, cents in lines.groupby("invoice_no")["amount_cents"].sum().items():
        yield f"Corrected by invoice {later}: {dollars(int(cents))}."


def _row(frame: pd.DataFrame, number: str) -> dict[Any, Any]:
    rows: list[dict[Any, Any]] = frame[frame["invoice_no"] == number].to_dict("records")
    return rows[0]


def _published_as(root: Path, closed: Closed, sha256: str) -> str:
    """What a published run says of a file with this hash; "" where no run that is kept has published it."""
    for run_id, listed in issued.kept_runs(root):
        for path, known in listed.items():
            if known == sha256 and path.endswith(".xlsx"):
                what = "a draft invoice" if path.startswith("invoices/") else "a workbook"
                return " ".join((f"{what} of run {run_id}, {path}.", *may_change(closed, path)))
    return ""


def may_change(closed: Closed, path: str) -> Iterator[str]:
    """Whether later runs may still say otherwise than the workbook `path`: a draft until its month is closed, a year while it has an open
    month; nothing of a workbook that tells of the day of its run."""
    months = set(closed.periods["period"])
    if draft := _DRAFT_PATH.match(path):
        is_closed = draft[1] in months
        yield "Its month was closed since: the invoice that counts is the closed one." if is_closed else _DRAFT_MAY_CHANGE
    elif year := _YEAR_PATH.fullmatch(path):
        late_items, september = calendar.late_items_of(int(year[1]))
        whole = {period for period in months if period.startswith(f"FY{year[1]}-") and period != late_items}
        if len(whole) < _MONTHS or not {late_items, september} & months:
            yield "It may still change until every month of the year is closed."


def _named(closed: Closed, sheets: Mapping[str, Mapping[str, str]]) -> str:
    """The number of the closed invoice that the workbook is made out as: it stands where the face writes it. Lists and mails that only
    name an invoice, as the close pack does, are none."""
    face = sheets.get(workbooks.FACE_SHEET, {})
    issued = set(closed.invoices["invoice_no"])
    return next((face[cell] for cell in workbooks.NUMBER_CELLS if face.get(cell) in issued), "")


def _against_closed(closed: Closed, number: str, name: str, sheets: Mapping[str, Mapping[str, str]]) -> Verified:
    """Cell by cell against the workbook as it is written from the frozen text."""
    found = list(differences(sheets, _cells(issued.of_closed(closed, number))))
    if not found:
        said = f"{name} was saved by another program or another version of it; the value of every cell is as we issued it."
        return Verified((said, *_issued(closed, number), _NOT_COMPARED), UNCHANGED)
    return Verified((f"{name} is not as we issued it: {_many(found)}", *_shown(found), *_issued(closed, number)), CHANGED)


def _against_drafts(root: Path, closed: Closed, name: str, sheets: Mapping[str, Mapping[str, str]]) -> Verified:
    """Cell by cell against the draft of the run that it names, while that run is kept."""
    texts = {text for cells in sheets.values() for text in cells.values()}
    titles = [match for text in sorted(texts) if (match := _DRAFT.fullmatch(text))]
    for run_id, listed in issued.kept_runs(root):
        if run_id in texts and titles:
            agency, period = titles[0].groups()
            for path in _drafts_of(listed, period, agency):
                data = issued.of_run(root, run_id, path)
                if hashlib.sha256(data).hexdigest() != listed[path]:
                    return Verified((f"{path} of run {run_id} is not as it was published; `certledger verify` says more.",), CHANGED)
                found = list(differences(sheets, _cells(data)))
                if not found:
                    said = f"the value of every cell is as in the draft {path} of run {run_id}."
                    told = " ".join((f"{name} was saved by another program; {said}", *may_change(closed, path)))
                    return Verified((told, _NOT_COMPARED), UNCHANGED)
                return Verified((f"{name} is not the draft {path} of run {run_id}: {_many(found)}", *_shown(found)), CHANGED)
    if titles:
        said = "It calls itself a draft of a run that is not kept here, so it cannot be compared. A draft is no invoice."
        return Verified((f"{name}: {said}",), NOT_OURS)
    return Verified((f"{name} is none of our workbooks: no invoice number of a closed month, and no draft that is published.",), NOT_OURS)


def _drafts_of(listed: Iterable[str], period: str, agency: str) -> list[str]:
    wanted = re.compile(rf"invoices/{re.escape(period)}/{re.escape(agency)}(-\d+)?\.xlsx")
    return [path for path in sorted(listed) if wanted.fullmatch(path)][:1]


def differences(found: Mapping[str, Mapping[str, str]], ours: Mapping[str, Mapping[str, str]]) -> Iterator[Differs]:
    """Each cell of `found` that is not as in `ours`, sheet by sheet in the order that was issued, and sheets that came or went."""
    for sheet, cells in ours.items():
        if sheet not in found:
            yield Differs(sheet, "", "it is missing or hidden")
            continue
        there = found[sheet]
        for cell in sorted({*cells, *there}, key=_place):
            before, now = cells.get(cell, ""), there.get(cell, "")
            if before != now:
                lost = now == _NO_VALUE and before.endswith(_BY_FORMULA)
                yield Differs(sheet, cell, f"is {quoted(now) or _EMPTY}, issued {quoted(before) or _EMPTY}", lost)
    for sheet in found:
        if sheet not in ours:
            yield Differs(quoted(sheet), "", "it was added")


def _place(cell: str) -> tuple[int, int, str]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]), len(letters), letters


def _many(found: list[Differs]) -> str:
    changed = sum(not one.lost for one in found)
    if not changed:
        return "its values are not complete; no other cell differs."
    return "1 cell differs." if changed == 1 else f"{changed:,} cells differ."


def _shown(found: list[Differs]) -> list[str]:
    """What changed, then in one line the formulas that lost their values.

    Lost values alone are a change: formulas are not compared, so that nobody knows what such a cell shows once a program calculates it.
    """
    changed = [one for one in found if not one.lost]
    more = [f"  and {len(changed) - MOST_SHOWN:,} more"] if len(changed) > MOST_SHOWN else []
    return [*(f"  {one}" for one in changed[:MOST_SHOWN]), *more, *_lost(len(found) - len(changed))]


def _lost(count: int) -> list[str]:
    if not count:
        return []
    formulas = "1 formula has" if count == 1 else f"{count:,} formulas have"
    return [f"{formulas} no value: the file was saved by a program that does not calculate. {_NO_VALUES}"]


def _cells(data: bytes) -> dict[str, dict[str, str]]:
    """The texts of the cells that hold something, by sheet and address; of a formula the value that it shows. Raises `Refused`."""
    return {sheet.name: dict(_texts(sheet)) for sheet in reader.read(data, None)}


def _texts(sheet: Worksheet) -> Iterator[tuple[str, str]]:
    for row, texts in [(1, sheet.header), *sheet.rows]:
        formulas = set(sheet.formulas.get(row, ()))
        for col in sorted({*formulas, *range(len(texts))}):
            text = texts[col].strip() if col < len(texts) else ""
            if text or col in formulas:
                yield f"{column_letters(col)}{row}", f"{text or _EMPTY}{_BY_FORMULA}" if col in formulas else text
