"""Made-up request logs of 20 columns: the eleven canonical ones, and nine that no layout knows, as a ticket system would add them."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import xlsxwriter

HEADER = (
    "request_id", "kind", "agency", "tier", "order_id", "submitted_at", "first_response_at", "completed_at", "status", "contact_email",
    "summary", "assignment_group", "assigned_to", "priority", "impact", "urgency", "location", "opened_by", "reassignment_count", "notes",
)  # fmt: skip
_KINDS = ("new", "renew", "reissue", "revoke", "change-challenge-phrase", "change-contact", "issue")
_TIERS = ("standard", "premium")
_STATUSES = ("open", "completed", "completed", "completed", "cancelled", "rejected")
_BEGIN = dt.datetime(2016, 1, 4, tzinfo=dt.UTC)
_SECONDS = 10 * 365 * 86_400
_SEED = 20_261_123

Row = list[str]
Change = Callable[[int, Row], None]


def _rows(count: int) -> Iterator[Row]:
    chance = random.Random(_SEED)
    for number in range(count):
        submitted = _BEGIN + dt.timedelta(seconds=chance.randrange(_SECONDS))
        responded = submitted + dt.timedelta(seconds=chance.randrange(86_400))
        completed = responded + dt.timedelta(seconds=chance.randrange(10 * 86_400))
        agency = chance.randrange(140)
        host = f"w{chance.randrange(60_000)}.agency{agency}.example.gov"
        yield [
            f"REQ{number:08}", chance.choice(_KINDS), f"AG{agency:03}", chance.choice(_TIERS), str(1_000_000 + number // 3),
            f"{submitted:%Y-%m-%dT%H:%M:%SZ}", f"{responded:%Y-%m-%d %H:%M:%S}", f"{completed:%Y-%m-%dT%H:%M:%S}-05:00",
            chance.choice(_STATUSES), f"person{chance.randrange(4_000)}@agency{agency}.example.gov", f"Certificate for {host}",
            f"Team {chance.randrange(12)}", f"analyst {chance.randrange(80)}", str(chance.randrange(1, 6)), "3 - Low", "2 - Medium",
            f"Floor {chance.randrange(30)}", f"portal {chance.randrange(9)}", str(chance.randrange(7)), "",
        ]  # fmt: skip


def plain(number: int, row: Row) -> None:
    """No quote anywhere."""


def with_commas(number: int, row: Row) -> None:
    """One cell in four rows is quoted, for it holds a comma or a quote."""
    if number % 4 == 0:
        row[10] += ', and "www"'


def with_line_ends(number: int, row: Row) -> None:
    """One cell in ten rows is quoted and spans three lines."""
    if number % 10 == 0:
        row[10] += "\nThe old one has expired.\nThank you."


def with_damage(number: int, row: Row) -> None:
    """One row in a hundred is too short, too long, holds a control character, or a date that no calendar has."""
    if number % 100 == 0:
        del row[-1]
    elif number % 100 == 25:
        row.append("more")
    elif number % 100 == 50:
        row[10] += "\x07"
    elif number % 100 == 75:
        row[5] = "2026-02-30"


def write_csv(path: Path, count: int, change: Change) -> None:
    """`count` rows, each changed by `change`, as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(HEADER)
        for number, row in enumerate(_rows(count)):
            change(number, row)
            writer.writerow(row)


def write_workbook(path: Path, count: int) -> None:
    """`count` rows as XLSX; `completed_at` is a date of the workbook, all else is text."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Requests")
        stamp = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, HEADER)
        at = HEADER.index("completed_at")
        for number, row in enumerate(_rows(count), start=1):
            for place, cell in enumerate(row):
                if place == at:
                    sheet.write_datetime(number, place, dt.datetime.fromisoformat(cell).replace(tzinfo=None), stamp)
                elif cell:
                    sheet.write_string(number, place, cell)
