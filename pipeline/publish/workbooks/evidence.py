"""The sheets that let a reader check a workbook without asking anyone: rates used, checks, and what the words mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from pipeline import __version__
from pipeline.publish import words
from pipeline.publish.workbooks import styles
from pipeline.publish.workbooks.cells import Sheet, Workbook, absolute, day_number, dollars
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.publish.workbooks.lines import NO_TIER, Lines

WORDS = (
    ("Order", "The unit that is charged. One order pays for one term of a certificate, however often the certificate is reissued."),
    ("Charge", "The rate of the tier that was in force on the day of service, once for each term of an order."),
    ("Reissue", "A later certificate of the same order within its term: a charge of $0.00, listed so that every certificate is seen."),
    ("Credit", "A charge taken back in full: all certificates of the term were revoked within the refund days."),
    ("Adjustment", "A change of an amount with its reason, such as an upgrade: the rate of the dearer tier less what was charged before."),
    ("Waiver", "An amount that somebody with the right to do so has given up, with reason and name."),
    ("Memo", "An amount that is shown so that its cost is known; it is not billed and is in no sum."),
    ("Late", "Billed for the first time after the month of service was closed; the note says which month it belongs to."),
    (
        "Correction",
        "Changes a line of an earlier invoice: the old amount is taken back and the right one charged, each as a line that names it.",
    ),
    ("Credit memo", "An invoice whose total is negative: nothing is to be paid, the amount is set against what the account owes."),
    (
        "Service day",
        "The issue date of the export, else the first day of validity. For a credit, the day of the last revocation. It decides the month.",
    ),
    ("Draft", "The month is not closed. Amounts may still change, and there is no invoice number yet."),
    ("Rounding", "Amounts are whole cents, rounded half up once a line. Totals are sums of rounded lines."),
    ("Currency", "US dollars. No tax is charged between agencies."),
)

FOLLOW_A_LINE = (
    "The page Trace of the site shows the same lines with the file and row behind each. On the machine that runs certledger, "
    "the command certledger explain with an entry, order or request number shows the rows themselves."
)

_ABOUT_WIDTH = 108


@dataclass(frozen=True, slots=True)
class Tie:
    """Two amounts or counts that must be equal: a formula of this workbook and what it must come to."""

    sentence: str
    formula: str
    value: int
    wanted: int
    wanted_formula: str = ""
    money: bool = True

    @property
    def holds(self) -> bool:
        """Whether both sides are equal."""
        return self.value == self.wanted


def write_rates(book: Workbook, lines: Lines) -> None:
    """The sheet `Rates used`: each line of the rate card that some entry was charged at, or an upgrade began from."""
    used: dict[_RateLine, list[int]] = {}
    for line, amount in zip(_rate_lines(lines, "tier", "rate"), lines["amount_cents"], strict=True):
        used.setdefault(line, []).append(amount)
    taken_off = Counter(line for line in _rate_lines(lines, "base_tier", "base") if line.tier)
    keys = sorted({*used, *taken_off})
    amounts = [used.get(key, []) for key in keys]
    write_grid(
        book.sheet("Rates used"),
        "RatesUsed",
        [
            Field("Tier", "text", [key.tier or NO_TIER for key in keys]),
            Field("Rate", "money", [None if key.cents < 0 else key.cents for key in keys], absent="no rate"),
            Field("In force since", "day", [key.since or None for key in keys], absent="not in the rate card"),
            Field("Until", "day", [key.until or None for key in keys], absent="no later rate yet"),
            Field("Lines", "whole", [len(of_it) for of_it in amounts], total=True),
            Field("Taken off", "text", [_upgrades(taken_off[key]) for key in keys], absent="none"),
            Field("Amount", "money", [sum(of_it) for of_it in amounts], total=True),
        ],
        about="Each rate that was used, the days it is in force, and what was charged at it.",
        note="An upgrade costs the rate of the dearer tier less what was charged before: its line stands with the dearer rate.",
    )


def write_checks(book: Workbook, ties: Sequence[Tie]) -> None:
    """The sheet `Checks`: each tie with both sides live and TRUE where they agree; the last row says whether all do."""
    sheet = book.sheet("Checks")
    top = sheet.banner()
    head, right = book.style("head"), book.style("head", "right")
    for col, (title, width) in enumerate((("What must agree", 74), ("In this workbook", 20), ("Must be", 20), ("Agrees", 12))):
        sheet.text(top, col, title, right if col in (1, 2) else head if col == 0 else book.style("head", "centred"))
        sheet.raw.set_column(col, col, width)
    for row, tie in enumerate(ties, top + 1):
        look = book.style("row", "money" if tie.money else "whole")
        sheet.text(row, 0, tie.sentence, book.style("row", "text"))
        sheet.formula(row, 1, tie.formula, _shown(tie.value, tie.money), look)
        if tie.wanted_formula:
            sheet.formula(row, 2, tie.wanted_formula, _shown(tie.wanted, tie.money), look)
        elif tie.money:
            sheet.money(row, 2, tie.wanted, look)
        else:
            sheet.number(row, 2, tie.wanted, look)
        sheet.formula(row, 3, f"=ROUND({absolute(row, 1)}-{absolute(row, 2)},2)=0", tie.holds, book.style("row", "flag"))
    last = top + len(ties)
    for col in (1, 2):
        sheet.blank(last + 1, col, book.style("total"))
    sheet.text(last + 1, 0, "All checks hold", book.style("total", "text"))
    all_hold = f"=AND({absolute(top + 1, 3)}:{absolute(last, 3)})"
    sheet.formula(last + 1, 3, all_hold, all(tie.holds for tie in ties), book.style("total", "flag"))
    for word, colour in (("TRUE", styles.MET), ("FALSE", styles.MISSED)):
        look = book.file.add_format({"font_color": colour})
        sheet.raw.conditional_format(top + 1, 3, last + 1, 3, {"type": "cell", "criteria": "==", "value": word, "format": look})
    sheet.raw.freeze_panes(top + 1, 0)


def write_about(
    book: Workbook,
    ask: str,
    contents: str,
    terms: Sequence[tuple[str, str]] = WORDS,
    follow: str = FOLLOW_A_LINE,
    *,
    program: str = __version__,
    more: Sequence[tuple[str, str]] = (),
) -> None:
    """The sheet `About`: where the workbook comes from, whom to `ask`, how to follow a line to its source, and what its terms mean.

    `program` is the version that drew it up, `more` are further facts about where it comes from.
    """
    imprint = book.imprint
    sheet = book.sheet("About")
    top = sheet.banner()
    sheet.raw.hide_gridlines(2)
    sheet.raw.set_column(0, 0, 20)
    sheet.raw.set_column(1, 1, _ABOUT_WIDTH)
    facts = (
        ("Workbook", imprint.title),
        ("Issued by", imprint.organization),
        ("Questions to", ask),
        ("Contents", contents),
        ("Run", imprint.run_id),
        ("Program", f"certledger {program}"),
        *more,
        ("Follow a line", follow),
    )
    sheet.text(top, 0, "About this workbook", book.style("heading"))
    sheet.raw.set_row(top, 24)
    row = top + 1
    for label, text in facts:
        row = _fact(sheet, row, label, text)
    sheet.text(row, 0, "Data as of", book.style("row", "bold", "text"))
    sheet.day(row, 1, day_number(imprint.as_of), book.style("row", "day"))
    sheet.text(row + 2, 0, "Words", book.style("heading"))
    sheet.raw.set_row(row + 2, 24)
    row += 3
    for label, text in terms:
        row = _fact(sheet, row, label, text)


class _RateLine(NamedTuple):
    """A line of the rate card: its days by `day_number`, 0 where there is none, its cents, -1 where no rate is known."""

    tier: str
    since: int
    cents: int
    until: int


def _rate_lines(lines: Lines, tier: str, which: str) -> list[_RateLine]:
    columns = zip(lines[tier], lines[f"{which}_since"], lines[f"{which}_cents"], lines[f"{which}_until"], strict=True)
    return [_RateLine(name, since or 0, -1 if cents is None else cents, until or 0) for name, since, cents, until in columns]


def _upgrades(number: int) -> str:
    return words.count(number, "upgrade") if number else ""


def _fact(sheet: Sheet, row: int, label: str, text: str) -> int:
    sheet.text(row, 0, label, sheet.book.style("row", "bold", "text"))
    sheet.text(row, 1, text, sheet.book.style("row", "wrapped"))
    sheet.fit_row(row, [(text, _ABOUT_WIDTH)], least=18)
    return row + 1


def _shown(value: int, money: bool) -> Decimal | int:
    return dollars(value) if money else value
