"""The first sheet of an invoice, made to be printed or mailed: sender, recipient, period, total in a box, lines, whom to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pipeline.publish import words
from pipeline.publish.workbooks.cells import Sheet, absolute, column_letters, dollars
from pipeline.publish.workbooks.grid import Grid
from pipeline.publish.workbooks.invoice import Invoice
from pipeline.publish.workbooks.lines import NO_TIER, Lines
from pipeline.publish.workbooks.totals import TOTAL_NAME

SHEET = "Invoice"
# A longer invoice would bury its last page; its lines are on the sheet Lines alone.
MOST_LINES = 300

_CREDITS_NAMED = 5
_WIDTHS = (6, 14, 16, 34, 11, 40, 14)
_LAST = len(_WIDTHS) - 1
# Where the number of a closed invoice stands, at the top right: on sample data a banner lies above it.
NUMBER_CELLS = tuple(f"{column_letters(_LAST)}{row}" for row in (2, 3))
_DETAIL = 4
_HEADING_SHARE = 0.75  # of the text that fits into a width at the plain size
_WRAPPED = ((2, "order_id"), (3, "host"), (5, "note"))


def write_face(sheet: Sheet, invoice: Invoice, lines: Grid) -> str:
    """Fill the first sheet; `lines` is where the table of lines stands.

    Returns the formula for the sum of the lines that the sheet lists itself, '' where there are too many to list.
    """
    sheet.raw.hide_gridlines(2)
    for col, width in enumerate(_WIDTHS):
        sheet.raw.set_column(col, col, width)
    row = _write_sender(sheet, sheet.banner(), invoice)
    row = max(_write_recipient(sheet, row, invoice), _write_particulars(sheet, row, invoice))
    row = _write_total(sheet, row + 1, invoice, lines)
    row = _write_tiers(sheet, row + 1, invoice.lines, lines)
    row, listed = _write_lines(sheet, row + 1, invoice.lines)
    _write_questions(sheet, row + 1, invoice)
    return listed


def _write_sender(sheet: Sheet, row: int, invoice: Invoice) -> int:
    book = sheet.book
    sheet.raw.set_row(row, 30)
    sheet.text(row, 0, invoice.organization, book.style("sender"))
    sheet.text(row, _LAST, invoice.kind, book.style("title", "right"))
    sheet.text(row + 1, 0, "TLS certificates for agencies", book.style("muted"))
    said = "Draft: the month is not closed, no number yet" if invoice.is_draft else invoice.number
    sheet.text(row + 1, _LAST, said, book.style("near" if invoice.is_draft else "bold", "right"))
    sheet.text(row + 2, 0, invoice.service_owner, book.style("muted"))
    for col in range(_LAST + 1):
        sheet.blank(row + 3, col, book.style("rule"))
    sheet.raw.set_row(row + 3, 6)
    return row + 5


def _write_recipient(sheet: Sheet, row: int, invoice: Invoice) -> int:
    book = sheet.book
    sheet.text(row, 0, "BILLED TO", book.style("label"))
    _write_across(sheet, row + 1, invoice.agency_name, "heading", 24)
    contact = invoice.billing_contact or f"no billing contact on file; please tell {invoice.service_owner}"
    facts = [f"Agency code {invoice.agency}", invoice.secretariat, f"Attention: {contact}"]
    row += 2
    for fact in filter(None, facts):
        _write_across(sheet, row, fact, "wrapped")
        row += 1
    return row


def _write_across(sheet: Sheet, row: int, text: str, look: str, least: float = 15) -> None:
    """Text over the columns left of the particulars, on as many lines as it needs."""
    style = sheet.book.style(look, "wrapped")
    sheet.merge(row, 0, row, _DETAIL - 1, style)
    sheet.text(row, 0, text, style)
    sheet.fit_row(row, [(text, sum(_WIDTHS[:_DETAIL]) * (_HEADING_SHARE if look == "heading" else 1))], least)


def _write_particulars(sheet: Sheet, row: int, invoice: Invoice) -> int:
    book = sheet.book
    label, value = book.style("label"), book.style("wrapped")
    facts = (
        ("PERIOD", invoice.period_title),
        ("NUMBER", invoice.number or "given when the month is closed"),
        ("ACCOUNT", invoice.account or "no account on file"),
        ("DUE", _due(invoice)),
        ("DATA AS OF" if invoice.is_draft else "CLOSED", _drawn_up(invoice)),
        ("BOOKED TO", ", ".join(f"{name} {text}" for name, text in invoice.accounting)),  # last: it may be two lines high
    )
    for name, text in facts:
        if text:
            sheet.text(row, _DETAIL, name, label)
            sheet.merge(row, _DETAIL + 1, row, _LAST, value)
            sheet.text(row, _DETAIL + 1, text, value)
            sheet.fit_row(row, [(text, sum(_WIDTHS[_DETAIL + 1 :]))])
            row += 1
    return row


def _drawn_up(invoice: Invoice) -> str:
    by = f" by {invoice.closed_by}" if invoice.closed_by else ""
    return f"{invoice.as_of.isoformat()}{by}"


def _due(invoice: Invoice) -> str:
    if invoice.amount_cents <= 0:
        return "nothing to pay"
    return "set when the month is closed" if invoice.due_on is None else invoice.due_on.isoformat()


def _write_total(sheet: Sheet, row: int, invoice: Invoice, lines: Grid) -> int:
    """The box: what is owed in large figures, live over the lines, and what it is made of."""
    book = sheet.book
    for line, edge in ((row, "box-top"), (row + 1, "box-bottom")):
        sheet.raw.set_row(line, 24)
        for col in range(_LAST + 1):
            sides = ("box-left",) if col == 0 else ("box-right",) if col == _LAST else ()
            sheet.blank(line, col, book.style("card", edge, *sides))
    called = "Credited to your account" if invoice.amount_cents < 0 else "Amount due"
    if invoice.is_draft:
        called = "Total so far (draft)"
    sheet.text(row, 0, f"  {called}, US dollars", book.style("heading", "card", "box-top", "box-left"))
    sheet.text(row + 1, 0, f"   {made_of(invoice.lines, range(len(invoice.lines)))}", book.style("muted", "card", "box-bottom", "box-left"))
    figure = book.style("figure", "card", "box-top", "box-bottom", "box-right")
    sheet.merge(row, _LAST - 1, row + 1, _LAST, figure)
    sheet.formula(row, _LAST - 1, f"=SUM({lines.reference('Amount')})", dollars(invoice.amount_cents), figure)
    book.name_cell(TOTAL_NAME, sheet.name, row, _LAST - 1)
    return row + 2


def _write_tiers(sheet: Sheet, row: int, of_it: Lines, lines: Grid) -> int:
    """What each tier comes to, in words and live; the name beside the amount is what the formula looks for."""
    _write_head(sheet, row, ("Tier", "", "What was charged", "", "", "", "Amount"))
    book = sheet.book
    first = row + 1
    tiers = [tier or NO_TIER for tier in of_it["tier"]]
    for row, tier in enumerate(sorted(set(tiers)), first):
        members = [number for number, name in enumerate(tiers) if name == tier]
        _write_blanks(sheet, row, "row")
        sheet.text(row, 0, tier, book.style("row", "text"))
        sheet.text(row, 2, made_of(of_it, members, rates=True), book.style("row", "text"))
        formula = f"=SUMPRODUCT(({lines.reference('Tier')}={absolute(row, 0)})*{lines.reference('Amount')})"
        cents = sum(of_it["amount_cents"][number] for number in members)
        sheet.formula(row, _LAST, formula, dollars(cents), book.style("row", "money"))
    _write_sum(sheet, row + 1, first, row, of_it.total_cents)
    return row + 2


def _write_lines(sheet: Sheet, row: int, of_it: Lines) -> tuple[int, str]:
    book = sheet.book
    if len(of_it) > MOST_LINES:
        sheet.text(row, 0, f"The {len(of_it):,} lines are listed on the sheet Lines.", book.style("bold"))
        return row + 1, ""
    _write_head(sheet, row, ("Line", "Service day", "Order", "Common name", "Tier", "Note", "Amount"))
    sheet.raw.repeat_rows(row)
    text, wrapped, day, money, whole = (book.style("row", kind) for kind in ("text", "wrapped", "day", "money", "whole"))
    first = row + 1
    for number, row in enumerate(range(first, first + len(of_it))):
        sheet.number(row, 0, number + 1, whole)
        sheet.day(row, 1, of_it["service_on"][number], day)
        sheet.text(row, 2, of_it["order_id"][number] or "no order number", wrapped)
        sheet.text(row, 3, of_it["host"][number] or "no common name", wrapped)
        sheet.text(row, 4, of_it["tier"][number] or NO_TIER, text)
        sheet.text(row, 5, of_it["note"][number], wrapped)
        sheet.money(row, _LAST, of_it["amount_cents"][number], money)
        sheet.fit_row(row, [(of_it[name][number], _WIDTHS[col]) for col, name in _WRAPPED], least=17)
    return row + 2, _write_sum(sheet, row + 1, first, row, of_it.total_cents)


def _write_questions(sheet: Sheet, row: int, invoice: Invoice) -> None:
    for heading, text in _questions(invoice):
        sheet.text(row, 0, heading, sheet.book.style("bold"))
        style = sheet.book.style("wrapped")
        sheet.merge(row + 1, 0, row + 1, _LAST, style)
        sheet.text(row + 1, 0, text, style)
        sheet.fit_row(row + 1, [(text, sum(_WIDTHS))])
        row += 3


def _questions(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """What a reader may ask, and the answer."""
    ask = invoice.service_owner
    if invoice.is_credit:
        yield "What is credited", _credited(invoice.lines)
        account = f"account {invoice.account}" if invoice.account else "your account"
        number = f" under {invoice.number}" if invoice.number else " once the month is closed"
        yield (
            "How it is settled",
            f"Nothing is to be paid. The credit is booked to {account}{number} and set against what the account owes next; "
            f"if nothing will be owed, ask {ask} for a transfer.",
        )
    if invoice.is_draft:
        dispute = f"Write to {ask} before the month is closed: name the order and what is wrong. It is corrected before it is billed."
    else:
        when = "before the due date" if invoice.amount_cents > 0 else "as soon as you see it"
        dispute = f"Write to {ask} {when}: name {invoice.number} and the line. The other lines stand."
    yield "How to dispute a line", dispute
    yield "Whom to ask", f"{invoice.organization}, certificate service: {ask}"
    yield (
        "What stands behind it",
        "The sheets Lines, Rates used and Sources show each line's certificate, rate and row in the input file; Completeness shows every "
        "order of the month, those that are not billed too.",
    )


def _credited(lines: Lines) -> str:
    """What the lines that lower the total take back: each in words, the first few of them."""
    columns = (lines[name] for name in ("amount_cents", "order_id", "host", "note"))
    lowering = [
        f"order {order} ({host})" if order else host or note for cents, order, host, note in zip(*columns, strict=True) if cents < 0
    ]
    lowering = list(dict.fromkeys(lowering))
    more = f", and {words.count(len(lowering) - _CREDITS_NAMED, 'other')}" if len(lowering) > _CREDITS_NAMED else ""
    named = f"{', '.join(lowering[:_CREDITS_NAMED])}{more}"
    return f"{named[:1].upper()}{named[1:]}. The note of each line says which charge it takes back, and why."


def _write_head(sheet: Sheet, row: int, titles: Sequence[str]) -> None:
    for col, title in enumerate(titles):
        sheet.text(row, col, title, sheet.book.style("head", *(("right",) if col == _LAST else ())))


def _write_blanks(sheet: Sheet, row: int, look: str) -> None:
    for col in range(_LAST + 1):
        sheet.blank(row, col, sheet.book.style(look))


def _write_sum(sheet: Sheet, row: int, first: int, last: int, cents: int) -> str:
    """A total row over the amounts from row `first` to `last`; returns its formula as other sheets may use it."""
    _write_blanks(sheet, row, "total")
    sheet.text(row, 0, "Total", sheet.book.style("total", "text"))
    summed = f"SUM({absolute(first, _LAST)}:{absolute(last, _LAST)})"
    sheet.formula(row, _LAST, f"={summed}", dollars(cents), sheet.book.style("total", "money"))
    return f"='{sheet.name}'!{absolute(row, _LAST)}"


def made_of(of_it: Lines, members: Sequence[int], *, rates: bool = False) -> str:
    """`3 orders at $221.19, 1 reissue at $0.00, 1 credit`: what these lines are, in words."""
    groups: Counter[tuple[int, str, int]] = Counter()
    for number in members:
        kind, cents, rate = of_it["kind"][number], of_it["amount_cents"][number], of_it["rate_cents"][number]
        if of_it["class"][number] == "correction":
            groups[3, "correction", 0] += 1
        elif kind == "charge" and cents:
            groups[0, "order", rate if rates and rate is not None else 0] += 1
        else:
            groups[(1, "reissue", 0) if kind == "charge" else (2, _changed(of_it["decision"][number], kind), 0)] += 1
    return ", ".join(_said(word, count, rate) for (_, word, rate), count in sorted(groups.items()))


def _changed(decision: str, kind: str) -> str:
    """What a line that is no charge by rule is called: as somebody decided it, else by its kind."""
    return "further charge" if decision == "charge" else decision or kind


def _said(word: str, count: int, rate: int) -> str:
    said = words.count(count, word)
    if word == "reissue":
        return f"{said} at $0.00"
    if rate:
        return f"{said} at {words.dollars(rate)}"
    return f"{said} charged" if word == "order" else said
