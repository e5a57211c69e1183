"""The close pack: what a close would freeze against last month, what is billed to nobody, what stands in the way; for whoever signs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline import calendar, money
from pipeline.closes import Judged
from pipeline.contracts import Books
from pipeline.findings import CODES
from pipeline.publish import quarantine, waiting, words
from pipeline.publish.stamp import RunStamp
from pipeline.publish.workbooks.cells import Imprint, Sheet, Workbook
from pipeline.publish.workbooks.evidence import write_about
from pipeline.publish.workbooks.grid import Field, write_grid
from pipeline.publish.workbooks.lines import day_numbers
from pipeline.reconcile import lost_rows
from pipeline.settings import Settings

_CONTENTS = (
    "Register: one row an account, with what it is billed and why that differs from the month before. Billed to nobody: what waits until "
    "somebody says who pays, and the rows set aside of files that are billed from. Decisions not posted: lines of adjustments.csv that "
    "move no amount. Open questions, Sources, and Refused because: what stands in the way of the close. Nothing is closed by this "
    "workbook; the numbers are those that a close of these books would give."
)
_FOLLOW = "Each invoice of the month lists its lines with file and row: reports/latest/invoices, or certledger explain and the order."
_DECIDED_LATER = "Mended or approved after the close, a decision is posted to a later month."
_STATES = {"refused": "cannot be posted", "waits": "waits for approval"}
_NOT_KNOWN = {"agency": "Who pays", "tier": "Which product", "rate": "What it costs"}
_TERMS = (
    (
        "Close",
        "After it the month stands for ever: what arrives later is billed in the first month that is open, as late or as correction.",
    ),
    ("Number", "Given without gaps by the close; a draft has none. A second number only for a second account of an agency."),
    ("Last month", "What the same account was billed in the month before; before July and before late items that is June."),
    (
        "Why it changed",
        "What bills another amount than last month, with the dollars that it adds or takes off; they add up to the difference.",
    ),
    (
        "Newest day",
        "The newest day in any row of a source. One that is billed from must tell of the whole month; a day in its file's name counts.",
    ),
    ("Accepted", "Somebody said in data/entries/accepted.csv why the month may be closed although a source ends before it does."),
)


@dataclass(frozen=True, slots=True)
class Pack:
    """What a close of `period` would freeze: its register (CLOSE_REGISTER), and what stands in the way of it."""

    period: str
    register: pd.DataFrame
    judged: Judged


def write_pack(books: Books, pack: Pack, settings: Settings, stamp: RunStamp, path: Path) -> None:
    """Write the workbook to `path`; the same books give the same bytes."""
    office = settings.organization
    month = calendar.period_title(pack.period, office.fiscal_year_starts)
    title = f"Close pack, {month}"
    with Workbook(path, Imprint(office.name, title, stamp.run_id, stamp.as_of, office.sample)) as book:
        _register(book.sheet("Register"), books, pack, f"{month}: {_billed(pack)}")
        _waiting(book.sheet("Billed to nobody"), books.waiting, set_aside(books))
        _undecided(book.sheet("Decisions not posted"), books.not_posted)
        _questions(book.sheet("Open questions"), books.questions, set_aside(books))
        _sources(book.sheet("Sources"), books)
        _in_the_way(book.sheet("Refused because"), pack.judged)
        write_about(book, office.service_owner, _CONTENTS, _TERMS, _FOLLOW)


def in_short(books: Books, pack: Pack, settings: Settings) -> tuple[str, ...]:
    """What the pack says, in lines: dollars against last month, what is billed to nobody, and whether the month may be closed."""
    title = calendar.period_title(pack.period, settings.organization.fiscal_year_starts)
    questions = f"{words.count(len(books.questions), 'question is', 'questions are')} open"
    decisions = [f"{waiting.decisions_not_posted(books.not_posted)}."] if len(books.not_posted) else []
    rows = [f"{_lost(told)}." for told in [set_aside(books)] if len(told)]
    return (f"{title}: {_billed(pack)}.", f"{_waits(books.waiting)}; {questions}.", *rows, *decisions, verdict(pack))


def set_aside(books: Books) -> pd.DataFrame:
    """The rows set aside of files that are billed from, one row a file: `file`, `codes` of their findings, and how many `rows`.

    Nobody can say of such a row which month or agency it is of, or what it would be charged. Rows that were never one to read, as a total
    below the others, do not count.
    """
    billing = books.inputs.loc[books.inputs["role"] == "billing", "file"]
    lost = lost_rows(books.findings)
    of_files = lost[lost["file"].isin(billing) & (lost["row"] > 0)]
    codes = of_files.groupby("file", sort=True)["code"].agg(lambda told: ", ".join(sorted(set(told))))
    rows = of_files.drop_duplicates(["file", "sheet", "row"])["file"].value_counts()
    return pd.DataFrame({"file": codes.index, "codes": codes.to_numpy(), "rows": [int(rows[file]) for file in codes.index]})


def _lost(told: pd.DataFrame) -> str:
    """How many rows of `set_aside` there are, in words."""
    rows = int(told["rows"].sum())
    which = f"{words.count(rows, 'row')} of {words.count(len(told), 'file')} billed from"
    return f"{which} {'is' if rows == 1 else 'are'} set aside and billed to nobody, dollars not known"


def _billed(pack: Pack) -> str:
    told = pack.register
    invoices = int((told["invoice_no"] != "").sum())
    amount, moved = int(told["amount_cents"].sum()), int(told["difference_cents"].sum())
    return f"{money.dollars(amount)} on {words.count(invoices, 'invoice')}, {money.signed_dollars(moved)} against the month before"


def _waits(waiting: pd.DataFrame) -> str:
    told = waiting[waiting["kind"] != "rate"]
    orders = int(told["orders"].sum())
    if not orders:
        return "Every order that was read is charged to somebody"
    waits = money.span(int(told["least_cents"].sum()), int(told["most_cents"].sum()))
    return f"{words.count(orders, 'order')} of {waits}, of all months, charged to nobody yet"


def verdict(pack: Pack) -> str:
    """Whether the month may be closed, in a sentence."""
    if pack.judged.reasons:
        return f"It cannot be closed yet: {words.count(len(pack.judged.reasons), 'reason stands', 'reasons stand')} in the way."
    return "Nothing stands in the way of closing it."


def _head(sheet: Sheet, sentence: str, below: str = "") -> int:
    """A heading and a sentence below it; returns the row where the table begins."""
    row = sheet.banner()
    sheet.text(row, 0, sentence, sheet.book.style("heading"))
    sheet.raw.set_row(row, 24)
    if below:
        sheet.text(row + 1, 0, below, sheet.book.style("muted"))
    return row + 3 if below else row + 2


def _register(sheet: Sheet, books: Books, pack: Pack, title: str) -> None:
    told = pack.register
    names = _names(books.agencies)
    top = _head(sheet, title, verdict(pack))
    write_grid(
        sheet,
        "Register",
        [
            Field("Agency", "text", told["agency"].tolist(), absent="nobody"),
            Field("Name", "wrapped", [names.get(code, "") for code in told["agency"]], absent="not in agencies.csv", widest=30),
            Field("Account", "text", told["account_id"].tolist(), absent="none on file"),
            Field("Number to be", "text", told["invoice_no"].tolist(), absent="no invoice"),
            Field("Lines", "whole", told["lines"].tolist(), total=True),
            Field("Amount", "money", told["amount_cents"].tolist(), total=True),
            Field("Last month", "money", told["before_cents"].tolist(), total=True),
            Field("Difference", "money", told["difference_cents"].tolist(), total=True),
            Field("Why it changed", "wrapped", told["why"].tolist(), widest=52),
        ],
        about="Each account with the number, lines and amount of its invoice, what it was billed the month before, and why that differs.",
        empty="The month bills nothing to anybody.",
        top=top,
    )


def _names(agencies: pd.DataFrame) -> dict[str, str]:
    """The name of each agency, of its latest spell."""
    latest = agencies.sort_values("valid_from", na_position="first", kind="stable")
    return dict(zip(latest["agency"], latest["name"], strict=True))


def _waiting(sheet: Sheet, waiting: pd.DataFrame, lost: pd.DataFrame) -> None:
    """What waits for an answer, then the files of which rows are set aside: of these neither orders nor dollars are known."""
    none = [None] * len(lost)
    absent = ["no rate"] * len(waiting) + ["not known"] * len(lost)
    below = "Answered after the close, an order of the month is billed later, as a late item."
    write_grid(
        sheet,
        "Waiting",
        [
            Field("Not known", "text", [*(_NOT_KNOWN[kind] for kind in waiting["kind"]), *["Rows set aside"] * len(lost)]),
            Field("As written, or file", "wrapped", [*waiting["value"], *lost["file"]], absent="nothing written", widest=40),
            Field("Orders", "whole", [*waiting["orders"].tolist(), *none], absent=absent, total=True),
            Field("Certificates", "whole", [*waiting["certificates"].tolist(), *none], absent=absent, total=True),
            Field("At least", "money", [*_optional(waiting["least_cents"]), *none], absent=absent, total=True),
            Field("At most", "money", [*_optional(waiting["most_cents"]), *none], absent=absent, total=True),
            Field("First day", "day", [*day_numbers(waiting["first_on"]), *none], absent="not known"),
            Field("Last day", "day", [*day_numbers(waiting["last_on"]), *none], absent="not known"),
            Field("Rows\nset aside", "whole", [*[None] * len(waiting), *lost["rows"].tolist()], absent="none", total=True),
            Field("Findings", "wrapped", [*[""] * len(waiting), *lost["codes"]], absent="none", widest=30),
        ],
        about="What is charged to nobody until somebody says who pays, or which product it is, and rows set aside.",
        empty="Nothing waits.",
        top=_head(sheet, _waits(waiting), f"{_lost(lost)}. {below}" if len(lost) else below),
    )


def _undecided(sheet: Sheet, told: pd.DataFrame) -> None:
    """Decisions that cannot be posted first, then those that wait for their approval."""
    ordered = told.sort_values(["state", "id"], kind="stable")
    write_grid(
        sheet,
        "NotPosted",
        [
            Field("Decision", "wrapped", ordered["id"].tolist(), widest=22),
            Field("State", "text", [_STATES[state] for state in ordered["state"]]),
            Field("Kind", "text", ordered["kind"].tolist()),
            Field("Agency", "text", ordered["agency"].tolist()),
            Field("Order", "wrapped", ordered["order_id"].tolist(), absent="none named", widest=22),
            Field("Amount", "money", ordered["amount_cents"].tolist(), total=True),
            Field("Why", "wrapped", ordered["why"].tolist(), widest=70),
        ],
        about="Each line of data/entries/adjustments.csv that moves no amount, with the dollars that it names, and why.",
        empty="Every decision is posted.",
        top=_head(sheet, waiting.decisions_not_posted(told), _DECIDED_LATER if len(told) else ""),
    )


def _questions(sheet: Sheet, asked: pd.DataFrame, lost: pd.DataFrame) -> None:
    sentence = f"{words.count(len(asked), 'question is', 'questions are')} open" if len(asked) else "No question is open"
    to_do = ["Answer them in reports/latest/to-answer.xlsx before you close."] if len(asked) else []
    to_do += [f"{_lost(lost)}: see Billed to nobody."] if len(lost) else []
    write_grid(
        sheet,
        "OpenQuestions",
        [
            Field("Question", "wrapped", asked["asked"].tolist(), widest=40),
            Field("As written", "wrapped", asked["value"].tolist(), absent="nothing written", widest=40),
            Field("Orders", "whole", asked["orders"].tolist(), total=True),
            Field("Requests", "whole", asked["requests"].tolist(), total=True),
            Field("At least", "money", _optional(asked["least_cents"]), total=True),
            Field("At most", "money", _optional(asked["most_cents"]), total=True),
        ],
        about="Each question that nobody has answered yet, with what waits for the answer.",
        empty="Nothing waits for an answer.",
        top=_head(sheet, sentence, " ".join(to_do)),
    )


def _sources(sheet: Sheet, books: Books) -> None:
    """What came in, the sources that are billed from first, of these the one that ends first."""
    billing = set(books.inputs.loc[books.inputs["role"] == "billing", "file"])
    came_in = books.sources[books.sources["series"].str.startswith("inbox/")]
    ordered = came_in.assign(other=~came_in["newest_file"].isin(list(billing)))
    ordered = ordered.sort_values(["other", "newest_on", "series"], na_position="first", kind="stable")
    write_grid(
        sheet,
        "Sources",
        [
            Field("Source", "wrapped", ordered["series"].tolist(), widest=44),
            Field("Kind", "wrapped", [quarantine.kind_name(kind) for kind in ordered["kind"]], widest=20),
            Field("Billed\nfrom", "text", ["no" if other else "yes" for other in ordered["other"]]),
            Field("Newest day\nin it", "day", day_numbers(ordered["newest_on"]), absent="no date in it"),
            Field("Newest\nfile of", "day", day_numbers(ordered["taken_on"]), absent="not known"),
            Field("Freshness", "text", [quarantine.FRESHNESS[said][1] for said in ordered["freshness"]]),
            Field("Rows read", "whole", ordered["rows_read"].tolist(), total=True),
            Field("Quarantined", "whole", ordered["rows_quarantined"].tolist(), total=True),
            Field("Newest file", "wrapped", ordered["newest_file"].tolist(), widest=44),
        ],
        about="Each source of the inbox with the newest day that it tells of; those that are billed from first, the oldest on top.",
        empty="No file has come in yet.",
        top=_head(sheet, "How far each source tells, those that are billed from first"),
    )


def _in_the_way(sheet: Sheet, judged: Judged) -> None:
    reasons = [("stands in the way", reason) for reason in judged.reasons]
    let_pass = [
        (f"accepted until {one.until} by {one.by}", f"{CODES[one.code].title}: data/{one.file}. {one.reason}") for one in judged.accepted
    ]
    rows = [*reasons, *let_pass]
    write_grid(
        sheet,
        "InTheWay",
        [
            Field("What", "wrapped", [what for what, _ in rows], widest=34),
            Field("Why, and what to do", "wrapped", [why for _, why in rows], widest=96),
        ],
        about="What stands in the way of closing the month, and what was accepted with a reason.",
        empty="Nothing stands in the way.",
        top=_head(sheet, "What stands in the way" if reasons else "The month may be closed"),
    )


def _optional(cents: pd.Series[int]) -> list[int | None]:
    return [None if pd.isna(amount) else int(amount) for amount in cents]
